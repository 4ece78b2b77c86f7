"""Types: what inputs and outputs may be, the conversions of the standard, and what is refused."""

import pytest

from engine.decisions import DecisionError, read
from engine.feel import from_feel, to_feel
from tests.support.dmn import decision, file, input_data, literal, needs, said


def item(name, base="", *, allowed="", constraint="", collection=False, components="", tag="itemDefinition"):
    shape = ' isCollection="true"' if collection else ""
    written = f"<typeRef>{base}</typeRef>" if base else ""
    tests = said("allowedValues", allowed) + said("typeConstraint", constraint)
    return f'<{tag} id="id_{name}" name="{name}"{shape}>{written}{tests}{components}</{tag}>'


def component(name, base="", **options):
    return item(name, base, tag="itemComponent", **options)


def checked(type_, value, items="", strict=True):
    """An input of a type, given back by a decision."""
    elements = items + input_data("x", type_=type_) + decision("d", literal("x"), requires=needs(requiredInput="#x"))
    decisions = read(file(elements, attributes='xmlns:feel="https://www.omg.org/spec/DMN/20230324/FEEL/"'))
    assert not strict or decisions.problems == ()
    return from_feel(decisions.evaluate("d", {"x": to_feel(value)}, strict=strict).value)


def calculated(type_, text, items=""):
    decisions = read(file(items + decision("d", literal(text), type_=type_)))
    assert decisions.problems == ()
    return from_feel(decisions.evaluate("d", {}).value)


@pytest.mark.parametrize(
    ("type_", "text", "refused"),
    [
        ("number", "1", '"1"'),
        ("integer", "1", '"1"'),
        ("long", "1", '"1"'),
        ("double", "1.5", "true"),
        ("string", '"a"', "1"),
        ("boolean", "true", '"true"'),
        ("date", 'date("2026-03-02")', '"2026-03-02"'),
        ("time", 'time("09:30:00")', '"09:30:00"'),
        ("date and time", 'date and time("2026-03-02T09:30:00")', 'time("09:30:00")'),
        ("dateTime", 'date and time("2026-03-02T09:30:00")', "1"),
        ("days and time duration", 'duration("P1D")', 'duration("P1M")'),
        ("dayTimeDuration", 'duration("P1D")', 'duration("P1M")'),
        ("years and months duration", 'duration("P1M")', 'duration("P1D")'),
        ("yearMonthDuration", 'duration("P1M")', 'duration("P1D")'),
        ("context", "{a: 1}", "1"),
        ("range", "[1..2]", "1"),
        ("list<number>", "[1, 2]", '["a"]'),
        ("range<number>", "[1..2]", '["a".."b"]'),
        ("context<a: number>", "{a: 1}", "{b: 1}"),
    ],
)
def test_each_simple_type_takes_its_values_and_refuses_others(type_, text, refused):
    shown = type_.replace("<", "&lt;").replace(">", "&gt;")
    assert calculated(shown, text) == calculated("Any", text)
    with pytest.raises(DecisionError, match=r"le résultat \(.*\) n’est pas du type"):
        calculated(shown, refused)


def test_null_is_of_every_type():
    assert checked("number", None) is None
    assert checked("tAge", None, item("tAge", "number", allowed="[0..120]")) is None


def test_a_prefix_of_feel_or_of_the_file_itself_is_dropped():
    assert checked("feel:number", 1) == 1
    elements = item("tAge", "feel:number") + input_data("x", type_="own:tAge")
    content = file(
        elements + decision("d", literal("x"), requires=needs(requiredInput="#x")),
        attributes='xmlns:own="urn:t" xmlns:feel="http://www.omg.org/spec/FEEL/20140401"',
    )
    assert read(content).problems == ()
    with pytest.raises(DecisionError, match="n’est pas du type « number »"):
        read(content).evaluate("d", {"x": "vieux"})


def test_a_list_of_one_stands_for_its_item_and_an_item_for_a_list_of_one():
    assert checked("number", [5]) == 5
    assert checked("tNombres", 5, item("tNombres", "number", collection=True)) == [5]
    assert calculated("tNombres", "5", item("tNombres", "number", collection=True)) == [5]
    with pytest.raises(DecisionError, match="n’est pas du type « number »"):
        checked("number", [5, 6])


def test_a_date_becomes_midnight_where_a_date_and_time_is_wanted():
    wanted = calculated("Any", 'date and time("2026-03-02T00:00:00Z")')
    assert calculated("date and time", 'date("2026-03-02")') == wanted


LEVEL = item("tNiveau", "string", allowed='"bas", "haut"')


def test_an_allowed_value_is_named_with_those_that_are():
    assert checked("tNiveau", "bas", LEVEL) == "bas"
    with pytest.raises(DecisionError, match=r"« x » : \(\"nul\", un texte\) .* « tNiveau » \(\"bas\", \"haut\"\)"):
        checked("tNiveau", "nul", LEVEL)
    assert checked("tNiveau", "nul", LEVEL, strict=False) is None


