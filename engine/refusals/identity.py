"""Ids, processes and imports: everything can be named, something can be executed, and all that is used is there."""

import re
from collections.abc import Iterator

from engine.dialect import BPMN, XML, line_of, local, true
from engine.refusals.diagram import Diagram
from engine.refusals.rule import Hit, rule

NC_NAME = re.compile(r"[^\W\d][\w.\-·]*")
LONGEST_ID = 100
STANDARD, PARTS = "http://www.omg.org/spec/BPMN/20100524/", ("MODEL", "DI")
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;.*)?")
KNOWN_EXTENSIONS = ("zeebe:", "modeler:")


@rule("not-bpmn", "Ce fichier n’est pas un diagramme BPMN 2.0.", "Enregistrez-le depuis l’éditeur BPMN.")
def bpmn(diagram: Diagram) -> Iterator[Hit]:
    """8.2 Infrastructure, Definitions: a BPMN file is one `definitions` element of the BPMN 2.0 namespace."""
    if diagram.root.tag != f"{BPMN}definitions":
        yield diagram.root


@rule(
    "no-process", "Aucun processus de ce fichier n’est exécutable.", "Cochez « Executable » sur le processus à suivre."
)
def executable(diagram: Diagram) -> Iterator[Hit]:
    """10.2 Types of BPMN Processes: only a process with isExecutable can be executed."""
    if diagram.root.tag == f"{BPMN}definitions" and not diagram.processes:
        yield diagram.root


@rule(
    "public-executable",
    "Le processus « {name} » est public : il ne peut pas être exécutable.",
    "Donnez-lui le type « None » ou « Private ».",
)
def public(diagram: Diagram) -> Iterator[Hit]:
    """10.2 Types of BPMN Processes: a public process is not executable."""
    return (p for p in diagram.each("process") if p.get("processType") == "Public" and true(p.get("isExecutable")))


@rule(
    "duplicate-id",
    "L’identifiant « {id} » sert deux fois (déjà à la ligne {line}).",
    "Donnez un autre identifiant à l’un des deux.",
)
def unique(diagram: Diagram) -> Iterator[Hit]:
    """8.3 Foundation, Base Element: an id is unique in the file, drawing included; extensions count for themselves."""
    seen: dict[str, int] = {}
    for node in diagram.root.iter(*(f"{{{STANDARD}{part}}}*" for part in PARTS)):
        key = node.get("id")
        if key is None or _is_wrapped(node):
            continue
        if key in seen:
            yield node, {"id": key, "line": seen[key]}
        else:
            seen[key] = line_of(node)


def _is_wrapped(node: XML) -> bool:
    """The only task of a global task, which shares its id."""
    parent = node.getparent()
    return parent is not None and local(parent) == "process" and parent.get("id") == node.get("id")


@rule("missing-id", "Un élément « {kind} » n’a pas d’identifiant.", "Enregistrez de nouveau le fichier dans l’éditeur.")
def named(diagram: Diagram) -> Iterator[Hit]:
    """8.3 Foundation, Base Element: what a flow, a message or a run refers to has an id."""
    flows = (flow for level in diagram.levels for flow in level.flows)
    nodes = [*diagram.each("process"), *(place.node for place in diagram.places), *flows]
    return ((node, {"kind": local(node)}) for node in nodes if not node.get("id"))


@rule(
    "bad-id",
    "L’identifiant « {id} » n’est pas admis.",
    "Prenez au plus 100 lettres, chiffres, points, tirets ou « _ », sans commencer par un chiffre.",
)
def readable(diagram: Diagram) -> Iterator[Hit]:
    """8.3 Foundation, Base Element: an id is an xsd:ID, a name without colon or space; here of 100 characters
    at most."""
    for node in diagram.root.iter(f"{BPMN}*"):
        key = node.get("id")
        if key is not None and (len(key) > LONGEST_ID or not NC_NAME.fullmatch(key)):
            yield node, {"id": key}


@rule(
    "import-missing",
    "Le fichier importé « {location} » n’est pas dans le parcours.",
    "Ajoutez ce fichier au parcours, ou retirez l’import.",
)
def imports(diagram: Diagram) -> Iterator[Hit]:
    """8.2 Infrastructure, Import: an imported definition can be found."""
    known = {path.rpartition("/")[2] for path in diagram.around.files}
    for node in diagram.each("import"):
        location = node.get("location") or ""
        if location.rpartition("/")[2] not in known:
            yield node, {"location": location}


@rule(
    "extension-not-understood",
    "L’extension « {definition} » doit être comprise, et Jalon ne la connaît pas.",
    "Retirez l’extension, ou son attribut mustUnderstand.",
)
def extensions(diagram: Diagram) -> Iterator[Hit]:
    """8.3 Foundation, Extensibility: what an extension marks mustUnderstand is understood, or the file is refused."""
    for node in diagram.each("extension"):
        definition = node.get("definition") or ""
        if true(node.get("mustUnderstand")) and not definition.startswith(KNOWN_EXTENSIONS):
            yield node, {"definition": definition}


@rule(
    "text-format",
    "Le format de texte « {format} » n’est pas un type de contenu.",
    "Écrivez par exemple text/plain.",
)
def text_formats(diagram: Diagram) -> Iterator[Hit]:
    """8.3 Foundation, Documentation, and 8.4 Artifacts: textFormat is a MIME type."""
    for node in diagram.each("documentation", "textAnnotation"):
        said = node.get("textFormat")
        if said is not None and not MEDIA_TYPE.fullmatch(said):
            yield node, {"format": said}


RULES = (bpmn, executable, public, unique, named, readable, imports, extensions, text_formats)
