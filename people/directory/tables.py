"""The rows of the directory: profiles, situations of practice, structures, groups, and what it is searched by."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text
from sqlalchemy.dialects import postgresql

from base.database import Id, Instant, Key, metadata

Word = String(60).with_variant(postgresql.VARCHAR(60, collation="C"), "postgresql")
"""Sorted letter by letter on both servers, so that the words that begin alike stand together."""
Commune = String(5)


def tenant() -> Column[str]:
    return Column("tenant", Key, primary_key=True)


profile = Table(
    "profile",
    metadata,
    tenant(),
    Column("person", Id, primary_key=True),
    Column("speciality_code", String(8), nullable=False),
    Column("speciality_name", Text, nullable=False),
    Column("mssante", Text, nullable=False),
    Column("languages", Text, nullable=False),
    Column("home_visits", Boolean, nullable=False),
    Column("unscheduled", Boolean, nullable=False),
    Column("new_patients", Integer, nullable=False),
    Column("member", Boolean, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

structure = Table(
    "structure",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Key, nullable=False),
    Column("finess", String(9)),
    Column("siret", String(14)),
    Column("address", Text, nullable=False),
    Column("commune_code", Commune, nullable=False),
    Column("commune", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("mssante", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Index(None, "tenant", "finess", unique=True),
    Index(None, "tenant", "siret", unique=True),
)

practice = Table(
    "practice",
    metadata,
    tenant(),
    Column("person", Id, primary_key=True),
    Column("place", String(80), primary_key=True),
    Column("structure", Id),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("commune_code", Commune, nullable=False),
    Column("commune", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("mssante", Text, nullable=False),
    Column("mode", String(1), nullable=False),
    Column("rank", Integer, nullable=False),
    ForeignKeyConstraint(["tenant", "structure"], ["structure.tenant", "structure.id"]),
    Index("ix_practice_commune", "tenant", "commune_code"),
    Index("ix_practice_structure", "tenant", "structure"),
)
"""A situation of practice; `place` tells those of one person apart: the structure's number, or the address."""

visited_commune = Table(
    "visited_commune",
    metadata,
    tenant(),
    Column("person", Id, primary_key=True),
    Column("commune_code", Commune, primary_key=True),
    Column("commune", Text, nullable=False),
    Index("ix_visited_commune_code", "tenant", "commune_code"),
)

skill = Table(
    "skill",
    metadata,
    tenant(),
    Column("person", Id, primary_key=True),
    Column("name", Key, primary_key=True),
    Index("ix_skill_name", "tenant", "name"),
)

person_word = Table(
    "person_word",
    metadata,
    tenant(),
    Column("word", Word, primary_key=True),
    Column("person", Id, primary_key=True),
    Index("ix_person_word_person", "tenant", "person"),
)

group = Table(
    "person_group",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("kind", Key, nullable=False),
    Column("purpose", Text, nullable=False),
    Index(None, "tenant", "name", unique=True),
)

group_member = Table(
    "person_group_member",
    metadata,
    tenant(),
    Column("group", Id, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("since", Instant, nullable=False),
    Index("ix_person_group_member_person", "tenant", "person"),
)

referent = Table(
    "referent",
    metadata,
    tenant(),
    Column("profession_code", String(8), primary_key=True),
    Column("person", Id, nullable=False),
    Column("since", Instant, nullable=False),
)
"""One per profession."""

directory_import = Table(
    "directory_import",
    metadata,
    tenant(),
    Column("id", Id, primary_key=True),
    Column("name", String(240), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(24), nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Index("ix_directory_import_asked_at", "tenant", "asked_at"),
)

import_line = Table(
    "directory_import_line",
    metadata,
    tenant(),
    Column("import", Id, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("action", String(24), nullable=False),
    Column("remark", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Index("ix_directory_import_line_action", "tenant", "import", "action"),
)
"""One row of an import: what it holds as JSON, what is planned and then done with it, and why."""
