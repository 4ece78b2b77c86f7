from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from base.days import say_day
from inbox import dates

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)  # 10:42 in Paris


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(hours=3, minutes=18), "dans 3 h 18"),
        (timedelta(hours=2), "dans 2 h"),
        (timedelta(minutes=5), "dans 5 min"),
        (timedelta(seconds=10), "dans 1 min"),
        (timedelta(hours=20), "demain"),
        (timedelta(days=3), "dans 3 jours"),
        (timedelta(minutes=-42), "en retard de 42 min"),
        (timedelta(hours=-16, minutes=-42), "en retard de 16 h"),
        (timedelta(hours=-47), "en retard de 47 h"),
        (timedelta(days=-3), "en retard de 3 jours"),
    ],
)
def test_a_delay_is_said_in_words(away: timedelta, words: str) -> None:
    assert dates.delay(NOW + away, NOW, PARIS) == words


def test_a_deadline_is_an_hour_today_and_a_day_otherwise() -> None:
    assert dates.deadline(datetime(2026, 11, 24, 13, tzinfo=UTC), NOW, PARIS) == "14:00"
    assert dates.deadline(datetime(2026, 11, 23, 17, tzinfo=UTC), NOW, PARIS) == "hier 18:00"
    assert dates.deadline(datetime(2026, 11, 25, 17, tzinfo=UTC), NOW, PARIS) == "mer. 25 nov."
    assert dates.deadline(datetime(2027, 1, 22, 17, tzinfo=UTC), NOW, PARIS) == "22 janv. 2027"


def test_a_moment_names_the_day_as_people_do() -> None:
    assert dates.moment(datetime(2026, 11, 24, 7, 10, tzinfo=UTC), NOW, PARIS) == "aujourd’hui 08:10"
    assert dates.moment(datetime(2026, 11, 23, 16, 20, tzinfo=UTC), NOW, PARIS) == "hier 17:20"
    assert dates.moment(datetime(2026, 11, 22, 13, 2, tzinfo=UTC), NOW, PARIS) == "dim. 22 nov. 14:02"


def test_the_first_of_a_month_is_ordinal() -> None:
    assert dates.long_day(date(2026, 12, 1)) == "mardi 1er décembre"
    assert say_day(date(1980, 8, 1)) == "1er août 1980"


def test_midnight_follows_the_clock_change() -> None:
    before_winter = datetime(2026, 10, 24, 21, tzinfo=UTC)  # 23:00 in Paris, summer time
    assert dates.at_midnight_after(before_winter, PARIS) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    in_winter = datetime(2026, 10, 25, 22, tzinfo=UTC)
    assert dates.at_midnight_after(in_winter, PARIS) == datetime(2026, 10, 25, 23, tzinfo=UTC)
