"""The thread of a case: what its people write to each other, sealed; what was written stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, literal, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Instant
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from base.prepared import Query
from base.vault import Vault
from care.case.tables import comment as rows
from care.case.tables import mention

LONGEST = 4000
SHOWN = 200
AGAIN = timedelta(minutes=2)
"""Within this the same words in the same place are one message that was sent twice; à valider localement."""
CORRECTABLE = timedelta(minutes=15)
"""How long one may correct one's own words; à valider localement."""
COMMENT, QUESTION, CALL, DECLINED, HANDED, PREPARED = "comment", "question", "call", "declined", "handed", "prepared"
CORRECTION, REQUEST, SETTLED = "correction", "request", "settled"
KINDS = frozenset({COMMENT, QUESTION, CALL, DECLINED, HANDED, PREPARED, CORRECTION, REQUEST, SETTLED})

LAST = Query(
    select(rows)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.case == bindparam("of_case"))
    .order_by(rows.c.at.desc(), rows.c.id.desc())
    .limit(SHOWN)
)

LATELY = Query(
    select(rows.c.id, rows.c.text, rows.c.task, rows.c.about, rows.c.addressee)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.case == bindparam("of_case"))
    .where(rows.c.at >= bindparam("since", type_=Instant()))
    .where(rows.c.author == bindparam("author"), rows.c.kind == bindparam("kind"))
)

ASKED = Query(
    select(rows.c.id, rows.c.author, rows.c.task)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.case == bindparam("of_case"))
    .where(rows.c.kind == literal(QUESTION), rows.c.addressee == bindparam("asked"))
    .order_by(rows.c.at, rows.c.id)
)


@dataclass(frozen=True)
class Comment:
    """Something written: `addressee` is whom a question asks, `about` the comment that a correction is about."""

    id: str
    case: str
    task: str | None
    author: str
    at: datetime
    kind: str
    addressee: str | None
    about: str | None
    text: str
    mentions: frozenset[str] = frozenset()
    first_text: str = ""
    corrected_at: datetime | None = None


@dataclass(frozen=True)
class Words:
    """What somebody wants to write in a case."""

    case: str
    author: str
    text: str
    kind: str = COMMENT
    task: str | None = None
    addressee: str | None = None
    about: str | None = None
    mentions: Collection[str] = ()


def write(session: Session, vault: Vault, clock: Clock, tenant: str, words: Words) -> str:
    """Add to the thread; the id of what was written. Raises Invalid."""
    text = _checked(words.text)
    written = new_id()
    values = {name: value for name, value in vars(words).items() if name not in ("text", "mentions")} | {
        "tenant": tenant,
        "id": written,
        "at": clock.now(),
        "text": vault.seal(text, _context(written)),
    }
    session.execute(insert(rows).values(values))
    named = [{"tenant": tenant, "comment": written, "person": person} for person in sorted(set(words.mentions))]
    if named:
        session.execute(insert(mention), named)
    return written


def questions_to(session: Session, tenant: str, case: str, person: str) -> list[tuple[str, str, str | None]]:
    """What somebody was asked in a case: the question, who asks, and of which task."""
    found = ASKED.all(session, {"tenant": tenant, "of_case": case, "asked": person})
    return [(row.id, row.author, row.task) for row in found]


def said_just_now(session: Session, vault: Vault, clock: Clock, tenant: str, words: Words) -> str | None:
    """The message that says just this, when its author has sent it a moment ago already."""
    asked = {"tenant": tenant, "of_case": words.case, "author": words.author, "kind": words.kind}
    place, text = (words.task, words.about, words.addressee), _checked(words.text)
    for row in LATELY.all(session, {**asked, "since": clock.now() - AGAIN}):
        if (row.task, row.about, row.addressee) == place and vault.open(row.text, _context(row.id)) == text:
            return str(row.id)
    return None


def correct(session: Session, vault: Vault, clock: Clock, tenant: str, comment: str, author: str, text: str) -> None:
    """Put one's own words right, shortly after: the first ones stay readable. Raises NotFound, Forbidden, Conflict."""
    row = _one(session, tenant, comment)
    if row.author != author or row.kind == CORRECTION:
        raise Forbidden("Seul son auteur peut corriger un message.", code="not-the-author")
    if clock.now() - row.at > CORRECTABLE:
        minutes = int(CORRECTABLE.total_seconds() // 60)
        raise Conflict(f"Un message se corrige pendant {minutes} minutes. Écrivez-en un autre.", code="too-late")
    said = Words(row.case, author, text, CORRECTION, row.task, about=comment)
    write(session, vault, clock, tenant, said)


def thread(session: Session, vault: Vault, tenant: str, case: str) -> list[Comment]:
    """What was written in a case, the oldest first, each with its last correction; the last SHOWN of them."""
    found = LAST.all(session, {"tenant": tenant, "of_case": case})
    named = _mentions(session, tenant, [row.id for row in found])
    told = {row.id: _comment(row, vault, named.get(row.id, frozenset())) for row in reversed(found)}
    for one in [one for one in told.values() if one.kind == CORRECTION]:
        del told[one.id]
        first = told.get(one.about or "")
        if first is not None:
            kept = first.first_text or first.text
            told[first.id] = replace(first, text=one.text, first_text=kept, corrected_at=one.at)
    return list(told.values())


def comment_of(session: Session, vault: Vault, tenant: str, comment: str) -> Comment:
    """One of them, as it was first written. Raises NotFound."""
    return _comment(_one(session, tenant, comment), vault, frozenset())


def open_requests(comments: Collection[Comment]) -> list[Comment]:
    """The corrections that were asked for and that nobody has settled."""
    settled = {one.about for one in comments if one.kind == SETTLED}
    return [one for one in comments if one.kind == REQUEST and one.id not in settled]


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise Invalid("Écrivez votre message.", {"text": "Écrivez votre message."})
    if len(text) > LONGEST:
        said = f"Pas plus de {LONGEST} caractères : ce message en a {len(text)}."
        raise Invalid(said, {"text": said})
    return text


def _one(session: Session, tenant: str, comment: str) -> Any:
    row = session.execute(select(rows).where(rows.c.tenant == tenant, rows.c.id == comment)).one_or_none()
    if row is None:
        raise NotFound("Ce message n’existe pas.")
    return row


def _mentions(session: Session, tenant: str, ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    wanted = select(mention.c.comment, mention.c.person).where(mention.c.tenant == tenant, mention.c.comment.in_(ids))
    for comment, person in session.execute(wanted) if ids else ():
        found.setdefault(comment, set()).add(person)
    return {comment: frozenset(people) for comment, people in found.items()}


def _comment(row: Any, vault: Vault, mentions: frozenset[str]) -> Comment:
    own = {name: value for name, value in row._asdict().items() if name not in ("tenant", "text")}
    return Comment(**own, text=vault.open(row.text, _context(row.id)) if row.text else "", mentions=mentions)


def _context(comment: str) -> str:
    return f"comment.text:{comment}"
