"""The register of erasures: when, why and by whom, and what stays as proof; never of whom but by their number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, Table, func, select

from admin.access import may_read_register, register_reader
from admin.cockpit.sheet import Table as Rows
from admin.cockpit.sheet import as_csv
from admin.erasure import AGAIN, REASONS
from care.identity import identity_log
from care.identity.identity_log import Deed
from care.tables import access_log, case
from care.tables import patient as patients
from engine.tables import journal
from inbox.request import context, desk, require_sign_in, session
from people.persons import persons

blueprint = Blueprint("erasures", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)
blueprint.add_app_template_global(may_read_register, "may_read_erasures")
SHOWN = 200
HEAD = ("Le", "Numéro", "Motif", "Effacé par", "Identités réunies", "Dossiers gardés", "Consultations", "Journal")
RESTORED = "Reprise après une restauration"


@dataclass(frozen=True)
class Erasure:
    """One person erased: under which number, and how many lines of each kind stay as proof."""

    number: str
    at: datetime
    reason: str
    words: str
    by: str
    merged: int
    cases: int
    looks: int
    entries: int

    @property
    def proof(self) -> str:
        """« 2 dossiers sans nom, 14 consultations, 38 lignes de journal »"""
        kinds = (
            (self.cases, "dossier sans nom", "dossiers sans nom"),
            (self.looks, "consultation", "consultations"),
            (self.entries, "ligne de journal", "lignes de journal"),
        )
        said = [f"{number} {one if number == 1 else many}" for number, one, many in kinds if number]
        return ", ".join(said) or "Cette ligne seule"


@blueprint.get("/effacements")
def show() -> ResponseReturnValue:
    """The register, the latest first; and the way to what is known of one number."""
    register_reader()
    if number := request.args.get("numero", "").strip()[:16]:
        return redirect(url_for("identities.identity", patient_id=number), 303)
    found, more = register(SHOWN)
    return render_template("admin/erasures.html", erasures=found, more=more)


@blueprint.get("/effacements.csv")
def download() -> ResponseReturnValue:
    """All of it as a file for a spreadsheet."""
    register_reader()
    return sheet()


def sheet() -> Response:
    """The whole register as CSV, named by its day."""
    table: Rows = [HEAD, *(_cells(one) for one in register()[0])]
    response = Response(as_csv(table), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="effacements-{desk().today:%Y-%m-%d}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def register(most: int | None = None) -> tuple[list[Erasure], bool]:
    """Who was erased, the latest first, and whether there were more."""
    done = identity_log.done(session(), context().tenant, "erased")[::-1]
    into = _merged_into({deed.patient for deed in done})
    own = [deed for deed in done if into.get(deed.patient) is None]
    shown = own[:most]
    return _told(shown, [_stayed(one, into) for one, other in into.items() if other]), len(own) > len(shown)


def _told(deeds: Sequence[Deed], kept: Sequence[str]) -> list[Erasure]:
    ids, who = {deed.patient for deed in deeds}, persons(session(), {deed.by for deed in deeds})
    cases, looks, entries = (_counted(query, ids) for query in (_cases(), _of_cases(access_log), _of_cases(journal)))
    return [
        Erasure(
            deed.patient, deed.at, deed.detail, REASONS.get(deed.detail, deed.detail),
            who[deed.by].display if deed.by in who else RESTORED if deed.by == AGAIN else deed.by,
            kept.count(deed.patient), cases.get(deed.patient, 0), looks.get(deed.patient, 0),
            entries.get(deed.patient, 0),
        )
        for deed in deeds
    ]  # fmt: skip


def _merged_into(ids: Iterable[str]) -> dict[str, str | None]:
    """Whom each was merged into, if anybody."""
    found: dict[str, str | None] = {}
    for part in _parts(ids):
        query = select(patients.c.id, patients.c.merged_into).where(patients.c.tenant == context().tenant)
        found |= {row.id: row.merged_into for row in session().execute(query.where(patients.c.id.in_(part)))}
    return found


def _stayed(number: str, into: Mapping[str, str | None]) -> str:
    """Who stayed at the end of its merges."""
    while other := into.get(number):
        number = other
    return number


def _cases() -> Select[tuple[str, int]]:
    return (
        select(case.c.patient, func.count().label("number"))
        .where(case.c.tenant == context().tenant)
        .group_by(case.c.patient)
    )


def _of_cases(table: Table) -> Select[tuple[str, int]]:
    """How many rows about the cases of each patient; a journal knows a case as its run."""
    of = table.c.run if "run" in table.c else table.c["case"]
    same = (table.c.tenant == case.c.tenant) & (of == case.c.id)
    return (
        select(case.c.patient, func.count().label("number"))
        .select_from(case.join(table, same))
        .where(case.c.tenant == context().tenant)
        .group_by(case.c.patient)
    )


def _counted(query: Select[tuple[str, int]], ids: Iterable[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for part in _parts(ids):
        found |= {row.patient: row.number for row in session().execute(query.where(case.c.patient.in_(part)))}
    return found


def _parts(ids: Iterable[str]) -> list[list[str]]:
    all_of_them = sorted(ids)
    return [all_of_them[start : start + 500] for start in range(0, len(all_of_them), 500)]


def _cells(one: Erasure) -> list[str]:
    at = f"{one.at.astimezone(desk().zone):%d/%m/%Y %H:%M}"
    return [at, one.number, one.words, one.by, *map(str, (one.merged, one.cases, one.looks, one.entries))]
