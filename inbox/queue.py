"""What waits for a person: the open tasks they may see, late first, and how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from care.patients import patients
from inbox.desk import Desk
from inbox.patient import Who, describe
from inbox.statements import statements
from inbox.walks import walks
from people.roles import label

PAGE = 50
SEARCHED = 500
COUNTED = 99
GROUPS = {"late": "En retard", "today": "Aujourd’hui", "later": "Ensuite"}


@dataclass(frozen=True)
class Waiting:
    """One row of the list; `group` is a key of GROUPS, `urgency` one of p1, p2, p3."""

    id: str
    case: str
    title: str
    pathway: str
    patient: Who
    why: str
    created_at: datetime
    due_at: datetime | None
    group: str
    urgency: str


@dataclass(frozen=True)
class Counts:
    """How many tasks wait: for the person, for their roles; and of both, how many are late or due today."""

    mine: int
    roles: int
    late: int
    today: int

    @property
    def all(self) -> int:
        return self.mine + self.roles

    @property
    def later(self) -> int:
        return self.all - self.late - self.today

    @property
    def said(self) -> str:
        """« 3 pour aujourd’hui, 2 ensuite »; what is late is said beside it."""
        if not self.late and not self.today:
            return f"Rien pour aujourd’hui, {self.later} ensuite"
        parts = ((self.today, "pour aujourd’hui"), (self.later, "ensuite"))
        return ", ".join(f"{count} {when}" for count, when in parts if count)

    def of(self, tab: str) -> str:
        """« 12 », or « 99+ » where counting stopped."""
        count = {"moi": self.mine, "roles": self.roles, "retard": self.late}[tab]
        return f"{COUNTED}+" if tab != "moi" and count > COUNTED else str(count)


def counts(desk: Desk) -> Counts:
    """Of what waits for roles, hardly more than COUNTED of each list: beyond, its length tells nobody what to do."""
    values = {**desk.values, "most": COUNTED + 1}
    return Counts(*walks(desk).counts.first(desk.session, values))


def queue(desk: Desk, tab: str = "moi", words: str = "", after: str = "") -> tuple[list[Waiting], bool]:
    """The rows of one page of a tab, and whether more follow; the page goes on after a task.

    `words` keeps those that contain them all, of the first SEARCHED.
    """
    values = {**desk.values, "most": SEARCHED if words else PAGE + 1, **_place(desk, after)}
    found = walks(desk).rows[tab].all(desk.session, values)
    if not words:
        return _show(desk, found[:PAGE]), len(found) > PAGE
    rows = [row for row in _show(desk, found) if _contains(row, words)]
    return rows[:PAGE], len(rows) > PAGE


def _place(desk: Desk, after: str) -> Mapping[str, Any]:
    found = statements(desk.person).place.first(desk.session, {"id": after}) if after else None
    return found._asdict() if found else {}


def following(desk: Desk, tab: str = "moi") -> str | None:
    """The task that comes first now: of the tab if any is left, else of all that the person may see."""
    found = walks(desk).following[tab].first(desk.session, desk.values)
    return None if found is None else str(found.id)


def grouped(rows: Sequence[Waiting]) -> list[tuple[str, str, list[Waiting]]]:
    """The rows under their headings, empty groups left out."""
    groups = [(key, name, [row for row in rows if row.group == key]) for key, name in GROUPS.items()]
    return [group for group in groups if group[2]]


def urgency(priority: int) -> str:
    """The sign of a priority: Zeebe's range is 0 to 100 and 50 is ordinary."""
    return "p1" if priority >= 80 else "p2" if priority > 50 else "p3"


def why(assigned: bool, known: bool, role: str | None) -> str:
    """One sentence that says why this task is shown to this person."""
    if known and role == "medecin_traitant":
        return "Vous êtes son médecin traitant."
    if known and role:
        return f"Vous êtes dans son cercle de soins, {label(role).lower()}."
    return "Elle vous est confiée." if assigned else f"Votre rôle, {label(role or '').lower()}."


def _show(desk: Desk, found: Sequence[Any]) -> list[Waiting]:
    known = patients(desk.session, desk.context.vault, {row.patient for row in found})
    return [
        Waiting(
            row.id, row.run, row.name, row.title, describe(known[row.patient], desk.today),
            why(row.assignee is not None, row.through is not None, row.role), row.created_at, row.due_at,
            _group(row.due_at, desk), urgency(row.priority),
        )
        for row in found
    ]  # fmt: skip


def _group(due: datetime | None, desk: Desk) -> str:
    if due is None or due >= desk.midnight:
        return "later"
    return "late" if due < desk.now else "today"


def _contains(row: Waiting, words: str) -> bool:
    text = f"{row.title} {row.pathway} {row.patient.name} {row.patient.commune}".casefold()
    return all(word in text for word in words.casefold().split())
