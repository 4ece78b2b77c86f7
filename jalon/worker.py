"""The background half of Jalon: jobs as they fall due, and the sweep that fires the timers."""

import signal
import threading
from datetime import timedelta
from functools import partial
from time import monotonic

from admin import directory
from admin.cockpit import load
from base import log, statistics
from base.jobs.worker import Periodic, Worker
from base.migrations import in_use
from care.sharing import access
from inbox.links import leaving
from inbox.links import messages as link_messages
from inbox.notices import sending
from inbox.session import forgotten
from inbox.task import gone
from inbox.task.drafts import drop_older
from pathways import anchoring, closing, off_duty, reminders, replacements, standing_in, stuck, thanks
from pathways.context import Context
from people.directory import profiles
from webhooks.handlers import handlers

SWEEP_SECONDS, SWEEPING_SECONDS, AT_ONCE = 0.5, 2.0, 200
CLOSE_SECONDS = 5.0
ABSENCE_SECONDS = 5.0
NOTICE_SECONDS = 5.0
GONE_SECONDS = 30.0
ANCHOR_SECONDS = 600.0
FORGET_SECONDS = 3600.0
INDEX_SECONDS = 60.0
LOAD_SECONDS = 30.0
LEARN_SECONDS = 900.0
CARRY_SECONDS = 5.0
LINK_SECONDS = 60.0
KEPT_DRAFTS = timedelta(days=90)
"""How long an answer that was begun waits for its author; à valider localement."""


def build_worker(context: Context, threads: int | None = None, *, with_upkeep: bool = True) -> Worker:
    """A worker that knows every kind of job and sweeps the timers; the caller starts and stops it.

    Without upkeep it does what cases and people wait for, and no more.
    """
    return Worker(
        context.database,
        context.clock,
        {
            **handlers(context),
            **directory.handlers(context),
            **sending.handlers(context),
            **leaving.handlers(context),
            **forgotten.handlers(context),
        },
        [*awaited(context), *(upkeep(context) if with_upkeep else ())],
        threads or context.settings.worker_threads,
        claims=context.queue.claims,
        wake=context.queue.wake,
        tenant=context.tenant,
    )


def awaited(context: Context) -> list[Periodic]:
    """What a case or somebody waits for, each at its hour."""
    return [
        Periodic("timers", SWEEP_SECONDS, partial(fire_timers, context)),
        Periodic("closing", CLOSE_SECONDS, closing.Sweep(context)),
        Periodic("absences", ABSENCE_SECONDS, partial(standing_in.sweep, context)),
        Periodic("anchor", ANCHOR_SECONDS, partial(anchoring.anchor_yesterday, context)),
        Periodic("reminders", NOTICE_SECONDS, reminders.Sweep(context)),
        Periodic("stuck", NOTICE_SECONDS, stuck.Sweep(context)),
        Periodic("thanks", NOTICE_SECONDS, thanks.Sweep(context)),
        Periodic("gone", GONE_SECONDS, partial(gone.sweep, context)),
        Periodic("off_duty", NOTICE_SECONDS, partial(off_duty.sweep, context)),
        Periodic("replacements", NOTICE_SECONDS, partial(replacements.sweep, context)),
        Periodic("notices", NOTICE_SECONDS, partial(sending.sweep, context)),
    ]


def upkeep(context: Context) -> list[Periodic]:
    """What keeps the installation small, quick and easy to find one's way in; late, it is as good."""
    return [
        Periodic("access", FORGET_SECONDS, partial(forget_looks, context)),
        Periodic("drafts", FORGET_SECONDS, partial(forget_drafts, context)),
        Periodic("links", LINK_SECONDS, partial(forget_messages, context)),
        Periodic("directory", INDEX_SECONDS, partial(index_directory, context)),
        Periodic("checkpoint", CARRY_SECONDS, context.database.checkpoint),
        Periodic("statistics", LEARN_SECONDS, partial(statistics.renew, context.database)),
        Periodic("workload", LOAD_SECONDS, partial(load.measure_if_old, context)),
        Periodic("old_notices", FORGET_SECONDS, partial(sending.forget, context)),
    ]


def forget_looks(context: Context) -> int:
    """Delete who looked at what once it was kept for as long as it has to be; how many. Not by a simulated clock."""
    if context.settings.clock_file is not None:
        return 0
    with context.database.begin() as session:
        return access.forget(session, context.clock, context.tenant, context.settings.access_log_months)


def forget_drafts(context: Context) -> int:
    """Delete the answers that were begun and that nobody has touched for long; how many."""
    with context.database.begin() as session:
        return drop_older(session, context.tenant, context.clock.now() - KEPT_DRAFTS)


def forget_messages(context: Context) -> int:
    """Delete what carried links and codes that serve no more; how many."""
    with context.database.begin() as session:
        return link_messages.forget(session, context)


def fire_timers(context: Context) -> int:
    """Sweep by sweep while many timers are due at once, but no longer than other periodic work may wait."""
    fired, end = 0, monotonic() + SWEEPING_SECONDS
    while True:
        moved = context.engine.fire_due(context.database, AT_ONCE)
        fired += moved
        if moved < AT_ONCE // 2 or monotonic() > end:
            return fired


def index_directory(context: Context) -> int:
    """Let everybody be found in the directory, by whatever way they came in."""
    with context.database.begin() as session:
        return profiles.index_missing(session, context.tenant)


def work_until_stopped(context: Context, threads: int | None = None) -> None:
    """Work until SIGTERM or SIGINT; the job in hand is finished first."""
    log.configure(context.settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = build_worker(context, threads)
    with in_use(context.database):
        worker.start()
        stop.wait()
        worker.stop()
