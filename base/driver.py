"""What the database's driver says when it is asked past SQLAlchemy: its errors become those that everybody knows."""

from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


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
