"""Files as their makers write them: versions, encodings, vendors' additions; and what is refused, all at once."""

import pytest

from engine.decisions import UnreadableDecisions, read
from tests.support.dmn import HEAD, decision, file, grid, input_data, literal, model, needs

PLAIN = decision("d", literal("1 + 1"))


def problems(elements, **options):
    return [(one.element, one.line, one.message) for one in read(file(elements, **options)).problems]


def said(elements, **options):
    return " | ".join(message for _, _, message in problems(elements, **options))


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_each_version_of_dmn_is_read(namespace):
    content = file(PLAIN).replace(b"https://www.omg.org/spec/DMN/20230324/MODEL/", namespace.encode())
    assert read(content).evaluate("d", {}).value == 2


def test_a_version_that_is_not_known_is_refused_with_what_to_do():
    with pytest.raises(UnreadableDecisions, match="version de DMN n’est pas connue") as caught:
        read(file(PLAIN).replace(b"20230324", b"20990101"))
    assert "DMN 1.1 à 1.5" in caught.value.hint
    assert caught.value.line == 1


ACCENTS = file(decision("d", literal('"é"')), name="été").decode()


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + ACCENTS.encode(),
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>' + ACCENTS.encode(),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + ACCENTS).encode("iso-8859-1"),
        ('<?xml version="1.0" encoding="windows-1252"?>' + ACCENTS).encode("cp1252"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + ACCENTS).encode("utf-16"),
    ],
)
def test_files_come_in_several_encodings(content):
    decisions = read(content)
    assert decisions.name == "été"
    assert decisions.evaluate("d", {}).value == "é"


def test_an_encoding_that_cannot_be_read_is_refused():
    with pytest.raises(UnreadableDecisions, match="XML illisible"):
        read(b'<?xml version="1.0" encoding="no-such-encoding"?>' + file(PLAIN))


def test_a_prefix_may_stand_for_dmn():
    content = file(PLAIN).replace(b"<", b"<dmn:").replace(b"<dmn:/", b"</dmn:").replace(b"xmlns=", b"xmlns:dmn=")
    assert read(content).evaluate("d", {}).value == 2


@pytest.mark.parametrize(
    "text", ["<![CDATA[1 < 2]]>", "1 <!-- un --> &lt; 2", "\n  1\n &lt; 2  \n", "1 <?pi x?>&lt; 2"]
)
def test_a_text_may_hold_cdata_comments_and_blanks(text):
    assert (
        read(file(decision("d", f"<literalExpression><text>{text}</text></literalExpression>"))).evaluate("d", {}).value
        is True
    )


VENDOR = """<extensionElements><v:extra xmlns:v="urn:vendor" a="1"><v:decision/></v:extra>
  <literalExpression><text>not read</text></literalExpression></extensionElements>"""
DRAWING = """<d:DMNDI xmlns:d="https://www.omg.org/spec/DMN/20230324/DMNDI/"><d:DMNDiagram>
  <d:DMNShape dmnElementRef="d"/></d:DMNDiagram></d:DMNDI>"""
ARTIFACTS = """<textAnnotation id="note"><text>À relire</text></textAnnotation><group id="g" name="g"/>
  <association id="a"><sourceRef href="#d"/><targetRef href="#note"/></association>
  <knowledgeSource id="ks" name="HAS"><type>guide</type><owner href="#u"/></knowledgeSource>
  <elementCollection id="ec" name="ec"><drgElement href="#d"/></elementCollection>
  <organizationUnit id="u" name="CPTS"/><performanceIndicator id="p" name="délai"/>"""


def test_what_vendors_add_and_what_is_drawn_changes_nothing():
    content = file(
        VENDOR
        + ARTIFACTS
        + DRAWING
        + decision("d", VENDOR + literal("1 + 1"), requires=needs(requiredAuthority="#ks")),
        attributes='xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:historyTimeToLive="30" exporter="x"',
    )
    decisions = read(content)
    assert decisions.problems == ()
    assert decisions.evaluate("d", {}).value == 2


@pytest.mark.parametrize(
    "language",
    [
        "feel",
        "FEEL",
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    ],
)
def test_feel_has_several_names(language):
    assert problems(PLAIN, attributes=f'expressionLanguage="{language}" typeLanguage="{language}"') == []


