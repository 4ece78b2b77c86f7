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


@blueprint.get("")
def show(key: str) -> ResponseReturnValue:
    """Each with what it is for, its value and where that comes from."""
    author()
    return _page(key)


@blueprint.post("")
def save(key: str) -> ResponseReturnValue:
    """Keep them in the draft; what does not read comes back with what was typed."""
    said = {name: (value, request.form.get(f"source.{name}", "")) for name, value in _values().items()}
    try:
        keep(key, said, shown())
    except Invalid as refused:
        return _page(key, said, refused.fields), 422
    except Conflict as conflict:
        return _page(key, said, refusal=conflict.message), 409
    return redirect(url_for("admin.editor", key=key), 303)


def keep(key: str, said: Mapping[str, tuple[str, str]], seen: str | None) -> str:
    """Returns the draft's revision. Raises Forbidden, NotFound, Invalid, Conflict when somebody wrote after `seen`."""
    who, tenant = author(), context().tenant
    hold(key, seen, who)
    manifest = settle(catalogue.draft(session(), tenant, key).files[MANIFEST], said)
    catalogue.save_draft(session(), context(), key, MANIFEST, manifest, who.id)
    return catalogue.draft(session(), tenant, key).digest


def _values() -> dict[str, str]:
    return {name.removeprefix("value."): value for name, value in request.form.items() if name.startswith("value.")}


def _page(
    key: str,
    said: Mapping[str, tuple[str, str]] | None = None,
    wrong: Mapping[str, str] | None = None,
    refusal: str = "",
) -> str:
    package = catalogue.draft(session(), context().tenant, key)
    return render_template(
        "admin/parameters.html",
        key=key,
        title=package.manifest.title,
        parameters=package.manifest.parameters,
        revision=package.digest,
        said=said or {},
        wrong=wrong or {},
        refusal=refusal,
        in_words=in_words,
    )
