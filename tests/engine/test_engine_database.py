"""The engine's verbs on both servers: one transaction each, nothing half done, nothing twice."""

import contextlib
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict, NotFound, RunError
from engine import tables
from engine.environment import OperationCall
from tests.engine.house import CASE, House
from tests.support.models import (
    DECISION,
    boundary,
    catch,
    chain,
    definition,
    end,
    extensions,
    flow,
    gateway,
    io,
    lanes,
    on_event,
    rule,
    script,
    service,
    start,
    throw,
    timer,
    user,
    zeebe,
)


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def simple(*more: str) -> tuple[str, ...]:
    return (start(), user("u"), end("fin", name="Terminé"), chain("start", "u", "fin"), *more)


def test_a_run_waits_in_its_rows_and_ends(house: House) -> None:
    house.begin(house.deploy(*simple()), {"age": 80})
    assert [token.element for token in house.look().tokens] == ["u"]
    assert house.variables() == {"age": 80, "dossier": CASE}
    house.complete("u", avis="favorable")
    seen = house.look()
    assert (seen.state, seen.end_state, seen.tokens) == ("completed", "Terminé", ())
    assert seen.scopes[0].variables["avis"] == "favorable"
    assert seen.completed == {"start": 1, "u": 1, "fin": 1}
    assert house.count(tables.token) == 0


def test_a_task_row_says_who_until_when_and_with_what(house: House) -> None:
    schedule = zeebe("taskSchedule", dueDate="=parametres.delai", followUpDate='=date and time("2026-12-01T09:00:00")')
    more = schedule + zeebe("priorityDefinition", priority="=60 + 5") + zeebe("formDefinition", formId="avis")
    swim = lanes(("medecin_traitant__p01", "Médecin traitant", ("start", "u", "v", "end")))
    digest = house.deploy(
        swim,
        start(),
        user("u", role=None, more=more, name="Revoir"),
        user("v", role="ide, infirmiere_coordinatrice"),
        end(),
        chain("start", "u", "v", "end"),
        **{"avis.form": b'{"id": "avis", "components": []}'},
    )
    house.begin(digest, {"parametres": {"delai": "P2JO"}})
    task = house.tasks()[0]
    assert (task.role, task.lane, task.name, task.form) == ("medecin_traitant", "Médecin traitant", "Revoir", "avis")
    assert (task.priority, task.process, task.run) == (65, "p", CASE)
    assert task.due_at == house.clock.now() + timedelta(days=2)
    assert task.follow_up_at.isoformat() == "2026-12-01T08:00:00+00:00"
    house.complete("u")
    with house.database.read() as session:
        task = house.tasks()[0]
        roles = session.scalars(select(tables.task_candidate.c.value).where(tables.task_candidate.c.task == task.id))
        assert sorted(roles) == ["ide", "infirmiere_coordinatrice"]


def test_a_task_that_names_nobody_is_an_incident_and_the_lane_steps_in_when_there_is_one(house: House) -> None:
    chosen = (start(), user("u", role="=equipe"), end(), chain("start", "u", "end"))
    house.begin(house.deploy(*chosen))
    assert house.look().incidents[0].kind == "assignment"
    with house.database.begin() as session:
        house.engine.mend(session, run=CASE, variables={"equipe": ["ide", "kine"]}, actor="admin")
        house.engine.retry(session, incident=house.look().incidents[0].id, actor="admin")
    assert house.tasks()[0].role == "ide"
    house.begin(house.deploy(lanes(("dac", "DAC", ("u",))), *chosen), run="0000000000case02")
    assert [task.role for task in house.tasks() if task.run != CASE] == ["dac"]


def test_the_second_completion_of_a_task_conflicts_and_changes_nothing(house: House) -> None:
    house.begin(house.deploy(*simple()))
    task = house.tasks()[0].id
    house.complete("u", avis="premier")
    with pytest.raises(Conflict, match="déjà été faite"), house.database.begin() as session:
        house.engine.complete(session, task=task, variables={"avis": "second"}, actor="bob")
    assert house.variables()["avis"] == "premier"


