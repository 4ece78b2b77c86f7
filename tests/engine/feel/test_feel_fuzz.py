"""Twenty thousand texts, eighteen of them here: a value or a FeelError, within the budget, and nothing else."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from time import thread_time

import pytest

from engine.feel import Budget, FeelError, FeelSyntaxError, compile, compile_unary, dump, from_feel, load
from engine.feel.values import FeelValue, kind
from tests.support.feel_fuzz import CONTEXT, Fuzz

SMALL = Budget(steps=3_000, size=30_000, depth=40, seconds=0.2)
CAP = SMALL.seconds + 1.0  # the budget, and what reading the text, writing the value and collecting garbage may take
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was compiled here does not stay in memory for the next test."""
    yield
    compile.cache_clear()
    compile_unary.cache_clear()


def kinds(value: FeelValue) -> set[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {kind(value)}.union(*map(kinds, inner))


def evaluate(text: str) -> bool:
    """Whether the text is an expression; whatever it is, nothing but a value or a FeelError comes of it."""
    try:
        expression = compile(text)
    except FeelError:
        return False
    with contextlib.suppress(FeelError):
        canonical = expression.print()
        assert compile(canonical).print() == canonical
    with contextlib.suppress(FeelError):
        outcome = expression.explain(CONTEXT, budget=SMALL, now=NOW)
        assert kinds(outcome.value)
        assert all(warning.text("en") for warning in outcome.warnings)
        from_feel(outcome.value)
        load(dump(outcome.value))
    return True


def accept(text: str) -> bool:
    try:
        cell = compile_unary(text)
    except FeelError:
        return False
    for value in (5, "a", None, [1, 2]):
        with contextlib.suppress(FeelError):
            assert cell.accept(value, CONTEXT, budget=SMALL, now=NOW) in (True, False)
    return True


def check(run, texts) -> int:
    """How many of the texts could be read."""
    readable = 0
    for text in texts:
        started = thread_time()
        try:
            readable += run(text)
        except BaseException as error:
            raise AssertionError(f"{type(error).__name__} ({error}) : {text!r}") from error
        assert thread_time() - started < CAP, text
    return readable


@pytest.mark.parametrize("seed", range(6))
def test_a_text_of_the_grammar_gives_a_value_or_a_feel_error(seed):
    fuzz = Fuzz(seed)
    assert check(evaluate, (fuzz.expression() for _ in range(1_300))) > 400


@pytest.mark.parametrize("seed", range(6))
def test_a_spoilt_text_gives_a_value_or_a_feel_error(seed):
    fuzz = Fuzz(100 + seed)
    texts = (fuzz.spoilt(fuzz.seed_text() if n % 2 else fuzz.expression(3)) for n in range(1_200))
    assert check(evaluate, texts) > 100


@pytest.mark.parametrize("seed", range(3))
def test_a_cell_accepts_or_refuses_or_gives_a_feel_error(seed):
    fuzz = Fuzz(200 + seed)
    texts = (fuzz.cell() if n % 2 else fuzz.spoilt(fuzz.cell()) for n in range(1_000))
    assert check(accept, texts) > 300


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2][1e6144]", None),
        ('--"a"', None),
        ('{"dit \\"oui\\"": 1}', {'dit "oui"': 1}),
        ("is([1] instance of list<number>, true)", True),
        ("is([1] instance of context<a: number>, false)", True),
        ("1 in (1 in (0..2)..3)", False),
        ("3 in (1..5)", True),
        ('string(@"P20000000000000D")', "P20000000000000D"),
        ('string(@"P9999999999999Y")', "P9999999999999Y"),
    ],
)
def test_what_was_found_once_stays_mended(text, value):
    assert from_feel(compile(text).evaluate()) == value


@pytest.mark.parametrize("text", ["1 instance of list<>", "1 instance of list<a, b>"])
def test_a_list_s_type_names_one_type(text):
    with pytest.raises(FeelSyntaxError):
        compile(text)
