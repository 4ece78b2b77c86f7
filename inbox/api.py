"""The REST interface beside the professional's pages: the same rows, the same guard."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from inbox import schemas
from inbox.case import cases as dossiers
from inbox.case import one_case
from inbox.case.said import Said
from inbox.lists import queue as waiting_list
from inbox.lists.api import patient_of, row_of
from inbox.lists.counting import counts
from inbox.request import desk, finish
from inbox.task import choices, tasks
from inbox.task.boxes import boxes_of
from inbox.task.fields import flat
from inbox.task.page import Page, note_look, task_page

blueprint = Blueprint("api", __name__, url_prefix="/api", description="The professional's door")


@blueprint.get("/tasks/<task_id>")
@blueprint.response(200, schemas.Task)
def read_task(task_id: str) -> dict[str, Any]:
    """One task, with the fields of its form and what they hold already."""
    found = tasks.task_of(desk(), task_id)
    page = task_page(desk(), found)
    note_look(desk(), found.case, "task")
    return _task(page)


@blueprint.post("/tasks/<task_id>/completion")
@blueprint.arguments(schemas.Completion())
@blueprint.response(200, schemas.Completed)
def complete_task(body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Answer a task. 422 names the fields to look at again, 409 says that somebody else answered."""
    found = tasks.task_of(desk(), task_id, hold=True)
    tasks.complete(desk(), found, boxes_of(body["answers"]))
    finish(commit=True)
    following = waiting_list.following(desk())
    return {"task": task_id, "next": following, "remaining": counts(desk()).all}


@blueprint.post("/tasks/<task_id>/activities")
@blueprint.arguments(schemas.Beginning)
@blueprint.response(200, schemas.Task)
def begin_activity(body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Begin an activity that a task offers; completing the task says that nothing more is to be done."""
    choices.choose(desk(), tasks.task_of(desk(), task_id, hold=True), body["element"], body["seen"])
    return _task(task_page(desk(), tasks.task_of(desk(), task_id)))


@blueprint.post("/tasks/<task_id>/claim")
@blueprint.response(204)
def claim_task(task_id: str) -> None:
    """Take a task that is offered to a role."""
    tasks.claim(desk(), task_id)


@blueprint.post("/tasks/<task_id>/release")
@blueprint.response(204)
def release_task(task_id: str) -> None:
    """Give a task back to its role."""
    tasks.release(desk(), task_id)


@blueprint.get("/cases")
@blueprint.arguments(schemas.CaseQuery, location="query")
@blueprint.response(200, schemas.CasePage)
def read_cases(query: dict[str, Any]) -> dict[str, Any]:
    """The cases I may see: first what is due first; of ended ones first what ended last."""
    return _cases(query["list"])


@blueprint.post("/cases/search")
@blueprint.arguments(schemas.CaseSearch)
@blueprint.response(200, schemas.CasePage)
def search_cases(body: dict[str, Any]) -> dict[str, Any]:
    """The same, asked so that no word stands in an address."""
    finish(commit=False)
    return _cases(body["list"], body["q"])


@blueprint.get("/cases/<case_id>")
@blueprint.response(200, schemas.Case)
def read_case(case_id: str) -> dict[str, Any]:
    """One case: where it stands, what happened."""
    found = one_case.case_page(desk(), case_id)
    note_look(desk(), case_id, "case")
    told = {name: getattr(found, name) for name in ("version", "steps", "history")}
    return {**_case_row(found), **told, "answers": _said(found.answers)}


def _cases(tab: str, words: str = "") -> dict[str, Any]:
    rows, more = dossiers.cases(desk(), tab, words)
    return {"cases": [_case_row(row) for row in rows], "more": more}


def _task(page: Page) -> dict[str, Any]:
    fields = [field for field in flat(page.fields) if field.key]
    row = row_of(page.task, page.patient)
    activities = page.choice.options if page.choice else ()
    said = {"state": page.task.state, "assignee": page.task.assignee, "fields_": fields, "activities": activities}
    return {**row, **said, "answers": _said(page.answers)}


def _said(answers: Sequence[Said]) -> list[dict[str, Any]]:
    """The answers of a case, and how many of them this person is not shown."""
    return [
        {
            "title": one.title,
            "by": one.by,
            "at": one.at,
            "lines": [{"label": label, "value": value} for label, value in one.lines],
            "withheld": {"count": len(one.hidden), "categories": sorted(set(one.hidden)), "words": one.unseen},
        }
        for one in answers
    ]


def _case_row(row: Any) -> dict[str, Any]:
    names = ("id", "title", "standing", "opened_at", "closed_at")
    return {**{name: getattr(row, name) for name in names}, "patient": patient_of(row.patient)}
