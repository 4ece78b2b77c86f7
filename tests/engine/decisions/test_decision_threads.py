"""Eight threads share what was compiled once, and each gets its own right answers."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.decisions import DecisionError, read
from engine.feel import Budget, FeelBudgetError, FeelSyntaxError, compile, compile_unary, from_feel
from tests.support.dmn import given, grid, model

THREADS = 8
TURNS = 150
EXPRESSIONS: dict[str, Callable[[int], object]] = {
    "sum(for i in 1..n return i * 2)": lambda n: n * (n + 1),
    "{f: function(k) if k = 0 then 0 else k + f(k - 1), r: f(n)}.r": lambda n: n * (n + 1) // 2,
    "string join(for i in 1..n return string(i), \"-\")": lambda n: "-".join(map(str, range(1, n + 1))),
    "count([1..9][item > n]) + n": lambda n: n,
    "if n > 20 then \"haut\" else \"bas\"": lambda n: "haut" if n > 20 else "bas",
    "matches(string(n), \"^[0-4]+$\")": lambda n: set(str(n)) <= set("01234"),
    "absente + n": lambda n: None,
}  # fmt: skip


def together(work: Callable[[int], None]) -> None:
    """The work of eight threads that start at the same moment; the first that fails is told."""
    ready = threading.Barrier(THREADS)

    def run(number: int) -> None:
        ready.wait()
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(run, number) for number in range(THREADS)]:
            done.result()


def test_expressions_compiled_by_all_at_once_answer_each_caller():
    compile.cache_clear()

    def work(number: int) -> None:
        for turn in range(TURNS):
            n = 1 + (number * 7 + turn) % 40
            for text, expected in EXPRESSIONS.items():
                assert from_feel(compile(text).evaluate({"n": n})) == expected(n), (text, n)

    together(work)


def test_warnings_and_budgets_belong_to_one_evaluation():
    lost, long = compile("absente + 1"), compile("for i in 1..n return i")

    def work(number: int) -> None:
        for _ in range(TURNS):
            assert len(lost.explain().warnings) == 2
            if number % 2:
                with pytest.raises(FeelBudgetError):
                    long.evaluate({"n": 500}, budget=Budget(steps=100))
            else:
                assert len(long.evaluate({"n": 50}, budget=Budget(steps=1_000))) == 50
            with pytest.raises(FeelSyntaxError):
                compile(f"1 + + {number} +")

    together(work)


def test_cells_are_shared():
    compile_unary.cache_clear()

    def work(number: int) -> None:
        for n in range(TURNS):
            assert compile_unary("[10..20), > 90").accept(n) is (10 <= n < 20 or n > 90)
            assert compile_unary("? = owner").accept(n, {"owner": number}) is (n == number)

    together(work)


def test_a_table_shared_by_all_tells_each_caller_its_own_rule():
    rules = [([f"[{n * 10}..{n * 10 + 10})", '"a"' if n % 2 else "-"], [f"n + {n}", f'"r{n}"']) for n in range(10)]
    data, requires = given(["n", "mot"])
    decisions = read(model(grid(["n", "mot"], ["somme", "rang"], rules), elements=data, requires=requires))

    def work(number: int) -> None:
        for turn in range(TURNS):
            n = (number * 13 + turn) % 110
            context = {"n": n, "mot": "a" if number % 2 else "b"}
            if n >= 100 or (n // 10 % 2 and context["mot"] == "b"):
                with pytest.raises(DecisionError, match=f"n = {n}"):
                    decisions.evaluate("d", context)
                continue
            found = decisions.evaluate("d", context)
            assert from_feel(found.value) == {"somme": n + n // 10, "rang": f"r{n // 10}"}
            assert [rule.number for rule in found.rules] == [n // 10 + 1]
            assert from_feel(found.inputs["n"]) == n

    together(work)
