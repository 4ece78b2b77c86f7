"""The CPTS's charter: its text is its version, and who accepted which, and when, is kept."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from people.sign_in import events as sign_in_events
from people.tables import charter as rows
from people.tables import charter_acceptance as acceptances

VERSION_LENGTH = 12


@dataclass(frozen=True)
class Charter:
    """A text whose first line is its title; another text is another version."""

    text: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:VERSION_LENGTH]

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0].strip()

    @property
    def paragraphs(self) -> list[str]:
        body = self.text.partition("\n")[2]
        return [" ".join(part.split()) for part in body.split("\n\n") if part.strip()]


def read(path: Path | None) -> Charter | None:
    """The charter in force, or none."""
    return Charter(path.read_text("utf-8").replace("\r\n", "\n").strip()) if path else None


def is_accepted(session: Session, tenant: str, person: str, charter: Charter) -> bool:
    query = select(acceptances.c.person).where(
        acceptances.c.tenant == tenant,
        acceptances.c.person == person,
        acceptances.c.version == charter.version,
    )
    return session.execute(query).first() is not None


def accept(session: Session, clock: Clock, tenant: str, person: str, charter: Charter) -> None:
    """Write down that somebody accepted this text; a second time changes nothing."""
    place, now = {"tenant": tenant, "version": charter.version}, clock.now()
    shown = insert_into(session, rows).values(**place, text=charter.text, since=now)
    session.execute(shown.on_conflict_do_nothing(index_elements=["tenant", "version"]))
    accepted = insert_into(session, acceptances).values(**place, person=person, accepted_at=now)
    session.execute(accepted.on_conflict_do_nothing(index_elements=["tenant", "person", "version"]))
    sign_in_events.note(session, clock, tenant, person, "charter_accepted", detail=charter.title)


def accepted(session: Session, tenant: str, person: str) -> list[tuple[Charter, datetime]]:
    """The texts that somebody accepted, the last one first."""
    query = (
        select(rows.c.text, acceptances.c.accepted_at)
        .join(acceptances, (acceptances.c.tenant == rows.c.tenant) & (acceptances.c.version == rows.c.version))
        .where(acceptances.c.tenant == tenant, acceptances.c.person == person)
        .order_by(acceptances.c.accepted_at.desc())
    )
    return [(Charter(row.text), row.accepted_at) for row in session.execute(query)]
