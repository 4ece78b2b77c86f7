"""The REST interface of the cockpit: figures, what waits, load, a pathway's patients, the coordination's acts."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from dataclasses import asdict
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from admin.access import coordinating, coordination
from admin.cockpit import active, acts, load, overview, schemas, stations, waiting
from admin.cockpit.sheet import KINDS
from admin.cockpit.sheets import sheet_of
from admin.cockpit.wanted import Wanted
from base.errors import NotFound
from inbox.lists.schemas import LotLines
from inbox.request import context, desk, finish, require_sign_in

blueprint = Blueprint("cockpit_api", __name__, url_prefix="/api", description="The coordinator's cockpit")
blueprint.before_request(require_sign_in)
JSON = "application/json"
SHEETS = {kind.content_type.partition(";")[0]: name for name, kind in KINDS.items()}
"""The media types of spreadsheets."""
FILE = {"schema": {"type": "string", "format": "binary"}}


@blueprint.get("/cockpit")
@blueprint.response(200, schemas.Cockpit)
def read_cockpit() -> dict[str, Any]:
    """What is late, stuck, unanswered, in nobody's hands; and where the cases stand."""
    coordinating()
    return {"figures": overview.figures(desk()), "pathways": stations.ways(desk())}


@blueprint.get("/cockpit/tasks/<name>")
@blueprint.arguments(schemas.WaitingQuery, location="query")
@blueprint.response(200, schemas.WaitingPage)
def read_waiting(query: dict[str, str], name: str) -> waiting.Page:
    """The tasks of `en-retard`, `sans-reponse` or `personne`."""
    coordinating()
    if name not in waiting.LISTS:
        raise NotFound("Cette liste n’existe pas.")
    return waiting.page(desk(), name, query["after"])


@blueprint.post("/cockpit/tasks/entrust")
@blueprint.arguments(schemas.Entrusting)
@blueprint.response(200, LotLines)
def entrust(body: dict[str, Any]) -> dict[str, Any]:
    """Put tasks into somebody's hands, each in a transaction of its own; a line says what became of each."""
    asking = coordinating()
    finish(commit=False)
    return {"lines": acts.each(context(), asking, body["tasks"], acts.entrust_to(body["to"]))}


@blueprint.post("/runs/<case>/stop")
@blueprint.arguments(schemas.Stopping)
@blueprint.response(204)
def stop(body: dict[str, str], case: str) -> None:
    """End a case for good; 409 when it has ended."""
    coordination()
    acts.stop(desk(), case, body["reason"])


@blueprint.get("/cockpit/load")
@blueprint.response(200, schemas.Loads)
def read_load() -> dict[str, Any]:
    """Who has how much to do, and how they answered lately."""
    coordinating()
    who = desk()
    people = load.named(who.session, load.of(who.session, who.tenant, load.PERSON))
    professions = load.of(who.session, who.tenant, load.PROFESSION)
    return {
        "at": professions[0].at if professions else None,
        "people": [{**asdict(one), "name": known.display} for known, one in people],
        "professions": [{**asdict(one), "name": one.key} for one in professions],
    }


@blueprint.get("/pathways/<key>/active-patients")
@blueprint.arguments(schemas.ActiveQuery, location="query")
@blueprint.response(200, schemas.ActivePage)
@blueprint.doc(responses={"200": {"content": dict.fromkeys(SHEETS, FILE)}})
def read_active_patients(query: dict[str, str], key: str) -> ResponseReturnValue | active.Page:
    """The patients of a pathway as they are now, by page; as a spreadsheet (`Accept`) all of them, and it is noted."""
    asking = coordinating()
    wanted = Wanted(pathway=key, **query)
    kind = SHEETS.get(request.accept_mimetypes.best_match((JSON, *SHEETS)) or JSON)
    return sheet_of(asking, active.exported(desk(), wanted), kind) if kind else active.page(desk(), wanted)
