"""The links as they are kept: one by its token, those of a task or of a sender, and where each one stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from base.errors import NotFound
from base.rows import made
from inbox.links import tokens
from inbox.links.messages import MAIL, SMS
from inbox.links.tables import answer_link as rows
from pathways.context import Context

ANSWERED, DECLINED = "answered", "declined"
SHOWN = 100


@dataclass(frozen=True)
class Link:
    """One link: for which task, to whom, in which role, by which way, and what happened to it."""

    tenant: str
    id: str
    task: str
    case: str
    recipient: str
    role: str
    sent_by: str
    sent_at: datetime
    expires_at: datetime
    way: str
    mail: bytes
    phone: bytes
    code_until: datetime | None
    codes: int
    tries: int
    device_hash: str | None
    open_until: datetime | None
    opened_at: datetime | None
    asked_at: datetime | None
    unlocked_at: datetime | None
    locked_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    outcome: str | None

    @property
    def place(self) -> str:
        """What its token is signed for."""
        return tokens.place(self.tenant, self.id, self.task, self.recipient, self.role)

    @property
    def code_way(self) -> str:
        """The way that does not carry the link."""
        return SMS if self.way == MAIL else MAIL

    def over(self, now: datetime) -> str:
        """Why it opens nothing any more, as a key of `log.REASONS`; empty while it may."""
        ends = {"used": self.used_at, "revoked": self.revoked_at, "locked": self.locked_at}
        reason = next((reason for reason, moment in ends.items() if moment is not None), "")
        return reason or ("expired" if self.expires_at <= now else "")

    def state(self, now: datetime) -> str:
        """Where it stands, in words for who sent it."""
        if self.used_at is not None:
            return "A décliné" if self.outcome == DECLINED else "A répondu"
        said = {"revoked": "Retiré", "locked": "Bloqué : 5 codes faux", "expired": "Expiré sans réponse"}
        return said.get(self.over(now)) or self._progress()

    def address(self, context: Context, way: str) -> str:
        """Where a message goes by this way."""
        name, sealed = ("mail", self.mail) if way == MAIL else ("phone", self.phone)
        return context.vault.open(sealed, f"answer_link.{name}:{self.id}")

    def is_on(self, device: str) -> bool:
        """Whether the code was asked for from this device."""
        return bool(device) and self.device_hash == tokens.digest(device)

    def _progress(self) -> str:
        if self.unlocked_at is not None:
            return "Demande lue"
        if self.asked_at is not None:
            return "Code demandé"
        return "Ouvert" if self.opened_at is not None else "Envoyé"


def by_token(session: Session, context: Context, token: str) -> Link | None:
    found = _read(session, context.tenant, rows.c.token_hash == tokens.digest(token))
    return next(iter(found), None)


def one(session: Session, tenant: str, link: str) -> Link:
    """Raises NotFound."""
    for found in _read(session, tenant, rows.c.id == link):
        return found
    raise NotFound("Ce lien n’existe pas.")


def of_task(session: Session, tenant: str, task: str) -> Sequence[Link]:
    """The links of a task, the latest first."""
    return _read(session, tenant, rows.c.task == task)


def of_cases(session: Session, tenant: str, cases: Sequence[str]) -> Sequence[Link]:
    """The links by which somebody could look into one of these cases, the latest first."""
    return _read(session, tenant, rows.c["case"].in_(cases))


def sent(session: Session, tenant: str, by: str | None) -> Sequence[Link]:
    """The last links that a person sent; of everybody when `by` is None."""
    return _read(session, tenant, *([] if by is None else [rows.c.sent_by == by]))


def change(session: Session, link: Link, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change a link if it still is as the conditions say; whether it was."""
    mine = (rows.c.tenant == link.tenant, rows.c.id == link.id)
    changed = update(rows).where(*mine, *conditions).values(values).returning(rows.c.id)
    return session.execute(changed).first() is not None


def _read(session: Session, tenant: str, *conditions: ColumnElement[bool]) -> list[Link]:
    query = select(rows).where(rows.c.tenant == tenant, *conditions)
    found = session.execute(query.order_by(rows.c.sent_at.desc(), rows.c.id.desc()).limit(SHOWN))
    return [made(Link, row) for row in found]
