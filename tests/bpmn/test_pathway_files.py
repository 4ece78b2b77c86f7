"""The shipped pathways are whole: every element is drawn, every reference leads somewhere, every scenario passes."""

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from base.calendars import Calendar
from base.clock import ManualClock
from base.errors import Invalid
from base.jobs.embedded import EmbeddedQueue
from engine import decisions
from engine.engine import Engine
from engine.environment import Environment
from pathways.checks import check
from pathways.forms import Field, Form
from pathways.library import read_folder
from pathways.operations import OPERATIONS
from pathways.packages import Package
from pathways.scenarios import run

FOLDER = Path(__file__).parents[2] / "bpmn"
KEYS = sorted(path.parent.name for path in FOLDER.glob("*/parcours.json"))
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "way": "http://www.omg.org/spec/DD/20100524/DI",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
}
BPMN = f"{{{NS['bpmn']}}}"
DRAWN = re.compile(r"(Task|Event|Gateway|task|callActivity|subProcess|lane|participant)$")
END_STATES = {
    "post-avc": {"évaluation_faite", "repris_par_SMR", "réhospitalisé", "refus", "perdu_de_vue", "décès"},
    "sortie-hospitalisation": {"stabilisé_J30", "réhospitalisé", "HAD", "EHPAD/SMR", "décès", "refus"},
    "identite-consentement": {"partage_autorisé", "partage_refusé"},
}
SCENARIOS = [(key, f"scenarios/{path.name}") for key in KEYS for path in sorted((FOLDER / key).glob("scenarios/*"))]


@pytest.fixture(params=KEYS)
def package(request: pytest.FixtureRequest) -> Package:
    return read_folder(FOLDER / request.param)


@pytest.fixture
def engine(clock: ManualClock) -> Engine:
    return Engine(Environment(clock, Calendar(), OPERATIONS, EmbeddedQueue("demo", clock)), "demo")


def diagram(package: Package) -> etree._Element:
    return etree.fromstring(package.files[package.diagram])


