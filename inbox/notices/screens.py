"""« Notifications »: what Jalon has told a person, how they want to be told, on which devices, and what left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Forbidden, Invalid
from care.guard import COORDINATOR
from inbox.desk import Desk
from inbox.notices import mail, push, sms
from inbox.notices.standing import standing
from inbox.notices.subjects import Subject, subjects
from inbox.notices.ways import is_open
from inbox.notices.wording import sentence
from inbox.request import desk, finish, require_sign_in
from inbox.session.cookie import device
from pathways.forms.answers import read_day
from people.notices import deliveries, preferences, rows, subscriptions
from people.notices.deliveries import Delivery
from people.notices.kinds import OF_TASK
from people.notices.preferences import CHANNELS, EMAIL, PUSH, SMS, Preference

blueprint = Blueprint("notices", __name__, url_prefix="/notifications", template_folder="../templates")
blueprint.before_request(require_sign_in)
Typed = Mapping[str, str]
SHOWN = 12
DONE = {
    "choix": "Vos choix sont gardés.", "appareil": "Cet appareil recevra les messages.",
    "retire": "Cet appareil ne recevra plus de message.", "adresse": "Les messages repartent vers cette adresse.",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One notice as the page says it, and which task it is about; `url` leads there, as long as that waits."""

    said: str
    at: datetime
    url: str
    is_over: bool
    urgent: bool
    title: str
    pathway: str
    patient: str
    why: str


class Page:
    """What the page shows to whom asks."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.me = desk, desk.person
        self.parts = (desk.session, desk.context, desk.tenant)

    @cached_property
    def lines(self) -> list[Line]:
        """What was told and may still be seen, the last first."""
        session, context, tenant = self.parts
        told = [one for one in rows.latest(session, tenant, self.me.id, SHOWN) if one.reason != rows.PASSED_ON]
        found = standing(session, context, self.me.id, told)
        over = {one.id for one in found.dropped.get(rows.ANSWERED, ())}
        shown = over | {one.id for one in found.kept}
        seen = [one for one in told if one.id in shown]
        known = subjects(self.desk, seen)
        told = [one if one.kind not in OF_TASK or one.id not in over else replace(one, due=None) for one in seen]
        return [_line(sentence(session, context, one), one, known[one.id], one.id in over) for one in told]

    @cached_property
    def preference(self) -> Preference:
        return preferences.preference(self.desk.session, self.desk.tenant, self.me.id)

    @cached_property
    def devices(self) -> list[subscriptions.Subscription]:
        return subscriptions.of_person(self.desk.session, self.desk.context.vault, self.desk.tenant, self.me.id)

    @cached_property
    def deliveries(self) -> list[Delivery]:
        return deliveries.latest(self.desk.session, self.desk.tenant, self.me.id)

    @cached_property
    def ways(self) -> dict[str, bool]:
        """Each way, and whether this installation has it."""
        return {channel: is_open(self.desk.context.settings, channel) for channel in CHANNELS}

    @property
    def only_here(self) -> bool:
        return not any(self.ways.values())

    @cached_property
    def where(self) -> dict[str, str]:
        """Where each way leads for this person."""
        return {EMAIL: self.me.email, SMS: sms.number(self.me.phone), PUSH: ""}

    @cached_property
    def bounced(self) -> str:
        """Why nothing goes to one's own address any more."""
        known = deliveries.bounced(self.desk.session, self.desk.tenant, [self.me.email])
        return next(iter(known.values()), "")

    @property
    def is_secure(self) -> bool:
        return mail.is_secure(self.me.email)

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Every address that sends back, for those who can put it right."""
        return deliveries.all_bounced(self.desk.session, self.desk.tenant) if self.coordinates else {}

    @property
    def coordinates(self) -> bool:
        return COORDINATOR in self.me.roles

    @property
    def push_key(self) -> str:
        return push.public_key(self.desk.context.settings)


@blueprint.get("")
def show() -> ResponseReturnValue:
    return _page()


@blueprint.post("/choix")
def settle() -> ResponseReturnValue:
    try:
        keep(desk(), read(desk(), request.form))
    except Invalid as error:
        finish(commit=False)
        return _page(error.fields, request.form), 422
    return _done("choix")


@blueprint.post("/appareils")
def subscribe() -> ResponseReturnValue:
    """This browser takes messages; it has asked its owner already."""
    add_device(desk(), request.form, device())
    return _done("appareil")


@blueprint.post("/appareils/<device_id>/retirer")
def unsubscribe(device_id: str) -> ResponseReturnValue:
    subscriptions.remove(desk().session, desk().tenant, desk().person.id, device_id)
    return _done("retire")


@blueprint.post("/adresses")
def clear_address() -> ResponseReturnValue:
    """The address works again: one's own, or anybody's for the coordination."""
    clear(desk(), request.form.get("adresse", ""))
    return _done("adresse")


def clear(who: Desk, address: str) -> bool:
    """Send to an address again; whether it was marked. Raises Forbidden."""
    wanted = deliveries.plain(address)
    if wanted != deliveries.plain(who.person.email) and COORDINATOR not in who.person.roles:
        raise Forbidden("Seule la coordination le dit pour quelqu’un d’autre.")
    return deliveries.clear(who.session, who.tenant, wanted)


def add_device(who: Desk, said: Mapping[str, str], name: str) -> str:
    """Let a browser take a person's messages; its id. Raises Invalid."""
    parts, settings = who.context, who.context.settings
    return subscriptions.subscribe(
        who.session, parts.vault, parts.clock, who.tenant, who.person.id, said,
        device=name, on_loopback=settings.is_loopback and not settings.is_https,
    )  # fmt: skip


