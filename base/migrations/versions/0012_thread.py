"""Drafts, comments, attachments and requests around a task."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012_thread"
down_revision = "0011_patient_rights"
branch_labels = None
depends_on = None

ID, KEY, KIND, SEALED = sa.String(16), sa.String(120), sa.String(16), sa.LargeBinary()
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _thread()
    _attachments()
    _tasks()
    _protect_comments()


def _column(name: str, kind: Any, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, primary_key=primary_key)


def _key(*names: str) -> list[sa.Column[Any]]:
    return [_column("tenant", KEY, primary_key=True), *(_column(name, ID, primary_key=True) for name in names)]


def _thread() -> None:
    op.create_table(
        "comment",
        *_key("id"),
        sa.Column("case", ID, sa.ForeignKey("case.id"), nullable=False),
        _column("task", ID, nullable=True),
        _column("author", ID),
        _column("at", INSTANT),
        _column("kind", KIND),
        _column("addressee", ID, nullable=True),
        _column("about", ID, nullable=True),
        _column("text", SEALED),
    )
    op.create_index("ix_comment_tenant_case_at", "comment", ["tenant", "case", "at"])
    op.create_table("mention", *_key("comment", "person"))
    op.create_index("ix_mention_tenant_person", "mention", ["tenant", "person"])


def _attachments() -> None:
    op.create_table(
        "attachment",
        *_key("id"),
        sa.Column("case", ID, sa.ForeignKey("case.id"), nullable=False),
        _column("author", ID),
        _column("at", INSTANT),
        _column("name", SEALED),
        _column("type", KIND),
        _column("size", sa.Integer),
    )
    op.create_index("ix_attachment_tenant_case_at", "attachment", ["tenant", "case", "at"])
    op.create_table(
        "attachment_piece",
        *_key("attachment"),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        _column("content", SEALED),
        sa.ForeignKeyConstraint(["tenant", "attachment"], ["attachment.tenant", "attachment.id"], ondelete="CASCADE"),
    )


def _tasks() -> None:
    op.create_table(
        "draft",
        *_key("task", "person"),
        _column("device", sa.String(32)),
        _column("revision", sa.Integer),
        _column("saved_at", INSTANT),
        _column("content", SEALED),
    )
    op.create_index("ix_draft_person", "draft", ["tenant", "person", "saved_at"])
    kinds = [_column("kind", KIND), _column("reason", KIND)]
    op.create_table("task_refusal", *_key("task", "person"), *kinds, _column("at", INSTANT))
    op.create_table("task_delegation", *_key("task"), _column("by", ID), _column("to", ID), _column("at", INSTANT))
    mark = [_column("person", ID), _column("blind", sa.String(32)), _column("at", INSTANT)]
    op.create_table("task_answer", *_key("task"), *mark)


def _protect_comments() -> None:
    """What was written stands, with who and when; only its seal may be renewed, or its text go with the patient's."""
    fixed = ("tenant", "id", '"case"', "task", "author", "at", "kind", "addressee", "about")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER comment_stands BEFORE UPDATE OF {', '.join(fixed)} ON comment "
            "BEGIN SELECT RAISE(ABORT, 'what was written stands'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION comment_stands() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'what was written stands'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER comment_stands BEFORE UPDATE OF {', '.join(fixed)} ON comment "
        "FOR EACH ROW EXECUTE FUNCTION comment_stands()"
    )
