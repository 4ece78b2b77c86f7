"""The tables of the engine list all that stands in their folders: nothing is found by magic, nothing is forgotten."""

import inspect
from pathlib import Path

from engine import refusals, tables
from engine.elements import activity, containers, events, gateways, tasks, user_task
from engine.elements.node import Node
from engine.elements.table import CONTAINERS, ELEMENTS, SILENT
from engine.refusals import elements, expressions, flows, identity
from engine.refusals import events as event_rules
from engine.refusals import tasks as task_rules

ABSTRACT = {Node, activity.Activity, events.Event, gateways.Join}
BY_ATTRIBUTE = {containers.EventSubProcess}  # a sub-process with triggeredByEvent


def test_every_element_class_is_in_the_table() -> None:
    modules = (activity, containers, events, gateways, tasks, user_task)
    found = {c for m in modules for _, c in inspect.getmembers(m, inspect.isclass) if issubclass(c, Node)}
    assert found - ABSTRACT - BY_ATTRIBUTE == set(ELEMENTS.values())


def test_an_element_is_either_executed_or_silent() -> None:
    assert not SILENT & ELEMENTS.keys()
    assert ELEMENTS.keys() >= CONTAINERS


def test_every_rule_is_in_a_table() -> None:
    modules = (elements, event_rules, expressions, flows, identity, task_rules)
    found = {
        f
        for module in modules
        for name, f in inspect.getmembers(module, inspect.isfunction)
        if f.__module__ == module.__name__ and not name.startswith("_")
    }
    assert found == {*refusals.EXECUTABLE, *refusals.OURS}
    folder = Path(refusals.__file__).parent
    named = {module.__name__.rpartition(".")[2] for module in modules}
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "diagram"} == named


def test_every_row_says_first_whose_it_is() -> None:
    for name in ("definition", "run", "token", "scope", "variable", "task", "outbox", "incident", "journal", "timer"):
        table = getattr(tables, name)
        assert next(iter(table.columns)).name == "tenant"
        assert "tenant" in table.primary_key.columns
