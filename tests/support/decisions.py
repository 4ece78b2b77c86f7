"""Our decisions behind the port of the OMG's compatibility kit: `--adapter tests.support.decisions:evaluate`."""

import datetime as dt
import sys
from functools import cache
from pathlib import Path

from engine.decisions import Decisions, model, read
from engine.feel import Budget, Months, to_feel
from engine.feel.durations import Nanoseconds
from engine.feel.iso import read_temporal
from engine.feel.temporal import Date, DateTime, Time
from engine.feel.values import Function, Range

GENEROUS = Budget(steps=2_000_000, size=10_000_000, seconds=10)
NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
KINDS = {Date: "date", Time: "time", DateTime: "dateTime", Nanoseconds: "duration", Range: "range"}
ELEMENTS = {"decision": model.Decision, "decisionService": model.DecisionService, "bkm": model.BusinessKnowledge}
_warnings: list[str] = []


class NotLoaded(Exception):
    tck_load_error = True


def evaluate(path: str, name: str, inputs: dict, kind: str):
    """The value of a decision, service or business knowledge model, by the kit's rules."""
    decisions = load(path)
    given = {key: entering(value) for key, value in inputs.items()}
    id_ = find(decisions, name, kind)
    if kind == "decision":
        found = decisions.evaluate(id_, given, strict=False, budget=GENEROUS, now=NOW)
    else:
        found = decisions.call(id_, given, strict=False, budget=GENEROUS, now=NOW)
    _warnings[:] = found.warnings
    return leaving(found.value)


def last_diagnostics() -> list[str]:
    return list(_warnings)


@cache
def load(path: str) -> Decisions:
    main = Path(path)
    try:
        return read(main.read_bytes(), [other.read_bytes() for other in main.parent.glob("*.dmn") if other != main])
    except Exception as error:
        raise NotLoaded(str(error)) from error


def find(decisions: Decisions, name: str, kind: str) -> str:
    return decisions.find(name, ELEMENTS[kind])


def entering(value):
    if isinstance(value, list):
        return [entering(item) for item in value]
    if isinstance(value, dict):
        return {key: entering(item) for key, item in value.items()}
    if type(value).__name__ == "YearsMonths":
        return Months(int(value))
    if type(value).__name__ == "Temporal":
        return read_temporal(str(value))
    return to_feel(value)


def leaving(value):
    runner = sys.modules["__main__"] if hasattr(sys.modules["__main__"], "YearsMonths") else sys.modules.get("run_tck")
    if isinstance(value, list):
        return [leaving(item) for item in value]
    if isinstance(value, dict):
        return {key: leaving(item) for key, item in value.items()}
    if isinstance(value, Months):
        return runner.YearsMonths(value.count)
    if type(value) in KINDS:
        return runner.Temporal(str(value), KINDS[type(value)])
    return "function" if isinstance(value, Function) else value
