"""What a hostile or enormous file costs: its budget, and never the process."""

from time import thread_time

import pytest

from engine.decisions import read
from engine.feel import Budget, FeelBudgetError
from tests.support.dmn import decision, file, grid, input_data, literal, needs


def chain(length, width=1):
    """Each decision needs all decisions of the step before."""
    found = input_data("i", name="n")
    for step in range(length):
        required = " ".join(f"#d{step - 1}_{at}" for at in range(width)) if step else ""
        for at in range(width):
            needed = needs(requiredDecision=required) if step else needs(requiredInput="#i")
            text = f"d{step - 1}_0 + 1" if step else "n"
            found += decision(f"d{step}_{at}", literal(text), requires=needed)
    return file(found)


def test_a_decision_that_is_needed_in_many_ways_is_looked_at_once():
    before = thread_time()
    decisions = read(chain(30, 3))
    assert decisions.inputs("d29_0") == {"n"}
    assert decisions.evaluate("d29_0", {"n": 1}).value == 30
    assert thread_time() - before < 2


def test_a_chain_without_end_is_an_error_of_the_budget():
    decisions = read(chain(1_000))
    assert decisions.problems == ()
    assert decisions.inputs("d999_0") == {"n"}
    with pytest.raises(FeelBudgetError):
        decisions.evaluate("d999_0", {"n": 1})
    assert decisions.evaluate("d40_0", {"n": 1}).value == 41


def test_the_rules_of_a_table_are_paid_for():
    rules = [([f"{number}"], ["1"]) for number in range(2_000)]
    table = grid(["n"], ["o"], rules, policy="FIRST", defaults=["0"])
    knowledge = (
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="n"/>'
        f"{table}</encapsulatedLogic></businessKnowledgeModel>"
    )
    logic = literal("for i in 1..50000 return f(-1)")
    decisions = read(file(knowledge + decision("d", logic, requires=needs(requiredKnowledge="#f"))))
    before = thread_time()
    with pytest.raises(FeelBudgetError):
        decisions.evaluate("d", {}, budget=Budget(seconds=0.2))
    assert thread_time() - before < 2


def test_a_service_that_calls_itself_for_ever_is_refused():
    loop = decision("d", literal("S()"), requires=needs(requiredKnowledge="#s"))
    service = '<decisionService id="s" name="S"><outputDecision href="#d"/></decisionService>'
    decisions = read(file(loop + service))
    assert "dépend d’elle-même" in decisions.problems[0].message
    with pytest.raises(FeelBudgetError):
        decisions.evaluate("d", {}, strict=False)
