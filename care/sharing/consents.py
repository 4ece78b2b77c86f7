"""What a person agreed to and what they are opposed to: about what, towards whom, how it was said, until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Instant
from base.errors import Invalid, NotFound
from base.ids import new_id
from base.prepared import Query
from base.rows import made
from base.vault import Vault
from care.sharing.visibility import RECIPIENTS
from care.tables import case as cases
from care.tables import consent, of_case, of_patient, opposition

EVERYTHING = "all"
"""The scope of what holds for any sharing; else it is the key of one pathway."""
THIS_CASE = "case"
"""The scope of a consent that holds for the case in which it was given alone."""
EVERYBODY, PERSON, CATEGORY = "all", "person", "category"
AUDIENCES = {EVERYBODY: "Tous les destinataires", PERSON: "Une personne", CATEGORY: "Une catégorie"}
CARE, DMP = "soins", "dmp"
PURPOSES = {CARE: "Les soins et leur coordination", DMP: "Le dossier médical partagé (DMP)"}
MODES = {"oral": "Oral, tracé", "signature": "Signature", "lien": "Lien envoyé au patient"}
NOW = bindparam("now", type_=Instant())
Kept = TypeVar("Kept", "Consent", "Opposition")


def in_force(table: Table) -> ColumnElement[bool]:
    """It has begun and is not over at `now`."""
    begun = table.c.at if "at" in table.c else table.c.since
    return and_(begun <= NOW, or_(table.c.until.is_(None), table.c.until > NOW))


OPPOSED = Query(
    select(opposition.c.id)
    .where(of_patient(opposition, bindparam("patient")), in_force(opposition))
    .where(opposition.c.purpose == bindparam("purpose"))
    .where(or_(opposition.c.audience == EVERYBODY, opposition.c.recipient == bindparam("category")))
    .where(or_(opposition.c.scope == EVERYTHING, opposition.c.scope == bindparam("pathway")))
    .limit(1)
)
AGREED = Query(
    select(consent.c.id)
    .where(of_patient(consent, bindparam("patient")), in_force(consent))
    .where(consent.c.audience == EVERYBODY, consent.c.purpose == CARE)
    .where(or_(consent.c.scope == EVERYTHING, consent.c.scope == bindparam("pathway")))
    .limit(1)
)


@dataclass(frozen=True)
class Reach:
    """About what, and towards whom: a `scope`, an audience with its recipient (an id, a category), a purpose."""

    scope: str = EVERYTHING
    audience: str = EVERYBODY
    recipient: str | None = None
    purpose: str = CARE

    def check(self) -> None:
        """Raises Invalid."""
        problems = {}
        if self.audience not in AUDIENCES:
            problems["destinataires"] = "Choisissez à qui cela s’applique."
        elif self.audience != EVERYBODY and not self.recipient:
            problems["destinataire"] = "Dites de qui il s’agit."
        elif self.audience == CATEGORY and self.recipient not in RECIPIENTS:
            problems["destinataire"] = "Choisissez une catégorie de la liste."
        if self.purpose not in PURPOSES:
            problems["finalite"] = "Choisissez une finalité de la liste."
        if problems:
            raise Invalid("Des réponses sont à revoir.", problems)

    @property
    def closes_case(self) -> bool:
        """As an opposition it leaves nobody to share with."""
        return self.audience == EVERYBODY and self.purpose == CARE


@dataclass(frozen=True)
class Consent:
    """An agreement; `mode` says how it was given (oral, signature…), `until` when it ends or ended."""

    id: str
    case: str
    patient: str
    mode: str
    recorded_by: str
    at: datetime
    until: datetime | None
    scope: str = THIS_CASE
    audience: str = EVERYBODY
    recipient: str | None = None
    purpose: str = CARE
    ended_by: str | None = None


@dataclass(frozen=True)
class Opposition:
    """A refusal of sharing; `until` is when it was lifted or ends."""

    id: str
    patient: str
    scope: str
    since: datetime
    until: datetime | None
    audience: str = EVERYBODY
    recipient: str | None = None
    purpose: str = CARE
    mode: str | None = None
    recorded_by: str | None = None
    ended_by: str | None = None

    @property
    def reach(self) -> Reach:
        return Reach(self.scope, self.audience, self.recipient, self.purpose)


def record(
    session: Session,
    clock: Clock,
    tenant: str,
    *,
    case: str,
    patient: str,
    mode: str,
    recorded_by: str,
    reach: Reach | None = None,
    until: datetime | None = None,
    proof: tuple[Vault, str] | None = None,
) -> Consent:
    """Keep that a person agreed, by default to the sharing that one case needs; a proof is sealed. Raises Invalid."""
    about = reach or Reach(THIS_CASE)
    about.check()
    _check_end(clock, until)
    given = Consent(new_id(), case, patient, mode, recorded_by, clock.now(), until, **vars(about))
    sealed = {"proof": _seal("consent", given.id, proof)}
    session.execute(insert(consent).values(tenant=tenant, **vars(given), **sealed))
    return given


def oppose(
    session: Session,
    clock: Clock,
    tenant: str,
    patient: str,
    scope: str = EVERYTHING,
    *,
    reach: Reach | None = None,
    mode: str | None = None,
    recorded_by: str | None = None,
    until: datetime | None = None,
    proof: tuple[Vault, str] | None = None,
) -> str:
    """The person is opposed to the sharing of everything, or of what `reach` says: it stops at once. Its id."""
    about = reach or Reach(scope)
    about.check()
    if about.scope == THIS_CASE:
        raise Invalid("Des réponses sont à revoir.", {"portee": "Choisissez tout partage, ou un parcours."})
    _check_end(clock, until)
    for known in oppositions(session, clock, patient):
        if known.reach == about and known.until is None:
            return known.id
    made = Opposition(new_id(), patient, about.scope, clock.now(), until, about.audience, about.recipient)
    values = {**vars(made), "purpose": about.purpose, "mode": mode, "recorded_by": recorded_by}
    session.execute(insert(opposition).values(tenant=tenant, **values, proof=_seal("opposition", made.id, proof)))
    return made.id


def current(session: Session, clock: Clock, case: str) -> Consent | None:
    """The agreement that was given in a case and holds, if there is one."""
    return next(iter(_consents(session, clock, of_case(consent, case))), None)


def consents(session: Session, clock: Clock, patient: str, *, over: bool = False) -> list[Consent]:
    """What a person agreed to and still does, the latest first; with `over` also what has ended."""
    return _consents(session, clock, of_patient(consent, patient), over=over)


def oppositions(session: Session, clock: Clock, patient: str, *, over: bool = False) -> list[Opposition]:
    """What a person is opposed to, the latest first; with `over` also what was lifted."""
    query = select(opposition).where(of_patient(opposition, patient))
    if not over:
        query = query.where(in_force(opposition))
    found = session.execute(query.order_by(opposition.c.since.desc(), opposition.c.id.desc()), {"now": clock.now()})
    return [_read(Opposition, row) for row in found]


def withdraw(session: Session, clock: Clock, case: str, *, by: str | None = None) -> None:
    """The person takes back, from now on, the agreement that they gave in a case."""
    _end(session, clock, consent, and_(of_case(consent, case), consent.c.scope == THIS_CASE), by)


def lift(session: Session, clock: Clock, patient: str, scope: str = EVERYTHING, *, by: str | None = None) -> None:
    """The person is no longer opposed to any sharing of this scope with all."""
    of_all = (opposition.c.audience == EVERYBODY, opposition.c.purpose == CARE)
    _end(session, clock, opposition, and_(of_patient(opposition, patient), opposition.c.scope == scope, *of_all), by)


def end(session: Session, clock: Clock, patient: str, kind: str, row: str, *, by: str) -> None:
    """Withdraw one consent or lift one opposition of a person. Raises NotFound."""
    table = {"consent": consent, "opposition": opposition}[kind]
    if not _end(session, clock, table, and_(of_patient(table, patient), table.c.id == row), by):
        raise NotFound("Cet accord ou cette opposition n’est plus en cours.", code="consent-unknown")


def proof(session: Session, vault: Vault, patient: str, kind: str, row: str) -> str:
    """What was noted as the proof; empty when nothing was."""
    table = {"consent": consent, "opposition": opposition}[kind]
    sealed = session.scalar(select(table.c.proof).where(of_patient(table, patient), table.c.id == row))
    return vault.open(sealed, f"{kind}.proof:{row}") if sealed else ""


def is_opposed(
    session: Session, clock: Clock, patient: str, pathway: str, *, purpose: str = CARE, category: str = ""
) -> bool:
    """True when the person is opposed to the sharing of this pathway, or of all: with everybody, or a category."""
    values = {"patient": patient, "pathway": pathway, "purpose": purpose, "category": category, "now": clock.now()}
    return OPPOSED.first(session, values) is not None


def agrees(session: Session, clock: Clock, patient: str, pathway: str) -> bool:
    """True when the person has agreed to the sharing of this pathway, or of everything, with those it needs."""
    return AGREED.first(session, {"patient": patient, "pathway": pathway, "now": clock.now()}) is not None


def covers_case(table: Table) -> ColumnElement[bool]:
    """What was said holds for a row of `case` of the same person."""
    scope = or_(table.c.scope == EVERYTHING, table.c.scope == cases.c.pathway)
    if "case" in table.c:
        scope = or_(scope, and_(table.c.scope == THIS_CASE, table.c["case"] == cases.c.id))
    return and_(table.c.tenant == cases.c.tenant, table.c.patient == cases.c.patient, scope)


def towards(table: Table, persons: Any, category: ColumnElement[str]) -> ColumnElement[bool]:
    """What was said is about everybody, about one of these persons, or about recipients of their kind."""
    return or_(
        table.c.audience == EVERYBODY,
        and_(table.c.audience == PERSON, table.c.recipient.in_(persons)),
        and_(table.c.audience == CATEGORY, table.c.recipient == category),
    )


def _consents(session: Session, clock: Clock, which: ColumnElement[bool], *, over: bool = False) -> list[Consent]:
    query = select(consent).where(which)
    if not over:
        query = query.where(in_force(consent))
    found = session.execute(query.order_by(consent.c.at.desc(), consent.c.id.desc()), {"now": clock.now()})
    return [_read(Consent, row) for row in found]


def _end(session: Session, clock: Clock, table: Table, which: ColumnElement[bool], by: str | None) -> int:
    now = clock.now()
    ended = update(table).where(which, or_(table.c.until.is_(None), table.c.until > now))
    return len(session.execute(ended.values(until=now, ended_by=by).returning(table.c.id)).all())


def _check_end(clock: Clock, until: datetime | None) -> None:
    if until is not None and until <= clock.now():
        raise Invalid("Des réponses sont à revoir.", {"fin": "Choisissez une date à venir, ou aucune."})


def _seal(kind: str, row: str, proof: tuple[Vault, str] | None) -> bytes | None:
    return proof[0].seal(proof[1], f"{kind}.proof:{row}") if proof and proof[1] else None


def _read(kind: type[Kept], row: Any) -> Kept:
    return made(kind, row)
