"""Reads XML that a stranger may have written: no entities, no network, no DTD, and within limits."""

from lxml import etree

from engine.findings import Finding, Refused, finding

BYTES = 5 * 1024 * 1024
DEPTH = 100
ELEMENTS = 20_000


def read(content: bytes, file: str) -> etree._Element:
    """The root element. Raises Refused for what is too large, too deep, or not plain XML."""
    if len(content) > BYTES:
        raise Refused([_too("file-too-large", "Le fichier dépasse 5 Mo.", file)])
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<\x00!\x00D" in content or b"\x00<\x00!\x00D" in content:
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
        message = f"Le fichier n’est pas un XML lisible : {getattr(error, 'msg', error)}."
        raise Refused([finding("xml-unreadable", message, file=file, line=line)]) from error


def _measure(root: etree._Element, file: str) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEPTH:
            raise Refused([_too("xml-too-deep", f"Les éléments sont imbriqués sur plus de {DEPTH} niveaux.", file)])
        if count > ELEMENTS:
            raise Refused([_too("xml-too-many", f"Le fichier compte plus de {ELEMENTS} éléments.", file)])


def _too(code: str, message: str, file: str) -> Finding:
    return finding(code, message, hint="Découpez le parcours en plusieurs diagrammes reliés par des appels.", file=file)


def _doctype(file: str) -> Finding:
    return finding(
        "xml-doctype",
        "Le fichier contient une déclaration DOCTYPE ou une entité, ce qui n’est pas accepté.",
        hint="Enregistrez de nouveau le diagramme depuis l’éditeur.",
        file=file,
    )
