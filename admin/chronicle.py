"""The journal of a run told in French: one sentence for each thing that happened and that a person can understand."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.pictures import Entry
from inbox.case import authors
from inbox.case.incidents import told
from inbox.case.values import readable
from inbox.case.why import Board
from pathways import enrolment

DONE, STUCK, LATE, TODO = "done", "stuck", "late", "todo"
BY_SOMEBODY = frozenset({
    "task_completed", "answer_taken_back", "task_assigned", "task_declined", "task_turned_down", "incident_resolved",
    "timer_moved", "activity_chosen", "run_migrated",
})  # fmt: skip
"""What a person does; the rest follows from it, though the journal names the same actor."""


@dataclass(frozen=True)
class Event:
    """One line of the history; `stake` is the sign before it."""

    at: datetime
    title: str
    words: str
    stake: str
    why: Sequence[Board] = ()


@dataclass(frozen=True)
class Glossary:
    """What the journal's identifiers are called: elements by id, people by id."""

    elements: Mapping[str, str]
    people: Mapping[str, str]
    answers: Callable[[Entry], str] = lambda _entry: ""
    why: Callable[[Entry], Sequence[Board]] = lambda _entry: ()

    def element(self, entry: Entry) -> str:
        return self.elements.get(entry.element) or str(entry.detail.get("name") or entry.element)

    def actor(self, entry: Entry) -> str:
        return authors.author(entry, self.people)


def tell(entries: Collection[Entry], glossary: Glossary, *, clinical: bool) -> list[Event]:
    """The events, newest first; `clinical` says whether decisions may be shown; answers come filtered."""
    told = (entry for entry in reversed(list(entries)) if entry.kind in TOLD and _says_something(entry))
    return [_event(entry, glossary, clinical) for entry in told]


def _says_something(entry: Entry) -> bool:
    """Of what the program did by itself, only what it could not do."""
    return entry.kind != "operation_done" or bool(enrolment.said(entry))


def actors(entries: Collection[Entry]) -> set[str]:
    """Whose names are needed to tell these entries."""
    return authors.ids(entries)


def _event(entry: Entry, glossary: Glossary, clinical: bool) -> Event:
    stake, title, is_clinical = TOLD[entry.kind]
    said = (glossary.answers(entry) if is_clinical else "") or (_answers(entry) if is_clinical and clinical else "")
    words = " ".join(part for part in (_by(entry, glossary, clinical), enrolment.said(entry), said) if part)
    why = glossary.why(entry) if is_clinical and clinical else ()
    return Event(entry.at, title(entry, glossary), words, stake, why)


def _by(entry: Entry, glossary: Glossary, clinical: bool) -> str:
    if entry.kind in ("incident_raised", "run_cancelled"):
        return told(str(entry.detail.get("message") or entry.detail.get("reason") or ""), clinical=clinical)
    name = glossary.actor(entry) if entry.kind in BY_SOMEBODY else ""
    return f"{name}." if name else ""


def _answers(entry: Entry) -> str:
    """What was answered, decided or received, in one line."""
    for key in ("variables", "outputs", "value", "result"):
        found = entry.detail.get(key)
        if found not in (None, {}, []):
            return readable(found, 240)
    return ""


def _named(words: str) -> Callable[[Entry, Glossary], str]:
    return lambda entry, glossary: words.format(glossary.element(entry))


def _message(words: str) -> Callable[[Entry, Glossary], str]:
    return lambda entry, glossary: words.format(
        str(entry.detail.get("message") or entry.detail.get("name") or glossary.element(entry)).replace("_", " ")
    )


def _hands(entry: Entry) -> str:
    return "Changé de mains : {}" if entry.detail.get("after") else "Rendu : {}"


def _ended(entry: Entry, glossary: Glossary) -> str:
    name = entry.detail.get("end") or (glossary.element(entry) if entry.element else "")
    return f"Dossier terminé : {str(name).replace('_', ' ')}" if name else "Dossier terminé"


Title = Callable[[Entry, Glossary], str]
TOLD: Mapping[str, tuple[str, Title, bool]] = {
    "run_started": (DONE, lambda _entry, _glossary: "Dossier ouvert", False),
    "task_opened": (TODO, _named("Demandé : {}"), False),
    "task_completed": (DONE, _named("Fait : {}"), True),
    "answer_taken_back": (TODO, _named("Réponse reprise : {}"), False),
    "task_assigned": (TODO, lambda entry, glossary: _hands(entry).format(glossary.element(entry)), False),
    "task_declined": (TODO, _named("Refusé : {}"), False),
    "task_turned_down": (TODO, _named("Refusé : {}"), False),
    "task_cancelled": (TODO, _named("Plus demandé : {}"), False),
    "message_received": (DONE, _message("Message reçu : {}"), False),
    "message_thrown": (DONE, _named("Message envoyé : {}"), False),
    "timer_fired": (LATE, _named("Échéance atteinte : {}"), False),
    "activity_chosen": (TODO, _named("Commencé : {}"), False),
    "timer_moved": (TODO, _named("Échéance déplacée : {}"), False),
    "decision_made": (DONE, _named("Décision : {}"), True),
    "operation_done": (LATE, _named("Pas fait : {}"), False),
    "incident_raised": (STUCK, _named("Bloqué à : {}"), False),
    "incident_resolved": (DONE, _named("Débloqué : {}"), False),
    "run_ended": (DONE, _ended, False),
    "run_cancelled": (STUCK, lambda _entry, _glossary: "Dossier arrêté", False),
    "run_migrated": (DONE, lambda _entry, _glossary: "Passé à une autre version du parcours", False),
}
