import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import loopback
from tests.support.patience import PATIENCE
from tests.support.server import ROOT, free_port

PASSWORD = "sentier-balise-43"


class Up:
    """`jalon up` in a folder where nothing is yet."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "up.log"

    def start(self) -> float:
        """Start, wait until it has said all it has to say; how long that took."""
        begun = time.monotonic()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jalon", "up", "--port", str(self.port)], cwd=self.folder,
                env={**kept, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        while time.monotonic() < begun + 3 * PATIENCE:
            if self.process.poll() is not None or "jalon demo discharge" in self.said():
                break
            time.sleep(0.1)
        assert self.process.poll() is None, self.said()
        return time.monotonic() - begun

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def resident(self) -> int:
        listing = subprocess.run(["ps", "-eo", "pgid=,rss="], capture_output=True, text=True, check=True).stdout
        rows = (line.split() for line in listing.splitlines())
        return sum(int(rss) for group, rss in rows if int(group) == self.process.pid) // 1024


@pytest.fixture
def up(tmp_path: Path):
    up = Up(tmp_path)
    yield up
    if up.process.poll() is None:
        os.killpg(up.process.pid, signal.SIGKILL)
        up.process.wait()


@pytest.mark.flow
def test_one_command_makes_everything_and_says_how_to_come_in(up: Up) -> None:
    up.start()
    said = up.said()
    assert f"Jalon répond à {up.url}" in said
    with loopback.client(up.url) as doctor:
        entered = doctor.post("/connexion", data={"login": "medecin@loire-sucs.test", "password": PASSWORD})
        assert entered.status_code == 303
        tasks = doctor.get("/api/tasks").json()
        assert tasks["tasks"]
        assert tasks["counts"]["retard"]
    assert play_the_hospital(said) == 202
    assert up.resident() < 300
    assert up.stop() == 0
    up.start()
    assert "Professionnels" not in up.said()


def play_the_hospital(said: str) -> int:
    """Run the call as it was printed."""
    command = said[said.index("curl -i") :].split("\n\n", maxsplit=1)[0]
    headers = dict(header.split(": ", 1) for header in re.findall(r"-H '([^']*)'", command))
    body = re.search(r"--data-binary '(.*)'$", command, re.DOTALL)
    assert body
    url = command.split()[2]
    return loopback.post(url, headers=headers, content=body[1].replace("'\"'\"'", "'").encode()).status_code
