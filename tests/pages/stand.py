"""A bare page around one part of the browser code, under the same Content-Security-Policy as the real ones."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jalon.assets import FOLDER as STATIC
from jalon.security import DIAGRAM_POLICY
from jalon.shipped import pathway_files

TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2",
    ".html": "text/html; charset=utf-8", ".json": "application/json", ".bpmn": "application/xml",
}  # fmt: skip
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/logo.svg"><link rel="stylesheet" href="/static/tokens.css">
<link rel="stylesheet" href="/static/jalon.css"><script src="/static/built/shell.js" defer></script>{head}</head>
<body><main id="contenu"><h1>Essai</h1>{body}</main><p class="sr" id="annonce" role="status"></p></body></html>"""


@dataclass
class Stand:
    """What is served, and what was sent to it."""

    answers: dict[str, bytes] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    address: str = ""

    def put(self, path: str, body: str, *, head: str = "") -> str:
        """Serve a page; `head` and `body` are HTML. Returns its address."""
        self.answers[path] = PAGE.format(head=head, body=body).encode()
        return self.address + path

    def file(self, path: str) -> bytes | None:
        if path.startswith("/static/"):
            found = STATIC / path.removeprefix("/static/")
            return found.read_bytes() if found.is_file() else None
        return self.answers.get(path)


class _Handler(BaseHTTPRequestHandler):
    stand: Stand

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = self.stand.file(path)
        self._answer(200 if body is not None else 404, body or b"", TYPES.get(Path(path).suffix, "text/plain"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.stand.sent.append((self.command, self.path, headers, body))
        kind = TYPES.get(Path(self.path).suffix, "application/json")
        self._answer(200, self.stand.answers.get(self.path, b"{}"), kind)

    def do_PUT(self) -> None:
        self.do_POST()

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", "; ".join(map(" ".join, DIAGRAM_POLICY.items())))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Nothing is said on the terminal."""


@contextlib.contextmanager
def standing() -> Iterator[Stand]:
    """A stand that serves the stroke pathway's diagram at `/diagramme.bpmn`."""
    stand = Stand({"/diagramme.bpmn": (pathway_files() / "post-avc" / "post-avc.bpmn").read_bytes()})
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand": stand})) as server:
        server.daemon_threads = True
        stand.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield stand
        finally:
            server.shutdown()
            thread.join()
