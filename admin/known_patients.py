"""The patients as one person may know them: found by their names, opened, and every look noted."""

from typing import Any

from sqlalchemy import exists, select

from admin.erasure import ERASERS, is_erased
from base.errors import Forbidden, NotFound
from care.case import cases
from care.case.cases import Case
from care.guard import sees_every_case
from care.identity import identity_log, patients
from care.identity.patients import Patient, patient
from care.identity.status import KEEPERS
from care.search import words
from care.sharing.access import ANY
from care.sharing.visibility import PROTECTION
from care.tables import case
from care.tables import patient as rows
from inbox.lists.statements import sees_case
from inbox.patient import Who, describe, hidden
from inbox.request import context, desk, person, session
from inbox.rights.rights import LookLine, looks
from people.persons import Person

SHOWN = 50
UNKNOWN = "Ce patient n’existe pas."


def find(text: str) -> tuple[list[Who], bool, bool]:
    """Those whom the text finds and the person may see, by name; whether there are more, and whether it says a word."""
    blinds = words.blinds(context().vault, text)
    ids = _visible(words.answering(context().tenant, words.said(blinds))) if blinds else []
    known = patients.patients(session(), context().vault, ids[:SHOWN]).values()
    found = sorted((describe(one, desk().today) for one in known), key=lambda who: who.name)
    return found, len(ids) > SHOWN, bool(blinds)


def seen(patient_id: str) -> Patient:
    """Raises NotFound for whoever may not even know that the patient exists."""
    known = patient(session(), context().vault, patient_id)
    merged = known.merged_into is not None and sees_every_case(person()) and known.tenant == context().tenant
    if not merged and not _visible([patient_id]):
        raise NotFound(UNKNOWN, code="patient-unknown")
    return known


def is_nameless(patient_id: str) -> bool:
    """Whether the person sees a number and no name: the operator and data protection of everybody, everybody of who
    was erased. Raises NotFound.
    """
    who = person()
    named = sees_every_case(who) or not who.roles & (ERASERS | {PROTECTION})
    if not is_erased(session(), context().tenant, patient_id) and (named or _visible([patient_id])):
        return False
    if not who.roles & (ERASERS | KEEPERS | {PROTECTION}):
        raise NotFound(UNKNOWN, code="patient-unknown")
    return True


def may_read_looks(who: Person) -> bool:
    """Whether they may read who looked at whom: what a patient may ask the coordination and data protection."""
    return bool(who.roles & (KEEPERS | {PROTECTION}))


def looked_at(patient_id: str) -> list[LookLine]:
    """Who looked at the patient's cases; that it was asked is noted. Raises NotFound, Forbidden."""
    if not may_read_looks(person()):
        raise Forbidden("Qui a consulté se lit par la coordination et la protection des données.")
    if not is_erased(session(), context().tenant, patient_id):
        note(patient(session(), context().vault, patient_id), "looked")
    return looks(desk(), patient_id, ANY)[0]


def visible_cases(patient_id: str) -> list[Case]:
    """The patient's cases that the person may see."""
    theirs = select(case.c.id).where(
        case.c.tenant == context().tenant, case.c.patient == patient_id, sees_case(person())
    )
    shown = set(session().scalars(theirs, desk().values))
    return [one for one in cases.by_patient(session(), patient_id) if one.id in shown]


def running(patient_id: str) -> int:
    """How many of the patient's cases have not ended."""
    return sum(one.is_open for one in cases.by_patient(session(), patient_id))


def note(known: Patient, kind: str) -> None:
    """What only reads notes its look in a transaction of its own."""
    if not desk().only_reads:
        identity_log.note(session(), context().clock, known.tenant, person().id, known.id, kind)
        return
    with context().database.begin() as noting:
        identity_log.note(noting, context().clock, known.tenant, person().id, known.id, kind)


def whole_ins(patient_id: str) -> str:
    """The INS of a qualified identity; who asked is noted. Raises NotFound."""
    known = seen(patient_id)
    if known.ins is None:
        raise NotFound("Cette identité n’a pas d’INS qualifié.", code="no-ins")
    note(known, "ins")
    return known.ins


def may_keep(who: Person) -> bool:
    """Whether duplicates are this person's to settle."""
    return bool(who.roles & KEEPERS)


def keeper() -> Person:
    """The person asking, who looks after identities; raises Forbidden otherwise."""
    who = person()
    if not may_keep(who):
        raise Forbidden("Les identités sont tenues par la coordination.", code="not-keeper")
    return who


def _visible(which: Any) -> list[str]:
    """Those of these patients whom the person may see: everybody's for who runs the territory, else those of a case."""
    query = select(rows.c.id).where(rows.c.tenant == context().tenant, rows.c.id.in_(which))
    query = query.where(rows.c.erased_at.is_(None), rows.c.merged_into.is_(None))
    if not sees_every_case(person()):
        query = query.where(exists(select(case.c.id).where(case.c.patient == rows.c.id, sees_case(person()))))
    found = list(session().scalars(query.order_by(rows.c.id).limit(SHOWN + 1), desk().values))
    withheld = hidden(desk(), found)
    return [one for one in found if one not in withheld]
