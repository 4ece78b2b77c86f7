"""Definitions as rows: stored once under their digest, read back and parsed once per process."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.errors import NotFound
from engine import tables
from engine.definition import Definition, digest
from engine.inspection import inspect
from engine.refusals import RULES
from engine.refusals.rule import Rule

REMEMBERED = 200


class Library:
    """The definitions of one CPTS."""

    def __init__(self, tenant: str, clock: Clock, calendar: Calendar, rules: Sequence[Rule] = RULES) -> None:
        self.tenant, self.clock, self.calendar, self.rules = tenant, clock, calendar, rules
        self.lock = Lock()
        self.known: OrderedDict[str, Definition] = OrderedDict()

    def deploy(self, session: Session, files: Mapping[str, bytes]) -> str:
        """Check and store; the digest. Raises Refused with all findings."""
        name = digest(files)
        if self._stored(session, name):
            return name
        self._remember(inspect(files, self.calendar, self.rules))
        own = {"tenant": self.tenant, "digest": name}
        session.execute(insert(tables.definition), own | {"created_at": self.clock.now()})
        session.execute(insert(tables.definition_file), [own | {"path": p, "content": c} for p, c in files.items()])
        return name

    def definition(self, session: Session, name: str) -> Definition:
        """Raises NotFound. What was accepted once is not judged again: stricter rules must not stop a running case."""
        known = self.known.get(name)
        if known is not None:
            return known
        columns = tables.definition_file.c
        found = session.execute(
            select(columns.path, columns.content).where(columns.tenant == self.tenant, columns.digest == name)
        )
        files = {path: bytes(content) for path, content in found}
        if not files:
            raise NotFound("Cette version du parcours n’existe pas.")
        return self._remember(inspect(files, self.calendar, rules=()))

    def _stored(self, session: Session, name: str) -> bool:
        columns = tables.definition.c
        return (
            session.scalar(select(columns.digest).where(columns.tenant == self.tenant, columns.digest == name))
            is not None
        )

    def _remember(self, definition: Definition) -> Definition:
        with self.lock:
            self.known[definition.digest] = definition
            while len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        return definition
