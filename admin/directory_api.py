"""The REST interface of the directory's keepers: imports, structures, groups with their members, referents."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from admin import directory_schemas as schemas
from admin.access import directory_keeper
from admin.directory import confirm_planned, plan_sent
from inbox.request import context, require_sign_in, session
from people.directory import groups, imports, structures
from people.directory.groups import Group
from people.directory.imports import Import
from people.directory.structures import Structure
from people.professions import PROFESSIONS

blueprint = Blueprint("directory_admin_api", __name__, url_prefix="/api/directory", description="Keeping the directory")
blueprint.before_request(require_sign_in)


@blueprint.get("/imports")
@blueprint.response(200, schemas.ImportList)
def read_imports() -> dict[str, list[Import]]:
    """The last imports, the latest first."""
    directory_keeper()
    return {"imports": imports.imports(session(), context().tenant)}


@blueprint.post("/imports")
@blueprint.arguments(schemas.UploadSchema, location="files")
@blueprint.response(201, schemas.ImportReport)
def plan_import(_files: dict[str, Any]) -> dict[str, Any]:
    """Read a file (multipart, field `file`) and say what would be done; nothing is written."""
    directory_keeper()
    return _report(plan_sent())


@blueprint.get("/imports/<import_id>")
@blueprint.response(200, schemas.ImportReport)
def read_import(import_id: str) -> dict[str, Any]:
    """How far an import is, and its report."""
    directory_keeper()
    return _report(imports.read(session(), context().tenant, import_id))


@blueprint.post("/imports/<import_id>/confirmation")
@blueprint.response(202, schemas.ImportReport)
def confirm_import(import_id: str) -> dict[str, Any]:
    """Write what was planned, in the background."""
    directory_keeper()
    return _report(confirm_planned(import_id))


@blueprint.delete("/imports/<import_id>")
@blueprint.response(204)
def drop_import(import_id: str) -> None:
    """Leave the directory as it is; 409 when it is being written."""
    directory_keeper()
    imports.drop(session(), context().tenant, import_id)


@blueprint.get("/structures")
@blueprint.arguments(schemas.StructureQuery, location="query")
@blueprint.response(200, schemas.StructureOut(many=True))
def read_structures(query: dict[str, str]) -> list[Structure]:
    """The structures of the territory, by name: the first two hundred of those that are meant."""
    return structures.structures(session(), context().tenant, query["q"])


@blueprint.post("/structures")
@blueprint.arguments(schemas.StructureIn)
@blueprint.response(201, schemas.StructureOut)
def add_structure(body: dict[str, Any]) -> Structure:
    """Add a structure; 409 when another has its number."""
    directory_keeper()
    return _saved("", body)


@blueprint.put("/structures/<structure_id>")
@blueprint.arguments(schemas.StructureIn)
@blueprint.response(200, schemas.StructureOut)
def change_structure(body: dict[str, Any], structure_id: str) -> Structure:
    """Put a structure in the place of the one that stood there; closed, it is no longer `active`."""
    directory_keeper()
    return _saved(structures.structure(session(), context().tenant, structure_id).id, body)


@blueprint.get("/groups")
@blueprint.response(200, schemas.GroupList)
def read_groups() -> dict[str, list[Group]]:
    """The groups, colleges and teams."""
    directory_keeper()
    return {"groups": groups.groups(session(), context().tenant)}


@blueprint.post("/groups")
@blueprint.arguments(schemas.GroupIn)
@blueprint.response(201, schemas.GroupOut)
def add_group(body: dict[str, str]) -> dict[str, Any]:
    """Found a group; 409 when one has this name."""
    directory_keeper()
    return _group(groups.add(session(), context().tenant, **body))


@blueprint.get("/groups/<group_id>")
@blueprint.response(200, schemas.GroupOut)
def read_group(group_id: str) -> dict[str, Any]:
    """One group, with who belongs to it."""
    directory_keeper()
    return _group(group_id)


@blueprint.put("/groups/<group_id>/members/<person_id>")
@blueprint.response(204)
def add_member(group_id: str, person_id: str) -> None:
    """Bring somebody into a group."""
    directory_keeper()
    groups.join(session(), context().clock, context().tenant, group_id, person_id)


@blueprint.delete("/groups/<group_id>/members/<person_id>")
@blueprint.response(204)
def remove_member(group_id: str, person_id: str) -> None:
    """Take somebody out of a group; who is not in it needs not be."""
    directory_keeper()
    groups.leave(session(), context().tenant, group_id, person_id)


@blueprint.get("/referents")
@blueprint.response(200, schemas.ReferentList)
def read_referents() -> dict[str, list[dict[str, str]]]:
    """The referent of each profession that has one."""
    directory_keeper()
    named = groups.referents(session(), context().tenant)
    return {
        "referents": [
            {"profession_code": code, "profession": PROFESSIONS[code], "person": who.id, "name": who.display}
            for code, who in named.items()
        ]
    }


@blueprint.put("/referents/<profession_code>")
@blueprint.arguments(schemas.ReferentIn)
@blueprint.response(204)
def name_referent(body: dict[str, str], profession_code: str) -> None:
    """Name the referent of a profession, in the place of the one before."""
    directory_keeper()
    groups.name_referent(session(), context().clock, context().tenant, profession_code, body["person"])


def _saved(structure_id: str, body: dict[str, Any]) -> Structure:
    said = {**body, "finess": (body["finess"] or "").strip().upper(), "siret": (body["siret"] or "").strip()}
    return structures.save(session(), context().tenant, Structure(id=structure_id, **said))


def _group(group_id: str) -> dict[str, Any]:
    found = asdict(groups.group(session(), context().tenant, group_id))
    return {**found, "members": groups.members(session(), context().tenant, group_id)}


def _report(asked: Import) -> dict[str, Any]:
    tenant = context().tenant
    lines = imports.report(session(), tenant, asked.id)
    return {**vars(asked), "counts": imports.counts(session(), tenant, asked.id), "lines": lines}
