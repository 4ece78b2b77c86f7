"""Where the cases stand: for each pathway its steps in their order, with how many cases are at each and are late."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import BindParameter, Integer, bindparam, func, select
from sqlalchemy import case as when

from admin.cockpit.cases import COUNTED, running_counts, said
from base.conditions import has_row
from base.database import Instant
from base.prepared import Query
from care.tables import case
from engine.tables import task, token
from inbox import pathway as drawn
from inbox.desk import Desk
from pathways import catalogue

NOW, MOST = bindparam("now", type_=Instant()), bindparam("most", type_=Integer())
ELEMENT: BindParameter[str] = bindparam("element")
earlier = token.alias("earlier")
SHOWN = 6


@dataclass(frozen=True)
class Station:
    """A step where cases stand; of them `late` wait here for a task that is late."""

    element: str
    name: str
    cases: int
    late: int

    @property
    def figure(self) -> str:
        return said(self.cases)

    @property
    def words(self) -> str:
        """« 11 dossiers, Premiers soins, dont 3 en retard »"""
        late = f", dont {said(self.late)} en retard" if self.late else ""
        return f"{self.figure} dossier{'s' if self.cases > 1 else ''}, {self.name}{late}"


@dataclass(frozen=True)
class Way:
    """A pathway with its steps; `more` are steps left out, where fewer cases stand."""

    key: str
    title: str
    running: int
    stations: Sequence[Station]
    more: int = 0


def ways(desk: Desk) -> list[Way]:
    """The pathways in which cases run, the busiest first."""
    running = running_counts(desk.session, desk.tenant)
    standing = set(_elements(desk))
    versions = [one for one in catalogue.in_force(desk.session, desk.tenant) if running.get(one.key)]
    titles = catalogue.titles(desk.session, desk.tenant)
    found = [_way(desk, one, titles[one.key], running[one.key], standing) for one in versions]
    return sorted(found, key=lambda way: (-way.running, way.title))


def _way(desk: Desk, version: catalogue.Version, title: str, running: int, standing: set[str]) -> Way:
    definition = desk.context.engine.definition(desk.session, version.digest)
    steps = [one for one in drawn.steps(definition, version.process) if one.id in standing]
    found = [
        _station(desk, version.key, step.id, step.properties.get(drawn.LABEL) or step.name or step.id) for step in steps
    ]
    busy = [one for one in found if one.cases]
    kept = {one.element for one in sorted(busy, key=lambda one: -one.cases)[:SHOWN]}
    shown = [one for one in busy if one.element in kept]
    return Way(version.key, title, running, shown, len(busy) - len(shown))


def _station(desk: Desk, key: str, element: str, name: str) -> Station:
    values = {"element": element, "pathway": key, "now": desk.now, "most": COUNTED + 1}
    row = _standing(desk.tenant).first(desk.session, values)
    return Station(element, name, row.cases, row.late)


@lru_cache(maxsize=8)
def _standing(tenant: str) -> Query:
    """How many cases stand at a step, hardly beyond COUNTED, and how many of those are late."""
    here = (token.c.tenant == tenant, token.c.element == ELEMENT)
    still = (case.c.tenant == tenant, case.c.pathway == bindparam("pathway"), case.c.closed_at.is_(None))
    follows = has_row(select(case.c.id).where(*still, case.c.id == token.c.run))
    before = (earlier.c.tenant == tenant, earlier.c.run == token.c.run, earlier.c.id < token.c.id)
    is_first = ~has_row(select(earlier.c.id).where(*before, earlier.c.element == ELEMENT))
    few = select(token.c.run).where(*here, is_first, follows).limit(MOST).subquery()
    due = (task.c.tenant == tenant, task.c.run == few.c.run, task.c.state == "open", task.c.due_at < NOW)
    late = when((has_row(select(task.c.id).where(*due, task.c.element == ELEMENT)), 1), else_=0)
    return Query(select(func.count().label("cases"), func.coalesce(func.sum(late), 0).label("late")).select_from(few))


def _elements(desk: Desk) -> list[str]:
    return [row.element for row in _all_elements(desk.tenant).all(desk.session, {})]


@lru_cache(maxsize=8)
def _all_elements(tenant: str) -> Query:
    """The elements where anything stands, from one to the next by their index."""
    first = select(func.min(token.c.element).label("element")).where(token.c.tenant == tenant)
    listed = first.cte("standing", recursive=True)
    after = select(func.min(token.c.element)).where(token.c.tenant == tenant, token.c.element > listed.c.element)
    listed = listed.union_all(select(after.scalar_subquery()).where(listed.c.element.is_not(None)))
    return Query(select(listed.c.element).where(listed.c.element.is_not(None)))
