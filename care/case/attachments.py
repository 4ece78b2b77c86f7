"""Files attached to a case: known by their content, limited in size, sealed in pieces within the database."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, NotFound, TooLarge, Unsupported
from base.ids import new_id
from base.prepared import Query
from base.vault import Vault
from care.case.tables import attachment as rows
from care.case.tables import attachment_piece as pieces
from care.tables import case as cases

MEGABYTE = 1024 * 1024
MOST_BYTES, MOST_IN_CASE, MOST_FILES = 10 * MEGABYTE, 100 * MEGABYTE, 100
PIECE = 512 * 1024
LONGEST_NAME = 100
TYPES = {
    "pdf": ("application/pdf", "PDF"),
    "jpg": ("image/jpeg", "Photo JPEG"),
    "png": ("image/png", "Image PNG"),
    "heic": ("image/heic", "Photo HEIC"),
    "txt": ("text/plain; charset=utf-8", "Texte"),
}
"""By extension: what is told to browsers, and to people."""
HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP = re.compile(rb"<\s*[a-z!?/]", re.IGNORECASE)

OF_CASE = Query(
    select(rows)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.case == bindparam("of_case"))
    .order_by(rows.c.at.desc(), rows.c.id.desc())
)


@dataclass(frozen=True)
class Attachment:
    """A file of a case; `name` ends as its content wants it."""

    id: str
    case: str
    author: str
    at: datetime
    name: str
    type: str
    size: int

    @property
    def media_type(self) -> str:
        return TYPES[self.type][0]

    @property
    def kind(self) -> str:
        return TYPES[self.type][1]


def attach(
    session: Session, vault: Vault, clock: Clock, tenant: str, case: str, author: str, name: str, content: bytes
) -> Attachment:
    """Keep a file. Raises TooLarge, Unsupported, Conflict when the case holds too much already."""
    kind = _checked(content)
    _make_room(session, tenant, case, len(content))
    kept = Attachment(new_id(), case, author, clock.now(), named(name, kind), kind, len(content))
    values = {**vars(kept), "tenant": tenant, "name": vault.seal(kept.name, _name_context(kept.id))}
    session.execute(insert(rows).values(values))
    parts = (content[start : start + PIECE] for start in range(0, len(content), PIECE))
    for n, part in enumerate(parts):
        sealed = vault.seal_bytes(part, _piece_context(kept.id, n))
        session.execute(insert(pieces).values(tenant=tenant, attachment=kept.id, n=n, content=sealed))
    return kept


def attachments(session: Session, vault: Vault, tenant: str, case: str) -> list[Attachment]:
    """The files of a case, the latest first."""
    return [_attachment(row, vault) for row in OF_CASE.all(session, {"tenant": tenant, "of_case": case})]


def attachment_of(session: Session, vault: Vault, tenant: str, case: str, attachment: str) -> Attachment:
    """One file of a case. Raises NotFound."""
    one = (rows.c.tenant == tenant, rows.c.id == attachment, rows.c.case == case)
    row = session.execute(select(rows).where(*one)).one_or_none()
    if row is None:
        raise NotFound("Ce document n’existe pas.")
    return _attachment(row, vault)


def content_of(session: Session, vault: Vault, tenant: str, attachment: str) -> bytes:
    """A file whole."""
    return b"".join(_opened(session, vault, tenant, attachment))


def sniff(content: bytes) -> str | None:
    """What a file is by its content, whatever its name says; None for what is not taken."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC:
        return "heic"
    return "txt" if _is_plain_text(content) else None


def named(given: str, kind: str) -> str:
    """A name that no system misreads: no path, no control sign, the ending of its content."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    clean = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*;%')
    stem = re.sub(r"(\.[A-Za-z0-9]{1,8})+$", "", " ".join(clean.split())).strip(" .-")
    return f"{stem[:LONGEST_NAME] or 'document'}.{kind}"


def _checked(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise TooLarge("Ce fichier dépasse 10 Mo. Envoyez-le en plusieurs parties.", code="file-too-large")
    kind = sniff(content) if content else None
    if kind is None:
        said = "Ce fichier est vide." if not content else "Seuls les PDF, les photos et les textes simples sont pris."
        raise Unsupported(said, code="file-refused")
    return kind


def _is_plain_text(content: bytes) -> bool:
    """Readable UTF-8 without control signs, and nothing that a browser could take for a page or a drawing."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not CONTROL.search(content) and not MARKUP.search(content)


def _make_room(session: Session, tenant: str, case: str, size: int) -> None:
    """The case's row is locked meanwhile: two files sent at once are counted one after the other."""
    session.execute(select(cases.c.id).where(cases.c.id == case).with_for_update()).one()
    counted = select(func.count(), func.coalesce(func.sum(rows.c.size), 0))
    files, held = session.execute(counted.where(rows.c.tenant == tenant, rows.c.case == case)).one()
    if files >= MOST_FILES or held + size > MOST_IN_CASE:
        raise Conflict("Ce dossier ne prend plus de fichier : ses documents font déjà 100 Mo.", code="case-full")


def _opened(session: Session, vault: Vault, tenant: str, attachment: str) -> Iterator[bytes]:
    of_file = (pieces.c.tenant == tenant, pieces.c.attachment == attachment)
    for row in session.execute(select(pieces.c.n, pieces.c.content).where(*of_file).order_by(pieces.c.n)):
        yield vault.open_bytes(row.content, _piece_context(attachment, row.n))


def _attachment(row: Any, vault: Vault) -> Attachment:
    name = vault.open(row.name, _name_context(row.id))
    return Attachment(row.id, row.case, row.author, row.at, name, row.type, row.size)


def _name_context(attachment: str) -> str:
    return f"attachment.name:{attachment}"


def _piece_context(attachment: str, n: int) -> str:
    return f"attachment_piece.content:{attachment}:{n}"
