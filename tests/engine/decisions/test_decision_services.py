"""Decision services and business knowledge models: what is called by name, and with what."""

import pytest

from engine.decisions import DecisionError, model, read
from engine.feel import Budget, FeelBudgetError, from_feel
from tests.support.dmn import decision, file, grid, input_data, literal, needs

GRAPH = (
    input_data("i", name="n", type_="number")
    + decision("a", literal("n + 1"), name="A", requires=needs(requiredInput="#i"), type_="number")
    + decision("b", literal("A * 10"), name="B", requires=needs(requiredDecision="#a"))
    + decision("c", literal("B + A"), name="C", requires=needs(requiredDecision="#a #b"))
)


def service(*parts, name="S"):
    inside = "".join(f'<{kind} href="{href}"/>' for kind, href in parts)
    return f'<decisionService id="s" name="{name}"><variable name="{name}"/>{inside}</decisionService>'


ONE = service(("outputDecision", "#b"), ("encapsulatedDecision", "#a"), ("inputData", "#i"))
TWO = service(("outputDecision", "#b"), ("outputDecision", "#c"), ("encapsulatedDecision", "#a"), ("inputData", "#i"))
CUT = service(("outputDecision", "#b"), ("inputDecision", "#a"))
CALLS = needs(requiredKnowledge="#s")


def called(text, parts, **given):
    logic = text if text.startswith("<") else literal(text)
    decisions = read(file(GRAPH + parts + decision("d", logic, requires=CALLS)))
    assert decisions.problems == ()
    return from_feel(decisions.evaluate("d", given).value)


def test_a_service_answers_its_output():
    assert called("S(4)", ONE) == 50
    assert called("S(n: 4)", ONE) == 50


def test_a_service_of_several_outputs_answers_a_context():
    assert called("S(4)", TWO) == {"B": 50, "C": 55}


def test_an_input_decision_is_given_and_not_decided():
    assert called("S(7)", CUT) == 70
    assert called("S(A: 7)", CUT) == 70


def test_a_service_is_called_by_a_boxed_invocation_and_from_a_loop():
    binding = f"<binding><parameter name='n'/>{literal('1 + 1')}</binding>"
    assert called(f"<invocation>{literal('S')}{binding}</invocation>", ONE) == 30
    assert called("for x in [1, 2] return S(x)", ONE) == [20, 30]


def test_a_service_is_asked_by_itself():
    decisions = read(file(GRAPH + TWO))
    assert from_feel(decisions.call("s", {"n": 1}).value) == {"B": 20, "C": 22}
    assert decisions.find("S", model.DecisionService) == "s"


@pytest.mark.parametrize("text", ["S()", "S(1, 2)", "S(m: 1)", 'S("x")'])
def test_a_service_called_wrongly_is_an_error(text):
    with pytest.raises(DecisionError, match="« s »"):
        called(text, ONE)


def test_a_service_without_outputs_or_with_a_broken_link_is_a_problem():
    assert "ne donne aucune décision" in read(file(GRAPH + service(("inputData", "#i")))).problems[0].message
    broken = service(("outputDecision", "#b"), ("encapsulatedDecision", "#nulle-part"))
    assert "introuvable" in read(file(GRAPH + broken)).problems[0].message


def knowledge(body, *, name="f", parameters=("x",), type_="", requires="", kind="FEEL"):
    shape = f' typeRef="{type_}"' if type_ else ""
    formal = "".join(f'<formalParameter name="{one}" typeRef="number"/>' for one in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"{shape}/>{requires}'
        f'<encapsulatedLogic kind="{kind}">{formal}{body}</encapsulatedLogic></businessKnowledgeModel>'
    )


def answer(text, parts, **given):
    decisions = read(file(parts + decision("d", literal(text), requires=needs(requiredKnowledge="#f"))))
    assert decisions.problems == ()
    return from_feel(decisions.evaluate("d", given).value)


def test_a_knowledge_model_may_hold_a_table():
    table = grid(["x"], ["o"], [(["< 10"], ['"bas"']), ([">= 10"], ['"haut"'])])
    assert answer("[f(3), f(30)]", knowledge(table)) == ["bas", "haut"]


def test_a_knowledge_model_may_need_another_and_itself():
    helper = knowledge(literal("x * 2"), name="double")
    own = knowledge(literal("if x < 1 then 0 else double(x) + f(x - 1)"), requires=needs(requiredKnowledge="#double"))
    assert answer("f(3)", helper + own) == 12


def test_a_recursion_without_an_end_spends_its_budget_and_no_more():
    endless = read(
        file(knowledge(literal("f(x)")) + decision("d", literal("f(1)"), requires=needs(requiredKnowledge="#f")))
    )
    with pytest.raises(FeelBudgetError):
        endless.evaluate("d", {}, budget=Budget(steps=10_000))


def test_a_knowledge_model_checks_what_it_gets_and_what_it_gives():
    with pytest.raises(
        DecisionError, match=r"« f » : l’argument « x » \(\"a\", un texte\) n’est pas du type « number »"
    ):
        answer('f("a")', knowledge(literal("x")))
    with pytest.raises(DecisionError, match=r"« f » : le résultat \(1, un nombre\) n’est pas du type « string »"):
        answer("f(1)", knowledge(literal("x"), type_="string"))
    with pytest.raises(DecisionError, match="1 arguments attendus, 2 donnés"):
        answer("f(1, 2)", knowledge(literal("x")))
    with pytest.raises(DecisionError, match="arguments attendus : x"):
        answer("f(y: 2)", knowledge(literal("x")))


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_a_knowledge_model_of_another_kind_is_refused(kind):
    named = literal('"java.lang.Math"')
    java = f"<context><contextEntry><variable name='class'/>{named}</contextEntry></context>"
    decisions = read(
        file(knowledge(java, kind=kind) + decision("d", literal("f(1)"), requires=needs(requiredKnowledge="#f")))
    )
    assert [one.message for one in decisions.problems] == [f"Fonction externe refusée ({kind})"]
    assert decisions.problems[0].element == "f"
    assert decisions.evaluate("d", {}, strict=False).value is None


def test_a_knowledge_model_without_logic_is_a_problem():
    empty = '<businessKnowledgeModel id="f" name="f"/>'
    found = read(file(empty + decision("d", literal("f(1)"), requires=needs(requiredKnowledge="#f")))).problems
    assert [one.message for one in found] == ["« f » : aucune logique n’est écrite"]
