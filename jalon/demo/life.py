"""The life of the demo's cases: discharges are received and tasks answered at their own hour, through the real path."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.errors import Forbidden
from base.jobs.adapters import queue_of
from base.log import only_warnings
from engine.engine import Engine
from engine.tables import task, timer
from inbox.desk import Desk
from inbox.task import tasks
from jalon.demo.answers import boxes
from jalon.demo.discharges import STORIES, Discharge, message
from jalon.demo.professionals import professionals
from jalon.worker import build_worker
from pathways.context import Context
from people import persons
from people.persons import Person
from webhooks import receptions
from webhooks.formats import FORMATS

PARIS = ZoneInfo("Europe/Paris")
JSON = "application/json"
OPENS, CLOSES = 8, 19
"""People answer between these hours."""


@dataclass(frozen=True, order=True)
class Happening:
    """A discharge to receive (`turn` 0), or an answer to give in that story's case, at an instant."""

    at: datetime
    story: int
    turn: int


def live(context: Context, now: datetime) -> None:
    """Play every story up to `now`; what was not answered stays in the inbox, late or not."""
    clock = ManualClock(now)
    life = Life(lived_at(context, clock), clock)
    with only_warnings():
        for happening in sorted(_happenings(now)):
            life.wait_until(happening.at)
            life.happen(STORIES[happening.story], happening.story, happening.turn)
        life.wait_until(now)
        build_worker(life.context).run_once()


def _happenings(now: datetime) -> Iterator[Happening]:
    for number, story in enumerate(STORIES):
        begun = _discharged(now, story.age_hours)
        yield Happening(begun, number, 0)
        for turn in range(1, story.answers + 1):
            when = _in_office_hours(begun + timedelta(hours=1.5 + story.pace_hours * (turn - 1)))
            if when < now:
                yield Happening(when, number, turn)


def _discharged(now: datetime, age_hours: float) -> datetime:
    """People go home by day, unless that day has not begun yet."""
    begun = now - timedelta(hours=age_hours)
    by_day = _in_office_hours(begun)
    return by_day if by_day < now else begun


def _in_office_hours(instant: datetime) -> datetime:
    local = instant.astimezone(PARIS)
    if local.hour < OPENS:
        local = local.replace(hour=OPENS, minute=local.minute)
    elif local.hour >= CLOSES:
        local = (local + timedelta(days=1)).replace(hour=OPENS, minute=local.minute)
    return local.astimezone(instant.tzinfo)


def lived_at(context: Context, clock: ManualClock) -> Context:
    """The same installation by another clock: what is done through it happens then."""
    queue = queue_of(context.settings, clock)
    environment = replace(context.engine.environment, clock=clock, queue=queue)
    return replace(context, clock=clock, queue=queue, engine=Engine(environment, context.tenant))


class Life:
    """An installation whose time is moved by hand, from one happening to the next."""

    def __init__(self, context: Context, clock: ManualClock) -> None:
        self.context, self.clock = context, clock
        self.worker = build_worker(context, with_upkeep=False)
        self.cases: dict[int, str] = {}
        self.rank = {one.email: place for place, one in enumerate(professionals())}
        first = min(_happenings(clock.now())).at
        clock.instant = first

    def wait_until(self, instant: datetime) -> None:
        """Let time pass: every timer that falls due on the way fires at its own hour."""
        while (due := self._next_timer()) is not None and due <= instant:
            self.clock.instant = max(self.clock.now(), due)
            if not self._work():
                break
        self.clock.instant = instant
        self._work()

    def happen(self, story: Discharge, number: int, turn: int) -> None:
        if turn == 0:
            self._receive(story, number)
        else:
            self._answer(number)
        self._work()

    def _receive(self, story: Discharge, number: int) -> None:
        """What the partners' door does with a signed message, once the signature is right."""
        message_id = f"demo-{number + 1:02d}"
        content = message(story, self.clock.now(), message_id, f"VN-26-{4100 + number}")
        body = orjson.dumps(content)
        fact = FORMATS[JSON](body, message_id)
        with self.context.database.begin() as session:
            reception = receptions.store(session, self.context, story.partner, fact, JSON, body)
        self._work()
        with self.context.database.read() as session:
            case = receptions.reception(session, self.context.tenant, reception.id).case
        if case:
            self.cases[number] = case

    def _answer(self, number: int) -> None:
        """The task of the case that is due first is answered by somebody who may, through the form's own check."""
        with self.context.database.begin() as session:
            row = session.execute(self._first_task(self.cases.get(number, ""))).one_or_none()
            desk = self._desk(session, row.role, row.assignee, row.id) if row else None
            if row is None or desk is None:
                return
            found = tasks.task_of(desk, row.id)
            form = tasks.form_of(self.context.engine.definition(session, found.definition), found)
            typed = boxes(form, tasks.known_to(desk, found), self.clock.now()) if form else {}
            tasks.complete(desk, found, typed)

    def _first_task(self, case: str) -> Select[Any]:
        mine = (task.c.tenant == self.context.tenant, task.c.run == case, task.c.state == "open")
        return select(task).where(*mine).order_by(task.c.due_at.is_(None), task.c.due_at, task.c.id).limit(1)

    def _desk(self, session: Session, role: str | None, assignee: str | None, task_id: str) -> Desk | None:
        """The desk of the first who may answer: those of the table of sign-ins come first."""
        for who in self._holders(session, role, assignee):
            desk = Desk(session, self.context, who, only_reads=False)
            with suppress(Forbidden):
                tasks.task_of(desk, task_id)
                return desk
        return None

    def _holders(self, session: Session, role: str | None, assignee: str | None) -> list[Person]:
        """The one it is given to, else everybody who holds the role."""
        if assignee:
            return [persons.person(session, assignee)]
        holders = persons.holding(session, self.context.tenant, role) if role else []
        return sorted(holders, key=lambda one: self.rank.get(one.email, len(self.rank)))

    def _next_timer(self) -> datetime | None:
        with self.context.database.read() as session:
            found = select(func.min(timer.c.due_at)).where(timer.c.tenant == self.context.tenant)
            due: datetime | None = session.scalar(found)
        return due

    def _work(self) -> int:
        return self.worker.run_once()
