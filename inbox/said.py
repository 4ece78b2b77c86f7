"""What was already answered in a case, in the words of the forms that asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.definition import Definition
from engine.feel import to_feel
from engine.pictures import Element, Entry
from inbox import dates
from pathways.forms import Field, Form
from pathways.forms.answers import read_day
from pathways.forms.form import Values
from people.persons import Person

SOURCE = "À la sortie de l’hôpital"


@dataclass(frozen=True)
class Said:
    """One earlier answer: who, when, and each question with what was answered."""

    task: str
    title: str
    by: str
    at: datetime
    lines: tuple[tuple[str, str], ...]
    keys: frozenset[str]


def said(definition: Definition, history: Sequence[Entry], people: Mapping[str, Person]) -> list[Said]:
    """The answers of a case, the latest first."""
    elements = {element.id: element for process in definition.processes for element in definition.elements(process)}
    return [
        _said(definition, elements[entry.element], entry, people)
        for entry in reversed(history)
        if entry.kind == "task_completed" and entry.element in elements
    ]
