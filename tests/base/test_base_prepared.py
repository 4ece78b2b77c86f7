from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, insert, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from base.database import Database, Instant
from base.prepared import Prepared, Query, filled, insert_once, together

NOTES = Table(
    "note", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant), Column("said", String(40))
)
NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
ADD = Prepared(insert(NOTES))
ADD_ONCE = insert_once(NOTES, "id")
LATER = Query(select(NOTES).where(NOTES.c.at >= bindparam("since")).order_by(NOTES.c.id))
SAY = Prepared(update(NOTES).where(NOTES.c.id == bindparam("b_id")).values(said=bindparam("said")))


@pytest.fixture
def notes(database: Database):
    NOTES.create(database.engine)
    with database.begin() as session:
        ADD.write(session, [{"id": n, "at": NOON + timedelta(hours=n), "said": "oui"} for n in (1, 2)])
    return database


def test_what_is_written_comes_back_with_its_types_and_its_columns_as_attributes(notes):
    paris = NOON.astimezone(timezone(timedelta(hours=1)))
    with notes.read() as session:
        found = LATER.all(session, {"since": paris + timedelta(hours=2)})
    assert [(row.id, row.at, row.said) for row in found] == [(2, NOON + timedelta(hours=2), "oui")]
    assert found[0].at.tzinfo is UTC


def test_the_first_row_is_nothing_when_none_is_found(notes):
    with notes.read() as session:
        assert LATER.first(session, {"since": NOON + timedelta(days=1)}) is None
        assert LATER.first(session, {"since": NOON}).id == 1


def test_values_that_stand_in_the_statement_need_not_be_given(notes):
    one_of = Query(select(NOTES.c.id).where(NOTES.c.id.in_([literal(2), literal(7)]), NOTES.c.said == "oui"))
    with notes.read() as session:
        assert [row.id for row in one_of.all(session, {})] == [2]


def test_a_value_that_is_not_given_is_refused(notes):
    with pytest.raises(KeyError, match="since"), notes.read() as session:
        LATER.all(session, {})


def test_a_write_tells_how_many_rows_it_touched(notes):
    with notes.begin() as session:
        assert SAY.write(session, [{"b_id": 1, "said": "non"}]) == 1
        assert SAY.write(session, [{"b_id": 9, "said": "non"}]) == 0
        assert SAY.write(session, []) == 0
    with notes.read() as session:
        assert [row.said for row in LATER.all(session, {"since": NOON})] == ["non", "oui"]


def test_rows_with_fewer_columns_are_another_statement(notes):
    with notes.begin() as session:
        ADD.write(session, [{"id": 3, "at": NOON}])
        ADD.write(session, [{"id": 4, "at": NOON, "said": "si"}])
    with notes.read() as session:
        assert [row.said for row in LATER.all(session, {"since": NOON})] == ["oui", "oui", None, "si"]


def test_a_row_that_is_there_already_is_left_alone(notes):
    with notes.begin() as session:
        assert ADD_ONCE.first(session, {"id": 2, "at": NOON, "said": "autre"}) is None
        assert ADD_ONCE.first(session, {"id": 3, "at": NOON, "said": "autre"}).id == 3
    with notes.read() as session:
        assert [row.said for row in LATER.all(session, {"since": NOON})] == ["oui", "oui", "autre"]


def test_an_error_of_the_server_is_sqlalchemys_and_quotes_no_value(notes):
    with pytest.raises(IntegrityError) as failure, notes.begin() as session:
        ADD.write(session, [{"id": 1, "at": NOON, "said": "515151"}])
    assert "515151" not in str(failure.value)
    with notes.read() as session:
        assert LATER.first(session, {"since": NOON}).said == "oui"


def test_after_an_error_within_a_savepoint_the_transaction_goes_on(notes):
    with notes.begin() as session:
        with pytest.raises(DBAPIError), session.begin_nested():
            ADD.write(session, [{"id": 1, "at": NOON, "said": "deux"}])
        ADD.write(session, [{"id": 5, "at": NOON, "said": "cinq"}])
    with notes.read() as session:
        assert [row.id for row in LATER.all(session, {"since": NOON})] == [1, 2, 5]


def test_writes_sent_together_are_all_there_and_a_query_among_them_is_answered(notes):
    with notes.begin() as session, together(session):
        SAY.write(session, [{"b_id": 1, "said": "non"}])
        assert ADD_ONCE.first(session, {"id": 1, "at": NOON, "said": "autre"}) is None
        ADD.write(session, [{"id": n, "at": NOON, "said": "si"} for n in (3, 4)])
    with notes.read() as session:
        assert [row.said for row in LATER.all(session, {"since": NOON})] == ["non", "oui", "si", "si"]


def test_an_error_among_writes_sent_together_is_sqlalchemys_and_takes_all_back(notes):
    def write():
        with notes.begin() as session, together(session):
            SAY.write(session, [{"b_id": 2, "said": "non"}])
            ADD.write(session, [{"id": 1, "at": NOON, "said": "515151"}])
            SAY.write(session, [{"b_id": 1, "said": "non"}])

    with pytest.raises(IntegrityError) as failure:
        write()
    assert "515151" not in str(failure.value)
    with notes.read() as session:
        assert [row.said for row in LATER.all(session, {"since": NOON})] == ["oui", "oui"]


def test_an_error_among_writes_sent_together_within_a_savepoint_takes_back_only_those(notes):
    with notes.begin() as session:
        SAY.write(session, [{"b_id": 2, "said": "non"}])
        with pytest.raises(IntegrityError), session.begin_nested(), together(session):
            ADD.write(session, [{"id": 1, "at": NOON, "said": "deux"}])
        ADD.write(session, [{"id": 5, "at": NOON, "said": "cinq"}])
    with notes.read() as session:
        assert [row.said for row in LATER.all(session, {"since": NOON})] == ["oui", "non", "cinq"]


def test_more_values_than_places_are_looked_for_in_turns():
    assert list(filled("id", [], 2)) == []
    assert list(filled("id", ["a", "b", "c"], 2)) == [{"id_0": "a", "id_1": "b"}, {"id_0": "c", "id_1": "c"}]
