"""A small pathway that really runs: discharge, a visit, a decision, a milestone, the letter, two ends."""

import re
from pathlib import Path

import orjson

from pathways.packages import Package

NODES = """
 <bpmn:startEvent id="start" name="Sortie"><bpmn:outgoing>f1</bpmn:outgoing>
  <bpmn:messageEventDefinition id="e1" messageRef="m_sortie"/></bpmn:startEvent>
 <bpmn:userTask id="visit" name="Visite"><bpmn:extensionElements><zeebe:userTask/>
  <zeebe:formDefinition formId="visite"/><zeebe:taskSchedule dueDate="=now() + duration(parametres.delai)"/>
 </bpmn:extensionElements><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
 <bpmn:businessRuleTask id="rule" name="Décider"><bpmn:extensionElements>
  <zeebe:calledDecision decisionId="priorite" resultVariable="priorite"/></bpmn:extensionElements>
  <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:businessRuleTask>
 <bpmn:serviceTask id="record" name="Relancer"><bpmn:extensionElements>
  <zeebe:taskDefinition type="tache.relancer"/><zeebe:ioMapping>
   <zeebe:input source="=&quot;visit&quot;" target="tache"/><zeebe:output source="=true" target="relance"/>
  </zeebe:ioMapping></bpmn:extensionElements>
  <bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f4</bpmn:outgoing></bpmn:serviceTask>
 <bpmn:intermediateThrowEvent id="tell" name="Inclusion"><bpmn:extensionElements><zeebe:ioMapping>
   <zeebe:input source="=priorite" target="priorite"/></zeebe:ioMapping></bpmn:extensionElements>
  <bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f5</bpmn:outgoing>
  <bpmn:messageEventDefinition id="e3" messageRef="m_inclusion"/></bpmn:intermediateThrowEvent>
 <bpmn:exclusiveGateway id="choice" name="Lettre reçue ?" default="f7">
  <bpmn:incoming>f5</bpmn:incoming><bpmn:outgoing>f6</bpmn:outgoing><bpmn:outgoing>f7</bpmn:outgoing>
 </bpmn:exclusiveGateway>
 <bpmn:intermediateCatchEvent id="letter" name="Lettre">
  <bpmn:incoming>f6</bpmn:incoming><bpmn:outgoing>f8</bpmn:outgoing>
  <bpmn:messageEventDefinition id="e2" messageRef="m_document"/></bpmn:intermediateCatchEvent>
 <bpmn:endEvent id="done" name="Stabilisé">
  <bpmn:incoming>f7</bpmn:incoming><bpmn:incoming>f8</bpmn:incoming></bpmn:endEvent>
"""

CANCELLATION = """
 <bpmn:subProcess id="cancelled" name="Annulation" triggeredByEvent="true">
  <bpmn:startEvent id="cancel_start" name="Annulée"><bpmn:outgoing>c1</bpmn:outgoing>
   <bpmn:messageEventDefinition id="e4" messageRef="m_annulation"/></bpmn:startEvent>
  <bpmn:sequenceFlow id="c1" sourceRef="cancel_start" targetRef="cancel_end"/>
  <bpmn:endEvent id="cancel_end" name="Annulé"><bpmn:incoming>c1</bpmn:incoming>
   <bpmn:terminateEventDefinition id="e5"/></bpmn:endEvent>
 </bpmn:subProcess>
"""

