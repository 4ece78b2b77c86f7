"""Links and codes leave: each message is handed over to the mail server or to the SMS gateway, by the worker."""

from collections.abc import Mapping
from functools import partial

from base.jobs import Handler, Work
from inbox.links import messages
from inbox.links.messages import MAIL, SEND
from inbox.notices import mail, sms
from inbox.notices.ways import Message
from pathways.context import Context


def handlers(context: Context) -> Mapping[str, Handler]:
    """The job by which links and codes leave."""
    return {SEND: partial(send, context)}


def send(context: Context, work: Work) -> None:
    """The job `links.send`: hand one message over, if it still serves. Raises Undelivered, to be tried again."""
    key = work.payload["message"]
    with work.begin() as session:
        found = messages.to_send(session, context, key)
    if found is not None:
        told = Message("Une demande vous attend", (found.words,), found.url, urgent=True)
        if found.way == MAIL:
            mail.send(context.settings, found.address, told, key, context.clock.now())
        else:
            sms.send(context.settings, found.address, told, key)
    with work.finish() as session:
        messages.note_sent(session, context, key)
