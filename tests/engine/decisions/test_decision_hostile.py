"""In a process with little memory, hostile expressions and files cost their budget, and the process lives on."""

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.support.hostile import EXPRESSIONS, FILES

ROOT = Path(__file__).parents[3]
OUTCOMES = {"value", "FeelError", "FeelBudgetError", "FeelSyntaxError", "DecisionError", "UnreadableDecisions"}
CAP = 1.5  # processor seconds: half a second of budget, and what reading a large text may take
CAP_READING = 6.0  # a file of thousands of elements is read and checked once, when it is deployed
ALTOGETHER = 120  # seconds on the wall, on a busy machine too


def test_hostile_expressions_and_files_end_within_their_budget_in_little_memory():
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.support.hostile"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=ALTOGETHER, check=False)
    assert run.returncode == 0, run.stderr[-2_000:]
    told = {line["name"]: line for line in map(json.loads, run.stdout.splitlines())}
    assert told.keys() == {*EXPRESSIONS, *(f"file: {name}" for name in FILES)}
    for name, line in told.items():
        assert line["found"] in OUTCOMES, line
        assert line["seconds"] < (CAP_READING if name.startswith("file: many") else CAP), line
    spent = time.monotonic() - started
    print(f"{len(told)} hostile texts: {spent:.1f} s, the slowest {max(line['seconds'] for line in told.values())} s")


def test_what_never_ends_is_stopped_by_the_budget_and_not_by_chance():
    command = [sys.executable, "-m", "tests.support.hostile", *(name for name in EXPRESSIONS if "loop" in name)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=ALTOGETHER, check=False)
    found = {line["name"]: line["found"] for line in map(json.loads, run.stdout.splitlines())}
    assert found == {
        "endless loop": "FeelBudgetError",
        "loops in loops": "FeelBudgetError",
        "huge loop bounds": "value",  # null: they cannot be counted
    }