FLOWS = """
 <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="visit"/>
 <bpmn:sequenceFlow id="f2" sourceRef="visit" targetRef="rule"/>
 <bpmn:sequenceFlow id="f3" sourceRef="rule" targetRef="record"/>
 <bpmn:sequenceFlow id="f4" sourceRef="record" targetRef="tell"/>
 <bpmn:sequenceFlow id="f5" sourceRef="tell" targetRef="choice"/>
 <bpmn:sequenceFlow id="f6" sourceRef="choice" targetRef="letter">
  <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"
  >=lettre_recue = false and rankin &gt; 0</bpmn:conditionExpression></bpmn:sequenceFlow>
 <bpmn:sequenceFlow id="f7" sourceRef="choice" targetRef="done"/>
 <bpmn:sequenceFlow id="f8" sourceRef="letter" targetRef="done"/>
"""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">
<bpmn:message id="m_sortie" name="sortie"/><bpmn:message id="m_inclusion" name="inclusion"/>
<bpmn:message id="m_document" name="document">
 <bpmn:extensionElements><zeebe:subscription correlationKey="=dossier"/></bpmn:extensionElements></bpmn:message>
<bpmn:message id="m_annulation" name="annulation">
 <bpmn:extensionElements><zeebe:subscription correlationKey="=dossier"/></bpmn:extensionElements></bpmn:message>
<bpmn:process id="p" isExecutable="true">
"""

DRAWN = re.compile(r'<bpmn:(\w*(?:Event|Task|Gateway|subProcess|sequenceFlow|lane)) id="(\w+)"')


def diagram() -> str:
    """The whole file, with a lane that holds every node and a place in the picture for each element."""
    nodes = re.findall(r'^ <bpmn:\w+ id="(\w+)"', NODES + CANCELLATION, re.MULTILINE)
    refs = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes)
    lane = f'<bpmn:laneSet id="lanes"><bpmn:lane id="medecin_traitant" name="Médecin">{refs}</bpmn:lane></bpmn:laneSet>'
    body = lane + NODES + CANCELLATION + FLOWS
    places = "".join(_place(kind, element) for kind, element in DRAWN.findall(body))
    picture = '<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="p">'
    return f"{HEAD}{body}</bpmn:process>{picture}{places}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"


def _place(kind: str, element: str) -> str:
    shape = "BPMNEdge" if kind == "sequenceFlow" else "BPMNShape"
    return f'<bpmndi:{shape} id="di_{element}" bpmnElement="{element}"/>'


DIAGRAM = diagram()

DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="t">
<decision id="priorite" name="priorite"><decisionTable id="t" hitPolicy="FIRST">
<input id="i1"><inputExpression id="ie1" typeRef="number"><text>rankin</text></inputExpression></input>
<output id="o1" name="priorite" typeRef="string"/>
<rule id="r1"><inputEntry id="c1"><text>&gt;= 3</text></inputEntry>
<outputEntry id="c2"><text>"P1"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c3"><text>-</text></inputEntry>
<outputEntry id="c4"><text>"P3"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""

FORM = {
    "id": "visite",
    "components": [
        {
            "id": "a",
            "type": "number",
            "key": "rankin",
            "label": "Rankin",
            "validate": {"required": True, "max": 6},
            "properties": {"categorie": "fonction"},
        }
    ],
}

MANIFEST = {
    "key": "essai",
    "titre": "Essai",
    "mission": "m",
    "statut": "modèle – à valider",
    "auteur": "a",
    "date": "2026-11-21",
    "sources": ["s"],
    "process": "p",
    "declencheurs": [{"type": "sortie"}],
    "parametres": {"delai": {"valeur": "P2D", "libelle": "Délai", "source": "local"}},
}


def package(diagram: str = DIAGRAM, form: object = FORM, decision: str = DECISION, **manifest: object) -> Package:
    """The package, whole or with one file changed; other names are changes of its `parcours.json`."""
    return Package(
        {
            "parcours.json": orjson.dumps({**MANIFEST, **manifest}),
            "essai.bpmn": diagram.encode(),
            "formulaires/visite.form": form if isinstance(form, bytes) else orjson.dumps(form),
            "decisions/priorite.dmn": decision.encode(),
        }
    )


def write_folder(folder: Path, diagram: str = DIAGRAM) -> Path:
    """The package as a folder of files."""
    for path, content in package(diagram).files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
