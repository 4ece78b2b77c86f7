"""The addresses of the façade: capability statement, searches and reads; everything else is not supported."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from base.errors import Invalid, JalonError, NotFound
from inbox.fhir import bundles, care_teams
from inbox.fhir import tasks as task_resources
from inbox.patient import patient_of
from inbox.request import desk, finish, require_sign_in
from inbox.task import tasks as task_room
from inbox.task.page import note_look

blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
TASK_STATUSES = ("requested", "accepted", "completed")
PARAMETERS = {"Task": {"status", "owner", "patient", "_page", "_format"}, "CareTeam": {"patient", "subject", "_format"}}
OPEN = ("fhir.metadata",)


@blueprint.before_request
def sign_in() -> None:
    if request.endpoint not in OPEN:
        require_sign_in()


@blueprint.errorhandler(JalonError)
def refuse(error: JalonError) -> Response:
    """In FHIR's words what the responder says to others."""
    finish(commit=False)
    return bundles.answer(bundles.outcome(error.status, error.code, error.message), error.status)


@blueprint.get("/metadata")
def metadata() -> Response:
    """What this façade can do."""
    return bundles.answer(capabilities())


@blueprint.get("/Task")
def search_tasks() -> Response:
    """The tasks of the person who asks: `status`, `patient`; `owner` may only be themselves."""
    _check("Task")
    statuses = _statuses()
    owner = request.args.get("owner", "").removeprefix("Practitioner/")
    if owner and owner != desk().person.id:
        raise Invalid("owner : seules vos propres tâches sont servies.", {"owner": "Votre propre identifiant."})
    patient = request.args.get("patient", "").removeprefix("Patient/")
    found, following = task_resources.search(desk(), statuses, patient, request.args.get("_page", ""))
    return bundles.answer(bundles.searchset(found, request.url, _following(following)))


@blueprint.get("/Task/<task_id>")
def read_task(task_id: str) -> Response:
    """One task that the person may open; the look is noted."""
    found = task_room.task_of(desk(), task_id)
    who = patient_of(desk(), found.patient)
    note_look(desk(), found.case, "task")
    return bundles.answer(task_resources.resource(desk(), found, who.name))


@blueprint.get("/CareTeam")
def search_care_teams() -> Response:
    """The circle of care of one patient."""
    _check("CareTeam")
    patient = (request.args.get("patient") or request.args.get("subject") or "").removeprefix("Patient/")
    if not patient:
        raise Invalid("patient : dites de qui.", {"patient": "Ce paramètre est attendu."})
    try:
        found = [care_teams.care_team(desk(), patient)]
    except NotFound:
        found = []
    return bundles.answer(bundles.searchset(found, request.url))


@blueprint.get("/CareTeam/<patient_id>")
def read_care_team(patient_id: str) -> Response:
    """The circle of care of one patient."""
    return bundles.answer(care_teams.care_team(desk(), patient_id))


def capabilities() -> dict[str, Any]:
    """A CapabilityStatement that says what the routes above do, no more."""

    def resource(kind: str, *parameters: tuple[str, str]) -> dict[str, Any]:
        search = [{"name": name, "type": of} for name, of in parameters]
        return {"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": search}

    tasks = resource("Task", ("status", "token"), ("owner", "reference"), ("patient", "reference"))
    teams = resource("CareTeam", ("patient", "reference"), ("subject", "reference"))
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "Jalon"},
        "implementation": {"description": "Façade FHIR de Jalon, en lecture seule", "url": bundles.base()},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "La session de la personne (POST /api/session)."},
                "resource": [tasks, teams],
            }
        ],
    }


def _check(kind: str) -> None:
    """Unknown parameters are left aside, as FHIR's lenient handling wants, unless the caller asks to be strict."""
    unknown = sorted(set(request.args) - PARAMETERS[kind])
    if unknown and "handling=strict" in request.headers.get("Prefer", ""):
        raise Invalid(f"Paramètre inconnu : {', '.join(unknown)}.", dict.fromkeys(unknown, "Inconnu ici."))


def _statuses() -> list[str]:
    asked = [one for one in request.args.get("status", "requested,accepted").split(",") if one]
    return [one for one in TASK_STATUSES if one in asked]


def _following(place: str) -> str:
    if not place:
        return ""
    asked = {name: value for name, value in request.args.items() if name != "_page"}
    return f"{request.base_url}?{urlencode({**asked, '_page': place})}"
