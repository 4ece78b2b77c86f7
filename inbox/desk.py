"""What every page of this door works with: who asks, in which transaction, and the parts of the program."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from care.guard import Sight, see_case
from inbox.dates import at_midnight_after
from pathways.context import Context
from people.persons import Person


@dataclass(frozen=True)
class Desk:
    """One person at work, during one request; the time stands still meanwhile."""

    session: Session
    context: Context
    person: Person
    only_reads: bool = True

    @property
    def tenant(self) -> str:
        return self.context.settings.tenant

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.context.settings.timezone)

    @cached_property
    def now(self) -> datetime:
        return self.context.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def midnight(self) -> datetime:
        """When the local day ends."""
        return at_midnight_after(self.now, self.zone)

    def sight(self, case: str, *, involved: bool = False) -> Sight:
        """What the guard lets this person see of a case. Raises NotFound, Forbidden."""
        if (case, involved) not in self._sights:
            matrix = self.context.visibility
            seen = see_case(self.session, self.person, case, now=self.now, involved=involved, matrix=matrix)
            self._sights[case, involved] = seen
        return self._sights[case, involved]

    @cached_property
    def _sights(self) -> dict[tuple[str, bool], Sight]:
        """What was asked already, by this request."""
        return {}

    @property
    def values(self) -> dict[str, object]:
        """What statements over tasks are asked with: who asks, and when."""
        return {"asker": self.person.id, "now": self.now, "midnight": self.midnight}
