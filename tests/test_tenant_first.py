"""The rows of one CPTS stay together: keys and indexes begin with its tenant, so that the database can be cut by it."""

from collections.abc import Iterator

from sqlalchemy import Table, UniqueConstraint

from jalon.schema import metadata

RANDOM_ID = "its id is random over all CPTS; widen the key to (tenant, id) before the database is cut"
LOOKED_UP = "a cookie names it before the tenant is known; widen the key before the database is cut"
KEYS = {
    "patient": RANDOM_ID, "person": RANDOM_ID, "account": RANDOM_ID, "case": RANDOM_ID, "circle_member": RANDOM_ID,
    "opposition": RANDOM_ID, "consent": RANDOM_ID, "access_log": RANDOM_ID, "job": RANDOM_ID, "sign_in": LOOKED_UP,
}  # fmt: skip
"""Tables whose primary key or unique keys do not begin with `tenant`, and why."""
ALL_TENANTS = "a worker or a clean-up looks over all that one database holds"
OF_A_KEY = "follows a foreign key that is an id alone"
INDEXES = {
    "ix_job_waiting": ALL_TENANTS, "ix_sign_in_failure_last_at": ALL_TENANTS, "ix_sign_in_expires_at": ALL_TENANTS,
    "ix_account_person": OF_A_KEY, "ix_sign_in_account": OF_A_KEY,
}  # fmt: skip


def keys(table: Table) -> Iterator[list[str]]:
    yield [column.name for column in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield [str(getattr(one, "name", one)) for one in index.expressions]


def test_every_key_begins_with_the_tenant_but_for_those_that_say_why() -> None:
    found = {table.name for table in metadata.sorted_tables for key in keys(table) if key[:1] != ["tenant"]}
    assert found == set(KEYS)


def test_every_index_begins_with_the_tenant_but_for_those_that_say_why() -> None:
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    first = {str(index.name): str(getattr(index.expressions[0], "name", index.expressions[0])) for index in indexes}
    assert {name for name, column in first.items() if column != "tenant"} == set(INDEXES)


def test_what_a_run_writes_has_no_exception() -> None:
    """The rows that grow with every step are the ones that are cut first."""
    engine = {table.name for table in metadata.sorted_tables if "run" in table.columns} | {"run"}
    assert len(engine) >= 10
    assert not engine & KEYS.keys()
