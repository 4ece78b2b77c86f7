"""How large tables are and how rare values: what SQLite's planner must be told, as PostgreSQL tells its own."""

from base.database import Database

SAMPLE = 400
"""Rows of each index that are looked at: milliseconds, however many rows there are."""


def renew(database: Database) -> int:
    """Let every connection to an SQLite file plan by what stands in it now; 0, for nothing is due then.

    Every index begins with the tenant, which SQLite takes for rare until it is told: it then reads a whole table by it.
    A table that is made anew is read anew by the connections there are; one that is only refilled is not.
    """
    if database.is_sqlite:
        with database.begin() as session:
            connection = session.connection()
            for said in (f"PRAGMA analysis_limit={SAMPLE}", "DROP TABLE IF EXISTS sqlite_stat1", "ANALYZE"):
                connection.exec_driver_sql(said)
    return 0
