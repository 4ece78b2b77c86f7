"""Built-in functions on lists, contexts and truth (DMN 1.5, tables 73, 75 and 79), and Camunda's."""

import pytest

from engine.feel import FeelError, compile
from tests.support.feel_rows import Table, explained, rows, shown

LISTS: Table = {
    "list contains": [
        ("list contains([1, 2, 3], 2)", "true"),
        ("list contains([1, 2, 3], 4)", "false"),
        ("list contains([1, null], null)", "true"),
        ("list contains([], null)", "false"),
        ("list contains(1, 1)", "true"),
        ("list contains(null, 1)", "null"),
        ("list contains(list: [[1]], element: [1])", "true"),
    ],
    "sublist": [
        ("sublist([4, 5, 6], 2)", "[5, 6]"),
        ("sublist([4, 5, 6], 1, 2)", "[4, 5]"),
        ("sublist([4, 5, 6], -1)", "[6]"),
        ("sublist([4, 5, 6], -2, 1)", "[5]"),
        ("sublist([4, 5, 6], 0)", "null"),
        ("sublist([4, 5, 6], 4)", "null"),
        ("sublist([4, 5, 6], 2, 3)", "null"),
        ("sublist(null, 1)", "null"),
        ("sublist(list: [4, 5, 6], start position: 2, length: 1)", "[5]"),
    ],
    "append": [
        ("append([1], 2, 3)", "[1, 2, 3]"),
        ("append([], 1)", "[1]"),
        ("append([1], [2])", "[1, [2]]"),
        ("append([1], null)", "[1, null]"),
        ("append(1, 2)", "[1, 2]"),
        ("append(null, 1)", "null"),
    ],
    "concatenate": [
        ("concatenate([1, 2], [3])", "[1, 2, 3]"),
        ("concatenate([1], [2], [3])", "[1, 2, 3]"),
        ("concatenate([1, 2], 3)", "[1, 2, 3]"),
        ("concatenate([1], [[2]])", "[1, [2]]"),
        ("concatenate([1], [null])", "[1, null]"),
        ("concatenate([1], null)", "null"),
        ("concatenate(null)", "null"),
    ],
    "insert before": [
        ("insert before([1, 3], 1, 2)", "[2, 1, 3]"),
        ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
        ("insert before([1, 3], -1, 2)", "[1, 2, 3]"),
        ("insert before([1, 3], 2, null)", "[1, null, 3]"),
        ("insert before([1, 3], 0, 2)", "null"),
        ("insert before([1, 3], 9, 2)", "null"),
        ("insert before(null, 1, 2)", "null"),
    ],
    "remove": [
        ("remove([1, 2, 3], 2)", "[1, 3]"),
        ("remove([1, 2, 3], -1)", "[1, 2]"),
        ("remove([1], 1)", "[]"),
        ("remove([1, 2, 3], 0)", "null"),
        ("remove([1, 2, 3], 4)", "null"),
        ("remove(null, 1)", "null"),
        ("remove([1], null)", "null"),
    ],
    "list replace": [
        ("list replace([2, 4, 7, 8], 3, 6)", "[2, 4, 6, 8]"),
        ("list replace([2, 4, 7, 8], -1, 6)", "[2, 4, 7, 6]"),
        ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]"),
        ("list replace([1, 2], 3, 0)", "null"),
        ("list replace([1, 2], 0, 0)", "null"),
        ("list replace([1, 2], function(item) true, 0)", "null"),
        ('list replace([1, 2], function(item, newItem) "yes", 0)', "null"),
        ("list replace(null, 1, 0)", "null"),
        ("list replace(list: [1, 2], position: 1, newItem: 9)", "[9, 2]"),
        ("list replace(list: [1], match: function(item, newItem) true, newItem: 9)", "[9]"),
    ],
    "reverse": [
        ("reverse([1, 2, 3])", "[3, 2, 1]"),
        ("reverse([])", "[]"),
        ("reverse([null, 1])", "[1, null]"),
        ("reverse(1)", "[1]"),
        ("reverse(null)", "null"),
    ],
    "index of": [
        ("index of([1, 2, 3, 2], 2)", "[2, 4]"),
        ("index of([1, 2], 3)", "[]"),
        ("index of([1, null], null)", "[2]"),
        ("index of([], 1)", "[]"),
        ("index of(null, 1)", "null"),
    ],
    "union": [
        ("union([1, 2], [2, 3])", "[1, 2, 3]"),
        ("union([1, 1], [1])", "[1]"),
        ("union([1, null], [null])", "[1, null]"),
        ("union([1], 2)", "[1, 2]"),
        ("union([1], null)", "null"),
    ],
    "distinct values": [
        ("distinct values([1, 2, 3, 2, 1])", "[1, 2, 3]"),
        ('distinct values([1, "1", null, null])', '[1, "1", null]'),
        ("distinct values([])", "[]"),
        ("distinct values([[1], [1]])", "[[1]]"),
        ("distinct values(null)", "null"),
    ],
    "duplicate values": [
        ("duplicate values([1, 2, 3, 2, 1])", "[2, 1]"),
        ("duplicate values([1, 2])", "[]"),
        ("duplicate values([1, 1, 1])", "[1]"),
        ("duplicate values([])", "[]"),
        ("duplicate values(null)", "null"),
    ],
    "flatten": [
        ("flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]"),
        ("flatten([])", "[]"),
        ("flatten([[], [null]])", "[null]"),
        ("flatten(1)", "[1]"),
        ("flatten(null)", "null"),
    ],
    "partition": [
        ("partition([1, 2, 3, 4, 5], 2)", "[[1, 2], [3, 4], [5]]"),
        ("partition([], 2)", "[]"),
        ("partition([1], 5)", "[[1]]"),
        ("partition([1, 2], 0)", "null"),
        ("partition([1, 2], -1)", "null"),
        ("partition(null, 1)", "null"),
    ],
    "is empty": [
        ("is empty([])", "true"),
        ("is empty([1])", "false"),
        ("is empty([null])", "false"),
        ("is empty(null)", "null"),
        ("is empty(list: [])", "true"),
    ],
    "sort": [
        ("sort(list: [3, 1, 4], precedes: function(x, y) x < y)", "[1, 3, 4]"),
        ("sort([3, 1, 4], function(x, y) x > y)", "[4, 3, 1]"),
        ('sort(["b", "a"])', '["a", "b"]'),
        ("sort([], function(x, y) x < y)", "[]"),
        ("sort([{a: 2}, {a: 1}], function(x, y) x.a < y.a)", "[{a: 1}, {a: 2}]"),
        ("sort([1, 2], function(x) true)", "null"),
        ('sort([1, 2], function(x, y) "yes")', "null"),
        ('sort([1, "a"])', "null"),
        ("sort(null, function(x, y) x < y)", "null"),
    ],
    "all": [
        ("all([true, true])", "true"),
        ("all([true, null])", "null"),
        ("all([false, null])", "false"),
        ("all([])", "true"),
        ("all(true, false)", "false"),
        ("all(0)", "null"),
        ("and([true, false])", "false"),
    ],
    "any": [
        ("any([false, true])", "true"),
        ("any([false, null])", "null"),
        ("any([true, null])", "true"),
        ("any([])", "false"),
        ("any(0)", "null"),
        ("or(false, null, true)", "true"),
    ],
    "not": [
        ("not(true)", "false"),
        ("not(negand: false)", "true"),
        ("not(null)", "null"),
        ("not(1)", "null"),
        ("not()", "null"),
    ],
    "is": [
        ("is(1, 1.0)", "true"),
        ('is(1, "1")', "false"),
        ("is(null, null)", "true"),
        ('is(@"23:00:50Z", @"23:00:50")', "false"),
        ('is(@"23:00:50Z", @"23:00:50+00:00")', "true"),
        ('is(@"2012-12-25", @"2012-12-25T00:00:00")', "false"),
        ("is(value1: [1], value2: [1])", "true"),
        ("is([1], 1)", "false"),
    ],
    "is defined": [
        ("is defined(1)", "true"),
        ("is defined(null)", "false"),
        ("is defined(nobody)", "false"),
        ("is defined(nobody.name)", "false"),
        ("is defined(value: [])", "true"),
    ],
    "get or else": [
        ('get or else("this", "default")', '"this"'),
        ('get or else(null, "default")', '"default"'),
        ("get or else(null, null)", "null"),
        ("get or else(nobody.name, 0)", "0"),
        ("get or else(false, true)", "false"),
    ],
    "assert": [
        ("assert(4, 4 > 0)", "4"),
        ('assert("a", true, "never")', '"a"'),
        ("assert(null, true)", "null"),
        ("assert(value: 1, condition: true)", "1"),
        ("assert([], true)", "[]"),
    ],
    "get value": [
        ('get value({foo: 123}, "foo")', "123"),
        ('get value({a: 1}, "b")', "null"),
        ('get value({x: 1, y: {z: 0}}, ["y", "z"])', "0"),
        ('get value({x: {y: {z: 0}}}, ["x", "y"])', "{z: 0}"),
        ('get value({a: {b: 3}}, ["b"])', "null"),
        ("get value({a: 1}, [])", "null"),
        ("get value({a: 1}, null)", "null"),
        ('get value(null, "a")', "null"),
        ('get value(m: {a: 1}, key: "a")', "1"),
        ('get value(context: {a: {b: 1}}, keys: ["a", "b"])', "1"),
        ('get value({a: 1}, ["a", "b"])', "null"),
    ],
    "get entries": [
        ("get entries({foo: 123})", '[{key: "foo", value: 123}]'),
        ("get entries({})", "[]"),
        ("get entries({a: null})", '[{key: "a", value: null}]'),
        ("get entries(m: {a: 1})", '[{key: "a", value: 1}]'),
        ("get entries(null)", "null"),
        ("get entries([])", "null"),
    ],
    "context": [
        ('context([{key: "a", value: 1}, {key: "b", value: null}])', "{a: 1, b: null}"),
        ('context({key: "a", value: 1})', "{a: 1}"),
        ("context([])", "{}"),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
        ('context([{key: "a"}])', "null"),
        ("context([{key: 1, value: 2}])", "null"),
        ("context(null)", "null"),
        ('context(entries: [{key: "a", value: 1, more: 2}])', "{a: 1}"),
    ],
    "context put": [
        ('context put({x: 1}, "y", 2)', "{x: 1, y: 2}"),
        ('context put({x: 1}, "x", 2)', "{x: 2}"),
        ('context put({x: 1, y: {z: 0}}, ["y", "z"], 2)', "{x: 1, y: {z: 2}}"),
        ('context put({x: 1}, ["y"], 2)', "{x: 1, y: 2}"),
        ('context put({x: 1}, ["y", "z"], 2)', "null"),
        ("context put({x: 1}, [], 2)", "null"),
        ("context put({x: 1}, null, 2)", "null"),
        ('context put({x: 1}, ["y", 1], 2)', "null"),
        ('context put(null, "a", 1)', "null"),
        ('context put(context: {}, key: "a", value: null)', "{a: null}"),
        ('context put(context: {a: {}}, keys: ["a", "b"], value: 1)', "{a: {b: 1}}"),
    ],
    "context merge": [
        ("context merge([{x: 1}, {y: 2}])", "{x: 1, y: 2}"),
        ("context merge([{x: 1, y: 0}, {y: 2}])", "{x: 1, y: 2}"),
        ("context merge([{a: {b: 1}}, {a: {c: 2}}])", "{a: {c: 2}}"),
        ("context merge([])", "{}"),
        ("context merge({x: 1})", "{x: 1}"),
        ("context merge([{x: 1}, null])", "null"),
        ("context merge(null)", "null"),
    ],
}


@pytest.mark.parametrize(("expression", "expected"), rows(LISTS))
def test_a_function_on_lists_contexts_or_truth_gives_what_the_standard_says(expression, expected):
    assert shown(expression) == expected


@pytest.mark.parametrize(
    "expression", ["random number()", "uuid()", "fromAi(1)", 'fromAi(1, "what")', "assert(1, null)"]
)
def test_a_function_may_refuse_loudly(expression):
    with pytest.raises(FeelError):
        explained(expression)


def test_the_host_may_offer_what_the_language_refuses():
    assert compile("uuid()").evaluate(functions={"uuid": lambda: "7793aab1"}) == "7793aab1"
