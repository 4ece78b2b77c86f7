"""The documents that partners joined to a case, kept sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import NotFound
from base.ids import new_id
from base.vault import Vault
from pathways.facts import Attachment
from pathways.tables import document as documents


@dataclass(frozen=True)
class Document:
    """What is said of a document before it is opened. `kind` is its LOINC type."""

    id: str
    case: str
    partner: str
    kind: str
    title: str
    mime: str
    size: int
    received_at: datetime


def keep(
    session: Session, vault: Vault, clock: Clock, tenant: str, case: str, partner: str, attachment: Attachment
) -> str:
    """Store a document in a case; returns its id."""
    row = new_id()
    session.execute(
        insert(documents).values(
            tenant=tenant,
            id=row,
            case=case,
            partner=partner,
            kind=attachment.kind,
            title=vault.seal(attachment.title, f"document.title:{row}"),
            mime=attachment.mime,
            content=vault.seal_bytes(attachment.content, f"document.content:{row}"),
            size=len(attachment.content),
            received_at=clock.now(),
        )
    )
    return row


def listing(session: Session, vault: Vault, tenant: str, case: str) -> list[Document]:
    """The documents of a case, oldest first."""
    columns = [column for column in documents.c if column.name != "content"]
    rows = session.execute(
        select(*columns)
        .where(documents.c.tenant == tenant, documents.c["case"] == case)
        .order_by(documents.c.received_at, documents.c.id)
    )
    return [
        Document(
            id=row.id,
            case=row.case,
            partner=row.partner,
            kind=row.kind,
            title=vault.open(row.title, f"document.title:{row.id}"),
            mime=row.mime,
            size=row.size,
            received_at=row.received_at,
        )
        for row in rows.all()
    ]


def content(session: Session, vault: Vault, tenant: str, document_id: str) -> bytes:
    """The bytes of a document; the caller has asked the guard first. Raises NotFound."""
    sealed = session.scalars(
        select(documents.c.content).where(documents.c.tenant == tenant, documents.c.id == document_id)
    ).one_or_none()
    if sealed is None:
        raise NotFound("Ce document n’existe pas.", code="document-unknown")
    return vault.open_bytes(sealed, f"document.content:{document_id}")
