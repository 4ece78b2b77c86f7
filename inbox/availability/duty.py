"""« Gardes »: who is on duty now, the week with its gaps, swaps, calendar links; the roster for the coordination."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Conflict, Forbidden, Invalid, RequestError
from inbox import dates
from inbox.availability.availability import read_moment
from inbox.calendars.door import link
from inbox.desk import Desk
from inbox.request import context, desk, finish, require_sign_in
from inbox.task import colleagues
from pathways.forms.answers import read_day
from people.persons import Person, persons
from people.rosters import duty, duty_absences, duty_feeds, duty_import, duty_swaps
from people.rosters.duty import KINDS, Gap, Sector, Shift, Turn
from people.rosters.duty_periods import Period, period_at, periods

blueprint = Blueprint("duty", __name__, url_prefix="/gardes", template_folder="../templates")
WEEK, AHEAD = 7, timedelta(days=60)
LOOKED_AHEAD = 28
OWN_TASKS = "_echeances"
"""No key of a sector begins so."""
blueprint.before_request(require_sign_in)


@dataclass(frozen=True)
class Line:
    """One period of the week in one sector: who is there, and what nobody covers."""

    period: Period
    sector: Sector
    shifts: list[Shift]
    gaps: list[Gap]


class Page:
    """What the page shows: now, a week, and what concerns who looks."""

    def __init__(self, desk: Desk, first: date) -> None:
        self.desk, self.first = desk, first
        self.calendar, self.tenant = desk.context.calendar, desk.tenant

    @property
    def monday(self) -> str:
        return dates.long_day(self.first)

    @cached_property
    def sectors(self) -> list[Sector]:
        return duty.sectors(self.desk.session, self.tenant)

    @cached_property
    def now(self) -> dict[str, list[Shift]]:
        return duty.on_duty(self.desk.session, self.tenant, self.desk.now)

    @property
    def period(self) -> Period | None:
        return period_at(self.calendar, self.desk.now)

    @cached_property
    def shifts(self) -> list[Shift]:
        since = self.calendar.at(self.first, time())
        return duty.between(self.desk.session, self.tenant, since, since + timedelta(days=WEEK + 1))

    @cached_property
    def gaps(self) -> list[Gap]:
        found = duty.gaps(self.desk.session, self.calendar, self.tenant, self.first, WEEK)
        return [gap for gap in found if gap.until > self.desk.now]

    @cached_property
    def ahead(self) -> list[Gap]:
        """What nobody covers in the weeks to come, for who organises them."""
        if not self.is_organiser:
            return []
        found = duty.gaps(self.desk.session, self.calendar, self.tenant, self.desk.today, LOOKED_AHEAD)
        return sorted((gap for gap in found if gap.until > self.desk.now), key=lambda gap: gap.since)

    def week_of(self, gap: Gap) -> str:
        return self.desk.context.calendar.local(gap.period.since).date().isoformat()

    @cached_property
    def lines(self) -> list[Line]:
        found = [(one, sector) for one in periods(self.calendar, self.first, WEEK) for sector in self.sectors]
        return [self._line(period, sector) for period, sector in found]

    def _line(self, period: Period, sector: Sector) -> Line:
        there = [
            one
            for one in self.shifts
            if one.sector == sector.key and one.since < period.until and one.until > period.since
        ]
        return Line(period, sector, there, [g for g in self.gaps if g.period == period and g.sector == sector.key])

    @cached_property
    def mine(self) -> list[Shift]:
        now = self.desk.now
        return duty.of_person(self.desk.session, self.tenant, self.desk.person.id, now, now + AHEAD)

    @cached_property
    def missed(self) -> frozenset[str]:
        """The shifts in which whoever has them is absent."""
        return duty_absences.missed(self.desk.session, self.tenant, {one.id for one in (*self.shifts, *self.mine)})

    @cached_property
    def swaps(self) -> list[tuple[duty_swaps.Swap, Shift]]:
        found = duty_swaps.waiting(self.desk.session, self.tenant, self.desk.person.id)
        return [(one, duty.shift(self.desk.session, self.tenant, one.shift)) for one in found]

    @cached_property
    def asked(self) -> dict[str, duty_swaps.Swap]:
        """By shift, what one has proposed and nobody has answered."""
        return {shift.id: one for one, shift in self.swaps if one.giver == self.desk.person.id}

    @cached_property
    def feeds(self) -> list[tuple[str, str]]:
        names = {one.key: f"Secteur {one.name}" for one in self.sectors}
        found = duty_feeds.made_by(self.desk.session, self.tenant, self.desk.person)
        own = {duty_feeds.PERSON: "Vos gardes", duty_feeds.TASKS: "Vos échéances"}
        return [(one.secret_hash, own.get(one.kind) or names.get(one.target, "Secteur retiré")) for one in found]

    @cached_property
    def people(self) -> dict[str, Person]:
        said = [*self.shifts, *self.mine, *(one for found in self.now.values() for one in found)]
        ids = {one.person for one in said} | {name for one, _ in self.swaps for name in (one.giver, one.taker)}
        return persons(self.desk.session, ids)

    @property
    def is_organiser(self) -> bool:
        return duty.is_organiser(self.desk.person)

    @property
    def around(self) -> tuple[date, date]:
        return self.first - timedelta(days=WEEK), self.first + timedelta(days=WEEK)

    def proposed(self) -> list[str]:
        return colleagues.proposed(self.desk, self.desk.person)

    def hours(self, since: datetime, until: datetime) -> str:
        """« mar. 24 nov. de 20:00 à 08:00 »"""
        return dates.span_of_hours(since, until, self.desk.today, self.desk.zone)


@blueprint.get("")
def show() -> ResponseReturnValue:
    return _show()


@blueprint.post("/prendre")
def take() -> ResponseReturnValue:
    """Take a gap for oneself."""
    try:
        since, until = (datetime.fromisoformat(request.form.get(name, "")) for name in ("debut", "fin"))
    except ValueError as error:
        raise Invalid("Cette garde ne se lit pas.") from error
    if since.tzinfo is None or until.tzinfo is None:
        raise Invalid("Cette garde ne se lit pas.")
    sector, kind = request.form.get("secteur", "")[:120], request.form.get("type", "")[:16]
    return _write(Turn(sector, kind, since, until, desk().person.id), "")


@blueprint.post("/ajouter")
def add() -> ResponseReturnValue:
    """Put somebody on duty."""
    typed, wrong = request.form, dict[str, str]()
    try:
        since, until = (read_moment(desk(), typed, name, wrong) for name in ("debut", "fin"))
        if since is None or until is None:
            raise Invalid("Cette garde n’est pas encore complète.", wrong)
        chosen = colleagues.meant(desk(), typed.get("professionnel", ""), "professionnel")
    except Invalid as error:
        return _again(error, "ajouter")
    place = " ".join(typed.get("lieu", "").split())
    return _write(Turn(typed.get("secteur", ""), typed.get("type", ""), since, until, chosen, place), "ajouter")


@blueprint.post("/<shift_id>/retirer")
def remove(shift_id: str) -> ResponseReturnValue:
    duty.remove(desk().session, context().clock, desk().tenant, shift_id, desk().person)
    return _back()


@blueprint.post("/<shift_id>/proposer")
def propose(shift_id: str) -> ResponseReturnValue:
    """Ask somebody to take a shift of one's own."""
    try:
        chosen = colleagues.meant(desk(), request.form.get("collegue", ""), "collegue")
        parts = (desk().session, context().clock, context().calendar, desk().tenant)
        duty_swaps.propose(*parts, shift_id, chosen, desk().person)
    except (Invalid, Conflict) as error:
        return _again(error, "proposer")
    return _back()


