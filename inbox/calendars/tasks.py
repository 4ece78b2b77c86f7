"""What a person has to answer and until when, as an agenda shows it: never a patient's name, never what it is about."""

from collections.abc import Callable, Iterator
from typing import Any

from icalendar import Calendar as Agenda
from icalendar import Event, Todo

from inbox.desk import Desk
from inbox.lists.walks import walks

SUMMARY = "Tâche Jalon"
MOST = 200
"""How many of each list, the first due first."""
Address = Callable[[str], str]


def tasks(desk: Desk, address: Address, *, as_todos: bool) -> bytes:
    """The dated tasks of a person's lists; `as_todos` for agendas that keep tasks apart from appointments."""
    agenda = Agenda()
    agenda.add("prodid", "-//Jalon//echeances//FR")
    agenda.add("version", "2.0")
    agenda.add("x-wr-calname", "Échéances Jalon")
    for row in _due(desk):
        agenda.add_component(_entry(row, address(row.id), as_todo=as_todos))
    return bytes(agenda.to_ical())


def _due(desk: Desk) -> Iterator[Any]:
    for tab in ("moi", "roles"):
        found = walks(desk).rows[tab].all(desk.session, {**desk.values, "most": MOST})
        yield from (row for row in found if row.due_at is not None)


def _entry(row: Any, link: str, *, as_todo: bool) -> Event | Todo:
    """Stamped by what was written, so that an agenda that is unchanged stays so byte for byte."""
    entry = Todo() if as_todo else Event()
    entry.add("uid", f"{row.id}@jalon")
    entry.add("dtstamp", row.created_at)
    entry.add("due" if as_todo else "dtstart", row.due_at)
    entry.add("summary", SUMMARY)
    entry.add("url", link)
    entry.add("class", "PRIVATE")
    if not as_todo:
        entry.add("transp", "TRANSPARENT")
    return entry
