"""Links in words: to whom, where each one stands, and all that happened to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from care.guard import ENDING
from inbox.desk import Desk
from inbox.links import kept, log, messages
from inbox.links.kept import Link
from inbox.links.log import Event
from inbox.links.messages import Message
from people.persons import Person, persons


@dataclass(frozen=True)
class Line:
    """A link as somebody sees it; `messages` only where a demonstration shows its sender what it would send."""

    link: Link
    to: str
    by: str
    state: str
    revocable: bool
    events: Sequence[Event]
    messages: Sequence[Message]


def lines(desk: Desk, found: Sequence[Link]) -> list[Line]:
    """These links, each with its story."""
    known = persons(desk.session, {one.recipient for one in found} | {one.sent_by for one in found})
    told = log.events(desk.session, desk.tenant, [one.id for one in found])
    return [_line(desk, one, known, told) for one in found]


def of_cases(desk: Desk, cases: Sequence[str]) -> list[Line]:
    """The links by which somebody could look into these cases."""
    return lines(desk, kept.of_cases(desk.session, desk.tenant, cases))


def _line(desk: Desk, one: Link, known: Mapping[str, Person], told: Mapping[str, Sequence[Event]]) -> Line:
    mine = one.sent_by == desk.person.id
    shown = messages.of_link(desk.session, desk.context, one.id) if desk.context.settings.demo and mine else []
    to, by = (known[key].display if key in known else "Compte supprimé" for key in (one.recipient, one.sent_by))
    revocable = not one.over(desk.now) and (mine or bool(desk.person.roles & ENDING))
    return Line(one, to, by, one.state(desk.now), revocable, told[one.id], shown)
