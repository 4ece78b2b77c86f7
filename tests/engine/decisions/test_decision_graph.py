"""Decisions that require others, functions, boxed expressions and services."""

from decimal import Decimal

import pytest

from engine.decisions import DecisionError, read
from engine.feel import from_feel
from tests.support.dmn import literal, model

AGE = '<inputData id="i" name="âge du patient"><variable name="âge du patient" typeRef="number"/></inputData>'
NEEDS_AGE = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
NEEDS_RISK = '<informationRequirement><requiredDecision href="#risque"/></informationRequirement>'
RISK = f'<decision id="risque" name="Risque"><variable name="Risque"/>{NEEDS_AGE}{{}}</decision>'


def value(logic, given=None, **parts):
    return from_feel(read(model(logic, **parts)).evaluate("d", given or {}).value)


def test_a_decision_sees_what_it_requires():
    decisions = read(
        model(literal("Risque + 1"), elements=AGE + RISK.format(literal("âge du patient * 2")), requires=NEEDS_RISK)
    )
    found = decisions.evaluate("d", {"âge du patient": 40})
    assert found.value == 81
    assert found.inputs == {"âge du patient": Decimal(40)}
    assert decisions.inputs("d") == {"âge du patient"}
    assert decisions.ids == ("risque", "d")
    assert decisions.names == {"risque": "Risque", "d": "D"}


def test_what_is_not_declared_may_be_read_from_the_variables():
    decisions = read(model(literal("score + 1")))
    assert decisions.evaluate("d", {"score": 1}).value == 2
    assert decisions.inputs("d") == {"score"}


def test_a_required_decision_is_decided_once():
    twice = NEEDS_RISK + '<informationRequirement><requiredDecision href="#e"/></informationRequirement>'
    other = f'<decision id="e" name="E"><variable name="E"/>{NEEDS_RISK}{literal("Risque")}</decision>'
    rule = '<rule id="r"><outputEntry><text>3</text></outputEntry></rule>'
    risk = RISK.format(f'<decisionTable hitPolicy="UNIQUE"><output name="o"/>{rule}</decisionTable>')
    found = read(model(literal("Risque + E"), elements=AGE + risk + other, requires=twice)).evaluate(
        "d", {"âge du patient": 40}
    )
    assert found.value == 6
    assert len(found.trace) == 1


def test_a_decision_that_requires_itself_is_refused():
    loop = '<informationRequirement><requiredDecision href="#d"/></informationRequirement>'
    with pytest.raises(DecisionError, match="dépend d’elle-même"):
        value(literal("1"), requires=loop)


def test_a_decision_without_logic_is_refused():
    with pytest.raises(DecisionError, match="aucune logique"):
        read(model(elements='<decision id="d" name="D"/>')).evaluate("d", {})


def test_an_input_of_the_wrong_type_is_refused():
    with pytest.raises(
        DecisionError,
        match=r"« âge du patient » : \(\"vieux\", un texte\) n’est pas du type « number »",
    ):
        value(literal("1"), {"âge du patient": "vieux"}, elements=AGE, requires=NEEDS_AGE)


BKM = """<businessKnowledgeModel id="b" name="majoré"><variable name="majoré"/><encapsulatedLogic>
  <formalParameter name="n" typeRef="number"/>
  <literalExpression><text>if n &lt; 2 then 1 else n * majoré(n - 1)</text></literalExpression>
  </encapsulatedLogic></businessKnowledgeModel>"""
NEEDS_BKM = '<knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>'


def test_a_business_knowledge_model_is_a_function_that_may_call_itself():
    assert value(literal("majoré(5)"), elements=BKM, requires=NEEDS_BKM) == 120
    assert value(literal("majoré(n: 3)"), elements=BKM, requires=NEEDS_BKM) == 6


def test_an_invocation_binds_by_name():
    invocation = f"<invocation>{literal('majoré')}<binding><parameter name='n'/>{literal('4')}</binding></invocation>"
    assert value(invocation, elements=BKM, requires=NEEDS_BKM) == 24


