"""Pro Santé Connect's half of OpenID Connect on loopback: codes used once, PKCE checked, userinfo of its shape."""

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from base.clock import Clock

CLIENT, SECRET = "jalon-essai", "a secret of no worth, shared with the provider"
METADATA = "/.well-known/wallet-openid-configuration"
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "k1"})


def claims(
    identifier: str = "899999000018", *, profession: str = "10", speciality: str = "SM26", places: int = 1, **more: Any
) -> dict[str, Any]:
    """What userinfo says of a fictive professional."""
    activities = [
        {"codeModeExercice": "L", "raisonSocialeSite": f"Cabinet {n}", "numeroFinessSite": f"43000000{n}"}
        for n in range(1, places + 1)
    ]
    exercise = {
        "codeProfession": profession, "codeCategorieProfessionnelle": "C", "nomDexercice": "DEMO-FAURE",
        "prenomDexercice": "Paul", "codeSavoirFaire": speciality, "activities": activities,
    }  # fmt: skip
    return {
        "sub": f"f:essai:{identifier}", "SubjectNameID": identifier, "given_name": "Paul", "family_name": "DEMO-FAURE",
        "SubjectRole": [f"{profession}^1.2.250.1.213.1.1.5.5"], "Secteur_Activite": "SA07^1.2.250.1.71.4.2.4",
        "Acces_Regulation_Medicale": "FAUX", "SubjectRefPro": {"exercices": [exercise]}, **more,
    }  # fmt: skip


@dataclass
class Provider:
    """What it will say next, and what it was asked."""

    clock: Clock
    url: str = ""
    userinfo: dict[str, Any] = field(default_factory=claims)
    key: RSAKey = field(default_factory=lambda: KEY)
    forged: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def metadata_url(self) -> str:
        return self.url + METADATA

    @property
    def settings(self) -> dict[str, str]:
        """What an installation that uses it is set with."""
        address = {"JALON_PSC_METADATA_URL": self.metadata_url}
        return {**address, "JALON_PSC_CLIENT_ID": CLIENT, "JALON_PSC_CLIENT_SECRET": SECRET}

    def approve(self, location: str) -> str:
        """The person proves who they are there: where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["scope"] == "openid scope_all"
        assert asked["acr_values"] == "eidas1"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.asked) + 1}"
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, path: str, form: dict[str, str], bearer: str) -> tuple[int, dict[str, Any]]:
        if path == METADATA:
            return 200, self._metadata()
        if path == "/certs":
            return 200, KeySet([KEY]).as_dict(private=False)
        if path == "/token":
            return self._token(form)
        if path == "/userinfo" and bearer == "Bearer access":
            return 200, self.userinfo
        return 401, {"error": "invalid_token"}

    def _metadata(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "auth", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        more = {"jwks_uri": "certs", "end_session_endpoint": "logout"}
        return {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in (places | more).items()}}

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.asked.get(form.get("code", ""))
        if asked is None or asked.get("used") or form.get("client_secret") != SECRET:
            return 400, {"error": "invalid_grant"}
        asked["used"] = "yes"
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock.now().timestamp())
        said = {
            "iss": self.url, "aud": CLIENT, "sub": self.userinfo["sub"], "nonce": asked["nonce"], "iat": now,
            "exp": now + 120, "acr": "eidas1", **self.forged,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, said, self.key)
        return 200, {"id_token": token, "access_token": "access", "token_type": "Bearer"}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/auth":
            self._send_back(f"{self.provider.url}{self.path}")
        else:
            self._answer({})

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        self._answer({name: values[0] for name, values in parse_qs(content).items()})

    def _send_back(self, location: str) -> None:
        self.send_response(302)
        self.send_header("location", self.provider.approve(location))
        self.send_header("content-length", "0")
        self.end_headers()

    def _answer(self, form: dict[str, str]) -> None:
        status, said = self.provider.answer(urlsplit(self.path).path, form, self.headers.get("authorization", ""))
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_said: object) -> None:
        """Nothing is said on the terminal."""


@contextlib.contextmanager
def providing(clock: Clock) -> Iterator[Provider]:
    """A provider on a free loopback port."""
    provider = Provider(clock)
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": provider})) as server:
        server.daemon_threads = True
        provider.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
