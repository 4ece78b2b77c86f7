"""Reads XML that a stranger may have written: no entities, no network, no DTD, and within limits."""

from lxml import etree

from engine.dialect import line_of
from engine.findings import Finding, Refused, finding

BYTES = 5 * 1024 * 1024
DEPTH = 100
ELEMENTS = 20_000
ATTRIBUTES = 100
ATTRIBUTE = 32 * 1024
TEXT = 512 * 1024
NAME = 200
DOCTYPES = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


def read(content: bytes, file: str) -> etree._Element:
    """The root element. Raises Refused for what is too large, too deep, or not plain XML."""
    if len(content) > BYTES:
        raise Refused([_too("file-too-large", "Le fichier dépasse 5 Mo.", file)])
    if any(word in content for word in DOCTYPES):
        raise Refused([_doctype(file)])
    root = _parse(content, file)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused([_doctype(file)])
    _measure(root, file)
    return root


def _parse(content: bytes, file: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        message = f"Le fichier n’est pas un XML lisible : {getattr(error, 'msg', error)}."
        hint = "Enregistrez de nouveau le diagramme depuis l’éditeur."
        raise Refused([finding("xml-unreadable", message, hint=hint, file=file, line=line)]) from error


def _measure(root: etree._Element, file: str) -> None:
    depth = count = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEPTH:
            raise Refused([_too("xml-too-deep", f"Les éléments sont imbriqués sur plus de {DEPTH} niveaux.", file)])
        if count > ELEMENTS:
            raise Refused([_too("xml-too-many", f"Le fichier compte plus de {ELEMENTS} éléments.", file)])
        if event == "start":
            _weigh(node, file)


def _weigh(node: etree._Element, file: str) -> None:
    """One element: its names, its attributes and its text."""
    line = line_of(node)
    if len(node.attrib) + len(node.nsmap) > ATTRIBUTES:
        raise Refused([_too("xml-attributes", f"Un élément a plus de {ATTRIBUTES} attributs.", file, line)])
    if any(len(name) > NAME for name in (node.tag, *node.attrib)):
        raise Refused([_too("xml-name", f"Un nom dépasse {NAME} caractères.", file, line)])
    if any(len(value) > ATTRIBUTE for value in node.attrib.values()):
        raise Refused([_too("xml-attribute", f"Un attribut dépasse {ATTRIBUTE // 1024} Ko.", file, line)])
    if len(node.text or "") > TEXT or len(node.tail or "") > TEXT:
        raise Refused([_too("xml-text", f"Un texte dépasse {TEXT // 1024} Ko.", file, line)])


def _too(code: str, message: str, file: str, line: int = 0) -> Finding:
    hint = "Découpez le parcours en plusieurs diagrammes reliés par des appels."
    return finding(code, message, hint=hint, file=file, line=line)


def _doctype(file: str) -> Finding:
    return finding(
        "xml-doctype",
        "Le fichier contient une déclaration DOCTYPE ou une entité, ce qui n’est pas accepté.",
        hint="Enregistrez de nouveau le diagramme depuis l’éditeur.",
        file=file,
    )
