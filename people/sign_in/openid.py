"""The relying party's half of OpenID Connect: code flow with PKCE, and every check that a token must pass."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from base.clock import Clock
from base.errors import PartnerError, Unverified
from base.log import report
from base.settings import is_loopback

ALGORITHMS = ["RS256", "PS256", "ES256"]
PATIENCE, LARGEST = 5.0, 256 * 1024
KEPT = timedelta(minutes=10)
SLACK = timedelta(minutes=1)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
SILENT = "Pro Santé Connect ne répond pas. Connectez-vous avec votre compte Jalon, ou réessayez dans quelques minutes."
REFUSED = "La réponse de Pro Santé Connect n’a pas pu être vérifiée. Recommencez."
Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Secrets:
    """What one sign-in must still know when the browser comes back."""

    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


@dataclass(frozen=True)
class Arrival:
    """Who came back: what the provider says of them, and the token by which it knows them again."""

    claims: Claims
    id_token: str


@dataclass
class Kept:
    """What was fetched, and when."""

    value: Any = None
    at: datetime | None = None


class Provider:
    """One identity provider, found by the address of its metadata; what it publishes is kept for ten minutes."""

    def __init__(self, metadata_url: str, client: tuple[str, str], clock: Clock, *, scope: str, acr: str) -> None:
        self.metadata_url, self.clock, self.scope, self.acr = metadata_url, clock, scope, acr
        self.client_id, self.client_secret = client
        self._metadata, self._keys = Kept(), Kept()
        self._lock = threading.Lock()

    def departure(self, state: str, own: Secrets, redirect_uri: str, *, again: bool = False) -> str:
        """Where the browser goes. `again` wants a fresh proof although the provider knows it. Raises PartnerError."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.scope,
            "acr_values": self.acr,
            "state": state,
            "nonce": own.nonce,
            "code_challenge": _challenge(own.verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login"} if again else {}),
        }
        return _with(self.metadata()["authorization_endpoint"], asked)

    def arrive(self, code: str, own: Secrets, redirect_uri: str) -> Arrival:
        """Exchange the code, check the token, ask who it is. Raises PartnerError, Unverified."""
        given = self._token(code, own.verifier, redirect_uri)
        id_token, access = given.get("id_token"), given.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access, str):
            raise _refused("no-token")
        proven = self._check(id_token, own.nonce)
        said = self._fetch(self.metadata()["userinfo_endpoint"], {"Authorization": f"Bearer {access}"})
        if said.get("sub") != proven["sub"]:
            raise _refused("sub")
        return Arrival(said, id_token)

    def leave(self, id_token: str, onward: str) -> str:
        """Where the browser goes to sign out there too; empty when the provider has no such place."""
        end = str(self.metadata().get("end_session_endpoint") or "")
        return _with(end, {"id_token_hint": id_token, "post_logout_redirect_uri": onward}) if end else ""

    def metadata(self) -> Claims:
        """Raises PartnerError."""
        with self._lock:
            if self._is_old(self._metadata):
                found = self._fetch(self.metadata_url)
                if not isinstance(found.get("issuer"), str) or not all(_is_safe(found.get(one)) for one in ENDPOINTS):
                    raise PartnerError(SILENT, permanent=True, code="psc-metadata")
                self._metadata = Kept(found, self.clock.now())
        metadata: Claims = self._metadata.value
        return metadata

    def _token(self, code: str, verifier: str, redirect_uri: str) -> Claims:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": verifier,
        }
        return self._asked("POST", self.metadata()["token_endpoint"], data=form)

    def _check(self, id_token: str, nonce: str) -> Claims:
        """Signature, issuer, audience, time, nonce and level. Raises Unverified."""
        claims = self._decoded(id_token)
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        now = self.clock.now().timestamp()
        wrong = {
            "issuer": claims.get("iss") != self.metadata()["issuer"],
            "audience": self.client_id not in named or (len(named) > 1 and claims.get("azp") != self.client_id),
            "expiry": not _number(claims.get("exp")) > now - SLACK.total_seconds(),
            "early": _number(claims.get("iat")) > now + SLACK.total_seconds(),
            "nonce": not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
            "level": "acr" in claims and claims["acr"] != self.acr,
            "subject": not isinstance(claims.get("sub"), str),
        }
        for what, is_wrong in wrong.items():
            if is_wrong:
                raise _refused(what)
        return claims

    def _decoded(self, id_token: str) -> Claims:
        try:
            try:
                return jwt.decode(id_token, self._key_set(), algorithms=ALGORITHMS).claims
            except (JoseError, ValueError):
                fresh = self._key_set(fresh=True)  # the provider may have turned its keys
                return jwt.decode(id_token, fresh, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise _refused("signature") from error

    def _key_set(self, *, fresh: bool = False) -> KeySet:
        address = self.metadata()["jwks_uri"]
        with self._lock:
            if fresh or self._is_old(self._keys):
                self._keys = Kept(KeySet.import_key_set(dict(self._fetch(address))), self.clock.now())  # type: ignore[arg-type]
        keys: KeySet = self._keys.value
        return keys

    def _is_old(self, kept: Kept) -> bool:
        return kept.at is None or not kept.at <= self.clock.now() < kept.at + KEPT

    def _fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Claims:
        return self._asked("GET", url, headers=dict(headers or {}))

    def _asked(self, method: str, url: str, **more: Any) -> Claims:
        """A JSON object from the provider. Raises PartnerError when it is silent, Unverified when it refuses."""
        try:
            with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
                answer = client.request(method, url, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            report("psc_silent", error, host=urlsplit(url).hostname or "")
            raise PartnerError(SILENT, permanent=False, code="psc-silent") from error
        if 400 <= answer.status_code < 500:
            raise _refused(f"status-{answer.status_code}")
        return _object(answer)


def _object(answer: httpx.Response) -> Claims:
    try:
        found = answer.json() if answer.status_code == 200 and len(answer.content) <= LARGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise PartnerError(SILENT, permanent=False, code="psc-silent")
    return found


def _refused(what: str) -> Unverified:
    return Unverified(REFUSED, code=f"psc-{what}")


def _challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("-inf")


def _is_safe(url: object) -> bool:
    """https, or this machine itself."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def _with(url: str, asked: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(asked)}"
