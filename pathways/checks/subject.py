"""What the rules look at: a package's diagrams as safe XML, its forms and its decisions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import orjson
from lxml import etree

from base.errors import PathwayError
from engine import reader
from engine.findings import Finding, finding
from pathways.packages import MANIFEST, Manifest, Package

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"

XML = etree._Element


@dataclass(frozen=True)
class Node:
    """One element of a diagram, with where it stands."""

    file: str
    xml: XML

    @property
    def id(self) -> str:
        return self.xml.get("id", "")

    @property
    def name(self) -> str:
        return " ".join((self.xml.get("name") or "").split())

    @property
    def title(self) -> str:
        """What an author recognises it by."""
        return f"« {self.name or self.id} »"

    @property
    def line(self) -> int:
        return line_of(self.xml)

    def extension(self, name: str) -> XML | None:
        """The `zeebe:<name>` of this element."""
        return self.xml.find(f"{BPMN}extensionElements/{ZEEBE}{name}")

    def find(self, code: str, message: str, hint: str, severity: str = "error") -> Finding:
        return finding(code, message, hint=hint, file=self.file, element=self.id, line=self.line, severity=severity)


@dataclass(frozen=True)
class Subject:
    """The pathway's own diagrams; what it calls has been checked on its own."""

    package: Package
    diagrams: Mapping[str, XML]
    decisions: Mapping[str, XML]

    def each(self, *names: str) -> Iterator[Node]:
        """Every BPMN element of these names, in the order of the files."""
        for file, root in self.diagrams.items():
            for xml in root.iter(*(BPMN + name for name in names)):
                yield Node(file, xml)

    def owner(self, file: str, xml: XML) -> Node:
        """The BPMN element that an extension belongs to."""
        found = xml
        while (parent := found.getparent()) is not None and (
            etree.QName(found).namespace != BPMN[1:-1] or not found.get("id")
        ):
            found = parent
        return Node(file, found)

    @cached_property
    def forms(self) -> Mapping[str, tuple[str, bytes]]:
        """File and content of each form by its id, those of the pathways called included."""
        return {
            form_id(content): (path, content) for path, content in self.package.bundle.items() if path.endswith(".form")
        }

    @cached_property
    def decision_ids(self) -> frozenset[str]:
        return frozenset(xml.get("id", "") for root in self.decisions.values() for xml in root.iter("{*}decision"))


def read_subject(package: Package) -> Subject:
    """Raises Refused for files that are not safe XML, PathwayError for a manifest that does not read."""
    if MANIFEST not in package.files:
        raise PathwayError(f"Il manque {MANIFEST}.", file=MANIFEST, code="pathway-manifest-missing")
    Manifest.read(package.files[MANIFEST])
    return Subject(
        package=package,
        diagrams={path: reader.read(content, path) for path, content in package.texts(".bpmn").items()},
        decisions={
            path: reader.read(content, path) for path, content in package.bundle.items() if path.endswith(".dmn")
        },
    )


def line_of(xml: XML) -> int:
    """The line an element stands on; 0 for what was not read from a file."""
    line: int | None = getattr(xml, "sourceline", None)
    return line or 0


def form_id(content: bytes) -> str:
    """The id inside a form file, read leniently: the form rule says what is wrong with it."""
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    return str(said.get("id") or "") if isinstance(said, dict) else ""
