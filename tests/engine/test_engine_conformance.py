"""The public samples beside the checkout: features are played, invalid models refused, files kept without loss."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.absent import shared

ROOT = Path(__file__).parents[2]
EXECUTABLE, INVALID, DRAWN = 54, 107, 8
LOADED_ONCE = (
    "import runpy, sys; from pathlib import Path; script = sys.argv[1]; del sys.argv[0]; "
    "sys.path[:0] = [str(Path.cwd()), str(Path(script).parent)]; import tests.support.conformance; "
    "runpy.run_path(script, run_name='__main__')"
)
"""The adapter is imported once, before the runner forks a process for each case."""


def judge(tmp_path: Path, script: str, *arguments: str) -> Any:
    """What a runner says of the adapters."""
    out = tmp_path / "results.json"
    command = [sys.executable, "-c", LOADED_ONCE, str(shared("conformance") / script), *arguments, "--out", str(out)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return json.loads(out.read_bytes())


def departures(found: list[dict[str, Any]]) -> dict[str, str]:
    """What did not pass, and why."""
    wrong = [one for one in found if one["verdict"] != "pass"]
    return {one["id"]: next(case["reason"] for case in one["detail"] if not case["ok"]) for one in wrong}


@pytest.mark.parametrize("adapter", ["run", "run_by_library", "run_renamed", "run_renamed_by_library"])
def test_every_feature_of_the_sample_runs_as_the_standard_says(adapter: str, tmp_path: Path) -> None:
    options = ("--adapter", f"tests.support.conformance:{adapter}", "--jobs", "2", "-q")
    found = judge(tmp_path, "run_bpmn.py", *options)["results"]
    assert departures(found) == {}
    assert len(found) == EXECUTABLE


def test_every_invalid_model_of_the_sample_is_refused(tmp_path: Path) -> None:
    options = ("--adapter", "tests.support.conformance:run", "--groups", "bpmn_constraints", "--jobs", "2", "-q")
    found = judge(tmp_path, "run_bpmn.py", *options)["results"]
    assert departures(found) == {}
    assert len(found) == INVALID


@pytest.mark.parametrize(("mode", "adapter"), [("roundtrip", "roundtrip"), ("import", "load")])
def test_a_diagram_of_any_tool_is_kept_and_exported_without_loss(mode: str, adapter: str, tmp_path: Path) -> None:
    found = judge(tmp_path, "run_roundtrip.py", mode, "--adapter", f"tests.support.conformance:{adapter}", "-q")
    assert [one for one in found if not one["ok"]] == []
    assert len(found) == DRAWN
