"""A pathway whose every answer is a planted word, one for each category, and a case of it full of other such words."""

import io
import json
import re
import zipfile
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from urllib.parse import unquote

from sqlalchemy.orm import Session

from base.ids import new_id
from care.case import attachments, cases, thread
from care.case.thread import Words
from care.identity import patients
from care.identity.identity import Identity
from care.sharing.visibility import CATEGORIES
from inbox.desk import Desk
from inbox.task import drafts
from pathways import catalogue
from pathways.context import Context
from pathways.packages import Package
from people.persons import Person
from tests.support.rights_rows import PROOF, REASON

KEY, PROCESS = "temoin", "p_temoin"
NAME, STREET, CALLED, INS = "ZZNOMZZ", "ZZRUEZZ", "+33639981777", "279035121519088"
SOUGHT = "Cherchezz"
"""The given name: what a search is for may stand in its own box."""
ANSWERS = {category: f"ZZ{category.upper()}ZZ" for category in CATEGORIES}
REMARK, QUESTION, FILE, FILE_NAME, DRAFT = (
    "ZZECHANGEZZ",
    "ZZQUESTIONZZ",
    "ZZFICHIERZZ",
    "ZZNOMFICHIERZZ",
    "ZZBROUILLONZZ",
)
IDENTITY = frozenset({NAME, STREET, CALLED[3:], ANSWERS["identite"]})
PLANTED = IDENTITY | {*ANSWERS.values(), INS, REMARK, QUESTION, FILE, FILE_NAME, DRAFT, REASON, PROOF}
ENCODED = re.compile(r"[A-Za-z0-9+/]{12,}={0,2}")
LINK = re.compile(r'(?:href|src|action|hx-get|hx-post|data-[a-z-]*url)="([^"]*)"')

_BPMN = "http://www.omg.org/spec/BPMN/20100524"
DIAGRAM = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{_BPMN}/MODEL" xmlns:bpmndi="{_BPMN}/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="temoin" targetNamespace="https://jalon.test/temoin">
  <bpmn:process id="{PROCESS}" name="Témoin" isExecutable="true">
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="ide_liberale" name="Infirmier"><bpmn:flowNodeRef>sortie</bpmn:flowNodeRef><bpmn:flowNodeRef>recueil</bpmn:flowNodeRef><bpmn:flowNodeRef>partage</bpmn:flowNodeRef></bpmn:lane>
      <bpmn:lane id="medecin_traitant" name="Médecin"><bpmn:flowNodeRef>relecture</bpmn:flowNodeRef><bpmn:flowNodeRef>bloquee</bpmn:flowNodeRef><bpmn:flowNodeRef>fin</bpmn:flowNodeRef><bpmn:flowNodeRef>fin_autre</bpmn:flowNodeRef></bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="sortie" name="Sortie"><bpmn:extensionElements><zeebe:properties><zeebe:property name="jalon:colonne" value="rep_clinique : Santé : clinique ; rep_social : Social : social ; rep_administratif : Suivi : administratif" /></zeebe:properties></bpmn:extensionElements><bpmn:outgoing>f1</bpmn:outgoing><bpmn:messageEventDefinition id="m1" messageRef="message_sortie" /></bpmn:startEvent>
    <bpmn:userTask id="recueil" name="Recueil"><bpmn:extensionElements><zeebe:userTask /><zeebe:formDefinition formId="temoin" /><zeebe:assignmentDefinition candidateGroups="ide_liberale" /></bpmn:extensionElements><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:parallelGateway id="partage"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing><bpmn:outgoing>f4</bpmn:outgoing></bpmn:parallelGateway>
    <bpmn:userTask id="relecture" name="Relecture"><bpmn:extensionElements><zeebe:userTask /><zeebe:formDefinition formId="temoin" /><zeebe:assignmentDefinition candidateGroups="medecin_traitant" /><zeebe:taskSchedule dueDate="=now() + duration(&#34;PT3H&#34;)" /></bpmn:extensionElements><bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f5</bpmn:outgoing></bpmn:userTask>
    <bpmn:userTask id="bloquee" name="Étape bloquée"><bpmn:extensionElements><zeebe:userTask /><zeebe:assignmentDefinition candidateGroups="medecin_traitant" /><zeebe:priorityDefinition priority="=rep_clinique" /></bpmn:extensionElements><bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f6</bpmn:outgoing></bpmn:userTask>
    <bpmn:endEvent id="fin" name="Fin"><bpmn:incoming>f5</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="fin_autre" name="Autre fin"><bpmn:incoming>f6</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="sortie" targetRef="recueil" /><bpmn:sequenceFlow id="f2" sourceRef="recueil" targetRef="partage" />
    <bpmn:sequenceFlow id="f3" sourceRef="partage" targetRef="relecture" /><bpmn:sequenceFlow id="f4" sourceRef="partage" targetRef="bloquee" />
    <bpmn:sequenceFlow id="f5" sourceRef="relecture" targetRef="fin" /><bpmn:sequenceFlow id="f6" sourceRef="bloquee" targetRef="fin_autre" />
  </bpmn:process>
  <bpmn:message id="message_sortie" name="sortie" />
  {{drawn}}
