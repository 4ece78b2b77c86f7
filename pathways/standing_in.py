"""Moves the tasks of the absent: to their substitute or by the pathway's rule, and back to them when they return.

Whoever practises here no longer is absent for good, and nobody stands in for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from base.database import insert_into
from base.errors import Conflict, JalonError, NotFound
from engine import decisions
from engine.decisions import Decisions
from engine.tables import task, task_candidate
from pathways.context import Context
from pathways.tables import moved_task as moved
from people.notices.kinds import HANDED
from people.notices.rows import tell
from people.rosters.standing_in import away, departed
from people.rosters.tables import stand_in
from people.sign_in import accounts
from people.tables import person, person_role

ACTOR = "system:absence"
DECISION = "reaffectation"
SHIPPED = Path(__file__).parents[1] / "bpmn" / "conges" / "decisions" / f"{DECISION}.dmn"
SUBSTITUTE, TEAM, COORDINATION = "remplacant", "equipe", "coordinateur"
AT_ONCE = 200
log = structlog.get_logger()


@dataclass(frozen=True)
class Place:
    """Where a task stands, and whose it is by rights."""

    task: str
    definition: str
    priority: int
    assignee: str | None
    origin: str
    way: str | None


@dataclass(frozen=True)
class Move:
    """Where a task goes: into the hands of `after`, or into its roles' (None); `way` is None when it goes home."""

    place: Place
    after: str | None
    way: str | None


def sweep(context: Context, limit: int = AT_ONCE) -> int:
    """Put every task where the absences of this moment want it; how many were moved.

    Each task in its own transaction: one whose case another worker holds is left to the next pass.
    """
    with context.database.read() as session:
        roster = Roster(session, context.tenant, context.clock.now())
        stale = _stale(session, context.tenant)
        wanted = [move for place in _places(session, roster, limit) if (move := _move(session, context, roster, place))]
    if stale:
        with context.database.begin() as session:
            session.execute(delete(moved).where(moved.c.tenant == context.tenant, moved.c.task.in_(stale)))
    return sum(_alone(context, move) for move in wanted)


def arriving(session: Session, tenant: str, holder: str) -> dict[str, int]:
    """How many tasks a person has in hand for each of those who are away."""
    theirs = (moved.c.tenant == tenant, moved.c.holder == holder, task.c.assignee == holder, task.c.state == "open")
    counted = select(moved.c.origin, func.count()).join(task, _same()).where(*theirs).group_by(moved.c.origin)
    return {str(origin): int(count) for origin, count in session.execute(counted)}


class Roster:
    """Who is away, who stands in for them, who is there: few people, read once for a whole pass."""

    def __init__(self, session: Session, tenant: str, now: datetime) -> None:
        self.session, self.tenant, self.now = session, tenant, now
        self.away = frozenset(session.scalars(away(tenant).union(departed(tenant)), {"now": now}))

    @cached_property
    def substitutes(self) -> Mapping[str, str]:
        running = (stand_in.c.tenant == self.tenant, stand_in.c.since <= self.now, stand_in.c.until > self.now)
        found = select(stand_in.c.person, stand_in.c.stand_in).join(person, person.c.id == stand_in.c.stand_in)
        return {row.person: row.stand_in for row in self.session.execute(found.where(*running, person.c.active))}

    @cached_property
    def holders(self) -> Mapping[str, frozenset[str]]:
        """By role, the active persons who are there, can come in and hold it."""
        found: dict[str, set[str]] = {}
        held = select(person_role.c.role, person_role.c.person).join(person, person.c.id == person_role.c.person)
        known = (person_role.c.tenant == self.tenant, person.c.active, person.c.id.in_(accounts.owners(self.tenant)))
        for role, one in self.session.execute(held.where(*known)):
            if one not in self.away:
                found.setdefault(role, set()).add(one)
        return {role: frozenset(persons) for role, persons in found.items()}

    @cached_property
    def origins(self) -> frozenset[str]:
        """Those whose tasks were moved and who are still active."""
        theirs = select(moved.c.origin).where(moved.c.tenant == self.tenant)
        return frozenset(self.session.scalars(select(person.c.id).where(person.c.id.in_(theirs), person.c.active)))

    def is_back(self, origin: str) -> bool:
        return origin not in self.away and origin in self.origins

    def coordinator(self) -> str | None:
        """Whoever of the coordination is there and has least in hand; else who stands in for one of them."""
        there = self.holders.get(COORDINATION, frozenset())
        if there:
            mine = (task.c.tenant == self.tenant, task.c.state == "open", task.c.assignee.in_(there))
            counted = select(task.c.assignee, func.count()).where(*mine).group_by(task.c.assignee)
            load = {str(one): int(count) for one, count in self.session.execute(counted)}
            return min(there, key=lambda one: (load.get(one, 0), one))
        held = select(person_role.c.person).where(
            person_role.c.tenant == self.tenant, person_role.c.role == COORDINATION
        )
        replaced = sorted(one for one in self.session.scalars(held) if one in self.substitutes)
        return self.substitutes[replaced[0]] if replaced else None