def drawn_boxes(root: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    boxes = {}
    for shape in root.iterfind(".//di:BPMNShape", NS):
        found = shape.find("dc:Bounds", NS)
        assert found is not None
        x, y, width, height = (float(found.get(name, "nan")) for name in ("x", "y", "width", "height"))
        boxes[shape.get("bpmnElement", "")] = (x, y, width, height)
    return boxes


def steps(root: etree._Element) -> Iterator[etree._Element]:
    """Everything of a diagram that has its own box, lanes excepted."""
    for node in root.iter(f"{BPMN}*"):
        kind = etree.QName(node).localname
        if DRAWN.search(kind) and kind not in ("lane", "participant"):
            yield node


def attribute(task: etree._Element, extension: str, name: str) -> str:
    found = task.find(f".//zeebe:{extension}", NS)
    return "" if found is None else found.get(name, "")


def test_the_three_first_pathways_are_there() -> None:
    assert {"post-avc", "sortie-hospitalisation", "identite-consentement"} <= set(KEYS)


def test_every_id_stands_once(package: Package) -> None:
    ids = [node.get("id") for node in diagram(package).iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_every_element_and_flow_is_drawn(package: Package) -> None:
    root = diagram(package)
    boxes = drawn_boxes(root)
    shapes = [node.get("id", "") for node in root.iter(f"{BPMN}*") if DRAWN.search(etree.QName(node).localname)]
    assert not [id_ for id_ in shapes if id_ not in boxes]
    edges = {edge.get("bpmnElement") for edge in root.iterfind(".//di:BPMNEdge", NS)}
    flows = {node.get("id") for name in ("sequenceFlow", "association") for node in root.iter(f"{BPMN}{name}")}
    assert flows == edges


def test_flows_are_drawn_at_right_angles(package: Package) -> None:
    for edge in diagram(package).iterfind(".//di:BPMNEdge", NS):
        points = [(point.get("x"), point.get("y")) for point in edge.iterfind("way:waypoint", NS)]
        assert len(points) > 1
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(points)), edge.get("id")


def test_no_two_boxes_overlap(package: Package) -> None:
    root = diagram(package)
    boxes = drawn_boxes(root)
    kept = [
        (node.get("id", ""), boxes[node.get("id", "")])
        for node in steps(root)
        if etree.QName(node).localname not in ("subProcess", "boundaryEvent")
    ]
    for at, (one, a) in enumerate(kept):
        for other, b in kept[at + 1 :]:
            apart = a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
            assert apart, f"{one} / {other}"


def test_every_step_stands_inside_its_lane(package: Package) -> None:
    root = diagram(package)
    boxes = drawn_boxes(root)
    placed = 0
    for lane in root.iter(f"{BPMN}lane"):
        top, height = boxes[lane.get("id", "")][1], boxes[lane.get("id", "")][3]
        for held in lane.iterfind("bpmn:flowNodeRef", NS):
            _, y, _, tall = boxes[(held.text or "").strip()]
            assert top <= y + tall / 2 <= top + height, held.text
            placed += 1
    assert placed == sum(1 for node in steps(root) if etree.QName(node.getparent()).localname == "process")


def test_every_user_task_says_its_form_its_role_its_due_date_and_why(package: Package) -> None:
    forms = {Form.read(content).id for path, content in package.texts(".form").items() if path}
    for task in diagram(package).iter(f"{BPMN}userTask"):
        name = task.get("id")
        said = {one.get("name"): one.get("value") for one in task.iterfind(".//zeebe:property", NS)}
        assert attribute(task, "formDefinition", "formId") in forms, name
        assert attribute(task, "assignmentDefinition", "candidateGroups"), name
        assert attribute(task, "taskSchedule", "dueDate").startswith("="), name
        assert said.get("pourquoi"), name


def test_every_form_is_used(package: Package) -> None:
    used = {one.get("formId") for one in diagram(package).iterfind(".//zeebe:formDefinition", NS)}
    assert used == {Form.read(content).id for content in package.texts(".form").values()}


def test_no_form_says_by_itself_that_care_took_place(package: Package) -> None:
    """What the case knows may stand there beforehand; what somebody did or found must be said by them."""
    for content in package.texts(".form").values():
        form = Form.read(content)
        untouched = form.prefill({})
        begun = [field.key for field in form.walk() if field.options and untouched.get(field.key)]
        assert not [field.key for field in form.walk() if field.key in begun and "faite" in _choices(field)], form.id
        if begun:
            with pytest.raises(Invalid):
                form.check(untouched, {})


@pytest.mark.parametrize(
    "path",
    ["post-avc/formulaires/post_avc_visite_infirmiere.form", "post-avc/formulaires/post_avc_consultation_precoce.form",
     "sortie-hospitalisation/formulaires/sortie_visite_infirmiere.form",
     "sortie-hospitalisation/formulaires/sortie_consultation.form"],
)  # fmt: skip
def test_whether_a_visit_took_place_must_be_answered(path: str) -> None:
    form = Form.read((FOLDER / path).read_bytes())
    with pytest.raises(Invalid) as refused:
        form.check(form.prefill({}), {})
    assert "issue" in refused.value.fields


def _choices(field: Field) -> set[str]:
    return {option.text for option in field.options}


def test_every_decision_is_called_or_needed_and_reads(package: Package) -> None:
    called = {one.get("decisionId") for one in diagram(package).iterfind(".//zeebe:calledDecision", NS)}
    known = set()
    for path, content in package.texts(".dmn").items():
        read = decisions.read(content)
        assert not read.problems, path
        known |= set(read.ids)
    assert called <= known


def test_every_parameter_read_is_one_that_is_set(package: Package) -> None:
    read = set(re.findall(r"parametres\.(\w+)", package.files[package.diagram].decode()))
    own = package.manifest.parameters
    assert read == set(own)
    assert all(one.label and one.source for one in own.values())


def test_every_pathway_says_that_it_is_a_model_and_where_it_comes_from(package: Package) -> None:
    manifest = package.manifest
    assert manifest.status == "modèle – à valider"
    assert all((manifest.sources, manifest.author, manifest.date))
    assert "notice.md" in package.files


def test_the_end_states_are_those_of_the_sheet(package: Package) -> None:
    names = {node.get("name") for node in diagram(package).iter(f"{BPMN}endEvent")}
    assert END_STATES.get(package.key, set()) <= names


def test_no_variable_of_a_pathway_names_a_person(package: Package) -> None:
    text = package.files[package.diagram].decode()
    assert not re.search(r"patient\.(nom|prenom|ins|tel|adresse|date_naissance)", text)


def test_the_checks_find_nothing(engine: Engine, package: Package) -> None:
    assert check(engine, package) == []


@pytest.mark.parametrize(("key", "path"), SCENARIOS)
def test_a_scenario_goes_as_it_says(engine: Engine, key: str, path: str) -> None:
    report = run(engine, read_folder(FOLDER / key), path)
    assert report.passed, f"{report.step}: {report.problem}"


@pytest.mark.parametrize("key", ["post-avc", "sortie-hospitalisation"])
def test_each_end_state_is_reached_by_a_scenario(key: str) -> None:
    told = "".join((FOLDER / key / path).read_text() for owner, path in SCENARIOS if owner == key)
    assert {state for state in END_STATES[key] if f'"fin": "{state}"' in told} == END_STATES[key]


def score(**stay: object) -> dict[str, object]:
    content = (FOLDER / "sortie-hospitalisation/decisions/lace.dmn").read_bytes()
    return dict(decisions.read(content).evaluate("lace", stay).value)  # type: ignore[arg-type]  # a FEEL context


@pytest.mark.parametrize(
    ("days", "urgent", "charlson", "visits", "total", "risk"),
    [
        (0, False, 0, 0, 0, "faible"),
        (6, False, 0, 0, 4, "faible"),
        (1, True, 1, 0, 5, "modere"),
        (3, True, 3, 0, 9, "modere"),
        (7, True, 2, 0, 10, "eleve"),
        (14, True, 4, 4, 19, "eleve"),
        (30, True, 9, 12, 19, "eleve"),
    ],
)
def test_lace_is_the_original_index(days: int, urgent: bool, charlson: int, visits: int, total: int, risk: str) -> None:
    found = score(
        duree_jours=Decimal(days),
        entree_urgente=urgent,
        charlson=Decimal(charlson),
        passages_urgences_6_mois=Decimal(visits),
    )
    assert found == {"score": Decimal(total), "classe": risk}
