"""A worker's process is killed while it works."""

import subprocess
import sys
from pathlib import Path

import pytest

from base.clock import SystemClock
from tests.support.patience import until
from tests.support.queues import ADAPTERS, Jobs

SLEEPER = """
import sys, time
from base.clock import SystemClock
from base.database import Database
from base.jobs import Worker
from base.jobs.adapters import ADAPTERS

def dawdle(work):
    print("started", flush=True)
    time.sleep(600)

claims = ADAPTERS[sys.argv[2]]("demo", SystemClock()).claims
worker = Worker(Database(sys.argv[1]), SystemClock(), {"note": dawdle}, threads=1, claims=claims)
worker.start()
time.sleep(600)
"""


@pytest.mark.parametrize("way", ["it fell silent", "its process is gone"])
def test_a_job_whose_worker_was_killed_is_done_by_another(jobs: Jobs, way: str):
    jobs = type(jobs)(jobs.database, SystemClock())
    jobs.ask(name="one")
    adapter = next(name for name, kind in ADAPTERS.items() if isinstance(jobs, kind))
    url = jobs.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", SLEEPER, url, adapter]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.readline()
        process.kill()
    assert said == "started\n"
    done = []
    worker = jobs.worker(lambda work: done.append((work.payload["name"], work.attempt)), wake=jobs.queue.wake)
    if way == "it fell silent":
        worker.claims.host = "another machine"
        assert worker.claims.reap() == 0
        jobs.expire()
    worker.start()
    until(lambda: done, "nobody takes it back")
    worker.stop()
    assert done == [("one", 2)]
    assert jobs.rows() == []
