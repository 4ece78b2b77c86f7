"""A journal is enough: a run built again from its inputs stands where the stored one does, or tells how it differs."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from base.database import Database
from engine import journal, rows
from engine.environment import World
from engine.likeness import likeness
from engine.replay import Replay
from tests.engine.driver import CALENDAR, sqlite
from tests.engine.random_models import Generator
from tests.engine.random_play import tell
from tests.engine.random_players import EveryInput, empty

SEEDS = range(40)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = sqlite(tmp_path_factory.mktemp("replay"))
    yield found
    found.dispose()


def replayed(player: EveryInput) -> tuple[Replay, Any]:
    """The replay of a player's run, and the run as its rows tell it."""
    with player.verbs() as (engine, session):
        library = engine.library
        entries = journal.stored(session, "test", "run")
        found = rows.header(session, "test", "run", lock=False)
        world = World(player.clock.now(), "", CALENDAR, {}, session, "test")
        stored = rows.load(session, found, library.definition(session, found.definition), world, "run")
        replay = Replay("run", entries, lambda digest: library.definition(session, digest), CALENDAR, {"maybe"})
        list(replay.inputs())
    return replay, stored


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_run_is_the_same_again_at_its_end_and_on_its_way(seed: int, shelf: Database) -> None:
    made = Generator(seed)
    content = made.model()
    empty(shelf)
    player, looks = EveryInput(content, shelf), random.Random(seed)
    for _ in tell(player, seed, made):
        if looks.random() < 0.2:
            replay, stored = replayed(player)
            assert replay.difference is None
            assert likeness(replay.run) == likeness(stored)
    replay, stored = replayed(player)
    assert replay.difference is None
    assert likeness(replay.run) == likeness(stored)
