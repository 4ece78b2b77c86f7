"""Each care rule finds what it is there for, at its place, and leaves a sound pathway alone."""

from collections.abc import Callable

import orjson
import pytest

from engine.findings import Finding
from pathways.checks import RULES
from pathways.checks.subject import read_subject
from pathways.packages import Package

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">
<bpmn:message id="m_sortie" name="sortie"/>
<bpmn:message id="m_document" name="document">
 <bpmn:extensionElements><zeebe:subscription correlationKey="=dossier"/></bpmn:extensionElements>
</bpmn:message>
<bpmn:process id="p" isExecutable="true">
 <bpmn:laneSet id="lanes"><bpmn:lane id="medecin_traitant" name="Médecin">
  <bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>visit</bpmn:flowNodeRef>
  <bpmn:flowNodeRef>choice</bpmn:flowNodeRef><bpmn:flowNodeRef>letter</bpmn:flowNodeRef>
  <bpmn:flowNodeRef>rule</bpmn:flowNodeRef><bpmn:flowNodeRef>call</bpmn:flowNodeRef>
  <bpmn:flowNodeRef>done</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
 <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing>
  <bpmn:messageEventDefinition id="e1" messageRef="m_sortie"/></bpmn:startEvent>
 <bpmn:userTask id="visit" name="Visite"><bpmn:extensionElements><zeebe:userTask/>
  <zeebe:formDefinition formId="visite"/><zeebe:taskSchedule dueDate="=now()"/>
 </bpmn:extensionElements></bpmn:userTask>
 <bpmn:businessRuleTask id="rule" name="Décider"><bpmn:extensionElements>
  <zeebe:calledDecision decisionId="priorite" resultVariable="priorite"/>
 </bpmn:extensionElements></bpmn:businessRuleTask>
 <bpmn:intermediateCatchEvent id="letter" name="Lettre">
  <bpmn:messageEventDefinition id="e2" messageRef="m_document"/></bpmn:intermediateCatchEvent>
 <bpmn:endEvent id="done" name="Stabilisé"/>
 <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="visit"/>
 <bpmn:sequenceFlow id="f2" sourceRef="visit" targetRef="rule"/>
 <bpmn:sequenceFlow id="f3" sourceRef="rule" targetRef="letter">
  <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"
  >=priorite = "P1" and rankin &gt; 2</bpmn:conditionExpression>
 </bpmn:sequenceFlow>
 <bpmn:sequenceFlow id="f4" sourceRef="letter" targetRef="done"/>
</bpmn:process>
<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="p">
 <bpmndi:BPMNShape id="s1" bpmnElement="start"/><bpmndi:BPMNShape id="s2" bpmnElement="visit"/>
 <bpmndi:BPMNShape id="s3" bpmnElement="rule"/><bpmndi:BPMNShape id="s4" bpmnElement="letter"/>
 <bpmndi:BPMNShape id="s5" bpmnElement="done"/><bpmndi:BPMNShape id="s6" bpmnElement="medecin_traitant"/>
 <bpmndi:BPMNEdge id="g1" bpmnElement="f1"/><bpmndi:BPMNEdge id="g2" bpmnElement="f2"/>
 <bpmndi:BPMNEdge id="g3" bpmnElement="f3"/><bpmndi:BPMNEdge id="g4" bpmnElement="f4"/>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""

DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="t">
<decision id="priorite" name="priorite"><decisionTable id="t" hitPolicy="FIRST">
<input id="i1"><inputExpression id="ie1"><text>rankin</text></inputExpression></input>
<output id="o1"/><rule id="r1"><inputEntry id="c1"><text>-</text></inputEntry>
<outputEntry id="c2"><text>"P1"</text></outputEntry></rule></decisionTable></decision></definitions>"""

FORM = {"id": "visite", "components": [{"id": "a", "type": "number", "key": "rankin", "label": "Rankin"}]}

MANIFEST = {
    "key": "essai",
    "titre": "Essai",
    "mission": "m",
    "statut": "modèle – à valider",
    "auteur": "a",
    "date": "2026-11-21",
    "sources": ["s"],
    "process": "p",
    "parametres": {"delai": {"valeur": "P2D", "libelle": "Délai", "source": "local"}},
}


def package(diagram: str = DIAGRAM, form: object = FORM, decision: str = DECISION, **manifest: object) -> Package:
    return Package(
        {
            "parcours.json": orjson.dumps({**MANIFEST, **manifest}),
            "essai.bpmn": diagram.encode(),
            "formulaires/visite.form": form if isinstance(form, bytes) else orjson.dumps(form),
            "decisions/priorite.dmn": decision.encode(),
        }
    )


def findings(package: Package) -> list[Finding]:
    subject = read_subject(package)
    return [found for rule in RULES for found in rule(subject)]


def changed(old: str, new: str) -> str:
    assert old in DIAGRAM
    return DIAGRAM.replace(old, new)


def field(**changes: object) -> dict[str, object]:
    return {**FORM, "components": [{**FORM["components"][0], **changes}]}  # type: ignore[dict-item]  # one literal


def test_a_sound_pathway_has_no_finding() -> None:
    assert findings(package()) == []


CASES: list[tuple[str, str, Callable[[], Package]]] = [
    ("main-process-missing", "", lambda: package(process="q")),
    ("main-process-not-executable", "p", lambda: package(changed('isExecutable="true"', 'isExecutable="false"'))),
    ("task-without-role", "visit", lambda: package(changed("<bpmn:flowNodeRef>visit</bpmn:flowNodeRef>", ""))),
    ("task-role-unknown", "visit", lambda: package(DIAGRAM.replace("medecin_traitant", "chamane"))),
    (
        "task-role-unknown",
        "visit",
        lambda: package(changed("<zeebe:userTask/>", '<zeebe:assignmentDefinition candidateGroups="ipa, chamane"/>')),
    ),
    ("task-without-form", "visit", lambda: package(changed('<zeebe:formDefinition formId="visite"/>', ""))),
    ("form-missing", "visit", lambda: package(changed('formId="visite"', 'formId="autre"'))),
    ("form-unused", "", lambda: package(changed('formId="visite"', 'formId="autre"'))),
    ("form-unreadable", "", lambda: package(form=b"{")),
    ("form-field-unsupported", "a", lambda: package(form=field(type="iframe"))),
    ("form-label-missing", "a", lambda: package(form=field(label=""))),
    ("form-key-twice", "a", lambda: package(form={**FORM, "components": FORM["components"] * 2})),  # type: ignore[operator]
    ("identity-in-form", "a", lambda: package(form=field(key="date_naissance"))),
    ("decision-missing", "rule", lambda: package(changed('decisionId="priorite"', 'decisionId="autre"'))),
    ("decision-input-unknown", "i1", lambda: package(decision=DECISION.replace("rankin", "glasgow"))),
    ("message-without-correlation", "m_document", lambda: package(changed('correlationKey="=dossier"', ""))),
    ("message-missing", "letter", lambda: package(changed('messageRef="m_document"', 'messageRef="m_x"'))),
    (
        "called-process-missing",
        "call",
        lambda: package(
            changed(
                '<bpmn:endEvent id="done"',
                '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="c00"/>'
                '</bpmn:extensionElements></bpmn:callActivity><bpmn:endEvent id="done"',
            )
        ),
    ),
    ("element-without-position", "f4", lambda: package(changed('<bpmndi:BPMNEdge id="g4" bpmnElement="f4"/>', ""))),
    ("element-without-position", "visit", lambda: package(changed('bpmnElement="visit"', 'bpmnElement="x"'))),
    ("task-without-due-date", "visit", lambda: package(changed('<zeebe:taskSchedule dueDate="=now()"/>', ""))),
    ("end-without-name", "done", lambda: package(changed('id="done" name="Stabilisé"', 'id="done"'))),
    ("variable-never-written", "f3", lambda: package(changed("rankin", "glasgow"))),
    ("manifest-incomplete", "", lambda: package(auteur="")),
    ("manifest-incomplete", "", lambda: package(parametres={"delai": {"valeur": "P2D"}})),
]


@pytest.mark.parametrize(("code", "element", "build"), CASES)
def test_a_rule_finds_its_fault_at_its_place(code: str, element: str, build: Callable[[], Package]) -> None:
    found = [one for one in findings(build()) if one.code == code]
    assert [one.element for one in found][:1] == [element]
    assert all(one.message and one.hint for one in found)


def test_a_variable_that_identifies_the_patient_is_refused() -> None:
    mapped = changed(
        "<zeebe:userTask/>", '<zeebe:ioMapping><zeebe:output source="=x" target="patient_tel"/>'
        '<zeebe:output source="=x" target="patient.nom"/></zeebe:ioMapping>',
    )  # fmt: skip
    assert [(one.code, one.element) for one in findings(package(mapped))] == [("identity-in-variable", "visit")]
