from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from admin.values import Group, groups
from inbox.case.values import readable


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "non renseigné"),
        (True, "oui"),
        (False, "non"),
        (Decimal(158), "158"),
        (Decimal(1200), "1200"),
        (Decimal("3.50"), "3,5"),
        (["I63.4", "I10"], "I63.4, I10"),
        ([], "aucun"),
        ({"ide": "48 h", "dac": False}, "IDE : 48 h, DAC : non"),
        (date(2026, 11, 24), "24/11/2026"),
        ("2026-11-20T19:11:38@Europe/Paris", "20/11/2026 19:11"),
        ("2026-11-20", "20/11/2026"),
        ("P3JO", "3 jours ouvrés"),
        ("P7D", "7 jours"),
        ("BILAN_IDE_KINE", "bilan IDE kine"),
        ({"delai_max_mt": "PT4H"}, "délai max MT : 4 heures"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "24/11/2026 10:00"),
    ],
)
def test_a_value_is_said_as_a_person_reads_it(value: object, words: str) -> None:
    assert readable(value) == words


def test_a_long_value_is_cut_and_says_so() -> None:
    assert readable("a" * 50, 10) == "aaaaaaaaa…"


def test_what_stands_alone_comes_before_the_groups() -> None:
    found = groups({"plan_avc": {"age": Decimal(47)}, "mt_connu": True})
    assert found == [Group("", [("MT connu", "oui")]), Group("Plan AVC", [("âge", "47")])]
