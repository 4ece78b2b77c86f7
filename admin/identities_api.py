"""The REST interface of identities: patients found and read, their status, duplicates, merges, export and erasure."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask_smorest import Blueprint

from admin import identity_schemas as schemas
from admin.erasure import erase, is_erased
from admin.export import export
from admin.identities import merge, set_apart
from admin.known_patients import (
    SHOWN,
    find,
    is_nameless,
    keeper,
    looked_at,
    may_read_looks,
    note,
    running,
    seen,
    visible_cases,
    whole_ins,
)
from care.identity import duplicates, identity_log, merges, patients
from care.identity.merges import Merge
from care.identity.patients import Patient
from care.identity.status import moves
from inbox.patient import describe
from inbox.request import context, desk, person, require_recent_sign_in, require_sign_in, session
from inbox.rights.api import LookOut
from inbox.rights.rights import LookLine
from people.persons import persons

blueprint = Blueprint("identities_api", __name__, url_prefix="/api", description="Who patients are")
blueprint.before_request(require_sign_in)


@blueprint.post("/patients/search")
@blueprint.arguments(schemas.PatientSearch)
@blueprint.response(200, schemas.PatientPage)
def search_patients(body: dict[str, str]) -> dict[str, Any]:
    """The patients whom a text finds (name, birth date, INS), among those whom one may see."""
    found, more, _ = find(body["q"])
    return {"patients": found, "more": more}


@blueprint.get("/patients/<patient_id>")
@blueprint.response(200, schemas.KnownPatient)
def read_patient(patient_id: str) -> dict[str, Any]:
    """One patient; the look is noted. An operator sees no name, nobody does of who was erased."""
    if is_nameless(patient_id):
        erased = is_erased(session(), context().tenant, patient_id)
        told = {"id": patient_id, "erased": erased, "running": running(patient_id), "identity": None}
        return told | ({"deeds": _deeds(patient_id)} if may_read_looks(person()) else {})
    known = seen(patient_id)
    note(known, "looked")
    cases = visible_cases(patient_id)
    return {
        "id": patient_id,
        "erased": False,
        "running": sum(one.is_open for one in cases),
        "identity": _identity(known),
        "merged_into": known.merged_into,
        "moves": _moves(known),
        "cases": [one.id for one in cases],
        "deeds": _deeds(patient_id),
    }


@blueprint.get("/patients/<patient_id>/looks")
@blueprint.response(200, LookOut(many=True))
def read_patient_looks(patient_id: str) -> list[LookLine]:
    """Who looked at a patient's cases, the latest first, for who may answer that: no name of the patient is said."""
    return looked_at(patient_id)


@blueprint.get("/patients/<patient_id>/ins")
@blueprint.response(200, schemas.WholeIns)
def read_ins(patient_id: str) -> dict[str, str]:
    """The whole INS of a qualified identity; who asked is noted. 404 where there is none."""
    return {"ins": whole_ins(patient_id)}


@blueprint.put("/patients/<patient_id>/status")
@blueprint.arguments(schemas.StatusIn)
@blueprint.response(204)
def restate_patient(body: dict[str, str], patient_id: str) -> None:
    """Change how sure an identity is: to one of its `moves`; 403 for another."""
    seen(patient_id)
    patients.restate(session(), context().vault, context().clock, person(), patient_id, body["status"])


@blueprint.post("/patients/<patient_id>/export")
@blueprint.response(200, schemas.PatientExport)
def export_patient(patient_id: str) -> dict[str, Any]:
    """Everything held about a person, for that person, in French; it is noted."""
    return export(session(), context(), person(), patient_id)


@blueprint.post("/patients/<patient_id>/erasure")
@blueprint.arguments(schemas.ErasureIn)
@blueprint.response(204)
def erase_patient(body: dict[str, str], patient_id: str) -> None:
    """Erase a person for good; the session must be of the last ten minutes (401 `recent-sign-in-required`).

    409 while one of their cases runs.
    """
    require_recent_sign_in()
    erase(session(), context(), person(), patient_id, body["reason"])


@blueprint.get("/duplicates")
@blueprint.response(200, schemas.DuplicatePairs)
def read_duplicates() -> dict[str, Any]:
    """Pairs of patients who may be one person, the newest first."""
    keeper()
    pairs = duplicates.proposed(session(), context().tenant, SHOWN)
    known = patients.patients(session(), context().vault, {one for pair in pairs for one in (pair.one, pair.other)})
    return {"duplicates": [_pair(pair, known) for pair in pairs]}


@blueprint.post("/duplicates/dismissal")
@blueprint.arguments(schemas.PairIn)
@blueprint.response(204)
def dismiss_duplicate(body: dict[str, str]) -> None:
    """Say of a pair that they are two persons; 409 when it waits no longer."""
    set_apart(keeper(), body["patient"], body["other"])


@blueprint.get("/merges")
@blueprint.response(200, schemas.Merges)
def read_merges() -> dict[str, list[Merge]]:
    """The last merges, the latest first."""
    keeper()
    return {"merges": merges.merges(session(), context().tenant)}


@blueprint.post("/merges")
@blueprint.arguments(schemas.MergeIn)
@blueprint.response(201, schemas.MergeMade)
def merge_patients(body: dict[str, str]) -> dict[str, Any]:
    """Make two identities one: `gone` is known as `kept` from then on. An opposition of either holds for both."""
    made, stopped = merge(keeper(), body["kept"], body["gone"])
    return {**vars(made), "stopped": stopped}


@blueprint.delete("/merges/<merge_id>")
@blueprint.response(200, schemas.MergeOut)
def undo_merge(merge_id: str) -> Merge:
    """Make two identities of one again; 409 when it is undone or a later merge stands on it."""
    return merges.undo(session(), context().vault, context().clock, keeper(), merge_id)


def _identity(known: Patient) -> dict[str, Any]:
    traits = known.identity
    return {
        "name": describe(known, desk().today).name,
        "birth_name": traits.nom_naissance,
        "given_names": traits.prenoms,
        "used_name": traits.prenom_usuel or "",
        "sex": traits.sexe,
        "birth_date": traits.date_naissance,
        "birth_place": traits.insee_naissance or "",
        "phone": traits.tel or "",
        "address": traits.adresse or "",
        "status": known.status,
        "ins": known.masked_ins if known.ins else "",
    }


def _moves(known: Patient) -> list[dict[str, str]]:
    if known.merged_into is not None:
        return []
    may = moves(known.status, person().roles, has_ins=bool(known.identity.ins))
    return [{"status": one.after, "affirms": one.why} for one in may]


def _deeds(patient_id: str) -> list[dict[str, Any]]:
    deeds = identity_log.latest(identity_log.deeds(session(), context().tenant, patient_id), 20)
    people = persons(session(), {deed.by for deed in deeds})
    return [
        {
            "at": one.at,
            "by": people[one.by].display if one.by in people else one.by,
            "what": identity_log.KINDS[one.kind],
        }
        for one in deeds
    ]


def _pair(pair: duplicates.Pair, known: dict[str, Patient]) -> dict[str, Any]:
    both = [{"id": one, **_identity(known[one])} for one in (pair.one, pair.other)]
    return {"patients": both, "reason": duplicates.REASONS[pair.reason], "proposed_at": pair.proposed_at}
