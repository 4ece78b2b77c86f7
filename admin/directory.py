"""Keeping the directory: imports with their preview and report, structures, groups and referents."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from admin.access import directory_keeper
from base.errors import Conflict, Invalid, TooLarge
from base.jobs import Handler, Work
from inbox.request import context, finish, require_sign_in, session
from pathways.context import Context
from people.directory import groups, imports, structures
from people.directory.imports import Import
from people.directory.search import Wanted, find
from people.directory.structures import Structure
from people.professions import PROFESSIONS

WRITE = "directory.write"
blueprint = Blueprint("directory_admin", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)
TEXTS = ("name", "kind", "finess", "siret", "address", "commune_code", "commune", "phone", "mssante")


def handlers(context: Context) -> Mapping[str, Handler]:
    """What the worker does for the directory."""
    return {WRITE: partial(write, context)}


def write(context: Context, work: Work) -> None:
    """The job `directory.write`: some lines of an import, then itself again until none is left."""
    with work.finish() as session:
        if imports.write_some(session, context.clock, context.tenant, work.payload["import"]):
            context.queue.enqueue(session, WRITE, work.payload)


@blueprint.get("/annuaire/imports")
def imports_page() -> ResponseReturnValue:
    """The imports so far, and the way to a new one."""
    directory_keeper()
    return _imports_page({})


@blueprint.post("/annuaire/imports")
def send() -> ResponseReturnValue:
    """Read a file and show what would be done."""
    directory_keeper()
    try:
        asked = plan_sent()
    except Invalid as error:
        finish(commit=False)
        return _imports_page({"file": error.fields.get("file") or error.message}), 422
    return redirect(url_for("directory_admin.import_page", import_id=asked.id), 303)


@blueprint.get("/annuaire/imports/<import_id>")
def import_page(import_id: str) -> ResponseReturnValue:
    """One import: what would be done or was done, line by line; while it is written, how far it is."""
    directory_keeper()
    asked = imports.read(session(), context().tenant, import_id)
    action = request.args.get("action", "")
    return render_template(
        "admin/directory_import.html",
        asked=asked,
        counts=imports.counts(session(), context().tenant, import_id),
        remarked=imports.remarked(session(), context().tenant, import_id),
        actions=imports.ACTIONS,
        action=action if action in imports.ACTIONS else "",
        lines=imports.report(session(), context().tenant, import_id, action if action in imports.ACTIONS else ""),
    )


@blueprint.post("/annuaire/imports/<import_id>/ecrire")
def confirm(import_id: str) -> ResponseReturnValue:
    """Write what was looked at."""
    directory_keeper()
    confirm_planned(import_id)
    return redirect(url_for("directory_admin.import_page", import_id=import_id), 303)


@blueprint.post("/annuaire/imports/<import_id>/abandonner")
def drop(import_id: str) -> ResponseReturnValue:
    """Leave the directory as it is."""
    directory_keeper()
    imports.drop(session(), context().tenant, import_id)
    return redirect(url_for("directory_admin.imports_page"), 303)


@blueprint.get("/annuaire/structures")
def structures_page() -> ResponseReturnValue:
    """The structures of the territory."""
    directory_keeper()
    return _structures_page(request.args.get("q", "").strip()[:80])


@blueprint.post("/annuaire/structures")
def save_structure() -> ResponseReturnValue:
    """Add a structure, or change one."""
    directory_keeper()
    said = {name: request.form.get(name, "").strip()[:240] for name in TEXTS}
    written = Structure(id=request.form.get("id", "")[:16], active="closed" not in request.form, **said)
    try:
        structures.save(session(), context().tenant, replace(written, finess=said["finess"].upper()))
    except (Invalid, Conflict) as error:
        finish(commit=False)
        faults = error.fields if isinstance(error, Invalid) else {"finess": error.message}
        return _structures_page("", written, faults), 422 if isinstance(error, Invalid) else 409
    return redirect(url_for("directory_admin.structures_page"), 303)


@blueprint.get("/annuaire/groupes")
def groups_page() -> ResponseReturnValue:
    """The groups and colleges, and the referent of each profession."""
    directory_keeper()
    return _groups_page({})


@blueprint.post("/annuaire/groupes")
def add_group() -> ResponseReturnValue:
    """Found a group."""
    directory_keeper()
    said = {name: request.form.get(name, "")[:500] for name in ("name", "kind", "purpose")}
    try:
        made = groups.add(session(), context().tenant, **said)
    except (Invalid, Conflict) as error:
        finish(commit=False)
        faults = error.fields if isinstance(error, Invalid) else {"name": error.message}
        return _groups_page(faults, said), 422 if isinstance(error, Invalid) else 409
    return redirect(url_for("directory_admin.group_page", group_id=made), 303)


@blueprint.get("/annuaire/groupes/<group_id>")
def group_page(group_id: str) -> ResponseReturnValue:
    """One group, and the way to bring somebody in."""
    directory_keeper()
    words = request.args.get("q", "").strip()[:80]
    found = find(session(), context().tenant, Wanted(text=words), 10)[0] if words else []
    members = groups.members(session(), context().tenant, group_id)
    return render_template(
        "admin/directory_group.html",
        group=groups.group(session(), context().tenant, group_id),
        kinds=groups.KINDS,
        members=members,
        words=words,
        found=[one for one in found if one.id not in {member.id for member in members}],
    )


@blueprint.post("/annuaire/groupes/<group_id>/membres")
def change_members(group_id: str) -> ResponseReturnValue:
    """Bring somebody into a group, or take them out of it."""
    directory_keeper()
    who, tenant = request.form.get("person", "")[:16], context().tenant
    if "leave" in request.form:
        groups.leave(session(), tenant, group_id, who)
    else:
        groups.join(session(), context().clock, tenant, group_id, who)
    return redirect(url_for("directory_admin.group_page", group_id=group_id), 303)


@blueprint.post("/annuaire/referents")
def name_referent() -> ResponseReturnValue:
    """Name the referent of a profession."""
    directory_keeper()
    try:
        code, who = request.form.get("profession", "")[:8], request.form.get("person", "")[:16]
        groups.name_referent(session(), context().clock, context().tenant, code, who)
    except Invalid as error:
        finish(commit=False)
        return _groups_page(error.fields), 422
    return redirect(url_for("directory_admin.groups_page"), 303)


def plan_sent() -> Import:
    """Read the file that came with the request. Raises Invalid, TooLarge."""
    request.max_content_length = imports.LARGEST + 10_000
    try:
        sent = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise TooLarge(
            f"Ce fichier dépasse {imports.LARGEST // 1_000_000} Mo. Envoyez-le en plusieurs parties."
        ) from error
    if sent is None or not sent.filename:
        raise Invalid("Choisissez un fichier.", {"file": "Choisissez un fichier."})
    who = directory_keeper()
    name, content = sent.filename, sent.read()
    return imports.plan(session(), context().clock, context().tenant, name=name, content=content, asked_by=who.id)


def confirm_planned(import_id: str) -> Import:
    """Have it written in the background. Raises NotFound, Conflict."""
    confirmed = imports.confirm(session(), context().tenant, import_id)
    context().queue.enqueue(session(), WRITE, {"import": import_id}, dedupe_key=f"import:{import_id}")
    return confirmed


def _imports_page(errors: dict[str, str]) -> str:
    found = imports.imports(session(), context().tenant)
    return render_template("admin/directory_imports.html", imports=found, errors=errors)


def _structures_page(words: str, written: Structure | None = None, errors: Mapping[str, str] | None = None) -> str:
    tenant, chosen = context().tenant, request.args.get("structure", "")
    shown = written or (structures.structure(session(), tenant, chosen) if chosen else Structure("", ""))
    return render_template(
        "admin/directory_structures.html",
        rows=structures.structures(session(), tenant, words),
        words=words,
        kinds=structures.KINDS,
        shown=shown,
        errors=errors or {},
    )


def _groups_page(errors: Mapping[str, str], said: Mapping[str, str] | None = None) -> str:
    tenant, profession = context().tenant, request.args.get("profession", "")
    candidates = find(session(), tenant, Wanted(profession=profession), 200)[0] if profession in PROFESSIONS else []
    return render_template(
        "admin/directory_groups.html",
        groups=groups.groups(session(), tenant),
        kinds=groups.KINDS,
        referents=groups.referents(session(), tenant),
        professions=PROFESSIONS,
        profession=profession,
        candidates=candidates,
        errors=errors,
        said=said or {},
    )
