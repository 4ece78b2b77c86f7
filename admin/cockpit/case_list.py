"""« Suivi »: every case of the territory in a list, narrowed, searched by words, gone on with page by page."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import follower, sees_patients
from admin.cockpit import cases, load
from admin.cockpit.wanted import STANDINGS, Wanted
from admin.run_names import case_names
from base.errors import Forbidden
from care.search import communes
from inbox.pathway import elements
from inbox.request import context, desk, finish
from pathways import catalogue
from people.persons import Person, persons
from webhooks.partners import listing as partners

NO_PATIENTS = "La recherche par patient ou par commune est réservée à la coordination."


def show() -> ResponseReturnValue:
    """The list, what is due first above; words that came in the address are left out of it."""
    asking, wanted = follower(), Wanted.read(request.args)
    if wanted.words:
        return redirect(url_for("admin.runs", **wanted.address), 303)
    return _page(asking, wanted)


def search() -> ResponseReturnValue:
    """The list searched by words: what is searched never stands in an address, since it may name a patient."""
    asking = follower()
    finish(commit=False)
    return _page(asking, Wanted.read(request.form))


def check_may_search(asking: Person, wanted: Wanted) -> None:
    """Raises Forbidden when the answer would tell who is a patient to somebody who sees none."""
    if wanted.names_a_patient and not sees_patients(asking):
        raise Forbidden(NO_PATIENTS)


def _page(asking: Person, wanted: Wanted) -> ResponseReturnValue:
    check_may_search(asking, wanted)
    found = cases.page(desk(), wanted)
    titles = {line.key: line.title for line in catalogue.listing(desk().session, desk().tenant)}
    opened_by = {one.key: one.name for one in partners(desk().session, desk().tenant)}
    return render_template(
        "admin/runs.html",
        wanted=wanted,
        pathway_title=titles.get(wanted.pathway, ""),
        standings=STANDINGS,
        choices=_choices(asking, wanted, titles, opened_by),
        step=_step(wanted),
        tally=cases.tally(desk(), wanted),
        said=cases.said,
        most=cases.COUNTED_CASES,
        page=found,
        names=case_names(asking, found.rows),
        opened_by=opened_by,
        searches=sees_patients(asking),
    )


def _choices(
    asking: Person, wanted: Wanted, titles: dict[str, str], opened_by: dict[str, str]
) -> dict[str, dict[str, str]]:
    """What the filters offer, by the name of their field."""
    session, tenant = desk().session, desk().tenant
    waited_for = {one.key for one in load.of(session, tenant, load.PERSON) if one.open} | {wanted.person}
    people = {one: who.display for one, who in persons(session, waited_for).items()}
    opened = {key: opened_by.get(key, key) for key in cases.partners(session, tenant)}
    found = {"parcours": titles, "partenaire": opened, "qui": people}
    if sees_patients(asking):
        found["commune"] = {name: name for name in communes.names(session, tenant)}
    return {name: dict(sorted(offered.items(), key=lambda pair: pair[1])) for name, offered in found.items()}


def _step(wanted: Wanted) -> str:
    """The step that the list is narrowed to, as its diagram calls it."""
    if not wanted.step or not wanted.pathway:
        return ""
    version = next(
        (one for one in catalogue.in_force(desk().session, desk().tenant) if one.key == wanted.pathway), None
    )
    if version is None:
        return wanted.step
    known = elements(context().engine.definition(desk().session, version.digest))
    return known[wanted.step].name or wanted.step if wanted.step in known else wanted.step
