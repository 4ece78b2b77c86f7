"""Makes findable the patients of before the index of words, and compares them with each other; batch by batch."""

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.vault import Vault
from care.identity.patients import compare, known_as, patients
from care.identity.tables import patient_word
from care.search import words
from care.tables import patient as rows


def waiting(session: Session, tenant: str) -> int:
    """How many patients no word finds yet."""
    return session.scalar(select(func.count()).select_from(rows).where(*_without_words(tenant))) or 0


def index_next(session: Session, vault: Vault, clock: Clock, tenant: str, limit: int = 200) -> int:
    """Index the next patients that no word finds; how many they were."""
    ids = session.scalars(select(rows.c.id).where(*_without_words(tenant)).order_by(rows.c.id).limit(limit)).all()
    found = patients(session, vault, ids)
    for one in found.values():
        words.index(session, vault, tenant, one.id, *known_as(session, vault, one))
    for one in found.values():
        compare(session, vault, clock, one)
    return len(found)


def _without_words(tenant: str) -> tuple[ColumnElement[bool], ...]:
    indexed = exists().where(patient_word.c.tenant == rows.c.tenant, patient_word.c.patient == rows.c.id)
    return (rows.c.tenant == tenant, rows.c.merged_into.is_(None), rows.c.erased_at.is_(None), ~indexed)
