"""Files that import others: names, types, several levels, and what is missing."""

import pytest

from engine.decisions import DecisionError, read
from tests.support.dmn import decision, file, input_data, literal, model, needs

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"
TYPE = '<itemDefinition name="tNiveau"><typeRef>string</typeRef><allowedValues><text>"bas"</text></allowedValues>'
BASE = file(
    TYPE
    + "</itemDefinition>"
    + input_data("i", name="âge")
    + decision("x", literal("âge * 2"), name="double âge", requires=needs(requiredInput="#i"))
    + '<businessKnowledgeModel id="b" name="plus un"><variable name="plus un"/><encapsulatedLogic>'
    + f'<formalParameter name="n"/>{literal("n + 1")}</encapsulatedLogic></businessKnowledgeModel>',
    namespace="urn:base",
    name="base",
)


def imports(name, namespace="urn:base", kind=DMN):
    return f'<import namespace="{namespace}" name="{name}" importType="{kind}"/>'


def result(elements, *others, **given):
    decisions = read(file(elements), [BASE, *others])
    assert decisions.problems == ()
    return decisions.evaluate("d", given).value


@pytest.mark.parametrize("alias", ["base", "Notre base", "fr.cpts.base", "base 2.1"])
def test_what_is_imported_is_read_under_the_name_of_the_import(alias):
    logic = literal(f"{alias}.double âge + {alias}.plus un(1)")
    required = needs(requiredDecision="urn:base#x", requiredKnowledge="urn:base#b")
    assert result(imports(alias) + decision("d", logic, requires=required), âge=20) == 42


def test_an_import_without_a_name_adds_to_the_names_of_the_file():
    required = needs(requiredDecision="urn:base#x", requiredKnowledge="urn:base#b")
    logic = literal("double âge + plus un(1)")
    assert result(imports("") + decision("d", logic, requires=required, type_=""), âge=20) == 42


@pytest.mark.parametrize(
    ("alias", "type_", "attributes"),
    [("base", "base.tNiveau", ""), ("", "tNiveau", ""), ("base", "b:tNiveau", 'xmlns:b="urn:base"')],
)
def test_an_imported_type_is_named_by_its_import_or_by_a_prefix(alias, type_, attributes):
    for text, is_right in (('"bas"', True), ('"nul"', False)):
        content = file(imports(alias) + decision("d", literal(text), type_=type_), attributes=attributes)
        decisions = read(content, [BASE])
        assert decisions.problems == ()
        if is_right:
            assert decisions.evaluate("d", {}).value == "bas"
        else:
            with pytest.raises(DecisionError, match="n’est pas permis par le type « tNiveau »"):
                decisions.evaluate("d", {})


def test_an_import_may_import():
    middle = file(
        imports("base") + decision("m", literal("base.double âge + 1"), requires=needs(requiredDecision="urn:base#x")),
        namespace="urn:middle",
    )
    elements = imports("milieu", "urn:middle") + decision(
        "d", literal("milieu.m * 10"), requires=needs(requiredDecision="urn:middle#m")
    )
    assert result(elements, middle, âge=2) == 50
    assert read(file(elements), [BASE, middle]).inputs("d") == {"âge"}


def test_one_s_own_namespace_may_be_said_in_a_link():
    elements = decision("e", literal("1")) + decision("d", literal("e + 1"), requires=needs(requiredDecision="urn:t#e"))
    assert result(elements) == 2


def test_an_import_that_is_missing_is_a_problem_where_it_is_written():
    found = read(model(literal("1"), elements="\n" + imports("base"))).problems
    assert [(one.line, one.message) for one in found] == [(2, "Modèle importé introuvable : urn:base")]
    assert "Joignez le fichier" in found[0].hint


def test_an_import_of_another_kind_is_left_alone_until_something_needs_it():
    other = imports("modèle", "urn:pmml", "http://www.dmg.org/PMML-4_1")
    assert read(file(other + decision("d", literal("1")))).problems == ()
    found = read(file(other + decision("d", literal("1"), type_="modèle.tX"))).problems
    assert [one.message for one in found] == ["Type inconnu : « modèle.tX »"]


