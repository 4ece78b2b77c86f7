"""The page of one case for those who follow it: its tokens, its history, what is stuck in it, and what to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import run_page as page_of_run
from admin.access import coordination, corrector, follower, may_move_version, sees_patients
from admin.chronicle import Event, Glossary, actors, tell
from admin.cockpit.cases import RunRow, run_rows
from admin.correction import corrected
from admin.failures import failed
from admin.run_names import case_names
from base.errors import Invalid, NotFound
from care.guard import Sight
from engine.definition import Definition
from engine.pictures import Entry, IncidentPicture, RunPicture
from inbox.case.incidents import told
from inbox.case.said import said
from inbox.case.values import NOTHING
from inbox.case.why import explained
from inbox.pathway import elements as elements_of
from inbox.request import context, desk, session
from inbox.task.page import note_look
from pathways import catalogue
from pathways.moving import newer
from people.persons import Person, persons

HISTORY_SHOWN = 100
DRAWN = {"X-Diagram": "1"}
"""Drawings place their parts by style attributes, which the policy allows on these pages alone."""


def run_page(case: str) -> ResponseReturnValue:
    """One case: its tokens on the diagram, what it waits for, what is stuck in it, its history and its values."""
    asking, row = follower(), row_of(case)
    sight = sight_of(asking, case)
    if sight.identity:
        note_look(desk(), case, "suivi")
    now, tenant = context().clock.now(), context().tenant
    picture = context().engine.look(session(), case)
    definition = context().engine.definition(session(), picture.definition)
    elements = elements_of(definition)
    history = _history(case, definition, sight)
    page = render_template(
        "admin/run.html",
        row=row,
        heading=case_names(asking, [row])[case],
        may_open=sight.identity,
        may_correct=sees_patients(asking),
        incidents=[one for one in incidents(picture, sight) if one.state == "open"],
        elements=elements,
        may_move=sees_patients(asking),
        local=context().calendar.local,
        waiting=page_of_run.expected(session(), tenant, picture, now),
        history=history[:HISTORY_SHOWN],
        older=len(history) - HISTORY_SHOWN,
        nothing=NOTHING,
        failures=failed.of_case(session(), context(), case),
        newer=_newer(asking, row),
        scopes=page_of_run.scopes(picture, elements) if sight.clinical else None,
    )
    return Response(page, headers=DRAWN)


def _newer(asking: Person, row: RunRow) -> int | None:
    """The version in force, when it is newer than that of a running case and this person may let the case go over."""
    if row.state != "active" or not may_move_version(asking):
        return None
    found = newer(session(), context().tenant, row.pathway, row.version)
    return None if found is None else found.number


def diagram(case: str) -> ResponseReturnValue:
    """The diagram of the version that this case follows."""
    follower()
    row = row_of(case)
    version = catalogue.version(session(), context().tenant, row.pathway, row.version)
    package = catalogue.files(session(), context().tenant, version)
    return Response(package.files[package.diagram], content_type="application/xml; charset=utf-8")


def state(case: str) -> ResponseReturnValue:
    """Where the case stands, as the viewer draws it."""
    follower()
    row_of(case)
    picture = context().engine.look(session(), case)
    return jsonify(page_of_run.state(session(), context().tenant, picture, context().clock.now()))


def retry(case: str, incident: str) -> ResponseReturnValue:
    """Try again where the case is stuck."""
    try_again(case, incident)
    return redirect(url_for("admin.run", case=case), 303)


def correct(case: str, incident: str) -> ResponseReturnValue:
    """Correct a value where the case is stuck, in the scope where it stands there, and try again."""
    mend(case, incident, request.form.get("nom", ""), request.form.get("valeur", ""))
    return redirect(url_for("admin.run", case=case), 303)


def try_again(case: str, incident: str) -> None:
    """Raises Forbidden, NotFound, and Conflict when the incident is resolved already."""
    who = follower()
    _be_of(case, incident)
    context().engine.retry(session(), incident=incident, actor=who.id)


def mend(case: str, incident: str, name: str, value: str) -> None:
    """Put a value right and try again. Raises Forbidden, NotFound, Invalid, Conflict."""
    who = corrector()
    _be_of(case, incident)
    values = corrected(name, value)
    context().engine.mend(session(), run=case, variables=values, actor=who.id, incident=incident)
    context().engine.retry(session(), incident=incident, actor=who.id)


def _be_of(case: str, incident: str) -> None:
    """Raises NotFound when the incident is none of that case."""
    if incident not in [one.id for one in context().engine.look(session(), case).incidents]:
        raise NotFound("Ce blocage n’est pas de ce dossier.", code="incident-unknown")


def reschedule(case: str, timer: str) -> ResponseReturnValue:
    """Move a deadline of the case."""
    who = coordination()
    row_of(case)
    move_deadline(who, case, timer, _local_moment(request.form.get("echeance", "")))
    return redirect(url_for("admin.run", case=case), 303)


def move_deadline(who: Person, case: str, timer: str, due: datetime) -> None:
    """Raises Invalid for a moment that is over, Conflict when the deadline waits no longer."""
    if due <= context().clock.now():
        raise Invalid("Cette échéance est déjà passée : choisissez un moment à venir.")
    context().engine.reschedule(session(), run=case, timer=timer, due=due, actor=who.id)


def _local_moment(text: str) -> datetime:
    """What the field of the page gives: a day and a wall time of the territory. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
        return context().calendar.at(moment.date(), moment.time())
    except (ValueError, OverflowError) as error:
        raise Invalid("Indiquez un jour et une heure.") from error


def row_of(case: str) -> RunRow:
    """A case of the list. Raises NotFound."""
    for row in run_rows(session(), context().tenant, context().clock.now(), [case]):
        return row
    raise NotFound("Aucun dossier ne porte ce numéro.", code="case-unknown")


def incidents(picture: RunPicture, sight: Sight) -> list[IncidentPicture]:
    """What is or was stuck; without its values for who may not read what is clinical."""
    return [replace(one, message=told(one.message, clinical=sight.clinical)) for one in picture.incidents]


def sight_of(asking: Person, case: str) -> Sight:
    """What may be shown of a case: an operator sees how it runs, neither who it is about nor any answer."""
    if not sees_patients(asking):
        return Sight(frozenset(), "exploitation")
    return desk().sight(case)


def _history(case: str, definition: Definition, sight: Sight) -> list[Event]:
    entries = context().engine.history(session(), case)
    people = {key: one.display for key, one in persons(session(), actors(entries)).items()}
    names = {key: element.name or key for key, element in elements_of(definition).items()}
    why = explained(context().engine, session(), entries, definition.digest)
    glossary = Glossary(names, people, _in_words(definition, sight), why)
    return tell(entries, glossary, clinical=sight.clinical)


def _in_words(definition: Definition, sight: Sight) -> Callable[[Entry], str]:
    """An answer in the words of the form that asked for it."""

    def words(entry: Entry) -> str:
        if entry.kind != "task_completed":
            return ""
        answer = said(definition, [entry], {}, sight.categories)[0]
        return " ".join([*(_sentence(name, value) for name, value in answer.lines), answer.unseen]).strip()

    return words


def _sentence(question: str, answer: str) -> str:
    link = " " if question.endswith("?") else " : "
    return f"{question}{link}{answer.rstrip('.')}."
