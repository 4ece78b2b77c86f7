"""A professional leaves, or comes back: said by whoever keeps the directory, once no task is in their hands."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from base.errors import Conflict, Forbidden
from engine.tables import task
from inbox.directory import KEEPERS
from inbox.request import context, desk, require_recent_sign_in, require_sign_in
from people.directory import departures
from people.sign_in import enrolments

blueprint = Blueprint("departures", __name__, url_prefix="/annuaire")
blueprint.before_request(require_sign_in)
NOT_YOURS = "Une fiche se désactive par la coordination."


@blueprint.post("/<person_id>/depart")
def leave(person_id: str) -> ResponseReturnValue:
    """They practise here no longer."""
    end(person_id)
    return redirect(url_for("directory.person", person_id=person_id), 303)


@blueprint.post("/<person_id>/retour")
def come_back(person_id: str) -> ResponseReturnValue:
    """They are back."""
    begin_again(person_id)
    return redirect(url_for("directory.person", person_id=person_id), 303)


def end(person_id: str) -> None:
    """Raises Forbidden, NotFound, and Conflict for oneself or while tasks are in their hands."""
    _check_keeper()
    if person_id == desk().person.id:
        raise Conflict("Votre propre fiche se désactive par quelqu’un d’autre.", code="own-departure")
    held = _held(person_id)
    if held:
        some = "une tâche est encore" if held == 1 else f"{held} tâches sont encore"
        raise Conflict(f"Impossible, {some} entre ses mains. Confiez-les d’abord à quelqu’un.", code="tasks-held")
    departures.leave(desk().session, context().clock, desk().tenant, person_id)


def begin_again(person_id: str) -> None:
    """Raises Forbidden, NotFound, and Conflict for somebody who was never let in."""
    _check_keeper()
    if any(one.person.id == person_id for one in enrolments.waiting(desk().session, desk().tenant)):
        told = "Cette personne demande son accès\u00a0: répondez-lui dans «\u00a0Comptes\u00a0»."
        raise Conflict(told, code="enrolment-waits")
    departures.come_back(desk().session, desk().tenant, person_id)


def _check_keeper() -> None:
    if not desk().person.roles & KEEPERS:
        raise Forbidden(NOT_YOURS)
    require_recent_sign_in()


def _held(person_id: str) -> int:
    theirs = (task.c.tenant == desk().tenant, task.c.assignee == person_id, task.c.state == "open")
    return desk().session.scalar(select(func.count()).select_from(task).where(*theirs)) or 0
