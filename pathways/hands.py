"""Who left a pathway as it is in the editor, so that nobody writes over what they have not seen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from base.errors import Conflict
from pathways import catalogue, drafts
from pathways.tables import pathway as pathways


@dataclass(frozen=True)
class Hand:
    """The files as they stand, named by `revision`: a draft, or else what is published; who left them so, and when."""

    revision: str
    by: str
    at: datetime
    is_draft: bool


class Overtaken(Conflict):
    """Somebody has written meanwhile; `hand` says who."""

    def __init__(self, hand: Hand) -> None:
        super().__init__("Ce brouillon a changé entre-temps.", code="draft-overtaken", revision=hand.revision)
        self.hand = hand


def last(session: Session, tenant: str, key: str) -> Hand:
    """Who wrote last. Raises NotFound."""
    revision = catalogue.draft(session, tenant, key).digest
    if (saved := drafts.last_saved(session, tenant, key)) is not None:
        return Hand(revision, *saved, is_draft=True)
    version = catalogue.published(session, tenant, key)
    return Hand(revision, version.published_by, version.published_at, is_draft=False)


def hold(session: Session, tenant: str, key: str, seen: str | None, by: str) -> None:
    """Let nobody else write until this transaction ends; raises Overtaken when it is no longer what `by` has seen.

    Whoever does not say what they have seen knows what is published, and what they left themselves.
    """
    one = (pathways.c.tenant == tenant, pathways.c.key == key)
    session.execute(select(pathways.c.key).where(*one).with_for_update()).all()
    hand = last(session, tenant, key)
    if hand.revision != seen if seen else hand.is_draft and hand.by != by:
        raise Overtaken(hand)
