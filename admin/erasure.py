"""Erases a person for good, and keeps what is counted and proved.

What names or describes the person is overwritten where it stands: identities (those merged too), words, numbers of
stays, proofs, comments, files, drafts, messages of partners and to them, what the runs knew, and the views that look
for the person. What remains: cases with their dates and outcomes, who took part and who looked, and the journal, whose
chain holds the answers as they were given, under a number that leads to no name any more (docs/deployment.md says what
that means). An imprint of a stay’s number stays too: what a partner still sends about it is known by it, and not kept.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from care.case.tables import attachment, attachment_piece, comment
from care.identity import identity_log
from care.identity.identity import ERASED
from care.identity.patients import Patient, patient, sealed
from care.identity.tables import patient_merge
from care.search import words
from care.sharing.tables import break_glass, circle_structure
from care.tables import case, circle_member, consent, opposition
from care.tables import patient as patient_rows
from engine.tables import incident, message_buffer, outbox, task, variable
from inbox.lists import views
from inbox.task.tables import draft
from pathways.context import Context
from pathways.tables import document
from people.persons import Person
from webhooks.deliver import PENDING
from webhooks.receptions import ERASED as MESSAGE_ERASED
from webhooks.tables import delivery, reception

REASONS = {
    "demande": "La personne le demande",
    "conservation": "La durée de conservation est passée",
    "erreur": "L’identité a été créée par erreur",
}
ERASERS = frozenset({"admin", "coordonnateur_medical"})
AGAIN = "restauration"
"""Who erases once more what a restored backup has brought back."""
GONE = "Effacé"


def erase(session: Session, context: Context, person: Person, patient_id: str, reason: str) -> None:
    """Erase a person whose cases have all ended. Raises Forbidden, NotFound, Invalid, and Conflict in words."""
    if not person.roles & ERASERS:
        raise Forbidden("L’effacement est réservé à l’administration et à la responsabilité médicale.")
    if reason not in REASONS:
        raise Invalid("Dites pourquoi.", {"motif": "Choisissez un motif de la liste."})
    erase_as(session, context, person.id, patient_id, reason)


def erase_as(session: Session, context: Context, by: str, patient_id: str, reason: str) -> None:
    """Erase a person in the name of `by`. Raises NotFound and Conflict."""
    ids = _held(session, context.tenant, patient_id)
    cases = _ended_cases(session, context.tenant, ids)
    _erase_cases(session, context, cases)
    _erase_runs(session, context.tenant, cases)
    for one in ids:
        _erase_identity(session, context, patient(session, context.vault, one))
        identity_log.note(session, context.clock, context.tenant, by, one, "erased", reason)


def is_erased(session: Session, tenant: str, patient_id: str) -> bool:
    """Raises NotFound."""
    known = (patient_rows.c.tenant == tenant, patient_rows.c.id == patient_id)
    row = session.execute(select(patient_rows.c.erased_at).where(*known)).one_or_none()
    if row is None:
        raise NotFound("Ce patient n’existe pas.", code="patient-unknown")
    return row.erased_at is not None


def _held(session: Session, tenant: str, patient_id: str) -> list[str]:
    """The identity and those that were merged into it; nobody merges them or opens a case meanwhile."""
    ids, found = [patient_id], 0
    while found < len(ids):
        merged = (patient_merge.c.tenant == tenant, patient_merge.c.undone_at.is_(None))
        into = select(patient_merge.c.gone).where(*merged, patient_merge.c.kept == ids[found])
        ids += [one for one in session.scalars(into) if one not in ids]
        found += 1
    theirs = (patient_rows.c.tenant == tenant, patient_rows.c.id.in_(ids))
    held = session.execute(select(patient_rows).where(*theirs).order_by(patient_rows.c.id).with_for_update()).all()
    first = next((row for row in held if row.id == patient_id), None)
    if first is None:
        raise NotFound("Ce patient n’existe pas.", code="patient-unknown")
    if first.erased_at is not None:
        raise Conflict("Cette personne est déjà effacée.", code="already-erased")
    if first.merged_into is not None:
        raise Conflict("Cette identité est fusionnée avec une autre : effacez l’autre.", code="merged")
    return ids


def _ended_cases(session: Session, tenant: str, ids: Sequence[str]) -> list[str]:
    theirs = session.execute(select(case).where(case.c.tenant == tenant, case.c.patient.in_(ids))).all()
    running = sum(1 for row in theirs if row.closed_at is None)
    if running:
        some = "un dossier est encore en cours" if running == 1 else f"{running} dossiers sont encore en cours"
        raise Conflict(f"Effacement impossible : {some}. Terminez ou arrêtez d’abord.", code="open-cases")
    found = [row.id for row in theirs]
    flying = select(func.count()).select_from(delivery).where(_of(delivery, tenant, found), delivery.c.state == PENDING)
    if found and session.scalar(flying):
        raise Conflict("Un envoi au partenaire attend encore : réessayez quand il sera parti.", code="in-flight")
    return found


def _erase_identity(session: Session, context: Context, known: Patient) -> None:
    blank = sealed(context.vault, known.id, ERASED)
    nobody = context.vault.blind(new_id(), "erased")
    values = {"identity": blank, "status": "PROV", "ins_blind": None, "traits_blind": nobody}
    gone = update(patient_rows).where(patient_rows.c.id == known.id)
    session.execute(gone.values(**values, erased_at=context.clock.now()))
    words.forget(session, known.tenant, known.id)
    views.forget(session, context.vault, known.tenant, known.identity)
    for table in (consent, opposition):
        theirs = update(table).where(table.c.tenant == known.tenant, table.c.patient == known.id)
        session.execute(theirs.values(proof=None))
    members = (circle_member.c.tenant == known.tenant, circle_member.c.patient == known.id)
    session.execute(update(circle_member).where(*members).values(basis=""))
    homes = (circle_structure.c.tenant == known.tenant, circle_structure.c.patient == known.id)
    session.execute(update(circle_structure).where(*homes).values(name=GONE, number=None))


def _erase_cases(session: Session, context: Context, cases: Sequence[str]) -> None:
    if not cases:
        return
    tenant = context.tenant
    theirs = (case.c.tenant == tenant, case.c.id.in_(cases))
    session.execute(update(case).where(*theirs).values(venue=None))
    session.execute(update(comment).where(_of(comment, tenant, cases)).values(text=b""))
    files = select(attachment.c.id).where(_of(attachment, tenant, cases))
    pieces = (attachment_piece.c.tenant == tenant, attachment_piece.c.attachment.in_(files))
    session.execute(delete(attachment_piece).where(*pieces))
    session.execute(delete(attachment).where(_of(attachment, tenant, cases)))
    session.execute(delete(document).where(_of(document, tenant, cases)))
    nobody = {"venue_blind": context.vault.blind(new_id(), "erased"), "problem": None, "state": MESSAGE_ERASED}
    _blank(session, context, reception, cases, "body", nobody)
    _blank(session, context, delivery, cases, "body", {})
    _blank(session, context, break_glass, cases, "reason", {})


def _blank(
    session: Session, context: Context, table: Table, cases: Sequence[str], column: str, more: dict[str, Any]
) -> None:
    """A sealed nothing in the place of what was sealed."""
    for row in session.scalars(select(table.c.id).where(_of(table, context.tenant, cases))).all():
        nothing = context.vault.seal("", f"{table.name}.{column}:{row}")
        one = (table.c.tenant == context.tenant, table.c.id == row)
        session.execute(update(table).where(*one).values({column: nothing, **more}))


def _erase_runs(session: Session, tenant: str, cases: Sequence[str]) -> None:
    """What the runs of ended cases knew and said; their journal stays, or its chain would be broken."""
    if not cases:
        return
    of_runs = select(task.c.id).where(task.c.tenant == tenant, task.c.run.in_(cases))
    session.execute(delete(draft).where(draft.c.tenant == tenant, draft.c.task.in_(of_runs)))
    for table in (variable, message_buffer):
        session.execute(delete(table).where(table.c.tenant == tenant, table.c.run.in_(cases)))
    session.execute(update(outbox).where(outbox.c.tenant == tenant, outbox.c.run.in_(cases)).values(payload=b"{}"))
    stuck = update(incident).where(incident.c.tenant == tenant, incident.c.run.in_(cases))
    session.execute(stuck.values(message=GONE, detail=""))


def _of(table: Table, tenant: str, cases: Sequence[str]) -> Any:
    return (table.c.tenant == tenant) & table.c["case"].in_(cases)
