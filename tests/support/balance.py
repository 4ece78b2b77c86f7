"""A reverse proxy in front of several web processes, as deploy/nginx.conf sets one up: no connection is used twice."""

import http.client
import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.patience import PATIENCE

OURS = frozenset({"connection", "transfer-encoding", "keep-alive", "server", "date"})


class Balance(ThreadingHTTPServer):
    """Each request goes to the next address; `lost` are those that an address took and did not answer."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.turn = itertools.cycle(ports)
        self.lock = threading.Lock()
        self.answered, self.lost = 0, list[str]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_port(self) -> int:
        with self.lock:
            return next(self.turn)

    def note(self, lost: str | None = None) -> None:
        with self.lock:
            self.answered += lost is None
            self.lost += [] if lost is None else [lost]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Balance

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        line = http.client.HTTPConnection("127.0.0.1", self.server.next_port(), timeout=PATIENCE)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OURS}
        try:
            line.request(self.command, self.path, body or None, {**headers, "Connection": "close"})
            answer = line.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.server.note(f"{self.command} {self.path}: {type(error).__name__}")
            self.send_error(502)
            return
        finally:
            line.close()
        self.server.note(f"{self.command} {self.path}: {answer.status}" if answer.status >= 500 else None)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OURS | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = pass_on  # noqa: N815  # the names that the server looks for

    def log_message(self, *_: object) -> None:
        """Nothing: the counts say it."""


@contextmanager
def balancing(ports: Sequence[int]) -> Iterator[Balance]:
    with Balance(ports) as balance:
        thread = threading.Thread(target=balance.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield balance
        balance.shutdown()
        thread.join()
