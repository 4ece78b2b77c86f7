"""A table of patients as a file for a spreadsheet: CSV or XLSX, in which no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import xlsxwriter

from admin.cockpit.active import EXPORTED, Line, Page
from inbox.desk import Desk

HEAD = ("Patient", "Né(e) le", "Commune", "Étape", "Attend", "Depuis le", "Échéance", "En retard", "Ouvert le")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CUT = f"La liste continue au-delà de {EXPORTED} dossiers : filtrez-la pour avoir les autres."
WIDTH = 22
FIRST_YEAR = 1900
"""Spreadsheets know no earlier day."""
Cell = str | date
"""A day, a moment of here without its offset, or a text."""
Table = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Kind:
    """A kind of file: how it is written and what it is called."""

    content_type: str
    write: Callable[[Table], bytes]


def rows(desk: Desk, page: Page) -> list[list[Cell]]:
    """The table: its head, then a row for each case; the last row says when there are more."""
    head: list[Cell] = [*HEAD, *(column.label for column in page.columns)]
    cut: list[list[Cell]] = [[CUT, *[""] * (len(head) - 1)]] if page.after else []
    return [head, *([*_cells(desk, line), *line.values] for line in page.lines), *cut]


def _cells(desk: Desk, line: Line) -> list[Cell]:
    who, moment = line.patient, partial(_moment, desk)
    return [
        who.name, who.birth_date or "", who.commune, line.standing, line.whom, moment(line.since),
        moment(line.due_at), "oui" if line.late else "", moment(line.opened_at),
    ]  # fmt: skip


def as_csv(table: Table) -> bytes:
    """With a semicolon and a byte-order mark, as French spreadsheets open it; what begins like a formula is quoted."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """Days and moments are what a spreadsheet sorts by; every other cell is a text, whatever it begins with."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet("File active"), book.add_format({"bold": True})
        day, moment = (book.add_format({"num_format": said}) for said in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm"))
        for n, row in enumerate(table):
            for place, cell in enumerate(row):
                if isinstance(cell, date) and cell.year >= FIRST_YEAR:
                    sheet.write_datetime(n, place, cell, moment if isinstance(cell, datetime) else day)
                else:
                    sheet.write_string(n, place, _said(cell), None if n else bold)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(len(table[0]) - 1, 0), WIDTH)
        if len(table) > 1:
            sheet.autofilter(0, 0, len(table) - 1, len(table[0]) - 1)
    return content.getvalue()


def _plain(cell: Cell) -> str:
    said = _said(cell)
    return f"'{said}" if said.startswith(BEGINS_A_FORMULA) else said


def _said(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell


def _moment(desk: Desk, instant: datetime | None) -> Cell:
    return instant.astimezone(desk.zone).replace(tzinfo=None, second=0, microsecond=0) if instant else ""


KINDS: Mapping[str, Kind] = {
    "csv": Kind("text/csv; charset=utf-8", as_csv),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
