"""Dates, hours and delays as people say them in French."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from base.days import ordinal, say_day_of_year

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


def hour(instant: datetime, zone: tzinfo) -> str:
    """« 14:00 »."""
    return f"{instant.astimezone(zone):%H:%M}"


def short_day(day: date, today: date) -> str:
    """« mar. 24 nov. »; with its year when it is not this one: « 22 janv. 2027 »."""
    number = f"{ordinal(day.day)} {SHORT_MONTHS[day.month - 1]}"
    return f"{DAYS[day.weekday()][:3]}. {number}" if day.year == today.year else f"{number} {day.year}"


def long_day(day: date) -> str:
    """« mardi 24 novembre »."""
    return f"{DAYS[day.weekday()]} {say_day_of_year(day)}"


def moment(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """« aujourd’hui 08:10 », « hier 17:20 », « lun. 23 nov. 08:40 »."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    return f"{_near(local.date(), today) or short_day(local.date(), today)} {local:%H:%M}"


def deadline(due: datetime, now: datetime, zone: tzinfo) -> str:
    """A deadline as a row shows it: « 14:00 » today, « hier 18:00 », otherwise its day."""
    local, today = due.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"hier {local:%H:%M}" if (today - local.date()).days == 1 else short_day(local.date(), today)


def before(due: datetime, now: datetime, zone: tzinfo) -> str:
    """« avant 14:00 » today, « avant le mer. 25 nov. à 18:00 » otherwise."""
    local, today = due.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"avant {local:%H:%M}"
    return f"avant le {short_day(local.date(), today)} à {local:%H:%M}"


def delay(due: datetime, now: datetime, zone: tzinfo) -> str:
    """What is left, or lost: « dans 3 h 18 », « demain », « dans 3 jours », « en retard de 16 h »."""
    if due < now:
        return f"en retard de {_elapsed(now - due)}"
    days = (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days:
        return "demain" if days == 1 else f"dans {days} jours"
    minutes = int((due - now).total_seconds() // 60)
    if minutes < 60:
        return f"dans {max(minutes, 1)} min"
    return f"dans {minutes // 60} h {minutes % 60:02}".removesuffix(" 00")


def since(start: datetime, now: datetime) -> str:
    """How long something has been going on: « 42 min », « 16 h », « 3 jours »."""
    return _elapsed(now - start)


def span_of_hours(since: datetime, until: datetime, today: date, zone: tzinfo) -> str:
    """« mar. 24 nov. de 20:00 à 08:00 »."""
    first, last = since.astimezone(zone), until.astimezone(zone)
    return f"{short_day(first.date(), today)} de {first:%H:%M} à {last:%H:%M}"


def at_midnight_after(now: datetime, zone: tzinfo) -> datetime:
    """The instant at which the local day of `now` ends."""
    local = now.astimezone(zone)
    return datetime.fromordinal(local.date().toordinal() + 1).replace(tzinfo=zone).astimezone(UTC)


def _elapsed(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} jours"


def _near(day: date, today: date) -> str:
    return {0: "aujourd’hui", 1: "hier", -1: "demain"}.get((today - day).days, "")
