"""Random pathways, saved three ways, give the same trail, the same variables, and leave no row behind."""

from pathlib import Path

import pytest

from tests.engine.driver import EVERY_INPUT, EVERY_STEP, NEVER, Driver, sqlite
from tests.engine.random_models import Generator, drive, maybe


@pytest.mark.parametrize("seed", range(16))
def test_a_random_pathway_runs_the_same_however_it_is_saved(seed: int, tmp_path: Path) -> None:
    model = Generator(seed).model()
    found = []
    for how in (NEVER, EVERY_INPUT, EVERY_STEP):
        folder = tmp_path / how.replace(" ", "_")
        folder.mkdir()
        driver = Driver(model, sqlite(folder), how, operations={"maybe": maybe})
        found.append(drive(driver, seed))
        if how != NEVER and driver.ended:
            assert driver.left_over() == {}
        driver.database.dispose()
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) > 0
