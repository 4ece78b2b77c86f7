"""The screens of identities: patients by their names, one identity, likely duplicates, merges, export and erasure."""

import orjson
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.erasure import ERASERS, REASONS, erase, is_erased
from admin.export import EXPORTERS, export
from admin.export_page import in_words
from admin.known_patients import (
    SHOWN,
    find,
    is_nameless,
    keeper,
    looked_at,
    may_keep,
    may_read_looks,
    note,
    running,
    seen,
    visible_cases,
    whole_ins,
)
from care.identity import duplicates, identity_log, merges, patients
from care.identity.identifiers import has_right_key, mask_ins, show_ins
from care.identity.merges import Merge
from care.identity.patients import Patient
from care.identity.status import NAMES, RANKS, moves
from inbox.patient import describe
from inbox.request import context, desk, person, require_recent_sign_in, require_sign_in, session
from inbox.task.gone import tell_of
from pathways import oppositions
from people.persons import Person, persons

blueprint = Blueprint("identities", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)
blueprint.add_app_template_global(may_keep, "may_keep_identities")


@blueprint.get("/patients")
def search() -> ResponseReturnValue:
    """Where patients are looked for; a name never stands in an address."""
    return _found("")


@blueprint.post("/patients")
def results() -> ResponseReturnValue:
    """The patients whom this text finds, among those whom the person may see."""
    return _found(request.form.get("q", "")[:200])


@blueprint.get("/patients/<patient_id>")
def identity(patient_id: str) -> ResponseReturnValue:
    """One identity, as far as whoever looks may see it; the look is noted."""
    return _page(patient_id)


@blueprint.post("/patients/<patient_id>/ins")
def show(patient_id: str) -> ResponseReturnValue:
    """The whole INS of a qualified identity, shown because somebody asked; who did is noted."""
    return _page(patient_id, ins=show_ins(whole_ins(patient_id)))


@blueprint.post("/patients/<patient_id>/statut")
def restate(patient_id: str) -> ResponseReturnValue:
    """Change how sure the identity is."""
    seen(patient_id)
    wanted = request.form.get("statut", "")
    patients.restate(session(), context().vault, context().clock, person(), patient_id, wanted)
    return _back(patient_id)


@blueprint.post("/patients/<patient_id>/export")
def take_out(patient_id: str) -> ResponseReturnValue:
    """Everything held about the person, as a file."""
    found = export(session(), context(), person(), patient_id)
    if request.form.get("format") == "json":
        content, kind = orjson.dumps(found, option=orjson.OPT_INDENT_2), "application/json"
    else:
        page = render_template("admin/export.html", found=in_words(found, desk().zone))
        content, kind = page.encode(), "text/html; charset=utf-8"
    name = f"donnees-{patient_id}.{'json' if kind.endswith('json') else 'html'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=kind, headers=headers)


@blueprint.post("/patients/<patient_id>/effacer")
def wipe(patient_id: str) -> ResponseReturnValue:
    """Erase the person for good."""
    require_recent_sign_in()
    erase(session(), context(), person(), patient_id, request.form.get("motif", ""))
    return _back(patient_id)


@blueprint.get("/patients/doublons")
def pairs() -> ResponseReturnValue:
    """Those who may be one person, and the merges of late."""
    keeper()
    tenant = context().tenant
    proposed = duplicates.proposed(session(), tenant, SHOWN)
    done = merges.merges(session(), tenant, 20)
    ids = {one for pair in proposed for one in (pair.one, pair.other)} | {one for m in done for one in (m.kept, m.gone)}
    known = patients.patients(session(), context().vault, ids)
    return render_template(
        "admin/duplicates.html",
        pairs=[(pair, *in_order(known[pair.one], known[pair.other])) for pair in proposed],
        merges=done,
        known=known,
        who=persons(session(), {one.by for one in done}),
        reasons=duplicates.REASONS,
        describe=lambda one: describe(one, desk().today),
        mask=mask_ins,
        names=NAMES,
        stopped=request.args.get("arretes", 0, type=int),
    )


