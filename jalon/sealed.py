"""Every column that the vault seals, and those that look like it and are not: what a change of keys goes through."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from jalon.schema import metadata


@dataclass(frozen=True)
class Sealed:
    """One sealed column; `place` says what its values are bound to, in the columns of their own row."""

    table: str
    column: str
    place: str = "{id}"

    @property
    def rows(self) -> Table:
        return metadata.tables[self.table]

    @property
    def values(self) -> Column[Any]:
        return self.rows.c[self.column]

    @property
    def keys(self) -> list[Column[Any]]:
        return list(self.rows.primary_key.columns)

    def context(self, row: Mapping[str, Any]) -> str:
        """What the vault was told when the value was sealed."""
        return f"{self.table}.{self.column}:{self.place.format(**row)}"


SEALED = (
    Sealed("patient", "identity"),
    Sealed("case", "venue"),
    Sealed("consent", "proof"),
    Sealed("opposition", "proof"),
    Sealed("break_glass", "reason"),
    Sealed("comment", "text"),
    Sealed("attachment", "name"),
    Sealed("attachment_piece", "content", "{attachment}:{n}"),
    Sealed("document", "title"),
    Sealed("document", "content"),
    Sealed("draft", "content", "{task}:{person}"),
    Sealed("saved_view", "content"),
    Sealed("reception", "body"),
    Sealed("delivery", "body"),
    Sealed("partner", "callback_secret", "{key}"),
    Sealed("partner_secret", "secret"),
    Sealed("one_time_code", "secret", "{account}"),
    Sealed("answer_link", "mail"),
    Sealed("answer_link", "phone"),
    Sealed("answer_message", "address"),
    Sealed("answer_message", "body"),
    Sealed("sign_in", "provider_token", "{token_hash}"),
    Sealed("sign_in_step", "notes", "{token_hash}"),
    Sealed("push_subscription", "content", "{endpoint_hash}"),
    Sealed("notice_delivery", "letter"),
)
PLAIN = {
    "definition_file.content": "the files of a pathway",
    "draft_file.content": "the files of a pathway in hand",
    "journal.detail": "hashed as it stands, so that the chain proves it; names a case, never a person",
    "journal.hash": "a hash",
    "journal_anchor.hash": "a hash",
    "message_buffer.payload": "what a run is told: a case, never a person",
    "opening.notes": "the engine's own",
    "outbox.payload": "what a run says: a case, never a person",
    "passkey.credential": "public by nature",
    "passkey.public_key": "public by nature",
    "run.chain": "a hash",
    "token.notes": "the engine's own",
    "variable.value": "what a run knows: a case, never a person",
}
"""Binary columns that are not sealed, and why."""
