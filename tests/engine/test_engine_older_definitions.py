"""What was accepted once is not judged again: stricter rules of a later release must not stop a case under way."""

import pytest
from sqlalchemy import insert

from engine import tables
from engine.definition import digest
from engine.findings import Refused
from tests.engine.house import House
from tests.support.dmn import model, table
from tests.support.models import chain, document, end, process, rule, start, user


def store(house: House, files: dict[str, bytes]) -> str:
    """As an older release stored it, without today's rules."""
    own = {"tenant": "demo", "digest": digest(files)}
    with house.database.begin() as session:
        session.execute(insert(tables.definition), own | {"created_at": house.clock.now()})
        session.execute(insert(tables.definition_file), [own | {"path": p, "content": c} for p, c in files.items()])
    return own["digest"]


def refused(house: House, files: dict[str, bytes]) -> None:
    with pytest.raises(Refused), house.database.begin() as session:
        house.engine.deploy(session, files)


@pytest.fixture
def house(database, clock) -> House:
    return House(database, clock)


def test_a_diagram_that_would_be_refused_today_runs_on(house):
    nowhere = process("p", start(), user("u"), end(), user("alone", role=None), chain("start", "u", "end"))
    files = {"test.bpmn": document(nowhere)}
    refused(house, files)
    house.begin(store(house, files))
    house.complete("u")
    assert house.look().state == "completed"


def test_a_decision_file_that_would_be_refused_today_stops_only_who_asks_it(house):
    broken = model(table([("> > 3", '"haut"')]))
    diagram = process("p", start(), user("u"), rule("r", "d", "x"), end(), chain("start", "u", "r", "end"))
    files = {"test.bpmn": document(diagram), "d.dmn": broken}
    refused(house, files)
    house.begin(store(house, files))
    house.complete("u", n=5)
    assert [incident.element for incident in house.look().incidents] == ["r"]
