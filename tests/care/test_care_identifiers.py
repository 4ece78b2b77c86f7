import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Invalid
from base.identifiers import Number, Typed
from care.identity import identifiers
from care.identity.identifiers import CORSICA, INS_OIDS, ins_key, read_ins, read_matricule


@pytest.mark.parametrize(
    ("text", "value", "warned"),
    [
        ("279035121518989", "279035121518989", False),
        ("2 79 03 51 215 189 89", "279035121518989", False),
        ("123456789012244", "123456789012244", True),
    ],
)
def test_a_golden_ins_is_read_and_a_wrong_key_warned_of(text, value, warned):
    number = read_ins(text)
    assert number.value == value
    assert bool(number.warning) is warned
    if warned:
        with pytest.raises(Invalid):
            read_ins(text, strict=True)


def test_the_right_key_is_told():
    assert read_ins("123456789012244").warning == "La clé de cet INS devrait être 12."


def test_corsican_departments_have_a_key_too():
    for department in ("2A", "2B"):
        number = f"18507{department}004007"
        assert read_ins(number + identifiers.ins_key(number)).warning == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234",
        "abcdefghijk",
        "910002909371",
        "27903512151898",
        "979035121518989",
        "27903512151898X",
        "²79035121518989",
    ],
)
def test_what_has_not_the_shape_of_an_ins_is_refused(text):
    with pytest.raises(Invalid):
        read_ins(text)


def test_an_ins_is_masked_but_for_sex_year_and_month():
    assert identifiers.mask_ins("279035121518989") == "2 79 03 ** *** *** **"
    assert identifiers.show_ins("279035121518989") == "2 79 03 51 215 189 89"
    assert identifiers.mask_ins("") == ""


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(1979, 3, 12), "47 ans"),
        (date(1979, 11, 25), "46 ans"),
        (date(2024, 11, 24), "2 ans"),
        (date(2024, 11, 25), "23 mois"),
        (date(2026, 3, 1), "8 mois"),
        (date(2026, 11, 12), "12 jours"),
        (date(2026, 11, 23), "1 jour"),
        (date(2004, 2, 29), "22 ans"),
    ],
)
def test_ages_are_said_as_people_say_them(born, said):
    assert identifiers.say_age(born, date(2026, 11, 24)) == said


@pytest.mark.parametrize(("oid", "kind"), INS_OIDS.items())
def test_the_authority_of_an_ins_says_what_it_is(oid, kind):
    number = "7" if kind == "INS-NIA" else "2"
    body = f"{number}790351215189"
    matricule = body + ins_key(body)
    assert read_matricule(matricule, oid, strict=True) == Typed(kind, Number(matricule))
    other = ("2" if number == "7" else "7") + body[1:]
    if kind in ("INS-NIR", "INS-NIA"):
        with pytest.raises(Invalid):
            read_matricule(other + ins_key(other), oid)
    with pytest.raises(Invalid):
        read_matricule(matricule, oid + "0")


@given(st.text(max_size=20))
def test_reading_an_ins_never_fails_otherwise_than_by_refusing(text):
    with contextlib.suppress(Invalid):
        read_ins(text)


DIGITS = st.text("0123456789", min_size=20, max_size=20)


@given(DIGITS, st.sampled_from(["43", *CORSICA]), st.integers(1, 12), st.sampled_from("12"))
def test_an_ins_with_its_key_is_read_back_from_how_it_is_shown_and_any_slip_is_noticed(digits, place, month, sex):
    body = f"{sex}{digits[:2]}{month:02d}{place}{digits[2:8]}"
    number = body + ins_key(body)
    assert read_ins(identifiers.show_ins(number), strict=True) == Number(number)
    slip = int(digits[8:10]) % 13
    if body[slip].isdigit() and slip not in (0, 3, 4, 5, 6):
        wrong = number[:slip] + str((int(number[slip]) + 1 + int(digits[10]) % 9) % 10) + number[slip + 1 :]
        with pytest.raises(Invalid):
            read_ins(wrong, strict=True)
        assert read_ins(wrong).warning
    shown = identifiers.mask_ins(number)
    assert shown == f"{sex} {digits[:2]} {month:02d} ** *** *** **"