def test_two_processes_that_complete_one_task_cannot_both_win(house: House, clock: ManualClock) -> None:
    house.begin(house.deploy(*simple()))
    other = House(house.database, clock)
    task = house.tasks()[0].id
    other.look()
    house.complete("u", avis="premier")
    with pytest.raises(Conflict), other.database.begin() as session:
        other.engine.complete(session, task=task, variables={"avis": "second"}, actor="bob")
    assert house.journal().count("task_completed") == 1


def test_a_task_that_nobody_knows_is_not_found(house: House) -> None:
    with pytest.raises(NotFound), house.database.begin() as session:
        house.engine.complete(session, task="nothing", variables={}, actor="bob")


def test_a_transaction_that_rolls_back_leaves_the_run_as_it_was(house: House) -> None:
    house.begin(house.deploy(*simple()))
    task = house.tasks()[0].id
    with contextlib.suppress(ZeroDivisionError), house.database.begin() as session:
        house.engine.complete(session, task=task, variables={"avis": "perdu"}, actor="anne")
        raise ZeroDivisionError
    assert [task.element for task in house.tasks()] == ["u"]
    house.complete("u", avis="gardé")
    assert house.variables()["avis"] == "gardé"


def test_the_same_case_cannot_be_started_twice(house: House) -> None:
    digest = house.deploy(*simple())
    house.begin(digest)
    with pytest.raises(Conflict):
        house.begin(digest)


def test_a_definition_is_stored_once_and_read_back(house: House, clock: ManualClock) -> None:
    digest = house.deploy(*simple())
    assert house.deploy(*simple().__class__(simple())) != ""
    with house.database.read() as session:
        assert House(house.database, clock).engine.definition(session, digest).digest == digest
        with pytest.raises(NotFound):
            house.engine.definition(session, "0" * 64)


def test_an_expression_without_a_value_stops_the_token_and_can_be_tried_again(house: House) -> None:
    digest = house.deploy(
        start(),
        user("u"),
        gateway("exclusive", "g", default="f"),
        end("a"),
        end("b"),
        chain("start", "u", "g"),
        flow("g", "a", '=avis = "oui" or age > 75'),
        flow("g", "b", id="f"),
    )
    house.begin(digest)
    house.complete("u", avis="non")
    seen = house.look()
    assert [token.state for token in seen.tokens] == ["incident"]
    assert "donne rien (null) au lieu de vrai ou faux : variable inconnue « age »" in seen.incidents[0].message
    assert seen.scopes[0].variables["avis"] == "non"
    with house.database.begin() as session:
        house.engine.mend(session, run=CASE, variables={"age": 80}, actor="admin")
        house.engine.retry(session, incident=seen.incidents[0].id, actor="admin")
    assert house.look().end_state == "a"
    assert house.look().incidents[0].state == "resolved"
    with pytest.raises(Conflict), house.database.begin() as session:
        house.engine.retry(session, incident=seen.incidents[0].id, actor="admin")


def test_an_answer_is_kept_when_what_follows_from_it_fails(house: House) -> None:
    digest = house.deploy(
        start(),
        user("u", more=io({}, {"score": '=points + assert(base, base > 0, "base manque")'})),
        end(),
        chain("start", "u", "end"),
    )
    house.begin(digest, {"base": 0})
    house.complete("u", points=3)
    assert [task.element for task in house.tasks("completed")] == ["u"]
    assert "base manque" in house.look().incidents[0].message
    with house.database.begin() as session:
        house.engine.mend(session, run=CASE, variables={"base": 4}, actor="admin")
        house.engine.retry(session, incident=house.look().incidents[0].id, actor="admin")
    assert house.look().state == "completed"
    assert house.variables()["score"] == 7


