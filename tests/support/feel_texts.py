"""Hypothesis strategies of FEEL: values, types, syntax trees of every kind and cells of decision tables."""

from dataclasses import fields
from decimal import Decimal

from hypothesis import strategies as st

from engine.feel import Date, DateTime, Months, Nanoseconds, Range, Time
from engine.feel import syntax as tree
from engine.feel.calendar import month_length
from engine.feel.comparison import order
from engine.feel.dependencies import children
from engine.feel.numbers import CONTEXT, number
from engine.feel.parser import COMPARISONS

AT = 0
NAMES = ["a", "b", "x", "date", "time", "not", "score élevé", "étape 2", "âge", "item", "partial", "?", "_n1", "years"]
KEYS = [
    "a",
    "b",
    "a-b",
    "score élevé",
    "n° lit",
    'dit « "oui" »',
    "",
    "for",
    "deux  blancs",
    "date",
    "# rang",
    "@",
    "..",
]
MEMBERS = ["year", "a", "and", "score élevé", "time offset", "date"]
TYPES = ["number", "string", "date", "date and time", "days and time duration", "Any", "tns.tPatient", "boolean"]

# ---- values

digits = st.integers(-(10**34) + 1, 10**34 - 1)
numbers = st.one_of(
    st.integers(-20, 20).map(Decimal),
    st.builds(lambda count, scale: Decimal(count).scaleb(-scale), st.integers(-(10**9), 10**9), st.integers(0, 9)),
    st.builds(lambda count, exponent: number(f"{count}E{exponent}"), digits, st.integers(-6_140, 6_100)),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
zones = st.one_of(
    st.none(),
    st.sampled_from(["Europe/Paris", "America/Sao_Paulo", "Etc/UTC", "Asia/Kathmandu"]),
    st.integers(-18 * 60, 18 * 60).map(lambda minutes: minutes * 60),
    st.integers(-18 * 3600, 18 * 3600),
)


@st.composite
def dates_of(draw: st.DrawFn, first: int, last: int) -> Date:
    year, month = draw(st.integers(first, last)), draw(st.integers(1, 12))
    return Date(year, month, draw(st.integers(1, month_length(year, month))))


dates = dates_of(1, 3_000) | dates_of(-999_999_999, 999_999_999)
times = st.builds(Time, st.integers(0, 86_399).map(lambda s: s * 10**9) | st.integers(0, 86_400 * 10**9 - 1), zones)
date_times = st.builds(DateTime, dates, times)
months = st.builds(Months, st.integers(-30, 30) | st.integers(-(10**32), 10**32))
days = st.builds(Nanoseconds, st.integers(-90_000, 90_000).map(lambda s: s * 10**9) | st.integers(-(10**32), 10**32))
temporals = st.one_of(dates, times, date_times, months, days)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts, temporals)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    kind = draw(st.sampled_from([numbers, texts, dates, months, days]))
    low, high = sorted([draw(kind), draw(kind)], key=_Ordered)
    if draw(st.booleans()):
        return Range(low, high, draw(st.booleans()), draw(st.booleans()))
    included = draw(st.booleans())
    return draw(
        st.sampled_from(
            [
                Range(low, None, included, high_included=False, open_high=True),
                Range(None, low, low_included=False, high_included=included, open_low=True),
                Range(low, low, included, included, operator="=" if included else "!="),
            ]
        )
    )


class _Ordered:
    """A value as `sorted` compares it."""

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return order(self.value, other.value) == -1


values = st.recursive(
    scalars | ranges(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=4),
    max_leaves=12,
)

# ---- syntax trees: those that some text makes


def says(node: tree.Node, word: str) -> bool:
    return (isinstance(node, tree.Name) and node.name == word) or any(says(child, word) for child in children(node))


def negation(operand: tree.Node) -> tree.Node:
    """The parser makes negative numbers of their signs at once."""
    if isinstance(operand, tree.Literal) and isinstance(operand.value, Decimal):
        return tree.Literal(AT, CONTEXT.minus(operand.value))
    return tree.Negation(AT, operand)


