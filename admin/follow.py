"""The screens of those who follow the cases: the list of runs, and one run with its tokens, history and incidents."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from admin.access import OPERATOR, follower
from admin.runs import PAGE, RunRow, Wanted, runs, tally
from care.patients import patients
from inbox.patient import describe
from inbox.request import context, session
from pathways import catalogue
from people.persons import Person

STANDINGS = (
    ("", "Tous les états"),
    ("en-cours", "En cours"),
    ("en-retard", "En retard"),
    ("bloques", "Bloqués"),
    ("termines", "Terminés"),
)


def run_list() -> ResponseReturnValue:
    """Every case, what is stuck or late first, narrowed by pathway and state."""
    asking = follower()
    now, tenant = context().clock.now(), context().tenant
    titles = {version.key: version.title for version in catalogue.listing(session(), tenant)}
    wanted, page = _wanted(), _page()
    found = runs(session(), tenant, now, wanted, page)
    rows = found[:PAGE]
    return render_template(
        "admin/runs.html",
        wanted=wanted,
        pathway_title=titles.get(wanted.pathway, ""),
        pathways=sorted(titles.items(), key=lambda pair: pair[1]),
        standings=STANDINGS,
        tally=tally(session(), tenant, now, wanted.pathway),
        rows=rows,
        names=case_names(asking, rows),
        page=page,
        more=len(found) > PAGE,
    )


def case_names(asking: Person, rows: list[RunRow]) -> dict[str, str]:
    """How each case is called: by its patient, or by its number for who may not see identities."""
    if asking.roles <= {OPERATOR}:
        return {row.id: f"Dossier {row.id}" for row in rows}
    today = context().clock.now().date()
    known = patients(session(), context().vault, {row.patient for row in rows}) if rows else {}
    return {row.id: describe(known[row.patient], today).name for row in rows}


def _wanted() -> Wanted:
    return Wanted(request.args.get("parcours", ""), request.args.get("etat", ""))


def _page() -> int:
    number = request.args.get("page", "1")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