@blueprint.post("/echanges/<swap_id>")
def answer(swap_id: str) -> ResponseReturnValue:
    """Accept, refuse, or take one's proposal back."""
    chosen = request.form.get("reponse", "")
    parts = (desk().session, context().clock)
    try:
        if chosen == "retirer":
            duty_swaps.withdraw(*parts, desk().tenant, swap_id, desk().person)
        else:
            duty_swaps.answer(
                *parts, context().calendar, desk().tenant, swap_id, desk().person, accepts=chosen == "accepter"
            )
    except (Invalid, Conflict) as error:
        return _again(error, "echanges")
    return _back()


@blueprint.post("/liens")
def make_feed() -> ResponseReturnValue:
    """A secret link, shown this once."""
    chosen, own = request.form.get("secteur", ""), desk().person.id
    wanted = {"": (duty_feeds.PERSON, own), OWN_TASKS: (duty_feeds.TASKS, own)}
    kind, target = wanted.get(chosen, (duty_feeds.SECTOR, chosen))
    try:
        secret = duty_feeds.make(desk().session, context().clock, desk().tenant, kind, target, desk().person)
    except (Invalid, Conflict) as error:
        return _again(error, "liens")
    finish(commit=True)
    return _show(link=link(secret))


@blueprint.post("/liens/<secret_hash>/retirer")
def revoke_feed(secret_hash: str) -> ResponseReturnValue:
    duty_feeds.revoke(desk().session, context().clock, desk().tenant, secret_hash, desk().person)
    return _back()


