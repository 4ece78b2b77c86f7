"""« Pilotage » and « File active »: the coordinator's first page, its lists and acts, the patients of a pathway."""

from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import coordinating, coordination
from admin.cockpit import active as active_patients
from admin.cockpit import acts, cases, load, overview, reminding, sheet, stations, undelivered, waiting
from admin.cockpit.sheets import sheet_of
from admin.cockpit.wanted import STANDINGS, Wanted
from admin.run_names import case_names
from base.errors import NotFound
from care.search import communes
from inbox import dates
from inbox.desk import Desk
from inbox.lists.bulk import MOST
from inbox.request import context, desk, finish, require_sign_in

blueprint = Blueprint("cockpit", __name__, template_folder="../templates")
blueprint.before_request(require_sign_in)
LINES_SHOWN = 4


@blueprint.get("/pilotage")
def show() -> ResponseReturnValue:
    """The first page."""
    asking = coordinating()
    who = desk()
    stuck = overview.stuck(who)
    late = waiting.page(who, waiting.LATE, most=LINES_SHOWN)
    return render_template(
        "admin/cockpit.html",
        today=dates.long_day(who.today),
        figures=overview.figures(who),
        stuck=stuck,
        names=case_names(asking, [one.row for one in stuck]),
        late=late.lines,
        silent=overview.silent(who),
        gone=overview.gone(who),
        review=overview.to_review(who),
        professions=_busy(who),
        ways=stations.ways(who),
        bounced=undelivered.count(who),
        said=cases.said,
        most=cases.COUNTED_CASES,
    )


@blueprint.get("/pilotage/taches/<name>")
def tasks(name: str) -> ResponseReturnValue:
    """One of the lists of tasks that wait too long."""
    coordinating()
    found = waiting.page(desk(), _known(name), request.args.get("apres", ""))
    counts = {key: cases.said(waiting.count(desk(), key)) for key in waiting.LISTS}
    reminded = reminding.reminded(desk(), [line.task for line in found.lines])
    around = {"lists": waiting.LISTS, "counts": counts, "reminded": reminded}
    return render_template("admin/waiting.html", name=name, page=found, **around)


@blueprint.post("/pilotage/taches/<name>")
def act(name: str) -> ResponseReturnValue:
    """Put the chosen tasks into somebody's hands, and say what became of each."""
    asking = coordinating()
    ids, to = request.form.getlist("tache"), request.form.get("a", "")
    if not ids:
        return redirect(url_for("cockpit.tasks", name=_known(name)), 303)
    if not to:
        found = acts.receivers(desk(), ids)
        return render_template("admin/entrust.html", name=name, ids=ids[:MOST], receivers=found)
    finish(commit=False)
    lines = acts.each(context(), asking, ids, acts.entrust_to(to))
    done = sum(not line.refused for line in lines)
    return render_template("admin/entrusted.html", name=name, lines=lines, done=done)


@blueprint.get("/pilotage/charge")
def people() -> ResponseReturnValue:
    """Who has how much to do, and how they answered lately."""
    coordinating()
    who = desk()
    found = load.of(who.session, who.tenant, load.PERSON)
    return render_template(
        "admin/load.html",
        people=load.named(who.session, found),
        professions=load.of(who.session, who.tenant, load.PROFESSION),
        at=found[0].at if found else None,
    )


@blueprint.post("/suivi/<case>/arreter")
def stop(case: str) -> ResponseReturnValue:
    """End a case for good."""
    coordination()
    acts.stop(desk(), case, request.form.get("raison", ""))
    return redirect(url_for("admin.run", case=case), 303)


@blueprint.app_template_global()
def stopping_reasons() -> dict[str, str]:
    return acts.REASONS


@blueprint.get("/file-active")
def every() -> ResponseReturnValue:
    """The pathways that have patients now."""
    coordinating()
    return render_template("admin/active_pathways.html", pathways=active_patients.pathways(desk()))


@blueprint.get("/file-active/<key>")
def active(key: str) -> ResponseReturnValue:
    """The patients of a pathway as they are now."""
    coordinating()
    wanted = _wanted(key)
    return render_template(
        "admin/active.html",
        wanted=wanted,
        page=active_patients.page(desk(), wanted),
        standings=STANDINGS,
        communes=communes.names(desk().session, desk().tenant),
        most=active_patients.EXPORTED,
    )


@blueprint.get("/file-active/<key>/nouvelles.json")
def active_news(key: str) -> ResponseReturnValue:
    """The marks of what is in the list now; 304 when nothing has changed since the ETag. A case has no name there."""
    coordinating()
    found = active_patients.marks(desk(), _wanted(key))
    response = make_response({"ids": found, "whole": len(found) < active_patients.PAGE})
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.post("/file-active/<key>/<kind>")
def export(key: str, kind: str) -> ResponseReturnValue:
    """The list as a file for a spreadsheet; each patient's journal of looks says that it left."""
    asking = coordinating()
    if kind not in sheet.KINDS:
        raise NotFound("Ce format n’existe pas.")
    found = active_patients.exported(desk(), replace(Wanted.read(request.form), pathway=key))
    return sheet_of(asking, found, kind)


def _busy(who: Desk) -> list[load.Load]:
    """The professions that something waits for, the most loaded person by person first."""
    found = (one for one in load.of(who.session, who.tenant, load.PROFESSION) if one.open)
    return sorted(found, key=lambda one: -one.each)


def _wanted(key: str) -> Wanted:
    return replace(Wanted.read(request.args), pathway=key, words="")


def _known(name: str) -> str:
    if name not in waiting.LISTS:
        raise NotFound("Cette liste n’existe pas.")
    return name
