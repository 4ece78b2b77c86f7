"""A transaction as the product needs one: SQLAlchemy’s session without its objects, which cost more than the SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, NestedTransaction, ScalarResult
from sqlalchemy.orm import Session

from base.turns import Turn


class Transaction(Session):
    """One connection from its first statement to its end; afterwards it is closed, and whoever asks on is told so.

    Only what is here is a session's: `execute`, `scalars`, `scalar`, savepoints, and the events of commit and rollback.
    """

    def __init__(self, line: Connection, turn: Turn | None = None) -> None:
        self._line, self._begun = line, False
        self._turn, self._is_ours = turn, False
        self.info: dict[Any, Any] = {}

    def connection(self, *_: Any, **__: Any) -> Connection:
        """The connection, whose transaction begins when it is first asked for."""
        if not self._begun:
            self._is_ours = self._turn is not None and self._turn.take()
            self._begun = True
            self._line.begin()
        return self._line

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        return self._line

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
        return self._line.get_nested_transaction()

    def commit(self) -> None:
        """What was done stays; those who wait for that are told."""
        if self._begun and not self._line.closed:
            self._line.commit()
        self.close()
        if self.info:
            self.dispatch.after_commit(self)

    def rollback(self) -> None:
        """Nothing was done."""
        self.close()
        if self.info:
            self._tell_of_rollback()

    def close(self) -> None:
        """What was not committed is taken back, and others may write."""
        try:
            self._line.close()
        finally:
            if self._is_ours and self._turn is not None:
                self._is_ours = False
                self._turn.give_back()

    def _tell_of_rollback(self) -> None:
        self.dispatch.after_soft_rollback(self, None)