def test_a_failing_operation_leaves_nothing_behind_and_says_so(database: Database, clock: ManualClock) -> None:
    broken = [True]

    def write(call: OperationCall) -> dict[str, Any]:
        row = {"tenant": "demo", "digest": f"of {call.run}", "created_at": call.now}
        call.session.execute(insert(tables.definition), row)
        if broken[0]:
            raise ZeroDivisionError("secret")
        return {"rendu": call.variables["avis"]}

    house = House(database, clock, {"écrire": write})
    house.begin(house.deploy(start(), user("u"), service("op", "écrire"), end(), chain("start", "u", "op", "end")))
    before = house.count(tables.definition)
    house.complete("u", avis="oui")
    seen = house.look()
    assert [(i.element, i.kind, i.message) for i in seen.incidents] == [
        ("op", "internal", "Une erreur interne a arrêté cette étape.")
    ]
    assert seen.incidents[0].detail.startswith("ZeroDivisionError (test_engine_database.py:")
    assert house.count(tables.definition) == before
    broken[0] = False
    with house.database.begin() as session:
        house.engine.retry(session, incident=seen.incidents[0].id, actor="admin")
    assert house.count(tables.definition) == before + 1
    assert house.variables()["rendu"] == "oui"


def test_what_an_operation_wrote_goes_when_its_output_mapping_fails(database: Database, clock: ManualClock) -> None:
    def write(call: OperationCall) -> dict[str, Any]:
        call.session.execute(insert(tables.definition), {"tenant": "demo", "digest": "x", "created_at": call.now})
        return {}

    house = House(database, clock, {"écrire": write})
    broken = io({}, {"v": '=assert(1, 2 > 3, "jamais")'})
    house.begin(house.deploy(start(), service("op", "écrire", broken), end(), chain("start", "op", "end")))
    assert house.count(tables.definition) == 1
    assert len(house.look().incidents) == 1


def test_an_answer_that_would_keep_a_function_stops_in_words_and_is_not_lost(house: House) -> None:
    kept = io({}, {"v": "={f: function(x) x + avis}"})
    house.begin(house.deploy(start(), user("u", more=kept), end(), chain("start", "u", "end")))
    house.complete("u", avis=2)
    (incident,) = house.look().incidents
    assert incident.element == "u"
    assert "fonction ne se garde pas" in incident.message
    assert "v" not in house.variables()


def test_an_operation_says_in_french_why_it_stops(database: Database, clock: ManualClock) -> None:
    def refuse(call: OperationCall) -> dict[str, Any]:
        raise RunError("Aucun créneau n’est ouvert.")

    house = House(database, clock, {"réserver": refuse})
    house.begin(house.deploy(start(), service("op", "réserver"), end(), chain("start", "op", "end")))
    assert house.look().incidents[0].message == "Aucun créneau n’est ouvert."


def test_an_unknown_operation_becomes_a_job_whose_result_comes_back(house: House) -> None:
    house.begin(house.deploy(start(), service("op", "ailleurs"), end(), chain("start", "op", "end")))
    kind, payload = house.queue.asked[0]
    assert (kind, payload["type"]) == ("operation.run", "ailleurs")
    token = int(payload["token"])
    with house.database.begin() as session:
        house.engine.fail_job(session, run=CASE, token=token, code=None, message="Le service ne répond pas.")
    incident = house.look().incidents[0]
    assert incident.message == "Le service ne répond pas."
    with house.database.begin() as session:
        house.engine.retry(session, incident=incident.id, actor="admin")
    assert len(house.queue.asked) == 2
    with house.database.begin() as session:
        house.engine.finish_job(session, run=CASE, token=token, variables={"ok": True})
    assert house.look().state == "completed"


def test_a_message_that_nobody_waits_for_is_kept_and_delivered_once(house: House) -> None:
    digest = house.deploy(
        start(),
        user("u"),
        catch("c", definition("message", "m")),
        user("v"),
        end(),
        chain("start", "u", "c", "v", "end"),
    )
    house.begin(digest)
    assert house.correlate("lettre", page=3) is None
    assert house.correlate("lettre", page=4) is None
    house.complete("u")
    assert [task.element for task in house.tasks()] == ["v"]
    assert house.variables()["page"] == 3
    assert house.correlate("lettre", page=5) == CASE
    assert house.variables()["page"] == 3


