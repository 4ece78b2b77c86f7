"""A professional begins a case: the pathways whose start has a form, and the case that their answers open, once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from base.errors import Conflict, Invalid, NotFound
from base.ids import new_id
from base.prepared import Query, insert_once
from care.case import beginning
from care.identity.identity import Identity
from care.identity.patients import Patient
from care.sharing import circle
from engine.definition import Definition
from pathways import catalogue, parameters
from pathways.catalogue import Version
from pathways.context import Context
from pathways.facts import Fact
from pathways.forms import Form
from pathways.forms.answers import Posted
from pathways.opening import Start, begin_case, feel_context
from pathways.tables import beginning as rows
from people.persons import Person

DOCTOR = "medecin_traitant"
KEPT = 64
ADD = insert_once(rows, "tenant", "person", "key")
SAME = Query(
    select(rows.c.case, rows.c.content)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("person"))
    .where(rows.c.key == bindparam("key"))
)


@dataclass(frozen=True)
class Entrance:
    """Where a professional comes into a pathway: its start's form, and the message in whose place the answers come."""

    version: Version
    element: str
    message: str | None
    form: Form


@dataclass(frozen=True)
class Request:
    """What a professional asks for. `patient` is the id of somebody of their circle, else `identity` says who it is.

    `key` tells two requests apart: the same one again is the same case.
    """

    person: Person
    pathway: str
    answers: Mapping[str, Posted]
    key: str
    role: str = ""
    patient: str = ""
    identity: Identity | None = None


def entrances(session: Session, context: Context) -> list[Entrance]:
    """The published pathways that a professional may begin, by title."""
    found = [entrance_of(session, context, version) for version in catalogue.in_force(session, context.tenant)]
    return sorted((one for one in found if one is not None), key=lambda one: one.version.title)


def entrance(session: Session, context: Context, pathway: str) -> Entrance:
    """Raises NotFound when the pathway is not published, or when only messages begin it."""
    found = entrance_of(session, context, catalogue.published(session, context.tenant, pathway))
    if found is None:
        raise NotFound("Ce parcours ne s’ouvre pas à la main.", code="pathway-not-begun-by-hand")
    return found


def entrance_of(session: Session, context: Context, version: Version) -> Entrance | None:
    """Where a professional comes into this version, if anywhere."""
    return _entrance(context.engine.definition(session, version.digest), version)


def begin(session: Session, context: Context, asked: Request) -> str:
    """Open the case; returns its id. Asked again with the same key, it is the case that was opened then.

    Raises Forbidden in words, Invalid naming the fields, NotFound, and Conflict when the key served for something else.
    """
    role = beginning.role_of(asked.person, asked.role)
    chosen = entrance(session, context, asked.pathway)
    case = new_id()
    if (before := _once(session, context, asked, case)) is not None:
        return before
    answers = chosen.form.check(
        asked.answers, known(context, chosen), timezone=context.settings.timezone, today=_today(context)
    )
    patient = _patient(session, context, asked)
    ground = f"Reconnu par la personne, à l’ouverture du dossier « {chosen.version.title} »"
    beginning.enter_circle(session, context.clock, asked.person, patient, role, asked.pathway, ground)
    fact = Fact(chosen.message or "", asked.key, context.clock.now(), "", patient.identity, patient.status)
    doctor_known = role == DOCTOR or bool(circle.holders(session, patient.id, DOCTOR))
    start = Start(chosen.version, chosen.message, patient, fact, asked.person.id, opposed=False)  # else refused above
    return begin_case(session, context, start, doctor_known=doctor_known, answers=answers, case=case)


def known(context: Context, chosen: Entrance) -> dict[str, Any]:
    """What a start's form may read: there is no case yet."""
    values = {"parcours": chosen.version.key, "parametres": parameters.values(chosen.version.parameters)}
    return feel_context(values, context.settings.timezone)


@lru_cache(maxsize=KEPT)
def _form(definition: Definition, process: str) -> tuple[str, str | None, Form] | None:
    """(element, message, form) of the start of a process that has a form; one without a message before the others."""
    return min(_starts(definition, process), key=lambda start: start[1] or "", default=None)


def _starts(definition: Definition, process: str) -> Iterator[tuple[str, str | None, Form]]:
    for owner, element, message in definition.starts():
        node = definition.node(process, element) if owner == process else None
        name: str = getattr(node, "form", None) or ""
        content = definition.form(name) if name else None
        if content is not None:
            yield element, message, Form.read(content, name)


def _entrance(definition: Definition, version: Version) -> Entrance | None:
    found = _form(definition, version.process)
    return None if found is None else Entrance(version, *found)


def _once(session: Session, context: Context, asked: Request, case: str) -> str | None:
    """The case that this key opened before, if it did; else the key is taken for this one. Raises Conflict."""
    content = _content(context, asked)
    one = {"tenant": context.tenant, "person": asked.person.id, "key": asked.key}
    if ADD.first(session, {**one, "case": case, "content": content, "at": context.clock.now()}) is not None:
        return None
    before = SAME.first(session, one)
    if before.content != content:
        raise Conflict("Cette clé a déjà servi pour une autre demande.", code="idempotency-key-reused")
    return str(before.case)


def _content(context: Context, asked: Request) -> str:
    """What was asked for, blind: equal only to itself."""
    said = (asked.pathway, asked.role, asked.patient, asked.identity, sorted(asked.answers.items()))
    return context.vault.blind(sha256(orjson.dumps(said)).hexdigest(), "beginning")


def _patient(session: Session, context: Context, asked: Request) -> Patient:
    if asked.patient:
        return beginning.known_patient(session, context.vault, asked.person, asked.patient)
    if asked.identity is None:
        raise Invalid("Dites pour qui le dossier est ouvert.", {"patient": "La personne manque."})
    return beginning.admitted_patient(session, context.vault, context.clock, asked.person, asked.identity)


def _today(context: Context) -> Any:
    return context.clock.now().astimezone(ZoneInfo(context.settings.timezone)).date()
