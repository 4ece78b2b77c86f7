"""Static files under names that change with their content, so that a browser may keep them for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


def static_url(name: str) -> str:
    """The address of a static file, with the mark of its present content."""
    mark = _mark(name)
    return f"{request.script_root}/static/{name}{'?v=' + mark if mark else ''}"


def add_assets(app: Flask) -> None:
    app.jinja_env.globals["static_url"] = static_url
    app.after_request(_let_it_be_kept)


def _mark(name: str) -> str | None:
    path = FOLDER / name
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=256)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _let_it_be_kept(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") else A_DAY
    return response
