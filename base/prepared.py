"""Statements compiled once for each server: to prepare them anew at each request costs more than to execute them."""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from operator import itemgetter
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Connection, Dialect, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Insert, Select, UpdateBase
from sqlalchemy.types import TypeEngine

from base.database import Instant
from base.driver import told

Row = Mapping[str, Any]
Convert = Callable[[Any], Any]
Statement = Select[*tuple[Any, ...]] | UpdateBase
KEPT = 4096
PREPARED_AT_ONCE = {"prepare": True}
"""PostgreSQL plans a statement of ours for all its uses; its driver would wait until it has seen it five times."""
INSTANTS: dict[tuple[str, str], Convert] = {}
"""How instants go into each server and come out: all statements share what they know of them."""


class Prepared:
    """One insert, update or delete; `by_server` says it in the words of each server when they differ."""

    def __init__(self, statement: UpdateBase, by_server: Mapping[str, UpdateBase] | None = None) -> None:
        self.statement, self.by_server = statement, dict(by_server or {})
        self.known: dict[tuple[str, ...], Compiled] = {}

    def write(self, connection: Connection | Session, rows: Sequence[Row]) -> int:
        """Execute it once for each row; all rows have the same columns. How many it touched; no row, no statement."""
        if not rows:
            return 0
        connection = connection.connection() if isinstance(connection, Session) else connection
        kind = (connection.dialect.name, *rows[0])
        compiled = self.known.get(kind)
        if compiled is None:
            statement = self.by_server.get(connection.dialect.name, self.statement)
            compiled = self.known[kind] = Compiled(statement, connection.dialect, list(rows[0]))
        return compiled.write(connection, rows)


class Query:
    """One select, or a write that returns rows; values are given by the names of its `bindparam`s.

    Lists of values that change their length have no place in it: see `filled`.
    """

    def __init__(self, statement: Statement, by_server: Mapping[str, Statement] | None = None) -> None:
        self.statement, self.by_server = statement, dict(by_server or {})
        self.known: dict[str, Compiled] = {}

    def all(self, session: Session, values: Row) -> list[Any]:
        """The rows, with their columns as attributes."""
        connection = session.connection()
        server = connection.dialect.name
        compiled = self.known.get(server)
        if compiled is None:
            statement = self.by_server.get(server, self.statement)
            compiled = self.known[server] = Compiled(statement, connection.dialect)
        return compiled.read(connection, values)

    def first(self, session: Session, values: Row) -> Any:
        """The first row, or None."""
        found = self.all(session, values)
        return found[0] if found else None


def together(session: Session) -> AbstractContextManager[None]:
    """Writes that do not wait for each other's answers: PostgreSQL gets them one behind the other.

    How many rows each touched is not known before the end, where errors come at the latest; a `Query` is answered at
    once.
    """
    connection = session.connection()
    pipeline = getattr(connection.connection.dbapi_connection, "pipeline", None)
    return nullcontext() if pipeline is None else _behind_each_other(connection, pipeline)


@contextmanager
def _behind_each_other(connection: Connection, pipeline: Callable[[], AbstractContextManager[Any]]) -> Iterator[None]:
    try:
        with pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, "", error) from error


def filled(name: str, values: Sequence[Any], places: int) -> Iterator[dict[str, Any]]:
    """Values for statements that look for `places` at once (`name_0`, `name_1`…): the last one fills what is left."""
    for first in range(0, len(values), places):
        some = [*values[first : first + places]]
        some += some[-1:] * (places - len(some))
        yield {f"{name}_{place}": value for place, value in enumerate(some)}


def insert_once(table: Table, *keys: str) -> Query:
    """Insert a whole row unless one has the same keys; gives the row's first column, or nothing."""
    given = next(iter(table.primary_key.columns))
    by_server = {server: statement.returning(given) for server, statement in _once(table, keys).items()}
    return Query(by_server["sqlite"], by_server)


def insert_if_new(table: Table, *keys: str) -> Prepared:
    """The same for who need not know whether there was one."""
    by_server = _once(table, keys)
    return Prepared(by_server["sqlite"], by_server)


def _once(table: Table, keys: Sequence[str]) -> dict[str, sqlite.Insert | postgresql.Insert]:
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=keys),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=keys),
    }


