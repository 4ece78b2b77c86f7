"""The worker: takes due jobs, hands them to their handlers, and tries again later what failed."""

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.driver import is_away
from base.errors import Conflict, JalonError, PartnerError, RequestError
from base.jobs.claims import LEASE, MAX_ATTEMPTS, Claim, Claiming, ClaimLost, Claims
from base.jobs.embedded_claims import EmbeddedClaims
from base.log import describe, report

IDLE_SECONDS = 0.3
TROUBLE_SECONDS = 2.0
STOP_SECONDS = 10.0
DELAYS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 6 * 3600))
AWAY = timedelta(seconds=1)
JITTER = 0.25
CONFLICTS_AT_ONCE = 5
MOST_PASSES = 1000


class Work:
    """One attempt at a job, as its handler sees it. Handlers may run twice: they must bear it."""

    def __init__(self, claims: Claims, claim: Claim) -> None:
        self._claims, self.claim = claims, claim
        self.id, self.kind, self.tenant = claim.id, claim.kind, claim.tenant
        self.payload, self.attempt = claim.payload, claim.attempt
        self.is_finished = False

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction of its own, for what must be kept even when the job fails later."""
        with self._claims.database.begin() as session:
            yield session

    @contextmanager
    def finish(self) -> Iterator[Session]:
        """The transaction that also marks the job done. Raises ClaimLost, and then nothing of it is written."""
        with self._claims.database.begin() as session:
            self._claims.settle(session, self.claim)
            yield session
        self.is_finished = True


Handler = Callable[[Work], None]


@dataclass(frozen=True)
class Periodic:
    """Something done again and again by each worker process; `run` returns how much it did."""

    name: str
    every_seconds: float
    run: Callable[[], int]


class Worker:
    """Runs the jobs whose kind has a handler: threads of this process, or one pass at a time with `run_once`.

    `claims` and `wake` are the queue's own: how its jobs are taken, and its bell, without which a due job waits for
    the next look, 0.3 s later at most. With a `tenant`, only the jobs of that tenant are taken.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        periodic: Sequence[Periodic] = (),
        threads: int = 2,
        *,
        claims: Claiming = EmbeddedClaims,
        wake: threading.Event | None = None,
        tenant: str | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self.handlers, self.periodic, self.threads = handlers, periodic, threads
        self.claims = claims(database, clock, handlers.keys(), tenant, lease)
        self._wake = wake or threading.Event()
        self._stopping = threading.Event()
        self._running: list[threading.Thread] = []
        self._held: dict[str, tuple[Claim, float]] = {}

    def run_once(self) -> int:
        """Do all that is due now, and what becomes due by it; returns how many jobs and periodic acts were done."""
        done = 0
        self.claims.reap()
        for _ in range(MOST_PASSES):
            before = done
            done += sum(self._run_periodic(periodic) for periodic in self.periodic)
            while self._run_next():
                done += 1
            if done == before:
                break
        return done

    def start(self) -> None:
        """Start the threads; the jobs of workers that died on this machine are taken back first."""
        self._stopping.clear()
        loops = [self._work] * self.threads + [self._keep_leases, self._listen]
        names = [f"worker-{number}" for number in range(self.threads)] + ["leases", "listening"]
        if self.periodic:
            loops.append(self._keep_time)
            names.append("periodic")
        self._running = [
            threading.Thread(target=loop, name=name, daemon=True) for loop, name in zip(loops, names, strict=True)
        ]
        for thread in self._running:
            thread.start()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Let the running jobs end, and start no other."""
        self._stopping.set()
        self._wake.set()
        deadline = monotonic() + timeout
        for thread in self._running:
            thread.join(max(0.0, deadline - monotonic()))
        self._running = [thread for thread in self._running if thread.is_alive()]
        if not self._running:
            self.claims.close()

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = IDLE_SECONDS
            try:
                if self._run_next():
                    continue
            except Exception as error:
                report("queue_failed", error)
                pause = TROUBLE_SECONDS
            self._wake.wait(pause)
            if not self._stopping.is_set():  # else the bell that ends us all would ring for one thread alone
                self._wake.clear()

    def _run_next(self) -> bool:
        claim = self.claims.take()
        if claim is None:
            return False
        self._held[claim.token] = (claim, monotonic())
        try:
            self._run(Work(self.claims, claim))
        finally:
            self._held.pop(claim.token, None)
        return True

    def _run(self, work: Work) -> None:
        try:
            self.handlers[work.kind](work)
            if not work.is_finished:
                with work.finish():
                    pass
        except ClaimLost as error:
            report("claim_lost", error, job=work.id, kind=work.kind)
        except Exception as error:
            self._fail(work, error)

    def _fail(self, work: Work, error: Exception) -> None:
        """Later again, or never. What the caller must mend is not tried again; a partner who is away is always."""
        goes_on = isinstance(error, PartnerError) or is_away(error)
        dead = is_permanent(error) or (work.attempt >= MAX_ATTEMPTS and not goes_on)
        report("job_failed", error, job=work.id, kind=work.kind, attempt=work.attempt)
        if work.is_finished:
            return
        while not self._given_back(work, error, dead) and not self._stopping.is_set():
            self._stopping.wait(TROUBLE_SECONDS)

    def _given_back(self, work: Work, error: Exception, dead: bool) -> bool:
        """Whether the queue knows that this attempt is over. A job that it does not hear of would be ours as long as
        this process lives."""
        try:
            if dead:
                self.claims.give_up(work.claim, reason(error))
            else:
                self.claims.retry(work.claim, delay(error, work.attempt), reason(error))
        except ClaimLost as lost:
            report("claim_lost", lost, job=work.id, kind=work.kind)
        except DBAPIError as lost:
            if not is_away(lost):
                raise
            report("not_given_back", lost, job=work.id, kind=work.kind)
            return False
        return True

    def _keep_leases(self) -> None:
        every = self.claims.lease.total_seconds() / 4
        while not self._stopping.is_set():
            try:
                self.claims.renew([claim for claim, since in list(self._held.values()) if monotonic() - since > every])
                if self.claims.reap():
                    self._wake.set()
            except Exception as error:
                report("leases_failed", error)
            self._stopping.wait(min(every, TROUBLE_SECONDS))

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                return self.claims.listen(self._wake, self._stopping)
            except Exception as error:
                report("listening_failed", error)
                self._stopping.wait(TROUBLE_SECONDS)
        return None

    def _keep_time(self) -> None:
        next_at = {periodic.name: monotonic() for periodic in self.periodic}
        while not self._stopping.is_set():
            for periodic in self.periodic:
                if monotonic() >= next_at[periodic.name]:
                    self._run_periodic(periodic)
                    next_at[periodic.name] = monotonic() + periodic.every_seconds
            self._stopping.wait(max(0.0, min(next_at.values()) - monotonic()))

    def _run_periodic(self, periodic: Periodic) -> int:
        try:
            return periodic.run()
        except Exception as error:
            report("periodic_failed", error, periodic=periodic.name)
            return 0


def is_permanent(error: Exception) -> bool:
    """True when trying again cannot help; a conflict can: somebody else was only faster."""
    if isinstance(error, PartnerError):
        return error.permanent
    return isinstance(error, RequestError) and not isinstance(error, Conflict)


def delay(error: Exception, attempt: int) -> timedelta:
    """How long to wait after this attempt (the first is 1): growing, and spread by up to a quarter."""
    if isinstance(error, Conflict) and attempt <= CONFLICTS_AT_ONCE:
        return timedelta()
    if is_away(error):
        return AWAY * (1 + random.random() * JITTER)
    return DELAYS[min(attempt, len(DELAYS)) - 1] * (1 + random.random() * JITTER)


def reason(error: Exception) -> str:
    """What is kept beside the job: never the text of a foreign error, which may quote a patient's data."""
    said = describe(error)
    text = error.message if isinstance(error, JalonError) else said["where"]
    return f"{said['code'] or said['error']}: {text}"
