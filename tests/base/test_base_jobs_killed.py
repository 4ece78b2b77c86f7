import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from base.clock import SystemClock
from base.database import Database
from base.jobs.embedded import EmbeddedQueue
from base.jobs.tables import job
from base.jobs.worker import Worker

SLEEPER = """
import sys, time
from base.clock import SystemClock
from base.database import Database
from base.jobs.worker import Worker

def dawdle(work):
    print("started", flush=True)
    time.sleep(60)

worker = Worker(Database(sys.argv[1]), SystemClock(), {"note": dawdle}, threads=1)
worker.start()
time.sleep(60)
"""


@pytest.mark.parametrize("way", ["the lease runs out", "the process is gone"])
def test_a_job_whose_worker_was_killed_is_done_by_another(database: Database, database_url: str, way: str):
    with database.begin() as session:
        EmbeddedQueue("demo", SystemClock()).enqueue(session, "note", {"name": "one"})
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", SLEEPER, database_url]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = []
    worker = Worker(database, SystemClock(), {"note": lambda work: done.append((work.payload["name"], work.attempt))})
    if way == "the lease runs out":
        worker.claims.host = "another machine"
        assert worker.claims.reap() == 0
        machine = worker.claims.machine

        class Later:
            def now(self):
                return machine.now() + timedelta(seconds=61)

        worker.claims.machine = Later()
    worker.start()
    start = monotonic()
    while not done and monotonic() - start < 5:
        sleep(0.02)
    worker.stop()
    assert done == [("one", 2)]
    with database.read() as session:
        assert session.execute(select(job)).all() == []
