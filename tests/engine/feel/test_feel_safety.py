"""An expression has no way out of its own values."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.feel import FeelError, compile


@pytest.mark.parametrize(
    "text",
    [
        "x.__class__",
        "x.__class__.__mro__",
        '"".format',
        "date.__init__",
        "compile",
        "__builtins__",
        *["{a: 1}.keys", "count.__globals__", "x.real", "import os", "item.__dict__"],
    ],
)
def test_python_s_own_attributes_are_out_of_reach(text):
    assert compile(text).evaluate({"x": "secret"}) is None


def test_what_a_context_holds_is_never_changed():
    items = [1]
    context = {"xs": items, "c": {"a": True}}
    for text in ("append(xs, 2)", "reverse(xs)", 'context put(c, "a", 2)', "sort(xs)", "concatenate(xs, xs)"):
        compile(text).evaluate(context)
    assert context == {"xs": [1], "c": {"a": True}}


def test_one_expression_serves_many_threads():
    expression = compile("sum(for i in 1..n return i * facteur)")

    def run(n):
        return expression.evaluate({"n": n, "facteur": 2}) == n * (n + 1)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(1, 200)))


def test_any_mapping_can_be_the_context():
    class Scopes:
        def __getitem__(self, name):
            if name == "score":
                return 7
            raise KeyError(name)

        def __contains__(self, name):
            return name == "score"

    assert compile("score > 5 and absent = null").evaluate(Scopes()) is True


def test_errors_are_feel_s_own():
    with pytest.raises(FeelError):
        compile("x").evaluate({"x": float("nan")})
