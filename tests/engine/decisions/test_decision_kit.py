"""The adapter of the compatibility kit answers by the kit's rules."""

from decimal import Decimal

import pytest

from tests.support.decisions import NotLoaded, evaluate, last_diagnostics
from tests.support.dmn import literal, model, table

FUNCTION = """<businessKnowledgeModel id="b" name="double"><variable name="double"/><encapsulatedLogic>
  <formalParameter name="n" typeRef="number"/><literalExpression><text>n * 2</text></literalExpression>
  </encapsulatedLogic></businessKnowledgeModel>"""
GIVEN = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
INPUT = '<inputData id="i" name="n"><variable name="n" typeRef="number"/></inputData>'


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "model.dmn"
        path.write_bytes(content)
        return str(path)

    return write


def test_a_decision_is_asked_by_its_name(file):
    path = file(model(table([("> 3", '"haut"')]), elements=INPUT, requires=GIVEN))
    assert evaluate(path, "D", {"n": 5}, "decision") == "haut"


def test_what_a_pathway_would_refuse_is_null(file):
    path = file(model(table([("> 3", '"haut"')]), elements=INPUT, requires=GIVEN))
    assert evaluate(path, "D", {"n": 1}, "decision") is None
    assert "aucune règle ne s’applique" in last_diagnostics()[0]


def test_a_business_knowledge_model_is_invoked(file):
    assert evaluate(file(model(literal("1"), elements=FUNCTION)), "double", {"n": 21}, "bkm") == Decimal(42)


def test_a_model_that_cannot_be_read_is_a_load_error(file):
    with pytest.raises(NotLoaded) as caught:
        evaluate(file(b"<nothing/>"), "D", {}, "decision")
    assert caught.value.tck_load_error
