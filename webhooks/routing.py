"""Finds what a Fact concerns: the pathway that it starts, the cases that it feeds, or nothing yet."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from care.case import cases
from care.identity import patients
from pathways import catalogue
from pathways.catalogue import Version
from pathways.context import Context
from pathways.facts import Fact


@dataclass(frozen=True)
class Start:
    """The Fact opens a case on this version of a pathway."""

    version: Version


@dataclass(frozen=True)
class Feed:
    """The Fact goes to these running cases, as the message of its type."""

    cases: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """The Fact is taken note of and moves nothing."""

    case: str | None
    detail: str


@dataclass(frozen=True)
class Forget:
    """The Fact is of a stay whose person was erased: nothing of it is kept."""


@dataclass(frozen=True)
class Wait:
    """Nothing corresponds yet."""


Route = Start | Feed | Note | Forget | Wait


def route(session: Session, context: Context, partner: str, fact: Fact) -> Route:
    """Where a Fact goes. One stay has one open case; an admission of the same person elsewhere concerns their cases."""
    known = cases.by_venue(session, context.tenant, partner, cases.venue_blind(context.vault, fact.venue))
    running = tuple(case.id for case in known if case.is_open)
    if known and not running and cases.is_erased(session, known[0].id):
        return Forget()
    if fact.type == "admission":
        return _admission(session, context, fact, running)
    if running:
        return Feed(running)
    if known and fact.type != "sortie":
        return Note(known[0].id, "Le dossier de cette venue est clos\u00a0: le message est classé.")
    version = catalogue.starting_with(session, context.tenant, fact)
    return Wait() if version is None else Start(version)


def _admission(session: Session, context: Context, fact: Fact, running: tuple[str, ...]) -> Route:
    """An admission under the stay's own number only says how that stay began."""
    if running:
        return Note(running[0], "L’entrée de ce séjour est notée dans le dossier.")
    elsewhere = _cases_of_person(session, context, fact)
    if elsewhere:
        return Feed(elsewhere)
    version = catalogue.starting_with(session, context.tenant, fact)
    return Wait() if version is None else Start(version)


def _cases_of_person(session: Session, context: Context, fact: Fact) -> tuple[str, ...]:
    if fact.identity is None:
        return ()
    patient = patients.find(session, context.vault, context.tenant, fact.identity, fact.identity_status)
    if patient is None:
        return ()
    return tuple(case.id for case in cases.by_patient(session, patient.id) if case.is_open)
