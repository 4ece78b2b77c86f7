"""The lives of several runs in two processes against a model: whatever comes or dies, nothing is lost or doubled."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from base.database import Database
from base.errors import Conflict
from engine import tables
from engine.chain import Break
from engine.verification import verify
from tests.engine.life import Life
from tests.engine.life_place import TENANT, Place

RUNS = [f"00000000000000r{n}" for n in range(4)]
PROCESSES = st.integers(0, 1)
LEVELS = st.sampled_from([None, 3, 7])
DIES = st.sampled_from([False, False, False, False, True])
EXAMPLES = {"sqlite": 30, "postgresql": 12}
LOOKED_AT = tables.run, tables.task, tables.timer, tables.incident
LEFT = tables.token, tables.scope, tables.subscription, tables.timer


class Death(Exception):
    """The process dies before it commits."""


class RunMachine(RuleBasedStateMachine):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.database, self.clock, self.versions = place, place.database, place.clock, place.versions
        self.engines = [place.engine(), place.engine()]
        self.lives: dict[str, Life] = {}
        self.kept: dict[str, list[str]] = {run: [] for run in RUNS}
        self.letters: dict[str, tuple[str, str | None]] = {}

    @initialize(process=PROCESSES, level=LEVELS)
    def begin(self, process, level):
        """Two runs are under way."""
        self.start(RUNS[0], 1, level, 1, process, False)
        self.start(RUNS[1], 2, 7, 2, process, False)

    # --- how an input is given ---------------------------------------------------------------------------------------

    def does(self, dies: bool, act: Callable[[Session], Any]) -> bool:
        """Whether the input was acknowledged: a process that dies before the commit has done nothing."""
        try:
            with self.database.begin() as session:
                act(session)
                if dies:
                    raise Death
        except Death:
            return False
        return True

    def refuses(self, act: Callable[[Session], Any]) -> None:
        with pytest.raises(Conflict), self.database.begin() as session:
            act(session)

    def active(self) -> list[str]:
        return [run for run, life in self.lives.items() if life.state == "active"]

    def take_kept_letters(self, run: str) -> None:
        """What came early is read as soon as somebody waits for it."""
        life = self.lives[run]
        if life.waits_for_letter and self.kept[run]:
            letter = self.kept[run].pop(0)
            self.letters[letter] = (run, run)
            life.take_letter()

    # --- rules -------------------------------------------------------------------------------------------------------

    @rule(run=st.sampled_from(RUNS), people=st.integers(0, 2), level=LEVELS,
          version=st.sampled_from([1, 2]), process=PROCESSES, dies=DIES)  # fmt: skip
    def start(self, run, people, level, version, process, dies):
        given = {"dossier": run, "people": list(range(people)), "again": False, "more": False}
        given |= {} if level is None else {"level": level}

        def begin(session):
            self.engines[process].start(
                session, run=run, definition=self.versions[version - 1], process="p", message=None, variables=given,
                actor="anne",
            )  # fmt: skip

        if run in self.lives:
            self.refuses(begin)
        elif self.does(dies, begin):
            self.lives[run] = Life(people, level, version)
            self.lives[run].begin(self.clock.now())
            self.take_kept_letters(run)

    @precondition(lambda self: any(self.lives[run].tasks for run in self.active()))
    @rule(data=st.data(), again=st.booleans(), process=PROCESSES, dies=DIES)
    def complete(self, data, again, process, dies):
        run = data.draw(st.sampled_from([run for run in self.active() if self.lives[run].tasks]))
        self.answer(run, data.draw(st.sampled_from(self.place.open_tasks(run))), again, process, dies)

    def answer(self, run, task, again, process, dies):
        life, values = self.lives[run], {"again": again} if task.element == "ask" else {"more": again}

        def complete(session):
            self.engines[process].complete(session, task=task.id, variables=values, actor="anne")

        if self.does(dies, complete):
            life.answer(task.element, again, self.clock.now())
            self.take_kept_letters(run)
            self.refuses(complete)

    @precondition(lambda self: self.active())
    @rule(data=st.data(), process=PROCESSES)
    def hurry(self, data, process):
        """Everything that a run waits for comes to pass, each thing once."""
        run = data.draw(st.sampled_from(self.active()))
        life = self.lives[run]
        for element in sorted(life.stuck):
            self.resolve(run, element, True, process, False)
        if life.works:
            self.report(run, "done", process, False)
        if life.waits_for_letter:
            self.letter(run, process, False)
        self.wait(120)
        self.sweep(process)
        for task in self.place.open_tasks(run):
            self.answer(run, task, False, process, False)

    @precondition(lambda self: any(self.lives[run].tasks for run in self.active()))
    @rule(data=st.data(), process=PROCESSES, dies=DIES)
    def assign(self, data, process, dies):
        run = data.draw(st.sampled_from([run for run in self.active() if self.lives[run].tasks]))
        task = data.draw(st.sampled_from(self.place.open_tasks(run)))
        engine, after = self.engines[process], None if task.assignee else "bob"
        self.refuses(lambda s: engine.assign(s, task=task.id, before="eve", after="eve", actor="eve"))
        if self.does(dies, lambda s: engine.assign(s, task=task.id, before=task.assignee, after=after, actor="bob")):
            assert next(row for row in self.place.open_tasks(run) if row.id == task.id).assignee == after

    @rule(run=st.sampled_from(RUNS), process=PROCESSES, dies=DIES)
    def send(self, run, process, dies):
        self.letter(run, process, dies)

    def letter(self, run, process, dies):
        letter = f"m{len(self.letters):04}"
        said = []
        if not self.does(dies, lambda s: said.append(self.correlate(s, process, run, letter))):
            return
        life = self.lives.get(run)
        taken = life is not None and life.waits_for_letter
        self.letters[letter] = (run, run if taken else None)
        if taken:
            life.take_letter()
        else:
            self.kept[run].append(letter)
        assert said == [self.letters[letter][1]]

    @precondition(lambda self: self.letters)
    @rule(data=st.data(), process=PROCESSES)
    def send_again(self, data, process):
        """The same message changes nothing and gets the same answer."""
        letter = data.draw(st.sampled_from(sorted(self.letters)))
        run, taker = self.letters[letter]
        with self.database.begin() as session:
            assert self.correlate(session, process, run, letter) == taker

    def correlate(self, session, process, run, letter):
        return self.engines[process].correlate(
            session, message="lettre", key=run, variables={}, actor="chu", message_id=letter
        )

    @rule(minutes=st.sampled_from([10, 60, 120]))
    def wait(self, minutes):
        self.clock.advance(timedelta(minutes=minutes))

    @rule(process=PROCESSES)
    def sweep(self, process):
        moved = sum([self.lives[run].passed(self.clock.now()) for run in self.active()])
        assert self.engines[process].fire_due(self.database) == moved

    @precondition(lambda self: any(self.lives[run].works for run in self.active()))
    @rule(data=st.data(), how=st.sampled_from(["done", "refused", "failed"]), process=PROCESSES, dies=DIES)
    def end_job(self, data, how, process, dies):
        self.report(data.draw(st.sampled_from([r for r in self.active() if self.lives[r].works])), how, process, dies)

    def report(self, run, how, process, dies):
        token, engine = self.place.token(run, "work"), self.engines[process]

        def end(session):
            if how == "done":
                engine.finish_job(session, run=run, token=token, variables={"result": 1})
            else:
                code = "refus" if how == "refused" else None
                engine.fail_job(session, run=run, token=token, code=code, message="Refusé.")

        if self.does(dies, end):
            life = self.lives[run]
            {"done": life.work_done, "refused": life.work_refused, "failed": life.work_failed}[how]()
            self.refuses(end)

    @precondition(lambda self: any(self.lives[run].stuck for run in self.active()))
    @rule(data=st.data(), mended=st.booleans(), process=PROCESSES, dies=DIES)
    def retry(self, data, mended, process, dies):
        """After the missing value was put in by hand, or before."""
        run = data.draw(st.sampled_from([run for run in self.active() if self.lives[run].stuck]))
        self.resolve(run, data.draw(st.sampled_from(sorted(self.lives[run].stuck))), mended, process, dies)

    def resolve(self, run, element, mended, process, dies):
        life, engine = self.lives[run], self.engines[process]
        if mended and self.does(False, lambda s: engine.mend(s, run=run, variables={"level": 4}, actor="claire")):
            life.level = 4
        incident = self.place.incident(run, element)
        if self.does(dies, lambda s: engine.retry(s, incident=incident, actor="claire")):
            life.choose() if element == "level" else life.work_again()
            self.refuses(lambda s: engine.retry(s, incident=incident, actor="claire"))

    @precondition(lambda self: self.active())
    @rule(data=st.data(), process=PROCESSES, dies=DIES)
    def migrate(self, data, process, dies):
        """To the other version; from the one with a task more only while nobody is at that task."""
        run = data.draw(st.sampled_from(self.active()))
        life, engine = self.lives[run], self.engines[process]
        wanted = 3 - life.version
        digest = self.versions[wanted - 1]
        if life.tasks["extra"]:
            self.refuses(lambda s: engine.migrate(s, run=run, definition=digest, actor="claire"))
        elif self.does(dies, lambda s: engine.migrate(s, run=run, definition=digest, actor="claire")):
            life.version = wanted

    @precondition(lambda self: self.active())
    @rule(data=st.data(), process=PROCESSES, dies=DIES, really=st.sampled_from([False, False, True]))
    def cancel(self, data, process, dies, really):
        run = data.draw(st.sampled_from(self.active()))
        if self.does(dies or not really, lambda s: self.engines[process].cancel(s, run=run, actor="anne", reason="x")):
            self.lives[run].cancel()

    @rule(process=PROCESSES)
    def restart(self, process):
        """A process begins anew: it remembers nothing."""
        self.engines[process] = self.place.engine()

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def the_rows_are_what_the_model_says(self):
        with self.database.read() as session:
            runs, tasks, timers, stuck = (list(session.execute(select(table))) for table in LOOKED_AT)
            left = {row.run for table in LEFT for row in session.execute(select(table.c.run).distinct())}
        assert {row.id: row.state for row in runs} == {run: life.state for run, life in self.lives.items()}
        assert not left & {run for run, life in self.lives.items() if life.state != "active"}
        for run, life in self.lives.items():
            mine = [row for row in tasks if row.run == run]
            assert Counter(row.element for row in mine if row.state == "open") == +life.tasks
            assert sum(row.state == "completed" for row in mine) == life.answers
            assert sorted(row.due_at for row in timers if row.run == run) == life.due
            assert sorted(r.element for r in stuck if r.run == run and r.state == "open") == sorted(life.stuck)

    def teardown(self):
        """No entry of a journal ever goes or changes: at the end it tells whether one was doubled on the way."""
        with self.database.read() as session:
            faults = [said for said in verify(session, TENANT) if isinstance(said, Break)]
        answers = Counter(row.run for row in self.place.rows(tables.journal) if row.kind == "task_completed")
        owners = {row.owner for row in self.place.rows(tables.variable) if self.lives[row.run].state != "active"}
        self.place.clear()
        assert faults == []
        assert answers == +Counter({run: life.answers for run, life in self.lives.items()})
        assert owners <= {"s0"}


def test_the_lives_of_runs_are_what_the_model_says(database: Database) -> None:
    bounds = settings(
        max_examples=EXAMPLES[database.engine.dialect.name], stateful_step_count=40, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    place = Place(database)
    run_state_machine_as_test(lambda: RunMachine(place), settings=bounds)