def test_a_message_finds_the_case_that_waits_and_only_once(house: House) -> None:
    digest = house.deploy(
        start(),
        user("u"),
        boundary("b", "u", definition("message", "m"), cancels=False),
        script("n", "=n + 1", "n"),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "n", "e2"),
    )
    house.begin(digest, {"n": 0})
    house.begin(digest, {"n": 0}, run="0000000000case02")
    assert house.correlate("lettre", key="0000000000case02") == "0000000000case02"
    assert house.correlate("lettre", key="0000000000case02") == "0000000000case02"
    assert house.look("0000000000case02").scopes[0].variables["n"] == 1
    assert house.variables()["n"] == 0
    assert house.correlate("lettre", key="0000000000case02", id="id2") == "0000000000case02"
    assert house.look("0000000000case02").scopes[0].variables["n"] == 2


def test_a_kept_message_is_delivered_by_the_sweep_when_both_came_at_once(house: House) -> None:
    house.begin(house.deploy(start(), catch("c", definition("message", "m")), end(), chain("start", "c", "end")))
    with house.database.begin() as session:
        row = {"tenant": "demo", "message": "lettre", "key": CASE, "message_id": "x", "payload": b"{}", "actor": "chu"}
        now = house.clock.now()
        session.execute(
            insert(tables.message_buffer), row | {"received_at": now, "expires_at": now + timedelta(days=1)}
        )
    assert house.engine.fire_due(house.database) == 1
    assert house.look().state == "completed"
    assert house.engine.fire_due(house.database) == 0


def test_timers_fire_when_due_each_once(house: House, clock: ManualClock) -> None:
    digest = house.deploy(
        start(),
        user("u"),
        boundary("b", "u", timer("timeDuration", "=parametres.relance"), cancels=False),
        throw("t", definition("message", "m"), io({"motif": '="relance"'})),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "t", "e2"),
    )
    house.begin(digest, {"parametres": {"relance": "P2D"}})
    assert house.look().timers[0].due_at == clock.now() + timedelta(days=2)
    assert house.engine.fire_due(house.database) == 0
    clock.advance(timedelta(days=2))
    assert house.engine.fire_due(house.database) == 1
    assert house.engine.fire_due(house.database) == 0
    with house.database.read() as session:
        sent = session.execute(select(tables.outbox)).one()
    assert (sent.kind, sent.name, sent.key, orjson.loads(sent.payload)) == (
        "message",
        "lettre",
        CASE,
        {"motif": "relance"},
    )
    assert [(kind, payload["outbox"]) for kind, payload in house.queue.asked] == [("message.route", sent.id)]
    assert house.look().completed["t"] == 1


def test_an_interrupted_task_is_cancelled_and_its_answer_comes_too_late(house: House, clock: ManualClock) -> None:
    digest = house.deploy(
        start(),
        user("u"),
        boundary("b", "u", timer("timeDuration", "PT4H")),
        user("v"),
        end("e2"),
        end(),
        chain("start", "u", "end"),
        chain("b", "v", "e2"),
    )
    house.begin(digest)
    late = house.tasks()[0].id
    clock.advance(timedelta(hours=5))
    house.engine.fire_due(house.database)
    assert [task.element for task in house.tasks("cancelled")] == ["u"]
    with pytest.raises(Conflict, match="autre chemin"), house.database.begin() as session:
        house.engine.complete(session, task=late, variables={}, actor="anne")


def test_a_decision_is_made_and_explained_in_the_journal(house: House) -> None:
    digest = house.deploy(
        start(), rule("r", "urgence", "urgence"), end(), chain("start", "r", "end"), **{"u.dmn": DECISION}
    )
    house.begin(digest, {"nihss": 7})
    assert house.variables()["urgence"] == "haute"
    with house.database.read() as session:
        made = next(e for e in house.engine.history(session, CASE) if e.kind == "decision_made")
    assert (made.detail["decision"], made.detail["name"]) == ("urgence", "Urgence")
    assert made.detail["inputs"] == {"nihss": 7}
    assert made.detail["tables"] == [
        {"table": "urgence", "rules": [{"rule": 2, "id": "r2", "note": ""}], "output": "haute"}
    ]


