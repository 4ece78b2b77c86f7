"""Two thousand tables and files: an answer, or an error of decisions or of FEEL, within the budget; nothing else."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time

import pytest

from engine.decisions import DecisionError, UnreadableDecisions, read
from engine.feel import Budget, FeelError, compile, compile_unary
from tests.support.dmn_fuzz import DmnFuzz
from tests.support.feel_fuzz import CONTEXT

ROOT = Path(__file__).parents[3]
GOOD = [path.read_bytes() for path in sorted((ROOT / "bpmn").rglob("*.dmn"))]
SMALL = Budget(steps=3_000, size=30_000, depth=40, seconds=0.2)
CAP = 6 * SMALL.seconds + 1.0  # six evaluations, and what reading the file may take
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was compiled here does not stay in memory for the next test."""
    yield
    compile.cache_clear()
    compile_unary.cache_clear()


def use(content: bytes) -> bool:
    """Whether the file can be read; each of its decisions answers or gives an error of its own kinds."""
    try:
        decisions = read(content)
    except UnreadableDecisions:
        return False
    assert all(problem.message for problem in decisions.problems)
    assert all(remark.message for remark in decisions.remarks())
    for id_ in decisions.ids[-3:]:
        for strict in (True, False):
            with contextlib.suppress(DecisionError, FeelError):
                assert decisions.inputs(id_) is not None
                decisions.evaluate(id_, CONTEXT, strict=strict, budget=SMALL, now=NOW, explain=strict)
    return True


def check(contents) -> int:
    readable = 0
    for content in contents:
        started = thread_time()
        try:
            readable += use(content)
        except BaseException as error:
            raise AssertionError(f"{type(error).__name__} ({error}) : {content.decode('utf-8', 'replace')}") from error
        assert thread_time() - started < CAP, content.decode("utf-8", "replace")
    return readable


@pytest.mark.parametrize("seed", range(4))
def test_a_table_of_random_cells_answers_or_fails_cleanly(seed):
    fuzz = DmnFuzz(seed, GOOD)
    assert check(fuzz.table() for _ in range(175)) == 175


@pytest.mark.parametrize("seed", range(4))
def test_a_file_with_spoilt_elements_answers_or_fails_cleanly(seed):
    fuzz = DmnFuzz(100 + seed, GOOD)
    assert check(fuzz.spoilt_elements() for _ in range(225)) > 150


@pytest.mark.parametrize("seed", range(2))
def test_a_file_with_spoilt_bytes_answers_or_fails_cleanly(seed):
    fuzz = DmnFuzz(200 + seed, GOOD)
    assert check(fuzz.spoilt_bytes() for _ in range(200)) > 5
