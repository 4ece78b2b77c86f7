"""What the database's driver says when it is asked past SQLAlchemy: its errors become those that everybody knows."""

import sqlite3
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoLine


def told(connection: Connection, text: str, error: Any) -> DBAPIError:
    """The driver's error as SQLAlchemy says it, without the values; a connection that is gone is not used again."""
    base = connection.dialect.loaded_dbapi.Error
    gone = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if gone:
        connection.invalidate(error)
    said = DBAPIError.instance(
        text, None, error, base, hide_parameters=True, connection_invalidated=gone, dialect=connection.dialect
    )
    return cast(DBAPIError, said)


def is_away(error: BaseException) -> bool:
    """Our own database dropped the line, has no room or did not answer: whoever asked has done nothing wrong, and may
    ask again later. SQLite gives the same class to statements of ours that it does not understand.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, NoLine)
    is_ours = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return error.connection_invalidated or (isinstance(error, OperationalError | InterfaceError) and not is_ours)


def code(error: BaseException) -> str:
    """What the driver calls its error (`SQLITE_FULL`, `57P01`), nothing for any other error; never a value."""
    found = getattr(error, "orig", None)
    return str(getattr(found, "sqlite_errorname", None) or getattr(found, "sqlstate", None) or "")