class Compiled:
    """The text of a statement for one server, and how values go in and come out."""

    def __init__(self, statement: Statement, dialect: Dialect, columns: list[str] | None = None) -> None:
        keys = columns if isinstance(statement, Insert) else None
        compiled = statement.compile(dialect=_numbering(dialect), column_keys=keys)
        self.text = str(compiled)
        self.is_numbered = dialect.name == "postgresql"
        self.how = PREPARED_AT_ONCE if self.is_numbered else {}
        self.fixed = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        converts = {name: _way_in(bind.type, dialect) for name, bind in compiled.binds.items()}
        order = list(compiled.positiontup or ())
        self.pick = _picked(order)
        self.at = [(place, convert) for place, name in enumerate(order) if (convert := converts[name]) is not None]
        found = list(statement.exported_columns)
        self.row = named([str(column.key) for column in found])._make
        readers = [_way_out(one.type, dialect) for one in found]
        self.readers: list[tuple[int, Convert]] = [(n, read) for n, read in enumerate(readers) if read is not None]

    def write(self, connection: Connection, rows: Sequence[Row]) -> int:
        many = len(rows) > 1
        cursor = self._execute(connection, list(map(self.parameters, rows)) if many else self.parameters(rows[0]), many)
        touched = int(cursor.rowcount)
        cursor.close()
        return touched

    def read(self, connection: Connection, values: Row) -> list[Any]:
        cursor = self._execute(connection, self.parameters(values))
        found = cursor.fetchall()
        cursor.close()
        return [self._row(row) for row in found]

    def _execute(self, connection: Connection, parameters: Any, many: bool = False) -> Any:
        """A cursor that has executed; whoever listens to SQLAlchemy's statements is told of this one too."""
        line: Any = connection.connection.dbapi_connection
        cursor = RawCursor(line) if self.is_numbered else line.cursor()
        heard = connection.engine.dispatch.before_cursor_execute
        if heard:
            heard(connection, cursor, self.text, parameters, None, many)
        try:
            if many:
                cursor.executemany(self.text, parameters)
            else:
                cursor.execute(self.text, parameters, **self.how)
        except connection.dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise told(connection, self.text, error) from error
        return cursor

    def parameters(self, row: Row) -> Any:
        """The values as the driver takes them. Raises KeyError when one is missing."""
        found = self.pick({**self.fixed, **row} if self.fixed else row)
        if not self.at:
            return found
        placed = list(found)
        for place, convert in self.at:
            placed[place] = convert(placed[place])
        return placed

    def _row(self, values: Sequence[Any]) -> Any:
        if not self.readers:
            return self.row(values)
        read = list(values)
        for n, convert in self.readers:
            if (value := read[n]) is not None:
                read[n] = convert(value)
        return self.row(read)


def _numbering(dialect: Any) -> Any:
    """PostgreSQL's own `$1`: for any other word its driver reads a statement of more than 4 kB anew each time."""
    if dialect.name != "postgresql":
        return dialect
    numbering = type(dialect)(paramstyle="numeric_dollar")
    numbering.server_version_info = dialect.server_version_info
    return numbering


def _picked(order: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """What takes the values of these names out of a row, in their order."""
    if len(order) < 2:  # `itemgetter` gives one value bare
        return lambda row: tuple(row[name] for name in order)
    return itemgetter(*order)


def _way_in(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return _kept("in", kind, dialect, kind.dialect_impl(dialect).bind_processor(dialect))


def _way_out(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return _kept("out", kind, dialect, kind.dialect_impl(dialect).result_processor(dialect, None))


def _kept(way: str, kind: TypeEngine[Any], dialect: Dialect, convert: Convert | None) -> Convert | None:
    """A request says the same few instants in many statements: each is converted once; bytes are the driver's own."""
    if convert is None or isinstance(kind, LargeBinary):
        return None
    if not isinstance(kind, Instant):
        return convert
    return INSTANTS.setdefault((way, dialect.name), lru_cache(maxsize=KEPT)(convert))


def named(columns: Sequence[str]) -> Any:
    """What makes a row of values whose columns are its attributes."""
    return namedtuple("Found", columns)  # noqa: PYI024  # the columns are known only now
