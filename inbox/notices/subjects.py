"""What a notice is about, said on the page alone: the task, its pathway and the patient, as far as the guard lets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from base.errors import Forbidden, NotFound
from care.tables import case as cases
from inbox.desk import Desk
from inbox.lists.statements import has_task, statements
from inbox.notices.wording import address
from inbox.patient import named
from people.notices.kinds import OF_TASK
from people.notices.rows import Notice


@dataclass(frozen=True)
class Subject:
    """Empty where this person may not know it; `url` leads to the task, to its case, or to where it is dealt with."""

    title: str
    pathway: str
    patient: str
    url: str


def subjects(desk: Desk, notices: Sequence[Notice]) -> dict[str, Subject]:
    """By the id of the notice."""
    tasks = _tasks(desk, {one.task for one in notices if one.task})
    sights = _cases(desk, {one.case for one in notices if one.case})
    patients = {row.patient for row in tasks.values() if row.seen} | {row.patient for row in sights.values()}
    names = {key: who.name for key, who in named(desk, patients).items()}
    return {one.id: _subject(one, tasks.get(one.task or ""), sights.get(one.case or ""), names) for one in notices}


def _subject(one: Notice, task: Any, case: Any, names: dict[str, str]) -> Subject:
    seen = task if task is not None and task.seen else case
    if seen is None:
        return Subject("", "", "", address(one))
    title = "" if task is None else task.name
    return Subject(title, seen.title, names.get(seen.patient, ""), _way(one, None if case is None else case.id))


def _way(one: Notice, case: str | None) -> str:
    """Who may not answer the task itself is led to its case."""
    return address(one) if one.kind in OF_TASK or case is None else f"/dossiers/{case}#echanges"


def _tasks(desk: Desk, ids: Collection[str]) -> dict[str, Any]:
    """These tasks; `seen` says whether the guard lets this person open them."""
    asked = statements(desk.person).task
    found = {key: asked.first(desk.session, {**desk.values, "id": key}) for key in ids}
    return {key: row for key, row in found.items() if row is not None}


def _cases(desk: Desk, ids: Collection[str]) -> dict[str, Any]:
    """Those of these cases that this person may open."""
    query = select(cases.c.id, cases.c.title, cases.c.patient, has_task(desk.person).label("involved"))
    found = desk.session.execute(query.where(cases.c.tenant == desk.tenant, cases.c.id.in_(ids)), desk.values)
    return {row.id: row for row in found if _may_open(desk, row.id, row.involved)}


def _may_open(desk: Desk, case: str, involved: bool) -> bool:
    try:
        return desk.sight(case, involved=involved).identity
    except (Forbidden, NotFound):
        return False
