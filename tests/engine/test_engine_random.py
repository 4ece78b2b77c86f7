"""Random pathways do what the token game of the standard says, however they are saved and whichever loop steps them."""

import os
import random
from collections.abc import Iterator
from itertools import takewhile

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from base.database import Database
from tests.engine.driver import sqlite
from tests.engine.library_loop import advance, library_loop
from tests.engine.random_models import BEGINNINGS, LARGE, SMALL, WITHIN, Generator
from tests.engine.random_play import Chapter, Player, tell
from tests.engine.random_players import ByTheStandard, EveryInput, EveryStep, InMemory, empty, rows_left
from tests.engine.token_table import Scheduler

MODELS = int(os.environ.get("JALON_RANDOM_MODELS", "100"))
"""How many models; more by hand: JALON_RANDOM_MODELS=5000."""


def shuffled(seed: int) -> Scheduler:
    chosen = random.Random(seed)
    return lambda ready: chosen.randrange(len(ready))


FEW, MANY = 2, 60
"""How many orders are drawn by lot: few see nearly every race, many are asked when a story differs after all."""


def orders(drawn: int) -> list[Scheduler]:
    """First come first served, last come first served, and no order at all."""
    return [lambda _: 0, lambda ready: len(ready) - 1, *(shuffled(1 + n) for n in range(drawn))]


def by_the_standard(made: Generator, content: bytes, seed: int, drawn: int = FEW) -> tuple[list[Chapter], bool]:
    """The story as far as it does not hang on the order of what happens at once; whether that is the whole of it."""
    stories = [list(tell(ByTheStandard(content, pick), seed, made)) for pick in orders(drawn)]
    same = takewhile(lambda told: all(one == told[0] for one in told), zip(*stories, strict=False))
    story = [told[0] for told in same]
    return story, all(len(one) == len(story) for one in stories)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = sqlite(tmp_path_factory.mktemp("random"))
    yield found
    found.dispose()


def compare(made: Generator, seed: int, database: Database) -> None:
    content = made.model()

    def told(player: Player) -> list[Chapter]:
        return list(tell(player, seed, made))

    expected, whole = by_the_standard(made, content, seed)
    stories = {"never saved": told(InMemory(content))}
    for way, player in (("every input", EveryInput), ("every step", EveryStep)):
        empty(database)
        stories[way] = told(player(content, database))
        assert rows_left(database) == {}, way
        assert stories[way] == stories["never saved"], way
    with library_loop():
        stories["library"] = told(InMemory(content, advance))
    if any(story[: len(expected)] != expected for story in stories.values()):
        expected, whole = by_the_standard(made, content, seed, MANY)
    for way, story in stories.items():
        for n, chapter in enumerate(expected):
            assert story[n : n + 1] == [chapter], (way, n)
        assert not whole or len(story) == len(expected), way


@settings(
    max_examples=MODELS,
    derandomize=MODELS == 100,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(chance=st.randoms(use_true_random=False), depth=st.integers(2, 4), seed=st.integers(0, 2**32))
def test_a_random_pathway_runs_as_the_standard_says_however_it_is_saved(
    chance: random.Random, depth: int, seed: int, database: Database
) -> None:
    compare(Generator(chance, depth), seed, database)


def test_the_random_pathways_hold_every_kind_of_block_and_can_mostly_be_compared_to_their_end() -> None:
    kinds: set[str] = set()
    wholes = []
    for seed in range(60):
        made = Generator(seed)
        wholes.append(by_the_standard(made, made.model(), seed)[1])
        kinds |= made.kinds
    assert kinds == {*SMALL, *LARGE, *WITHIN, *BEGINNINGS}
    assert sum(wholes) > 0.7 * len(wholes)
