"""The signed call by which the demo's hospital announces that one more invented person goes home."""

import orjson

from base.ids import new_id
from jalon import partner_call
from jalon.demo.discharges import drawn_discharge, message
from pathways.context import Context


def new_call(context: Context, *, stroke: bool | None = None) -> partner_call.Call:
    """A person never seen before, a stay number never seen before, a signature of this instant."""
    discharge = drawn_discharge(stroke=stroke)
    message_id, venue = f"msg-{new_id()}", f"VN-{new_id()[-8:].upper()}"
    body = orjson.dumps(message(discharge, context.clock.now(), message_id, venue))
    return partner_call.prepare(context, discharge.partner, message_id, body)
