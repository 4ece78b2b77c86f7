"""Conditions and joins that a server weighs in the order written, whatever its planner thinks of the sizes."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    Alias,
    Boolean,
    ColumnElement,
    Dialect,
    FromClause,
    Join,
    Select,
    String,
    TypeDecorator,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

ONE: ColumnElement[int] = literal_column("1")
NONE: ColumnElement[int] = literal_column("0")


def has_row(found: Select[*tuple[object, ...]]) -> ColumnElement[bool]:
    """Whether `found`, which speaks of the row at hand, has a row.

    EXISTS says the same; but PostgreSQL may turn an EXISTS into a join or a hash over all rows there are, and then a
    list that is read in its order until a page is full is read to its end. This it leaves where it stands.
    """
    return func.coalesce(found.with_only_columns(ONE).limit(1).scalar_subquery(), NONE) == ONE


def weighed(condition: ColumnElement[bool], row: FromClause) -> ColumnElement[bool]:
    """The same condition on the rows of a table, weighed last: PostgreSQL does not take it for a cheap way to them."""
    return func.coalesce(select(ONE).where(condition).correlate(row).scalar_subquery(), NONE) == ONE


class _Next(Join):
    """A table after those to its left: « CROSS JOIN » keeps SQLite from beginning with another one."""

    inherit_cache = True


def in_order(first: FromClause, *others: tuple[FromClause, ColumnElement[bool]]) -> FromClause:
    """Tables joined one after the other, each looked up for the rows before it: `on` says all that is asked of it.

    Told nothing, or by old statistics, SQLite may think that a tenant has few open tasks, and then reads all of them
    for those of one person. PostgreSQL may think a few hundred look-ups dearer than an index read to its end; what has
    an OFFSET it does not take apart, and what is not in `on` it would ask too late to use an index.
    """
    return reduce(lambda left, right: _Next(left, *right), others, first)


@compiles(_Next, "sqlite")
def _cross(element: _Next, compiler: SQLCompiler, **said: Any) -> str:
    said |= {"asfrom": True}
    left, right = compiler.process(element.left, **said), compiler.process(element.right, **said)
    return f"{left} CROSS JOIN {right} ON {compiler.process(element.onclause, **said)}"  # type: ignore[arg-type]  # given


@compiles(_Next, "postgresql")
def _lateral(element: _Next, compiler: SQLCompiler, **said: Any) -> str:
    said |= {"asfrom": True}
    left, right = compiler.process(element.left, **said), compiler.process(element.right, **said)
    on = compiler.process(element.onclause, **said)  # type: ignore[arg-type]  # given
    name = compiler.preparer.format_alias(element.right) if isinstance(element.right, Alias) else right
    return f"{left} JOIN LATERAL (SELECT * FROM {right} WHERE {on} OFFSET 0) AS {name} ON true"  # noqa: S608  # compiled


class is_among(FunctionElement[bool]):  # noqa: N801  # stands in statements as functions do
    """Whether a column has one of the values of a question that is asked first, by itself.

    It means IN. But a question may seem so dear to PostgreSQL that all ways of joining its few values to a table look
    equally cheap: it then reads the whole table. From an array it looks up each value.
    """

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "is_among":
        """As it stands: SQLite would be given « … = 1 », and then reads the whole table instead of looking up."""
        return self


@compiles(is_among)
def _in(element: is_among, compiler: SQLCompiler, **said: Any) -> str:
    column, found = element.clauses
    return f"{compiler.process(column, **said)} IN {compiler.process(found, **said)}"


@compiles(is_among, "postgresql")
def _any(element: is_among, compiler: SQLCompiler, **said: Any) -> str:
    column, found = element.clauses
    return f"{compiler.process(column, **said)} = ANY (ARRAY{compiler.process(found, **said)})"


class Texts(TypeDecorator[Sequence[str]]):
    """Several texts as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(String) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else orjson.dumps(listed).decode()


class is_one_of(FunctionElement[bool]):  # noqa: N801  # stands in statements as functions do
    """Whether a column has one of the texts that are given as one value, of the type `Texts`.

    It means IN. But the statement is the same however many there are, so that it can be kept ready.
    """

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "is_one_of":
        """As it stands, like `is_among`."""
        return self


@compiles(is_one_of)
def _in_json(element: is_one_of, compiler: SQLCompiler, **said: Any) -> str:
    column, texts = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(texts, **said)})"  # noqa: S608  # compiled
    return f"{compiler.process(column, **said)} IN ({listed})"


@compiles(is_one_of, "postgresql")
def _of_array(element: is_one_of, compiler: SQLCompiler, **said: Any) -> str:
    column, texts = element.clauses
    return f"{compiler.process(column, **said)} = ANY ({compiler.process(texts, **said)})"
