"""The web half of Jalon: gunicorn with threads in one process or more, beside which the worker's threads may run."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from base import log
from base.jobs.worker import Worker
from base.migrations import in_use
from base.settings import Settings, environment
from jalon.app import create_app
from jalon.attention import Attention
from jalon.memory import give_back_large_blocks, look_no_more_at_the_program
from jalon.worker import build_worker
from pathways.context import Context, build

Announce = Callable[[Context], None]

WEB_THREADS = 8
GRACE_SECONDS = 15


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn told everything from the settings; it reads no file and no argument of its own."""

    def __init__(self, settings: Settings, *, with_worker: bool, announce: Announce | None = None) -> None:
        self.settings = settings
        self.with_worker = with_worker
        self.announce = announce
        self.context: Context | None = None
        self.worker: Worker | None = None
        self.held = ExitStack()
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.web_processes,
            "worker_class": Attention,
            "threads": WEB_THREADS,
            "timeout": 120,
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "proc_name": "jalon",
            "control_socket_disable": True,
            "post_worker_init": lambda worker: self._begin(first=worker.age == 1),
            "worker_exit": lambda _server, _worker: self._end(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in the process that answers, after the fork: nothing is shared with the watching one."""
        give_back_large_blocks()
        log.configure(self.settings)
        self.context = build(self.settings)
        return create_app(self.context)

    def _begin(self, *, first: bool) -> None:
        if self.context is None:
            return
        self.held.enter_context(in_use(self.context.database))
        if self.with_worker:
            self.worker = build_worker(self.context)
            self.worker.start()
        look_no_more_at_the_program()
        if self.announce is not None and first:
            self.announce(self.context)

    def _end(self) -> None:
        if self.worker is not None:
            self.worker.stop()
        self.held.close()
        if self.context is not None:
            self.context.database.dispose()


def serve(settings: Settings, *, with_worker: bool, announce: Announce | None = None) -> None:
    """Answer until SIGTERM or SIGINT. Refuses at once, in one line, when the port is taken.

    An address that systemd holds for us (socket activation) is taken over as it is.
    """
    if "LISTEN_FDS" not in environment():
        require_free_port(settings.host, settings.port)
    Server(settings, with_worker=with_worker, announce=announce).run()


def require_free_port(host: str, port: int) -> None:
    """Try the address before gunicorn does, which would insist for five seconds and then complain in English."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"L’adresse {host}:{port} est déjà prise ou n’est pas à cette machine ({error.strerror}). "
                "Arrêtez l’autre programme, ou donnez un autre port : --port 8081."
            ) from error
