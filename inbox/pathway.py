"""What screens read of a definition, kept as long as it is in use: its elements by id, its steps, its forms."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from engine.definition import Definition
from engine.pictures import Element
from pathways.forms import Form

KEPT = 64
REASON, LABEL, FORETOLD = "pourquoi", "etape", "annonce"
"""Why a person is asked; the step's name on the trail; « non » for a step that is only shown once it is there."""


@lru_cache(maxsize=KEPT)
def elements(definition: Definition) -> Mapping[str, Element]:
    """Every element of every process of the bundle; the main process wins where two share an id."""
    found = [element for process in reversed(definition.processes) for element in definition.elements(process)]
    return MappingProxyType({element.id: element for element in found})


@lru_cache(maxsize=KEPT)
def steps(definition: Definition, process: str) -> tuple[Element, ...]:
    """The milestones of a process, in flow order."""
    return tuple(definition.steps(process))


def property_of(definition: Definition, element: str, name: str) -> str:
    """What the author wrote of an element under a name of ours; nothing when they wrote nothing."""
    found = elements(definition).get(element)
    return found.properties.get(name, "") if found else ""


@lru_cache(maxsize=KEPT * 8)
def form(definition: Definition, name: str) -> Form | None:
    """A form of the bundle, read once; None when the bundle has none of that name."""
    content = definition.form(name)
    return Form.read(content, name) if content else None


@lru_cache(maxsize=KEPT * 8)
def reads_case(definition: Definition, name: str) -> bool:
    """Whether an answer to this form is checked against the case's variables."""
    fields = list(found.walk()) if (found := form(definition, name)) else []
    bounds = (bound for field in fields for bound in (field.validate.get("min"), field.validate.get("max")))
    asks = any(field.hide is not None or field.options_from for field in fields)
    return asks or any(isinstance(bound, str) and bound.startswith("=") for bound in bounds)


def main_file(definition: Definition, process: str) -> bytes:
    """The BPMN file that holds a process."""
    files = {element.file for element in definition.elements(process)}
    return next((definition.files[file] for file in sorted(files) if file in definition.files), b"")
