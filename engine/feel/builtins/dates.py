"""Built-in functions on days, and those that tell the time that the host gave."""

from datetime import date as python_date
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from engine.feel.builtins.signature import builtin
from engine.feel.calendar import day_number, month_length
from engine.feel.conversion import to_feel
from engine.feel.errors import FeelError
from engine.feel.messages import told
from engine.feel.temporal import Date, DateTime
from engine.feel.values import Caller, FeelValue

PARIS: Final = ZoneInfo("Europe/Paris")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


def day_of_year(date: Date | DateTime) -> FeelValue:
    found = day(date)
    return Decimal(found.number - day_number(found.year, 1, 1) + 1)


def day_of_week(date: Date | DateTime) -> FeelValue:
    return DAYS[day(date).weekday - 1]


def month_of_year(date: Date | DateTime) -> FeelValue:
    return MONTHS[day(date).month - 1]


def week_of_year(date: Date | DateTime) -> FeelValue:
    """ISO 8601 week; the calendar repeats every 400 years, so that any year has one."""
    found = day(date)
    return Decimal(python_date(found.year % 400 + 2000, found.month, found.day).isocalendar().week)


def last_day_of_month(date: Date | DateTime) -> FeelValue:
    found = day(date)
    return Date(found.year, found.month, month_length(found.year, found.month))


def now(caller: Caller) -> FeelValue:
    if caller.now is None:
        raise FeelError(told("no-clock"))
    return to_feel(_local(caller.now))


def _local(moment: datetime) -> datetime:
    """In its own zone if that has a name, else in Paris."""
    named = isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key != "UTC"
    return moment if named else moment.astimezone(PARIS)


def today(caller: Caller) -> FeelValue:
    moment = now(caller)
    return moment.date if isinstance(moment, DateTime) else None


FUNCTIONS = [
    builtin("day of year", ("date: date", day_of_year)),
    builtin("day of week", ("date: date", day_of_week)),
    builtin("month of year", ("date: date", month_of_year)),
    builtin("week of year", ("date: date", week_of_year)),
    builtin("last day of month", ("date: date", last_day_of_month)),
    builtin("now", ("", now), metered=True),
    builtin("today", ("", today), metered=True),
]
