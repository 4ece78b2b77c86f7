"""DMN files opened without entities, DTD or network, and the few ways in which they are walked."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from engine.decisions.errors import UnreadableDecisions
from engine.feel.names import canonical

LARGEST = 5 * 1024 * 1024
DEEPEST = 100
MOST = 100_000
VERSIONS = {"20151101": "1.1", "20180521": "1.2", "20191111": "1.3", "20211108": "1.4", "20230324": "1.5"}
SAVE_AS = "Enregistrez-le depuis un logiciel de modélisation au format DMN 1.1 à 1.5."


def open_file(content: bytes) -> etree._Element:
    """The root of a DMN file; raises UnreadableDecisions."""
    if len(content) > LARGEST:
        raise UnreadableDecisions("Fichier de décisions trop gros (5 Mo au plus)")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableDecisions(f"XML illisible : {error.msg}", line=error.lineno or 0, hint=SAVE_AS) from error
    _refuse(root)
    return root


def _refuse(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableDecisions("Une déclaration DOCTYPE est refusée", hint="Retirez la ligne « <!DOCTYPE … ».")
    if tag(root) != "definitions" or not is_dmn(namespace(root)):
        raise UnreadableDecisions("Ce fichier n’est pas du DMN", line=line(root), hint=SAVE_AS)
    if not any(version in namespace(root) for version in VERSIONS):
        message = f"Cette version de DMN n’est pas connue : {namespace(root)}"
        raise UnreadableDecisions(message, line=line(root), hint=SAVE_AS)
    for count, (_, depth) in enumerate(_walk(root)):
        if count > MOST or depth > DEEPEST:
            raise UnreadableDecisions("Fichier de décisions trop grand ou trop imbriqué")


def _walk(root: etree._Element) -> Iterator[tuple[etree._Element, int]]:
    todo = [(root, 0)]
    while todo:
        element, depth = todo.pop()
        yield element, depth
        todo += [(child, depth + 1) for child in element]


def is_dmn(uri: str) -> bool:
    """Whether a namespace or an import type is one of DMN's models."""
    found = urlsplit(uri)
    return found.hostname == "www.omg.org" and found.path.startswith("/spec/DMN/")


def tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def line(element: etree._Element) -> int:
    found: int | None = getattr(element, "sourceline", None)
    return found or 0


def children(element: etree._Element | None, name: str = "") -> list[etree._Element]:
    """The children in DMN's own vocabulary, of one name if it is given."""
    if element is None:
        return []
    own = namespace(element)
    return [child for child in element if namespace(child) == own and name in ("", tag(child))]


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    found = children(element, name)
    return found[0] if found else None


def attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else str(element.get(name) or "").strip()


def name_of(element: etree._Element | None, name: str = "name") -> str:
    """A name, its blanks made single spaces, as FEEL reads it."""
    return canonical(attribute(element, name))


def text(element: etree._Element | None, name: str = "text") -> str:
    """What stands in a child element, without the blanks around it."""
    found = child(element, name)
    return "" if found is None else (found.text or "").strip()


def type_ref(element: etree._Element | None) -> str:
    """The name of a type, as an attribute."""
    return "" if element is None else type_name(element, attribute(element, "typeRef"))


def type_name(element: etree._Element, written: str) -> str:
    """DMN 1.1 writes `prefix:name`: the prefix goes, unless it stands for another model (`{namespace}name`)."""
    prefix, _, name = canonical(written).rpartition(":")
    if "<" in written:  # `context<a: number>`
        return canonical(written)
    uri = element.nsmap.get(prefix, "") if prefix else ""
    own = attribute(element.getroottree().getroot(), "namespace")
    return name if not uri or uri == own or uri.startswith(OUTSIDE_MODELS) else f"{{{uri}}}{name}"


OUTSIDE_MODELS = ("http://www.omg.org/spec/", "https://www.omg.org/spec/", "http://www.w3.org/")
