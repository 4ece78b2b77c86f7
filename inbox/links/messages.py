"""What a link's recipient is sent: words that name no patient and nothing of their health; kept sealed until sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from base.ids import new_id
from inbox.links.tables import answer_message as rows
from inbox.notices.ways import is_open
from pathways.context import Context
from people.notices.preferences import EMAIL
from people.notices.preferences import SMS as TEXT

MAIL, SMS = "mail", "sms"
WAYS = {MAIL: "Courriel", SMS: "SMS"}
LINK, CODE, ACCOUNT = "link", "code", "account"
SEND = "links.send"
"""The job that hands one message over."""


@dataclass(frozen=True)
class Message:
    """One message: a sentence or two, and perhaps an address of ours; `until` is when it serves no more."""

    link: str
    kind: str
    way: str
    address: str
    words: str
    url: str
    until: datetime

    @property
    def body(self) -> str:
        return f"{self.words} {self.url}".strip()


def leaves(context: Context, way: str) -> bool:
    """Whether messages really leave by this way."""
    return is_open(context.settings, {MAIL: EMAIL, SMS: TEXT}[way])


def put(session: Session, context: Context, message: Message) -> None:
    """Keep a message and have it sent; of each kind only the last one of a link leaves."""
    same = (rows.c.tenant == context.tenant, rows.c.link == message.link, rows.c.kind == message.kind)
    session.execute(delete(rows).where(*same))
    key = new_id()
    texts = {"address": message.address, "body": f"{message.words}\n{message.url}"}
    sealed = {name: context.vault.seal(text, f"answer_message.{name}:{key}") for name, text in texts.items()}
    own = {"tenant": context.tenant, "id": key, "link": message.link, "kind": message.kind, "way": message.way}
    session.execute(insert(rows).values(**own, **sealed, made_at=context.clock.now(), until=message.until))
    if leaves(context, message.way):
        context.queue.enqueue(session, SEND, {"message": key})


def of_link(session: Session, context: Context, link: str) -> list[Message]:
    """What was written for a link and still serves, the oldest first."""
    query = select(rows).where(rows.c.tenant == context.tenant, rows.c.link == link)
    found = session.execute(query.where(rows.c.until > context.clock.now()).order_by(rows.c.made_at, rows.c.id))
    return [_message(context, row) for row in found]


def to_send(session: Session, context: Context, key: str) -> Message | None:
    """A message that has not left and still serves."""
    mine = (rows.c.tenant == context.tenant, rows.c.id == key, rows.c.sent_at.is_(None))
    row = session.execute(select(rows).where(*mine, rows.c.until > context.clock.now())).one_or_none()
    return None if row is None else _message(context, row)


def note_sent(session: Session, context: Context, key: str) -> None:
    mine = (rows.c.tenant == context.tenant, rows.c.id == key)
    session.execute(update(rows).where(*mine).values(sent_at=context.clock.now()))


def drop(session: Session, tenant: str, link: str) -> None:
    """The link opens nothing any more: nothing of it is sent."""
    session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.link == link))


def forget(session: Session, context: Context) -> int:
    """Delete what serves no more, or has left; how many."""
    over = or_(rows.c.until <= context.clock.now(), rows.c.sent_at.is_not(None))
    return len(session.execute(delete(rows).where(rows.c.tenant == context.tenant, over).returning(rows.c.id)).all())


def link_words(until: str, other: str) -> str:
    """What brings the link, before its address."""
    return (
        f"Une demande professionnelle vous attend. Ce lien ne sert qu’une fois, {until}. Un code vous sera envoyé par "
        f"{other}. Ne transférez pas ce message."
    )


def code_words(code: str, minutes: int) -> str:
    """What brings a code."""
    return f"Jalon : votre code est {code}. Il vaut {minutes} minutes. Ne le donnez à personne."


def account_words() -> str:
    """What brings the way to an account, before its address."""
    return "Ouvrez votre compte Jalon dans les 7 jours."


def _message(context: Context, row: Any) -> Message:
    address = context.vault.open(row.address, f"answer_message.address:{row.id}")
    words, _, url = context.vault.open(row.body, f"answer_message.body:{row.id}").partition("\n")
    return Message(row.link, row.kind, row.way, address, words, url, row.until)
