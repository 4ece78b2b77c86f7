"""What every adapter of the jobs port promises, on each server that it knows."""

import threading
from datetime import timedelta
from time import sleep

import pytest
from sqlalchemy.exc import OperationalError

from base.errors import Conflict, Invalid, NotFound, PartnerError, RunError
from base.jobs.claims import ClaimLost
from base.jobs.worker import IDLE_SECONDS, Periodic, Work, delay, is_permanent
from tests.support.patience import PATIENCE, until


class Notes:
    """A handler that notes what it was given."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, work: Work) -> None:
        self.names.append(work.payload["name"])


def test_a_job_is_done_once_and_leaves_no_row(jobs, clock):
    notes = Notes()
    jobs.ask(name="one")
    worker = jobs.worker(notes)
    assert worker.run_once() == 1
    assert worker.run_once() == 0
    assert notes.names == ["one"]
    assert jobs.rows() == []


def test_a_rolled_back_transaction_asks_for_nothing(jobs, clock):
    with jobs.database.begin() as session:
        jobs.queue.enqueue(session, "note", {"name": "ghost"})
        session.rollback()
    assert jobs.worker(Notes()).run_once() == 0
    assert not jobs.queue.wake.is_set()


def test_a_job_waits_for_its_time(jobs, clock):
    notes = Notes()
    jobs.ask(name="later", run_at=clock.now() + timedelta(hours=1))
    worker = jobs.worker(notes)
    assert worker.run_once() == 0
    clock.advance(timedelta(hours=1))
    assert worker.run_once() == 1


def test_the_highest_priority_runs_first(jobs, clock):
    notes = Notes()
    for name, priority in (("low", -1), ("first", 0), ("second", 0), ("high", 5)):
        jobs.ask(name=name, priority=priority)
    jobs.worker(notes).run_once()
    assert notes.names == ["high", "first", "second", "low"]


def test_a_kind_without_a_handler_waits(jobs, clock):
    jobs.ask(kind="unknown")
    assert jobs.worker(Notes()).run_once() == 0
    assert [row.state for row in jobs.rows()] == ["ready"]


def test_another_tenants_jobs_are_left_alone(jobs, clock):
    with jobs.database.begin() as session:
        jobs.queue_of("other").enqueue(session, "note", {"name": "theirs"}, dedupe_key="one", serial_key="one")
    jobs.ask(name="ours", dedupe_key="one", serial_key="one", run_at=clock.now() + timedelta(days=1))
    assert jobs.worker(Notes(), tenant="demo").run_once() == 0


def test_the_same_dedupe_key_waits_only_once(jobs, clock):
    first = jobs.ask(dedupe_key="look:1")
    assert jobs.ask(dedupe_key="look:1") == first
    assert jobs.ask(dedupe_key="look:2") != first
    assert len(jobs.rows()) == 2


def test_a_job_asked_for_while_its_twin_runs_is_kept(jobs, clock):
    runs = []

    def look(work: Work) -> None:
        runs.append(work.id)
        if len(runs) == 1:
            jobs.ask(dedupe_key="look:1")
            raise RunError("À refaire.")

    jobs.ask(dedupe_key="look:1")
    worker = jobs.worker(look)
    assert worker.run_once() == 2
    clock.advance(timedelta(minutes=1))
    assert worker.run_once() == 1
    assert len(set(runs)) == 2


def test_a_waiting_job_can_be_cancelled(jobs, clock):
    jobs.ask(dedupe_key="remind:1", run_at=clock.now() + timedelta(days=1))
    with jobs.database.begin() as session:
        assert jobs.queue.cancel(session, "remind:1") == 1
        assert jobs.queue.cancel(session, "remind:1") == 0
    assert jobs.rows() == []


def test_jobs_of_one_serial_key_keep_their_order_through_a_retry(jobs, clock):
    notes = Notes()
    failing = [RunError("Une fois.")]

    def work_on(work: Work) -> None:
        if work.payload["name"] == "a1" and failing:
            raise failing.pop()
        notes(work)

    for name in ("a1", "a2", "b1"):
        jobs.ask(name=name, serial_key=name[0])
    worker = jobs.worker(work_on)
    worker.run_once()
    assert notes.names == ["b1"]
    clock.advance(timedelta(minutes=1))
    worker.run_once()
    assert notes.names == ["b1", "a1", "a2"]


def test_a_dead_job_does_not_hold_up_those_behind_it(jobs, clock):
    notes = Notes()

    def work_on(work: Work) -> None:
        if work.payload["name"] == "bad":
            raise Invalid("Jamais.")
        notes(work)

    jobs.ask(name="bad", serial_key="a")
    jobs.ask(name="good", serial_key="a")
    jobs.worker(work_on).run_once()
    assert notes.names == ["good"]


def test_a_job_that_keeps_failing_waits_longer_and_longer_then_dies(jobs, clock):
    attempts = []

    def fail(work: Work) -> None:
        attempts.append(clock.now())
        raise RunError("Encore.")

    jobs.ask()
    worker = jobs.worker(fail)
    for _ in range(200):
        worker.run_once()
        clock.advance(timedelta(minutes=30))
    assert len(attempts) == 12
    (row,) = jobs.rows()
    assert (row.state, row.attempt, row.error) == ("dead", 12, "run-incident: Encore.")


def test_a_partner_who_stays_away_is_tried_again_without_end(jobs, clock):
    jobs.ask()

    def away(work: Work) -> None:
        raise PartnerError("Le partenaire n’a pas répondu.", permanent=False)

    worker = jobs.worker(away)
    for _ in range(30):
        assert worker.run_once() == 1
        clock.advance(timedelta(hours=8))
    assert jobs.rows()[0].state == "ready"


def test_retry_delays_grow_and_are_spread():
    error = RunError("Non.")
    bases = [5, 30, 120, 600, 3600, 21600, 21600]
    for attempt, base in enumerate(bases, start=1):
        seen = {delay(error, attempt).total_seconds() for _ in range(20)}
        assert min(seen) >= base
        assert max(seen) <= base * 1.25
        assert len(seen) > 1


def test_a_job_whose_database_goes_away_waits_a_second_however_often(jobs, clock):
    def dropped(work: Work) -> None:
        raise OperationalError("SELECT 1", None, Exception("server closed the connection unexpectedly"))

    jobs.ask()
    worker = jobs.worker(dropped)
    for _ in range(30):
        assert worker.run_once() == 1
        clock.advance(timedelta(seconds=1.25))
    assert jobs.rows()[0].state == "ready"


def test_a_job_is_given_back_once_the_database_is_there_again(jobs, monkeypatch):
    """Its own failure, and the first two tries to say so, fall into the same restart of the database."""
    jobs.ask()
    gone = OperationalError("SELECT 1", None, Exception("server closed the connection unexpectedly"))

    def dropped(work: Work) -> None:
        raise gone

    worker = jobs.worker(dropped)
    give_back, tries = worker.claims.retry, []

    def faltering(*given) -> None:
        tries.append(given)
        if len(tries) < 3:
            raise gone
        give_back(*given)

    monkeypatch.setattr(worker.claims, "retry", faltering)
    monkeypatch.setattr("base.jobs.worker.TROUBLE_SECONDS", 0.01)
    assert worker.run_once() == 1
    assert len(tries) == 3
    assert jobs.rows()[0].state == "ready"


def test_what_the_caller_must_mend_is_not_tried_again():
    assert is_permanent(Invalid("Non."))
    assert is_permanent(PartnerError("Non.", permanent=True))
    assert not is_permanent(PartnerError("Pas encore.", permanent=False))
    assert not is_permanent(Conflict("Trop tard."))
    assert not is_permanent(ValueError("?"))


def test_a_conflict_is_tried_again_at_once(jobs, clock):
    attempts = []

    def clash(work: Work) -> None:
        attempts.append(work.attempt)
        if len(attempts) < 3:
            raise Conflict("Un autre était plus rapide.")

    jobs.ask()
    jobs.worker(clash).run_once()
    assert attempts == [1, 2, 3]


def test_a_dead_job_is_shown_and_can_be_revived(jobs, clock):
    notes = Notes()
    job_id = jobs.ask(name="odd")

    def refuse(work: Work) -> None:
        raise PartnerError("Adresse inconnue.", permanent=True, code="gone")

    asked_at = clock.now()
    clock.advance(timedelta(hours=3))
    jobs.worker(refuse).run_once()
    with jobs.database.begin() as session:
        (dead,) = jobs.queue.dead(session)
        assert (dead.id, dead.error, dead.payload) == (job_id, "gone: Adresse inconnue.", {"name": "odd"})
        assert (dead.created_at, dead.failed_at) == (asked_at, clock.now())
        assert jobs.queue.counts(session) == {"dead": 1}
        jobs.queue.revive(session, job_id)
        with pytest.raises(NotFound):
            jobs.queue.revive(session, job_id)
    jobs.worker(notes).run_once()
    assert notes.names == ["odd"]


def test_a_dead_job_is_dropped_for_good_and_a_living_one_is_not(jobs):
    def refuse(work: Work) -> None:
        raise PartnerError("Adresse inconnue.", permanent=True, code="gone")

    dead = jobs.ask(name="odd")
    jobs.worker(refuse).run_once()
    living = jobs.ask(name="even")
    with jobs.database.begin() as session:
        assert jobs.queue.dead_job(session, dead).payload == {"name": "odd"}
        jobs.queue.drop(session, dead)
        for job_id in (dead, living, "", "x" * 30, "²", "9" * 30):
            for act in (jobs.queue.dead_job, jobs.queue.drop, jobs.queue.revive):
                with pytest.raises(NotFound):
                    act(session, job_id)
        assert jobs.queue.counts(session) == {"ready": 1}


def test_a_foreign_errors_text_is_not_kept(jobs, clock):
    def fail(work: Work) -> None:
        raise ValueError("PAT-TROIS Dominique")

    jobs.ask()
    jobs.worker(fail).run_once()
    (row,) = jobs.rows()
    assert "ValueError" in row.error
    assert "PAT-TROIS" not in row.error


def test_finishing_writes_in_the_same_transaction(jobs, clock):
    def hand_on(work: Work) -> None:
        with work.finish() as session:
            jobs.queue.enqueue(session, "second", {"name": "next"})

    notes = Notes()
    jobs.ask()
    assert jobs.worker({"note": hand_on, "second": notes}).run_once() == 2
    assert notes.names == ["next"]


def test_a_failed_finish_writes_nothing_and_is_tried_again(jobs, clock):
    def fail_inside(work: Work) -> None:
        with work.finish() as session:
            jobs.queue.enqueue(session, "second", {"name": "never"})
            raise RunError("Au dernier moment.")

    jobs.ask()
    jobs.worker(fail_inside).run_once()
    (row,) = jobs.rows()
    assert (row.kind, row.state, row.attempt) == ("note", "ready", 1)


def test_who_lost_the_claim_writes_nothing(jobs, clock):
    lost = []

    def dawdle(work: Work) -> None:
        jobs.steal()
        try:
            with work.finish() as session:
                jobs.queue.enqueue(session, "second", {})
        except ClaimLost as error:
            lost.append(error)
            raise

    jobs.ask()
    jobs.worker(dawdle).run_once()
    assert len(lost) == 1
    assert [(row.kind, row.state) for row in jobs.rows()] == [("note", "running")]


def test_an_expired_lease_gives_the_job_to_another(jobs, clock):
    jobs.ask()
    slow, other = jobs.claims(), jobs.claims()
    claim = slow.take()
    assert other.take() is None
    assert other.reap() == 0
    jobs.expire()
    assert other.reap() == 1
    again = other.take()
    assert again.attempt == 2
    with pytest.raises(ClaimLost), jobs.database.begin() as session:
        slow.settle(session, claim)
    with jobs.database.begin() as session:
        other.settle(session, again)


def test_a_living_workers_job_is_not_taken_back(jobs, clock):
    jobs.ask()
    assert jobs.claims().take() is not None
    assert jobs.claims().reap() == 0


def test_a_job_that_kills_its_workers_is_given_up(jobs, clock):
    jobs.ask()
    for _ in range(12):
        assert jobs.claims().take() is not None
        jobs.expire()
        assert jobs.claims().reap() == 1
    assert jobs.claims().take() is None
    assert jobs.rows()[0].state == "dead"


def test_a_long_job_keeps_its_lease(jobs, clock):
    release = threading.Event()
    jobs.ask()
    worker = jobs.worker(lambda work: release.wait(PATIENCE) and None, lease=timedelta(seconds=0.4))
    worker.start()
    try:
        until(lambda: jobs.rows()[0].state == "running", "nobody takes it")
        first = jobs.rows()[0].held
        until(lambda: jobs.rows()[0].held > first, "the lease is not renewed")
        assert jobs.rows()[0].attempt == 1
    finally:
        release.set()
        until(lambda: jobs.rows() == [], "the job does not end")
        worker.stop()


def test_a_due_job_starts_within_half_a_second_without_the_bell(jobs, clock):
    started = threading.Event()
    worker = jobs.worker(lambda work: started.set())
    worker.start()
    assert IDLE_SECONDS <= 0.5
    try:
        sleep(0.05)
        jobs.ask()
        assert started.wait(PATIENCE)
    finally:
        worker.stop()


def test_the_bell_wakes_a_worker_at_once(jobs, clock, monkeypatch):
    monkeypatch.setattr("base.jobs.worker.IDLE_SECONDS", 10 * PATIENCE)
    started = threading.Event()
    worker = jobs.worker(lambda work: started.set(), wake=jobs.queue.wake)
    worker.start()
    try:
        sleep(0.1)
        jobs.ask()
        assert started.wait(PATIENCE)
    finally:
        worker.stop()


def test_the_bell_rings_at_every_commit_and_at_no_rollback(jobs):
    for _ in range(60):
        jobs.queue.wake.clear()
        jobs.ask()
        assert jobs.queue.wake.is_set()
    jobs.queue.wake.clear()
    with jobs.database.begin() as session:
        jobs.queue.enqueue(session, "note", {"name": ""})
        session.rollback()
    assert not jobs.queue.wake.is_set()


def test_two_workers_of_several_threads_do_each_job_once(jobs, clock):
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
        jobs.ask(name=f"{number % 5}-{number}", serial_key=str(number % 5))
    workers = [jobs.worker(work_on, threads=3) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        until(lambda: len(notes.names) >= 60 and jobs.rows() == [], "jobs are left")
    finally:
        for worker in workers:
            worker.stop()
    assert len(notes.names) == 60
    assert clashes == []
    for key in range(5):
        mine = [name for name in notes.names if name.startswith(f"{key}-")]
        assert mine == [f"{key}-{number}" for number in range(key, 60, 5)]


def test_periodic_acts_run_in_a_pass_until_nothing_is_left(jobs, clock):
    left = [2, 1]
    sweep = Periodic("sweep", 1, lambda: left.pop() if left else 0)
    assert jobs.worker(Notes(), periodic=[sweep]).run_once() == 3


def test_a_periodic_act_that_fails_stops_nothing(jobs, clock):
    calls = []

    def sweep() -> int:
        calls.append(1)
        raise ValueError

    jobs.ask()
    assert jobs.worker(Notes(), periodic=[Periodic("sweep", 0.02, sweep)]).run_once() == 1
    worker = jobs.worker(Notes(), periodic=[Periodic("sweep", 0.02, sweep)])
    worker.start()
    try:
        until(lambda: len(calls) > 4, "it is not tried again")
    finally:
        worker.stop()
