import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Invalid
from care import identifiers
from care.identifiers import read_finess, read_ins, read_rpps


@pytest.mark.parametrize(
    ("read", "text", "value", "warned"),
    [
        (read_ins, "279035121518989", "279035121518989", False),
        (read_ins, "2 79 03 51 215 189 89", "279035121518989", False),
        (read_ins, "123456789012244", "123456789012244", True),
        (read_rpps, "10002909371", "10002909371", False),
        (read_rpps, "810002909371", "10002909371", False),
        (read_rpps, "10001288385", "10001288385", True),
        (read_rpps, "10100050075", "10100050075", True),
        (read_finess, "750803447", "750803447", False),
        (read_finess, "950047225", "950047225", False),
        (read_finess, "1750803447", "750803447", False),
        (read_finess, "120456789", "120456789", True),
        (read_finess, "2A0000154", "2A0000154", False),
    ],
)
def test_golden_numbers_are_read_and_wrong_keys_warned_of(read, text, value, warned):
    number = read(text)
    assert number.value == value
    assert bool(number.warning) is warned
    if warned:
        with pytest.raises(Invalid):
            read(text, strict=True)


def test_the_right_key_is_told():
    assert read_ins("123456789012244").warning == "La clé de cet INS devrait être 12."


def test_corsican_departments_have_a_key_too():
    for department in ("2A", "2B"):
        number = f"18507{department}004007"
        assert read_ins(number + identifiers.ins_key(number)).warning == ""


@pytest.mark.parametrize("text", ["", "27903512151898", "979035121518989", "27903512151898X", "²79035121518989"])
def test_what_has_not_the_shape_of_an_ins_is_refused(text):
    with pytest.raises(Invalid):
        read_ins(text)


@pytest.mark.parametrize("read", [read_rpps, read_finess])
def test_other_shapes_are_refused(read):
    for text in ("", "1234", "abcdefghijk", "910002909371"):
        with pytest.raises(Invalid):
            read(text)


@given(st.text(max_size=20))
def test_reading_a_number_never_fails_otherwise_than_by_refusing(text):
    for read in (read_ins, read_rpps, read_finess):
        with contextlib.suppress(Invalid):
            read(text)


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


def test_the_first_of_a_month_is_said_1er():
    assert identifiers.say_day(date(1979, 3, 12)) == "12 mars 1979"
    assert identifiers.say_day(date(1980, 8, 1)) == "1er août 1980"