@blueprint.post("/patients/doublons")
def settle() -> ResponseReturnValue:
    """Merge a pair, or say that they are two persons."""
    who, kept, gone = keeper(), request.form.get("garder", ""), request.form.get("reunir", "")
    stopped = 0
    if request.form.get("choix") == "fusionner":
        _, stopped = merge(who, kept, gone)
    else:
        set_apart(who, kept, gone)
    return redirect(url_for("identities.pairs", arretes=stopped or None), 303)


@blueprint.post("/patients/fusions/<merge>/annuler")
def undo(merge: str) -> ResponseReturnValue:
    """Make two identities of one again."""
    merges.undo(session(), context().vault, context().clock, keeper(), merge)
    return redirect(url_for("identities.pairs"), 303)


def merge(who: Person, kept: str, gone: str) -> tuple[Merge, int]:
    """The merge, and how many cases an opposition of either then stops. Raises what `merges.merge` does."""
    made = merges.merge(session(), context().vault, context().clock, who, kept, gone)
    stopped = oppositions.after_merge(session(), context(), made, who)
    tell_of(desk(), stopped)
    return made, len(stopped)


def set_apart(who: Person, one: str, other: str) -> None:
    """They are two persons; the log of each says so. Raises Conflict."""
    duplicates.set_apart(session(), context().clock, context().tenant, one, other, who.id)
    for left, right in ((one, other), (other, one)):
        identity_log.note(session(), context().clock, context().tenant, who.id, left, "apart", right)


def in_order(one: Patient, other: Patient) -> tuple[Patient, Patient]:
    """The surer first, else the one whose INS has its right key, else the older: the one that is proposed to stay."""
    first, second = sorted(
        (one, other), key=lambda known: (-RANKS[known.status], not has_right_key(known.ins or ""), known.id)
    )
    return first, second


def _found(text: str) -> str:
    found, more, asked = find(text)
    return render_template("admin/patients.html", text=text, found=found, more=more, asked=asked)


def _page(patient_id: str, ins: str = "") -> str:
    if is_nameless(patient_id):
        return _nameless(patient_id)
    who, known = person(), seen(patient_id)
    if not ins:
        note(known, "looked")
    deeds = identity_log.deeds(session(), context().tenant, patient_id)
    return render_template(
        "admin/identity.html",
        known=known,
        who=describe(known, desk().today),
        ins=ins,
        status=NAMES[known.status],
        names=NAMES,
        moves=moves(known.status, who.roles, has_ins=bool(known.identity.ins)) if known.merged_into is None else [],
        cases=visible_cases(patient_id),
        deeds=identity_log.latest(deeds, 20),
        kinds=identity_log.KINDS,
        people=persons(session(), {deed.by for deed in deeds}),
        may_export=bool(who.roles & EXPORTERS),
        may_erase=bool(who.roles & ERASERS),
        may_keep=may_keep(who),
        reasons=REASONS,
    )


def _nameless(patient_id: str) -> str:
    """Under a number: what was done of the identity, and for whoever may know it who looked."""
    who, tenant = person(), context().tenant
    erased = is_erased(session(), tenant, patient_id)
    deeds = identity_log.deeds(session(), tenant, patient_id)
    deed = next((one for one in reversed(deeds) if one.kind == "erased"), None) if erased else None
    watched = may_read_looks(who)
    return render_template(
        "admin/nameless.html",
        number=patient_id,
        running=running(patient_id),
        erased=erased,
        may_erase=not erased and bool(who.roles & ERASERS),
        reasons=REASONS,
        deed=deed,
        watched=watched,
        deeds=identity_log.latest(deeds, 20) if watched else [],
        kinds=identity_log.KINDS,
        people=persons(session(), {one.by for one in deeds}),
        looks=looked_at(patient_id) if watched else [],
        months=context().settings.access_log_months,
        back="identities.search" if may_keep(who) else "erasures.show",
    )


def _back(patient_id: str) -> ResponseReturnValue:
    return redirect(url_for("identities.identity", patient_id=patient_id), 303)
