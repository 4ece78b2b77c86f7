"""Whom a task is told to: who has it in hand, those of the circle who may answer it, else some who hold its role."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from care import circle
from care.tables import case
from engine.tables import task, task_candidate
from pathways.context import Context
from pathways.standing_in import COORDINATION, Roster
from people.notices import preferences

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


class Recipients:
    """Works it out for the tasks of one pass. Whoever is away is replaced, or left out."""

    def __init__(self, session: Session, context: Context) -> None:
        self.session, self.context, self.tenant = session, context, context.tenant
        self.roster = Roster(session, context.tenant, context.clock.now())
        self.asked: Counter[str] = Counter()
        self._willing: dict[str, tuple[bool, int]] = {}

    def of(self, task: Any) -> list[str]:
        """`task` is a row with id, assignee and the case's patient."""
        if task.assignee is not None:
            return self._present([task.assignee])
        offered = self._offered(task.id)
        roles = {value for kind, value in offered if kind == "role"}
        held = [one.person for one in circle.members(self.session, task.patient) if one.role in roles]
        named = [value for kind, value in offered if kind == "person"]
        return self._present([*named, *held]) or self._some_of(roles)

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
