"""What a professional's answer becomes, and what is said when it must be looked at again."""

from datetime import date
from decimal import Decimal

import orjson
import pytest

from base.errors import Invalid, PathwayError
from engine.feel import from_feel, to_feel
from pathways.forms import Form


def form(*components: dict[str, object]) -> Form:
    numbered = [{"id": f"Field_{index}", **component} for index, component in enumerate(components)]
    return Form.read(orjson.dumps({"type": "default", "id": "essai", "components": numbered}))


def problems(form: Form, answers: dict[str, str | list[str]], **known: object) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        form.check(answers, known)
    return caught.value.fields


PRESSURE = {"type": "number", "key": "pa_sys", "label": "PA", "validate": {"required": True, "min": 50, "max": 300}}
UNKNOWN = [{"label": "Oui", "value": "oui"}, {"label": "Non", "value": "non"}, {"label": "Inconnu", "value": "inconnu"}]


def test_a_number_written_the_french_way_is_exact() -> None:
    weight = form({"type": "number", "key": "poids", "decimalDigits": 1})
    assert weight.check({"poids": "71,3"}, {}) == {"poids": Decimal("71.3")}
    assert weight.check({"poids": " 1\u202f071.3 "}, {}) == {"poids": Decimal("1071.3")}


def test_a_number_out_of_its_limits_says_them_and_the_likely_slip() -> None:
    assert problems(form(PRESSURE), {"pa_sys": "1300"}) == {"pa_sys": "Entre 50 et 300. Un zéro de trop\u00a0?"}
    assert problems(form(PRESSURE), {"pa_sys": "13"}) == {"pa_sys": "Entre 50 et 300. Un zéro oublié\u00a0?"}
    assert problems(form(PRESSURE), {"pa_sys": "4"}) == {"pa_sys": "Entre 50 et 300."}


