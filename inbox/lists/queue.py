"""What waits for a person: the open tasks they may see, in an order, page after page, and how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from base.prepared import Query, filled
from care.tables import case
from engine.tables import task
from inbox.desk import Desk
from inbox.lists import blocks, columns, done, follows
from inbox.lists.blocks import Spot
from inbox.lists.columns import Column
from inbox.lists.narrowing import Shape, kept, meant, narrowed, suggestion, within
from inbox.lists.orders import BY_INDEX, PLACE_OF, Order
from inbox.lists.rows import Waiting, show, telling
from inbox.lists.statements import KEPT, Question, unnamed
from inbox.lists.walks import AT_ONCE, TABS, extra_roles, listed, listed_of, one_row, walks
from inbox.lists.wanted import Wanted
from people.persons import Person

PAGE = 50


@dataclass(frozen=True)
class Page:
    """One page of a list; `after` is where the next one begins, `meant` a commune perhaps mistyped.

    `cut` when the list is longer than what is put in its order at a time.
    """

    rows: Sequence[Waiting]
    after: str = ""
    cut: bool = False
    meant: str | None = None
    columns: Sequence[Column] = field(default_factory=tuple)

    @property
    def more(self) -> bool:
        return bool(self.after)


def queue(desk: Desk, wanted: Wanted, own: Sequence[Any] | None = None) -> Page:
    """One page of a list; it goes on after a place. `own` is what `counting.mine` found in this very transaction."""
    if own is not None and wanted == Wanted("moi"):
        return _of_own(desk, wanted, own)
    shown = columns.columns(desk, wanted.parcours) if wanted.parcours else ()
    if wanted.tri not in BY_INDEX:
        return _of_block(desk, wanted, shown)
    rows, more = _of_columns(desk, wanted, shown) if wanted.columns else _of_index(desk, wanted, shown)
    meant = suggestion(desk, wanted.q) if not rows and not wanted.apres else None
    return Page(rows, rows[-1].id if more else "", meant=meant, columns=shown)


def _of_own(desk: Desk, wanted: Wanted, own: Sequence[Any]) -> Page:
    """The first page of what is the person's own: it was weighed already, only its rows are looked up."""
    ids = [row.id for row in own[:PAGE]]
    values = {**desk.values, "most": AT_ONCE}
    known = [row for some in filled("id", ids, AT_ONCE) for row in walks(desk).these.all(desk.session, values | some)]
    return Page(show(desk, known, wanted, ()), ids[-1] if len(own) > PAGE else "")


def _of_index(desk: Desk, wanted: Wanted, shown: Sequence[Column]) -> tuple[list[Waiting], bool]:
    found = _found(desk, wanted, PAGE + 1, wanted.apres)
    return show(desk, found[:PAGE], wanted, shown), len(found) > PAGE


def _of_columns(desk: Desk, wanted: Wanted, shown: Sequence[Column]) -> tuple[list[Waiting], bool]:
    """A row whose column this person may not read is passed over: that it is found would tell what stands there."""
    rows: list[Waiting] = []
    after = wanted.apres
    while len(rows) <= PAGE:
        found = _found(desk, wanted, PAGE, after)
        rows += telling(show(desk, found, wanted, shown), wanted, shown)
        if len(found) < PAGE:
            break
        after = found[-1].id
    return rows[:PAGE], len(rows) > PAGE


def _of_block(desk: Desk, wanted: Wanted, shown: Sequence[Column]) -> Page:
    """In an order that no index knows: a page of the rows of one block, or the first of the next block."""
    spot = Spot.read(wanted.apres)
    found = _found(desk, replace(wanted, tri="echeance"), blocks.BLOCK + 1, spot.start)
    block, is_last = found[: blocks.BLOCK], len(found) <= blocks.BLOCK
    told = telling(show(desk, block, wanted, shown), wanted, shown)
    rows = sorted(told, key=lambda row: blocks.key(row, wanted.tri, shown))
    begin = _begin(desk, wanted, spot.last, rows, shown)
    page = rows[begin : begin + PAGE]
    if len(rows) > begin + PAGE:
        after = str(Spot(spot.start, page[-1].id))
    else:
        after = "" if is_last else str(Spot(block[-1].id))
    if after and not page:
        return _of_block(desk, replace(wanted, apres=after), shown)
    return Page(page, after, cut=bool(spot.start) or not is_last, columns=shown)


def _begin(desk: Desk, wanted: Wanted, last: str, rows: Sequence[Waiting], shown: Sequence[Column]) -> int:
    """How many rows stand before the place: also when the last one shown has left the list meanwhile.

    The name of a task that this person may no longer see is not looked at: the block is begun again.
    """
    if not last:
        return 0
    known = one_row(unnamed(desk.person)).all(desk.session, {**desk.values, "most": 1, "id": last})
    place = [blocks.key(row, wanted.tri, shown) for row in show(desk, known, wanted, shown)]
    return sum(blocks.key(row, wanted.tri, shown) <= place[0] for row in rows) if place else 0


def _found(desk: Desk, wanted: Wanted, most: int, after: str) -> Sequence[Any]:
    """The rows of a list from a place on, by a statement that is kept ready."""
    values = {**desk.values, "most": most, **_place(desk, wanted, after)}
    shape = None
    if wanted.is_narrowed:
        shape, narrowing = narrowed(desk, wanted)
        values |= narrowing
    extra = extra_roles(desk) if wanted.liste in TABS else ()
    return _ready(unnamed(desk.person), extra, wanted.liste, wanted.tri, shape).all(desk.session, values)


@lru_cache(maxsize=KEPT)
def _ready(person: Person, extra: tuple[str, ...], tab: str, tri: str, shape: Shape | None) -> Query:
    return Query(_question(person, extra, tab, BY_INDEX[tri], shape or Shape()))


def _question(person: Person, extra: tuple[str, ...], tab: str, order: Order, shape: Shape) -> Question:
    also, cases = kept(person.tenant, shape), meant(person.tenant, shape)
    if tab in TABS:
        if shape.few:
            return listed_of(person, extra, tab, cases, also, order)
        return listed(person, extra, tab, also, within(shape), order)
    if shape.few:
        also.append(task.c.run.in_(select(case.c.id).where(*cases).correlate(None)))
    return follows.followed(person, order, also) if tab == "suivies" else done.answered(person, also)


def _place(desk: Desk, wanted: Wanted, after: str) -> Mapping[str, Any]:
    if wanted.liste == "faites":
        return done.place(desk, after) if after else {}
    found = PLACE_OF.first(desk.session, {"tenant": desk.tenant, "id": after}) if after else None
    return found._asdict() if found else {}


def following(desk: Desk, tab: str = "moi") -> str | None:
    """The task that comes first now: of the tab if any is left, else of all that the person may see.

    Whoever has tasks of their own is not made to wait for a look at all that their roles are offered.
    """
    known = walks(desk)
    found = known.own.first(desk.session, desk.values) if tab == "moi" else None
    found = found or known.following[tab].first(desk.session, desk.values)
    return None if found is None else str(found.id)
