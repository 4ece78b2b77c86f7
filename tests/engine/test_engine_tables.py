"""The tables of the engine list all that stands in their folders: nothing is found by magic, nothing is forgotten."""

import importlib
import inspect
from pathlib import Path

from engine import refusals, tables
from engine.elements import activity, containers, events, gateways, tasks, user_task
from engine.elements.node import Node
from engine.elements.table import CONTAINERS, ELEMENTS, SILENT
from engine.refusals.rule import Rule

ABSTRACT = {Node, activity.Activity, events.Event, gateways.Join}
BY_ATTRIBUTE = {containers.EventSubProcess}  # a sub-process with triggeredByEvent


def test_every_element_class_is_in_the_table() -> None:
    modules = (activity, containers, events, gateways, tasks, user_task)
    found = {c for m in modules for _, c in inspect.getmembers(m, inspect.isclass) if issubclass(c, Node)}
    assert found - ABSTRACT - BY_ATTRIBUTE == set(ELEMENTS.values())


def test_an_element_is_either_executed_or_silent() -> None:
    assert not SILENT & ELEMENTS.keys()
    assert ELEMENTS.keys() >= CONTAINERS


def test_every_rule_is_in_a_table_once_with_its_constraint_its_sentence_and_its_hint() -> None:
    names = [path.stem for path in Path(refusals.__file__).parent.glob("[!_]*.py")]
    modules = [importlib.import_module(f"engine.refusals.{name}") for name in names]
    found = [one for module in modules for _, one in inspect.getmembers(module) if isinstance(one, Rule)]
    assert {rule.code for rule in found} == {rule.code for rule in refusals.RULES}
    assert len({rule.code for rule in refusals.RULES}) == len(refusals.RULES) == len(found)
    assert all(rule.constraint[0].isdigit() or rule.constraint.startswith("Jalon: ") for rule in found)
    assert all(rule.message.endswith((".", "}")) and rule.hint.endswith(".") for rule in found)


def test_every_row_says_first_whose_it_is() -> None:
    for name in ("definition", "run", "token", "scope", "variable", "task", "outbox", "incident", "journal", "timer"):
        table = getattr(tables, name)
        assert next(iter(table.columns)).name == "tenant"
        assert "tenant" in table.primary_key.columns