@pytest.mark.parametrize("text", ["cent", "1e9", "NaN", "0x10", "12,3,4", "--1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert problems(form(PRESSURE), {"pa_sys": text}) == {"pa_sys": "Écrivez un nombre, par exemple 120."}


def test_an_integer_takes_no_decimals() -> None:
    scale = form({"type": "number", "key": "rankin", "decimalDigits": 0, "validate": {"min": 0, "max": 6}})
    assert problems(scale, {"rankin": "2,5"}) == {"rankin": "Sans virgule\u00a0: un nombre entier."}
    assert scale.check({"rankin": ""}, {}) == {"rankin": None}


def test_limits_may_be_computed_from_the_case() -> None:
    low = form({"type": "number", "key": "n", "validate": {"max": "=plafond * 2"}})
    assert problems(low, {"n": "40"}, plafond=Decimal(2)) == {"n": "4 au plus. Un zéro de trop\u00a0?"}
    assert low.check({"n": "4"}, {"plafond": Decimal(2)}) == {"n": Decimal(4)}


@pytest.mark.parametrize("text", ["8/12/2026", "08/12/2026", "2026-12-08", "8.12.2026", "8-12-2026"])
def test_a_day_is_taken_in_french_or_iso_order(text: str) -> None:
    day = form({"type": "datetime", "key": "le", "subtype": "date", "dateLabel": "Date"})
    assert day.check({"le": text}, {}) == {"le": to_feel(date(2026, 12, 8))}


@pytest.mark.parametrize("text", ["12/31/2026", "31/02/2026", "demain", "8/12/26", "2026-13-01", "0001-01-01"])
def test_what_is_no_day_says_how_to_write_one(text: str) -> None:
    day = form({"type": "datetime", "key": "le", "subtype": "date"})
    assert problems(day, {"le": text}) == {"le": "Écrivez le jour puis le mois, par exemple 8/12/2026."}


@pytest.mark.parametrize(
    "answers",
    [{"le": "2026-12-08T14:30"}, {"le": "8/12/2026 14h30"}, {"le": "8/12/2026", "le__heure": "14:30"}],
)
def test_a_day_and_its_hour_are_one_local_instant(answers: dict[str, str]) -> None:
    moment = form({"type": "datetime", "key": "le", "subtype": "datetime"})
    assert str(from_feel(moment.check(answers, {})["le"])).startswith("2026-12-08T14:30:00")


def test_a_passed_day_is_refused_when_the_form_says_so() -> None:
    day = form({"type": "datetime", "key": "le", "subtype": "date", "validate": {"disallowPassedDates": True}})
    with pytest.raises(Invalid) as caught:
        day.check({"le": "8/12/2026"}, {}, today=date(2026, 12, 9))
    assert caught.value.fields == {"le": "Cette date est passée. Choisissez un jour à venir."}


def test_a_missing_choice_points_at_unknown_when_there_is_one() -> None:
    asked = {"type": "radio", "key": "aide", "label": "Aide", "validate": {"required": True}}
    assert problems(form({**asked, "values": UNKNOWN}), {}) == {
        "aide": "Choisissez une réponse, ou «\u00a0Inconnu\u00a0»."
    }
    assert problems(form({**asked, "values": UNKNOWN[:2]}), {}) == {"aide": "Choisissez une réponse."}


def test_a_choice_outside_the_list_is_refused() -> None:
    asked = form({"type": "select", "key": "aide", "values": UNKNOWN})
    assert "aide" in problems(asked, {"aide": "<script>"})
    several = form({"type": "checklist", "key": "aides", "values": UNKNOWN})
    assert "aides" in problems(several, {"aides": ["oui", "autre"]})
    assert several.check({"aides": ["oui", "non", "oui"]}, {}) == {"aides": ["oui", "non"]}
    assert several.check({}, {}) == {"aides": []}


def test_choices_may_come_from_the_case() -> None:
    who = form({"type": "select", "key": "qui", "valuesKey": "equipe"})
    team = {"equipe": [{"label": "Dr A", "value": "a"}, {"label": "Dr B", "value": "b"}]}
    assert who.check({"qui": "b"}, to_feel(team)) == {"qui": "b"}
    assert [option.label for option in who.options(next(who.walk()), to_feel(team))] == ["Dr A", "Dr B"]


def test_a_hidden_answer_is_left_out_and_never_complained_of() -> None:
    asked = form(
        {"type": "checkbox", "key": "chute", "label": "Chute"},
        {"type": "number", "key": "combien", "validate": {"required": True}, "conditional": {"hide": "=chute != true"}},
        {
            "type": "textfield",
            "key": "lieu",
            "validate": {"required": True},
            "conditional": {"hide": "=combien = null"},
        },
    )
    assert asked.check({"combien": "3", "lieu": "salon"}, {}) == {"chute": False}
    assert problems(asked, {"chute": "on"}) == {"combien": "Écrivez une réponse."}
    assert asked.check({"chute": "on", "combien": "2", "lieu": "salon"}, {}) == {
        "chute": True,
        "combien": Decimal(2),
        "lieu": "salon",
    }


def test_a_hidden_group_hides_what_it_holds() -> None:
    inner = {"type": "textfield", "key": "nom_aidant", "id": "inner", "validate": {"required": True}}
    asked = form({"type": "group", "components": [inner], "conditional": {"hide": "=vit_seul"}})
    assert asked.check({}, {"vit_seul": True}) == {}
    assert problems(asked, {}, vit_seul=False) == {"nom_aidant": "Écrivez une réponse."}
    assert "inner" in asked.hidden({"vit_seul": True})


def test_groups_and_dotted_keys_nest_the_values() -> None:
    inner = {"type": "number", "key": "sys", "id": "inner"}
    asked = form({"type": "group", "path": "tension", "components": [inner]}, {"type": "textfield", "key": "a.b"})
    assert asked.check({"tension.sys": "120", "a.b": "x"}, {}) == {"tension": {"sys": Decimal(120)}, "a": {"b": "x"}}


def test_a_repeated_list_keeps_filled_rows_and_names_the_wrong_box() -> None:
    inner = [
        {"type": "textfield", "key": "dci", "id": "dci", "validate": {"required": True}},
        {"type": "number", "key": "dose", "id": "dose"},
    ]
    asked = form({"type": "dynamiclist", "path": "traitements", "components": inner})
    rows = {
        "traitements.0.dci": "apixaban",
        "traitements.0.dose": "5",
        "traitements.1.dci": "",
        "traitements.1.dose": " ",
    }
    assert asked.check(rows, {}) == {"traitements": [{"dci": "apixaban", "dose": Decimal(5)}]}
    assert problems(asked, {"traitements.2.dose": "x"}) == {
        "traitements.2.dci": "Écrivez une réponse.",
        "traitements.2.dose": "Écrivez un nombre, par exemple 120.",
    }
    assert asked.prefill(asked.check(rows, {})) == {"traitements.0.dci": "apixaban", "traitements.0.dose": "5"}


def test_several_wrong_answers_are_counted_in_words() -> None:
    with pytest.raises(Invalid, match=r"Deux réponses à revoir\."):
        form(PRESSURE, {**PRESSURE, "key": "pa_dia"}).check({}, {})


def test_text_keeps_its_limits_and_its_pattern() -> None:
    asked = form({"type": "textfield", "key": "code", "validate": {"maxLength": 5, "pattern": "^(a+)+$"}})
    assert problems(asked, {"code": "aaaaaa"}) == {"code": "5 caractères au plus, il y en a 6."}
    assert problems(asked, {"code": "aab"}) == {"code": "Cette réponse n’a pas la forme attendue."}
    assert asked.check({"code": "aaa"}, {}) == {"code": "aaa"}


def test_what_is_shown_only_asks_nothing() -> None:
    asked = form({"type": "text", "text": "Bonjour {{patient.age + 1}} ans"}, {"type": "separator"}, {"type": "spacer"})
    assert asked.check({}, {}) == {}
    assert asked.text(next(asked.walk()), {"patient": {"age": Decimal(70)}}) == "Bonjour 71 ans"


def test_a_prefilled_form_answers_as_it_was() -> None:
    asked = form(
        PRESSURE,
        {"type": "datetime", "key": "le", "subtype": "datetime"},
        {"type": "checkbox", "key": "vu"},
        {"type": "checklist", "key": "aides", "values": UNKNOWN},
    )
    said = asked.check({"pa_sys": "120", "le": "8/12/2026 9:05", "vu": "on", "aides": ["non"]}, {})
    assert asked.check(asked.prefill(said), {}) == said


def test_a_disabled_field_cannot_be_written() -> None:
    assert form({"type": "textfield", "key": "a", "disabled": True}).check({"a": "x"}, {}) == {}


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"components": 3}', b'{"components": [3]}'])
def test_a_broken_form_is_the_authors_affair(content: bytes) -> None:
    with pytest.raises(PathwayError):
        Form.read(content, "x.form")


def test_a_field_that_cannot_be_shown_is_refused() -> None:
    with pytest.raises(PathwayError, match="iframe"):
        form({"type": "iframe", "url": "https://example.test"})


def test_fields_without_an_id_are_told_apart_by_their_keys():
    fields = [{"type": "number", "key": "a.n", "label": "N"}, {"type": "textfield", "key": "t", "label": "T"}]
    form = Form.read(orjson.dumps({"id": "f", "components": fields}), "f.form")
    assert form.check({"a.n": "142", "t": "RAS"}, {}) == {"a": {"n": 142}, "t": "RAS"}
