"""From the link to the task: what stands in the way, the code by the other way, the one device that it opens on."""

import hmac
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from base.errors import RequestError, Unverified
from care.case import cases
from engine.tables import task as tasks
from inbox.links import kept, log, messages, tokens
from inbox.links.kept import Link
from inbox.links.messages import MAIL, Message
from inbox.links.tables import answer_link as rows
from pathways import sharing
from pathways.context import Context
from people import persons
from people.persons import Person
from people.rosters.standing_in import acts_for
from people.sign_in import failures
from people.sign_in.failures import Count

CODE_LIFE, OPEN = timedelta(minutes=10), timedelta(minutes=15)
TRIES, MOST_CODES, GUESSES = 5, 5, 20
GUESSED = frozenset({"guessed", "forged"})
OVER = "Ce lien n’ouvre plus rien : il a déjà servi ou il a expiré."


class Over(RequestError):
    """The link opens nothing; `reason` is for the log alone, from outside all look alike."""

    code, status = "link-over", 410

    def __init__(self, reason: str, link: str | None = None) -> None:
        super().__init__(OVER)
        self.reason, self.link = reason, link


@dataclass(frozen=True)
class Visit:
    """What a browser brings: the token of its address, the cookie of its device, where it comes from."""

    token: str
    device: str
    address: str


def find(session: Session, context: Context, visit: Visit) -> Link:
    """The link, as long as it may open its task to its recipient. Raises Over."""
    try:
        failures.tries_left(session, context.clock, context.tenant, guesses(visit.address))
    except Unverified:
        raise Over("") from None
    link = kept.by_token(session, context, visit.token)
    if link is None:
        raise Over("guessed")
    if not tokens.is_of(context.settings.secret_key, link.place, visit.token):
        raise Over("forged", link.id)
    reason = link.over(context.clock.now()) or why_closed(session, context, link)
    if reason:
        raise Over(reason, link.id)
    return link


def guesses(address: str) -> Count:
    """Wrong tokens from one address."""
    return Count(f"link {address}", GUESSES)


def why_closed(session: Session, context: Context, link: Link) -> str:
    """The task is open, in nobody else's hands, and its sharing is allowed; else why not, as a key of the log."""
    row = session.execute(
        select(tasks.c.state, tasks.c.assignee).where(tasks.c.tenant == link.tenant, tasks.c.id == link.task)
    ).one_or_none()
    if row is None or row.state != "open":
        return "done"
    free = row.assignee in (None, link.recipient)
    if not free and not acts_for(session, context.clock, link.tenant, link.sent_by, row.assignee):
        return "taken"
    case = cases.case(session, link.case)
    verdict = sharing.with_recipient(session, context, recipient(session, link), case)
    return "" if verdict.outcome == sharing.ALLOWED else "closed"


def recipient(session: Session, link: Link) -> Person:
    """Who answers, in the one role in which they were asked."""
    return replace(persons.person(session, link.recipient), roles=frozenset({link.role}))


def note_opened(session: Session, context: Context, link: Link, address: str) -> None:
    """The first time that somebody, or a mail scanner, followed it; nothing is used up."""
    if kept.change(session, link, rows.c.opened_at.is_(None), opened_at=context.clock.now()):
        log.note(session, context, log.OPENED, link=link.id, address=address)


