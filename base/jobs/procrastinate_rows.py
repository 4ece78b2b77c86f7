"""The statements over the rows of procrastinate: all that reads or writes them beside the library's own functions.

What a job has of ours stands in its `args`: the payload, when it was asked for and due, who holds it by which claim,
the last error. The tenant is the name of the procrastinate queue.
"""

from sqlalchemy import text

WHICH = "job.task_name = ANY(:kinds) AND (CAST(:queue AS text) IS NULL OR job.queue_name = :queue)"
DUE_AT = """(job.args ->> 'due_at') COLLATE "C" """
HELD = "job.id = :id AND job.status = 'doing' AND job.args ->> 'claim' = :claim"

TAKE = text(f"""
    WITH first AS (
        SELECT job.id FROM procrastinate_jobs AS job
        WHERE job.status = 'todo' AND {WHICH} AND (job.scheduled_at IS NULL OR job.scheduled_at <= :now)
        AND NOT EXISTS (
            SELECT FROM procrastinate_jobs AS other
            WHERE other.lock = job.lock AND (other.status = 'doing' OR (other.status = 'todo'
            AND ((other.args ->> 'due_at') COLLATE "C", other.id) < ({DUE_AT}, job.id)))
        )
        ORDER BY job.priority DESC, {DUE_AT}, job.id LIMIT 1
        FOR UPDATE OF job SKIP LOCKED
    )
    UPDATE procrastinate_jobs AS job SET status = 'doing', worker_id = :worker, args = job.args || CAST(:held AS jsonb)
    FROM first WHERE job.id = first.id
    RETURNING job.id, job.queue_name, job.task_name, job.args, job.attempts,
        set_config('synchronous_commit', 'off', true)
""")
"""What `procrastinate_fetch_job_v2` does, by the product's clock, for the kinds that the worker knows.

Its commit does not wait for the disk: a server that crashes then has the job wait again, and who took it loses it.
"""

SETTLE = text(f"DELETE FROM procrastinate_jobs AS job WHERE {HELD} RETURNING job.id")
GIVE_UP = text(f"""
    UPDATE procrastinate_jobs AS job SET status = 'failed', attempts = job.attempts + 1, worker_id = NULL,
        args = job.args || CAST(:said AS jsonb)
    WHERE {HELD} RETURNING job.id
""")
GIVE_BACK = text(f"""
    UPDATE procrastinate_jobs AS job SET status = 'todo', attempts = job.attempts + 1, worker_id = NULL,
        scheduled_at = coalesce(:run_at, job.scheduled_at), args = job.args || CAST(:said AS jsonb),
        queueing_lock = CASE WHEN EXISTS (
            SELECT FROM procrastinate_jobs AS twin WHERE twin.queueing_lock = job.queueing_lock AND twin.status = 'todo'
        ) THEN NULL ELSE job.queueing_lock END
    WHERE {HELD} RETURNING job.id
""")
"""Ready again; it leaves its queueing lock to a job that was asked for meanwhile."""

RUNNING = text(f"""
    SELECT job.id, job.attempts, job.args ->> 'claim' AS claim, job.args ->> 'worker' AS worker,
        worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :lease) AS silent
    FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND job.args ->> 'claim' IS NOT NULL AND {WHICH} ORDER BY job.id
""")
REGISTER = text("SELECT worker_id FROM procrastinate_register_worker_v1()")
UNREGISTER = text("SELECT procrastinate_unregister_worker_v1(:worker)")
BEAT = text("UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = :worker RETURNING id")
SILENT = text("SELECT id FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => :lease)")
PRUNE = text("SELECT procrastinate_prune_stalled_workers_v1(:lease)")

WAITING = text("SELECT id FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
CANCEL = text("""
    SELECT procrastinate_cancel_job_v1(id, false, true) AS id
    FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'
""")
DEAD_ONES = text("""
    SELECT id, task_name, args, attempts FROM procrastinate_jobs
    WHERE queue_name = :queue AND status = 'failed' ORDER BY id DESC LIMIT :limit
""")
ONE_DEAD = "queue_name = :queue AND id = :id AND status = 'failed'"
DEAD_ONE = text(f"SELECT id, task_name, args, attempts FROM procrastinate_jobs WHERE {ONE_DEAD} FOR UPDATE")
DROP = text(f"DELETE FROM procrastinate_jobs WHERE {ONE_DEAD} RETURNING id")
REVIVE = text(f"""
    UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = :now, queueing_lock = NULL
    WHERE {ONE_DEAD} RETURNING id
""")
COUNT = text("SELECT status, count(*) AS number FROM procrastinate_jobs WHERE queue_name = :queue GROUP BY status")
FIRST_DUE = text("""
    SELECT min(coalesce(scheduled_at, CAST(args ->> 'due_at' AS timestamptz))) FROM procrastinate_jobs
    WHERE queue_name = :queue AND status = 'todo'
""")
TAKE_OUT = text("""
    DELETE FROM procrastinate_jobs WHERE queue_name = :queue AND status IN ('todo', 'doing')
    RETURNING id, task_name, args, scheduled_at, queueing_lock, lock, priority
""")
