"""Who is on duty in the demo, with one gap that is still to be filled, and a leave that is planned."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jalon.demo.names import COMMUNES
from jalon.demo.professionals import professionals
from pathways.context import Context
from people import persons
from people.rosters import absences, duty
from people.rosters.absences import SUBSTITUTE, Wish
from people.rosters.duty import EFFECTION, Turn
from people.rosters.duty_periods import periods

SECTOR, NAME, PLACE = "sucs-loire", "Sucs et Loire (démo)", "Maison médicale de garde (démo)"
DAYS, GAP = 14, 9
ACCOUNTS = {one.email for one in professionals() if one.login}
LEAVE_IN, LEAVE_FOR = timedelta(days=3), timedelta(days=7)


def fill(session: Session, context: Context, now: datetime) -> None:
    """A fortnight of duty by the doctors without a sign-in of their own, from yesterday on."""
    tenant, clock, calendar = context.tenant, context.clock, context.calendar
    people = persons.everybody(session, tenant)
    organiser = next(one for one in people if "coordinateur" in one.roles)
    doctors = [one for one in people if "medecin_effecteur" in one.roles and one.email not in ACCOUNTS]
    duty.write_sector(session, tenant, organiser, SECTOR, NAME, [commune.insee for commune in COMMUNES])
    first = calendar.local(now).date() - timedelta(days=1)
    for rank, period in enumerate(periods(calendar, first, DAYS)):
        if rank != GAP:
            doctor = doctors[rank % len(doctors)]
            turn = Turn(SECTOR, EFFECTION, period.since, period.until, doctor.id, PLACE)
            duty.write(session, clock, calendar, tenant, turn, organiser)
    away, substitute = doctors[-1], doctors[-2]
    since = now + LEAVE_IN
    wish = Wish(away.id, since, since + LEAVE_FOR, way=SUBSTITUTE, substitute=substitute.id)
    absences.declare(session, clock, calendar, tenant, wish, organiser)
