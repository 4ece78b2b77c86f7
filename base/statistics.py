"""How large tables are and how rare values: what SQLite's planner must be told, as PostgreSQL tells its own.

SQLite looks at a sample of each index. Of a value that fills the sample it says no more than that; those are counted.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from base.database import Database

SAMPLE = 400
"""Rows of each index that are looked at: milliseconds, however many rows there are."""
Told = dict[str, list[int]]
"""By index: its rows, then how many of them share the first column's value, the first two columns', and so on."""


def renew(database: Database) -> int:
    """Let every connection to an SQLite file plan by what stands in it now; 0, for nothing is due then.

    Every index begins with the tenant, which SQLite takes for rare until it is told: it then reads a whole table by it.
    What must be counted is counted without keeping others from writing.
    """
    if database.is_sqlite:
        sampled = _sampled(database)
        with database.read() as session:
            counted = dict(_counted(session.connection(), sampled))
        with database.begin() as session:
            connection = session.connection()
            _look(connection)
            for index, told in counted.items():
                said = (" ".join(map(str, told)), index)
                connection.exec_driver_sql("UPDATE sqlite_stat1 SET stat = ? WHERE idx = ?", said)
    return 0


def _look(connection: Connection) -> None:
    """A table that is made anew is read anew by the connections there are; one that is only refilled is not."""
    for said in (f"PRAGMA analysis_limit={SAMPLE}", "DROP TABLE IF EXISTS sqlite_stat1", "ANALYZE"):
        connection.exec_driver_sql(said)


def _sampled(database: Database) -> Told:
    """What a look says that is taken back at once: nobody plans by it."""
    with database.begin() as session:
        connection = session.connection()
        connection.exec_driver_sql("SAVEPOINT look")
        _look(connection)
        rows = connection.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL").all()
        for said in ("ROLLBACK TO look", "RELEASE look"):
            connection.exec_driver_sql(said)
    return {index: [int(word) for word in stat.split() if word.isdigit()] for index, stat in rows}


def _counted(connection: Connection, sampled: Told) -> Iterator[tuple[str, list[int]]]:
    """The indexes with a value that filled the sample: all their rows, shared among as many values as there are."""
    known: dict[str, int] = {}
    for index, (_, *shares) in sampled.items():
        if max(shares) > SAMPLE:
            source, columns = _of(connection, index)
            rows = _number(connection, known, source)
            for depth, share in enumerate(shares):
                if share > SAMPLE:
                    values = f"SELECT DISTINCT {', '.join(columns[: depth + 1])} FROM {source}"  # noqa: S608 - the schema's own names
                    shares[depth] = rows // _number(connection, known, f"({values})")
            yield index, [rows, *shares]


def _of(connection: Connection, index: str) -> tuple[str, list[str]]:
    """What an index stands on, as one selects from it, and its columns."""
    asked = connection.exec_driver_sql("SELECT tbl_name, sql FROM sqlite_master WHERE name = ?", (index,))
    table, said = asked.one()
    rows = connection.exec_driver_sql(f'PRAGMA index_info("{index}")').all()
    _, where, condition = (said or "").partition(" WHERE ")
    return f'"{table}" INDEXED BY "{index}"{where}{condition}', [f'"{name}"' for _, _, name in rows]


def _number(connection: Connection, known: dict[str, int], source: str) -> int:
    if source not in known:
        known[source] = connection.exec_driver_sql(f"SELECT count(*) FROM {source}").scalar_one() or 1  # noqa: S608 - as above
    return known[source]
