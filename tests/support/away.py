"""People who go away, and open tasks in their hands: for the tests of what an absence does."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from base.ids import new_id
from engine.tables import task
from pathways import standing_in
from pathways.context import Context
from people import persons
from people.persons import Person
from people.rosters import absences
from people.rosters.absences import Absence, Wish
from people.sign_in import accounts

PARIS = ZoneInfo("Europe/Paris")
SUITES = Path(__file__).parents[1] / "inbox" / "suites"


def paris(day: int, hour: int = 0) -> datetime:
    """A day of December 2026, in Paris."""
    return datetime(2026, 12, day, hour, tzinfo=PARIS)


class Practice:
    """A context with people who come and go; the first task of a case is offered to nurses."""

    def __init__(self, context: Context, own_rule: bytes | None = None) -> None:
        self.context = context
        files = {str(path.relative_to(SUITES)): path.read_bytes() for path in SUITES.rglob("*") if path.is_file()}
        if own_rule is not None:
            files["decisions/reaffectation.dmn"] = own_rule
        with context.database.begin() as session:
            self.definition = context.engine.deploy(session, files)

    def add(self, name: str, *roles: str) -> Person:
        parts = self.context
        with parts.database.begin() as session:
            added = persons.add(session, parts.tenant, family_name=f"DEMO-{name}", given_name=name, roles=roles)
            accounts.open_without_password(session, parts.clock, parts.tenant, added.id, f"{name}@essai.test")
            return added

    def open(self, holder: Person | None, run: str = "") -> str:
        """A case whose open task is in somebody's hands; returns the task's id."""
        run = run or new_id()
        with self.context.database.begin() as session:
            self.context.engine.start(
                session, run=run, definition=self.definition, process="p_suites", message="sortie",
                variables={"dossier": run}, actor="partner:essai",
            )  # fmt: skip
            found = session.execute(select(task.c.id).where(task.c.run == run)).scalar_one()
            if holder is not None:
                self.context.engine.assign(session, task=found, before=None, after=holder.id, actor="partner:essai")
            return str(found)

    def assign(self, found: str, after: Person | None, actor: str = "quelqu’un") -> None:
        with self.context.database.begin() as session:
            before = session.execute(select(task.c.assignee).where(task.c.id == found)).scalar_one()
            self.context.engine.assign(
                session, task=found, before=before, after=after.id if after else None, actor=actor
            )

    def leave(
        self, who: Person, since: datetime, until: datetime, substitute: Person | None = None, by: Person | None = None
    ) -> Absence:
        """An absence that the person declares, or somebody for them."""
        way = absences.SUBSTITUTE if substitute else absences.RULE
        wish = Wish(who.id, since, until, way=way, substitute=substitute.id if substitute else None)
        context = self.context
        with context.database.begin() as session:
            return absences.declare(session, context.clock, context.calendar, context.tenant, wish, by or who)

    def sweep(self) -> int:
        return standing_in.sweep(self.context)

    def holder(self, found: str) -> str | None:
        with self.context.database.read() as session:
            held: str | None = session.execute(select(task.c.assignee).where(task.c.id == found)).scalar_one()
            return held
