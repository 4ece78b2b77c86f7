"""A process that has loaded the program once and forks real processes of it: one that was killed is back at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from jalon.cli import cli
from jalon.shell import run

ROOT = Path(__file__).parents[2]


class Nursery:
    """Each child is `jalon <arguments>` with the nursery's environment, in a process of its own."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self.children: list[int] = []
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.nursery"], cwd=ROOT, env=dict(environ),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True, start_new_session=True,
            )  # fmt: skip

    def bear(self, *arguments: str) -> int:
        """Start one; its number."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        self.process.stdin.write(" ".join(arguments) + "\n")
        self.process.stdin.flush()
        self.children.append(int(self.process.stdout.readline()))
        return self.children[-1]

    def close(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def serve() -> None:
    """One line in: the arguments of a child; one line out: its number. Who dies is forgotten at once."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            os._exit(run(cli, line.split()))
        print(child, flush=True)


if __name__ == "__main__":
    serve()
