"""DMN files are read without entities, DTD or network."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.decisions import UnreadableDecisions, read
from tests.support.dmn import HEAD, literal, model, table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not xml", "XML illisible"),
        (b"<definitions xmlns='urn:other'/>", "n’est pas du DMN"),
        (b"<a xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>", "n’est pas du DMN"),
        (b"<!DOCTYPE d [<!ENTITY a 'aaaa'>]>" + model(literal('"&a;"')), "DOCTYPE"),
        (b"<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" + model(literal("1")), "DOCTYPE"),
        (b" " * (6 * 1024 * 1024), "trop gros"),
        (HEAD.encode() + b"<list>" * 150 + b"</list>" * 150 + b"</definitions>", "trop imbriqué"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(content, message):
    with pytest.raises(UnreadableDecisions, match=message):
        read(content)


@pytest.mark.parametrize("version", ["20151101/dmn.xsd", "20180521/MODEL/", "20191111/MODEL/", "20211108/MODEL/"])
def test_every_version_of_the_standard_is_read(version):
    content = model(table([("5", '"cinq"')])).replace(b"20191111/MODEL/", version.encode())
    assert read(content).evaluate("d", {"n": 5}).value == "cinq"


def test_prefixed_types_of_the_first_version_are_understood():
    content = model(table([("5", '"cinq"')], input_type="feel:number"))
    assert read(content).evaluate("d", {"n": 5}).value == "cinq"


def test_another_expression_language_is_a_problem():
    decisions = read(model('<literalExpression id="l" expressionLanguage="python"><text>1</text></literalExpression>'))
    assert decisions.problems[0].message == "Langage d’expression refusé : python"
    assert decisions.evaluate("d", {}, strict=False).value is None


def test_a_missing_requirement_is_a_problem():
    needs = '<informationRequirement><requiredInput href="#nowhere"/></informationRequirement>'
    assert "introuvable" in read(model(literal("1"), requires=needs)).problems[0].message


def test_one_file_serves_many_threads():
    decisions = read(model(table([(f"[{n}..{n + 1})", str(n)) for n in range(20)])))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: decisions.evaluate("d", {"n": n % 20}).value, range(400)))
    assert found == [n % 20 for n in range(400)]
