"""Writes that are compiled once for each server: preparing them anew at every step costs more than executing them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.expression import Insert, UpdateBase

Row = Mapping[str, Any]
Convert = Callable[[Any], Any]


class Prepared:
    """One insert, update or delete; `by_server` says it in the words of each server when they differ."""

    def __init__(self, statement: UpdateBase, by_server: Mapping[str, UpdateBase] | None = None) -> None:
        self.statement, self.by_server = statement, dict(by_server or {})
        self.known: dict[tuple[str, ...], Compiled] = {}

    def write(self, connection: Connection, rows: Sequence[Row]) -> CursorResult[Any] | None:
        """Execute it once for each row; all rows have the same columns. No row, no statement."""
        if not rows:
            return None
        kind = (connection.dialect.name, *rows[0])
        compiled = self.known.get(kind)
        if compiled is None:
            statement = self.by_server.get(connection.dialect.name, self.statement)
            compiled = self.known[kind] = Compiled(statement, list(rows[0]), connection.dialect)
        return connection.exec_driver_sql(compiled.text, compiled.parameters(rows))


class Compiled:
    """The text of a statement for one server, and how its values are handed over."""

    def __init__(self, statement: UpdateBase, columns: list[str], dialect: Dialect) -> None:
        keys = columns if isinstance(statement, Insert) else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.text = str(compiled)
        self.order: list[str] | None = list(compiled.positiontup) if compiled.positiontup else None
        self.converts: list[tuple[str, Convert]] = []
        for name, bind in compiled.binds.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self.converts.append((name, convert))

    def parameters(self, rows: Sequence[Row]) -> Any:
        found = [self._parameters(row) for row in rows]
        return found[0] if len(found) == 1 else found

    def _parameters(self, row: Row) -> Any:
        values = dict(row)
        for name, convert in self.converts:
            values[name] = convert(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])