def test_imports_that_go_round_are_refused():
    first = imports("b", "urn:b") + decision("d", literal("1"))
    second = file(imports("a", "urn:t"), namespace="urn:b", name="b")
    found = read(file(first), [second]).problems
    assert [(one.model, "s’importe lui-même" in one.message) for one in found] == [("", True), ("b", True)]


def test_a_fault_of_an_imported_file_tells_which_file():
    wrong = file(decision("w", literal("1 +")), namespace="urn:base", name="la base")
    (found,) = read(file(imports("base") + decision("d", literal("1"))), [wrong]).problems
    assert found.model == "la base"
    assert str(found).startswith("la base, ligne 1")


def test_a_file_that_is_beside_and_not_imported_is_not_looked_at():
    wrong = file(decision("w", literal("1 +")), namespace="urn:other")
    assert read(file(decision("d", literal("1"))), [wrong]).problems == ()


@pytest.mark.parametrize("href", ["#nulle-part", "urn:base#nulle-part", "urn:other#x", "", "#"])
def test_a_link_that_leads_nowhere_is_a_problem(href):
    content = file(
        imports("base")
        + decision(
            "d",
            literal("1"),
            requires=f'''<informationRequirement>
      <requiredDecision href="{href}"/></informationRequirement>''',
        )
    )
    assert "Élément requis introuvable" in read(content, [BASE]).problems[0].message


def test_decisions_that_need_each_other_are_refused_before_they_run():
    elements = decision("a", literal("b"), requires=needs(requiredDecision="#b")) + decision(
        "b", literal("a"), requires=needs(requiredDecision="#a")
    )
    found = read(file(elements)).problems
    assert [one.message for one in found] == ["« a » dépend d’elle-même", "« b » dépend d’elle-même"]


def test_two_required_elements_of_one_name_are_refused():
    elements = decision("a", literal("1"), name="X") + decision("b", literal("2"), name="X")
    found = read(file(elements + decision("d", literal("X"), requires=needs(requiredDecision="#a #b")))).problems
    assert [one.message for one in found] == ["Deux éléments requis portent le même nom : « X »"]
    assert read(file(elements + decision("d", literal("X"), requires=needs(requiredDecision="#b")))).problems == ()


def test_what_is_required_is_read_under_the_name_of_its_variable_or_its_own():
    inner = '<decision id="a" name="Décision saison"><variable name="saison"/>' + literal('"été"') + "</decision>"
    for text in ("saison", "Décision saison"):
        assert result(inner + decision("d", literal(text), requires=needs(requiredDecision="#a"))) == "été"


def test_what_has_no_variable_is_read_under_its_name_or_its_id():
    inner = '<decision id="Decision_1" name="Saison">' + literal('"été"') + "</decision>"
    for text in ("Saison", "Decision_1"):
        assert result(inner + decision("d", literal(text), requires=needs(requiredDecision="#Decision_1"))) == "été"
    unnamed = '<decision id="Decision_1">' + literal('"été"') + "</decision>"
    assert (
        result(unnamed + decision("d", literal("Decision_1"), requires=needs(requiredDecision="#Decision_1"))) == "été"
    )


def test_an_input_is_found_under_the_name_of_its_variable_or_its_own():
    data = '<inputData id="i" name="Saison du séjour"><variable name="saison"/></inputData>'
    elements = data + decision("d", literal("saison"), requires=needs(requiredInput="#i"))
    assert result(elements, saison="été") == "été"
    assert result(elements, **{"Saison du séjour": "été"}) == "été"


def test_an_input_that_nobody_gave_is_named():
    elements = input_data("i", name="poids du patient") + decision(
        "d", literal("poids du patient"), requires=needs(requiredInput="#i")
    )
    with pytest.raises(DecisionError, match="La donnée d’entrée « poids du patient » manque"):
        result(elements)
    assert result(elements, **{"poids du patient": None}) is None
    assert read(file(elements)).evaluate("d", {}, strict=False).value is None
