"""Jalon as an application on a telephone: its manifest, its service worker, and the page that says there is no network.

The service worker keeps the frame alone, under the version of its files: never a page with a patient on it.
"""

import hashlib

import orjson
from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from jalon.assets import FOLDER, static_url

blueprint = Blueprint("pwa", __name__)
FRAME = ("tokens.css", "jalon.css", "screens.css", "icons.svg", "logo.svg", "built/shell.js")
FONT = "fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
SCRIPT = "built/worker.js"
INK, GROUND = "#10292d", "#eef2f1"


@blueprint.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """What a telephone needs to install it."""
    icons = [
        {"src": static_url(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    said = {
        "name": "Jalon", "short_name": "Jalon", "lang": "fr", "id": "/", "start_url": "/taches", "scope": "/",
        "display": "standalone", "background_color": GROUND, "theme_color": INK, "icons": icons,
        "description": "Ce qui vous attend, et où en est chaque parcours.",
    }  # fmt: skip
    return Response(orjson.dumps(said), content_type="application/manifest+json")


@blueprint.get("/service-worker.js")
def worker() -> ResponseReturnValue:
    """The service worker, told what to keep; it changes when any of these files does."""
    kept = [*(static_url(name) for name in FRAME), f"/static/{FONT}", "/hors-ligne"]
    version = hashlib.sha256(orjson.dumps([kept, render_template("offline.html")])).hexdigest()[:12]
    told = f"const VERSION = '{version}', KEPT = {orjson.dumps(kept).decode()};\n"
    script = FOLDER / SCRIPT
    response = Response(told + script.read_text("utf-8"), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/hors-ligne")
def offline() -> ResponseReturnValue:
    """What stands where a page would, without a network; it knows nobody."""
    return render_template("offline.html")
