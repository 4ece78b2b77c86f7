"""What waits for a person: the open tasks they may see, late first, and how many there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from base.vault import normalise
from care.patients import patients
from engine.tables import task
from inbox.desk import Desk
from inbox.lists import columns, done, follows
from inbox.lists.columns import Column
from inbox.lists.narrowing import Narrowing, narrowed, suggestion
from inbox.lists.statements import Question, statements
from inbox.lists.walks import extra_roles, listed, listed_of, walks
from inbox.lists.wanted import COLUMN, Wanted
from inbox.patient import Who, describe
from people.persons import persons
from people.roles import label

PAGE = 50
SORTED = 500
"""How many of a list are put in another order than its own."""
COUNTED = 99
GROUPS = {"late": "En retard", "today": "Aujourd’hui", "later": "Ensuite", "done": "Répondu", "all": "Tâches"}


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
    role: str = ""
    theirs: bool = True
    done_at: datetime | None = None
    columns: Sequence[str] = ()
    assignee: str | None = None


KEYS: dict[str, Callable[[Waiting], Any]] = {
    "urgence": lambda row: row.urgency,
    "attente": lambda row: row.created_at,
    "patient": lambda row: normalise(row.patient.name),
    "commune": lambda row: normalise(row.patient.commune),
    "parcours": lambda row: normalise(row.pathway),
    "role": lambda row: normalise(row.role),
}
"""What each order puts rows by."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `cut` when only its first SORTED rows are in order, `meant` a commune perhaps mistyped."""

    rows: Sequence[Waiting]
    more: bool
    cut: bool = False
    meant: str | None = None
    columns: Sequence[Column] = field(default_factory=tuple)


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


def queue(desk: Desk, wanted: Wanted) -> Page:
    """One page of a list; it goes on after a task."""
    shown = columns.columns(desk, wanted.parcours) if wanted.parcours else ()
    if wanted.sorts:
        return _sorted(desk, wanted, shown)
    found = _found(desk, wanted, PAGE + 1)
    meant = suggestion(desk, wanted.q) if not found and not wanted.apres else None
    return Page(_show(desk, found[:PAGE], wanted, shown), len(found) > PAGE, meant=meant, columns=shown)


def _sorted(desk: Desk, wanted: Wanted, shown: Sequence[Column]) -> Page:
    """In another order than the list's own: of its first SORTED rows, since patients' names are sealed."""
    found = _found(desk, Wanted.read({**wanted.said, "tri": "", "apres": ""}), SORTED + 1)
    rows = _show(desk, found[:SORTED], wanted, shown)
    rows.sort(key=lambda row: _key(row, wanted.tri, shown))
    start = next((n + 1 for n, row in enumerate(rows) if row.id == wanted.apres), 0)
    page = rows[start : start + PAGE]
    return Page(page, len(rows) > start + PAGE, cut=len(found) > SORTED, columns=shown)


def _key(row: Waiting, order: str, shown: Sequence[Column]) -> tuple[object, ...]:
    if order.startswith(COLUMN):
        names = [column.variable for column in shown]
        value = row.columns[names.index(order[len(COLUMN) :])] if order[len(COLUMN) :] in names else ""
        return (value == "", normalise(value), row.created_at, row.id)
    return (KEYS[order](row), row.due_at is None, row.due_at or row.created_at, row.id)


def _found(desk: Desk, wanted: Wanted, most: int) -> Sequence[Any]:
    """The rows of a list from a place on: by a statement that is kept ready when nothing narrows it."""
    values = {**desk.values, "most": most, **_place(desk, wanted)}
    if not wanted.is_narrowed and wanted.liste in walks(desk).rows:
        return walks(desk).rows[wanted.liste].all(desk.session, values)
    narrowing = narrowed(desk, wanted) if wanted.is_narrowed else Narrowing()
    return desk.session.execute(_question(desk, wanted.liste, narrowing), values).all()


def _question(desk: Desk, tab: str, narrowing: Narrowing) -> Question:
    if narrowing.runs is not None and tab in walks(desk).rows:
        return listed_of(desk.person, tab, narrowing.runs, narrowing.kept)
    kept = list(narrowing.kept)
    if narrowing.runs is not None:
        kept.append(task.c.run.in_(narrowing.runs))
    if tab == "suivies":
        return follows.followed(desk, kept)
    if tab == "faites":
        return done.answered(desk, kept)
    return listed(desk.person, extra_roles(desk), tab, kept, narrowing.within)


def _place(desk: Desk, wanted: Wanted) -> Mapping[str, Any]:
    if wanted.liste == "faites":
        return done.place(desk, wanted.apres) if wanted.apres else {}
    found = statements(desk.person).place.first(desk.session, {"id": wanted.apres}) if wanted.apres else None
    return found._asdict() if found else {}


def following(desk: Desk, tab: str = "moi") -> str | None:
    """The task that comes first now: of the tab if any is left, else of all that the person may see.

    Whoever has tasks of their own is not made to wait for a look at all that their roles are offered.
    """
    known = walks(desk)
    found = known.own.first(desk.session, desk.values) if tab == "moi" else None
    found = found or known.following[tab].first(desk.session, desk.values)
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


def _show(desk: Desk, found: Sequence[Any], wanted: Wanted, shown: Sequence[Column]) -> list[Waiting]:
    known = patients(desk.session, desk.context.vault, {row.patient for row in found})
    others = {row.assignee for row in found if row.assignee} | {row.through for row in found if row.through}
    replaced = {one: who.display for one, who in persons(desk.session, others - {desk.person.id}).items()}
    own = columns.values(desk.session, desk.tenant, {row.run for row in found}, [one.variable for one in shown])
    return [
        Waiting(
            row.id, row.run, row.name, row.title, describe(known[row.patient], desk.today),
            _why(desk, row, wanted.liste, replaced), row.created_at, row.due_at, _heading(row, desk, wanted),
            urgency(row.priority), label(row.role or ""), _is_theirs(desk, row, wanted.liste), row.completed_at,
            [own.get((row.run, one.variable), "") for one in shown], row.assignee,
        )
        for row in found
    ]  # fmt: skip


def _is_theirs(desk: Desk, row: Any, tab: str) -> bool:
    """Whether they may answer it here: what is done or only followed leads to its case."""
    return tab != "faites" and (tab != "suivies" or row.assignee == desk.person.id or row.through is not None)


def _why(desk: Desk, row: Any, tab: str, others: Mapping[str, str]) -> str:
    if tab == "faites":
        return ""
    other = others.get(row.assignee or row.through or "")
    if tab == "suivies" and not _is_theirs(desk, row, tab):
        return f"Attend {others[row.assignee]}." if row.assignee else f"Attend : {label(row.role or '').lower()}."
    if other:
        return f"Vous remplacez {other}."
    return why(row.assignee is not None, row.through is not None, row.role)


def _heading(row: Any, desk: Desk, wanted: Wanted) -> str:
    if wanted.liste == "faites":
        return "done"
    return "all" if wanted.sorts else _group(row.due_at, desk)


def _group(due: datetime | None, desk: Desk) -> str:
    if due is None or due >= desk.midnight:
        return "later"
    return "late" if due < desk.now else "today"
