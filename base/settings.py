"""The settings: one frozen value read from `JALON_*`, checked whole at start; the environment is read nowhere else."""

import base64
import binascii
import difflib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from base.errors import SettingsError

PREFIX = "JALON_"
SECRETS = (
    "database_url", "secret_key", "vault_keys", "index_key", "psc_client_secret", "smtp_password", "vapid_private_key",
    "sms_token",
)  # fmt: skip
KEY_BYTES = 32
MAKE_KEY = "import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())"
JOBS = ("embedded", "procrastinate")
LONGEST_QUEUE = 40
"""PostgreSQL's channels have names of 63 bytes, of which procrastinate takes 23."""
HINT = f"Produisez-la avec : python3 -c '{MAKE_KEY}'"


@dataclass(frozen=True)
class Settings:
    """What the installer decides. `vault_keys` are `id:base64` of 32 bytes, the first one seals, all of them open."""

    secret_key: str = field(repr=False)
    vault_keys: tuple[str, ...] = field(repr=False)
    index_key: str = field(repr=False)
    database_url: str = field(default="sqlite:///var/jalon.db", repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    tenant: str = "demo"
    timezone: str = "Europe/Paris"
    holidays_region: str = ""
    clock_file: Path | None = None
    demo: bool = False
    sqlite_synchronous: str = "FULL"
    worker_threads: int = 2
    web_processes: int = 1
    log_format: str = "console"
    jobs: str = "embedded"
    var_dir: Path = Path("var")
    proxies: int = 0
    second_factor: str = "required"
    charter_file: Path | None = None
    visibility_file: Path | None = None
    emergency_hours: int = 4
    access_log_months: int = 12
    link_hours: int = 48
    psc_metadata_url: str = ""
    psc_client_id: str = ""
    psc_client_secret: str = field(default="", repr=False)
    psc_enrolment: str = "approval"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""
    vapid_private_key: str = field(default="", repr=False)
    vapid_contact: str = ""
    sms_url: str = ""
    sms_token: str = field(default="", repr=False)
    sms_sender: str = "Jalon"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `JALON_*` (and `JALON_*_FILE` for secrets); raises SettingsError listing every problem in French."""
        reading = _Reading(environment() if environ is None else environ)
        settings = reading.settings()
        if reading.problems:
            raise SettingsError(reading.problems)
        return settings

    @property
    def is_loopback(self) -> bool:
        """True when only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def is_https(self) -> bool:
        """True when people reach Jalon by https; cookies are then `Secure`."""
        return self.public_url.startswith("https://")


def environment() -> dict[str, str]:
    """The environment of this process; the program may add to it before `Settings.load`."""
    return dict(os.environ)


def fresh_secrets() -> dict[str, str]:
    """New random secrets as settings' names and values, for an installation that has none yet."""
    return {
        "JALON_SECRET_KEY": secrets.token_urlsafe(KEY_BYTES),
        "JALON_VAULT_KEYS": f"{secrets.token_hex(4)}:{_random_key()}",
        "JALON_INDEX_KEY": _random_key(),
    }


def is_loopback(host: str) -> bool:
    """True for `localhost` and the addresses that never leave this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class _Reading:
    """Reads each setting in turn and gathers what is wrong, so that one start shows every mistake."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def settings(self) -> Settings:
        host, port = self.text("host"), self.number("port", 0, 65535)
        demo = self.flag("demo")
        self.look_for_misspelt()
        return Settings(
            database_url=self.database_url(),
            secret_key=self.secret_key(),
            vault_keys=self.vault_keys(),
            index_key=self.index_key(),
            host=host,
            port=port,
            public_url=self.public_url(f"http://{host}:{port}"),
            tenant=self.tenant(),
            timezone=self.timezone(),
            holidays_region=self.choice("holidays_region", ("", "57")),
            clock_file=self.clock_file(demo),
            demo=demo,
            sqlite_synchronous=self.choice("sqlite_synchronous", ("FULL", "NORMAL", "EXTRA", "OFF")),
            worker_threads=self.number("worker_threads", 1, 64),
            web_processes=self.number("web_processes", 1, 64),
            log_format=self.choice("log_format", ("console", "json")),
            jobs=self.jobs(),
            var_dir=Path(self.text("var_dir")),
            proxies=self.number("proxies", 0, 5),
            second_factor=self.second_factor(demo),
            charter_file=self.charter_file(),
            visibility_file=Path(file) if (file := self.environ.get(f"{PREFIX}VISIBILITY_FILE", "").strip()) else None,
            emergency_hours=self.number("emergency_hours", 1, 24),
            access_log_months=self.number("access_log_months", 6, 240),
            link_hours=self.number("link_hours", 1, 168),
            psc_metadata_url=self.psc_metadata_url(),
            psc_client_id=self.text("psc_client_id"),
            psc_client_secret=self.text("psc_client_secret"),
            psc_enrolment=self.choice("psc_enrolment", ("approval", "immediate")),
            smtp_host=self.smtp_host(),
            smtp_port=self.number("smtp_port", 1, 65535),
            smtp_security=self.choice("smtp_security", ("starttls", "tls", "none")),
            smtp_user=self.text("smtp_user"),
            smtp_password=self.text("smtp_password"),
            smtp_from=self.text("smtp_from"),
            vapid_private_key=self.vapid_private_key(),
            vapid_contact=self.text("vapid_contact"),
            sms_url=self.sms_url(),
            sms_token=self.text("sms_token"),
            sms_sender=self.text("sms_sender"),
        )

    def refuse(self, name: str, problem: str) -> None:
        self.problems.append(f"{PREFIX}{name.upper()} : {problem}")

    def text(self, name: str) -> str:
        """The setting's text, its default when absent or empty; a secret may stand in the file that `*_FILE` names."""
        default = getattr(Settings, name, "")
        given = self.environ.get(PREFIX + name.upper(), "").strip()
        path = self.environ.get(f"{PREFIX}{name.upper()}_FILE", "").strip() if name in SECRETS else ""
        if given and path:
            self.refuse(name, "donnée deux fois, ici et dans un fichier ; gardez l’une des deux.")
        if path:
            given = self.file(name, Path(path))
        return given or str(default)

    def file(self, name: str, path: Path) -> str:
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = "il n’existe pas" if isinstance(error, FileNotFoundError) else type(error).__name__
            self.refuse(f"{name}_file", f"{path} ne se lit pas ({reason}). Vérifiez le chemin et les droits.")
            return ""

    def number(self, name: str, least: int, most: int) -> int:
        text = self.text(name)
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        self.refuse(name, f"« {text} » n’est pas un nombre entier entre {least} et {most}.")
        return least

    def flag(self, name: str) -> bool:
        text = self.environ.get(PREFIX + name.upper(), "").strip().lower()
        if text not in {"", "0", "1", "true", "false", "oui", "non"}:
            self.refuse(name, f"« {text} » n’est ni 1 ni 0.")
        return text in {"1", "true", "oui"}

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        text = self.text(name)
        for choice in choices:
            if text.casefold() == choice.casefold():
                return choice
        known = ", ".join(choice or "vide" for choice in choices)
        self.refuse(name, f"« {text} » n’est pas connu. Choix possibles : {known}.")
        return choices[0]

    def database_url(self) -> str:
        url = self.text("database_url")
        for short in ("postgresql://", "postgres://"):
            if url.startswith(short):
                url = "postgresql+psycopg://" + url.removeprefix(short)
        if not (url.startswith(("sqlite:///", "postgresql+psycopg://")) and _leads_somewhere(url)):
            self.refuse("database_url", "attendu « sqlite:///chemin » ou « postgresql://utilisateur@machine/base ».")
        return url

    def jobs(self) -> str:
        chosen = self.choice("jobs", JOBS)
        if chosen == "procrastinate" and self.text("database_url").startswith("sqlite"):
            self.refuse("jobs", "« procrastinate » demande PostgreSQL. Donnez JALON_DATABASE_URL=postgresql://…")
        if chosen == "procrastinate" and len(self.text("tenant")) > LONGEST_QUEUE:
            self.refuse("tenant", f"{LONGEST_QUEUE} caractères au plus avec JALON_JOBS=procrastinate.")
        return chosen

    def secret_key(self) -> str:
        key = self.text("secret_key")
        if len(key) < KEY_BYTES:
            self.refuse("secret_key", f"clé absente ou trop courte ({KEY_BYTES} caractères au moins). {HINT}")
        return key

    def vault_keys(self) -> tuple[str, ...]:
        keys = tuple(self.text("vault_keys").replace(",", " ").split())
        if not keys:
            self.refuse("vault_keys", f"clé de chiffrement absente, attendu « nom:base64 ». {HINT}")
        names = [key.partition(":")[0] for key in keys]
        if len(set(names)) < len(names):
            self.refuse("vault_keys", "deux clés portent le même nom.")
        for name, key in zip(names, keys, strict=True):
            if not (name.isascii() and name.isalnum() and len(name) <= KEY_BYTES and _is_key(key.partition(":")[2])):
                self.refuse("vault_keys", f"attendu « nom:base64 » d’une clé de 32 octets. {HINT}")
        return keys

    def index_key(self) -> str:
        key = self.text("index_key")
        if not _is_key(key):
            self.refuse("index_key", f"clé des recherches absente ou fausse, attendu 32 octets en base64. {HINT}")
        return key

    def public_url(self, default: str) -> str:
        url = self.environ.get(f"{PREFIX}PUBLIC_URL", "").strip().rstrip("/") or default
        try:
            parts = urlsplit(url)
            known = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.path
        except ValueError:
            known = False
        if not known:
            self.refuse("public_url", f"« {url} » n’est pas une adresse comme https://jalon.exemple.fr.")
        return url

    def tenant(self) -> str:
        text = self.text("tenant")
        if not (text.isascii() and text.replace("-", "").isalnum() and len(text) <= 60):
            self.refuse("tenant", "lettres sans accent, chiffres et tirets seulement, 60 caractères au plus.")
        return text

    def timezone(self) -> str:
        text = self.text("timezone")
        try:
            ZoneInfo(text)
        except (ValueError, OSError, KeyError):
            self.refuse("timezone", f"« {text} » n’est pas un fuseau horaire connu, par exemple Europe/Paris.")
        return text

    def clock_file(self, demo: bool) -> Path | None:
        text = self.text("clock_file") if f"{PREFIX}CLOCK_FILE" in self.environ else ""
        if text and not demo:
            self.refuse("clock_file", "une horloge simulée ne se règle qu’avec JALON_DEMO=1.")
        return Path(text) if text else None

    def second_factor(self, demo: bool) -> str:
        """Asked of everybody, of those who oversee, or of whoever has one; a demo asks nothing that is not set."""
        if demo and not self.environ.get(f"{PREFIX}SECOND_FACTOR"):
            return "optional"
        return self.choice("second_factor", ("required", "overseers", "optional"))

    def charter_file(self) -> Path | None:
        text = self.environ.get(f"{PREFIX}CHARTER_FILE", "").strip()
        if not text:
            return None
        if not self.file("charter", Path(text)):
            self.refuse("charter_file", f"{text} est vide ou illisible.")
        return Path(text)

    def psc_metadata_url(self) -> str:
        """Pro Santé Connect is offered when its address is given; what it needs must then be there too."""
        url = self.outside("psc_metadata_url")
        if not url:
            return ""
        for name in ("psc_client_id", "psc_client_secret"):
            if not self.text(name):
                self.refuse(name, "attendu avec JALON_PSC_METADATA_URL : l’ANS le donne à l’inscription du service.")
        return url

    def outside(self, name: str) -> str:
        """The address of somebody else's service: in https, but on this very machine."""
        url = self.text(name)
        parts = urlsplit(url)
        if url and parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            self.refuse(name, "une adresse en https est attendue.")
        return url

    def smtp_host(self) -> str:
        """E-mail leaves when the server is given; a password never goes over a line that others read."""
        host, sender = self.text("smtp_host"), self.text("smtp_from")
        if host and not ("@" in sender and sender.isascii() and not set(sender) & set(" <>,\r\n")):
            self.refuse("smtp_from", "attendu avec JALON_SMTP_HOST : l’adresse d’envoi, par exemple jalon@exemple.fr.")
        if host and self.text("smtp_security") == "none" and not is_loopback(host):
            self.refuse("smtp_security", "« none » n’est permis que vers cette machine. Choisissez starttls ou tls.")
        if self.text("smtp_user") and not self.text("smtp_password"):
            self.refuse("smtp_password", "attendu avec JALON_SMTP_USER.")
        return host

    def vapid_private_key(self) -> str:
        """Messages to browsers leave when there is a key; push services want somebody whom they can reach."""
        key, contact = self.text("vapid_private_key"), self.text("vapid_contact")
        if key and not _is_key(key.replace("-", "+").replace("_", "/") + "=" * (-len(key) % 4)):
            self.refuse("vapid_private_key", "clé fausse. Produisez-la avec : jalon notices key")
        if key and not contact.startswith(("mailto:", "https://")):
            self.refuse("vapid_contact", "attendu avec JALON_VAPID_PRIVATE_KEY, par exemple mailto:jalon@exemple.fr.")
        return key

    def sms_url(self) -> str:
        url = self.outside("sms_url")
        if url and not self.text("sms_token"):
            self.refuse("sms_token", "attendu avec JALON_SMS_URL : le jeton que donne la passerelle.")
        return url

    def look_for_misspelt(self) -> None:
        names = [PREFIX + setting.name.upper() for setting in fields(Settings)]
        known = {*names, *(f"{PREFIX}{name.upper()}_FILE" for name in SECRETS)}
        for name in sorted(key for key in self.environ if key.startswith(PREFIX) and key not in known):
            for meant in difflib.get_close_matches(name, known, 1, 0.85):
                self.problems.append(f"{name} : réglage inconnu. Vouliez-vous dire {meant} ?")


def _leads_somewhere(url: str) -> bool:
    """Whether an address can be read, and names a file where it is that of one: in memory nothing would last."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return found.get_backend_name() != "sqlite" or found.database not in (None, "", ":memory:")


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False
