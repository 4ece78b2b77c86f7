"""The screens of identities: patients by their names, one identity, likely duplicates, merges, export and erasure."""

from typing import Any

import orjson
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select

from admin.erasure import ERASERS, REASONS, erase, is_erased
from admin.export import EXPORTERS, export
from base.errors import Forbidden, NotFound
from care import cases, duplicates, identity_log, merges, patients, words
from care.guard import sees_every_case
from care.identifiers import mask_ins, show_ins
from care.patients import Patient, patient
from care.status import KEEPERS, NAMES, RANKS, moves
from care.tables import case
from care.tables import patient as rows
from inbox.lists.statements import sees_case
from inbox.patient import describe
from inbox.request import context, desk, person, require_recent_sign_in, require_sign_in, session
from pathways import oppositions
from people.persons import Person, persons

SHOWN = 50
blueprint = Blueprint("identities", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)


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
    known = _seen(patient_id)
    if known.ins is None:
        raise NotFound("Cette identité n’a pas d’INS qualifié.", code="no-ins")
    _note(known, "ins")
    return _page(patient_id, ins=show_ins(known.ins))


@blueprint.post("/patients/<patient_id>/statut")
def restate(patient_id: str) -> ResponseReturnValue:
    """Change how sure the identity is."""
    _seen(patient_id)
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
        content, kind = render_template("admin/export.html", found=found).encode(), "text/html; charset=utf-8"
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
    _keeper()
    tenant = context().tenant
    proposed = duplicates.proposed(session(), tenant, SHOWN)
    done = merges.merges(session(), tenant, 20)
    ids = {one for pair in proposed for one in (pair.one, pair.other)} | {one for m in done for one in (m.kept, m.gone)}
    known = patients.patients(session(), context().vault, ids)
    return render_template(
        "admin/duplicates.html",
        pairs=[(pair, *_in_order(known[pair.one], known[pair.other])) for pair in proposed],
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
    who, kept, gone = _keeper(), request.form.get("garder", ""), request.form.get("reunir", "")
    stopped = 0
    if request.form.get("choix") == "fusionner":
        made = merges.merge(session(), context().vault, context().clock, who, kept, gone)
        stopped = len(oppositions.after_merge(session(), context(), made, who))
    else:
        duplicates.set_apart(session(), context().clock, context().tenant, kept, gone, who.id)
        for one, other in ((kept, gone), (gone, kept)):
            identity_log.note(session(), context().clock, context().tenant, who.id, one, "apart", other)
    return redirect(url_for("identities.pairs", arretes=stopped or None), 303)


@blueprint.post("/patients/fusions/<merge>/annuler")
def undo(merge: str) -> ResponseReturnValue:
    """Make two identities of one again."""
    merges.undo(session(), context().vault, context().clock, _keeper(), merge)
    return redirect(url_for("identities.pairs"), 303)


@blueprint.app_template_global("may_keep_identities")
def may_keep(who: Person) -> bool:
    """Whether duplicates are this person's to settle."""
    return bool(who.roles & KEEPERS)


def _keeper() -> Person:
    who = person()
    if not may_keep(who):
        raise Forbidden("Les identités sont tenues par la coordination.", code="not-keeper")
    return who


def _in_order(one: Patient, other: Patient) -> tuple[Patient, Patient]:
    """The surer first, else the older: the one that is proposed to stay."""
    first, second = sorted((one, other), key=lambda known: (-RANKS[known.status], known.id))
    return first, second


def _found(text: str) -> str:
    blinds = words.blinds(context().vault, text)
    ids = _visible(words.answering(context().tenant, blinds)) if blinds else []
    known = patients.patients(session(), context().vault, ids[:SHOWN]).values()
    found = sorted((describe(one, desk().today) for one in known), key=lambda who: who.name)
    return render_template("admin/patients.html", text=text, found=found, more=len(ids) > SHOWN, asked=bool(blinds))


def _visible(which: Any) -> list[str]:
    """Those of these patients whom the person may see: everybody's for who runs the territory, else those of a case."""
    query = select(rows.c.id).where(rows.c.tenant == context().tenant, rows.c.id.in_(which))
    query = query.where(rows.c.erased_at.is_(None), rows.c.merged_into.is_(None))
    if not sees_every_case(person()):
        query = query.where(exists(select(case.c.id).where(case.c.patient == rows.c.id, sees_case(person()))))
    return list(session().scalars(query.order_by(rows.c.id).limit(SHOWN + 1), desk().values))


def _seen(patient_id: str) -> Patient:
    """Raises NotFound for whoever may not even know that the patient exists."""
    known = patient(session(), context().vault, patient_id)
    merged = known.merged_into is not None and sees_every_case(person()) and known.tenant == context().tenant
    if not merged and not _visible([patient_id]):
        raise NotFound("Ce patient n’existe pas.", code="patient-unknown")
    return known


def _page(patient_id: str, ins: str = "") -> str:
    who = person()
    if is_erased(session(), context().tenant, patient_id) or not (sees_every_case(who) or not who.roles & ERASERS):
        return _nameless(patient_id)
    known = _seen(patient_id)
    if not ins:
        _note(known, "looked")
    theirs = select(case.c.id).where(case.c.tenant == context().tenant, case.c.patient == patient_id, sees_case(who))
    seen = set(session().scalars(theirs, desk().values))
    deeds = identity_log.deeds(session(), context().tenant, patient_id)
    return render_template(
        "admin/identity.html",
        known=known,
        who=describe(known, desk().today),
        ins=ins,
        status=NAMES[known.status],
        names=NAMES,
        moves=moves(known.status, who.roles, has_ins=bool(known.identity.ins)) if known.merged_into is None else [],
        cases=[one for one in cases.by_patient(session(), patient_id) if one.id in seen],
        deeds=deeds[-20:][::-1],
        kinds=identity_log.KINDS,
        people=persons(session(), {deed.by for deed in deeds}),
        may_export=bool(who.roles & EXPORTERS),
        may_erase=bool(who.roles & ERASERS),
        may_keep=may_keep(who),
        reasons=REASONS,
    )


def _nameless(patient_id: str) -> str:
    """What the operator sees, and everybody of a person who was erased: a number, no name."""
    if not person().roles & (ERASERS | KEEPERS):
        raise NotFound("Ce patient n’existe pas.", code="patient-unknown")
    running = sum(one.is_open for one in cases.by_patient(session(), patient_id))
    erased = is_erased(session(), context().tenant, patient_id)
    may = not erased and bool(person().roles & ERASERS)
    return render_template(
        "admin/nameless.html", number=patient_id, running=running, erased=erased, may_erase=may, reasons=REASONS
    )


def _note(known: Patient, kind: str) -> None:
    """A page that only reads notes its look in a transaction of its own."""
    if not desk().only_reads:
        identity_log.note(session(), context().clock, known.tenant, person().id, known.id, kind)
        return
    with context().database.begin() as noting:
        identity_log.note(noting, context().clock, known.tenant, person().id, known.id, kind)


def _back(patient_id: str) -> ResponseReturnValue:
    return redirect(url_for("identities.identity", patient_id=patient_id), 303)
