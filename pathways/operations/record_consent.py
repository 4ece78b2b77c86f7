"""`consentement.enregistrer`: what the person agreed to, or that they are opposed."""

from sqlalchemy import select

from base.clock import ManualClock
from care.case import cases
from care.sharing import consents
from engine.environment import FeelValue, OperationCall
from engine.tables import task as tasks

NOBODY = "jalon"
LONGEST = 16


def record(call: OperationCall) -> dict[str, FeelValue]:
    """Inputs `mode` and `accord`; an accord is a consent, its refusal an opposition to this pathway's sharing."""
    case = cases.case(call.session, call.run)
    clock = ManualClock(call.now)
    if call.variables.get("accord") is True:
        mode = call.variables.get("mode")
        consents.record(
            call.session,
            clock,
            call.tenant,
            case=case.id,
            patient=case.patient,
            mode=mode if isinstance(mode, str) and mode else "oral",
            recorded_by=_last_answerer(call),
        )
        consents.lift(call.session, clock, case.patient, case.pathway)
    else:
        consents.withdraw(call.session, clock, case.id)
        consents.oppose(call.session, clock, call.tenant, case.patient, case.pathway)
    return {"consentement_enregistre": True}


def _last_answerer(call: OperationCall) -> str:
    """Who completed the case's last task: they are the one who heard the person."""
    who = call.session.scalars(
        select(tasks.c.completed_by)
        .where(tasks.c.tenant == call.tenant, tasks.c.run == call.run, tasks.c.completed_by.is_not(None))
        .order_by(tasks.c.completed_at.desc(), tasks.c.id.desc())
        .limit(1)
    ).one_or_none()
    return who if who and len(who) <= LONGEST else NOBODY
