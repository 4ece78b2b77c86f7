"""The versions of a pathway compared: what one changed, what the draft would, and taking one up again as the draft."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin.access import author
from admin.overtaken import hold, shown
from base.errors import NotFound, PathwayError
from engine.findings import Refused
from inbox.request import context, require_sign_in, session
from pathways import catalogue, drafts, hands
from pathways.differences import Differences, differences
from pathways.parameters import in_words
from people.persons import persons

NUMBER = f"<int(max={2**31 - 1}):number>"
"""A version in an address: as much as a column holds; what is greater is no version (404)."""
blueprint = Blueprint("versions", __name__, template_folder="templates", url_prefix=f"/atelier/<key>/versions/{NUMBER}")
blueprint.before_request(require_sign_in)
PARTS = {
    "type": "autre sorte d’étape", "roles": "autre couloir", "form": "autre formulaire", "settings": "autres réglages",
}  # fmt: skip
SAID = {"parts": PARTS, "in_words": in_words}
"""What a page needs to say differences."""


@blueprint.get("")
def show(key: str, number: int) -> ResponseReturnValue:
    """What it is, what it changed, and its drawing."""
    author()
    tenant = context().tenant
    version = catalogue.version(session(), tenant, key, number)
    before, found = changed(key, number)
    return render_template(
        "admin/pathway_version.html",
        version=version,
        before=before,
        found=found,
        by=persons(session(), {version.published_by}).get(version.published_by),
        revision=catalogue.draft(session(), tenant, key).digest,
        in_force=version.state == catalogue.PUBLISHED,
        has_draft=drafts.exists(session(), tenant, key),
        **SAID,
    )


def compare(key: str) -> ResponseReturnValue:
    """The draft beside the version in service, before it is published."""
    author()
    tenant = context().tenant
    in_service, found = pending(key)
    return render_template(
        "admin/draft_changes.html",
        key=key,
        in_service=in_service,
        found=found,
        hand=(hand := hands.last(session(), tenant, key)),
        by=persons(session(), {hand.by}).get(hand.by),
        title=catalogue.titles(session(), tenant)[key],
        **SAID,
    )


@blueprint.get("/diagramme.bpmn")
def diagram(key: str, number: int) -> ResponseReturnValue:
    """Its drawing; a published version never changes."""
    author()
    tenant = context().tenant
    package = catalogue.files(session(), tenant, catalogue.version(session(), tenant, key, number))
    return Response(package.files[package.diagram], content_type="application/xml; charset=utf-8")


@blueprint.post("/reprendre")
def take_up(key: str, number: int) -> ResponseReturnValue:
    """Make it the draft, to be looked at, changed and published."""
    make_draft(key, number, shown())
    return redirect(url_for("admin.editor", key=key), 303)


def make_draft(key: str, number: int, seen: str | None) -> str:
    """Returns the draft's revision. Raises Forbidden, NotFound, Conflict when somebody wrote after `seen`."""
    who, tenant = author(), context().tenant
    package = catalogue.files(session(), tenant, catalogue.version(session(), tenant, key, number))
    hold(key, seen, who)
    drafts.replace(session(), context(), key, package.files, who.id)
    return package.digest


def changed(key: str, number: int) -> tuple[int | None, Differences | None]:
    """The version before it, and what differs from that; nothing for the first. Raises NotFound."""
    tenant = context().tenant
    versions = [one for one in catalogue.history(session(), tenant, key) if one.number <= number]
    if not versions or versions[0].number != number:
        raise NotFound(f"Ce parcours n’a pas de version {number}.", code="pathway-version-unknown")
    if len(versions) == 1:
        return None, None
    after, before = (catalogue.files(session(), tenant, one) for one in versions[:2])
    return versions[1].number, differences(before, after)


def pending(key: str) -> tuple[int | None, Differences | None]:
    """The version in service, and what the draft changes to it; nothing when there is no draft, or none that reads.

    Raises NotFound for a pathway that has neither.
    """
    tenant = context().tenant
    draft = catalogue.draft(session(), tenant, key)
    in_service = next((one for one in catalogue.in_force(session(), tenant) if one.key == key), None)
    if in_service is None or not drafts.exists(session(), tenant, key):
        return in_service.number if in_service else None, None
    try:
        return in_service.number, differences(catalogue.files(session(), tenant, in_service), draft)
    except (Refused, PathwayError):
        return in_service.number, None
