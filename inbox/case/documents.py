"""The files of a case as one person may see them."""

from dataclasses import dataclass
from datetime import datetime

from base.errors import Forbidden
from care.case import attachments, cases
from care.case.attachments import Attachment
from care.guard import Sight
from inbox.case.exchanges import NOT_HEALTH, may_read
from inbox.desk import Desk
from inbox.patient import check_not_erased
from people.persons import persons


@dataclass(frozen=True)
class Document:
    """One file, as a list shows it."""

    id: str
    name: str
    kind: str
    by: str
    at: datetime
    size: int

    @property
    def weight(self) -> str:
        """« 124 Ko », « 2,4 Mo »."""
        if self.size < attachments.MEGABYTE:
            return f"{max(self.size // 1024, 1)} Ko"
        return f"{self.size / attachments.MEGABYTE:.1f} Mo".replace(".", ",")


def documents(desk: Desk, case: str, sight: Sight) -> list[Document]:
    """The latest first; to those who care for the patient, and to whoever attached one."""
    found = attachments.attachments(desk.session, desk.context.vault, desk.tenant, case)
    shown = [one for one in found if _may_open(desk, one, sight)]
    people = persons(desk.session, {one.author for one in shown})
    return [
        Document(
            one.id, one.name, one.kind, people[one.author].display if one.author in people else "", one.at, one.size
        )
        for one in shown
    ]


def attach(desk: Desk, case: str, sight: Sight, name: str, content: bytes) -> Attachment:
    """Raises Forbidden, TooLarge, Unsupported, Conflict."""
    if not sight.identity:
        raise Forbidden(NOT_HEALTH)
    check_not_erased(desk, cases.case(desk.session, case).patient)
    parts = desk.context
    return attachments.attach(desk.session, parts.vault, parts.clock, desk.tenant, case, desk.person.id, name, content)


def open_document(desk: Desk, case: str, sight: Sight, attachment: str) -> tuple[Attachment, bytes]:
    """A file with its content; the door notes the look. Raises NotFound, Forbidden."""
    session, vault = desk.session, desk.context.vault
    found = attachments.attachment_of(session, vault, desk.tenant, case, attachment)
    if not _may_open(desk, found, sight):
        raise Forbidden(NOT_HEALTH)
    return found, attachments.content_of(session, vault, desk.tenant, attachment)


def _may_open(desk: Desk, one: Attachment, sight: Sight) -> bool:
    return one.author == desk.person.id or may_read(desk.person, sight)
