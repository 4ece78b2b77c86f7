"""Where messages arrive: a real mail server, a real push service and a real SMS gateway, on this machine."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, b64urlencode

from base.settings import Settings
from inbox.notices import push
from tests.support.patience import PATIENCE

AUTH = b"0123456789abcdef"


@dataclass
class PostOffice:
    """What arrived, as it arrived; `refusals` are the SMTP answers to an address, `answers` the HTTP ones, in turn."""

    smtp_port: int = 0
    url: str = ""
    mails: list[bytes] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    browser: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def settings(self, settings: Settings) -> Settings:
        """Settings by which everything leaves to here."""
        return replace(
            settings, smtp_host="127.0.0.1", smtp_port=self.smtp_port, smtp_security="none",
            smtp_from="jalon@exemple.test", vapid_private_key=push.make_key(),
            vapid_contact="mailto:jalon@exemple.test",
            sms_url=f"{self.url}/sms", sms_token="jeton",
        )  # fmt: skip

    def subscription(self) -> dict[str, str]:
        """What the browser gives to Jalon."""
        point = self.browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": f"{self.url}/push/abc", "p256dh": b64urlencode(point), "auth": b64urlencode(AUTH)}

    @property
    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(mail, policy=policy.default) for mail in self.mails]

    def texts(self) -> list[dict[str, Any]]:
        """The SMS."""
        return [json.loads(body) for path, _, body in self.calls if path == "/sms"]

    def pushed(self) -> list[dict[str, str]]:
        """What the browser would show, opened with its key once the sender's signature is verified."""
        found = []
        for path, headers, body in self.calls:
            if path.startswith("/push/"):
                assert Vapid02.verify(headers["authorization"])
                plain = http_ece.decrypt(body, private_key=self.browser, auth_secret=AUTH, version="aes128gcm")
                found.append(json.loads(plain))
        return found

    def everything(self) -> str:
        """All that arrived, decoded and opened."""
        parts = [f"{mail} {mail.get_body().get_content()}" for mail in self.letters]
        parts += [json.dumps(one, ensure_ascii=False) for one in (*self.texts(), *self.pushed())]
        return "\n".join([*parts, *(str(headers) for _, headers, _ in self.calls)])

    # what aiosmtpd asks
    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        self.mails.append(envelope.content)
        return "250 OK"


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    web = ThreadingHTTPServer(("127.0.0.1", 0), _handler(office))
    threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    office.url, office.smtp_port = f"http://127.0.0.1:{web.server_port}", _free_port()
    mail = Controller(office, hostname="127.0.0.1", port=office.smtp_port, ready_timeout=PATIENCE)
    mail.start()
    try:
        yield office
    finally:
        mail.stop()
        web.shutdown()
        web.server_close()


def _handler(office: PostOffice) -> type[BaseHTTPRequestHandler]:
    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            office.calls.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(office.answers.pop(0) if office.answers else 201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Take


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