def _places(session: Session, roster: Roster, limit: int) -> Iterator[Place]:
    """The open tasks of somebody absent, and those that an absence moved, the longest ago first."""
    columns = (
        task.c.id,
        task.c.definition,
        task.c.priority,
        task.c.assignee,
        moved.c.origin,
        moved.c.holder,
        moved.c.way,
    )
    is_open = (task.c.tenant == roster.tenant, task.c.state == "open")
    missing = or_(*(task.c.assignee.in_(found(roster.tenant)) for found in (away, departed)))
    held = select(*columns).join(moved, _same(), isouter=True).where(*is_open, missing)
    known = select(*columns).join(moved, _same()).where(*is_open)
    found = {row.id: row for row in session.execute(known.order_by(moved.c.moved_at, task.c.id))}
    if roster.away:
        found |= {row.id: row for row in session.execute(held.limit(limit), {"now": roster.now})}
    for row in found.values():
        untouched = row.origin is not None and row.holder == row.assignee
        if untouched or row.assignee in roster.away:
            origin = row.origin if untouched else row.assignee
            yield Place(row.id, row.definition, row.priority, row.assignee, origin, row.way if untouched else None)


def _move(session: Session, context: Context, roster: Roster, place: Place) -> Move | None:
    """Where a task goes now, or None where it stands well."""
    if roster.is_back(place.origin):
        return Move(place, place.origin, None)
    if place.way is not None and _stands_well(roster, place):
        return None
    way = _way(session, context, roster, place)
    after = _taker(roster, place, way)
    return None if place.way is not None and after == place.assignee else Move(place, after, way)


def _stands_well(roster: Roster, place: Place) -> bool:
    substitute = roster.substitutes.get(place.origin)
    if place.way == SUBSTITUTE:
        return substitute == place.assignee
    return substitute is None and place.assignee not in roster.away


def _taker(roster: Roster, place: Place, way: str) -> str | None:
    if way == SUBSTITUTE:
        return roster.substitutes.get(place.origin)
    if way == COORDINATION:
        return roster.coordinator()
    return None


def _way(session: Session, context: Context, roster: Roster, place: Place) -> str:
    """What the pathway's own rule decides, else the shipped one; a rule that fails gives the task back to its roles."""
    own = context.engine.definition(session, place.definition).decisions.get(DECISION)
    known = {
        "remplacant": place.origin in roster.substitutes,
        "equipe": _has_team(session, roster, place),
        "priorite": _priority(place.priority),
    }
    try:
        value = (own or _shipped()).evaluate(DECISION, known, now=roster.now).value
    except JalonError as error:
        log.warning("absence_rule_failed", definition=place.definition, error=type(error).__name__)
        return TEAM
    chosen = value.get("destinataire") if isinstance(value, Mapping) else value
    return chosen if isinstance(chosen, str) and chosen in (SUBSTITUTE, COORDINATION) else TEAM


def _has_team(session: Session, roster: Roster, place: Place) -> bool:
    offered = (task_candidate.c.tenant == roster.tenant, task_candidate.c.task == place.task)
    roles = session.scalars(select(task_candidate.c.value).where(*offered, task_candidate.c.kind == "role"))
    return any(roster.holders.get(role) for role in roles)


def _priority(priority: int) -> str:
    """Zeebe's range is 0 to 100 and 50 is ordinary."""
    return "p1" if priority >= 80 else "p2" if priority > 50 else "p3"


@cache
def _shipped() -> Decisions:
    return decisions.read(SHIPPED.read_bytes())


def _alone(context: Context, move: Move) -> bool:
    """In a transaction of its own; what came at the wrong moment is tried again by the next pass."""
    try:
        with context.database.begin() as session:
            _carry_out(session, context, move)
    except (Conflict, NotFound, SQLAlchemyError) as error:
        log.warning("absence_skipped_task", error=type(error).__name__)
        return False
    return True


def _carry_out(session: Session, context: Context, move: Move) -> None:
    place = move.place
    if move.after != place.assignee:
        context.engine.assign(session, task=place.task, before=place.assignee, after=move.after, actor=ACTOR)
    if move.way is None:
        session.execute(delete(moved).where(moved.c.tenant == context.tenant, moved.c.task == place.task))
        return
    now = context.clock.now()
    if move.way == COORDINATION and move.after is not None:
        about = f"{place.task}:{place.origin}"
        tell(session, context.clock, context.tenant, move.after, HANDED, task=place.task, about=about)
    kept = {"origin": place.origin, "holder": move.after, "way": move.way, "moved_at": now}
    written = insert_into(session, moved).values(tenant=context.tenant, task=place.task, **kept)
    session.execute(written.on_conflict_do_update(index_elements=["tenant", "task"], set_=kept))


def _stale(session: Session, tenant: str) -> list[str]:
    """What is finished, or was put elsewhere by somebody, is no longer ours to give back."""
    elsewhere = func.coalesce(task.c.assignee, "") != func.coalesce(moved.c.holder, "")
    gone = (task.c.state != "open") | elsewhere
    return list(session.scalars(select(moved.c.task).join(task, _same()).where(moved.c.tenant == tenant, gone)))


def _same() -> ColumnElement[bool]:
    return and_(task.c.tenant == moved.c.tenant, task.c.id == moved.c.task)
