"""What the worker does for the partners' door: one line per kind of job."""

from collections.abc import Mapping
from functools import partial

from base.jobs import Handler
from pathways.context import Context
from webhooks import deliver, processing


def handlers(context: Context) -> Mapping[str, Handler]:
    """The handlers of the jobs that this door and the engine's outbox enqueue."""
    return {
        "reception.process": partial(processing.process, context),
        "message.route": partial(deliver.route, context),
        "delivery.send": partial(deliver.send, context),
    }
