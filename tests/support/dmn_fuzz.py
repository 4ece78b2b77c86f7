"""Random DMN files: tables of random cells, and good files spoilt byte by byte or element by element."""

from copy import deepcopy
from random import Random

from lxml import etree

from tests.support.dmn import HEAD, decision, file, grid, input_data, literal, model, needs, table
from tests.support.feel_fuzz import Fuzz

POLICIES = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT", "SOMETIMES", "")
AGGREGATIONS = ("", "", "SUM", "MIN", "MAX", "COUNT", "MODE")
TAGS = (
    *(
        "decision",
        "inputData",
        "businessKnowledgeModel",
        "decisionService",
        "itemDefinition",
        "itemComponent",
        "import",
    ),
    *("literalExpression", "context", "contextEntry", "list", "relation", "row", "column", "invocation", "binding"),
    *("functionDefinition", "formalParameter", "conditional", "if", "then", "else", "filter", "in", "match", "for"),
    *("return", "some", "satisfies", "decisionTable", "input", "inputExpression", "output", "rule", "inputEntry"),
    *("outputEntry", "text", "variable", "typeRef", "allowedValues", "requiredDecision", "informationRequirement"),
)
WORDS = (
    "#d",
    "#b",
    "#i",
    "#s",
    "#t",
    "urn:t#d",
    "urn:x#y",
    "#",
    "d",
    "n",
    "number",
    "tAge",
    "tList",
    "feel:string",
    "Any",
)
EVERYTHING = file(
    """<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..120]</text></allowedValues>
      </itemDefinition><itemDefinition name="tList" isCollection="true"><typeRef>tAge</typeRef></itemDefinition>
      <itemDefinition name="tPatient"><itemComponent name="age"><typeRef>tAge</typeRef></itemComponent>
      <itemComponent name="nom"><typeRef>string</typeRef></itemComponent></itemDefinition>"""
    + input_data("i", name="n", type_="number")
    + """<businessKnowledgeModel id="b" name="double"><variable name="double"/><encapsulatedLogic>
      <formalParameter name="k" typeRef="number"/><literalExpression><text>if k > 99 then k else double(k * 2)</text>
      </literalExpression></encapsulatedLogic></businessKnowledgeModel>"""
    + decision("c", "<context><contextEntry><variable name='a'/>" + literal("n + 1") + "</contextEntry><contextEntry>"
      "<variable name='l'/><list>" + literal("1") + literal("a") + "</list></contextEntry><contextEntry><conditional>"
      "<if>" + literal("n > 1") + "</if><then>" + literal("l") + "</then><else>" + literal("[]") + "</else>"
      "</conditional></contextEntry></context>", requires=needs(requiredInput="#i"))
    + decision("r", "<relation><column name='age'/><column name='nom'/><row>" + literal("n") + literal('"x"')
      + "</row></relation>", requires=needs(requiredInput="#i"), type_="")
    + decision("f", "<filter><in>" + literal("c") + "</in><match>" + literal("item > 1") + "</match></filter>",
      requires=needs(requiredDecision="#c"))
    + decision("o", "<for iteratorVariable='x'><in>" + literal("c") + "</in><return>" + literal("double(x)")
      + "</return></for>", requires=needs(requiredDecision="#c", requiredKnowledge="#b"))
    + decision("v", "<invocation>" + literal("double") + "<binding><parameter name='k'/>" + literal("n")
      + "</binding></invocation>", requires=needs(requiredInput="#i", requiredKnowledge="#b"))
    + decision("d", table([("< 3", "count(o)"), (">= 3", "v")], policy="FIRST", type_="number"),
      requires=needs(requiredInput="#i", requiredDecision="#o #v"))
    + """<decisionService id="s" name="service"><variable name="service"/><outputDecision href="#d"/>
      <inputData href="#i"/></decisionService>"""
)  # fmt: skip


class DmnFuzz:
    """An endless source of files; the same seed makes the same ones."""

    def __init__(self, seed: int, good: list[bytes]) -> None:
        self.random, self.feel, self.good = Random(seed), Fuzz(seed), [*good, *[EVERYTHING] * 12]

    def table(self) -> bytes:
        """A table of random cells."""
        columns, outputs = self.random.randint(1, 3), self.random.randint(1, 2)
        rules = [
            ([self.feel.cell() for _ in range(columns)], [self.feel.expression(2) for _ in range(outputs)])
            for _ in range(self.random.randint(0, 5))
        ]
        names = ["n", "x", "b[1]", "count(lits)", self.feel.expression(2)]
        shape = {"policy": self._one(POLICIES), "aggregation": self._one(AGGREGATIONS)}
        if self.random.random() < 0.3:
            shape["values"] = [self.feel.cell() for _ in range(outputs)]
        if self.random.random() < 0.2:
            shape["defaults"] = [self.feel.expression(2) for _ in range(outputs)]
        inputs = [self._one(names) for _ in range(columns)]
        return model(
            grid(self._writable(inputs), ["o", "p"][:outputs], self._writable_rules(rules), **self._all(shape))
        )

    def spoilt_bytes(self) -> bytes:
        content = bytearray(self._one(self.good))
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randrange(len(content) + 1)
            end = min(len(content), at + self._one((0, 1, 2, 30)))
            piece = self._one((b"", b"a", b"7", b" ", b'"', b"<", b"&", b"\x00", b"\xff", b"&a;", content[at:end] * 2))
            content[at:end] = piece
        return bytes(content)

    def spoilt_elements(self) -> bytes:
        root = etree.fromstring(self._one(self.good), etree.XMLParser(remove_comments=True, remove_pis=True))
        for _ in range(self.random.randint(1, 5)):
            self._spoil(root)
        return etree.tostring(root)

    def _spoil(self, root: etree._Element) -> None:
        elements = list(root.iter())[1:] or [root]
        found, other = self._one(elements), self._one(elements)
        change = self.random.randrange(6)
        if change == 0 and found is not root:
            found.getparent().remove(found)
        elif change == 1:
            other.append(deepcopy(found))
        elif change == 2:
            found.tag = etree.QName(etree.QName(root).namespace, self._one(TAGS))
        elif change == 3 and found.attrib:
            found.set(self._one(sorted(found.attrib)), self._one(WORDS))
        elif change == 4:
            found.text = self._clean(self._one((self.feel.cell(), self.feel.expression(3), self._one(WORDS))))
        else:
            found.set(self._one(("typeRef", "href", "id", "name", "hitPolicy", "kind")), self._one((*WORDS, *POLICIES)))

    def _one(self, choices):
        return self.random.choice(choices)

    @staticmethod
    def _clean(text: str) -> str:
        """What XML can hold of a text."""
        return "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud7ff" < c < "\ue000" and c < "\ufffe"))

    def _writable(self, texts: list[str]) -> list[str]:
        return [self._clean(text) for text in texts]

    def _writable_rules(self, rules):
        return [(self._writable(cells), self._writable(outputs)) for cells, outputs in rules]

    def _all(self, shape):
        return {key: self._writable(found) if isinstance(found, list) else found for key, found in shape.items()}


def bomb(entities: str) -> bytes:
    """A file whose DOCTYPE declares entities."""
    return f"<!DOCTYPE definitions [{entities}]>{HEAD}<decision id='d' name='d'>&a;</decision></definitions>".encode()
