"""Merges of two identities that are one person, and their undoing.

The cases, the circle, the consents and the oppositions of the one that goes move to the one that stays; an opposition
of either then holds for both. Undoing gives back the very rows that moved, in the state they are in by then. What came
after the merge stays with the identity that stayed, but for oppositions: nobody knows of which of the two persons they
were said, so both keep them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from base.rows import made
from base.vault import Vault
from care.identity import duplicates, identity_log
from care.identity.identifiers import has_right_key, same_but_key
from care.identity.patients import Patient, known_as, patient
from care.identity.status import KEEPERS, RANKS
from care.identity.tables import patient_merge as rows
from care.identity.tables import patient_move as moves
from care.search import words
from care.sharing.tables import circle_structure
from care.tables import case, circle_member, consent, opposition
from care.tables import patient as patient_rows
from people.persons import Person

MOVED: dict[str, tuple[Table, tuple[str, ...]]] = {
    "case": (case, ()),
    "circle_member": (circle_member, ("person", "role")),
    "circle_structure": (circle_structure, ("name", "role")),
    "consent": (consent, ()),
    "opposition": (opposition, ()),
}
"""What moves with a patient, and the columns by which one who is already there need not come twice."""
SETTLED = "Quelqu’un vient de traiter l’une de ces identités."


@dataclass(frozen=True)
class Merge:
    """One merge: `gone` is now known as `kept`, until it is undone."""

    id: str
    kept: str
    gone: str
    at: datetime
    by: str
    undone_at: datetime | None
    undone_by: str | None


def merge(session: Session, vault: Vault, clock: Clock, person: Person, kept: str, gone: str) -> Merge:
    """Make two identities one. Raises Forbidden, Invalid, and Conflict when somebody has just settled one of them."""
    _keeper(person)
    _hold(session, person.tenant, kept, gone)
    stays, goes = patient(session, vault, kept), patient(session, vault, gone)
    _check(stays, goes)
    made = Merge(new_id(), kept, gone, clock.now(), person.id, None, None)
    session.execute(insert(rows).values(tenant=person.tenant, **vars(made)))
    for name in MOVED:
        _move(session, person.tenant, made, name)
    session.execute(update(patient_rows).where(patient_rows.c.id == gone).values(merged_into=kept))
    duplicates.decide(session, clock, person.tenant, kept, gone, person.id, duplicates.MERGED)
    _note(session, vault, clock, person, "merged", stays, goes)
    return made


def undo(session: Session, vault: Vault, clock: Clock, person: Person, merge_id: str) -> Merge:
    """Make them two again. Raises Forbidden, NotFound, and Conflict when it is undone or a later merge stands on it."""
    _keeper(person)
    made = read(session, person.tenant, merge_id)
    _hold(session, person.tenant, made.kept, made.gone, apart=False)
    undone = update(rows).where(rows.c.tenant == person.tenant, rows.c.id == merge_id, rows.c.undone_at.is_(None))
    if not session.execute(undone.values(undone_at=clock.now(), undone_by=person.id).returning(rows.c.id)).all():
        raise Conflict("Cette fusion a déjà été annulée.", code="merge-undone")
    _share_oppositions(session, vault, made, person.tenant)
    for name in MOVED:
        _give_back(session, person.tenant, made, name)
    session.execute(update(patient_rows).where(patient_rows.c.id == made.gone).values(merged_into=None))
    duplicates.decide(session, clock, person.tenant, made.kept, made.gone, person.id, duplicates.OPEN)
    stays, goes = patient(session, vault, made.kept), patient(session, vault, made.gone)
    _note(session, vault, clock, person, "unmerged", stays, goes)
    return read(session, person.tenant, merge_id)


def read(session: Session, tenant: str, merge_id: str) -> Merge:
    """Raises NotFound."""
    row = session.execute(select(rows).where(rows.c.tenant == tenant, rows.c.id == merge_id)).one_or_none()
    if row is None:
        raise NotFound("Cette fusion n’existe pas.", code="merge-unknown")
    return _merge(row)


def merges(session: Session, tenant: str, limit: int = 50) -> list[Merge]:
    """The last merges, the latest first."""
    query = select(rows).where(rows.c.tenant == tenant).order_by(rows.c.at.desc(), rows.c.id.desc()).limit(limit)
    return [_merge(row) for row in session.execute(query)]


def moved(session: Session, tenant: str, merge_id: str) -> set[str]:
    """The ids of the rows that a merge has moved, of whatever table."""
    return set(session.scalars(select(moves.c.row).where(moves.c.tenant == tenant, moves.c.merge == merge_id)))


def _keeper(person: Person) -> None:
    if not person.roles & KEEPERS:
        raise Forbidden("Les identités sont tenues par la coordination.", code="not-keeper")


def _hold(session: Session, tenant: str, kept: str, gone: str, *, apart: bool = True) -> None:
    """Nobody else merges, undoes or opens a case for either meanwhile; `apart`: both must still stand alone."""
    columns = (patient_rows.c.id, patient_rows.c.merged_into, patient_rows.c.erased_at)
    both = (patient_rows.c.tenant == tenant, patient_rows.c.id.in_([kept, gone]))
    held = session.execute(select(*columns).where(*both).order_by(patient_rows.c.id).with_for_update()).all()
    if len(held) != 2:
        raise NotFound("Ce patient n’existe pas.", code="patient-unknown")
    into = {row.id: row.merged_into for row in held}
    if any(row.erased_at for row in held) or (apart and into[gone]):
        raise Conflict(SETTLED, code="identity-settled")
    if into[kept]:
        raise Conflict("Une fusion plus récente concerne cette identité : annulez-la d’abord.", code="merged-since")


def _check(stays: Patient, goes: Patient) -> None:
    if stays.ins and goes.ins and stays.ins != goes.ins:
        _check_numbers(stays.ins, goes.ins)
    if RANKS[goes.status] > RANKS[stays.status]:
        raise Invalid("Gardez l’identité la plus sûre des deux.", code="less-sure")


def _check_numbers(stays: str, goes: str) -> None:
    """Two qualified INS are two persons, unless they are one number of which only what stays has the right key."""
    if not same_but_key(stays, goes):
        raise Invalid("Deux INS qualifiés différents : ce sont deux personnes.", code="two-ins")
    if has_right_key(goes):
        raise Invalid("Gardez l’identité dont la clé de l’INS est juste.", code="wrong-key")


def _move(session: Session, tenant: str, made: Merge, name: str) -> None:
    table, same = MOVED[name]
    theirs = [table.c.tenant == tenant, table.c.patient == made.gone]
    if same:
        there = table.alias()
        alike = [there.c[column] == table.c[column] for column in same]
        here = exists().where(there.c.tenant == tenant, there.c.patient == made.kept, there.c.until.is_(None), *alike)
        theirs.append(or_(table.c.until.is_not(None), ~here))
    gone = session.scalars(update(table).where(*theirs).values(patient=made.kept).returning(table.c.id)).all()
    if gone:
        session.execute(
            insert(moves), [{"tenant": tenant, "merge": made.id, "table": name, "row": row} for row in gone]
        )


def _give_back(session: Session, tenant: str, made: Merge, name: str) -> None:
    table, _ = MOVED[name]
    theirs_once = select(moves.c.row).where(moves.c.tenant == tenant, moves.c.merge == made.id, moves.c.table == name)
    theirs = (table.c.tenant == tenant, table.c.patient == made.kept, table.c.id.in_(theirs_once))
    session.execute(update(table).where(*theirs).values(patient=made.gone))


def _share_oppositions(session: Session, vault: Vault, made: Merge, tenant: str) -> None:
    """What was opposed while they were one holds for both when they are two again."""
    since = (opposition.c.since >= made.at, opposition.c.id.not_in(moved(session, tenant, made.id)))
    theirs = (opposition.c.tenant == tenant, opposition.c.patient == made.kept, *since)
    for row in session.execute(select(opposition).where(*theirs)).all():
        copy = {**row._mapping, "id": new_id(), "patient": made.gone}
        if row.proof is not None:
            words_of_proof = vault.open_bytes(row.proof, f"opposition.proof:{row.id}")
            copy["proof"] = vault.seal_bytes(words_of_proof, f"opposition.proof:{copy['id']}")
        session.execute(insert(opposition).values(copy))


def _note(session: Session, vault: Vault, clock: Clock, person: Person, kind: str, *both: Patient) -> None:
    """Whoever is now somebody else is found as them; the log of each names the other."""
    words.forget(session, person.tenant, both[1].id)
    for one, other in (both, both[::-1]):
        now = patient(session, vault, one.id)
        if now.merged_into is None:
            words.index(session, vault, person.tenant, one.id, *known_as(session, vault, now))
        identity_log.note(session, clock, person.tenant, person.id, one.id, kind, other.id)


def _merge(row: Any) -> Merge:
    return made(Merge, row)
