"""The REST interface beside the screens of the clinical lead: the same rows, the same rights."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from admin import follow, parameters, schemas
from admin.access import author, coordination, follower
from admin.atelier import drop_draft, keep
from admin.cockpit import cases
from admin.cockpit.case_list import check_may_search
from admin.cockpit.wanted import Wanted
from admin.findings import as_json
from admin.overtaken import hold
from admin.versions import NUMBER, changed, make_draft, pending
from base.errors import NotFound
from inbox.request import context, desk, require_sign_in, session
from pathways import catalogue
from pathways.differences import Differences
from webhooks import receptions

blueprint = Blueprint("admin_api", __name__, url_prefix="/api", description="The clinical lead's door")
blueprint.before_request(require_sign_in)


@blueprint.get("/pathways")
@blueprint.response(200, schemas.PathwayRow(many=True))
def pathways() -> list[dict[str, Any]]:
    """Every pathway."""
    author()
    running = cases.running_counts(session(), context().tenant)
    lines = catalogue.listing(session(), context().tenant)
    return [{**asdict(line), "running": running.get(line.key, 0)} for line in lines]


@blueprint.get("/pathways/<key>")
@blueprint.response(200, schemas.Pathway)
def pathway(key: str) -> dict[str, Any]:
    """One pathway, with its versions and its files."""
    author()
    tenant = context().tenant
    line, package = _line(key), catalogue.draft(session(), tenant, key)
    return {
        **asdict(line),
        "running": cases.running_counts(session(), tenant).get(key, 0),
        "versions": catalogue.history(session(), tenant, key),
        "files": sorted(package.files),
        "revision": package.digest,
    }


@blueprint.put("/pathways/<key>/draft")
@blueprint.arguments(schemas.Draft)
@blueprint.response(200, schemas.SavedDraft)
def save_draft(said: dict[str, str], key: str) -> dict[str, Any]:
    """Keep a diagram as the draft, and say what the checks find in it.

    409 with the `revision` that stands there when somebody has written after the one that you say; without one, when
    the draft is a colleague's.
    """
    revision = keep(key, said["diagram"].encode(), said.get("revision"))
    return {**as_json(catalogue.check_draft(session(), context(), key)), "revision": revision}


@blueprint.delete("/pathways/<key>/draft")
@blueprint.arguments(schemas.Seen, location="query")
@blueprint.response(204)
def discard_draft(said: dict[str, str], key: str) -> None:
    """Drop the draft; the version in service stays as it is. 409 as for saving it."""
    drop_draft(key, said.get("revision"))


@blueprint.put("/pathways/<key>/parameters")
@blueprint.arguments(schemas.Parameters)
@blueprint.response(200, schemas.Revision)
def settle_parameters(said: dict[str, Any], key: str) -> dict[str, str]:
    """Change delays and thresholds in the draft; 409 as for saving it, 422 naming each that does not read."""
    wanted = {name: (one["value"], one["source"]) for name, one in said["parameters"].items()}
    return {"revision": parameters.keep(key, wanted, said.get("revision"))}


@blueprint.get(f"/pathways/<key>/versions/{NUMBER}/changes")
@blueprint.response(200, schemas.VersionChanges)
def read_changes(key: str, number: int) -> dict[str, Any]:
    """What a version changed from the one before it."""
    author()
    return _compared(*changed(key, number))


@blueprint.get("/pathways/<key>/draft/changes")
@blueprint.response(200, schemas.VersionChanges)
def read_draft_changes(key: str) -> dict[str, Any]:
    """What the draft changes to the version in service; nothing when there is no draft, or none that reads."""
    author()
    return _compared(*pending(key))


@blueprint.post(f"/pathways/<key>/versions/{NUMBER}/draft")
@blueprint.arguments(schemas.Seen)
@blueprint.response(201, schemas.Revision)
def take_up_version(said: dict[str, str], key: str, number: int) -> dict[str, str]:
    """Make a version the draft; 409 as for saving it."""
    return {"revision": make_draft(key, number, said.get("revision"))}


@blueprint.post("/pathways/<key>/checks")
@blueprint.response(200, schemas.Findings)
def check_draft(key: str) -> dict[str, Any]:
    """What the checks find in the draft, or in what is published when there is none."""
    author()
    return as_json(catalogue.check_draft(session(), context(), key))


@blueprint.post("/pathways/<key>/publish")
@blueprint.arguments(schemas.Publication)
@blueprint.response(201, schemas.Published)
def publish(said: dict[str, str], key: str) -> ResponseReturnValue | dict[str, Any]:
    """Publish the draft as the version that new cases take.

    409 when it changes nothing, or is another than the `revision` that you say; 422 with an error left.
    """
    who = author()
    if "revision" in said:
        hold(key, said["revision"], who)
    number = catalogue.publish_draft(session(), context(), key, who.id, said["note"].strip())
    receptions.wake_all(session(), context())
    return {"key": key, "version": number}


@blueprint.get("/runs")
@blueprint.arguments(schemas.RunQuery, location="query")
@blueprint.response(200, schemas.RunPage)
def list_runs(said: dict[str, Any]) -> dict[str, Any]:
    """The cases of a state: running ones by their first deadline, stuck ones the longest, ended ones the latest first.

    What is narrowed by a commune is refused to who sees no patient.
    """
    wanted = Wanted(**said)
    check_may_search(follower(), wanted)
    found = cases.page(desk(), wanted)
    return {"runs": found.rows, "after": found.after or None}


@blueprint.get("/runs/<case>")
@blueprint.response(200, schemas.Run)
def run(case: str) -> dict[str, Any]:
    """One case: where it stands, what it waits for, what is stuck."""
    asking = follower()
    row = follow.row_of(case)
    picture = context().engine.look(session(), case)
    own = [dict(scope.variables) for scope in picture.scopes if not scope.element]
    sight = follow.sight_of(asking, case)
    return {
        **asdict(row),
        "tokens": picture.tokens,
        "timers": picture.timers,
        "messages": sorted({one.message for one in picture.messages}),
        "incident_list": follow.incidents(picture, sight),
        "variables": (own[0] if own else {}) if sight.clinical else None,
    }


@blueprint.put("/runs/<case>/timers/<timer>")
@blueprint.arguments(schemas.Deadline)
@blueprint.response(204)
def reschedule(said: dict[str, datetime], case: str, timer: str) -> None:
    """Move a deadline of a case; 409 when it waits no longer, 422 when the moment is over."""
    who = coordination()
    follow.row_of(case)
    follow.move_deadline(who, case, timer, said["due_at"])


@blueprint.post("/runs/<case>/incidents/<incident>/retry")
@blueprint.response(204)
def retry_incident(case: str, incident: str) -> None:
    """Try again where the case is stuck; 409 when it is resolved already."""
    follow.try_again(case, incident)


@blueprint.post("/runs/<case>/incidents/<incident>/correction")
@blueprint.arguments(schemas.Correction)
@blueprint.response(204)
def correct_incident(said: dict[str, str], case: str, incident: str) -> None:
    """Correct a value where the case is stuck, and try again."""
    follow.mend(case, incident, said["name"], said["value"])


def _compared(before: int | None, found: Differences | None) -> dict[str, Any]:
    return {"before": before, **(asdict(found) if found else {"steps": [], "decisions": [], "parameters": []})}


def _line(key: str) -> catalogue.Line:
    for line in catalogue.listing(session(), context().tenant):
        if line.key == key:
            return line
    raise NotFound(f"Aucun parcours ne s’appelle « {key[:60]} ».", code="pathway-unknown")
