"""What a SIGKILL leaves: nothing half done, nothing lost, nothing twice."""

from collections import Counter

from jalon.demo.discharges import STORIES
from tests.flows.test_stroke_pathway import CONSENT
from tests.support.town import Town


def test_a_server_killed_right_after_the_202_still_opens_the_case_once(town: Town) -> None:
    posted = town.discharge(STORIES[0], "coupure-1", "VN-21")
    town.server.kill()
    assert posted.status_code == 202
    town.server.start()
    case = town.processed(posted)["case"]
    assert town.cases() == [case]
    assert town.titles("coordinatrice") == ["Recueillir le consentement"]
    again = town.discharge(STORIES[0], "coupure-1", "VN-21")
    assert again.headers["location"] == posted.headers["location"]
    town.quiet()
    assert town.cases() == [case]


def test_a_server_killed_right_after_an_answer_goes_on_from_it(town: Town) -> None:
    case = town.processed(town.discharge(STORIES[0], "coupure-2", "VN-22"))["case"]
    task = town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    town.server.kill()
    town.server.start()
    inclusion, *_ = town.hospital.callbacks(1, kind="jalon.inclusion")  # once more when it was cut while it was told
    town.task("medecin", "Fixer le rendez-vous")
    town.quiet()
    kinds = Counter((entry.kind, entry.element) for entry in town.history(case))
    assert kinds["task_completed", "recueillir_consentement"] == 1
    assert kinds["message_thrown", "inclusion"] == 1
    assert {call.id for call in town.hospital.callbacks(kind="jalon.inclusion")} == {inclusion.id}
    twice = town.visitor("coordinatrice").client.get(f"/taches/{task}")
    assert "a répondu" in twice.text


def test_a_server_killed_between_two_answers_loses_neither(town: Town) -> None:
    case = town.processed(town.discharge(STORIES[0], "coupure-3", "VN-23"))["case"]
    town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    town.answer("infirmiere", "Visite infirmière", issue="faite", pa_sys="142", pa_dia="84")
    town.server.restart()
    town.answer(
        "pharmacienne", "Conciliation médicamenteuse", divergence_type="aucune", nb_lignes="7", nb_divergences="0"
    )
    done = [entry.element for entry in town.history(case) if entry.kind == "task_completed"]
    assert done == ["recueillir_consentement", "visite_infirmiere", "conciliation"]
