"""What this installation makes for itself: its folder `var/`, its secrets, its database at the program's version."""

import os
from collections.abc import Mapping
from pathlib import Path

from base.jobs.adapters import bring_over
from base.migrations import upgrade
from base.settings import Settings, environment, fresh_secrets
from pathways.context import build

SECRETS_FILE = "secrets.env"


def load_settings(*, host: str | None = None, port: int | None = None, demo: bool = False) -> Settings:
    """The settings of this process: the environment, over the secrets file, under what the command line says."""
    given = environment()
    said = {"JALON_HOST": host, "JALON_PORT": str(port) if port else None}
    if demo and not _has(given, "JALON_DEMO"):
        said["JALON_DEMO"] = "1"
    return Settings.load(_layered(given, {name: value for name, value in said.items() if value}))


def prepare() -> Path | None:
    """Make the folder and, when none is given or kept, the secrets; the secrets' file when it was just made."""
    given = environment()
    folder = var_dir(given)
    folder.mkdir(parents=True, exist_ok=True)
    secrets = {name: value for name, value in fresh_secrets().items() if not _has(given, name)}
    path = folder / SECRETS_FILE
    if path.exists() or not secrets:
        return None
    _write_private(path, {"JALON_DEMO": "1", **secrets})
    return path


def upgrade_database(settings: Settings) -> int:
    """Bring the database to this program and these settings; returns how many jobs came over from another queue."""
    context = build(settings)
    try:
        upgrade(context.database)
        with context.database.begin() as session:
            return bring_over(session, settings, context.clock)
    finally:
        context.database.dispose()


def var_dir(given: Mapping[str, str]) -> Path:
    return Path(given.get("JALON_VAR_DIR", "").strip() or "var")


def _layered(given: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    folder = var_dir(given)
    kept = {name: value for name, value in _kept(folder / SECRETS_FILE).items() if not _has(given, name)}
    place = {} if _has(given, "JALON_DATABASE_URL") else {"JALON_DATABASE_URL": f"sqlite:///{folder / 'jalon.db'}"}
    return {**kept, **place, **given, **said}


def _has(given: Mapping[str, str], name: str) -> bool:
    return bool(given.get(name, "").strip() or given.get(f"{name}_FILE", "").strip())


def _kept(path: Path) -> dict[str, str]:
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _write_private(path: Path, values: Mapping[str, str]) -> None:
    """Readable by its owner alone from its first byte on."""
    heading = "# Secrets de cette installation : sans eux, les identités enregistrées ne se lisent plus.\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(heading + "".join(f"{name}={value}\n" for name, value in values.items()))
