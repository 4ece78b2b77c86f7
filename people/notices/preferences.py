"""How a person wants to be told: by which ways, at which hours, how often; and when what is new may leave."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.database import Instant, insert_into
from base.errors import Invalid
from base.prepared import Query
from base.rows import made
from people.notices.kinds import SOLICITATIONS
from people.notices.tables import notice
from people.notices.tables import preference as rows
from people.rosters.standing_in import away
from people.rosters.unavailability import unavailable_until

NEVER, URGENT, ALWAYS = "never", "urgent", "always"
WHEN = {ALWAYS: "Toujours", URGENT: "Si c’est urgent", NEVER: "Jamais"}
EMAIL, PUSH, SMS = "email", "push", "sms"
CHANNELS = {EMAIL: "Courriel", PUSH: "Message sur vos appareils", SMS: "SMS"}
MOST_HOURS, MOST_CAP = 6, 999
WEEK, DAY = timedelta(days=7), timedelta(days=1)
LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True)
class Preference:
    """Quiet hours and digest hours as wall times; the values that nobody chose are à valider localement."""

    email: str = ALWAYS
    push: str = ALWAYS
    sms: str = URGENT
    digest_hours: str = "08:00 13:00"
    quiet_from: str = "20:00"
    quiet_to: str = "08:00"
    weekly_cap: int | None = None
    paused_until: datetime | None = None

    def wants(self, channel: str, *, urgent: bool) -> bool:
        chosen = {EMAIL: self.email, PUSH: self.push, SMS: self.sms}[channel]
        return chosen == ALWAYS or (urgent and chosen == URGENT)

    @property
    def hours(self) -> tuple[str, ...]:
        return tuple(self.digest_hours.split())

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    def is_quiet(self, wall: str) -> bool:
        """Whether a wall time falls into the quiet hours, which may go over midnight."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= wall < self.quiet_to
        return wall >= self.quiet_from or wall < self.quiet_to


MINE = Query(select(rows).where(rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("person")))
ASKED = Query(
    select(func.count().label("times")).where(
        notice.c.tenant == bindparam("tenant"), notice.c.person == bindparam("person"),
        notice.c.at > bindparam("since", type_=Instant()),
        notice.c.kind.in_([literal(kind) for kind in sorted(SOLICITATIONS)]),
    )
)  # fmt: skip


def preference(session: Session, tenant: str, person: str) -> Preference:
    """What a person has settled, else what everybody starts with."""
    row = MINE.first(session, {"tenant": tenant, "person": person})
    return Preference() if row is None else made(Preference, row)


def settle(session: Session, clock: Clock, tenant: str, person: str, chosen: Preference) -> Preference:
    """Keep what a person chose. Raises Invalid with what to do about each field."""
    kept = checked(chosen, clock.now())
    values = {field.name: vars(kept)[field.name] for field in fields(Preference)}
    put = insert_into(session, rows).values(tenant=tenant, person=person, **values)
    session.execute(put.on_conflict_do_update(index_elements=["tenant", "person"], set_=values))
    return kept


def checked(chosen: Preference, now: datetime) -> Preference:
    """The choice as it can be kept. Raises Invalid with what to do about each field at once."""
    wrong: dict[str, str] = {}
    hours = " ".join(sorted({_wall(hour, "heures", wrong) for hour in chosen.hours}))
    starts, ends = (_wall(hour, "calme", wrong) for hour in (chosen.quiet_from, chosen.quiet_to))
    kept = replace(chosen, digest_hours=hours, quiet_from=starts, quiet_to=ends)
    _check(kept, now, wrong)
    return kept


def leaves_at(
    session: Session, calendar: Calendar, tenant: str, person: str, now: datetime, *, urgent: bool, due: datetime | None
) -> datetime:
    """When something new may leave: at once when urgent, else with the next digest, or before when that is too late."""
    if urgent:
        return now
    chosen = preference(session, tenant, person)
    at = next_digest(chosen, calendar, now)
    return held_until(session, calendar, tenant, person, now if due is not None and due <= at else at)


def held_until(session: Session, calendar: Calendar, tenant: str, person: str, at: datetime) -> datetime:
    """`at`, or when the quiet hours, the half-day off or the pause that it falls into are over."""
    chosen = preference(session, tenant, person)
    at = max(at, chosen.paused_until or at)
    at = _after_quiet(chosen, calendar, at)
    return _after_quiet(chosen, calendar, unavailable_until(session, calendar, tenant, person, at))


def next_digest(chosen: Preference, calendar: Calendar, now: datetime) -> datetime:
    """The next of the digest hours; now when there are none: each notice then leaves by itself."""
    today = calendar.local(now).date()
    coming = (calendar.at(today + n * DAY, time.fromisoformat(hour)) for n in (0, 1) for hour in chosen.hours)
    return min((at for at in coming if at >= now), default=now)


def may_solicit(session: Session, clock: Clock, tenant: str, person: str) -> bool:
    """Whether somebody may be asked for one task more: neither away, nor in a pause, nor at their most of a week."""
    now, chosen = clock.now(), preference(session, tenant, person)
    if chosen.is_paused(now) or person in set(session.scalars(away(tenant), {"now": now})):
        return False
    return chosen.weekly_cap is None or times_asked(session, clock, tenant, person) < chosen.weekly_cap


def times_asked(session: Session, clock: Clock, tenant: str, person: str) -> int:
    """How often a person was asked for work in the last seven days."""
    row = ASKED.first(session, {"tenant": tenant, "person": person, "since": clock.now() - WEEK})
    return int(row.times)


def _after_quiet(chosen: Preference, calendar: Calendar, at: datetime) -> datetime:
    local = calendar.local(at)
    wall = f"{local:%H:%M}"
    if not chosen.is_quiet(wall):
        return at
    day = local.date() if wall < chosen.quiet_to else local.date() + DAY
    return calendar.at(day, time.fromisoformat(chosen.quiet_to))


def _wall(typed: str, field: str, wrong: dict[str, str]) -> str:
    """« 8h », « 8:30 » and « 08:30 » are wall times."""
    hours, _, minutes = typed.strip().lower().replace("h", ":").partition(":")
    try:
        return f"{time(int(hours), int(minutes or 0)):%H:%M}"
    except (ValueError, OverflowError):
        wrong[field] = "Écrivez une heure, par exemple 8:00."
        return ""


def _check(chosen: Preference, now: datetime, problems: dict[str, str]) -> None:
    if {chosen.email, chosen.push, chosen.sms} - WHEN.keys():
        problems["moyens"] = "Choisissez dans la liste."
    if len(chosen.hours) > MOST_HOURS:
        problems["heures"] = f"{MOST_HOURS} heures au plus."
    if chosen.weekly_cap is not None and not 0 < chosen.weekly_cap <= MOST_CAP:
        problems["plafond"] = f"Entre 1 et {MOST_CAP}, ou rien."
    if chosen.paused_until is not None and not now < chosen.paused_until <= now + LONGEST_PAUSE:
        problems["pause"] = "Un jour à venir, dans l’année."
    if problems:
        raise Invalid("Des réponses sont à revoir.", problems)