@blueprint.get("/organiser")
def organise() -> ResponseReturnValue:
    """The coordination's page: sectors, and a roster to import."""
    _check_organiser()
    return _organise()


@blueprint.post("/secteurs")
def write_sector() -> ResponseReturnValue:
    _check_organiser()
    name = " ".join(request.form.get("nom", "").split())
    key = request.form.get("cle", "") or _key(name)
    try:
        if not request.form.get("cle") and key in {one.key for one in duty.sectors(desk().session, desk().tenant)}:
            raise Conflict("Un secteur porte déjà ce nom : ouvrez-le pour changer ses communes.", code="sector-known")
        communes = re.split(r"[,;\n]", request.form.get("communes", ""))
        duty.write_sector(desk().session, desk().tenant, desk().person, key, name, communes)
    except (Invalid, Conflict) as error:
        finish(commit=False)
        return _organise(refusal=error.message), error.status
    return redirect(url_for("duty.organise"), 303)


@blueprint.post("/importer")
def plan_import() -> ResponseReturnValue:
    """Show what a file would write; nothing is written yet."""
    _check_organiser()
    sent = request.files.get("fichier")
    content = sent.read(duty_import.LARGEST + 1) if sent else b""
    return _plan(content, request.form.get("secteur", ""))


@blueprint.post("/importer/confirmer")
def carry_out_import() -> ResponseReturnValue:
    """Write the lines that can be written, of the file as it was shown."""
    _check_organiser()
    try:
        content = base64.b64decode(request.form.get("contenu", ""), validate=True)
    except binascii.Error as error:
        raise Invalid("Ce fichier ne se lit pas.") from error
    return _plan(content, request.form.get("secteur", ""), carry_out=True)


def _write(turn: Turn, form: str) -> ResponseReturnValue:
    try:
        duty.write(desk().session, context().clock, context().calendar, desk().tenant, turn, desk().person)
    except (Invalid, Conflict) as error:
        return _again(error, form)
    return _back()


def _plan(content: bytes, sector: str, *, carry_out: bool = False) -> ResponseReturnValue:
    parts = (desk().session, context().calendar, desk().tenant)
    try:
        lines = duty_import.plan(*parts, content, sector)
    except RequestError as error:
        finish(commit=False)
        hint = " ".join(error.fields.values()) if isinstance(error, Invalid) else ""
        return _organise(refusal=f"{error.message} {hint}".strip()), error.status
    if carry_out:
        session, calendar, tenant = parts
        lines = duty_import.carry_out(session, context().clock, calendar, tenant, lines, desk().person)
    kept = "" if carry_out else base64.b64encode(content).decode()
    return _organise(lines=lines, content=kept, sector=sector, written=carry_out)


def _organise(lines: Sequence[duty_import.Line] = (), **more: object) -> str:
    known = duty.sectors(desk().session, desk().tenant)
    shown = {"content": "", "sector": "", "written": False, "refusal": "", **more}
    return render_template(
        "inbox/duty_organise.html",
        sectors=known,
        columns=duty_import.COLUMNS,
        kinds=KINDS,
        lines=lines,
        names={one.key: one.name for one in known},
        people=persons(desk().session, {line.turn.person for line in lines if line.turn}),
        **shown,
    )


def _check_organiser() -> None:
    if not duty.is_organiser(desk().person):
        raise Forbidden("Seule la coordination organise les gardes.")


def _again(error: RequestError, form: str) -> ResponseReturnValue:
    finish(commit=False)
    hint = " ".join(error.fields.values()) if isinstance(error, Invalid) else ""
    return _show(refusal=f"{error.message} {hint}".strip(), form=form), error.status


def _show(*, link: str = "", refusal: str = "", form: str = "") -> str:
    page = Page(desk(), _first_day())
    return render_template(
        "inbox/duty.html", page=page, kinds=KINDS, link=link, refusal=refusal, form=form,
        typed=request.form if form else {},
    )  # fmt: skip


def _first_day() -> date:
    """The Monday of the week that is looked at."""
    day = read_day(request.values.get("semaine", "")) or desk().today
    return day - timedelta(days=day.weekday())


def _back() -> ResponseReturnValue:
    return redirect(url_for("duty.show", semaine=request.form.get("semaine") or None), 303)


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60]
