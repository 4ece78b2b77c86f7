"""The log of links: who sent, opened, used, refused or was refused, when, why, from a blind mark of where."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from base.ids import new_id
from base.rows import made
from inbox.links.tables import answer_link_event as rows
from pathways.context import Context

SENT, OPENED, CODE_SENT, WRONG_CODE, LOCKED = "sent", "opened", "code_sent", "wrong_code", "locked"
UNLOCKED, SHOWN, ANSWERED, DECLINED, REVOKED = "unlocked", "shown", "answered", "declined", "revoked"
REFUSED, ACCOUNT = "refused", "account"
KINDS = {
    SENT: "Lien envoyé", OPENED: "Lien ouvert", CODE_SENT: "Code envoyé", WRONG_CODE: "Code faux",
    LOCKED: "Lien bloqué après 5 codes faux", UNLOCKED: "Code juste", SHOWN: "Demande lue",
    ANSWERED: "Réponse envoyée", DECLINED: "Demande déclinée", REVOKED: "Lien retiré", REFUSED: "Refusé",
    ACCOUNT: "Compte ouvert à sa demande",
}  # fmt: skip
REASONS = {
    "used": "il avait déjà servi", "expired": "il avait expiré", "revoked": "il avait été retiré",
    "locked": "il était bloqué", "done": "la tâche n’était plus à faire", "taken": "la tâche était chez quelqu’un",
    "closed": "le partage n’était plus permis", "forwarded": "un autre appareil s’en servait",
    "guessed": "ce lien n’existe pas", "forged": "ce lien n’est pas pour cette tâche",
    "codes": "trop de codes demandés",
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One line of the log."""

    link: str | None
    at: datetime
    kind: str
    reason: str | None
    by: str | None

    @property
    def words(self) -> str:
        """« Refusé : il avait expiré »"""
        said = KINDS.get(self.kind, self.kind)
        return f"{said} : {REASONS.get(self.reason, self.reason)}" if self.reason else said


def note(
    session: Session, context: Context, kind: str, *, link: str | None, reason: str | None = None,
    by: str | None = None, address: str = "",
) -> None:  # fmt: skip
    """Add a line; `by` is the professional who did it when they were known."""
    mark = context.vault.blind(address, "address") if address else None
    values = {"tenant": context.tenant, "id": new_id(), "at": context.clock.now(), "address": mark}
    session.execute(insert(rows).values(**values, link=link, kind=kind, reason=reason, by=by))


def events(session: Session, tenant: str, links: Collection[str]) -> Mapping[str, list[Event]]:
    """What happened to each of these links, the latest first."""
    query = select(rows).where(rows.c.tenant == tenant, rows.c.link.in_(links))
    found: dict[str, list[Event]] = {link: [] for link in links}
    for row in session.execute(query.order_by(rows.c.at.desc(), rows.c.id.desc())):
        found[row.link].append(made(Event, row))
    return found
