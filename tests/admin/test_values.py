from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from admin.values import readable, rows


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
        ({"ide": "48 h", "dac": False}, "ide : 48 h, dac : non"),
        (date(2026, 11, 24), "24/11/2026"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "24/11/2026 10:00"),
    ],
)
def test_a_value_is_said_as_a_person_reads_it(value: object, words: str) -> None:
    assert readable(value) == words


def test_a_long_value_is_cut_and_says_so() -> None:
    assert readable("a" * 50, 10) == "aaaaaaaaa…"


def test_groups_are_opened_one_level() -> None:
    assert rows({"patient": {"age": Decimal(47)}, "mt_connu": True}) == [("mt_connu", "oui"), ("patient.age", "47")]
