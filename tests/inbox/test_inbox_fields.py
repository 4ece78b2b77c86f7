import json

from inbox.task.fields import Field, Sheet, lay_out
from pathways.forms import Form

FORM = {
    "id": "essai",
    "type": "default",
    "components": [
        {"type": "textfield", "key": "nom", "label": "Nom"},
        {
            "type": "group",
            "label": "Rarement utile",
            "properties": {"replie": "oui"},
            "components": [
                {"type": "number", "key": "poids", "label": "Poids"},
                {"type": "textfield", "key": "note", "label": "Note"},
            ],
        },
    ],
}


def group(boxes: dict[str, str], errors: dict[str, str] | None = None) -> Field:
    form = Form.read(json.dumps(FORM).encode(), "essai")
    return lay_out(Sheet(form, {}, boxes, errors or {}, {}, frozenset()))[1]


def test_a_group_that_its_author_folds_is_closed_while_nothing_in_it_must_be_seen() -> None:
    assert group({}).folds
    assert not group({}).open


def test_a_folded_group_opens_when_it_holds_a_value_or_a_mistake() -> None:
    assert group({"note": "vu"}).open
    assert group({}, {"poids": "Entre 20 et 350."}).open
