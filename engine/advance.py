"""One input of one run: take it up, let it go as far as it can, save; all in the caller's transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from base.errors import NotFound
from base.prepared import together
from engine import bundles, incidents, journal, kept, outbox, rows, steps, tasks
from engine.anchors import Sealed
from engine.environment import Environment, World
from engine.run import Run
from engine.waiting import do

Answer = TypeVar("Answer")
REMEMBERED = 500
PENDING = "engine.runs"


class Memory:
    """Runs that a process keeps between inputs; a version that is not the database's is never used.

    A run comes here when its transaction has committed, and is taken out while it is used: after any exception it is
    simply not there any more.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self.size, self.lock = size, Lock()
        self.runs: OrderedDict[str, Run] = OrderedDict()

    def take(self, session: Session, run: str) -> Run | None:
        with self.lock:
            remembered = self.runs.pop(run, None)
        pending = _pending(session).pop(run, None)
        return remembered if pending is None else pending[1]

    def keep(self, session: Session, run: Run) -> None:
        """To be remembered once the session commits."""
        _pending(session)[run.key] = self, run

    def remember(self, run: Run) -> None:
        with self.lock:
            self.runs[run.key] = run
            while len(self.runs) > self.size:
                self.runs.popitem(last=False)


def _pending(session: Session) -> dict[str, tuple[Memory, Run]]:
    found: dict[str, tuple[Memory, Run]] = session.info.setdefault(PENDING, {})
    return found


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    """What the transaction moved may be remembered now; the end of a savepoint does not count."""
    if PENDING in session.info and session.get_nested_transaction() is None:
        for memory, run in session.info.pop(PENDING).values():
            if run.state == "active":
                memory.remember(run)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, _transaction: object) -> None:
    session.info.pop(PENDING, None)


class Mover:
    """Moves the runs of one CPTS."""

    def __init__(self, environment: Environment, tenant: str, library: bundles.Library) -> None:
        self.environment, self.tenant, self.library = environment, tenant, library
        self.memory, self.sealed = Memory(), Sealed(tenant)

    def world(self, session: Session, actor: str) -> World:
        given = self.environment
        now = self.sealed.after(session, given.clock.now())
        return World(now, actor, given.calendar, given.operations, session, self.tenant)

    def begin(self, session: Session, run: Run, act: Callable[[Run], None]) -> None:
        """The first input of a new run, or of one that was read anew."""
        act(run)
        self._go_on(session, run)

    def move(
        self, session: Session, key: str, actor: str, act: Callable[[Run], Answer], header: rows.Header | None = None
    ) -> Answer:
        """One input of a run; `header` is its own, when it was just read. Raises NotFound, Conflict, and what `act`
        raises.
        """
        run = self.take(session, key, actor, header)
        answer = act(run)
        self._go_on(session, run)
        return answer

    def take(self, session: Session, key: str, actor: str, header: rows.Header | None = None) -> Run:
        """The run under its lock, out of the memory. Raises NotFound."""
        header = header or rows.header(session, self.tenant, key)
        if header is None:
            raise NotFound("Ce dossier n’existe pas.")
        world = self.world(session, actor)
        run = self.memory.take(session, key)
        if run is None or run.version != header.version:
            definition = self.library.definition(session, header.definition)
            return rows.load(session, header, definition, world, key)
        run.live_in(world)
        return run

    def _go_on(self, session: Session, run: Run) -> None:
        """Step until nothing is ready, also for messages that came early; then save."""
        steps.advance(run)
        while self._early(session, run):
            steps.advance(run)
        self.save(session, run)
        self.memory.keep(session, run)

    def _early(self, session: Session, run: Run) -> bool:
        """Give the run one message that was kept for it; whether there was one."""
        for key in sorted(run.rewired):
            token = run.tokens.get(key)
            if token is None or token.stuck:
                continue
            for n, kind, name, value in token.internal_data.get("subs", ()):
                message = kept.take(session, run, name, value) if kind == "message" else None
                if message is not None:
                    told = {"name": name, "message_id": message.id, "kept": True, "token": token.id, "n": n}
                    run.noted("message_received", token.task_spec.name, **told, variables=message.payload)
                    do(run, token, "fire", [n, message.payload])
                    steps.settle(run)
                    return True
        return False

    def save(self, session: Session, run: Run) -> None:
        """The run and everything that it asked for, as rows."""
        tasks.forget_held(session)
        effects = run.effects
        entries = journal.entries(run, effects)
        rows.save_header(session, run)
        with together(session):
            rows.save_parts(session, run)
            journal.write(session, entries)
            tasks.write(session, run, effects)
        incidents.write(session, run, effects)
        outbox.write(session, run, self.environment.queue, effects)
