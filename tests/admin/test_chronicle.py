from datetime import UTC, datetime

from admin.chronicle import Glossary, tell
from admin.run_page import scopes
from engine.pictures import Entry, RunPicture, ScopePicture

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GLOSSARY = Glossary({"fixed": "Rendez-vous fixé", "rule": "Priorité"}, {})


def test_a_message_that_left_is_called_by_the_step_that_sent_it() -> None:
    entry = Entry(1, NOW, "", "message_thrown", "fixed", {"name": "rendez_vous_fixe"})
    assert tell([entry], GLOSSARY, clinical=False)[0].title == "Message envoyé : Rendez-vous fixé"


def test_a_decision_is_detailed_in_words_to_whom_may_read_it() -> None:
    entry = Entry(1, NOW, "", "decision_made", "rule", {"value": {"priorite": "P1", "delai_max_mt": "P7D"}})
    told = tell([entry], GLOSSARY, clinical=True)[0]
    assert (told.title, told.words) == ("Décision : Priorité", "priorité : P1, délai max MT : 7 jours")
    assert tell([entry], GLOSSARY, clinical=False)[0].words == ""


def test_what_a_step_was_given_empty_is_left_out() -> None:
    held = (ScopePicture("", {"nihss": None}), ScopePicture("visit", {"pa_sys": None, "fc": ""}))
    picture = RunPicture("r", "d", "p", "active", None, NOW, None, (), held, (), (), (), {})
    assert [(scope.name, scope.groups[0].rows) for scope in scopes(picture, {})] == [
        ("Dossier", [("NIHSS", "non renseigné")])
    ]
