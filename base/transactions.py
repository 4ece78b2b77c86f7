"""A transaction as the product needs one: SQLAlchemy’s session without its objects, which cost more than the SQL."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, NestedTransaction, ScalarResult
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.orm import Session

from base.driver import told
from base.turns import Turn
from base.write_ahead import WriteAhead


class Lines:
    """Connections for transactions: each from the pool and back, unless so many of them are kept.

    Who writes on SQLite does so by the same line as the writer before, as long as turns are kept: it still knows the
    pages that it wrote, while any other line has to read them anew after each commit of another. Who reads there is
    spared the pool, which costs as much as seven small statements. On such a line SQLAlchemy's own transaction begins
    once and stays: the driver begins and ends each of ours for a third of the cost.
    """

    def __init__(self, engine: Engine, *, kept: int = 0, begins: str = "BEGIN") -> None:
        self.engine, self.kept, self.begins = engine, kept, begins
        self._idle: deque[Connection] = deque()

    def take(self) -> Connection:
        """A line; its transaction has not begun."""
        try:
            return self._idle.pop()
        except IndexError:
            return self.engine.connect()

    def begin(self, line: Connection) -> None:
        if line.in_transaction():
            _driver(line).execute(self.begins).close()
        else:
            line.begin()

    def commit(self, line: Connection) -> None:
        if not self.kept:
            line.commit()
            return
        try:
            _driver(line).commit()
        except line.dialect.loaded_dbapi.Error as error:
            raise told(line, "COMMIT", error) from error

    def give_back(self, line: Connection) -> None:
        """Of a line whose transaction is over; any other is closed, and the pool puts it in order."""
        if len(self._idle) < self.kept:
            self._idle.append(line)
        else:
            line.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _driver(line: Connection) -> Any:
    return line.connection.dbapi_connection


class Transaction(Session):
    """One connection from its first statement to its end; whoever asks on afterwards is told that it is over.

    Only what is here is a session's: `execute`, `scalars`, `scalar`, savepoints, and the events of commit and rollback.
    """

    def __init__(self, lines: Lines, turn: Turn | None = None, log: WriteAhead | None = None) -> None:
        self._lines, self._log, self._is_over = lines, log, False
        self._line: Connection | None = None
        self._turn, self._is_ours = turn, False
        self.info: dict[Any, Any] = {}

    def connection(self, *_: Any, **__: Any) -> Connection:
        """The connection, whose transaction begins when it is first asked for."""
        if self._line is not None:
            return self._line
        if self._is_over:
            raise ResourceClosedError("This transaction is over.")
        self._is_ours = self._turn is not None and self._turn.take()
        self._line = self._lines.take()
        self._lines.begin(self._line)
        return self._line

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        return self.connection()

    def execute(self, statement: Any, params: Any = None, **_: Any) -> Any:
        return self.connection().execute(statement, params)

    def scalars(self, statement: Any, params: Any = None, **_: Any) -> ScalarResult[Any]:
        return self.connection().scalars(statement, params)

    def scalar(self, statement: Any, params: Any = None, **_: Any) -> Any:
        return self.connection().scalar(statement, params)

    @contextmanager
    def begin_nested(self) -> Iterator[None]:  # type: ignore[override]  # only ever entered
        """A savepoint: what fails within it is taken back alone."""
        savepoint = self.connection().begin_nested()
        try:
            yield
        except BaseException:
            savepoint.rollback()
            self._tell_of_rollback()
            raise
        savepoint.commit()

    def get_nested_transaction(self) -> NestedTransaction | None:  # type: ignore[override]  # the connection's own
        return None if self._line is None else self._line.get_nested_transaction()

    def commit(self) -> None:
        """What was done stays; those who wait for that are told. On SQLite others write while we wait for the disk."""
        if self._log is None or self._line is None:
            self._settle()
        else:
            with self._log.held() as wait:
                self._settle()
                wait()
        if self.info:
            self.dispatch.after_commit(self)

    def _settle(self) -> None:
        if self._line is not None:
            self._end(self._line)
        self.close()

    def leave(self) -> None:
        """Nothing was written: nothing is taken back but the look itself."""
        if self._line is not None and self._lines.kept:
            line, self._line = self._line, None
            _driver(line).rollback()
            self._lines.give_back(line)
        self.rollback()

    def _end(self, line: Connection) -> None:
        """SQLite may keep the lock when a commit fails: that line is not used again."""
        try:
            self._lines.commit(line)
        except BaseException:
            line.invalidate()
            raise
        self._line = None
        self._lines.give_back(line)

    def rollback(self) -> None:
        """Nothing was done."""
        self.close()
        if self.info:
            self._tell_of_rollback()

    def close(self) -> None:
        """What was not committed is taken back, and others may write."""
        line, self._line, self._is_over = self._line, None, True
        try:
            if line is not None:
                line.close()
        finally:
            if self._is_ours and self._turn is not None:
                self._is_ours = False
                self._turn.give_back()

    def _tell_of_rollback(self) -> None:
        self.dispatch.after_soft_rollback(self, None)
