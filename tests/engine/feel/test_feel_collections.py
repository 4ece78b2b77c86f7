"""Lists, contexts, filters and loops."""

import pytest

from engine.feel import compile, from_feel

TEAM = {"équipe": [{"nom": "A", "rôle": "ide", "age": 30}, {"nom": "B", "rôle": "mt", "age": 50}, {"nom": "C"}]}


def shown(text):
    return from_feel(compile(text).evaluate({name: compile(str_of(value)).evaluate() for name, value in TEAM.items()}))


def str_of(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(str_of, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}": {str_of(item)}' for key, item in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("équipe.nom", ["A", "B", "C"]),
        ('équipe[rôle = "mt"].nom', ["B"]),
        ("équipe[age > 40][1].nom", "B"),
        ("équipe[item.age < 40].nom", ["A"]),
        ("équipe[-1].nom", "C"),
        ("équipe[9]", None),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("5[1]", 5),
        ("[][1]", None),
        ("{a: 1, b: {c: a + 1}}.b.c", 2),
        ("{a: 1}.b", None),
        ("{in: 1}.in + 1", 2),
        ('{"clé à espaces": 1}.clé à espaces', 1),
        ("{a: 1, a: 2}", None),
        ("for x in [1, 2] return x * 2", [2, 4]),
        ("for x in 1..3 return x", [1, 2, 3]),
        ("for x in 3..1 return x", [3, 2, 1]),
        ("for x in [1..4[ return x", [1, 2, 3]),
        ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
        ("for x in 1..5 return if x = 1 then 1 else x * partial[-1]", [1, 2, 6, 24, 120]),
        ('for j in @"2026-02-28"..@"2026-03-01" return string(j)', ["2026-02-28", "2026-03-01"]),
        ("for x in null return x", None),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1], [2, 3])", [1, 2, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("sublist([4, 5, 6], -2, 1)", [5]),
        ("reverse([1, 2, 3])", [3, 2, 1]),
        ("index of([1, 2, 3, 2], 2)", [2, 4]),
        ("distinct values([1, 2, 3, 2, 1])", [1, 2, 3]),
        ("duplicate values([1, 2, 3, 2, 1, 1])", [2, 1]),
        ("flatten([[1, [2]], 3])", [1, 2, 3]),
        ("partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
        ("list replace([2, 4, 7, 8], 3, 6)", [2, 4, 6, 8]),
        ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", [5, 5, 7, 8]),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("mode([6, 3, 9, 6, 6])", [6]),
        ("list contains([1, null], null)", True),
        ("count([1, 2, null])", 3),
        ("is empty([])", True),
        ('get value({a: 1}, "a")', 1),
        ('get value({a: {b: 2}}, ["a", "b"])', 2),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ("(function(x, y) x - y)(y: 1, x: 3)", 2),
        ("{fact: function(n) if n < 2 then 1 else n * fact(n - 1), r: fact(5)}.r", 120),
    ],
)
def test_collections(text, expected):
    assert shown(text) == expected


def test_ranges_are_related_to_points_and_to_each_other():
    for text in (
        "before([1..5], [6..10])",
        "after([6..10], 5)",
        "meets([1..5], [5..10])",
        "overlaps([1..5], [3..8])",
        "finishes(10, [1..10])",
        "includes([5..10], 6)",
        "during(5, [1..10])",
        "starts(1, [1..10])",
        "coincides([1..5], [1..5])",
        '3 in range("[1..5]")',
        "[1..5].end = 5",
        "not([1..5).end included)",
    ):
        assert compile(text).evaluate() is True, text
