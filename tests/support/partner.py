"""The partner hospital: posts signed events over HTTP, and takes signed callbacks on a port of its own."""

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import time_machine
from standardwebhooks import Webhook

from base.clock import Clock
from tests.support import loopback
from tests.support.keys import WEBHOOK_SECRET
from tests.support.patience import PATIENCE

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Callback:
    """A call that reached the hospital; `answer` is the status it was given."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    answer: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def signed_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)

    def verified(self, secret: str) -> Any:
        """The JSON content, after the Standard Webhooks library has verified it at the instant of its signature."""
        with time_machine.travel(self.signed_at, tick=False):
            return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass
class Partner:
    """A hospital that knows Jalon's address and shares a secret with it."""

    url: str
    key: str
    clock: Clock
    secret: str = WEBHOOK_SECRET
    callback_url: str = ""
    answers: list[int] = field(default_factory=list)
    _received: list[Callback] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def sign(self, message_id: str, body: str) -> dict[str, str]:
        """The headers of a message signed now, on the clock that Jalon shares."""
        now = self.clock.now().astimezone(UTC)
        values = (message_id, str(int(now.timestamp())), Webhook(self.secret).sign(message_id, now, body))
        return dict(zip(NAMES, values, strict=True))

    def post(self, event: Mapping[str, Any], *, message_id: str, **headers: str) -> httpx.Response:
        """Send an event; `headers` replace those of an honest message, underscores standing for hyphens."""
        body = json.dumps(event, ensure_ascii=False)
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {"content-type": "application/json", **self.sign(message_id, body), **changed}
        return loopback.post(f"{self.url}/webhooks/{self.key}/events", content=body.encode(), headers=signed)

    def look(self, location: str, *, message_id: str = "look") -> httpx.Response:
        """Read what became of a message: a signed GET of its `Location`."""
        return loopback.get(httpx.URL(self.url).join(location), headers=self.sign(message_id, ""))

    def answer_next(self, *statuses: int) -> None:
        """What the next callbacks are answered; afterwards 204 again."""
        self.answers.extend(statuses)

    def callbacks(self, at_least: int = 0, *, kind: str = "") -> list[Callback]:
        """The calls received so far, in order; waits until there are that many (of a kind, when one is named)."""
        with self._arrived:
            enough = self._arrived.wait_for(lambda: len(self._of(kind)) >= at_least, PATIENCE)
            assert enough, f"{len(self._of(kind))} calls came, not {at_least}: {kind}"
            return self._of(kind)

    def _of(self, kind: str) -> list[Callback]:
        return [call for call in self._received if not kind or json.loads(call.body).get("type") == kind]

    def _take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        with self._arrived:
            status = self.answers.pop(0) if self.answers else 204
            self._received.append(Callback(path, headers, body, status))
            self._arrived.notify_all()
        return status


class _Handler(BaseHTTPRequestHandler):
    partner: Partner

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        status = self.partner._take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """A hospital that says nothing on the terminal."""


@contextlib.contextmanager
def listening(url: str, key: str, clock: Clock) -> Iterator[Partner]:
    """A partner whose callback address answers as long as the block lasts."""
    partner = Partner(url, key, clock)
    handler = type("Handler", (_Handler,), {"partner": partner})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        partner.callback_url = f"http://127.0.0.1:{server.server_address[1]}/rappels"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield partner
        finally:
            server.shutdown()
            thread.join()
