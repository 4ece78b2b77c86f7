"""The coordination moves a deadline of a case, on its page and through REST; the page says why the case waits."""

import re
from datetime import timedelta

import pytest

from pathways import catalogue
from tests.admin.conftest import Office
from tests.support import packages

REMINDER = """ <bpmn:boundaryEvent id="remind" name="Relance" attachedToRef="visit" cancelActivity="false">
  <bpmn:outgoing>f9</bpmn:outgoing>
  <bpmn:timerEventDefinition id="e9"><bpmn:timeDuration>P2JO</bpmn:timeDuration></bpmn:timerEventDefinition>
 </bpmn:boundaryEvent>
 <bpmn:endEvent id="reminded" name="Relancé"><bpmn:incoming>f9</bpmn:incoming></bpmn:endEvent>
"""


@pytest.fixture
def case(office: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """A case with a deadline in two working days, on Thursday 26 November at ten."""
    monkeypatch.setattr(packages, "NODES", packages.NODES + REMINDER)
    flow = ' <bpmn:sequenceFlow id="f9" sourceRef="remind" targetRef="reminded"/>\n'
    monkeypatch.setattr(packages, "FLOWS", packages.FLOWS + flow)
    with office.context.database.begin() as session:
        catalogue.publish(session, office.context, packages.package(packages.diagram()), office.lead.id, "Relance")
    return office.open_case()


def address(page: str) -> str:
    found = re.search(r'action="(/suivi/\w+/echeances/\d+\.\d+)"', page)
    assert found
    return found[1]


def test_the_page_says_which_step_waits_by_which_rule_since_when_and_until_when(office: Office, case: str) -> None:
    office.clock.advance(timedelta(hours=3))
    page = office.browser(office.coordinator).get(f"/suivi/{case}").text
    assert "Relance" in page
    assert "P2JO" in page
    assert "attend depuis 3 h" in page
    assert 'value="2026-11-26T10:00"' in page


def test_the_coordination_moves_a_deadline_and_the_history_says_so(office: Office, case: str) -> None:
    browser = office.browser(office.coordinator)
    browser.post(address(browser.get(f"/suivi/{case}").text), echeance="2026-12-01T08:30")
    page = browser.get(f"/suivi/{case}").text
    assert 'value="2026-12-01T08:30"' in page
    assert "Échéance déplacée : Relance" in page
    assert "Sophie DEMO-VIALLET" in page
    office.clock.advance(timedelta(days=3))
    assert office.context.engine.fire_due(office.context.database) == 0
    office.clock.advance(timedelta(days=4))
    assert office.context.engine.fire_due(office.context.database) == 1
    assert "Déplacer l’échéance" not in office.browser(office.coordinator).get(f"/suivi/{case}").text


@pytest.mark.parametrize("moment", ["2026-11-24T09:59", "bientôt", ""])
def test_a_moment_that_is_over_or_none_is_refused(office: Office, case: str, moment: str) -> None:
    browser = office.browser(office.coordinator)
    before = browser.get(f"/suivi/{case}").text
    browser.post(address(before), 422, echeance=moment)
    assert 'value="2026-11-26T10:00"' in browser.get(f"/suivi/{case}").text


def test_who_only_follows_the_cases_moves_nothing(office: Office, case: str) -> None:
    where = address(office.browser(office.coordinator).get(f"/suivi/{case}").text)
    operator = office.browser(office.operator)
    assert "Déplacer l’échéance" not in operator.get(f"/suivi/{case}").text
    operator.post(where, 403, echeance="2026-12-01T08:30")
    office.browser(office.doctor).post(where, 403, echeance="2026-12-01T08:30")


def test_rest_tells_why_a_timer_waits_and_moves_it(office: Office, case: str) -> None:
    browser = office.browser(office.lead)
    (timer,) = browser.get(f"/api/runs/{case}").json["timers"]
    assert (timer["element"], timer["expression"]) == ("remind", "P2JO")
    assert timer["since"] < timer["due_at"]
    where = f"/api/runs/{case}/timers/{timer['id']}"
    browser.send("PUT", where, 204, json={"due_at": "2026-12-01T08:30:00+01:00"})
    assert browser.get(f"/api/runs/{case}").json["timers"][0]["due_at"] == "2026-12-01T07:30:00+00:00"
    browser.send("PUT", where, 422, json={"due_at": "2026-11-01T08:30:00+01:00"})
    browser.send("PUT", where, 422, json={"due_at": "2026-12-01T08:30:00"})
    browser.send("PUT", f"/api/runs/{case}/timers/9999.0", 409, json={"due_at": "2026-12-01T08:30:00Z"})
