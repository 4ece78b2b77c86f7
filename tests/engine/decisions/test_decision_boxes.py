"""Boxed expressions, each in several places, and what is wrong with them."""

from itertools import product

import pytest

from engine.decisions import DecisionError, read
from engine.feel import from_feel
from tests.support.dmn import decision, file, grid, literal


def entry(name, inner, type_=""):
    shape = f' typeRef="{type_}"' if type_ else ""
    variable = f'<variable name="{name}"{shape}/>' if name else ""
    return f"<contextEntry>{variable}{inner}</contextEntry>"


def context(*entries):
    return f"<context>{''.join(entries)}</context>"


def items(*inner):
    return f"<list>{''.join(inner)}</list>"


def loop(kind, source, body):
    said = "return" if kind == "for" else "satisfies"
    return f'<{kind} iteratorVariable="i"><in>{source}</in><{said}>{body}</{said}></{kind}>'


def conditional(condition, then, otherwise):
    return f"<conditional><if>{condition}</if><then>{then}</then><else>{otherwise}</else></conditional>"


def function(body, *parameters, kind="FEEL"):
    formal = "".join(f'<formalParameter name="{name}" typeRef="number"/>' for name in parameters)
    return f'<functionDefinition id="fn" kind="{kind}">{formal}{body}</functionDefinition>'


def invocation(name, **arguments):
    bound = "".join(f'<binding><parameter name="{key}"/>{value}</binding>' for key, value in arguments.items())
    return f"<invocation>{literal(name)}{bound}</invocation>"


def value(logic, **given):
    decisions = read(file(decision("d", logic)))
    assert decisions.problems == ()
    return from_feel(decisions.evaluate("d", given).value)


def problems(logic):
    return [one.message for one in read(file(decision("d", logic))).problems]


NUMBERS = "[1, 2, 3]"
BOXES = {
    "literal": (literal("1 + 1"), 2),
    "context": (context(entry("a b", literal("1")), entry("c", literal("a b + 1"))), {"a b": 1, "c": 2}),
    "context with a result": (context(entry("a", literal("2")), entry("", literal("a * 2"))), 4),
    "list": (items(literal("1"), literal("2")), [1, 2]),
    "relation": (
        f'<relation><column name="x"/><column name="y"/><row>{literal("1")}{literal("2")}</row></relation>',
        [{"x": 1, "y": 2}],
    ),
    "table": (grid(["2"], ["o"], [(["> 1"], ['"oui"']), (["<= 1"], ['"non"'])]), "oui"),
    "function": (context(entry("f", function(literal("p + 1"), "p")), entry("", invocation("f", p=literal("2")))), 3),
    "conditional": (conditional(literal("1 > 2"), literal("3"), literal("4")), 4),
    "filter": (f"<filter><in>{literal(NUMBERS)}</in><match>{literal('item > 1')}</match></filter>", [2, 3]),
    "for": (loop("for", literal(NUMBERS), literal("i * 2")), [2, 4, 6]),
    "every": (loop("every", literal(NUMBERS), literal("i > 0")), True),
    "some": (loop("some", literal(NUMBERS), literal("i > 3")), False),
}
PLACES = {
    "alone": (lambda box: box, lambda found: found),
    "in a context": (lambda box: context(entry("k", box)), lambda found: {"k": found}),
    "as a result": (lambda box: context(entry("k", literal("0")), entry("", box)), lambda found: found),
    "in a list": (lambda box: items(box, box), lambda found: [found, found]),
    "in a relation": (
        lambda box: f'<relation><column name="k"/><row>{box}</row></relation>',
        lambda found: [{"k": found}],
    ),
    "in a branch": (lambda box: conditional(literal("true"), box, literal("0")), lambda found: found),
    "in a loop": (lambda box: loop("for", literal("[1]"), box), lambda found: [found]),
    "in a function": (
        lambda box: context(entry("g", function(box, "q")), entry("", invocation("g", q=literal("0")))),
        lambda found: found,
    ),
    "as an argument": (
        lambda box: context(
            entry("g", "<functionDefinition><formalParameter name='q'/>" + literal("q") + "</functionDefinition>"),
            entry("", invocation("g", q=box)),
        ),
        lambda found: found,
    ),
}


@pytest.mark.parametrize(("box", "place"), list(product(BOXES, PLACES)))
def test_each_box_may_stand_in_each_place(box, place):
    (logic, expected), (around, within) = BOXES[box], PLACES[place]
    assert value(around(logic.replace(' id="r', ' name="'))) == within(expected)


