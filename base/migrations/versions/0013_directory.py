"""The directory: situations of practice, structures, groups, what people are found by, and imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from base.database import Instant

revision = "0013_directory"
down_revision = "0012_thread"
branch_labels = None
depends_on = None

WORD = sa.String(60).with_variant(postgresql.VARCHAR(60, collation="C"), "postgresql")


def tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.String(120), primary_key=True)


def text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def commune() -> list[sa.Column[str]]:
    return [sa.Column("commune_code", sa.String(5), nullable=False), *text("commune")]


def upgrade() -> None:
    op.create_table(
        "profile",
        tenant(),
        sa.Column("person", sa.String(16), primary_key=True),
        sa.Column("speciality_code", sa.String(8), nullable=False),
        *text("speciality_name", "mssante", "languages"),
        *[sa.Column(name, sa.Boolean(), nullable=False) for name in ("home_visits", "unscheduled")],
        sa.Column("new_patients", sa.Integer(), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
    )
    _structures()
    op.create_table(
        "visited_commune",
        tenant(),
        sa.Column("person", sa.String(16), primary_key=True),
        sa.Column("commune_code", sa.String(5), primary_key=True),
        *text("commune"),
    )
    op.create_index("ix_visited_commune_code", "visited_commune", ["tenant", "commune_code"])
    person, name = (
        sa.Column("person", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(120), primary_key=True),
    )
    op.create_table("skill", tenant(), person, name)
    op.create_index("ix_skill_name", "skill", ["tenant", "name"])
    word = sa.Column("word", WORD, primary_key=True)
    op.create_table("person_word", tenant(), word, sa.Column("person", sa.String(16), primary_key=True))
    op.create_index("ix_person_word_person", "person_word", ["tenant", "person"])
    _groups()
    _imports()


def _structures() -> None:
    op.create_table(
        "structure",
        tenant(),
        sa.Column("id", sa.String(16), primary_key=True),
        *text("name"),
        sa.Column("kind", sa.String(120), nullable=False),
        sa.Column("finess", sa.String(9)),
        sa.Column("siret", sa.String(14)),
        *text("address"),
        *commune(),
        *text("phone", "mssante"),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_structure_tenant_finess", "structure", ["tenant", "finess"], unique=True)
    op.create_index("ix_structure_tenant_siret", "structure", ["tenant", "siret"], unique=True)
    op.create_table(
        "practice",
        tenant(),
        sa.Column("person", sa.String(16), primary_key=True),
        sa.Column("place", sa.String(80), primary_key=True),
        sa.Column("structure", sa.String(16)),
        *text("name", "address"),
        *commune(),
        *text("phone", "mssante"),
        sa.Column("mode", sa.String(1), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "structure"], ["structure.tenant", "structure.id"]),
    )
    op.create_index("ix_practice_commune", "practice", ["tenant", "commune_code"])
    op.create_index("ix_practice_structure", "practice", ["tenant", "structure"])


def _groups() -> None:
    op.create_table(
        "person_group",
        tenant(),
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(120), nullable=False),
        *text("purpose"),
    )
    op.create_index("ix_person_group_tenant_name", "person_group", ["tenant", "name"], unique=True)
    op.create_table(
        "person_group_member",
        tenant(),
        sa.Column("group", sa.String(16), primary_key=True),
        sa.Column("person", sa.String(16), primary_key=True),
        sa.Column("since", Instant(), nullable=False),
    )
    op.create_index("ix_person_group_member_person", "person_group_member", ["tenant", "person"])
    op.create_table(
        "referent",
        tenant(),
        sa.Column("profession_code", sa.String(8), primary_key=True),
        sa.Column("person", sa.String(16), nullable=False),
        sa.Column("since", Instant(), nullable=False),
    )


def _imports() -> None:
    op.create_table(
        "directory_import",
        tenant(),
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(240), nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
    )
    op.create_index("ix_directory_import_asked_at", "directory_import", ["tenant", "asked_at"])
    op.create_table(
        "directory_import_line",
        tenant(),
        sa.Column("import", sa.String(16), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("line", sa.Integer(), nullable=False),
        *text("label"),
        sa.Column("action", sa.String(24), nullable=False),
        *text("remark", "entry"),
    )
    op.create_index("ix_directory_import_line_action", "directory_import_line", ["tenant", "import", "action"])
