"""The REST interface of the lists: read, searched, kept as views, followed, acted on at once."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint

from inbox.lists import bulk, counting, follows, queue, schemas, views
from inbox.lists.wanted import COLUMN, Wanted
from inbox.patient import Who
from inbox.request import context, desk, finish, person, require_sign_in

blueprint = Blueprint("list_api", __name__, url_prefix="/api", description="The lists of tasks")
blueprint.before_request(require_sign_in)
ACTS = {"claim": bulk.take, "follow": bulk.follow, "complete": bulk.complete}
NAMES = {
    "list": "liste", "q": "q", "pathway": "parcours", "commune": "commune", "role": "role", "urgency": "urgence",
    "due": "echeance", "sort": "tri", "after": "apres",
}  # fmt: skip


@blueprint.get("/tasks")
@blueprint.arguments(schemas.Addressed, location="query")
@blueprint.response(200, schemas.TaskPage)
def read_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """A list, late first unless it is put in another order."""
    return _page(wanted_of(query))


@blueprint.post("/tasks/search")
@blueprint.arguments(schemas.Narrowed)
@blueprint.response(200, schemas.TaskPage)
def search_tasks(body: dict[str, Any]) -> dict[str, Any]:
    """The same, asked so that no word stands in an address."""
    finish(commit=False)
    return _page(wanted_of(body))


@blueprint.get("/views")
@blueprint.response(200, schemas.Views)
def read_views() -> dict[str, Any]:
    """One's own saved views, and those shared with one's roles."""
    return {"views": views.views(desk())}


@blueprint.post("/views")
@blueprint.arguments(schemas.View)
@blueprint.response(201, schemas.View)
def save_view(body: dict[str, Any]) -> views.View:
    """Keep a view; the coordination alone shares one with a role."""
    narrowed = schemas.Narrowed().load(body["narrowed"])
    return views.view(desk(), views.save(desk(), body["name"], wanted_of(narrowed), body["role"] or ""))


@blueprint.get("/views/<view_id>/tasks")
@blueprint.response(200, schemas.TaskPage)
def read_view(view_id: str) -> dict[str, Any]:
    """A list as it was saved."""
    return _page(views.view(desk(), view_id).wanted)


@blueprint.delete("/views/<view_id>")
@blueprint.response(204)
def remove_view(view_id: str) -> None:
    """Take one's own view away."""
    views.remove(desk(), view_id)


@blueprint.post("/tasks/bulk")
@blueprint.arguments(schemas.Lot)
@blueprint.response(200, schemas.LotLines)
def act_on_tasks(body: dict[str, Any]) -> dict[str, Any]:
    """One act on many tasks, each in a transaction of its own; a line says what became of each."""
    finish(commit=False)
    act = ACTS.get(body["act"]) or bulk.hand_to(body["to"])
    return {"lines": bulk.each(context(), person(), body["tasks"], act)}


@blueprint.put("/cases/<case_id>/follow")
@blueprint.response(204)
def follow_case(case_id: str) -> None:
    """Follow a case: its open tasks stand in the list `suivies`."""
    follows.begin(desk(), case_id)


@blueprint.delete("/cases/<case_id>/follow")
@blueprint.response(204)
def unfollow_case(case_id: str) -> None:
    """Follow nothing of a case any more."""
    follows.end(desk(), case_id)


def wanted_of(said: dict[str, Any]) -> Wanted:
    own = {f"{COLUMN}{name}": value for name, value in said.get("columns", {}).items()}
    return Wanted.read({french: said.get(name, "") for name, french in NAMES.items()} | own)


def row_of(row: Any, who: Who) -> dict[str, Any]:
    """A task as the lists name it."""
    return {
        "id": row.id, "case": row.case, "title": row.title, "pathway": row.pathway, "patient": patient_of(who),
        "why": row.why, "created_at": row.created_at, "due_at": row.due_at, "urgency": row.urgency,
    }  # fmt: skip


def patient_of(who: Who) -> dict[str, Any]:
    return {"name": who.name, "birth_date": who.birth_date, "sex": who.sex, "identity_status": who.status}


def _page(wanted: Wanted) -> dict[str, Any]:
    own = counting.mine(desk())
    counted, found = counting.counts(desk(), own), queue.queue(desk(), wanted, own)
    counts = {"moi": counted.mine, "roles": counted.roles, "retard": counted.late, "suivies": follows.count(desk())}
    rows = [row_of(row, row.patient) for row in found.rows]
    told = {"more": found.more, "after": found.after, "cut": found.cut, "meant": found.meant}
    return {"tasks": rows, **told, "counts": counts}
