"""The chain of the journal: each entry holds the hash of the one before, and each day is anchored."""

from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0002_journal_chain"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

KEY = sa.String(120)
INSTANT = sa.DateTime(timezone=True)
START = b"\0" * 32
START_TEXT = {"sqlite": "x'" + "00" * 32 + "'", "postgresql": "'\\x" + "00" * 32 + "'::bytea"}
ENTRY = sa.table(
    "journal",
    *(sa.column(name) for name in ("tenant", "run", "n", "actor", "kind", "element")),
    sa.column("at", INSTANT),
    sa.column("detail", sa.LargeBinary),
    sa.column("hash", sa.LargeBinary),
)
RUN = sa.table("run", sa.column("tenant"), sa.column("id"), sa.column("chain", sa.LargeBinary))


def upgrade() -> None:
    server = op.get_bind().dialect.name
    op.add_column("journal", sa.Column("hash", sa.LargeBinary(32)))
    start = sa.text(START_TEXT[server])
    op.add_column("run", sa.Column("chain", sa.LargeBinary(32), nullable=False, server_default=start))
    allow_changes(server)
    chain_what_is_there()
    forbid_changes(server, "journal")
    op.create_index("ix_journal_at", "journal", ["tenant", "at"], unique=False)
    op.create_table(
        "journal_anchor",
        sa.Column("tenant", KEY, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("since", INSTANT),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", name="pk_journal_anchor"),
    )
    forbid_changes(server, "journal_anchor")


def chain_what_is_there() -> None:
    """Hash the entries that are there, run after run."""
    connection = op.get_bind()
    of_entry = [ENTRY.c[name] == sa.bindparam(f"b_{name}") for name in ("tenant", "run", "n")]
    for (tenant, run), entries in runs(connection):
        before = START
        for entry in entries:
            before = link(before, entry)
            key = {"b_tenant": tenant, "b_run": run, "b_n": entry.n}
            connection.execute(ENTRY.update().where(*of_entry).values(hash=before), key)
        connection.execute(RUN.update().where(RUN.c.tenant == tenant, RUN.c.id == run).values(chain=before))


def runs(connection: sa.Connection) -> Iterator[tuple[tuple[str, str], list[sa.Row[Any]]]]:
    known = connection.execute(sa.select(RUN.c.tenant, RUN.c.id)).all()
    for tenant, run in known:
        of_run = sa.select(ENTRY).where(ENTRY.c.tenant == tenant, ENTRY.c.run == run).order_by(ENTRY.c.n)
        yield (tenant, run), list(connection.execute(of_run))


def link(before: bytes, entry: sa.Row[Any]) -> bytes:
    """As the program of this version hashes an entry."""
    at = entry.at if entry.at.tzinfo else entry.at.replace(tzinfo=UTC)
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    plain = [entry.tenant, entry.run, entry.n, instant, entry.actor, entry.kind, entry.element]
    return sha256(before + orjson.dumps(plain) + b"\n" + (entry.detail or b"")).digest()


def allow_changes(server: str) -> None:
    if server == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER journal_no_{act}")
        return
    op.execute("DROP TRIGGER journal_append_only ON journal")
    op.execute("DROP FUNCTION journal_append_only()")


def forbid_changes(server: str, table: str) -> None:
    """What a journal says stands: no row of it changes or goes."""
    if server == "sqlite":
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
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
