"""Gives every id of a BPMN file another name, wherever it is said: nothing may hang on what an element is called."""

import re

from lxml import etree

WORD = re.compile(r"[^\W\d][\w.-]*")


def rename(content: bytes) -> tuple[bytes, dict[str, str]]:
    """The file with other ids, and old id -> new id."""
    root = etree.fromstring(content)
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    names = {old: f"r{n}" for n, old in enumerate(dict.fromkeys(node.get("id") for node in nodes if node.get("id")))}

    def other(text: str) -> str:
        return WORD.sub(lambda word: names.get(word[0], word[0]), text)

    for node in nodes:
        for name, value in node.attrib.items():
            if name != "name":
                node.set(name, other(value))
        node.text = node.text and other(node.text)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True), names
