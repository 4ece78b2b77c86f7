"""The lists of cases read by index show what the guard lets each person see, in order: due first, then the newest."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, select, text, update

from base import migrations
from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from bench.town import Size, Town
from care.case.cases import close_case
from care.tables import case, patient
from engine.tables import task
from inbox.case import cases
from inbox.desk import Desk
from inbox.lists.involvement import TRIGGERS
from inbox.lists.statements import sees_case
from inbox.lists.tables import involvement
from pathways.context import Context, build
from people.persons import everybody, persons


@pytest.fixture
def town(settings: Settings, database: Database, clock: ManualClock) -> Context:
    context = replace(build(settings), database=database, clock=clock)
    Town(context, Size(finished=200, open=160)).build()
    return context


def desks(context: Context) -> Iterator[Desk]:
    with context.database.read() as session:
        for person in everybody(session, context.tenant):
            yield Desk(session, context, person)


def one_by_one(desk: Desk, tab: str) -> list[str]:
    """Asked of every case in turn, without any list."""
    ended = case.c.closed_at.is_not(None) if tab == "termines" else case.c.closed_at.is_(None)
    due = (cases.NEXT_DUE.is_(None), cases.NEXT_DUE, case.c.opened_at.desc(), case.c.id)
    order = (case.c.closed_at.desc(), case.c.id.desc()) if tab == "termines" else due
    found = select(case.c.id).where(sees_case(desk.person), ended)
    return list(desk.session.scalars(found.order_by(*order), desk.values))


@pytest.mark.parametrize("tab", cases.TABS)
def test_a_list_begins_with_the_cases_that_come_first_of_all_that_may_be_seen(
    town: Context, tab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = 0
    for desk in desks(town):
        wanted = one_by_one(desk, tab)
        for page in (7, 75):
            monkeypatch.setattr(cases, "PAGE", page)
            rows, more = cases.cases(desk, tab)
            assert [row.id for row in rows] == wanted[:page]
            assert more == (len(wanted) > page)
        assert cases.counts(desk)[tab] == len(wanted)
        shown += len(wanted)
    assert shown > 100


def test_a_running_case_is_found_by_whoever_has_a_part_in_it_until_it_closes(town: Context) -> None:
    """Somebody of no circle holds one task, answered another, gave one back: the lists show what may be seen."""
    stranger = "p-kinesith-0"
    held, answered, given_back = given_to(town, stranger)
    with town.database.read() as session:
        desk = Desk(session, town, persons(session, [stranger])[stranger])
        assert (
            {row.id for row in cases.cases(desk, "en-cours")[0]}
            == {held, answered}
            == set(one_by_one(desk, "en-cours"))
        )
    with town.database.begin() as session:
        close_case(session, town.clock, answered, "Terminé")
        known = select(involvement.c.run, involvement.c.closed_at).where(involvement.c.person == stranger)
        known = known.where(involvement.c.run.in_((held, answered, given_back)))
        now = town.clock.now()
        assert dict(session.execute(known).all()) == {held: None, given_back: None, answered: now}
    with town.database.read() as session:
        desk = Desk(session, town, persons(session, [stranger])[stranger])
        assert [row.id for row in cases.cases(desk, "en-cours")[0]] == [held]
        ended = [row.id for row in cases.cases(desk, "termines")[0]]
        assert ended[0] == answered
        assert ended == one_by_one(desk, "termines")[: len(ended)]
        assert cases.counts(desk)["termines"] == len(one_by_one(desk, "termines"))


def given_to(town: Context, person: str) -> tuple[str, str, str]:
    """Three open cases with a task each that the person holds, answered, gave back."""
    told = ({"assignee": person}, {"completed_by": person, "state": "completed"}, {"assignee": person})
    with town.database.begin() as session:
        found = session.scalars(select(case.c.id).where(case.c.closed_at.is_(None)).order_by(case.c.id).limit(3)).all()
        for one, values in zip(found, told, strict=True):
            session.execute(update(task).where(task.c.id == f"{one}-0").values(values))
        session.execute(update(task).where(task.c.id == f"{found[2]}-0").values(assignee=None))
    return found[0], found[1], found[2]


def test_the_migrations_keep_involvement_as_the_tables_say(
    database: Database, postgres_url: str, tmp_path: Path
) -> None:
    migrated = Database(f"sqlite:///{tmp_path / 'migrated.db'}" if database.is_sqlite else postgres_url)
    migrations.upgrade(migrated)
    assert triggers(migrated) == triggers(database)
    assert len(triggers(database)) == len(TRIGGERS)
    migrated.dispose()


def test_who_had_a_part_in_what_ended_before_the_upgrade_finds_it(
    database: Database, postgres_url: str, tmp_path: Path
) -> None:
    older = Database(f"sqlite:///{tmp_path / 'older.db'}" if database.is_sqlite else postgres_url)
    began, ended = datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)
    with older.engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0021_involvement")
        connection.execute(insert(patient), [row_of_patient("a", began)])
        connection.execute(insert(case), [row_of_case("over", began, ended), row_of_case("runs", began, None)])
        told = {"assignee": None, "completed_by": None, "completed_at": None}
        tasks = [
            {"id": "1", "run": "over", "state": "completed", **told, "completed_by": "anne", "completed_at": ended},
            {"id": "2", "run": "over", "state": "cancelled", **told, "assignee": "bruno"},
            {"id": "3", "run": "runs", "state": "open", **told, "assignee": "anne"},
            {"id": "4", "run": "runs", "state": "open", **told},
        ]
        connection.execute(insert(task), [row_of_task(began) | one for one in tasks])
    migrations.upgrade(older)
    with older.read() as session:
        known = session.execute(select(involvement.c.person, involvement.c.run, involvement.c.closed_at)).all()
    assert set(map(tuple, known)) == {("anne", "over", ended), ("bruno", "over", ended), ("anne", "runs", None)}
    older.dispose()


def row_of_patient(key: str, at: datetime) -> dict[str, object]:
    return {"tenant": "t", "id": key, "identity": b"", "status": "VALI", "traits_blind": key * 32, "created_at": at}


def row_of_case(key: str, began: datetime, ended: datetime | None) -> dict[str, object]:
    pathway = {"pathway": "essai", "pathway_version": 1, "title": "Essai"}
    return {"tenant": "t", "id": key, "patient": "a", **pathway, "opened_at": began, "closed_at": ended}


def row_of_task(began: datetime) -> dict[str, object]:
    element = {"definition": "d", "process": "p", "element": "e", "name": "Appel", "token": 1}
    return {"tenant": "t", **element, "priority": 50, "created_at": began}


def triggers(database: Database) -> list[str]:
    names = tuple(name for name, *_ in TRIGGERS)
    said = (
        "sql FROM sqlite_master"
        if database.is_sqlite
        else "prosrc || pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
    )
    where = f"name IN {names}" if database.is_sqlite else f"tgname IN {names}"
    with database.read() as session:
        return sorted(session.scalars(text(f"SELECT {said} WHERE {where}")))


def test_counting_cases_stops_where_it_tells_nobody_what_to_do(town: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "COUNTED", 12)
    counted = next(cases.counts(desk) for desk in desks(town) if "coordinateur" in desk.person.roles)
    assert counted == {"en-cours": 13, "termines": 13}
    assert (cases.said(13), cases.said(12)) == ("12+", "12")
