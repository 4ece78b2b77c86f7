from datetime import UTC, datetime

import pytest

from base.calendars import Calendar
from engine.inspection import inspect
from engine.pictures import Entry
from inbox import vocabulary
from inbox.case.events import events
from tests.inbox.conftest import FILES

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def decided(value: object) -> str:
    """How a decision of that result is told."""
    files = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*") if path.is_file()}
    entry = Entry(1, NOW, "", "decision_made", "consultation", {"value": value})
    return events(inspect(files, Calendar()), [entry], {}, None)[0].what


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("modere", "Consultation précoce : modéré"),
        ({"classe": "P1D"}, "Consultation précoce : 1 jour"),
        (["BILAN_IDE_KINE", "ORTHOPHONISTE"], "Consultation précoce : bilan IDE kine, orthophoniste"),
        ([], "Consultation précoce : rien"),
        ({"priorite": "P1", "canal": "file"}, "Décision : Consultation précoce"),
        (True, "Décision : Consultation précoce"),
        (None, "Décision : Consultation précoce"),
    ],
)
def test_a_decision_is_told_with_its_result_when_that_is_one_plain_value(value: object, words: str) -> None:
    assert decided(value) == words


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("P7D", "7 jours"),
        ("PT4HO", "4 heures ouvrées"),
        ("P1DT90M", "1 jour 1 heure 30 minutes"),
        ("PT30S", "PT30S"),
        ("P1", "P1"),
        ("P", "P"),
        ("stabilisé_J30", "stabilisé J30"),
        ("AVC_hem", "AVC hem"),
        ("I63.4", "I63.4"),
        ("PAT-TROIS vit seul", "PAT-TROIS vit seul"),
    ],
)
def test_codes_and_durations_are_said_in_words_and_other_texts_as_they_are(written: str, said: str) -> None:
    assert vocabulary.text(written) == said
