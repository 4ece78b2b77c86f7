"""« Disponibilités »: one's absences and who stands in, the week, the delegates; for oneself or for whom one acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Invalid, RequestError
from inbox import dates
from inbox.desk import Desk
from inbox.request import context, desk, finish, require_sign_in
from inbox.task import colleagues
from pathways import standing_in as routing
from pathways.forms.answers import read_day, read_time
from people.persons import Person, person, persons
from people.rosters import absences, delegates, duty_absences, unavailability
from people.rosters.absences import COORDINATOR, Absence, Wish
from people.rosters.duty import Shift
from people.rosters.standing_in import standing_in_for
from people.sign_in import accounts

blueprint = Blueprint("availability", __name__, url_prefix="/disponibilites", template_folder="../templates")
blueprint.before_request(require_sign_in)
Typed = Mapping[str, str]
MOVED_AT_ONCE = 50


@dataclass(frozen=True)
class Replacing:
    """« Vous remplacez Dr X jusqu’au 27 nov. »: somebody for whom one stands in, and how many tasks came of it."""

    name: str
    until: datetime
    tasks: int

    @property
    def said(self) -> str:
        if not self.tasks:
            return "aucune tâche ne vous arrive pour l’instant"
        return f"{self.tasks} tâche{'s' if self.tasks > 1 else ''} vous {'arrivent' if self.tasks > 1 else 'arrive'}"


class Page:
    """What the page shows of a person: their absences, their week, their delegates."""

    def __init__(self, desk: Desk, whose: Person) -> None:
        self.desk, self.whose = desk, whose
        self.asked = (desk.session, desk.context.clock, desk.tenant)

    @property
    def is_mine(self) -> bool:
        return self.whose.id == self.desk.person.id

    @cached_property
    def absences(self) -> list[Absence]:
        return absences.of_person(*self.asked, self.whose.id)

    @cached_property
    def week(self) -> list[unavailability.Unavailability]:
        return unavailability.of_person(self.desk.session, self.desk.tenant, self.whose.id)

    @cached_property
    def delegates(self) -> list[delegates.Delegation]:
        return delegates.of_person(*self.asked, self.whose.id)

    @cached_property
    def may_choose_delegates(self) -> bool:
        return self.is_mine or COORDINATOR in self.desk.person.roles

    @cached_property
    def replacing(self) -> list[Replacing]:
        arriving = routing.arriving(self.desk.session, self.desk.tenant, self.whose.id)
        standing = [one for one in standing_in_for(*self.asked, self.whose.id) if one.because == "absence"]
        return [
            Replacing(self.names[one.person], one.until, arriving.get(one.person, 0))
            for one in standing
            if one.until is not None
        ]

    @cached_property
    def acting_for(self) -> list[tuple[str, str]]:
        """Those whose page the delegate may open."""
        found = standing_in_for(*self.asked, self.desk.person.id)
        return [(one.person, self.names[one.person]) for one in found if one.because == "delegation"]

    @cached_property
    def everybody_away(self) -> list[Absence]:
        """What the coordination sees of all."""
        return absences.coming(*self.asked) if COORDINATOR in self.desk.person.roles else []

    @cached_property
    def missed(self) -> dict[str, list[Shift]]:
        """By absence, the duties that fall into it."""
        shown = {one.id for one in (*self.absences, *self.everybody_away)}
        return duty_absences.missed_in(self.desk.session, self.desk.tenant, shown)

    @cached_property
    def proposed(self) -> list[str]:
        return colleagues.proposed(self.desk, self.whose)

    @cached_property
    def names(self) -> dict[str, str]:
        said = [*self.absences, *self.everybody_away]
        ids = {name for one in said for name in (one.person, one.substitute) if name}
        ids |= {one.delegate for one in self.delegates}
        mine = (*standing_in_for(*self.asked, self.whose.id), *standing_in_for(*self.asked, self.desk.person.id))
        ids |= {one.person for one in mine}
        return {key: one.display for key, one in persons(self.desk.session, ids).items()}

    def hours(self, shift: Shift) -> str:
        """« mar. 24 nov. de 20:00 à 08:00 »"""
        return dates.span_of_hours(shift.since, shift.until, self.desk.today, self.desk.zone)

    def span(self, one: Absence) -> str:
        return absences.span(self.desk.context.calendar, one.since, one.until)


@blueprint.get("")
def show() -> ResponseReturnValue:
    return _show(_whose())


@blueprint.post("/absences")
def declare() -> ResponseReturnValue:
    """Declare an absence; what one has in hand moves at once when it begins now."""
    whose, typed = _whose(), request.form
    try:
        wish = read_wish(desk(), whose.id, typed)
        absences.declare(desk().session, context().clock, context().calendar, desk().tenant, wish, desk().person)
    except (Invalid, Conflict) as error:
        return _again(whose, error, "absence")
    return _done(whose)


@blueprint.post("/absences/<absence_id>/fin")
def end(absence_id: str) -> ResponseReturnValue:
    """Back early, or not leaving at all."""
    ended = absences.end(desk().session, context().clock, desk().tenant, absence_id, desk().person)
    return _done(person(desk().session, ended.person))


@blueprint.post("/absences/<absence_id>/remplacant")
def choose_substitute(absence_id: str) -> ResponseReturnValue:
    """Somebody else stands in from now on."""
    found = absences.absence(desk().session, desk().tenant, absence_id)
    whose = person(desk().session, found.person)
    parts = (desk().session, context().clock, context().calendar, desk().tenant)
    typed = request.form.get("remplacant", "").strip()
    try:
        chosen = substitute_of(desk(), typed)
        absences.choose_substitute(*parts, absence_id, chosen, desk().person)
    except (Invalid, Conflict) as error:
        return _again(whose, error, f"remplacant-{absence_id}")
    return _done(whose)


@blueprint.post("/semaine")
def add_unavailability() -> ResponseReturnValue:
    whose, typed = _whose(), request.form
    try:
        unavailability.add(
            desk().session, context().clock, desk().tenant, desk().person, person=whose.id, **read_week(desk(), typed)
        )
    except (Invalid, Conflict) as error:
        return _again(whose, error, "semaine")
    return _done(whose)


@blueprint.post("/semaine/<unavailability_id>/fin")
def remove_unavailability(unavailability_id: str) -> ResponseReturnValue:
    whose = _whose()
    unavailability.remove(desk().session, context().clock, desk().tenant, unavailability_id, desk().person)
    return _done(whose)


@blueprint.post("/delegues")
def grant() -> ResponseReturnValue:
    whose = _whose()
    try:
        chosen = colleagues.meant(desk(), request.form.get("delegue", ""), "delegue")
        delegates.grant(desk().session, context().clock, desk().tenant, whose.id, chosen, desk().person)
    except (Invalid, Conflict) as error:
        return _again(whose, error, "delegues")
    return _done(whose)


@blueprint.post("/delegues/<delegation_id>/fin")
def withdraw(delegation_id: str) -> ResponseReturnValue:
    whose = _whose()
    delegates.withdraw(desk().session, context().clock, desk().tenant, delegation_id, desk().person)
    return _done(whose)


def read_wish(at: Desk, whose: str, typed: Typed) -> Wish:
    """An absence as the form says it: whole days, unless hours are given. Raises Invalid."""
    said = typed.get("remplacant", "").strip()
    wrong: dict[str, str] = {}
    since, until = (read_moment(at, typed, name, wrong) for name in ("debut", "fin"))
    if since is None or until is None:
        raise Invalid("Cette absence n’est pas encore complète.", wrong)
    chosen = substitute_of(at, said)
    way = absences.SUBSTITUTE if chosen else absences.RULE
    note = " ".join(typed.get("note", "").split())
    return Wish(whose, since, until, typed.get("motif", ""), way, chosen, note)


def substitute_of(at: Desk, typed: str) -> str | None:
    """Who stands in, of those who can come in. Raises Invalid, Conflict."""
    if not typed:
        return None
    chosen = colleagues.meant(at, typed, "remplacant")
    accounts.check_comes_in(at.session, chosen)
    return chosen


def read_moment(at: Desk, typed: Typed, name: str, wrong: dict[str, str]) -> datetime | None:
    """A day and perhaps an hour; without one, `fin` means the whole day."""
    day, hour = read_day(typed.get(name, "")), typed.get(f"{name}__heure", "").strip()
    clock_time = read_time(hour) if hour else time()
    if day is None or clock_time is None:
        wrong[name] = "Écrivez une heure, par exemple 14:00." if day else "Écrivez une date, par exemple 24/11/2026."
        return None
    if name == "fin" and not hour:
        day += timedelta(days=1)
    return at.context.calendar.at(day, clock_time)


def read_week(at: Desk, typed: Typed) -> dict[str, Any]:
    """A weekly unavailability as the form says it; « 24 h » and an empty end mean the end of the day."""
    end = typed.get("a", "").strip()
    known = {name: read_time(typed.get(name, "")) for name in ("de", "a")}
    first = read_day(typed.get("depuis", "")) or at.today
    return {
        "weekday": _number(typed.get("jour", "")),
        "from_time": f"{known['de']:%H:%M}" if known["de"] else typed.get("de", ""),
        "to_time": unavailability.END_OF_DAY if not end else f"{known['a']:%H:%M}" if known["a"] else end,
        "every_weeks": _number(typed.get("rythme", "1")),
        "first_day": first,
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 4 else 0


def _whose() -> Person:
    """The person in question: oneself, or whom one may speak for. Raises Forbidden, NotFound."""
    asked = request.values.get("personne", "").strip()
    if not asked or asked == desk().person.id:
        return desk().person
    found = colleagues.meant(desk(), asked, "personne")
    absences.may_speak_for(desk().session, context().clock, desk().tenant, found, desk().person)
    return person(desk().session, found)


def _show(whose: Person, typed: Typed | None = None, error: RequestError | None = None, form: str = "") -> str:
    errors = dict(error.fields) if isinstance(error, Invalid) else {}
    return render_template(
        "inbox/availability.html",
        page=Page(desk(), whose),
        typed=typed or {},
        errors={NAMED.get(name, name): text for name, text in errors.items()},
        refusal=error.message if error else "",
        form=form,
        reasons=absences.REASONS,
        days=unavailability.DAYS,
        rhythms=unavailability.EVERY,
    )


NAMED = {
    "since": "debut", "until": "fin", "reason": "motif", "substitute": "remplacant", "weekday": "jour",
    "from_time": "de", "to_time": "a", "every_weeks": "rythme", "first_day": "depuis", "delegate": "delegue",
}  # fmt: skip
"""The box of the page in which a field of the rows is typed."""


def _again(whose: Person, error: RequestError, form: str) -> ResponseReturnValue:
    """The page with what was typed and what to do about it; nothing was written."""
    finish(commit=False)
    return _show(whose, request.form, error, form), error.status


def _done(whose: Person) -> ResponseReturnValue:
    """Keep it, and move at once what it moves; the worker goes on with what is left."""
    address = url_for("availability.show", personne=None if whose.id == desk().person.id else whose.id)
    finish(commit=True)
    routing.sweep(context(), MOVED_AT_ONCE)
    return redirect(address, 303)
