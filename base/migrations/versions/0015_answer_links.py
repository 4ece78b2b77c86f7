"""Links by which somebody without an account answers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015_answer_links"
down_revision = "0014_notifications"
branch_labels = None
depends_on = None

ID, KEY, KIND, SEALED = sa.String(16), sa.String(120), sa.String(16), sa.LargeBinary()
BLIND, HASH = sa.String(32), sa.String(64)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _links()
    _messages()
    _events()
    _protect_events()


def _column(name: str, kind: sa.types.TypeEngine[Any], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=nullable)


def _key() -> list[sa.Column[object]]:
    return [sa.Column("tenant", KEY, primary_key=True), sa.Column("id", ID, primary_key=True)]


def _links() -> None:
    whom = [_column(name, ID) for name in ("task", "case", "recipient")]
    sent = [_column("role", KEY), _column("sent_by", ID), _column("sent_at", INSTANT), _column("expires_at", INSTANT)]
    ways = [_column("token_hash", HASH), _column("way", KIND), _column("mail", SEALED), _column("phone", SEALED)]
    code = [_column("code_mark", BLIND, nullable=True), _column("code_until", INSTANT, nullable=True)]
    counts = [_column("codes", sa.Integer()), _column("tries", sa.Integer())]
    device = [_column("device_hash", HASH, nullable=True), _column("open_until", INSTANT, nullable=True)]
    moments = [
        _column(name, INSTANT, nullable=True)
        for name in ("opened_at", "asked_at", "unlocked_at", "locked_at", "used_at", "revoked_at")
    ]
    outcome = _column("outcome", KIND, nullable=True)
    op.create_table("answer_link", *_key(), *whom, *sent, *ways, *code, *counts, *device, *moments, outcome)
    op.create_index("ix_answer_link_token", "answer_link", ["tenant", "token_hash"], unique=True)
    op.create_index("ix_answer_link_task", "answer_link", ["tenant", "task"])
    op.create_index("ix_answer_link_case", "answer_link", ["tenant", "case"])
    op.create_index("ix_answer_link_sent", "answer_link", ["tenant", "sent_at"])


def _messages() -> None:
    what = [_column("link", ID), _column("kind", KIND), _column("way", KIND)]
    content = [_column("address", SEALED), _column("body", SEALED)]
    moments = [_column("made_at", INSTANT), _column("until", INSTANT), _column("sent_at", INSTANT, nullable=True)]
    op.create_table("answer_message", *_key(), *what, *content, *moments)
    op.create_index("ix_answer_message_link", "answer_message", ["tenant", "link"])
    op.create_index("ix_answer_message_until", "answer_message", ["tenant", "until"])


def _events() -> None:
    what = [_column("link", ID, nullable=True), _column("at", INSTANT), _column("kind", KIND)]
    who = [_column("reason", KIND, nullable=True), _column("by", ID, nullable=True)]
    op.create_table("answer_link_event", *_key(), *what, *who, _column("address", BLIND, nullable=True))
    op.create_index("ix_answer_link_event_link", "answer_link_event", ["tenant", "link", "at"])


def _protect_events() -> None:
    """Nobody changes or deletes what was logged."""
    table = "answer_link_event"
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )
