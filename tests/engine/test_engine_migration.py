"""A waiting run goes on with another version of its pathway, or nothing changes and the reason is said."""

from datetime import timedelta

import pytest

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict, NotFound
from engine import tables
from engine.chain import Break
from engine.migration import followed
from engine.verification import verify
from tests.engine.house import CASE, House
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    document,
    element,
    end,
    flow,
    gateway,
    many,
    message,
    on_event,
    script,
    service,
    start,
    sub,
    timer,
    user,
    zeebe,
)

MESSAGES = message("m", "lettre") + message("n", "bilan")
FORM = zeebe("formDefinition", formId="avis")
FILES = {"avis.form": b'{"id": "avis", "components": []}'}


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def migrate(house: House, digest: str, run: str = CASE) -> None:
    with house.database.begin() as session:
        house.engine.migrate(session, run=run, definition=digest, actor="claire")


def refused(house: House, digest: str) -> str:
    before = house.look()
    with pytest.raises(Conflict) as caught:
        migrate(house, digest)
    assert caught.value.code == "run-not-movable"
    assert house.look() == before
    assert "run_migrated" not in house.journal()
    return caught.value.message


def deploy(house: House, *parts: str, **files: bytes) -> str:
    return house.deploy(*parts, given=MESSAGES, **files)


def simple(house: House, *more: str) -> str:
    return deploy(house, start(), user("u", name="Revoir"), end(), chain("start", "u", "end"), *more)


def test_what_follows_is_the_new_versions(house: House) -> None:
    house.begin(simple(house))
    longer = deploy(house, start(), user("u", name="Revoir"), user("v"), end(), chain("start", "u", "v", "end"))
    migrate(house, longer)
    assert house.look().definition == longer
    house.complete("u")
    house.complete("v")
    assert house.look().state == "completed"
    with house.database.read() as session:
        assert [said for said in verify(session, "demo") if isinstance(said, Break)] == []


def test_the_journal_says_from_what_to_what_and_by_whom(house: House) -> None:
    old = simple(house)
    house.begin(old)
    new = simple(house, user("apart"), flow("apart", "end"), flow("start", "apart"))
    migrate(house, new)
    with house.database.read() as session:
        entry = house.engine.history(session, CASE)[-1]
    assert (entry.kind, entry.actor, entry.detail) == ("run_migrated", "claire", {"before": old, "after": new})


def test_to_its_own_version_nothing_happens(house: House) -> None:
    digest = simple(house)
    house.begin(digest)
    before = house.journal()
    migrate(house, digest)
    assert house.journal() == before


def test_a_live_element_that_is_gone_is_named(house: House) -> None:
    house.begin(simple(house))
    other = deploy(house, start(), user("v"), end(), chain("start", "v", "end"))
    assert refused(house, other) == "Ce dossier ne peut pas passer à cette version : « Revoir » n’y est plus."
    house.complete("u")


def test_an_element_that_became_another_kind_is_named(house: House) -> None:
    house.begin(simple(house))
    other = deploy(house, start(), service("u", "calcul"), end(), chain("start", "u", "end"))
    assert "« Revoir » y est autre chose" in refused(house, other)


def test_a_wait_for_another_message_is_named(house: House) -> None:
    def version(reference: str) -> str:
        waits = catch("c", definition("message", reference))
        return deploy(house, start(), waits, end(), chain("start", "c", "end"))

    house.begin(version("m"))
    assert "« c » y est autre chose" in refused(house, version("n"))


def test_a_task_that_became_repeated_is_named(house: House) -> None:
    house.begin(simple(house), {"gens": [1, 2]})
    other = deploy(house, start(), user("u", many("=gens", "un")), end(), chain("start", "u", "end"))
    assert "« Revoir » y est autre chose" in refused(house, other)


def test_another_pathway_is_refused(house: House) -> None:
    house.begin(simple(house))
    other = element("process", "q", start(), user("u"), end(), chain("start", "u", "end"), isExecutable="true")
    with house.database.begin() as session:
        digest = house.engine.deploy(session, {"q.bpmn": document(other)})
    assert "le processus « p » n’y est plus" in refused(house, digest)


def test_a_join_that_waits_for_other_branches_is_named(house: House) -> None:
    def version(*more: str) -> str:
        split, join = gateway("parallel", "split"), gateway("parallel", "join")
        ways = [flow(source, target, id=f"{source}_{target}") for source, target in WAYS]
        return deploy(house, start(), split, user("a"), user("b"), join, end(), *ways, *more)

    house.begin(version())
    house.complete("a")
    third = user("c"), flow("split", "c", id="split_c"), flow("c", "join", id="c_join")
    assert "« join » n’y réunit plus les mêmes branches" in refused(house, version(*third))


WAYS = [("start", "split"), ("split", "a"), ("split", "b"), ("a", "join"), ("b", "join"), ("join", "end")]


def test_what_could_be_undone_must_stay(house: House) -> None:
    def version(handler: str) -> str:
        undoes = boundary("undo", "a", definition("compensate"))
        tied = element("association", "tied", sourceRef="undo", targetRef=handler, associationDirection="One")
        undone = user(handler).replace("<bpmn:userTask", '<bpmn:userTask isForCompensation="true"', 1)
        parts = start(), user("a"), undoes, undone, tied, user("b"), end(), chain("start", "a", "b", "end")
        return deploy(house, *parts)

    house.begin(version("rendre"))
    house.complete("a")
    assert "« rendre » n’y est plus" in refused(house, version("reprendre"))


def test_a_run_that_has_ended_stays_where_it_is(house: House) -> None:
    house.begin(simple(house))
    house.complete("u")
    other = simple(house, user("apart"), flow("apart", "end"), flow("start", "apart"))
    with pytest.raises(Conflict) as caught:
        migrate(house, other)
    assert caught.value.code == "run-ended"


def test_what_does_not_exist_is_not_found(house: House) -> None:
    digest = simple(house)
    with pytest.raises(NotFound):
        migrate(house, digest)
    house.begin(digest)
    with pytest.raises(NotFound):
        migrate(house, "0" * 64)


def test_an_open_task_shows_the_new_words_and_form_and_keeps_its_people(house: House) -> None:
    house.begin(simple(house))
    before = house.tasks()[0]
    new = deploy(
        house, start(), user("u", name="Relire", role="ide", more=FORM), end(), chain("start", "u", "end"), **FILES
    )
    migrate(house, new)
    task = house.tasks()[0]
    assert (task.id, task.role, task.created_at) == (before.id, before.role, before.created_at)
    assert (task.name, task.form, task.definition) == ("Relire", "avis", new)


def test_a_timer_that_runs_keeps_its_hour(house: House) -> None:
    def version(duration: str) -> str:
        waits = catch("c", timer("timeDuration", duration))
        return deploy(house, start(), waits, end(), chain("start", "c", "end"))

    house.begin(version("PT1H"))
    migrate(house, version("PT5H"))
    assert [one.due_at for one in house.look().timers] == [house.clock.now() + timedelta(hours=1)]
    house.clock.advance(timedelta(hours=1))
    assert house.engine.fire_due(house.database) == 1
    assert house.look().state == "completed"


def test_a_new_reminder_around_an_open_task_is_waited_for(house: House) -> None:
    house.begin(simple(house))
    reminder = boundary("late", "u", timer("timeDuration", "PT1H"), cancels=False), user("rappel"), end("told")
    migrate(house, simple(house, *reminder, chain("late", "rappel", "told")))
    house.clock.advance(timedelta(hours=1))
    assert house.engine.fire_due(house.database) == 1
    assert sorted(task.element for task in house.tasks()) == ["rappel", "u"]


def test_a_reminder_that_has_passed_does_not_come_again(house: House) -> None:
    once = boundary("late", "u", timer("timeDuration", "PT1H"), cancels=False), script("told", "=1", "n"), end("end2")
    parts = *once, chain("late", "told", "end2")
    house.begin(simple(house, *parts))
    house.clock.advance(timedelta(hours=1))
    house.engine.fire_due(house.database)
    migrate(house, simple(house, *parts, user("v"), flow("v", "end"), flow("start", "v")))
    assert house.look().timers == ()


def test_a_new_event_sub_process_is_waited_for(house: House) -> None:
    house.begin(simple(house))
    arrives = on_event("arrives", definition("message", "m"), user("lire"), end("read"),
                       chain("arrives_start", "lire", "read"), interrupting=False)  # fmt: skip
    migrate(house, simple(house, arrives))
    assert house.correlate("lettre") == CASE
    assert sorted(task.element for task in house.tasks()) == ["lire", "u"]


def test_a_message_that_came_early_reaches_what_the_new_version_waits_for(house: House) -> None:
    house.begin(simple(house))
    assert house.correlate("lettre") is None
    arrives = boundary("arrives", "u", definition("message", "m")), user("lire"), end("read")
    migrate(house, simple(house, *arrives, chain("arrives", "lire", "read")))
    assert [task.element for task in house.tasks()] == ["lire"]


def test_a_new_event_that_has_no_key_is_refused_whole(house: House) -> None:
    house.begin(simple(house))
    arrives = boundary("arrives", "u", definition("message", "k")), end("read"), flow("arrives", "read")
    given = MESSAGES + message("k", "sans", key="=inconnu")
    parts = start(), user("u", name="Revoir"), end(), chain("start", "u", "end"), *arrives
    assert "« arrives »" in refused(house, house.deploy(*parts, given=given))


def test_sub_processes_and_turns_go_on(house: House) -> None:
    def version(*after: str) -> str:
        inside = start("s"), user("v"), end("e"), chain("s", "v", "e")
        each = sub("each", *inside, many("=gens", "un"))
        return deploy(house, start(), each, *(user(one) for one in after), end(), chain("start", "each", *after, "end"))

    house.begin(version(), {"gens": [1, 2, 3]})
    house.complete("v")
    migrate(house, version("after"))
    house.complete("v")
    house.complete("v")
    house.complete("after")
    assert house.look().state == "completed"
    assert [house.count(table) for table in (tables.token, tables.scope)] == [0, 0]


def test_a_sub_process_that_is_gone_is_named_with_what_is_in_it(house: House) -> None:
    inside = start("s"), user("v", name="Dedans"), end("e"), chain("s", "v", "e")
    house.begin(deploy(house, start(), sub("box", *inside, name="Boîte"), end(), chain("start", "box", "end")))
    flat = deploy(house, start(), user("v", name="Dedans"), end(), chain("start", "v", "end"))
    words = refused(house, flat)
    assert "« Boîte » n’y est plus" in words
    assert "« Dedans » n’y est plus" in words


def test_an_incident_is_mended_by_a_better_version(house: House) -> None:
    def version(condition: str) -> str:
        ways = flow("start", "g"), flow("g", "u", condition), flow("g", "end", "=age < 18"), flow("u", "end")
        return deploy(house, start(), gateway("exclusive", "g"), user("u"), end(), *ways)

    house.begin(version("=age > 90"), {"age": 80})
    incident = next(one for one in house.look().incidents if one.state == "open")
    migrate(house, version("=age > 60"))
    with house.database.begin() as session:
        house.engine.retry(session, incident=incident.id, actor="claire")
    assert [task.element for task in house.tasks()] == ["u"]


def test_a_decision_is_told_with_the_files_that_made_it(house: House) -> None:
    """Each entry names the definition that the run followed when it was written."""
    versions = [simple(house, *(script(f"s{n}", "=1", f"n{n}") for n in range(many)), *ways(many)) for many in range(3)]
    house.begin(versions[0])
    migrate(house, versions[1])
    migrate(house, versions[2])
    house.complete("u")
    with house.database.read() as session:
        history = house.engine.history(session, CASE)
    told = [followed(history, entry, versions[2]) for entry in history]
    first, second = [n for n, entry in enumerate(history) if entry.kind == "run_migrated"]
    assert set(told[:first]) == {versions[0]}
    assert set(told[first:second]) == {versions[1]}
    assert set(told[second:]) == {versions[2]}


def ways(many: int) -> list[str]:
    return [flow("start", f"s{n}") + flow(f"s{n}", "end") for n in range(many)]


def test_another_process_that_remembers_the_run_sees_the_new_version(house: House) -> None:
    house.begin(simple(house))
    other = House(house.database, house.clock)
    longer = deploy(house, start(), user("u", name="Revoir"), user("v"), end(), chain("start", "u", "v", "end"))
    migrate(other, longer)
    house.complete("u")
    assert [task.element for task in house.tasks()] == ["v"]
