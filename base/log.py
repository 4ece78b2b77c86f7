"""The log: one event a line, and only keys of a known list, so that no patient's data can slip in."""

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog

from base import driver
from base.errors import JalonError
from base.settings import Settings

ALLOWED = frozenset(
    (
        "account",
        "address",
        "attempt",
        "bytes",
        "case",
        "code",
        "count",
        "day",
        "definition",
        "delay",
        "delivery",
        "dropped",
        "element",
        "error",
        "event",
        "hash",
        "host",
        "incident",
        "job",
        "key",
        "kind",
        "level",
        "method",
        "ms",
        "outbox",
        "partner",
        "pathway",
        "periodic",
        "person",
        "pid",
        "port",
        "reception",
        "request",
        "run",
        "settings",
        "state",
        "status",
        "task",
        "tenant",
        "threads",
        "timestamp",
        "version",
        "where",
        "worker",
    )
)
FRAMES = 4

Event = MutableMapping[str, Any]


def configure(settings: Settings) -> None:
    """Send events to stderr, as JSON or for a reader's eyes; libraries speak only from warnings on."""
    json = settings.log_format == "json"
    last = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            last,
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )


@contextlib.contextmanager
def only_warnings() -> Iterator[None]:
    """Nothing beneath a warning is told meanwhile: what happens in an invented past is no news."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)


def keep_allowed(_logger: object, _method: str, event: Event) -> Event:
    """Drop every key that is not on the list, and say which were dropped; values are kept to scalars."""
    kept = {
        key: value for key, value in event.items() if key in ALLOWED and isinstance(value, str | int | float | None)
    }
    dropped = sorted(event.keys() - kept.keys())
    return {**kept, "dropped": " ".join(dropped)} if dropped else kept


def describe(error: BaseException) -> dict[str, str]:
    """What may be said of an error: its class, its own code or its driver's, and where; never its text."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    code = error.code if isinstance(error, JalonError) else driver.code(error)
    return {"error": type(error).__name__, "code": code, "where": where}


def report(happening: str, error: BaseException, **fields: str | float) -> None:
    """Log that something failed, without the text of a foreign error: it may quote a patient's data."""
    structlog.get_logger().error(happening, **fields, **describe(error))
