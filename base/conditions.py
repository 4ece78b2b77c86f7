"""Conditions that a server weighs one row at a time, whatever its planner thinks of the sizes."""

from sqlalchemy import ColumnElement, FromClause, Select, func, literal_column, select

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
