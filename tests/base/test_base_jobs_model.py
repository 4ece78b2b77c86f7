"""The queue against a model of it: any order of asking, claiming, failing, dying and waiting keeps its promises."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from base.jobs.claims import MAX_ATTEMPTS, Claim
from tests.support.queues import Jobs

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Known:
    """What the model knows of one job."""

    order: tuple[datetime, int]
    rank: int
    run_at: datetime
    serial: str | None
    dedupe: str | None
    state: str = "ready"
    attempt: int = 0
    claim: Claim | None = None


class QueueMachine(RuleBasedStateMachine):
    def __init__(self, kept: Jobs) -> None:
        super().__init__()
        kept.clear()
        self.kept, self.database, self.queue, self.clock = kept, kept.database, kept.queue, kept.clock
        self.clock.instant = START
        self.claims = kept.claims()
        self.jobs: dict[str, Known] = {}
        self.asked = 0

    def running(self) -> list[Known]:
        return [known for known in self.jobs.values() if known.state == "running"]

    def is_free(self, known: Known) -> bool:
        """Due, and first of its serial key."""
        others = [one for one in self.jobs.values() if one is not known and one.serial == known.serial]
        behind = known.serial is not None and any(
            one.state == "running" or (one.state == "ready" and one.order < known.order) for one in others
        )
        return known.state == "ready" and known.run_at <= self.clock.now() and not behind

    @rule(
        serial=st.sampled_from([None, None, "a", "b"]),
        dedupe=st.sampled_from([None, None, "x", "y"]),
        priority=st.integers(-1, 1),
        later=st.sampled_from([0, 0, 0, 60]),
    )
    def ask(self, serial, dedupe, priority, later):
        run_at = self.clock.now() + timedelta(seconds=later)
        with self.database.begin() as session:
            job_id = self.queue.enqueue(
                session, "note", {}, run_at=run_at, serial_key=serial, dedupe_key=dedupe, priority=priority
            )
        waiting = [one for one, known in self.jobs.items() if known.state == "ready" and known.dedupe == dedupe]
        if dedupe is not None and waiting:
            assert [job_id] == waiting
            return
        assert job_id not in self.jobs
        self.asked += 1
        self.jobs[job_id] = Known((run_at, self.asked), -priority, run_at, serial, dedupe)

    @rule(dedupe=st.sampled_from(["x", "y"]))
    def cancel(self, dedupe):
        waiting = [one for one, known in self.jobs.items() if known.state == "ready" and known.dedupe == dedupe]
        with self.database.begin() as session:
            assert self.queue.cancel(session, dedupe) == len(waiting)
        for job_id in waiting:
            del self.jobs[job_id]

    @rule()
    def take(self):
        free = [known for known in self.jobs.values() if self.is_free(known)]
        claim = self.claims.take()
        if claim is None:
            assert free == []
            return
        known = self.jobs[claim.id]
        assert known in free
        assert (known.rank, known.order) == min((one.rank, one.order) for one in free)
        known.state, known.claim, known.attempt = "running", claim, known.attempt + 1
        assert claim.attempt == known.attempt

    @precondition(lambda self: self.running())
    @rule(data=st.data(), how=st.sampled_from(["settle", "settle", "retry", "give up"]))
    def end(self, data, how):
        known = data.draw(st.sampled_from(self.running()))
        claim = known.claim
        if how == "settle":
            with self.database.begin() as session:
                self.claims.settle(session, claim)
            del self.jobs[claim.id]
        elif how == "retry":
            self.claims.retry(claim, timedelta(seconds=30), "again")
            self.give_back(known, self.clock.now() + timedelta(seconds=30))
        else:
            self.claims.give_up(claim, "never")
            known.state, known.claim = "dead", None

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def wait(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))

    @precondition(lambda self: self.running())
    @rule()
    def die(self):
        """Every worker dies: once their leases are over, the jobs wait again."""
        self.kept.expire()
        lost = self.running()
        assert self.claims.reap() == len(lost)
        for known in sorted(lost, key=lambda one: one.order[1]):
            if known.attempt >= MAX_ATTEMPTS:
                known.state, known.claim = "dead", None
            else:
                self.give_back(known, known.run_at)

    def give_back(self, known: Known, run_at: datetime) -> None:
        twins = [one for one in self.jobs.values() if one.state == "ready" and one.dedupe == known.dedupe]
        if twins:
            known.dedupe = None
        known.state, known.claim, known.run_at = "ready", None, run_at

    @invariant()
    def the_rows_are_what_the_model_says(self):
        rows = self.kept.rows()
        assert {row.id: (row.state, row.attempt) for row in rows} == {
            job_id: (known.state, known.attempt) for job_id, known in self.jobs.items()
        }
        assert {row.id: row.dedupe_key for row in rows if row.state == "ready"} == {
            job_id: known.dedupe for job_id, known in self.jobs.items() if known.state == "ready"
        }
        serials = [known.serial for known in self.running() if known.serial is not None]
        assert len(serials) == len(set(serials))


def test_any_order_of_asking_claiming_failing_and_dying_keeps_the_promises(jobs: Jobs):
    examples = 40 if jobs.database.is_sqlite else 15
    run_state_machine_as_test(
        lambda: QueueMachine(jobs),
        settings=settings(
            max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
