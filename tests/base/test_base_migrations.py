from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import DBAPIError

from base import migrations
from base.database import Database
from base.errors import SettingsError
from jalon.schema import metadata

PROCRASTINATE = "procrastinate_"
CATALOGUE = """
SELECT 'column', table_name, column_name, concat(data_type, column_default, is_nullable)
FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'
UNION SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE indexname NOT LIKE 'jalon%'
AND tablename LIKE 'procrastinate%'
UNION SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text LIKE 'procrastinate%'
UNION SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'procrastinate%'
UNION SELECT 'function', proname, '', pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'procrastinate%'
UNION SELECT 'label', enumtypid::regtype::text, enumlabel, enumsortorder::text FROM pg_enum
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'empty.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url, synchronous="OFF")
    yield database
    database.dispose()


def is_ours(name, *_):
    return not (name or "").startswith(PROCRASTINATE)


def test_the_migrations_make_the_schema_that_the_code_wants(empty):
    assert migrations.current(empty) is None
    assert migrations.upgrade(empty) == migrations.versions()
    assert migrations.is_current(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, metadata) == []
        tables = {name for name in inspect(connection).get_table_names() if is_ours(name)}
    assert tables == {*metadata.tables, "alembic_version"}


def test_the_migrations_make_the_tables_that_this_procrastinate_wants(postgres, postgres_url):
    """When this fails, the library's pin has moved: its own migrations since then become one of ours."""
    migrations.upgrade(postgres_url)
    postgres.drop("procrastinate_itself")
    theirs = Database(postgres.create("procrastinate_itself"))
    ours = Database(postgres_url)
    with theirs.engine.begin() as connection:
        connection.connection.driver_connection.execute(SchemaManager.get_schema())
    with theirs.engine.connect() as wanted, ours.engine.connect() as made:
        expected, found = (set(map(tuple, one.execute(text(CATALOGUE)))) for one in (wanted, made))
    theirs.dispose()
    ours.dispose()
    assert len(expected) > 80
    assert found == expected


def test_upgrading_again_does_nothing(empty):
    migrations.upgrade(empty)
    asked = []
    event.listen(empty.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert migrations.upgrade(empty) == []
    assert len(asked) < 5, asked


def test_a_url_is_enough_to_upgrade(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert migrations.upgrade(url) == migrations.versions()
    assert migrations.upgrade(url) == []


def test_processes_that_start_together_migrate_once(empty):
    url = empty.engine.url.render_as_string(hide_password=False)
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrations.upgrade, [url] * 4))
    assert sorted(map(len, applied)) == [0, 0, 0, len(migrations.versions())]


def test_the_newest_file_is_alembics_head(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'head.db'}")
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(migrations.config(connection))
        assert script.get_heads() == [migrations.versions()[-1]]
        assert [one.revision for one in script.walk_revisions()][::-1] == migrations.versions()
    database.dispose()


@pytest.mark.parametrize("table", ["journal", "access_log", "identity_log", "job_log"])
def test_no_row_of_a_journal_changes_or_goes(empty, table):
    migrations.upgrade(empty)
    columns = {
        "journal": "(tenant, run, n, at, actor, kind, element) VALUES ('demo', 'r', 1, '2026-11-24', 'a', 'k', 'e')",
        "access_log": """(tenant, id, at, person, "case", what) VALUES ('demo', 'i', '2126-11-24', 'p', 'c', 'case')""",
        "identity_log": """(tenant, id, at, "by", patient, kind, detail)
        VALUES ('demo', 'i', '2026-11-24', 'p', 'q', 'merged', '')""",
        "job_log": """(tenant, id, at, "by", job, kind, act, reason)
        VALUES ('demo', 'i', '2026-11-24', 'p', 'j', 'note', 'given_up', 'inutile')""",
    }
    with empty.begin() as session:
        session.execute(text(f"INSERT INTO {table} {columns[table]}"))
    for change in (f"UPDATE {table} SET tenant = 'other'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), empty.begin() as session:
            session.execute(text(change))
    with empty.read() as session:
        assert session.execute(text(f"SELECT tenant FROM {table}")).scalars().all() == ["demo"]


def test_looks_are_deleted_once_they_are_old_and_never_before(empty):
    migrations.upgrade(empty)
    added = """INSERT INTO access_log (tenant, id, at, person, "case", what)
    VALUES ('demo', '{0}', '{1} 12:00:00.000000', 'p', 'c', 'case')"""
    with empty.begin() as session:
        for row, day in (("old", "2020-01-01"), ("young", "2126-01-01")):
            session.execute(text(added.format(row, day)))
    with empty.begin() as session:
        session.execute(text("DELETE FROM access_log WHERE id = 'old'"))
    with pytest.raises(DBAPIError, match="append-only"), empty.begin() as session:
        session.execute(text("DELETE FROM access_log WHERE id = 'young'"))


def test_a_database_newer_than_the_program_is_refused(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'newer.db'}")
    migrations.upgrade(database)
    with database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    with pytest.raises(SettingsError, match="plus récente"):
        migrations.upgrade(database)
    database.dispose()


WRITTEN = {
    "patient": "(tenant, id, identity, status, traits_blind, created_at) VALUES ('d', 'p', :b, 'VALI', 't', :at)",
    '"case"': """(tenant, id, patient, pathway, pathway_version, title, opened_at)
    VALUES ('d', 'c', 'p', 'k', 1, 't', :at)""",
    "comment": """(tenant, id, "case", author, at, kind, text) VALUES ('d', 'm', 'c', 'a', :at, 'comment', :b)""",
}


def test_of_what_was_written_in_a_case_only_the_seal_changes(empty):
    migrations.upgrade(empty)
    with empty.begin() as session:
        for table, values in WRITTEN.items():
            session.execute(text(f"INSERT INTO {table} {values}"), {"b": b"x", "at": "2026-11-24"})
    with pytest.raises(DBAPIError, match="what was written stands"), empty.begin() as session:
        session.execute(text("UPDATE comment SET author = 'b'"))
    with empty.begin() as session:
        session.execute(text("UPDATE comment SET text = :b"), {"b": b"y"})
    with empty.read() as session:
        assert session.execute(text("SELECT author FROM comment")).scalar_one() == "a"


def test_what_an_older_program_offers_beside_this_one_is_told_its_run(empty):
    migrations.upgrade(empty)
    task = """INSERT INTO task (tenant, id, run, token, definition, process, element, name, priority, created_at, state)
    VALUES ('demo', 't', 'r', 1, 'd', 'p', 'e', 'n', 50, '2026-11-24 12:00:00.000000', 'open')"""
    offered = """INSERT INTO task_candidate (tenant, task, kind, value, open, due_at, rank)
    VALUES ('demo', 't', 'role', '{0}', {1}, '2026-11-24 12:00:00.000000', 0)"""
    with empty.begin() as session:
        session.execute(text(task))
        for role, is_open in (("kine", "true"), ("ide", "false")):
            session.execute(text(offered.format(role, is_open)))
    runs = text("SELECT value, run FROM task_candidate ORDER BY value")
    with empty.read() as session:
        assert session.execute(runs).all() == [("ide", None), ("kine", "r")]
    with empty.begin() as session:
        session.execute(text("UPDATE task_candidate SET open = true"))
    with empty.read() as session:
        assert session.execute(runs).all() == [("ide", "r"), ("kine", "r")]
