"""Somebody who practises here no longer: known still, but let in and found no more, and on duty no more."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, NotFound
from people.persons import Person, person
from people.rosters.tables import duty_shift
from people.sign_in import accounts, sessions
from people.tables import person as rows


def leave(session: Session, clock: Clock, tenant: str, person_id: str) -> int:
    """Close the entry: sessions end at once; how many duties to come lose them. Raises NotFound, Conflict."""
    account = accounts.of_person(session, person_id)
    _move(session, tenant, person_id, active=False, settled="Cette fiche est déjà désactivée.")
    if account is not None:
        sessions.sign_out_everywhere(session, account.id)
    theirs = (duty_shift.c.tenant == tenant, duty_shift.c.person == person_id, duty_shift.c.since > clock.now())
    return len(session.execute(delete(duty_shift).where(*theirs).returning(duty_shift.c.id)).all())


def come_back(session: Session, tenant: str, person_id: str) -> None:
    """Open the entry again, with the account and the roles it had. Raises NotFound, Conflict."""
    _move(session, tenant, person_id, active=True, settled="Cette fiche est déjà active.")


def _move(session: Session, tenant: str, person_id: str, *, active: bool, settled: str) -> Person:
    who = person(session, person_id)
    if who.tenant != tenant:
        raise NotFound("Cette personne n’est pas dans l’annuaire.")
    mine = (rows.c.tenant == tenant, rows.c.id == person_id, rows.c.active.is_(not active))
    if not session.execute(update(rows).where(*mine).values(active=active).returning(rows.c.id)).all():
        raise Conflict(settled, code="departure-settled")
    return who
