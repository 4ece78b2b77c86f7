"""A pathway with everything that a run can wait for, and what one run of it must look like, told by a few lines."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from tests.support import models
from tests.support.models import (
    boundary,
    catch,
    definition,
    document,
    element,
    end,
    gateway,
    many,
    message,
    process,
    service,
    start,
    timer,
    user,
)

REMINDED, PAUSE = timedelta(hours=1), timedelta(hours=2)
LANES = {"ask", "letter", "work", "level", "pause"}


def flow(source: str, target: str, condition: str | None = None, id: str | None = None) -> str:
    """Two versions name the same flow the same, as an editor does."""
    return models.flow(source, target, condition, id or f"{source}_{target}")


def chain(*ids: str) -> str:
    return "".join(flow(source, target) for source, target in pairwise(ids))


def pathway(*after: str) -> dict[str, bytes]:
    """Five branches side by side, then a signature of each person, then the closing, then what a version adds."""
    return {"life.bpmn": document(
        message("m", "lettre"), element("error", "refusal", errorCode="refus"), process(
            "p", start(), gateway("parallel", "split"), gateway("parallel", "join"), end(), flow("start", "split"),
            *_ask(), *_letter(), *_work(), *_level(),
            catch("pause", timer("timeDuration", "PT2H")), chain("split", "pause", "join"),
            user("sign", many("=people", "one")), user("close"), *map(user, after),
            chain("join", "sign", "close", *after, "end"),
        ),
    )}  # fmt: skip


def _ask() -> list[str]:
    """A task that may be asked again, with a reminder beside it."""
    return [
        user("ask"), gateway("exclusive", "again", default="no"), flow("split", "ask"), flow("ask", "again"),
        flow("again", "ask", "=again"), flow("again", "join", id="no"),
        boundary("late", "ask", timer("timeDuration", "PT1H"), cancels=False), user("remind"), end("reminded"),
        chain("late", "remind", "reminded"),
    ]  # fmt: skip


def _letter() -> list[str]:
    """A message, read by somebody, who may wait for another."""
    return [
        catch("letter", definition("message", "m")), user("read"), gateway("exclusive", "more", default="enough"),
        chain("split", "letter", "read", "more"), flow("more", "letter", "=more"), flow("more", "join", id="enough"),
    ]  # fmt: skip


def _work() -> list[str]:
    """A job, or a person when it is refused."""
    return [
        service("work", "job"), boundary("refused", "work", definition("error", "refusal")), user("alone"),
        gateway("exclusive", "done"), chain("split", "work", "done", "join"), chain("refused", "alone", "done"),
    ]  # fmt: skip


def _level() -> list[str]:
    """A choice that nobody can make as long as a value is missing."""
    return [
        gateway("exclusive", "level"), gateway("exclusive", "known"), flow("split", "level"), flow("known", "join"),
        flow("level", "known", "=level > 5", id="high"), flow("level", "known", "=level <= 5", id="low"),
    ]  # fmt: skip


@dataclass
class Life:
    """What one run must look like."""

    people: int
    level: int | None
    version: int
    state: str = "active"
    tasks: Counter[str] = field(default_factory=Counter)
    reminder: datetime | None = None
    pause: datetime | None = None
    stuck: set[str] = field(default_factory=set)
    waits_for_letter: bool = False
    works: bool = False
    done: set[str] = field(default_factory=set)
    answers: int = 0

    def begin(self, now: datetime) -> None:
        self._ask(now)
        self.waits_for_letter = self.works = True
        self.pause = now + PAUSE
        self.choose()

    def _ask(self, now: datetime) -> None:
        self.tasks["ask"] += 1
        self.reminder = now + REMINDED

    def choose(self) -> None:
        if self.level is None:
            self.stuck.add("level")
        else:
            self.stuck.discard("level")
            self._finished("level")

    def take_letter(self) -> None:
        self.waits_for_letter = False
        self.tasks["read"] += 1

    def answer(self, task: str, again: bool, now: datetime) -> None:
        """One task is answered; `again` is what its answer asks for, where it asks anything."""
        self.tasks -= Counter([task])
        self.answers += 1
        if task == "ask":
            self.reminder = None
            if again:
                self._ask(now)
            else:
                self._finished("ask")
        elif task == "read" and again:
            self.waits_for_letter = True
        elif task in ("read", "alone"):
            self._finished({"read": "letter", "alone": "work"}[task])
        elif task == "sign" and not self.tasks["sign"]:
            self.tasks["close"] += 1
        elif task == "close" and self.version == 2:
            self.tasks["extra"] += 1
        elif task in ("close", "extra"):
            self.done.add("end")
        self.rest()

    def work_done(self) -> None:
        self.works = False
        self._finished("work")

    def work_refused(self) -> None:
        self.works = False
        self.tasks["alone"] += 1

    def work_failed(self) -> None:
        self.works = False
        self.stuck.add("work")

    def work_again(self) -> None:
        self.works = True
        self.stuck.discard("work")

    def passed(self, now: datetime) -> bool:
        """What is due happens; whether anything was."""
        late, over = ((due is not None and due <= now) for due in (self.reminder, self.pause))
        if late:
            self.reminder = None
            self.tasks["remind"] += 1
        if over:
            self.pause = None
            self._finished("pause")
        return late or over

    def _finished(self, lane: str) -> None:
        self.done.add(lane)
        if self.done >= LANES:
            self.tasks += Counter(sign=self.people) if self.people else Counter(close=1)

    def rest(self) -> None:
        if "end" in self.done and not self.tasks:
            self.state = "completed"

    def cancel(self) -> None:
        self.state, self.reminder, self.pause = "cancelled", None, None
        self.waits_for_letter = self.works = False
        self.tasks.clear()
        self.stuck.clear()

    @property
    def due(self) -> list[datetime]:
        return sorted(due for due in (self.reminder, self.pause) if due is not None)
