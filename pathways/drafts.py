"""The files of the drafts in hand: one draft a pathway, kept until it is published or dropped."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from base.errors import PathwayError
from pathways.context import Context
from pathways.library import LARGEST_FILE, MOST_FILES, check_path
from pathways.tables import draft_file


def exists(session: Session, tenant: str, key: str) -> bool:
    return session.execute(select(draft_file.c.path).where(*_one(tenant, key)).limit(1)).first() is not None


def files(session: Session, tenant: str, key: str) -> dict[str, bytes]:
    """The draft's own files by path; empty when there is no draft."""
    rows = session.execute(
        select(draft_file.c.path, draft_file.c.content).where(*_one(tenant, key)).order_by(draft_file.c.path)
    )
    return {row.path: row.content for row in rows.all()}


def last_saved(session: Session, tenant: str, key: str) -> tuple[str, datetime] | None:
    """Who saved it last, and when."""
    latest = select(draft_file.c.saved_by, draft_file.c.saved_at).order_by(draft_file.c.saved_at.desc()).limit(1)
    row = session.execute(latest.where(*_one(tenant, key))).one_or_none()
    return None if row is None else (row.saved_by, row.saved_at)


def save(session: Session, context: Context, key: str, path: str, content: bytes, by: str) -> None:
    """Put one file in the draft, over the one of that path. Raises PathwayError."""
    check_path(path)
    if len(content) > LARGEST_FILE:
        raise PathwayError(f"Le fichier « {path} » dépasse 5 Mo.", file=path, code="package-too-large")
    session.execute(delete(draft_file).where(*_one(context.tenant, key), draft_file.c.path == path))
    if len(files(session, context.tenant, key)) >= MOST_FILES:
        raise PathwayError(f"Un parcours tient en {MOST_FILES} fichiers au plus.", code="package-too-large")
    _insert(session, context, key, {path: content}, by)


def replace(session: Session, context: Context, key: str, files: Mapping[str, bytes], by: str) -> None:
    """Make these files the whole draft."""
    discard(session, context.tenant, key)
    _insert(session, context, key, files, by)


def discard(session: Session, tenant: str, key: str) -> None:
    """Drop the draft."""
    session.execute(delete(draft_file).where(*_one(tenant, key)))


def _insert(session: Session, context: Context, key: str, files: Mapping[str, bytes], by: str) -> None:
    place = {"tenant": context.tenant, "key": key, "saved_at": context.clock.now(), "saved_by": by}
    rows = [{**place, "path": path, "content": content} for path, content in sorted(files.items())]
    if rows:
        session.execute(insert(draft_file), rows)


def _one(tenant: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return draft_file.c.tenant == tenant, draft_file.c.key == key
