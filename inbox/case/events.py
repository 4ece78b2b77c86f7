"""What happened in a case, told from its journal in plain words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.definition import Definition
from engine.pictures import Entry
from inbox import pathway, vocabulary
from inbox.case.authors import author
from inbox.case.why import Board
from pathways import enrolment
from people.persons import Person


@dataclass(frozen=True)
class Event:
    """One line of the story; `state` is the sign of its stake."""

    at: datetime
    what: str
    detail: str = ""
    state: str = "done"
    why: Sequence[Board] = ()


def events(
    definition: Definition,
    history: Sequence[Entry],
    people: Mapping[str, Person],
    end_state: str | None,
    why: Callable[[Entry], Sequence[Board]] = lambda _entry: (),
    *,
    clinical: bool = True,
) -> list[Event]:
    """The lines that mean something to people, the latest first; the engine's own steps are left out.

    `why` explains a decision to whoever may see it; what was decided is told to those who may see what is clinical.
    """
    names = {key: one.display for key, one in people.items()}
    told = ((entry, _event(definition, entry, names, end_state, clinical)) for entry in reversed(history))
    return [replace(event, why=why(entry)) for entry, event in told if event is not None]


BY_SOMEBODY = {
    "task_completed": "réponse donnée",
    "answer_taken_back": "réponse reprise",
    "activity_chosen": "commencée",
    "timer_moved": "échéance déplacée",
    "task_planned": "priorité ou relance changée",
    "task_offered": "proposée aussi à la coordination",
    "task_declined": "refusée",
    "task_turned_down": "refusée, le parcours prend une autre voie",
}
"""What a person did to an element, in words."""


def _event(
    definition: Definition, entry: Entry, names: Mapping[str, str], end_state: str | None, clinical: bool
) -> Event | None:
    element = pathway.elements(definition).get(entry.element)
    name = element.name if element is not None else entry.element
    by = author(entry, names)
    value, message = (entry.detail.get("value"), str(entry.detail.get("message", ""))) if clinical else (None, "")
    match entry.kind:
        case "run_started":
            return Event(entry.at, "Dossier ouvert", " ".join(part for part in (by, enrolment.said(entry)) if part))
        case "operation_done":
            missing = enrolment.said(entry)
            return Event(entry.at, name, missing, "late") if missing else None
        case kind if kind in BY_SOMEBODY:
            return Event(entry.at, f"{name} : {BY_SOMEBODY[kind]}", by)
        case "task_assigned":
            return Event(entry.at, f"{name} : {'prise' if entry.detail.get('after') else 'rendue'}", by)
        case "message_received":
            return Event(entry.at, name or "Message reçu", "Message du partenaire reçu")
        case "message_thrown":
            return Event(entry.at, name, "Envoyé au partenaire")
        case "timer_fired":
            passed = element is not None and element.type == "boundaryEvent"
            return (
                Event(entry.at, name, "Délai écoulé", "late") if passed else Event(entry.at, name, "À l’heure prévue")
            )
        case "decision_made":
            return Event(
                entry.at,
                _decided(name, value),
                "D’après la règle du parcours",
            )
        case "incident_raised":
            return Event(entry.at, f"{name} : bloqué", message, "stuck")
        case "run_ended":
            return Event(entry.at, "Parcours terminé", end_state or "")
        case "run_cancelled":
            return Event(entry.at, "Parcours arrêté", by, "stuck")
        case "run_migrated":
            return Event(entry.at, "Suite du dossier selon une autre version du parcours", by)
    return None


def _decided(name: str, value: object) -> str:
    """The decision, with its result when that is one plain value; several outputs are the pathway's own business."""
    found = next(iter(value.values())) if isinstance(value, Mapping) and len(value) == 1 else value
    plain = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str | int | float)]
    if isinstance(found, list) and not found:
        plain = ["rien"]
    if not plain or any(isinstance(one, bool) for one in plain):
        return f"Décision : {name}"
    return f"{name} : {', '.join(vocabulary.text(str(one)) for one in plain)}"