def entry(name, text):
    variable = f"<variable name='{name}'/>" if name else ""
    return f"<contextEntry>{variable}{literal(text)}</contextEntry>"


def loop(kind, source, body):
    said = "return" if kind == "for" else "satisfies"
    return f"<{kind} iteratorVariable='i'><in>{literal(source)}</in><{said}>{literal(body)}</{said}></{kind}>"


BRANCHES = "<if>{}</if><then>{}</then><else>{}</else>".format(*map(literal, ["1 < 2", "3", "4"]))
ROWS = f"<row>{literal('1')}</row><row>{literal('2')}</row>"


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (f"<context>{entry('a b', '1')}{entry('c', 'a b + 1')}</context>", {"a b": 1, "c": 2}),
        (f"<context>{entry('a', '1')}{entry('', 'a + 1')}</context>", 2),
        (f"<list>{literal('1')}{literal('2')}</list>", [1, 2]),
        (f"<relation><column name='x'/>{ROWS}</relation>", [{"x": 1}, {"x": 2}]),
        (f"<conditional>{BRANCHES}</conditional>", 3),
        (f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > 1')}</match></filter>", [2, 3]),
        (loop("for", "[1..3]", "i * 2"), [2, 4, 6]),
        (loop("every", "[1, 2]", "i > 1"), False),
        (loop("some", "[1, 2]", "i > 1"), True),
    ],
)
def test_boxed_expressions(logic, expected):
    assert value(logic) == expected


def test_a_decision_service_is_a_function_of_its_inputs():
    service = """<decisionService id="s" name="service risque"><variable name="service risque"/>
      <outputDecision href="#risque"/><inputData href="#i"/></decisionService>"""
    needs = '<knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>'
    elements = AGE + RISK.format(literal("âge du patient * 2")) + service
    decisions = read(model(literal("service risque(21)"), elements=elements, requires=needs))
    assert decisions.evaluate("d", {}).value == 42
    assert decisions.call("s", {"âge du patient": 10}).value == 20


def test_external_functions_are_refused():
    function = f'<functionDefinition kind="Java">{literal("{class: 1}")}</functionDefinition>'
    decisions = read(model(function))
    assert "Fonction externe refusée (Java)" in decisions.problems[0].message
    assert decisions.evaluate("d", {}, strict=False).value is None
    with pytest.raises(DecisionError, match="Fonction externe refusée"):
        decisions.evaluate("d", {})


ITEM = """<itemDefinition name="tNiveau"><typeRef>string</typeRef>
  <allowedValues><text>"bas", "haut"</text></allowedValues></itemDefinition>"""


def test_a_result_must_be_of_its_declared_type():
    typed = '<decision id="d" name="D"><variable name="D" typeRef="tNiveau"/>{}</decision>'
    assert read(model(elements=ITEM + typed.format(literal('"haut"')))).evaluate("d", {}).value == "haut"
    with pytest.raises(DecisionError, match=r"n’est pas permis par le type « tNiveau » \(\"bas\", \"haut\"\)"):
        read(model(elements=ITEM + typed.format(literal('"moyen"')))).evaluate("d", {})
    assert read(model(literal('"moyen" instance of tNiveau'), elements=ITEM)).evaluate("d", {}).value is True


def test_models_may_import_each_other():
    other = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:autre" name="autre">
      <decision id="x" name="base"><variable name="base"/>{literal("20")}</decision></definitions>"""
    imported = '<import namespace="urn:autre" name="autre" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    needs = '<informationRequirement><requiredDecision href="urn:autre#x"/></informationRequirement>'
    decisions = read(model(literal("autre.base + 1"), elements=imported, requires=needs), [other.encode()])
    assert decisions.evaluate("d", {}).value == 21


def test_as_the_standard_says_a_decision_sees_only_what_it_requires():
    decisions = read(model(literal("score")))
    assert decisions.evaluate("d", {"score": 1}).value == 1
    assert decisions.evaluate("d", {"score": 1}, strict=False).value is None
