"""The list of a pathway's patients as it leaves: a file, and in each patient's journal of looks that it left."""

from flask import Response
from sqlalchemy.orm import Session

from admin.cockpit import sheet
from admin.cockpit.active import Page
from care.sharing import access
from inbox.desk import Desk
from inbox.request import desk
from people.persons import Person

EXPORT = "export"


def sheet_of(asking: Person, page: Page, kind: str) -> Response:
    """The file, named by its pathway and day alone; noted as a look for each case."""
    who, made = desk(), sheet.KINDS[kind]
    if who.only_reads:
        with who.context.database.begin() as session:
            _note(session, who, asking, page)
    else:
        _note(who.session, who, asking, page)
    response = Response(made.write(sheet.rows(who, page)), content_type=made.content_type)
    name = f"file-active-{page.key}-{who.today:%Y-%m-%d}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _note(session: Session, who: Desk, asking: Person, page: Page) -> None:
    for line in page.lines:
        seen = who.sight(line.case)
        access.record(session, who.context.clock, asking, line.case, EXPORT, ground=seen.ground, roles=seen.roles)
