"""The decision files of a pathway: they may import each other, and each fault is told with what to do."""

import pytest

from engine.findings import Refused
from tests.engine.house import House
from tests.support.dmn import decision, file, input_data, literal, needs
from tests.support.models import chain, document, end, process, rule, start, user

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"
BASE = file(
    input_data("i", name="n") + decision("x", literal("n * 2"), name="double", requires=needs(requiredInput="#i")),
    namespace="urn:base",
    name="base",
)
IMPORTER = file(
    f'<import namespace="urn:base" name="base" importType="{DMN}"/>'
    + decision("d", literal("base.double + 1"), requires=needs(requiredDecision="urn:base#x"))
)
STEPS = (start(), user("u"), rule("r", "d", "found"), end(), chain("start", "u", "r", "end"))


@pytest.fixture
def house(database, clock) -> House:
    return House(database, clock)


def test_a_decision_may_use_those_of_another_file_of_the_pathway(house):
    house.begin(house.deploy(*STEPS, **{"a.dmn": IMPORTER, "b.dmn": BASE}))
    house.complete("u", n=20)
    assert house.variables()["found"] == 41


def test_an_import_that_the_pathway_lacks_is_told_with_its_line_and_what_to_do(house):
    with pytest.raises(Refused) as refusal:
        house.engine.inspect({"test.bpmn": document(process("p", *STEPS)), "a.dmn": IMPORTER})
    found = next(one for one in refusal.value.findings if one.code == "bad-decision")
    assert (found.file, found.line > 0, bool(found.hint)) == ("a.dmn", True, True)
    assert "urn:base" in found.message
