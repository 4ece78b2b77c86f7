"""How many tasks wait for a person: their own, counted each time, and those of their roles, hardly beyond COUNTED.

These figures stand on every page. A long list of a role stays long: that there are more than COUNTED is remembered for
a while, so that not every page reads a hundred tasks again to say « 99+ ».
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from base.database import Database
from inbox.desk import Desk
from inbox.lists.walks import extra_roles, walks

COUNTED = 99
LONG_FOR = timedelta(seconds=30)
MOST = 5000
"""How many persons' long lists one process remembers."""
Known = dict[tuple[Any, ...], tuple[datetime, Any]]
_long: WeakKeyDictionary[Database, Known] = WeakKeyDictionary()


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


def mine(desk: Desk) -> Sequence[Any]:
    """All that is the person's own, first what is due first: each task's id and deadline."""
    return walks(desk).mine.all(desk.session, desk.values)


def counts(desk: Desk, own: Sequence[Any] | None = None) -> Counts:
    """Of what waits for roles, hardly more than COUNTED of each list: beyond, its length tells nobody what to do.

    `own` is what is the person's own, if it was asked for already.
    """
    known = mine(desk) if own is None else own
    dues = [row.due_at for row in known if row.due_at is not None and row.due_at < desk.midnight]
    late = sum(due < desk.now for due in dues)
    offered = _offered(desk)
    return Counts(len(known), offered.all, late + offered.late, len(dues) - late + offered.today)


def _offered(desk: Desk) -> Any:
    known = _long.setdefault(desk.context.database, {})
    key = (desk.tenant, desk.person.id, desk.person.roles, extra_roles(desk))
    at, found = known.get(key, (None, None))
    if at is not None and desk.now - at < LONG_FOR:
        return found
    found = walks(desk).offered_count.first(desk.session, {**desk.values, "most": COUNTED + 1})
    known.pop(key, None)
    if found.all > COUNTED:
        if len(known) >= MOST:
            known.clear()
        known[key] = (desk.now, found)
    return found