def loop(iterations: list[tree.Iteration], body: tree.Node) -> tree.For:
    return tree.For(AT, tuple(iterations), body, says(body, "partial"))


def test_of(operator: str | None, operand: tree.Node) -> tree.Test:
    return tree.Test(AT, operator, operand, says(operand, "?"))


def node(kind: type[tree.Node], *parts: st.SearchStrategy) -> st.SearchStrategy[tree.Node]:
    return st.builds(kind, st.just(AT), *parts)


def several(inner: st.SearchStrategy, least: int = 0, most: int = 3) -> st.SearchStrategy[tuple]:
    return st.lists(inner, min_size=least, max_size=most).map(tuple)


literals = node(tree.Literal, scalars)
named = node(tree.Name, st.sampled_from(NAMES))
plain_types = st.builds(lambda name: tree.TypeName(AT, name), st.sampled_from(TYPES))


def _parameterized(inner: st.SearchStrategy[tree.TypeName]) -> st.SearchStrategy[tree.TypeName]:
    entries = st.dictionaries(st.sampled_from(["a", "b-c", "âge"]), inner, min_size=1, max_size=2)
    return st.one_of(
        node(tree.TypeName, st.sampled_from(["list", "range"]), inner.map(lambda one: (one,))),
        node(tree.TypeName, st.just("function"), several(inner)),
        entries.map(lambda found: tree.TypeName(AT, "context", tuple(found.values()), tuple(found))),
    )


types = st.recursive(plain_types, _parameterized, max_leaves=3)


def _compound(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    words = st.sampled_from(["i", "n° lit", "score élevé", "x"])
    iterations = st.lists(node(tree.Iteration, words, inner, st.none() | inner), min_size=1, max_size=2)
    typed = st.tuples(st.sampled_from(["p", "a-b", "q r"]), st.none() | types)
    tests = several(tests_of(inner), least=1)
    return st.one_of(
        node(tree.Path, inner, st.sampled_from(MEMBERS)),
        node(tree.Filter, inner, inner),
        node(tree.Call, inner, several(inner)),
        node(tree.NamedCall, inner, several(st.tuples(st.sampled_from(["p", "start position"]), inner), least=1)),
        inner.map(negation),
        node(tree.Arithmetic, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        node(tree.Comparison, st.sampled_from(COMPARISONS), inner, inner),
        node(tree.Conjunction, inner, inner),
        node(tree.Disjunction, inner, inner),
        node(tree.Between, inner, inner, inner),
        node(tree.In, inner, tests),
        node(tree.InstanceOf, inner, types),
        node(tree.If, inner, inner, inner),
        st.builds(loop, iterations, inner),
        node(tree.Quantified, st.booleans(), iterations.map(tuple), inner),
        node(tree.ListOf, several(inner)),
        node(tree.ContextOf, several(st.tuples(st.sampled_from(KEYS), inner))),
        node(tree.RangeOf, inner, inner, st.booleans(), st.booleans()),
        node(tree.OneSided, st.sampled_from(COMPARISONS), inner),
        node(tree.FunctionOf, st.lists(typed, max_size=2).map(tuple), inner),
    )


def tests_of(operands: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Test]:
    return st.builds(test_of, st.none() | st.sampled_from(COMPARISONS), operands)


trees = st.recursive(literals | named, _compound, max_leaves=10)
cells = st.builds(
    lambda tests, negated: tree.Tests(AT, tests, negated=negated and bool(tests)),
    several(tests_of(trees)),
    st.booleans(),
)


def shape(part: object) -> object:
    """A tree without its positions, each value with its type and its exact digits."""
    if isinstance(part, tree.Node):
        return type(part).__name__, *(shape(getattr(part, name.name)) for name in fields(part) if name.name != "at")
    if isinstance(part, tuple):
        return tuple(map(shape, part))
    return type(part).__name__, str(part)
