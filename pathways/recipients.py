"""Whom a task is told to: who has it in hand, those of the circle who may answer it, else some who hold its role."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.sharing import circle
from care.tables import case
from engine.tables import task, task_candidate
from pathways.context import Context
from pathways.standing_in import COORDINATION, Roster
from people.notices import preferences
from people.sign_in import accounts
from people.tables import person as people
from people.tables import person_role

MOST_ASKED = 20
"""How many of a whole role are told of one task that is in nobody's circle; à valider localement."""
URGENT = 80
"""From this priority on a task is urgent: Zeebe's range is 0 to 100."""


def of_case(session: Session, context: Context, run: str) -> list[str]:
    """Those for whom the open tasks of a case wait."""
    columns = (task.c.id, task.c.assignee, case.c.patient)
    joined = task.join(case, (case.c.tenant == task.c.tenant) & (case.c.id == task.c.run))
    mine = (task.c.tenant == context.tenant, task.c.run == run, task.c.state == "open")
    found = Recipients(session, context)
    waiting = session.execute(select(*columns).select_from(joined).where(*mine)).all()
    return list(dict.fromkeys(person for row in waiting for person in found.of(row)))


@dataclass(frozen=True)
class Known:
    """What is known of somebody: `comes_in` when they have an account."""

    active: bool
    comes_in: bool


@dataclass(frozen=True)
class Waits:
    """For whom a task waits: people by name who can come in, else roles; `strangers` when those named cannot."""

    persons: list[str]
    roles: frozenset[str]
    strangers: bool
    coordination: bool


class Recipients:
    """Works it out for the tasks of one pass. Whoever is away is replaced, or left out."""

    def __init__(self, session: Session, context: Context) -> None:
        self.session, self.context, self.tenant = session, context, context.tenant
        self.roster = Roster(session, context.tenant, context.clock.now())
        self.asked: Counter[str] = Counter()
        self._willing: dict[str, tuple[bool, int]] = {}
        self._people: dict[str, Known] = {}

    def of(self, task: Any) -> list[str]:
        """`task` is a row with id, assignee and the case's patient. Nobody who cannot come in is told of anything."""
        waits = self._waits(task)
        return waits.persons or self._some_of(waits.roles)

    def is_out_of_reach(self, task: Any) -> bool:
        """Whether it waits for people who cannot come in, and for nobody else: it would wait for ever."""
        waits = self._waits(task)
        if waits.persons or waits.coordination or not (waits.strangers or waits.roles):
            return False
        return not any(self._can_come(role) for role in waits.roles)

    def _waits(self, task: Any) -> Waits:
        """By name or by the circle of care, else by roles that nobody of the circle answers for."""
        if task.assignee is not None:
            return self._named([task.assignee], frozenset())
        offered = self._offered(task.id)
        roles = frozenset(value for kind, value in offered if kind == "role")
        members = [one for one in circle.members(self.session, task.patient) if one.role in roles]
        held = [one for one in members if one.ground != circle.BY_LINK and self._attends(one.person)]
        named = [value for kind, value in offered if kind == "person"]
        return self._named([*named, *(one.person for one in held)], roles - {one.role for one in held})

    def _named(self, persons: Sequence[str], roles: frozenset[str]) -> Waits:
        present = self._present(persons)
        known = [one for one in present if self._known(one).comes_in]
        return Waits(known, roles, bool(present) and not known, COORDINATION in roles)

    @cached_property
    def coordinators(self) -> list[str]:
        """Who coordinates now: those who are there, else whoever replaces one of them."""
        there = self.roster.holders.get(COORDINATION, frozenset())
        replacing = self.roster.coordinator()
        return sorted(there) or ([replacing] if replacing else [])

    def _offered(self, task: str) -> list[tuple[str, str]]:
        mine = (task_candidate.c.tenant == self.tenant, task_candidate.c.task == task)
        found = self.session.execute(select(task_candidate.c.kind, task_candidate.c.value).where(*mine))
        return [(row.kind, row.value) for row in found]

    def _attends(self, person: str) -> bool:
        """Active, and there or replaced: the guard then shows the task to nobody else of the role."""
        there = person not in self.roster.away or person in self.roster.substitutes
        return there and self._known(person).active

    def _known(self, person: str) -> Known:
        """Looked up once for a whole pass."""
        if person not in self._people:
            comes_in = people.c.id.in_(accounts.owners(self.tenant))
            row = self.session.execute(select(people.c.active, comes_in).where(people.c.id == person)).one_or_none()
            self._people[person] = Known(False, False) if row is None else Known(row[0], row[0] and row[1])
        return self._people[person]

    def _can_come(self, role: str) -> bool:
        """Whether anybody active who holds a role has an account, be they away or in a pause."""
        held = select(person_role.c.person).join(people, people.c.id == person_role.c.person)
        mine = (person_role.c.tenant == self.tenant, person_role.c.role == role, people.c.active)
        wanted = held.where(*mine, people.c.id.in_(accounts.owners(self.tenant))).limit(1)
        return self.session.scalar(wanted) is not None

    def _present(self, persons: Iterable[str]) -> list[str]:
        """Those who are there, and who replaces the others."""
        away, substitutes = self.roster.away, self.roster.substitutes
        found = [substitutes.get(one) if one in away else one for one in persons]
        return list(dict.fromkeys(one for one in found if one))

    def _some_of(self, roles: Iterable[str]) -> list[str]:
        """Who was asked least this week comes first; nobody in a pause or at their most of the week."""
        holders = {one for role in roles for one in self.roster.holders.get(role, ())}
        willing = [one for one in holders if self._may_ask(one)]
        chosen = sorted(willing, key=lambda one: (self._willing[one][1] + self.asked[one], one))[:MOST_ASKED]
        self.asked.update(chosen)
        return chosen

    def _may_ask(self, person: str) -> bool:
        if person not in self._willing:
            asking = (self.session, self.context.clock, self.tenant, person)
            self._willing[person] = (preferences.may_solicit(*asking), preferences.times_asked(*asking))
        return self._willing[person][0]
