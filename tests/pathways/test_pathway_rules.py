"""Each care rule finds what it is there for, at its place, and leaves a sound pathway alone."""

from collections.abc import Callable

import pytest

from engine.findings import Finding
from pathways.checks import RULES
from pathways.checks.subject import read_subject
from pathways.packages import Package
from tests.support.packages import DECISION, DIAGRAM, FORM, package

UNMARKED = {"id": "a", "type": "number", "key": "rankin", "label": "Rankin"}


def findings(subject_of: Package) -> list[Finding]:
    subject = read_subject(subject_of)
    return [found for rule in RULES for found in rule(subject)]


def changed(old: str, new: str) -> str:
    assert old in DIAGRAM
    return DIAGRAM.replace(old, new)


def sending(operation: str) -> str:
    """The service task as a send task."""
    task = changed('type="tache.relancer"', f'type="{operation}"')
    return task.replace("<bpmn:serviceTask", "<bpmn:sendTask").replace("</bpmn:serviceTask", "</bpmn:sendTask")


def field(**changes: object) -> dict[str, object]:
    return {**FORM, "components": [{**FORM["components"][0], **changes}]}  # type: ignore[dict-item]  # one literal


def test_a_sound_pathway_has_no_finding() -> None:
    assert findings(package()) == []


CASES: list[tuple[str, str, Callable[[], Package]]] = [
    ("main-process-missing", "", lambda: package(process="q")),
    ("main-process-not-executable", "p", lambda: package(changed('isExecutable="true"', 'isExecutable="false"'))),
    ("task-role-unknown", "visit", lambda: package(DIAGRAM.replace("medecin_traitant", "chamane"))),
    (
        "task-role-unknown",
        "visit",
        lambda: package(changed("<zeebe:userTask/>", '<zeebe:assignmentDefinition candidateGroups="ipa, chamane"/>')),
    ),
    ("task-without-form", "visit", lambda: package(changed('<zeebe:formDefinition formId="visite"/>', ""))),
    ("form-unused", "", lambda: package(changed('formId="visite"', 'formId="autre"'))),
    ("form-unreadable", "", lambda: package(form=b"{")),
    ("form-field-unsupported", "a", lambda: package(form=field(type="iframe"))),
    ("form-label-missing", "a", lambda: package(form=field(label=""))),
    ("form-key-twice", "a", lambda: package(form={**FORM, "components": FORM["components"] * 2})),  # type: ignore[operator]
    ("identity-in-form", "a", lambda: package(form=field(key="date_naissance"))),
    ("decision-input-unknown", "i1", lambda: package(decision=DECISION.replace(">rankin<", ">glasgow<"))),
    ("table-gap", "t", lambda: package(decision=DECISION.replace("<text>-<", "<text>&lt; 2<"))),
    ("table-overlap", "r2", lambda: package(decision=DECISION.replace("FIRST", "UNIQUE"))),
    ("rule-never-applies", "r1", lambda: package(decision=DECISION.replace("&gt;= 3", "[6..3]"))),
    ("rule-never-answers", "r2", lambda: package(decision=DECISION.replace("&gt;= 3", "-"))),
    (
        "rule-output-not-allowed",
        "r1",
        lambda: package(
            decision=DECISION.replace('typeRef="string"/>', '><outputValues><text>"P3"</text></outputValues></output>')
        ),
    ),
    ("table-unchecked", "t", lambda: package(decision=DECISION.replace("&gt;= 3", "> parametres.seuil"))),
    ("operation-unknown", "record", lambda: package(changed('type="tache.relancer"', 'type="fusee.lancer"'))),
    ("operation-unknown", "record", lambda: package(sending("fusee.lancer"))),
    ("operation-computed", "record", lambda: package(changed('type="tache.relancer"', 'type="=rankin"'))),
    ("element-without-position", "f4", lambda: package(changed('<bpmndi:BPMNEdge id="di_f4" bpmnElement="f4"/>', ""))),
    ("element-without-position", "visit", lambda: package(changed('bpmnElement="visit"', 'bpmnElement="x"'))),
    (
        "task-without-due-date",
        "visit",
        lambda: package(changed('<zeebe:taskSchedule dueDate="=now() + duration(parametres.delai)"/>', "")),
    ),
    ("form-category-missing", "a", lambda: package(form={"id": "visite", "components": [UNMARKED]})),
    ("end-without-name", "done", lambda: package(changed('id="done" name="Stabilisé"', 'id="done"'))),
    ("variable-never-written", "f6", lambda: package(changed("rankin &gt;", "glasgow &gt;"))),
    ("variable-never-written", "tell", lambda: package(changed('source="=priorite"', 'source="=gravite"'))),
    ("manifest-incomplete", "", lambda: package(auteur="")),
    ("manifest-incomplete", "", lambda: package(parametres={"delai": {"valeur": "P2D"}})),
]


OUTCOME = {
    "id": "b", "type": "radio", "key": "issue", "label": "La visite a-t-elle eu lieu ?", "defaultValue": "faite",
    "values": [{"label": "Oui", "value": "faite"}, {"label": "Non", "value": "absent"}],
    "properties": {"categorie": "administratif"}, "validate": {"required": True},
}  # fmt: skip
HANDED = '<zeebe:ioMapping><zeebe:output source="={issue: issue}" target="visite"/></zeebe:ioMapping>'


def outcome(read: str = "issue", *, asks: bool = False, mapping: str = "", **changes: object) -> list[Finding]:
    """What is found of a visit whose outcome begins answered; with `asks` the form asks for something else besides."""
    drawn = changed("rankin &gt; 0", f'{read} = "faite"').replace("<zeebe:userTask/>", f"<zeebe:userTask/>{mapping}")
    asked = {**FORM["components"][0], "validate": {"required": asks}}  # type: ignore[dict-item]  # one literal
    form = {"id": "visite", "components": [{**OUTCOME, **changes}, asked]}
    return [one for one in findings(package(drawn, form)) if one.code == "outcome-answered-beforehand"]


def test_an_outcome_that_begins_answered_is_pointed_out() -> None:
    for found in (outcome(), outcome("visite.issue", mapping=HANDED)):
        assert [(one.file, one.element, one.severity) for one in found] == [("formulaires/visite.form", "b", "warning")]
        assert "«\u00a0Visite\u00a0»" in found[0].message
        assert "La visite a-t-elle eu lieu" in found[0].message
        assert "valeur par défaut" in found[0].hint
    ticked = outcome(type="checkbox", defaultValue=True, values=None)
    assert len(ticked) == 1


def test_a_default_that_decides_nothing_or_cannot_be_sent_alone_is_let_be() -> None:
    assert outcome(asks=True) == []
    assert outcome(defaultValue=None) == []
    assert outcome("priorite") == []
    assert outcome("visite.lieu", mapping=HANDED) == []
    assert outcome(type="checkbox", defaultValue=False, values=None, validate={}) == []


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


def test_the_line_of_a_rule_that_clashes_is_told() -> None:
    (found,) = findings(package(decision=DECISION.replace("FIRST", "UNIQUE")))
    assert (found.code, found.file, found.line, found.severity) == (
        "table-overlap", "decisions/priorite.dmn", 7, "warning"
    )  # fmt: skip
    assert (
        found.message
        == "Table « priorite » : les règles 1 et 2 s’appliquent ensemble si rankin ≥ 3 : une seule est permise."
    )
