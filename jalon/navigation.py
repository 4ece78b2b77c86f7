"""The places that the rail and the tabs lead to, as the person's roles open them."""

from dataclasses import dataclass

from flask import request, url_for

from care.sharing.visibility import PROTECTION
from people.persons import Person

LEADS = frozenset({"coordonnateur_medical"})
OVERSEERS = LEADS | {"coordinateur", "admin"}
IDENTITIES = tuple(f"identities.{view}" for view in ("search", "results", "identity", "show", "pairs"))


@dataclass(frozen=True)
class Place:
    """Where it leads, who sees it (everybody when `roles` is empty), which views count as being there, and its
    name on a telephone. What is `of_patients` finds nothing for who only ever sees numbers."""

    name: str
    icon: str
    endpoint: str
    views: tuple[str, ...]
    roles: frozenset[str] = frozenset()
    short: str = ""
    of_patients: bool = False


@dataclass(frozen=True)
class Entry:
    """A place as one page shows it."""

    name: str
    icon: str
    url: str
    current: bool
    count: int
    short: str


WATCHERS = frozenset({PROTECTION})
STARTING = ("starting.choose", "starting.ask", "starting.open_case")
KEPT = tuple(f"directory_admin.{view}" for view in ("structures_page", "groups_page", "group_page", "imports_page"))
DIRECTORY = ("directory.people", "directory.person", "directory.form", *KEPT)
COCKPIT_ROLES = LEADS | {"coordinateur"}
REACH = ("reach.remind", "reach.messages", "reach.correct_address")
COCKPIT = (*(f"cockpit.{view}" for view in ("show", "tasks", "act", "people", "every", "active")), *REACH)
STUDIO = ("admin.atelier", "admin.editor", "parameters.show", "parameters.save", "versions.show")
PLACES = (
    Place("Pilotage", "compass", "cockpit.show", COCKPIT, COCKPIT_ROLES),
    Place("Accès en urgence", "triangle-alert", "emergencies.listing", ("emergencies.listing",), WATCHERS, "Urgences"),
    Place("Effacements", "eye-off", "erasures.show", ("erasures.show", "identities.identity"), WATCHERS),
    Place("À faire", "list-checks", "inbox.queue", ("inbox.queue", "inbox.task", "inbox.answer"), of_patients=True),
    Place("Dossiers", "folder-open", "inbox.cases", ("inbox.cases", "inbox.case", *STARTING), of_patients=True),
    Place("Annuaire", "contact", "directory.people", DIRECTORY),
    Place("Patients", "users-round", "identities.search", IDENTITIES, of_patients=True),
    Place("Suivi", "activity", "admin.runs", ("admin.runs", "admin.search_runs", "admin.run"), OVERSEERS),
    Place(
        "Absences, gardes",
        "calendar-clock",
        "availability.show",
        ("availability.show", "duty.show", "duty.organise"),
        short="Absences",
    ),
    Place("Comptes", "user-plus", "admissions.show", ("admissions.show", "admissions.invite"), OVERSEERS),
    Place("Parcours", "route", "admin.atelier", STUDIO, LEADS),
)


def entries(person: Person, waiting: int) -> list[Entry]:
    """What `person` may go to, with how many tasks wait on the first."""
    return [
        Entry(
            place.name, place.icon, url_for(place.endpoint), request.endpoint in place.views,
            waiting if place.endpoint == "inbox.queue" else 0, place.short or place.name,
        )
        for place in PLACES
        if _is_open(place, person, waiting)
    ]  # fmt: skip


def home(person: Person) -> str:
    """Where somebody arrives: at their tasks, or at what is theirs to watch when they never see a patient."""
    return "emergencies.listing" if _sees_numbers(person) else "inbox.queue"


def _is_open(place: Place, person: Person, waiting: int) -> bool:
    if place.of_patients and _sees_numbers(person):
        return place.endpoint == "inbox.queue" and waiting > 0
    return not place.roles or bool(place.roles & person.roles)


def _sees_numbers(person: Person) -> bool:
    """Whether all that they do is to look after the protection of data."""
    return person.roles == WATCHERS
