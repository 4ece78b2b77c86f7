"""The REST interface beside the professional's pages: the same rows, the same guard."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint

from inbox import cases as dossiers
from inbox import choices, schemas, tasks
from inbox import queue as waiting_list
from inbox.fields import flat
from inbox.page import Page, note_look, task_page
from inbox.patient import Who
from inbox.request import desk, finish

blueprint = Blueprint("api", __name__, url_prefix="/api", description="The professional's door")


@blueprint.get("/tasks")
@blueprint.arguments(schemas.TaskQuery, location="query")
@blueprint.response(200, schemas.TaskPage)
def read_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """What waits for me, late first."""
    counted = waiting_list.counts(desk())
    rows, more = waiting_list.queue(desk(), query["list"], query["q"], query["after"])
    counts = {"moi": counted.mine, "roles": counted.roles, "retard": counted.late}
    return {"tasks": [_row(row, row.patient) for row in rows], "more": more, "counts": counts}


@blueprint.get("/tasks/<task_id>")
@blueprint.response(200, schemas.Task)
def read_task(task_id: str) -> dict[str, Any]:
    """One task, with the fields of its form and what they hold already."""
    found = tasks.task_of(desk(), task_id)
    page = task_page(desk(), found)
    note_look(desk(), found.case, "task")
    return _task(page)


@blueprint.post("/tasks/<task_id>/completion")
@blueprint.arguments(schemas.Completion)
@blueprint.response(200, schemas.Completed)
def complete_task(body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Answer a task. 422 names the fields to look at again, 409 says that somebody else answered."""
    found = tasks.task_of(desk(), task_id)
    tasks.complete(desk(), found, _boxes(body["answers"]))
    finish(commit=True)
    following = waiting_list.following(desk())
    return {"task": task_id, "next": following, "remaining": waiting_list.counts(desk()).all}


@blueprint.post("/tasks/<task_id>/activities")
@blueprint.arguments(schemas.Beginning)
@blueprint.response(200, schemas.Task)
def begin_activity(body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Begin an activity that a task offers; completing the task says that nothing more is to be done."""
    choices.choose(desk(), tasks.task_of(desk(), task_id), body["element"], body["seen"])
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
    """The cases I may see."""
    rows, more = dossiers.cases(desk(), query["list"], query["q"])
    return {"cases": [_case_row(row) for row in rows], "more": more}


@blueprint.get("/cases/<case_id>")
@blueprint.response(200, schemas.Case)
def read_case(case_id: str) -> dict[str, Any]:
    """One case and where it stands."""
    found = dossiers.case_page(desk(), case_id)
    note_look(desk(), case_id, "case")
    return {**_case_row(found), "version": found.version, "steps": found.steps}


def _task(page: Page) -> dict[str, Any]:
    fields = [field for field in flat(page.fields) if field.key]
    row = _row(page.task, page.patient)
    activities = page.choice.options if page.choice else ()
    said = {"state": page.task.state, "assignee": page.task.assignee, "fields_": fields, "activities": activities}
    return {**row, **said}


def _row(row: Any, who: Who) -> dict[str, Any]:
    names = ("id", "case", "title", "pathway", "why", "created_at", "due_at", "urgency")
    return {**{name: getattr(row, name) for name in names}, "patient": _patient(who)}


def _case_row(row: Any) -> dict[str, Any]:
    names = ("id", "title", "standing", "opened_at", "closed_at")
    return {**{name: getattr(row, name) for name in names}, "patient": _patient(row.patient)}


def _patient(who: Who) -> dict[str, Any]:
    return {"name": who.name, "birth_date": who.birth_date, "sex": who.sex, "identity_status": who.status}


def _boxes(answers: dict[str, Any]) -> dict[str, str | list[str]]:
    """JSON values as the texts that a form would post; an object's keys are joined by dots."""
    boxes: dict[str, str | list[str]] = {}
    for key, value in answers.items():
        if isinstance(value, dict):
            boxes |= {f"{key}.{inner}": text for inner, text in _boxes(value).items()}
        elif value is not None:
            boxes[key] = [_text(one) for one in value] if isinstance(value, list) else _text(value)
    return boxes


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