def test_a_type_may_rest_on_another_and_narrow_it():
    items = item("tAge", "number", allowed="[0..120]") + item("tAdulte", "tAge", allowed=">= 18")
    assert checked("tAdulte", 40, items) == 40
    for wrong in (10, 130):
        with pytest.raises(DecisionError, match="n’est pas permis par le type"):
            checked("tAdulte", wrong, items)


def test_allowed_values_look_at_each_item_and_a_constraint_at_the_whole():
    items = item("tScores", "number", collection=True, allowed="[0..5]", constraint="count(?) <= 2")
    assert checked("tScores", [1, 5], items) == [1, 5]
    with pytest.raises(DecisionError, match=r"\(6, un nombre\) n’est pas permis"):
        checked("tScores", [1, 6], items)
    with pytest.raises(DecisionError, match=r"\(\[1, 2, 3\], une liste\) n’est pas permis"):
        checked("tScores", [1, 2, 3], items)


PATIENT = item(
    "tPatient",
    components=component("nom", "string")
    + component("constantes", components=component("pouls", "number", allowed="(0..250]"))
    + component("allergies", "string", collection=True),
)
ROSE = {"nom": "Rose", "constantes": {"pouls": 70}, "allergies": ["iode"]}


def test_a_structure_is_checked_to_its_depth():
    assert checked("tPatient", ROSE, PATIENT) == ROSE
    assert checked("tPatient", {**ROSE, "allergies": "iode"}, PATIENT) == ROSE
    with pytest.raises(DecisionError, match=r"\(« constantes.pouls » = 0, un nombre\) n’est pas permis"):
        checked("tPatient", {**ROSE, "constantes": {"pouls": 0}}, PATIENT)
    with pytest.raises(DecisionError, match="n’a pas de « allergies »"):
        checked("tPatient", {"nom": "Rose", "constantes": {"pouls": 70}}, PATIENT)
    with pytest.raises(DecisionError, match="n’est pas du type « tPatient »"):
        checked("tPatient", "Rose", PATIENT)


def test_a_collection_of_structures_is_checked_item_by_item():
    items = PATIENT + item("tPatients", "tPatient", collection=True)
    assert checked("tPatients", [ROSE, ROSE], items) == [ROSE, ROSE]
    with pytest.raises(DecisionError, match="n’est pas du type « string »"):
        checked("tPatients", [ROSE, {**ROSE, "nom": 3}], items)


def test_a_type_of_functions_takes_functions():
    items = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="a" typeRef="number"/>'
        "</functionItem></itemDefinition>"
    )
    content = file(items + decision("f", literal("function(a) a + 1"), type_="tF"))
    assert read(content).problems == ()
    user = decision("g", literal("f(2)"), requires=needs(requiredDecision="#f"))
    assert (
        read(file(items + decision("f", literal("function(a) a + 1"), type_="tF") + user)).evaluate("g", {}).value == 3
    )
    with pytest.raises(DecisionError, match="n’est pas une fonction"):
        calculated("tF", "3", items)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (item("tA", "tA"), "Le type « tA » se contient lui-même"),
        (item("tA", "tB") + item("tB", "tA"), "se contient lui-même"),
        (item("tA", components=component("enfants", "tA", collection=True)), "Le type « tA » se contient lui-même"),
        (item("tA", "tNulle"), "Type inconnu : « tNulle »"),
        (item("tA", components=component("x", "tNulle")), "Type inconnu : « tNulle »"),
        (item("tA", "number") + item("tA", "string"), "Le type « tA » est défini deux fois"),
        (item("tA", "number", allowed="[1.."), "xpression"),
        (item("tA", "number", components=component("x", "string")), "à la fois un type de base et des composants"),
    ],
)
def test_a_type_that_cannot_be_is_a_problem(items, message):
    found = read(file(items + decision("d", literal("1")))).problems
    assert any(message in one.message and one.line for one in found)


@pytest.mark.parametrize("type_", ["nombre", "list<", "ns:tX", "tX"])
def test_a_type_that_does_not_exist_is_a_problem(type_):
    shown = type_.replace("<", "&lt;")
    assert "Type inconnu" in read(file(decision("d", literal("1"), type_=shown))).problems[0].message


def test_names_are_the_same_however_their_blanks_are_written():
    elements = (
        item("t  Niveau\n de  risque", "string", allowed='"bas"')
        + input_data("x", name=" niveau   de\n risque ", type_="t Niveau de risque")
        + decision("d", literal('if niveau  de risque = "bas" then 1 else 2'), requires=needs(requiredInput="#x"))
    )
    decisions = read(file(elements))
    assert decisions.problems == ()
    assert decisions.evaluate("d", {"niveau de risque": "bas"}).value == 1
    assert decisions.evaluate("d", {"niveau   de  risque": "bas"}).value == 1
    assert decisions.find(" d ") == "d"


def test_instance_of_sees_the_types_of_the_file():
    assert calculated("boolean", '"nul" instance of tNiveau', LEVEL) is True
    assert calculated("boolean", "3 instance of tNiveau", LEVEL) is False