</bpmn:definitions>"""  # noqa: E501
PLACED = re.compile(r'<bpmn:(?:lane|startEvent|userTask|parallelGateway|endEvent) id="([^"]+)"')
FLOWS = re.compile(r'<bpmn:sequenceFlow id="([^"]+)"')


def _drawing() -> str:
    """A place for every element, in a row: a pathway is not published without."""
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{one}_di" bpmnElement="{one}">'
        f'<dc:Bounds x="{n * 150}" y="80" width="100" height="80" /></bpmndi:BPMNShape>'
        for n, one in enumerate(PLACED.findall(DIAGRAM))
    )
    edges = "".join(
        f'<bpmndi:BPMNEdge id="{one}_di" bpmnElement="{one}"><di:waypoint x="0" y="{n}" /><di:waypoint x="9" y="{n}" />'
        "</bpmndi:BPMNEdge>"
        for n, one in enumerate(FLOWS.findall(DIAGRAM))
    )
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="{PROCESS}">{shapes}{edges}</bpmndi:BPMNPlane>'
    return f'<bpmndi:BPMNDiagram id="diagram">{plane}</bpmndi:BPMNDiagram>'


def package() -> Package:
    """The files of the pathway; its form asks one text of each category, and tells one in a sentence."""
    asked = [
        {"type": "textfield", "id": f"F{n}", "key": f"rep_{category}", "label": f"Champ {n}",
         "validate": {"required": True}, "properties": {"categorie": category}}
        for n, category in enumerate(CATEGORIES)
    ]  # fmt: skip
    told = {"type": "text", "id": "T1", "text": "Relevé : {{rep_clinique}}"}
    form = {"id": "temoin", "type": "default", "schemaVersion": 19, "components": [told, *asked]}
    said = {
        "key": KEY, "titre": "Témoin", "mission": "acces_soins", "statut": "essai", "auteur": "essai",
        "date": "2026-11-22", "process": PROCESS, "parametres": {}, "sources": ["essai"],
    }  # fmt: skip
    diagram = DIAGRAM.replace("{drawn}", _drawing())
    files = {"parcours.json": json.dumps(said), "formulaires/temoin.form": json.dumps(form), "temoin.bpmn": diagram}
    return Package({path: content.encode() for path, content in files.items()})


@dataclass(frozen=True)
class Case:
    """The case, its patient, the open task and the file in it."""

    id: str
    patient: str
    task: str
    file: str


def plant(context: Context, *, nurse: Person, doctor: Person, coordinator: Person) -> Case:
    """A case in which everything that people write or join is a planted word; nobody is in the circle."""
    session: Session
    with context.database.begin() as session:
        catalogue.publish(session, context, package(), doctor.id)
        version = catalogue.published(session, context.tenant, KEY)
        identity = Identity(
            f"PAT-{NAME}", (SOUGHT,), "F", date(1979, 3, 12), ins=INS, tel=CALLED,
            adresse=f"4 rue {STREET}, 43590 Beauzac",
        )  # fmt: skip
        told = (session, context.vault, context.clock, context.tenant)
        patient = patients.admit(*told, identity, "QUAL").id
        case = cases.open_case(
            *told, patient=patient, pathway=KEY, pathway_version=version.number, title="Témoin", id=new_id()
        ).id
        context.engine.start(
            session, run=case, definition=version.digest, process=PROCESS, message="sortie", variables={},
            actor="partner:essai",
        )  # fmt: skip
        answers = {f"rep_{category}": word for category, word in ANSWERS.items()}
        context.engine.complete(session, task=_open(session, case), variables=answers, actor=nurse.id)
        task = _open(session, case)
        thread.write(*told, Words(case, nurse.id, REMARK, task=task))
        thread.write(*told, Words(case, nurse.id, QUESTION, thread.QUESTION, task, coordinator.id))
        file = attachments.attach(*told, case, nurse.id, f"{FILE_NAME}.txt", FILE.encode()).id
        drafts.keep(Desk(session, context, doctor, only_reads=False), task, {"rep_soins": DRAFT})
    return Case(case, patient, task, file)


def _open(session: Session, case: str) -> str:
    query = f"SELECT id FROM task WHERE run = '{case}' AND state = 'open'"
    return str(session.connection().exec_driver_sql(query).scalar_one())


def found(content: bytes, headers: Mapping[str, str] | None = None) -> set[str]:
    """The planted words in an answer, however it is packed: a sheet, base64, an address, spaced digits."""
    text = "\n".join([*_texts(content), *(f"{name}: {value}" for name, value in (headers or {}).items())])
    plain = unescape(unquote(text) if "%" in text else text)
    packed = "".join(_decoded(word) for word in ENCODED.findall(plain))
    everything = f"{plain}\n{packed}"
    tight = re.sub(r"[\s\u00a0\u202f]", "", everything)
    return {word for word in PLANTED if word in everything or (word.isdigit() and word in tight)}


def linked(content: bytes, location: str = "") -> set[str]:
    """The planted words in the addresses of a page; a telephone number is there to be called."""
    addresses = [location, *(unescape(one) for one in LINK.findall(content.decode("utf-8", "replace")))]
    said = " ".join(unquote(one) for one in addresses if not one.startswith("tel:"))
    return {word for word in PLANTED if word in said}


def _texts(content: bytes) -> list[str]:
    if content[:2] != b"PK":
        return [content.decode("utf-8", "replace")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]


def _decoded(word: str) -> str:
    try:
        return b64decode(word + "=" * (-len(word) % 4)).decode("utf-8", "replace")
    except (NotBase64, ValueError):
        return ""