def keep(who: Desk, chosen: Preference) -> Preference:
    """Settle a preference; what waits is given its hour anew. Raises Invalid."""
    kept = preferences.settle(who.session, who.context.clock, who.tenant, who.person.id, chosen)
    rows.reconsider(who.session, who.context.clock, who.tenant, who.person.id)
    return kept


def read(who: Desk, typed: Typed) -> Preference:
    """The form as a preference; an empty pause is none. Raises Invalid with all that is to be written anew."""
    cap, pause = typed.get("plafond", "").strip(), read_day(typed.get("pause", ""))
    wrong: dict[str, str] = {}
    if cap and not (cap.isascii() and cap.isdigit() and len(cap) < 6):
        wrong["plafond"], cap = "Écrivez un nombre, ou rien.", ""
    if pause is None and typed.get("pause", "").strip():
        wrong["pause"] = "Écrivez le jour puis le mois, par exemple 8/12/2026."
    chosen = Preference(
        email=typed.get("email", ""), push=typed.get("push", ""), sms=typed.get("sms", ""),
        digest_hours=typed.get("heures", "").replace(",", " ").replace(";", " "),
        quiet_from=typed.get("calme_de", ""), quiet_to=typed.get("calme_a", ""), weekly_cap=int(cap) if cap else None,
    )  # fmt: skip
    chosen = replace(chosen, paused_until=_end_of(who, pause)) if pause else chosen
    if wrong:
        raise Invalid("Des réponses sont à revoir.", _wrong(chosen, who.now) | wrong)
    return chosen


def _wrong(chosen: Preference, now: datetime) -> dict[str, str]:
    """What else is wrong with it."""
    try:
        preferences.checked(chosen, now)
    except Invalid as error:
        return error.fields
    return {}


def _end_of(who: Desk, day: date) -> datetime:
    """A pause lasts to the end of its last day."""
    return who.context.calendar.at(day + timedelta(days=1), time())


def _page(errors: Mapping[str, str] | None = None, typed: Typed | None = None) -> str:
    page = Page(desk())
    return render_template(
        "inbox/notices.html",
        page=page,
        typed=typed or _typed(desk(), page.preference),
        errors=errors or {},
        channels=CHANNELS,
        when=preferences.WHEN,
        states=deliveries.STATES,
        done=DONE.get(request.args.get("fait", ""), ""),
    )


def _typed(who: Desk, kept: Preference) -> Typed:
    """The preference as the form shows it."""
    pause = ""
    if kept.paused_until is not None and kept.is_paused(who.now):
        last = (kept.paused_until - timedelta(seconds=1)).astimezone(who.zone).date()
        pause = f"{last.day}/{last.month}/{last.year}"
    return {
        "email": kept.email, "push": kept.push, "sms": kept.sms, "heures": kept.digest_hours, "pause": pause,
        "calme_de": kept.quiet_from, "calme_a": kept.quiet_to, "plafond": str(kept.weekly_cap or ""),
    }  # fmt: skip


def _line(said: str, one: rows.Notice, about: Subject, is_over: bool) -> Line:
    url = "" if is_over else about.url
    return Line(said, one.at, url, is_over, one.urgent, about.title, about.pathway, about.patient, about.why)


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for("notices.show", fait=what), 303)
