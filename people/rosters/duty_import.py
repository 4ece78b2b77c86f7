"""Reads a duty roster from a CSV or iCalendar file: a plan first, in which every line says what is wrong with it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar as Agenda
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.errors import Invalid, JalonError, RequestError, TooLarge
from people.persons import Person, everybody
from people.rosters import duty
from people.rosters.absences import in_our_time
from people.rosters.duty import KINDS, Turn

LARGEST, MOST_LINES, MOST_SHOWN = 512 * 1024, 2000, 160
COLUMNS = ("secteur", "type", "debut", "fin", "lieu", "rpps", "courriel")
TIMES = ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
RPPS = re.compile(r"(?<!\d)\d{11}(?!\d)", re.ASCII)
BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError)
"""What the iCalendar reader raises on files that are none."""


@dataclass(frozen=True)
class Line:
    """One line of the file: the shift as far as it was read, what is wrong with it, and whether it is there already."""

    number: int
    text: str
    turn: Turn | None = None
    error: str = ""
    known: bool = False


def plan(session: Session, calendar: Calendar, tenant: str, content: bytes, sector: str = "") -> list[Line]:
    """What the file would write, line by line; writes nothing. `sector` is for lines that name none.

    Raises TooLarge, Invalid when the file cannot be read at all.
    """
    if len(content) > LARGEST:
        raise TooLarge(f"Ce fichier dépasse {LARGEST // 1024} Ko.")
    names = _Names(session, calendar, tenant, sector)
    lines: list[Line] = []
    for number, text, said in _agenda(content, calendar.zone) if _is_agenda(content) else _table(content):
        if len(lines) == MOST_LINES:
            raise TooLarge(f"Ce fichier dépasse {MOST_LINES} lignes.")
        lines.append(_line(names, number, text[:MOST_SHOWN], said))
    if not lines:
        raise Invalid("Ce fichier ne contient aucune garde.", {"file": f"Colonnes attendues : {', '.join(COLUMNS)}."})
    return lines


def carry_out(
    session: Session, clock: Clock, calendar: Calendar, tenant: str, lines: list[Line], by: Person
) -> list[Line]:
    """Write what can be written; the lines as they came out. Raises Forbidden."""
    return [_written(session, clock, calendar, tenant, line, by) for line in lines]


def _written(session: Session, clock: Clock, calendar: Calendar, tenant: str, line: Line, by: Person) -> Line:
    """Two lines of one file may contradict each other: the second is then refused like any other."""
    if line.turn is None or line.known or line.error:
        return line
    try:
        duty.write(session, clock, calendar, tenant, line.turn, by)
    except RequestError as error:
        return replace(line, error=_wrong(error))
    return line


def _wrong(error: JalonError) -> str:
    fields = error.fields.values() if isinstance(error, Invalid) else ()
    return " ".join(fields) or error.message


class _Names:
    """The people and sectors that a file may name."""

    def __init__(self, session: Session, calendar: Calendar, tenant: str, sector: str) -> None:
        self.session, self.calendar, self.tenant, self.sector = session, calendar, tenant, sector
        active = [one for one in everybody(session, tenant) if one.active]
        self.by_rpps = {one.rpps: one.id for one in active if one.rpps}
        self.by_email: dict[str, list[str]] = {}
        for one in active:
            self.by_email.setdefault(one.email.casefold(), []).append(one.id)
        known = duty.sectors(session, tenant)
        self.known = [one.name for one in known]
        self.sectors = {word.casefold(): one.key for one in known for word in (one.key, one.name)}
        self.kinds = {word.casefold(): key for key, name in KINDS.items() for word in (key, name)}

    def turn(self, said: Mapping[str, Any]) -> Turn:
        """Raises Invalid, with what is wrong with the line."""
        rpps, email = said.get("rpps", "").replace(" ", ""), said.get("courriel", "").casefold()
        written_to = self.by_email.get(email, []) if email else []
        if not rpps and len(written_to) > 1:
            raise Invalid("Plusieurs personnes ont cette adresse : donnez le numéro RPPS.")
        found = self.by_rpps.get(rpps) if rpps else next(iter(written_to), None)
        if found is None:
            raise Invalid("Personne de l’annuaire n’a ce numéro RPPS ou cette adresse.")
        sector = self.sectors.get((said.get("secteur") or self.sector).casefold())
        if sector is None:
            raise Invalid(f"Ce secteur n’existe pas. Les secteurs : {', '.join(self.known)}.")
        kind = self.kinds.get((said.get("type") or duty.EFFECTION).casefold())
        if kind is None:
            raise Invalid(f"Le type se choisit parmi : {', '.join(KINDS)}.")
        since, until = (self._instant(said.get(name, "")) for name in ("debut", "fin"))
        return Turn(sector, kind, since, until, found, said.get("lieu", ""))

    def _instant(self, said: Any) -> datetime:
        instant = self._read(said)
        if not in_our_time(instant):
            raise Invalid("Cette date est trop loin.")
        return instant

    def _read(self, said: Any) -> datetime:
        if isinstance(said, datetime):
            return said if said.tzinfo else said.replace(tzinfo=self.calendar.zone)
        for form in TIMES:
            try:
                return datetime.strptime(said.strip(), form).replace(tzinfo=self.calendar.zone)
            except (AttributeError, ValueError):
                continue
        raise Invalid("Écrivez les dates ainsi : 24/11/2026 20:00.")


def _line(names: _Names, number: int, text: str, said: Mapping[str, Any]) -> Line:
    turn: Turn | None = None
    try:
        if "error" in said:
            raise Invalid(said["error"])
        turn = names.turn(said)
        held = duty.of_person(names.session, names.tenant, turn.person, turn.since, turn.until)
        if any((one.sector, one.kind, one.since, one.until) == (turn.sector, turn.kind, turn.since, turn.until)
               for one in held):  # fmt: skip
            return Line(number, text, turn, known=True)
        duty.check(names.session, names.calendar, names.tenant, turn)
    except JalonError as error:
        return Line(number, text, turn, _wrong(error))
    return Line(number, text, turn)


def _table(content: bytes) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    try:
        header = [name.strip().casefold().replace("é", "e") for name in next(reader, [])]
        if not {"debut", "fin"} <= set(header) or not {"rpps", "courriel"} & set(header):
            raise Invalid(
                "Ce fichier n’a pas les colonnes attendues.", {"file": f"Colonnes attendues : {', '.join(COLUMNS)}."}
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                said = dict(zip(header, (cell.strip() for cell in cells), strict=False))
                yield reader.line_num, ", ".join(cell.strip() for cell in cells if cell.strip()), said
    except csv.Error as error:
        raise Invalid(f"La ligne {reader.line_num} de ce fichier ne se lit pas.") from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("Ce fichier n’est pas un texte lisible : enregistrez-le en CSV UTF-8.")


def _is_agenda(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR"


def _agenda(content: bytes, zone: ZoneInfo) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    try:
        events = Agenda.from_ical(content).walk("VEVENT")
    except BROKEN as error:
        raise Invalid("Ce calendrier ne se lit pas : exportez-le de nouveau au format iCalendar (.ics).") from error
    for number, event in enumerate(events[: MOST_LINES + 1], 1):
        text = str(event.get("summary", ""))
        try:
            yield number, ", ".join(_told(event, text, zone)), _event(event)
        except BROKEN:
            yield number, text, {"error": "Cet événement ne se lit pas."}


def _told(event: Any, summary: str, zone: ZoneInfo) -> Iterator[str]:
    """An event in words, for whom it cannot be read further: « Garde de nuit », when it begins and when it ends."""
    if summary:
        yield summary
    for moment in (event.decoded("dtstart"), event.decoded("dtend")):
        local = moment.astimezone(zone) if isinstance(moment, datetime) and moment.tzinfo else moment
        yield f"{local:%d/%m/%Y %H:%M}" if isinstance(local, datetime) else f"{local:%d/%m/%Y}"


def _event(event: Any) -> Mapping[str, Any]:
    if "RRULE" in event or "RDATE" in event:
        return {"error": "Un événement qui se répète n’est pas lu : exportez chaque garde séparément."}
    since, until = event.decoded("dtstart"), event.decoded("dtend")
    if not isinstance(since, datetime) or not isinstance(until, datetime):
        whole = isinstance(since, date)
        return {"error": "Donnez une heure de début et de fin." if whole else "Cet événement ne se lit pas."}
    attendees = event.get("attendee", [])
    first = attendees[0] if isinstance(attendees, list) and attendees else attendees or ""
    told = f"{event.get('x-rpps', '')} {event.get('description', '')} {event.get('summary', '')}"
    number = RPPS.search(told)
    categories = event.get("categories")
    kinds = [str(word) for word in categories.cats] if hasattr(categories, "cats") else []
    return {
        "debut": since,
        "fin": until,
        "lieu": str(event.get("location", "")),
        "rpps": number.group() if number else "",
        "courriel": re.sub("(?i)^mailto:", "", str(first)),
        "type": kinds[0] if kinds else "",
        "secteur": kinds[1] if len(kinds) > 1 else "",
    }
