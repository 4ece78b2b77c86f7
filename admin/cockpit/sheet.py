"""A table of patients as a file for a spreadsheet: CSV or XLSX, in which no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import xlsxwriter

from admin.cockpit.active import EXPORTED, Line, Page
from inbox.desk import Desk

HEAD = ("Patient", "Né(e) le", "Commune", "Étape", "Attend", "Depuis le", "Échéance", "En retard", "Ouvert le")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CUT = f"La liste continue au-delà de {EXPORTED} dossiers : filtrez-la pour avoir les autres."
WIDTH = 22


@dataclass(frozen=True)
class Kind:
    """A kind of file: how it is written and what it is called."""

    content_type: str
    write: Callable[[Sequence[Sequence[str]]], bytes]


def rows(desk: Desk, page: Page) -> list[list[str]]:
    """The table: its head, then a row for each case; the last row says when there are more."""
    head = [*HEAD, *(column.label for column in page.columns)]
    cut = [[CUT, *[""] * (len(head) - 1)]] if page.after else []
    return [head, *([*_cells(desk, line), *line.values] for line in page.lines), *cut]


def _cells(desk: Desk, line: Line) -> list[str]:
    who, moment = line.patient, partial(_moment, desk)
    return [
        who.name, f"{who.birth_date:%d/%m/%Y}", who.commune, line.standing, line.whom, moment(line.since),
        moment(line.due_at), "oui" if line.late else "", moment(line.opened_at),
    ]  # fmt: skip


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
    """With a semicolon and a byte-order mark, as French spreadsheets open it; what begins like a formula is quoted."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: Sequence[Sequence[str]]) -> bytes:
    """Every cell is a text, whatever it begins with."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet("File active"), book.add_format({"bold": True})
        for n, row in enumerate(table):
            for place, cell in enumerate(row):
                sheet.write_string(n, place, cell, bold if n == 0 else None)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(len(table[0]) - 1, 0), WIDTH)
        if len(table) > 1:
            sheet.autofilter(0, 0, len(table) - 1, len(table[0]) - 1)
    return content.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell


def _moment(desk: Desk, instant: datetime | None) -> str:
    return f"{instant.astimezone(desk.zone):%d/%m/%Y %H:%M}" if instant else ""


KINDS: Mapping[str, Kind] = {
    "csv": Kind("text/csv; charset=utf-8", as_csv),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
