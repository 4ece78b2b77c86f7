"""The addresses of the façade: what it can do, searches and reads; everything else is not supported."""

from urllib.parse import urlencode

from flask import Blueprint, Response, request

from base.errors import Invalid, NotFound
from inbox.fhir import bundles, capabilities, care_teams
from inbox.fhir import tasks as task_resources
from inbox.fhir.capabilities import GENERAL, PARAMETERS
from inbox.patient import patient_of
from inbox.request import desk, require_sign_in
from inbox.task import tasks as task_room
from inbox.task.page import note_look

blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
TASK_STATUSES = ("requested", "accepted", "completed")
OPEN = ("fhir.metadata",)


@blueprint.before_request
def sign_in() -> None:
    if request.endpoint not in OPEN:
        require_sign_in()


@blueprint.get("/metadata")
def metadata() -> Response:
    """What this façade can do."""
    return bundles.answer(capabilities.statement())


@blueprint.get("/Task")
def search_tasks() -> Response:
    """The tasks of the person who asks: `status`, `patient`; `owner` may only be themselves."""
    _check("Task")
    statuses = _statuses()
    owner = request.args.get("owner", "").removeprefix("Practitioner/")
    if owner and owner != desk().person.id:
        raise Invalid("owner : seules vos propres tâches sont servies.", {"owner": "Votre propre identifiant."})
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
        raise Invalid("patient : dites de qui.", {"patient": "Ce paramètre est attendu."})
    try:
        found = [care_teams.care_team(desk(), patient)]
    except NotFound:
        found = []
    return bundles.answer(bundles.searchset(found, request.url))


@blueprint.get("/CareTeam/<patient_id>")
def read_care_team(patient_id: str) -> Response:
    """The circle of care of one patient."""
    return bundles.answer(care_teams.care_team(desk(), patient_id))


def _check(kind: str) -> None:
    """Unknown parameters are left aside, as FHIR's lenient handling wants, unless the caller asks to be strict."""
    unknown = sorted(set(request.args) - PARAMETERS[kind].keys() - GENERAL)
    if unknown and "handling=strict" in request.headers.get("Prefer", ""):
        raise Invalid(f"Paramètre inconnu : {', '.join(unknown)}.", dict.fromkeys(unknown, "Inconnu ici."))


def _statuses() -> list[str]:
    asked = [one for one in request.args.get("status", "requested,accepted").split(",") if one]
    return [one for one in TASK_STATUSES if one in asked]


def _following(place: str) -> str:
    if not place:
        return ""
    asked = {name: value for name, value in request.args.items() if name != "_page"}
    return f"{request.base_url}?{urlencode({**asked, '_page': place})}"
