"""The screens of the clinical lead: the list of pathways, and one pathway with its editor, findings and publication."""

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from admin.access import author
from admin.cockpit.cases import running_counts
from admin.findings import as_json, count_errors, in_order, summary
from admin.overtaken import SEEN, hold, shown
from admin.versions import SAID, pending
from base.errors import Conflict, NotFound, TooLarge
from engine.findings import Refused
from inbox.request import context, session
from pathways import catalogue, drafts
from pathways.library import LARGEST_FILE
from people.persons import persons
from webhooks import receptions

XML = "application/xml; charset=utf-8"
NOTE_LONGEST = 2000


def pathway_list() -> ResponseReturnValue:
    """Every pathway with its version in service, its running cases and its draft."""
    author()
    listed = catalogue.listing(session(), context().tenant)
    return render_template("admin/atelier.html", pathways=listed, running=running_counts(session(), context().tenant))


def editor(key: str) -> ResponseReturnValue:
    """One pathway, open for changes."""
    author()
    return _editor(key)


def progress(key: str) -> ResponseReturnValue:
    """The parts of the editor's heading that a first change moves."""
    author()
    _, found = pending(key)
    return render_template("admin/moved.html", line=_line(key), next_number=_next_number(key), found=found, **SAID)


def diagram(key: str) -> ResponseReturnValue:
    """The diagram of the draft, or of the version in service when there is no draft."""
    author()
    package = catalogue.draft(session(), context().tenant, key)
    headers = {"Cache-Control": "no-store", SEEN: package.digest}
    return Response(package.files[package.diagram], content_type=XML, headers=headers)


def save_diagram(key: str) -> ResponseReturnValue:
    """Keep the diagram as the draft; what is wrong in it is found by the checks, and refused only at publication."""
    return Response(status=204, headers={SEEN: keep(key, xml_of_request(), shown())})


def keep(key: str, diagram: bytes, seen: str | None) -> str:
    """Make it the diagram of the draft; returns the revision. Raises Conflict when somebody wrote after `seen`."""
    who = author()
    hold(key, seen, who)
    path = catalogue.draft(session(), context().tenant, key).diagram
    catalogue.save_draft(session(), context(), key, path, diagram, who.id)
    return catalogue.draft(session(), context().tenant, key).digest


def checks(key: str) -> ResponseReturnValue:
    """What the checks say of the draft, as the editor shows it."""
    author()
    return jsonify(as_json(catalogue.check_draft(session(), context(), key)))


def publish(key: str) -> ResponseReturnValue:
    """Publish the draft: new cases take it, running ones keep their version."""
    who = author()
    note = request.form.get("note", "").strip()
    if not note or len(note) > NOTE_LONGEST:
        problem = "Écrivez une phrase qui dit ce qui change." if not note else f"{NOTE_LONGEST} signes au plus."
        return _editor(key, note=note, note_problem=problem), 422
    try:
        if seen := shown():
            hold(key, seen, who)
        number = catalogue.publish_draft(session(), context(), key, who.id, note)
    except Conflict as conflict:
        return _editor(key, note=note, refusal=conflict.message), 409
    except Refused as refused:
        return _editor(key, note=note, refusal=refused.message), 422
    receptions.wake_all(session(), context())
    return redirect(url_for("admin.editor", key=key, publiee=number), 303)


def discard(key: str) -> ResponseReturnValue:
    """Drop the draft; the version in service stays as it is."""
    try:
        drop_draft(key, shown())
    except Conflict as conflict:
        return _editor(key, refusal=conflict.message), 409
    return redirect(url_for("admin.editor", key=key), 303)


def drop_draft(key: str, seen: str | None) -> None:
    """Raises Forbidden, NotFound for a pathway without a version in service, Conflict when somebody wrote since."""
    who = author()
    hold(key, seen, who)
    catalogue.published(session(), context().tenant, key)
    drafts.discard(session(), context().tenant, key)


def xml_of_request() -> bytes:
    """The body of a saved diagram; raises TooLarge beyond what a pathway's file may weigh."""
    request.max_content_length = LARGEST_FILE
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as cause:
        raise TooLarge("Ce dessin dépasse 5 Mo. Découpez-le en plusieurs parcours qui s’appellent.") from cause


def _editor(key: str, **said: Any) -> Response:
    line = _line(key)
    findings = in_order(catalogue.check_draft(session(), context(), key))
    versions = catalogue.history(session(), context().tenant, key)
    defaults = {"note": "", "note_problem": "", "refusal": "", "published": _published_now(line)}
    package = catalogue.draft(session(), context().tenant, key)
    page = render_template(
        "admin/editor.html",
        line=line,
        diagram=package.diagram,
        revision=package.digest,
        findings=findings,
        errors=count_errors(findings),
        summary=summary(findings),
        running=running_counts(session(), context().tenant).get(key, 0),
        versions=versions,
        people=persons(session(), {version.published_by for version in versions}),
        next_number=_next_number(key),
        found=pending(key)[1],
        **SAID,
        **{**defaults, **said},
    )
    return Response(page, headers={"X-Diagram": "1"})


def _line(key: str) -> catalogue.Line:
    for line in catalogue.listing(session(), context().tenant):
        if line.key == key:
            return line
    raise NotFound(f"Aucun parcours ne s’appelle « {key[:60]} ».", code="pathway-unknown")


def _published_now(line: catalogue.Line) -> int | None:
    """The number that was just published, when the page says so and it is true."""
    return line.number if request.args.get("publiee") == str(line.number) else None


def _next_number(key: str) -> int:
    """The number that the next publication takes."""
    return max((version.number for version in catalogue.history(session(), context().tenant, key)), default=0) + 1
