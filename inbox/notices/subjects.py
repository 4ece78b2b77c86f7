"""What a notice is about, said on the page alone: the task, its pathway and the patient, as far as the guard lets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from base.errors import Forbidden, NotFound
from care.tables import case as cases
from engine.tables import incident, run
from inbox import pathway
from inbox.desk import Desk
from inbox.lists.statements import has_task, statements
from inbox.notices.wording import address
from inbox.patient import named
from people.notices.kinds import OF_TASK, STOPPED, STUCK
from people.notices.rows import Notice

NAMED = {STOPPED, STUCK}
"""Of what was one's own, and of what is stuck for the coordination, pathway and step are told all the same."""


@dataclass(frozen=True)
class Subject:
    """Empty where this person may not know it; `url` leads to the task, to its case, or to where it is dealt with;
    `why` says why a task of theirs is gone.
    """

    title: str
    pathway: str
    patient: str
    url: str
    why: str = ""


@dataclass(frozen=True)
class Place:
    """A step that is stuck, with the names of a row of a task."""

    name: str
    title: str
    patient: str
    seen: bool = False


def subjects(desk: Desk, notices: Sequence[Notice]) -> dict[str, Subject]:
    """By the id of the notice."""
    tasks = _tasks(desk, {one.task for one in notices if one.task})
    stuck = _stuck(desk, {one.about for one in notices if one.kind == STUCK})
    sights = _cases(desk, {one.case for one in notices if one.case})
    patients = {row.patient for row in tasks.values() if row.seen} | {row.patient for row in sights.values()}
    names = {key: who.name for key, who in named(desk, patients).items()}
    places = {one.id: stuck.get(one.about) or tasks.get(one.task or "") for one in notices}
    ends = _ends(desk, {one.case for one in notices if one.case and one.kind == STOPPED})
    found = {one.id: _subject(one, places[one.id], sights.get(one.case or ""), names) for one in notices}
    return {one.id: replace(found[one.id], why=ends.get(one.case or "", "")) for one in notices}


def _subject(one: Notice, place: Any, case: Any, names: dict[str, str]) -> Subject:
    is_open = case is not None or (place is not None and place.seen)
    known = place if place is not None and (place.seen or one.kind in NAMED) else case
    if known is None:
        return Subject("", "", "", address(one))
    patient = names.get(known.patient, "") if is_open else ""
    url = _way(one, case.id if case else None, place is not None and place.seen)
    return Subject("" if place is None else place.name, known.title, patient, url)


def _way(one: Notice, case: str | None, seen: bool) -> str:
    """Who may not answer the task itself is led to its case; to the task that is gone, where their draft is."""
    if one.kind == STOPPED and seen:
        return f"/taches/{one.task}"
    if case is None or one.kind in OF_TASK or one.kind == STUCK:
        return address(one)
    return f"/dossiers/{case}" if one.kind == STOPPED else f"/dossiers/{case}#echanges"


def _tasks(desk: Desk, ids: Collection[str]) -> dict[str, Any]:
    """These tasks; `seen` says whether the guard lets this person open them."""
    asked = statements(desk.person).task
    found = {key: asked.first(desk.session, {**desk.values, "id": key}) for key in ids}
    return {key: row for key, row in found.items() if row is not None}


def _stuck(desk: Desk, ids: Collection[str]) -> dict[str, Place]:
    """Where these incidents stand."""
    columns = (incident.c.id, incident.c.element, run.c.definition, cases.c.title, cases.c.patient)
    of_run = (run.c.tenant == incident.c.tenant) & (run.c.id == incident.c.run)
    of_case = (cases.c.tenant == incident.c.tenant) & (cases.c.id == incident.c.run)
    query = select(*columns).select_from(incident.join(run, of_run).join(cases, of_case))
    rows = desk.session.execute(query.where(incident.c.tenant == desk.tenant, incident.c.id.in_(ids))) if ids else ()
    return {row.id: Place(_step(desk, row.definition, row.element), row.title, row.patient) for row in rows}


def _step(desk: Desk, digest: str, element: str) -> str:
    found = pathway.elements(desk.context.engine.definition(desk.session, digest)).get(element)
    return "" if found is None else found.name


def _cases(desk: Desk, ids: Collection[str]) -> dict[str, Any]:
    """Those of these cases that this person may open."""
    query = select(cases.c.id, cases.c.title, cases.c.patient, has_task(desk.person).label("involved"))
    found = desk.session.execute(query.where(cases.c.tenant == desk.tenant, cases.c.id.in_(ids)), desk.values)
    return {row.id: row for row in found if _may_open(desk, row.id, row.involved)}


def _ends(desk: Desk, ids: Collection[str]) -> dict[str, str]:
    """What was said of these cases when they were stopped."""
    query = select(cases.c.id, cases.c.outcome).where(cases.c.tenant == desk.tenant, cases.c.id.in_(ids))
    return {row.id: row.outcome or "" for row in desk.session.execute(query)} if ids else {}


def _may_open(desk: Desk, case: str, involved: bool) -> bool:
    try:
        return desk.sight(case, involved=involved).identity
    except (Forbidden, NotFound):
        return False
