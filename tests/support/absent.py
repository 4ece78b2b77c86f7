"""Parts of the machine that a test needs: where one is missing, CI fails and anybody else is told at the end."""

import shutil
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(__file__).parents[3] / "shared"
ELSEWHERE = "../shared/"


def lacking(part: str, remedy: str) -> NoReturn:
    """Give up on a test for want of a part; `tests/conftest.py` makes it a failure in CI, else a closing line."""
    pytest.skip(f"{part} manque : {remedy}")


def shared(name: str) -> Path:
    """A folder beside the checkout, that belongs to no repository: without it CI too may go on, and says so."""
    if not (SHARED / name).is_dir():
        pytest.skip(f"{ELSEWHERE}{name} n’est pas à côté du dépôt : ces essais ne se font que là où il est")
    return SHARED / name


def program(name: str, *, also_in: str | None = None) -> Path | None:
    """The path of a program on PATH, or the newest of those that a glob such as `/usr/lib/postgresql/*/bin` holds."""
    found = shutil.which(name)
    if found:
        return Path(found)
    if also_in is None:
        return None
    candidates = sorted(Path("/").glob(f"{also_in.lstrip('/')}/{name}"), key=lambda path: path.parts)
    return candidates[-1] if candidates else None