def ask_code(session: Session, context: Context, visit: Visit) -> tuple[Link, str]:
    """Send a code by the other way; the link and the device's mark, a new one when it has none. Raises Over."""
    link, now = find(session, context, visit), context.clock.now()
    if link.unlocked_at is not None and not link.is_on(visit.device):
        raise Over("forwarded", link.id)
    device = visit.device if link.is_on(visit.device) else tokens.new_device()
    code, until = tokens.new_code(), min(now + CODE_LIFE, link.expires_at)
    unlocked_elsewhere = or_(rows.c.unlocked_at.is_(None), rows.c.device_hash == tokens.digest(device))
    asked = {"code_mark": _mark(context, link, code), "code_until": until, "asked_at": now, "codes": rows.c.codes + 1}
    if not kept.change(
        session, link, rows.c.codes < MOST_CODES, unlocked_elsewhere, device_hash=tokens.digest(device), **asked
    ):
        raise Over("codes", link.id)
    words = messages.code_words(code, int(CODE_LIFE.total_seconds() // 60))
    address = link.address(context, link.code_way)
    messages.put(session, context, Message(link.id, messages.CODE, link.code_way, address, words, "", until))
    log.note(session, context, log.CODE_SENT, link=link.id, address=visit.address)
    return link, device


def enter_code(session: Session, context: Context, visit: Visit, code: str) -> int:
    """The tries that are left, 0 once the link is locked; -1 when the code is right. Raises Over.

    Each try is counted before it is looked at: however many come at once, five codes can be tried.
    """
    link, now = find(session, context, visit), context.clock.now()
    if not link.is_on(visit.device):
        raise Over("forwarded", link.id)
    mine = (rows.c.tenant == link.tenant, rows.c.id == link.id, rows.c.tries < TRIES, rows.c.locked_at.is_(None))
    counted = update(rows).where(*mine).values(tries=rows.c.tries + 1)
    row = session.execute(counted.returning(rows.c.tries, rows.c.code_mark, rows.c.code_until)).one_or_none()
    if row is None:
        raise Over("locked", link.id)
    good = row.code_mark is not None and row.code_until > now
    if good and hmac.compare_digest(row.code_mark.encode(), _mark(context, link, code).encode()):
        _unlock(session, context, link, visit.address)
        return -1
    log.note(session, context, log.WRONG_CODE, link=link.id, address=visit.address)
    if row.tries >= TRIES:
        kept.change(session, link, locked_at=now, code_mark=None)
        log.note(session, context, log.LOCKED, link=link.id, address=visit.address)
    return TRIES - int(row.tries)


def enter(session: Session, context: Context, visit: Visit) -> Link | None:
    """The link whose code this device has given lately; None when a code is wanted first. Raises Over."""
    link = find(session, context, visit)
    if link.unlocked_at is None:
        return None
    if not link.is_on(visit.device):
        raise Over("forwarded", link.id)
    return link if link.open_until is not None and link.open_until > context.clock.now() else None


def was_used_here(session: Session, context: Context, visit: Visit) -> Link | None:
    """The link by which this device has just answered: it says « Merci » again and shows nothing else."""
    link = kept.by_token(session, context, visit.token)
    if link is None or link.used_at is None or not link.is_on(visit.device):
        return None
    return link if link.open_until is not None and link.open_until > context.clock.now() else None


def note_refusal(session: Session, context: Context, visit: Visit, refused: Over) -> None:
    """Log why; wrong tokens count against where they come from, and then are no longer looked at."""
    if refused.reason in GUESSED:
        failures.count_one(session, context.clock, context.tenant, guesses(visit.address))
    if refused.reason:
        reason, link = refused.reason, refused.link
        log.note(session, context, log.REFUSED, link=link, reason=reason, address=visit.address)


def masked(link: Link, context: Context, way: str) -> str:
    """Where a message goes, for somebody who may only recognise it: « 06 39 98 •• 14 », « l•••@exemple.fr »."""
    address = link.address(context, way)
    if way == MAIL:
        name, _, host = address.partition("@")
        return f"{name[:1]}•••@{host}"
    national = f"0{address[3:]}" if address.startswith("+33") else address
    pairs = [national[at : at + 2] for at in range(0, len(national), 2)]
    return " ".join([*pairs[:-2], "••", pairs[-1]])


def _unlock(session: Session, context: Context, link: Link, address: str) -> None:
    now = context.clock.now()
    first = link.unlocked_at or now
    kept.change(session, link, unlocked_at=first, open_until=now + OPEN, code_mark=None, tries=0)
    log.note(session, context, log.UNLOCKED, link=link.id, address=address)


def _mark(context: Context, link: Link, code: str) -> str:
    return context.vault.blind(f"{link.id} {code.strip()}", "link-code")
