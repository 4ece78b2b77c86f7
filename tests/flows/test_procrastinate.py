"""The same pathways when the jobs are procrastinate’s: in one process, and with workers that are processes apart."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from jalon.demo.discharges import STORIES
from pathways.context import build
from tests.flows import test_discharge_pathway as discharge
from tests.flows import test_power_cuts as cuts
from tests.flows.conftest import MORNING, PROCRASTINATE, Settled
from tests.flows.test_stroke_pathway import CONSENT
from tests.support.partner import listening
from tests.support.patience import until
from tests.support.server import ROOT, Server, running
from tests.support.town import HOSPITAL, Town

PATHWAYS: list[Callable[[Town], None]] = [
    discharge.test_a_frail_person_comes_home_and_is_stable_after_thirty_days,
    discharge.test_a_callback_is_tried_again_with_growing_delays_until_it_is_taken,
    cuts.test_a_server_killed_right_after_an_answer_goes_on_from_it,
]


@pytest.mark.parametrize("town", ["procrastinate"], indirect=True)
@pytest.mark.parametrize("pathway", PATHWAYS, ids=lambda pathway: pathway.__name__.removeprefix("test_"))
def test_a_pathway_is_the_same_on_procrastinate(town: Town, pathway: Callable[[Town], None]) -> None:
    pathway(town)
    with town.context.database.read() as session:
        assert session.scalar(text("SELECT last_value FROM procrastinate_jobs_id_seq")) > 1
        assert session.scalar(text("SELECT count(*) FROM job")) == 0


@contextlib.contextmanager
def worker_of(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does the background work alone, on what might be another machine."""
    with (server.folder / "server.log").open("ab") as log:
        command = [sys.executable, "-m", "jalon", "worker"]
        process = subprocess.Popen(command, env=server.environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_workers_of_their_own_do_the_work_and_one_that_is_killed_is_not_missed(
    settled: Settled, tmp_path: Path
) -> None:
    server = Server(tmp_path, settled("procrastinate"), MORNING, command=("serve",), more=PROCRASTINATE)
    with (
        listening(server.url, HOSPITAL, server.clock) as hospital,
        contextlib.closing(Town(server, hospital, build(server.settings))) as town,
    ):
        town.welcome_hospital()
        with running(server), worker_of(server) as first, worker_of(server):
            until(lambda: workers(town) == 2, "the two workers do not come")
            case = town.processed(town.discharge(STORIES[0], "deux-1", "VN-31"))["case"]
            town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
            first.kill()
            hospital.callbacks(1, kind="jalon.inclusion")
            town.task("medecin", "Fixer le rendez-vous")
            town.quiet()
            assert town.cases() == [case]
            told = hospital.callbacks(kind="jalon.inclusion")
            assert len({call.id for call in told}) == 1  # the same once more if it was killed while it told


def workers(town: Town) -> int:
    with town.context.database.read() as session:
        return int(session.scalar(text("SELECT count(*) FROM procrastinate_workers")) or 0)
