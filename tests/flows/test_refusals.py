"""What must be refused is refused at the door of the real server, and the server goes on."""

import re
from typing import Any

import httpx
import pytest

from bench.over_http import FOLDER
from jalon.demo.discharges import STORIES, message
from pathways import catalogue
from pathways.library import read_folder
from tests.support.server import ROOT
from tests.support.town import Town
from tests.support.visitor import Visitor

DIAGRAM = re.sub(r"\s*<bpmn:(incoming|outgoing)>\w+</bpmn:\1>", "", (FOLDER / "trois-taches.bpmn").read_text("utf-8"))
"""Without the lists of flows that elements may keep: those that the tests add are in no list."""
FIRST = '<bpmn:sequenceFlow id="f1" sourceRef="sortie" targetRef="premiere" />'
PYTHON = "__import__('os').system('touch gotcha')"
BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>'
EXTERNAL = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression"'


@pytest.fixture
def lead(town: Town) -> Visitor:
    """The clinical lead, with the small pathway to change."""
    with town.context.database.begin() as session:
        catalogue.publish(session, town.context, read_folder(FOLDER), "test", "")
    return town.visitor("responsable")


def flow(name: str, source: str, target: str, inside: str = "") -> str:
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def with_script() -> str:
    """A script task between the start and the first task."""
    script = f'<bpmn:scriptTask id="x" name="X"><bpmn:script>{PYTHON}</bpmn:script></bpmn:scriptTask>'
    return DIAGRAM.replace(FIRST, script + flow("f1", "sortie", "x") + flow("f0", "x", "premiere"))


def with_condition(condition: str) -> str:
    """A drawn choice after the start: the condition, or straight to the first task."""
    asked = f"<bpmn:conditionExpression {XSI}>{condition}</bpmn:conditionExpression>"
    flows = flow("f1", "sortie", "x") + flow("f0", "x", "premiere") + flow("fx", "x", "deuxieme", asked)
    bounds = '<dc:Bounds x="255" y="135" width="50" height="50" />'
    shapes = f'<bpmndi:BPMNShape id="x_di" bpmnElement="x">{bounds}</bpmndi:BPMNShape>'
    ways = "".join(
        f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}"><di:waypoint x="280" y="160" />'
        f'<di:waypoint x="{end}" y="160" /></bpmndi:BPMNEdge>'
        for name, end in (("f0", 300), ("fx", 480))
    )
    changed = DIAGRAM.replace(FIRST, '<bpmn:exclusiveGateway id="x" name="X ?" default="f0" />' + flows)
    return changed.replace("    </bpmndi:BPMNPlane>", f"{shapes}{ways}    </bpmndi:BPMNPlane>")


def with_timer() -> str:
    """A timer on the first task."""
    after = f"<bpmn:timeDuration>{PYTHON}</bpmn:timeDuration>"
    timer = f'<bpmn:timerEventDefinition id="xt">{after}</bpmn:timerEventDefinition>'
    event = f'<bpmn:boundaryEvent id="x" name="X" attachedToRef="premiere">{timer}</bpmn:boundaryEvent>'
    return DIAGRAM.replace(FIRST, FIRST + event + flow("f0", "x", "deuxieme"))


HOSTILE = {
    "python in a script": (with_script(), "x"),
    "python in a condition": (with_condition("=" + PYTHON), "fx"),
    "python in a timer": (with_timer(), "x"),
    "an XML bomb": (BOMB, ""),
    "an external entity": (EXTERNAL, ""),
}


def test_hostile_diagrams_are_explained_and_never_published(town: Town, lead: Visitor) -> None:
    for name, (content, element) in HOSTILE.items():
        put(lead, content)
        errors = [one for one in checks(lead) if one["severity"] == "error"]
        assert errors, name
        assert not element or element in {one["element"] for one in errors}, name
        assert all(one["message"] and one["hint"] for one in errors), name
        refused = lead.client.post("/atelier/trois-taches/publier", data={"_csrf": token(lead), "note": "essai"})
        assert refused.status_code == 422, name
        assert "root:" not in refused.text, name
    assert not (ROOT / "gotcha").exists()


def test_a_file_of_twenty_megabytes_is_refused(town: Town, lead: Visitor) -> None:
    huge = DIAGRAM.replace("</bpmn:definitions>", f"<!--{'x' * 20_000_000}--></bpmn:definitions>")
    try:
        response = send(lead, huge)
    except (httpx.WriteError, httpx.ReadError):
        response = None  # the server hung up before the whole of it was sent
    assert response is None or response.status_code == 413
    assert lead.client.get("/atelier/trois-taches").status_code == 200


def test_a_condition_that_would_never_end_is_an_incident_and_the_server_goes_on(town: Town, lead: Visitor) -> None:
    endless = "=count(for a in 1..100000, b in 1..100000 return a * b) &gt; 1"
    put(lead, with_condition(endless))
    published = lead.client.post("/atelier/trois-taches/publier", data={"_csrf": token(lead), "note": "essai"})
    assert published.status_code == 303, published.text
    event = message(STORIES[0], town.server.clock.now(), "sans-fin", "VN-99")
    event["sejour"]["diagnostics"] = ["Z00"]
    case = town.processed(town.hospital.post(event, message_id="sans-fin"))["case"]
    with town.context.database.read() as session:
        (incident,) = town.context.engine.look(session, case).incidents
    assert incident.element == "x"
    assert incident.message
    assert town.hospital.look("/health").status_code == 200


def put(lead: Visitor, content: str) -> None:
    assert send(lead, content).status_code == 204


def send(lead: Visitor, content: str) -> httpx.Response:
    headers = {"X-CSRF-Token": token(lead), "content-type": "application/xml"}
    return lead.client.put("/atelier/trois-taches/diagramme.bpmn", content=content.encode(), headers=headers)


def checks(lead: Visitor) -> list[dict[str, Any]]:
    response = lead.client.post("/atelier/trois-taches/controles", headers={"X-CSRF-Token": token(lead)})
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["findings"]
    return found


def token(lead: Visitor) -> str:
    found = re.search(r'"csrf":"([^"]+)"', lead.client.get("/api/session").text.replace('": "', '":"'))
    assert found
    return found[1]
