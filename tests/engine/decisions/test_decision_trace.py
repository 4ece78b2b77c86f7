"""What a screen may tell of a passage through a table: which rule fired, and why the others did not."""

from engine.decisions import read
from tests.support.dmn import decision, file, grid

HEADS = '<annotation name="Source"/><annotation name="Auteur"/>'


def annotated(texts, description=""):
    entries = "".join(f"<annotationEntry><text>{text}</text></annotationEntry>" for text in texts)
    comment = f"<description>{description}</description>" if description else ""
    return comment, entries


def traced(explain=False, policy="UNIQUE", **given):
    rules = [(["> 3", '"a"'], ["1"]), (["<= 3", '"b"'], ["2"]), (["<= 3", '"a"'], ["3"])]
    comment, entries = annotated(["HAS 2024", "Dr X"], "à relire")
    logic = (
        grid(["n", "m"], ["o"], rules, policy=policy)
        .replace('<rule id="r1">', HEADS + f'<rule id="r1">{comment}')
        .replace("</rule>", entries + "</rule>", 1)
    )
    decisions = read(file(decision("d", logic)))
    assert decisions.problems == ()
    (found,) = decisions.evaluate("d", given, explain=explain).trace
    return found


def test_a_trace_tells_the_table_its_inputs_and_its_answer():
    found = traced(n=1, m="a")
    assert (found.table, found.hit_policy, found.output) == ("d", "UNIQUE", 3)
    assert found.inputs == (("n", 1), ("m", "a"))
    assert found.expressions == ("n", "m")


def test_a_trace_tells_of_each_rule_whether_it_matched_and_the_first_cell_that_refused():
    first, second, third = traced(n=1, m="a").rules
    assert (first.matched, second.matched, third.matched) == (False, False, True)
    assert [(one.column, one.label, one.cell, one.value) for one in first.refused] == [(1, "n", "> 3", 1)]
    assert [(one.column, one.label, one.cell, one.value) for one in second.refused] == [(2, "m", '"b"', "a")]
    assert (third.number, third.id, third.refused, third.outputs) == (3, "r3", (), ("3",))


def test_an_explained_trace_tells_every_cell_that_refused():
    first, _, third = traced(explain=True, n=2, m="b").rules[0], None, traced(explain=True, n=2, m="b").rules[2]
    assert [one.column for one in first.refused] == [1, 2]
    assert [one.column for one in third.refused] == [2]


def test_explaining_changes_nothing_but_the_trace():
    for policy in ("UNIQUE", "FIRST", "COLLECT"):
        quick, slow = traced(policy=policy, n=1, m="a"), traced(explain=True, policy=policy, n=1, m="a")
        assert (quick.output, quick.matched) == (slow.output, slow.matched)


def test_rules_behind_the_first_that_applies_were_not_looked_at():
    assert [rule.matched for rule in traced(policy="FIRST", n=5, m="a").rules] == [True, None, None]


def test_what_the_author_wrote_of_a_rule_is_kept():
    first, second, _ = traced(n=5, m="a").rules
    assert first.annotation == "à relire ; Source : HAS 2024 ; Auteur : Dr X"
    assert second.annotation == ""


def test_each_table_of_a_graph_has_its_own_passage_in_order():
    inner = decision("a", grid(["n"], ["o"], [(["-"], ["n * 2"])]))
    needs = '<informationRequirement><requiredDecision href="#a"/></informationRequirement>'
    outer = decision("d", grid(["a"], ["o"], [(["> 3"], ['"haut"'])]), requires=needs)
    found = read(file(inner + outer.replace('id="r1"', 'id="r2"'))).evaluate("d", {"n": 4})
    assert [(one.table, one.output) for one in found.trace] == [("a", 8), ("d", "haut")]
    assert [(rule.table, rule.number) for rule in found.rules] == [("a", 1), ("d", 1)]
