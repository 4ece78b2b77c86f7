"""The delays and thresholds of a pathway, changed in its draft without touching the drawing."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import author
from admin.overtaken import hold, shown
from base.errors import Conflict, Invalid
from inbox.request import context, require_sign_in, session
from pathways import catalogue
from pathways.packages import MANIFEST
from pathways.parameters import in_words, settle

blueprint = Blueprint("parameters", __name__, template_folder="templates", url_prefix="/atelier/<key>/delais")
blueprint.before_request(require_sign_in)
Box = tuple[str, str]
Boxes = Mapping[str, Box]
"""A value and where it comes from, as they are shown and typed; by the name of the parameter."""


@blueprint.get("")
def show(key: str) -> ResponseReturnValue:
    """Each with what it is for, its value and where that comes from."""
    author()
    return _page(key)


@blueprint.post("")
def save(key: str) -> ResponseReturnValue:
    """Keep in the draft what this author changed; what does not read comes back with what was typed."""
    author()
    typed, before, stands = _posted(""), _posted("before."), _boxes(key)
    said = {name: _on_top(one, before.get(name), stands.get(name)) for name, one in typed.items()}
    try:
        keep(key, {name: one for name, one in said.items() if one != stands.get(name)}, shown())
    except Invalid as refused:
        return _page(key, said, refused.fields), 422
    except Conflict as conflict:
        theirs = {name: one for name, one in before.items() if one != stands.get(name)}
        return _page(key, said, refusal=conflict.message, theirs=theirs), 409
    return redirect(url_for("admin.editor", key=key), 303)


def keep(key: str, said: Boxes, seen: str | None) -> str:
    """Returns the draft's revision. Raises Forbidden, NotFound, Invalid, Conflict when somebody wrote after `seen`."""
    who, tenant = author(), context().tenant
    hold(key, seen, who)
    if not said:
        return catalogue.draft(session(), tenant, key).digest
    manifest = settle(catalogue.draft(session(), tenant, key).files[MANIFEST], said)
    catalogue.save_draft(session(), context(), key, MANIFEST, manifest, who.id)
    return catalogue.draft(session(), tenant, key).digest


def _posted(where: str) -> Boxes:
    """What the page sent: what was typed, or with « before. » what its boxes held when it was shown."""
    start = f"{where}value."
    names = [name.removeprefix(start) for name in request.form if name.startswith(start)]
    return {name: (request.form[start + name], request.form.get(f"{where}source.{name}", "")) for name in names}


def _boxes(key: str) -> Boxes:
    """The parameters of the draft as its boxes show them."""
    found = catalogue.draft(session(), context().tenant, key).manifest.parameters
    return {name: (in_words(one.value) or str(one.value), one.source) for name, one in found.items()}


def _on_top(typed: Box, before: Box | None, stands: Box | None) -> Box:
    """What this author changed since the page was shown, over what stands there now."""
    if before is None or stands is None:
        return typed
    value, source = (now if said == was else said for said, was, now in zip(typed, before, stands, strict=True))
    return value, source


def _page(
    key: str,
    said: Boxes | None = None,
    wrong: Mapping[str, str] | None = None,
    refusal: str = "",
    theirs: Boxes | None = None,
) -> str:
    package = catalogue.draft(session(), context().tenant, key)
    boxes = _boxes(key)
    return render_template(
        "admin/parameters.html",
        key=key,
        title=package.manifest.title,
        parameters=package.manifest.parameters,
        revision=package.digest,
        boxes=boxes,
        said={**boxes, **(said or {})},
        wrong=wrong or {},
        refusal=refusal,
        theirs=theirs or {},
    )
