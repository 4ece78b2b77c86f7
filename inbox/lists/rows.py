"""The rows of a list as they are shown: the patient's name opened, why the task is here, under which heading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inbox.desk import Desk
from inbox.lists import columns
from inbox.lists.columns import Column
from inbox.lists.wanted import BANDS, Wanted
from inbox.patient import Who, named
from people.persons import persons
from people.roles import label

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
    priority: int = 50


def grouped(rows: Sequence[Waiting]) -> list[tuple[str, str, list[Waiting]]]:
    """The rows under their headings, empty groups left out."""
    groups = [(key, name, [row for row in rows if row.group == key]) for key, name in GROUPS.items()]
    return [group for group in groups if group[2]]


def urgency(priority: int) -> str:
    """The sign of a priority."""
    return next((sign for sign, (least, _) in BANDS.items() if priority >= least), "p3")


def why(assigned: bool, known: bool, role: str | None) -> str:
    """One sentence that says why this task is shown to this person."""
    if known and role == "medecin_traitant":
        return "Vous êtes son médecin traitant."
    if known and role:
        return f"Vous êtes dans son cercle de soins, {label(role).lower()}."
    return "Elle vous est confiée." if assigned else f"Votre rôle, {label(role or '').lower()}."


def show(desk: Desk, found: Sequence[Any], wanted: Wanted, shown: Sequence[Column]) -> list[Waiting]:
    known = named(desk, {row.patient for row in found})
    others = {row.assignee for row in found if row.assignee} | {row.through for row in found if row.through}
    replaced = {one: who.display for one, who in persons(desk.session, others - {desk.person.id}).items()}
    own = columns.told(desk, {row.run for row in found}, shown, involved=wanted.liste != "suivies")
    return [
        Waiting(
            row.id, row.run, row.name, row.title, known[row.patient],
            _why(desk, row, wanted.liste, replaced), row.created_at, row.due_at, _heading(row, desk, wanted),
            urgency(row.priority), label(row.role or ""), _is_theirs(desk, row, wanted.liste), row.completed_at,
            own[row.run], row.assignee, row.priority,
        )
        for row in found
    ]  # fmt: skip


def telling(found: Sequence[Waiting], wanted: Wanted, shown: Sequence[Column]) -> list[Waiting]:
    """Those that say something to this person in each column that the list is narrowed by."""
    places = [n for n, one in enumerate(shown) if one.variable in wanted.columns]
    return [row for row in found if all(row.columns[n] for n in places)]


def _is_theirs(desk: Desk, row: Any, tab: str) -> bool:
    """Whether they may answer it here: what is done or only followed leads to its case."""
    return tab != "faites" and (tab != "suivies" or row.assignee == desk.person.id or row.through is not None)


def _why(desk: Desk, row: Any, tab: str, others: Mapping[str, str]) -> str:
    if tab == "faites":
        return ""
    other = others.get(row.assignee or row.through or "")
    if tab == "suivies" and not _is_theirs(desk, row, tab):
        return f"Attend {others[row.assignee]}." if row.assignee else f"Attend : {label(row.role or '').lower()}."
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
