"""A constraint as a test sees it: a model that breaks it, and the neighbour of it that does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from base.calendars import Calendar
from engine.findings import Finding
from engine.inspection import examine
from engine.refusals import EXECUTABLE, OURS, RULES
from tests.support.models import chain, document, element, end, process, start

CALENDAR = Calendar()
OF_CARE = {rule.code for rule in OURS}


@dataclass(frozen=True)
class Case:
    """`element` is where the finding stands; the mended model has no finding of error at all."""

    code: str
    element: str
    broken: bytes
    mended: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)

    def findings(self, content: bytes) -> list[Finding]:
        rules = RULES if self.code in OF_CARE else EXECUTABLE
        return examine({"test.bpmn": content, **self.files}, CALENDAR, rules)[1]

    def hold(self) -> None:
        """The broken model is told of by this code at this element; the mended one is accepted."""
        found = [one for one in self.findings(self.broken) if one.code == self.code]
        assert [one.element for one in found[:1]] == [self.element], self.findings(self.broken)
        assert all(one.message and one.hint and one.file == "test.bpmn" and one.line for one in found), found
        left = self.findings(self.mended)
        assert not [one for one in left if one.severity == "error" or one.code == self.code], left


def case(code: str, element: str, broken: str | bytes, mended: str | bytes, given: str = "") -> Case:
    """Models are the inside of a process, `given` stands beside it; whole files are bytes."""
    files = [one if isinstance(one, bytes) else whole(one, given) for one in (broken, mended)]
    return Case(code, element, files[0], files[1])


def whole(inside: str, given: str = "") -> bytes:
    return document(given, process("p", inside))


def between(part: str, id: str = "x") -> str:
    """One element between a start and an end."""
    return start() + part + end() + chain("start", id, "end")


def beside(part: str) -> str:
    """A plain process, and something that no flow touches."""
    return start() + end() + chain("start", "end") + part


def specification(inputs: str = "", outputs: str = "", *sets: str) -> str:
    """Data inputs and outputs with one set of each, or with the sets given; names are separated by spaces."""
    made = [element("dataInput", name) for name in inputs.split()]
    made += [element("dataOutput", name) for name in outputs.split()]
    return element("ioSpecification", "", *made, *(sets or both(inputs, outputs)))


def both(inputs: str = "", outputs: str = "") -> tuple[str, str]:
    return group("inputSet", dataInputRefs=inputs), group("outputSet", dataOutputRefs=outputs)


def group(tag: str, id: str = "", **references: str) -> str:
    """A set of data: the names behind each kind of reference are separated by spaces."""
    parts = [element(kind, "", name) for kind, names in references.items() for name in names.split()]
    return element(tag, id, *parts)


def association(way: str, source: str, target: str, *more: str) -> str:
    """way: Input or Output; sources are separated by spaces."""
    sources = [element("sourceRef", "", name) for name in source.split()]
    return element(f"data{way}Association", "", *sources, element("targetRef", "", target), *more)
