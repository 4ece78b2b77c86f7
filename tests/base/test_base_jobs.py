import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import event, select, update

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict, Invalid, NotFound, PartnerError, RunError
from base.jobs.claims import ClaimLost, Claims
from base.jobs.embedded import EmbeddedQueue
from base.jobs.tables import job
from base.jobs.worker import Handler, Periodic, Work, Worker, delay, is_permanent


@pytest.fixture
def queue(clock: ManualClock) -> EmbeddedQueue:
    return EmbeddedQueue("demo", clock)


def ask(database: Database, queue: EmbeddedQueue, kind: str = "note", name: str = "", **options) -> str:
    with database.begin() as session:
        return queue.enqueue(session, kind, {"name": name}, **options)


def rows(database: Database) -> list:
    with database.read() as session:
        return list(session.execute(select(job).order_by(job.c.n)))


class Notes:
    """A handler that notes what it was given."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, work: Work) -> None:
        self.names.append(work.payload["name"])


def worker_of(database: Database, clock: ManualClock, handlers: Mapping[str, Handler] | Handler, **options) -> Worker:
    handlers = handlers if isinstance(handlers, Mapping) else {"note": handlers}
    return Worker(database, clock, handlers, **options)


def wait_for(condition: Callable[[], object], seconds: float = 8) -> float:
    start = monotonic()
    while not condition():
        assert monotonic() - start < seconds, "nothing happened in time"
        sleep(0.01)
    return monotonic() - start


def test_a_job_is_done_once_and_leaves_no_row(database, queue, clock):
    notes = Notes()
    ask(database, queue, name="one")
    worker = worker_of(database, clock, notes)
    assert worker.run_once() == 1
    assert worker.run_once() == 0
    assert notes.names == ["one"]
    assert rows(database) == []


def test_a_rolled_back_transaction_asks_for_nothing(database, queue, clock):
    with database.begin() as session:
        queue.enqueue(session, "note", {"name": "ghost"})
        session.rollback()
    assert worker_of(database, clock, Notes()).run_once() == 0
    assert not queue.wake.is_set()


def test_a_job_waits_for_its_time(database, queue, clock):
    notes = Notes()
    ask(database, queue, name="later", run_at=clock.now() + timedelta(hours=1))
    worker = worker_of(database, clock, notes)
    assert worker.run_once() == 0
    clock.advance(timedelta(hours=1))
    assert worker.run_once() == 1


def test_the_highest_priority_runs_first(database, queue, clock):
    notes = Notes()
    for name, priority in (("low", -1), ("first", 0), ("second", 0), ("high", 5)):
        ask(database, queue, name=name, priority=priority)
    worker_of(database, clock, notes).run_once()
    assert notes.names == ["high", "first", "second", "low"]


def test_a_kind_without_a_handler_waits(database, queue, clock):
    ask(database, queue, kind="unknown")
    assert worker_of(database, clock, Notes()).run_once() == 0
    assert [row.state for row in rows(database)] == ["ready"]


def test_another_tenants_jobs_are_left_alone(database, queue, clock):
    ask(database, EmbeddedQueue("other", clock), name="theirs")
    assert worker_of(database, clock, Notes(), tenant="demo").run_once() == 0


def test_the_same_dedupe_key_waits_only_once(database, queue, clock):
    first = ask(database, queue, dedupe_key="look:1")
    assert ask(database, queue, dedupe_key="look:1") == first
    assert ask(database, queue, dedupe_key="look:2") != first
    assert len(rows(database)) == 2


def test_a_job_asked_for_while_its_twin_runs_is_kept(database, queue, clock):
    runs = []

    def look(work: Work) -> None:
        runs.append(work.id)
        if len(runs) == 1:
            ask(database, queue, dedupe_key="look:1")
            raise RunError("À refaire.")

    ask(database, queue, dedupe_key="look:1")
    worker = worker_of(database, clock, look)
    assert worker.run_once() == 2
    clock.advance(timedelta(minutes=1))
    assert worker.run_once() == 1
    assert len(set(runs)) == 2


def test_a_waiting_job_can_be_cancelled(database, queue, clock):
    ask(database, queue, dedupe_key="remind:1", run_at=clock.now() + timedelta(days=1))
    with database.begin() as session:
        assert queue.cancel(session, "remind:1") == 1
        assert queue.cancel(session, "remind:1") == 0
    assert rows(database) == []


def test_jobs_of_one_serial_key_keep_their_order_through_a_retry(database, queue, clock):
    notes = Notes()
    failing = [RunError("Une fois.")]

    def work_on(work: Work) -> None:
        if work.payload["name"] == "a1" and failing:
            raise failing.pop()
        notes(work)

    for name in ("a1", "a2", "b1"):
        ask(database, queue, name=name, serial_key=name[0])
    worker = worker_of(database, clock, work_on)
    worker.run_once()
    assert notes.names == ["b1"]
    clock.advance(timedelta(minutes=1))
    worker.run_once()
    assert notes.names == ["b1", "a1", "a2"]


def test_a_dead_job_does_not_hold_up_those_behind_it(database, queue, clock):
    notes = Notes()

    def work_on(work: Work) -> None:
        if work.payload["name"] == "bad":
            raise Invalid("Jamais.")
        notes(work)

    ask(database, queue, name="bad", serial_key="a")
    ask(database, queue, name="good", serial_key="a")
    worker_of(database, clock, work_on).run_once()
    assert notes.names == ["good"]


def test_a_job_that_keeps_failing_waits_longer_and_longer_then_dies(database, queue, clock):
    attempts = []

    def fail(work: Work) -> None:
        attempts.append(clock.now())
        raise RunError("Encore.")

    ask(database, queue)
    worker = worker_of(database, clock, fail)
    for _ in range(200):
        worker.run_once()
        clock.advance(timedelta(minutes=30))
    assert len(attempts) == 12
    (row,) = rows(database)
    assert (row.state, row.attempt, row.error) == ("dead", 12, "run-incident: Encore.")


def test_a_partner_who_stays_away_is_tried_again_without_end(database, queue, clock):
    ask(database, queue)

    def away(work: Work) -> None:
        raise PartnerError("Le partenaire n’a pas répondu.", permanent=False)

    worker = worker_of(database, clock, away)
    for _ in range(30):
        assert worker.run_once() == 1
        clock.advance(timedelta(hours=8))
    assert rows(database)[0].state == "ready"


def test_retry_delays_grow_and_are_spread():
    error = RunError("Non.")
    bases = [5, 30, 120, 600, 3600, 21600, 21600]
    for attempt, base in enumerate(bases, start=1):
        seen = {delay(error, attempt).total_seconds() for _ in range(20)}
        assert min(seen) >= base
        assert max(seen) <= base * 1.25
        assert len(seen) > 1


def test_what_the_caller_must_mend_is_not_tried_again():
    assert is_permanent(Invalid("Non."))
    assert is_permanent(PartnerError("Non.", permanent=True))
    assert not is_permanent(PartnerError("Pas encore.", permanent=False))
    assert not is_permanent(Conflict("Trop tard."))
    assert not is_permanent(ValueError("?"))


def test_a_conflict_is_tried_again_at_once(database, queue, clock):
    attempts = []

    def clash(work: Work) -> None:
        attempts.append(work.attempt)
        if len(attempts) < 3:
            raise Conflict("Un autre était plus rapide.")

    ask(database, queue)
    worker_of(database, clock, clash).run_once()
    assert attempts == [1, 2, 3]


def test_a_dead_job_is_shown_and_can_be_revived(database, queue, clock):
    notes = Notes()
    job_id = ask(database, queue, name="odd")

    def refuse(work: Work) -> None:
        raise PartnerError("Adresse inconnue.", permanent=True, code="gone")

    worker_of(database, clock, refuse).run_once()
    with database.begin() as session:
        (dead,) = queue.dead(session)
        assert (dead.id, dead.error, dead.payload) == (job_id, "gone: Adresse inconnue.", {"name": "odd"})
        assert queue.counts(session) == {"dead": 1}
        queue.revive(session, job_id)
        with pytest.raises(NotFound):
            queue.revive(session, job_id)
    worker_of(database, clock, notes).run_once()
    assert notes.names == ["odd"]


def test_a_foreign_errors_text_is_not_kept(database, queue, clock):
    def fail(work: Work) -> None:
        raise ValueError("PAT-TROIS Dominique")

    ask(database, queue)
    worker_of(database, clock, fail).run_once()
    (row,) = rows(database)
    assert "ValueError" in row.error
    assert "PAT-TROIS" not in row.error


def test_finishing_writes_in_the_same_transaction(database, queue, clock):
    def hand_on(work: Work) -> None:
        with work.finish() as session:
            queue.enqueue(session, "second", {"name": "next"})

    notes = Notes()
    ask(database, queue)
    assert worker_of(database, clock, {"note": hand_on, "second": notes}).run_once() == 2
    assert notes.names == ["next"]


def test_a_failed_finish_writes_nothing_and_is_tried_again(database, queue, clock):
    def fail_inside(work: Work) -> None:
        with work.finish() as session:
            queue.enqueue(session, "second", {"name": "never"})
            raise RunError("Au dernier moment.")

    ask(database, queue)
    worker_of(database, clock, fail_inside).run_once()
    (row,) = rows(database)
    assert (row.kind, row.state, row.attempt) == ("note", "ready", 1)


def test_who_lost_the_claim_writes_nothing(database, queue, clock):
    lost = []

    def dawdle(work: Work) -> None:
        with database.begin() as session:
            session.execute(update(job).values(claim="another"))
        try:
            with work.finish() as session:
                queue.enqueue(session, "second", {})
        except ClaimLost as error:
            lost.append(error)
            raise

    ask(database, queue)
    worker_of(database, clock, dawdle).run_once()
    assert len(lost) == 1
    assert [(row.kind, row.state) for row in rows(database)] == [("note", "running")]


def test_an_expired_lease_gives_the_job_to_another(database, queue, clock):
    ask(database, queue)
    slow = Claims(database, clock, ["note"], None, timedelta(seconds=-1))
    claim = slow.take()
    other = Claims(database, clock, ["note"], None)
    assert other.take() is None
    assert other.reap() == 1
    again = other.take()
    assert again.attempt == 2
    with pytest.raises(ClaimLost), database.begin() as session:
        slow.settle(session, claim)
    with database.begin() as session:
        other.settle(session, again)


def test_a_living_workers_job_is_not_taken_back(database, queue, clock):
    ask(database, queue)
    claims = Claims(database, clock, ["note"], None)
    assert claims.take() is not None
    assert Claims(database, clock, ["note"], None).reap() == 0


def test_a_job_that_kills_its_workers_is_given_up(database, queue, clock):
    ask(database, queue)
    claims = Claims(database, clock, ["note"], None, timedelta(seconds=-1))
    for _ in range(12):
        assert claims.take() is not None
        claims.reap()
    assert claims.take() is None
    assert rows(database)[0].state == "dead"


def test_a_long_job_keeps_its_lease(database, queue, clock):
    release = threading.Event()
    ask(database, queue)
    worker = worker_of(database, clock, lambda work: release.wait(5) and None, lease=timedelta(seconds=0.4))
    worker.start()
    try:
        wait_for(lambda: rows(database)[0].state == "running")
        first = rows(database)[0].lease_until
        wait_for(lambda: rows(database)[0].lease_until > first)
        assert rows(database)[0].attempt == 1
    finally:
        release.set()
        wait_for(lambda: rows(database) == [])
        worker.stop()


def test_a_due_job_starts_within_half_a_second_without_the_bell(database, queue, clock):
    started = threading.Event()
    worker = worker_of(database, clock, lambda work: started.set())
    worker.start()
    try:
        sleep(0.05)
        ask(database, queue)
        assert started.wait(0.5)
    finally:
        worker.stop()


def test_the_bell_wakes_a_worker_at_once(database, queue, clock):
    started = threading.Event()
    worker = worker_of(database, clock, lambda work: started.set(), wake=queue.wake)
    worker.start()
    try:
        sleep(0.1)
        ask(database, queue)
        assert started.wait(0.2)
    finally:
        worker.stop()


def test_the_bell_rings_at_every_commit_and_at_no_rollback(database, queue):
    for _ in range(60):
        queue.wake.clear()
        ask(database, queue)
        assert queue.wake.is_set()
    queue.wake.clear()
    with database.begin() as session:
        queue.enqueue(session, "note", {"name": ""})
        session.rollback()
    assert not queue.wake.is_set()


def test_two_workers_of_several_threads_do_each_job_once(database, queue, clock):
    notes, running, clashes, lock = Notes(), set(), [], threading.Lock()

    def work_on(work: Work) -> None:
        key = work.payload["name"].split("-")[0]
        with lock:
            if key in running:
                clashes.append(key)
            running.add(key)
        sleep(0.001)
        notes(work)
        with lock:
            running.discard(key)

    for number in range(60):
        ask(database, queue, name=f"{number % 5}-{number}", serial_key=str(number % 5))
    workers = [worker_of(database, clock, work_on, threads=3) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        wait_for(lambda: len(notes.names) >= 60 and rows(database) == [], 20)
    finally:
        for worker in workers:
            worker.stop()
    assert len(notes.names) == 60
    assert clashes == []
    for key in range(5):
        mine = [name for name in notes.names if name.startswith(f"{key}-")]
        assert mine == [f"{key}-{number}" for number in range(key, 60, 5)]


def test_looking_for_work_when_there_is_none_only_reads(database, queue, clock):
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    event.listen(database.engine, "begin", lambda c: statements.append(str(c.get_execution_options())))
    assert worker_of(database, clock, Notes()).run_once() == 0
    assert statements
    assert not [text for text in statements if text.startswith(("UPDATE", "WITH", "BEGIN IMMEDIATE"))]


def test_periodic_acts_run_in_a_pass_until_nothing_is_left(database, queue, clock):
    left = [2, 1]
    sweep = Periodic("sweep", 1, lambda: left.pop() if left else 0)
    assert worker_of(database, clock, Notes(), periodic=[sweep]).run_once() == 3


def test_a_periodic_act_that_fails_stops_nothing(database, queue, clock):
    calls = []

    def sweep() -> int:
        calls.append(1)
        raise ValueError

    ask(database, queue)
    assert worker_of(database, clock, Notes(), periodic=[Periodic("sweep", 0.02, sweep)]).run_once() == 1
    worker = worker_of(database, clock, Notes(), periodic=[Periodic("sweep", 0.02, sweep)])
    worker.start()
    try:
        wait_for(lambda: len(calls) > 4)
    finally:
        worker.stop()