def test_a_decision_without_an_answer_is_an_incident(house: House) -> None:
    digest = house.deploy(
        start(), rule("r", "urgence", "urgence"), end(), chain("start", "r", "end"), **{"u.dmn": DECISION}
    )
    house.begin(digest, {"nihss": 99})
    assert house.look().incidents[0].kind == "decision"


def test_a_run_can_be_cancelled_once(house: House) -> None:
    house.begin(house.deploy(*simple()))
    with house.database.begin() as session:
        house.engine.cancel(session, run=CASE, actor="admin", reason="Erreur de saisie")
    seen = house.look()
    assert (seen.state, seen.end_state) == ("cancelled", "Erreur de saisie")
    assert [task.element for task in house.tasks("cancelled")] == ["u"]
    assert house.journal()[-1] == "run_cancelled"
    with pytest.raises(Conflict), house.database.begin() as session:
        house.engine.cancel(session, run=CASE, actor="admin", reason="encore")


def test_a_message_starts_a_run_with_its_values(house: House) -> None:
    digest = house.deploy(
        start("start", extensions(io({}, {"nom_service": "=service.nom"})), definition("message", "m")),
        user("u"),
        end(),
        chain("start", "u", "end"),
    )
    house.begin(digest, {"service": {"nom": "UNV"}}, message="lettre")
    assert house.variables()["nom_service"] == "UNV"
    with pytest.raises(NotFound):
        house.begin(digest, run="0000000000case03", message="inconnu")


def test_an_event_sub_process_may_listen_with_what_the_starting_message_brought(house: House) -> None:
    stop = on_event("h", definition("message", "m"), user("v"), end("e2"), chain("h_start", "v", "e2"))
    digest = house.deploy(
        start("start", extensions(io({}, {"dossier": "=cas"})), definition("message", "m")),
        user("u"),
        end(),
        chain("start", "u", "end"),
        stop,
    )
    house.begin(digest, {"cas": CASE}, message="lettre")
    assert house.look().incidents == ()
    assert house.correlate("lettre") == CASE
    assert [task.element for task in house.tasks()] == ["v"]


def test_a_signal_is_heard_by_the_other_runs(house: House) -> None:
    digest = house.deploy(
        start(),
        catch("c", definition("signal", "S")),
        end(),
        chain("start", "c", "end"),
        given='<bpmn:signal id="S" name="canicule"/>',
    )
    house.begin(digest)
    house.begin(digest, run="0000000000case02")
    with house.database.begin() as session:
        assert house.engine.broadcast(session, signal="canicule", variables={}, actor="ars", sender=CASE) == 1
    assert (house.look().state, house.look("0000000000case02").state) == ("active", "completed")


def test_a_condition_that_loops_for_ever_is_an_incident(house: House) -> None:
    digest = house.deploy(
        start(),
        gateway("exclusive", "g", default="f"),
        end("a"),
        end("b"),
        chain("start", "g"),
        flow("g", "b", id="f"),
        flow("g", "a", "=count(for i in 1..100000000 return i) > 3"),
    )
    house.begin(digest)
    assert "pas pu être calculée" in house.look().incidents[0].message


def test_a_diagram_that_turns_for_ever_is_an_incident(house: House) -> None:
    digest = house.deploy(
        start(),
        gateway("exclusive", "g", default="f"),
        script("s", "=1", "x"),
        end(),
        chain("start", "g"),
        flow("g", "end", "=false"),
        flow("g", "s", id="f"),
        chain("s", "g"),
    )
    house.begin(digest)
    assert [i.kind for i in house.look().incidents] == ["endless-loop"]
