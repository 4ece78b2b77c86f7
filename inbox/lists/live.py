"""What has changed in a list since it was shown: told as it happens, or when asked; only the ids of tasks travel.

A stream holds one of the server's threads. So few are open at once, each for a short while; who finds none free asks
now and then instead. Every look asks again who is signed in and what they may see.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta

import orjson
from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, func, select

from base.prepared import Query
from engine.tables import journal
from inbox.desk import Desk
from inbox.lists.queue import PAGE
from inbox.lists.walks import TABS, walks
from inbox.request import COOKIE, context, desk, require_sign_in
from pathways.context import Context
from people.sign_in import sessions

blueprint = Blueprint("live", __name__)
blueprint.before_request(require_sign_in)
STREAMS = 2
LOOKS, PAUSE = 6, 2.0
"""How often a stream looks, and how many seconds apart: shorter than what a server that stops waits for."""
SHOWN = 2 * PAGE
LONGEST_STEP = timedelta(minutes=1)
SINCE = Query(
    select(func.count().label("entries")).where(
        journal.c.tenant == bindparam("tenant"), journal.c.at > bindparam("since")
    )
)
"""How much happened since a fixed instant. The instant of the latest would not do: two may happen at the same one, and
whoever began first may be through last.
"""
free = threading.BoundedSemaphore(STREAMS)


@blueprint.get("/taches/nouvelles.json")
def news() -> ResponseReturnValue:
    """The tasks of a list as it is now; 304 when nothing has changed since the ETag."""
    response = make_response(_told(desk(), _tab()))
    response.content_type = "application/json"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/taches/flux")
def stream() -> ResponseReturnValue:
    """The same as it happens; 204, which tells the browser to ask instead, when no stream is free."""
    if not free.acquire(blocking=False):
        return "", 204
    looks = _looks(context(), request.cookies.get(COOKIE, ""), _tab())
    response = Response(looks, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(free.release)
    return response


def _looks(parts: Context, token: str, tab: str) -> Iterator[bytes]:
    """Says the list when something happened in the territory and it is not what was said last."""
    said, seen, pause = b"", -1, threading.Event()
    asked = {"tenant": parts.tenant, "since": parts.clock.now() - LONGEST_STEP}
    yield b"retry: 3000\n\n"
    for _ in range(LOOKS):
        known = sessions.signed_in(parts.database, parts.clock, token, acts=False)
        if known is None:
            return
        with parts.database.read() as session:
            happened = SINCE.first(session, asked).entries
            told = _told(Desk(session, parts, known.person), tab) if happened != seen else said
        yield b": \n\n" if told == said else b"data: " + told + b"\n\n"
        said, seen = told, happened
        pause.wait(PAUSE)


def _told(who: Desk, tab: str) -> bytes:
    found = walks(who).rows[tab].all(who.session, {**who.values, "most": SHOWN})
    return orjson.dumps({"ids": [row.id for row in found], "whole": len(found) < SHOWN})


def _tab() -> str:
    wanted = request.args.get("liste", "moi")
    return wanted if wanted in TABS else "moi"