@pytest.mark.parametrize("language", ["juel", "javascript", "groovy", "http://www.omg.org/spec/B-FEEL/", "notfeel"])
def test_any_other_language_is_refused_wherever_it_is_named(language):
    cell = grid(["n"], ["o"], [(["1"], ["2"])]).replace("<inputEntry>", f'<inputEntry expressionLanguage="{language}">')
    assert f"Langage d’expression refusé : {language}" in said(decision("d", cell))
    assert "Langage d’expression refusé" in said(PLAIN, attributes=f'expressionLanguage="{language}"')
    assert "Langage de types refusé" in said(PLAIN, attributes=f'typeLanguage="{language}"')


def test_a_text_kept_elsewhere_is_refused():
    away = '<literalExpression id="l"><importedValues importType="x" locationURI="a.csv"/></literalExpression>'
    assert "importedValues" in said(decision("d", away))


def test_an_element_that_dmn_does_not_know_is_named():
    assert problems('<oracle id="x"/>' + PLAIN) == [("x", 1, "Élément DMN inconnu : « oracle »")]


def test_two_logics_for_one_decision_are_refused():
    assert "Une seule expression est attendue ici, 2 sont écrites" in said(decision("d", literal("1") + literal("2")))


def test_an_identifier_serves_once():
    assert "L’identifiant « d » est déjà pris, ligne 1" in said(PLAIN + decision("d", literal("3")))
    twice = grid(["n"], ["o"], [(["1"], ["2"]), (["2"], ["2"])]).replace('id="r2"', 'id="r1"')
    assert "L’identifiant « r1 » est déjà pris" in said(decision("d", twice))


def test_a_file_without_a_namespace_is_refused():
    assert "espace de noms" in said(PLAIN, namespace="")


def test_all_problems_are_told_at_once_in_the_order_of_the_file():
    java = '<encapsulatedLogic id="fl" kind="Java"><context/></encapsulatedLogic>'
    lines = "\n".join(
        [
            input_data("i", type_="tInconnu"),
            decision("a", literal("1 +"), requires=needs(requiredInput="#nulle-part")),
            decision("b", literal("2"), type_="tInconnu"),
            f'<businessKnowledgeModel id="f" name="f">{java}</businessKnowledgeModel>',
            "<oracle/>",
        ]
    )
    found = read(file(lines)).problems
    assert [one.line for one in found] == [1, 2, 2, 3, 4, 5]
    assert all(one.message and one.hint for one in found)
    assert "Fonction externe refusée (Java)" in found[4].message
    assert str(found[0]) == "ligne 1, i : Type inconnu : « tInconnu »"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"\x00\x01",
        HEAD.encode(),
        HEAD.encode() + b"<decision id='d'></definitions>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/'> %p;]>" + model(literal("1")),
        HEAD.encode() + b"<a/>" * 100_001 + b"</definitions>",
        HEAD.encode() + b"<context>" * 300 + b"</context>" * 300 + b"</definitions>",
    ],
)
def test_what_is_broken_or_hostile_is_refused_and_nothing_else(content):
    with pytest.raises(UnreadableDecisions) as caught:
        read(content)
    assert caught.value.message


@pytest.mark.parametrize(
    "elements",
    [
        "<decision/>",
        '<decision id="d"><decisionTable/></decision>',
        '<decision id="d"><decisionTable><rule/></decisionTable></decision>',
        '<decision id="d"><context><contextEntry/></context></decision>',
        '<decision id="d"><invocation><binding/></invocation></decision>',
        '<decision id="d"><relation><column/><row/></relation></decision>',
        '<decision id="d"><for/></decision>',
        '<decision id="d"><conditional/></decision>',
        '<decision id="d"><filter/></decision>',
        '<decision id="d"><functionDefinition/></decision>',
        '<decision id="d"><literalExpression/></decision>',
        '<decision id="d"><informationRequirement><requiredInput/></informationRequirement></decision>',
        '<businessKnowledgeModel id="b"/><decisionService id="s"/><itemDefinition/><import/><inputData/>',
    ],
)
def test_what_is_half_written_is_read_and_told_without_a_crash(elements):
    decisions = read(file(elements))
    assert decisions.problems or elements == "<decision/>"
    for id_ in decisions.ids:
        decisions.evaluate(id_, {}, strict=False)