def test_a_box_sees_what_stands_around_it():
    body = context(entry("double", literal("i * 2")), entry("", literal("double + base")))
    logic = context(entry("base", literal("10")), entry("", loop("for", literal(NUMBERS), body)))
    assert value(logic) == [12, 14, 16]


def test_a_loop_sees_what_it_made_before():
    assert value(loop("for", literal(NUMBERS), literal("i + count(partial)"))) == [1, 3, 5]


def test_a_filter_sees_the_item_and_its_entries_and_may_give_a_rank():
    source = literal("[{a: 1}, {a: 5}]")
    assert value(f"<filter><in>{source}</in><match>{literal('a > 2')}</match></filter>") == [{"a": 5}]
    assert value(f"<filter><in>{source}</in><match>{literal('item.a > 2')}</match></filter>") == [{"a": 5}]
    assert value(f"<filter><in>{source}</in><match>{literal('2')}</match></filter>") == {"a": 5}


def test_a_function_may_be_given_and_called_by_its_place():
    logic = context(entry("f", function(literal("x - y"), "x", "y")), entry("", literal("f(5, 3) + f(y: 1, x: 2)")))
    assert value(logic) == 3


@pytest.mark.parametrize("type_", ["number", "string"])
def test_the_type_of_an_entry_a_column_and_a_box_is_checked(type_):
    logics = [
        context(entry("a", literal("1"), type_)),
        f'<relation><column name="a" typeRef="{type_}"/><row>{literal("1")}</row></relation>',
        f'<literalExpression typeRef="{type_}"><text>1</text></literalExpression>',
    ]
    for logic in logics:
        if type_ == "number":
            assert value(logic)
        else:
            with pytest.raises(DecisionError, match="n’est pas du type « string »"):
                value(logic)


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (
            conditional(literal("3"), literal("1"), literal("2")),
            "une condition doit donner vrai ou faux, et non un nombre",
        ),
        (loop("for", literal("null"), literal("i")), "la boucle ne peut pas parcourir null"),
        (loop("every", literal("null"), literal("i")), "la boucle ne peut pas parcourir null"),
        (invocation("3", p=literal("1")), "appelle un nombre, qui n’est pas une fonction"),
        (context(entry("f", function(literal("p"), "p")), entry("", invocation("f", q=literal("1")))), "attendus : p"),
    ],
)
def test_a_box_that_cannot_answer_is_an_error_and_null_by_the_standard(logic, message):
    with pytest.raises(DecisionError, match=message):
        value(logic)
    assert read(file(decision("d", logic))).evaluate("d", {}, strict=False).value in (None, 2)


@pytest.mark.parametrize("logic", ["(function(f) f(-5))(abs)", "{g: abs, r: g(-5)}.r"])
def test_a_function_of_the_standard_is_a_value_by_the_standard(logic):
    assert from_feel(read(file(decision("d", literal(logic)))).evaluate("d", {}, strict=False).value) == 5


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (context(entry("", literal("1")), entry("b", literal("2"))), "Seule la dernière ligne d’un contexte"),
        (context(entry("b", literal("1")), entry("b", literal("2"))), "Le nom « b » est donné deux fois"),
        (context("<contextEntry><variable/>" + literal("1") + "</contextEntry>"), "n’a pas de nom"),
        (context(entry("a", "")), "Une expression est vide"),
        (literal(""), "Une expression est vide"),
        (conditional(literal("true"), literal("1"), ""), "Une expression est vide"),
        (loop("for", "", literal("i")), "Une expression est vide"),
        (loop("for", literal("[1]"), literal("2")).replace(' iteratorVariable="i"', ""), "La boucle ne dit pas le nom"),
        (
            f'<relation><column name="x"/><row>{literal("1")}{literal("2")}</row></relation>',
            "La ligne 1 n’a pas autant",
        ),
        ('<relation><column name="x"/><column name="x"/></relation>', "Le nom de colonne « x » est donné deux fois"),
        (function(literal("1"), "x", "x"), "Le paramètre « x » est donné deux fois"),
        (function(literal("1"), kind="PMML"), "Fonction externe refusée (PMML)"),
        (f"<invocation>{literal('f')}<binding><parameter name='a'/></binding></invocation>", "Une expression est vide"),
    ],
)
def test_a_box_that_is_half_written_is_a_problem(logic, message):
    assert any(message in found for found in problems(logic))
