"""What screens see of a run: read from its rows, without taking its lock or loading it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Table, bindparam, func, or_, select
from sqlalchemy.orm import Session

from base.errors import NotFound
from base.prepared import Query
from engine import feel, incidents, rows, spiff, tables
from engine.definition import Definition
from engine.journal import TAKEN_BACK, void
from engine.pictures import ChoicePicture, MessagePicture, RunPicture, ScopePicture, TimerPicture, TokenPicture
from engine.scopes import hidden

STATES = {spiff.ERROR: "incident", spiff.WAITING: "waiting", spiff.READY: "waiting", spiff.STARTED: "active"}
RUN, JOURNAL = tables.run.c, tables.journal.c
HEADER = Query(
    select(RUN.definition, RUN.process, RUN.state, RUN.end_state, RUN.started_at, RUN.ended_at).where(
        RUN.tenant == bindparam("tenant"), RUN.id == bindparam("run")
    )
)
BACK = Query(
    select(JOURNAL.n, JOURNAL.detail).where(
        JOURNAL.tenant == bindparam("tenant"), JOURNAL.run == bindparam("run"), JOURNAL.kind == TAKEN_BACK
    )
)


@cache
def _of_run(table: Table, order: str) -> Query:
    mine = (table.c.tenant == bindparam("tenant"), table.c.run == bindparam("run"))
    return Query(select(table).where(*mine).order_by(table.c[order]))


class Looking:
    """One look at one run."""

    def __init__(self, session: Session, tenant: str, run: str, definition: Definition) -> None:
        self.session, self.tenant, self.run, self.definition = session, tenant, run, definition
        self.containers = {row.id: row.container for row in self._rows(tables.scope, "id")}
        self.tokens = self._rows(tables.token, "id")

    def _rows(self, table: Table, order: str) -> list[Any]:
        return _of_run(table, order).all(self.session, self._this)

    @property
    def _this(self) -> dict[str, str]:
        return {"tenant": self.tenant, "run": self.run}

    def picture(self) -> RunPicture:
        header = HEADER.first(self.session, self._this)
        return RunPicture(
            run=self.run,
            definition=header.definition,
            process=header.process,
            state=header.state,
            end_state=header.end_state,
            started_at=header.started_at,
            ended_at=header.ended_at,
            tokens=tuple(self._token(header.process, row) for row in self.tokens),
            scopes=tuple(self._scopes()),
            timers=tuple(self._timer(header.process, row) for row in self._rows(tables.timer, "due_at")),
            messages=tuple(self._messages()),
            incidents=tuple(incidents.of_run(self.session, self.tenant, self.run)),
            completed=self._completed(),
            choices=tuple(self._choices(header.process)),
        )

    def _token(self, process: str, row: Any) -> TokenPicture:
        container = self.containers.get(row.scope, process)
        node = self.definition.containers[container].task_specs[row.element]
        listens = row.notes is not None and b'"listener":true' in row.notes
        state = "listening" if listens and row.state != spiff.ERROR else STATES.get(row.state, "active")
        return TokenPicture(row.element, node.label, node.kind, container.partition("/")[0], state, row.since)

    def _scopes(self) -> list[ScopePicture]:
        elements = {f"s{row.id}": row.element for row in self.tokens} | {
            f"t{row.id}": row.element for row in self.tokens
        }
        found: dict[str, dict[str, Any]] = {"s0": {}}
        for row in self._rows(tables.variable, "name"):
            if not hidden(row.name):
                found.setdefault(row.owner, {})[row.name] = feel.from_feel(rows.unpack(row.name, row.value))
        return [ScopePicture(elements.get(owner, ""), values) for owner, values in found.items()]

    def _timer(self, process: str, row: Any) -> TimerPicture:
        held = next(token for token in self.tokens if token.id == row.token)
        node = self.definition.containers[self.containers.get(held.scope, process)].task_specs[row.element]
        expression = node.triggers[row.n].text or "" if row.n < len(node.triggers) else ""
        return TimerPicture(row.element, node.label, row.due_at, row.created_at, expression, row.token, row.n)

    def _messages(self) -> list[MessagePicture]:
        found = self._rows(tables.subscription, "since")
        return [MessagePicture(row.name, row.key, row.since) for row in found if row.kind == "message"]

    def _choices(self, process: str) -> Iterator[ChoicePicture]:
        """In a sequential sub-process nothing can be begun while something runs."""
        for row in self.tokens:
            notes = orjson.loads(row.notes) if row.notes and b'"choice":true' in row.notes else {}
            if "task" not in notes:
                continue
            node = self.definition.containers[self.containers.get(row.scope, process)].task_specs[row.element]
            running = Counter(other.element for other in self.tokens if other.scope == row.id and other.parent is None)
            offered = self.definition.choices(node)
            yield ChoicePicture(
                task=notes["task"],
                element=row.element,
                name=node.label,
                activities=() if node.sequential and running else offered,
                offered=offered,
                begun=notes.get("begun", {}),
                running=running,
                stops=node.cancels_rest,
            )

    def _completed(self) -> Mapping[str, int]:
        journal = tables.journal.c
        found = self.session.execute(
            select(journal.element, func.count().label("n"))
            .where(journal.tenant == self.tenant, journal.run == self.run, journal.kind == "element_completed")
            .where(*(or_(journal.n < first, journal.n >= end) for first, end in self._taken_back()))
            .group_by(journal.element)
        )
        return {row.element: row.n for row in found}

    def _taken_back(self) -> list[tuple[int, int]]:
        """From which entry on the journal tells of what no longer holds, and where it holds again."""
        return [void(row.n, orjson.loads(row.detail)) for row in BACK.all(self.session, self._this)]


def look(session: Session, tenant: str, run: str, definition: Definition) -> RunPicture:
    return Looking(session, tenant, run, definition).picture()


def definition_of(session: Session, tenant: str, run: str) -> str:
    """The digest that a run was started with. Raises NotFound."""
    found = HEADER.first(session, {"tenant": tenant, "run": run})
    if found is None:
        raise NotFound("Ce dossier n’existe pas.")
    return str(found.definition)
