"""What narrows a list, as conditions: found from few cases when few are meant, else weighed on each row on the way.

The conditions know the `Shape` of what is asked, not its values: lists of one shape are one statement, kept ready.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, String, bindparam, select

from base.conditions import has_row
from base.database import Instant
from base.prepared import Query
from care.search import communes
from care.tables import case
from engine.tables import NEVER, task, task_candidate
from inbox.desk import Desk
from inbox.lists import columns, typed
from inbox.lists.orders import offer
from inbox.lists.statements import KEPT, MIDNIGHT, NOW
from inbox.lists.typed import NOTHING, Conditions, Typed, Values
from inbox.lists.walks import MOST
from inbox.lists.wanted import BANDS, Wanted

FEW_PATIENTS, FEW = 3000, 400
"""Up to so many patients, or cases, a list is found from them; of more, each of its rows is looked at on the way."""
FEW_OF_OWN = 200
"""The same of lists that are found from the person: they are short, and their rows are quickly looked at."""
ROLE, PATHWAY = bindparam("role", type_=String()), bindparam("pathway", type_=String())
WEEK = bindparam("week", type_=Instant())


@dataclass(frozen=True)
class Shape:
    """What narrows a list, without the values. `ends` when it also shows what is over; `few` when the words and the
    pathway are those of few cases, from which the list is then found.
    """

    words: Typed = NOTHING
    pathway: bool = False
    role: bool = False
    due: str = ""
    band: str = ""
    columns: int = 0
    ends: bool = False
    few: bool = False

    @property
    def is_of_cases(self) -> bool:
        return self.pathway or bool(self.words.patient)


def narrowed(desk: Desk, wanted: Wanted) -> tuple[Shape, Values]:
    """What the filters and words of `wanted` keep of a list."""
    most = FEW_OF_OWN if wanted.liste == "moi" else FEW_PATIENTS
    said, values = typed.typed(desk, wanted.q, wanted.commune, most)
    asked = columns.asked(desk, wanted.parcours, wanted.columns)
    shape = Shape(
        said, bool(wanted.parcours), bool(wanted.role), wanted.echeance, wanted.urgence, len(asked),
        ends=wanted.liste == "faites",
    )  # fmt: skip
    values |= {"pathway": wanted.parcours, "role": wanted.role, "week": desk.now + timedelta(days=7)}
    for n, one in enumerate(asked):
        values |= one.values(n)
    return replace(shape, few=_are_few(desk, shape, values)), values


def _are_few(desk: Desk, shape: Shape, values: Values) -> bool:
    if shape.words.patient or not shape.pathway:
        return shape.words.few
    return len(_first(desk.tenant, shape).all(desk.session, {**values, "most": FEW + 1})) <= FEW


@lru_cache(maxsize=KEPT)
def _first(tenant: str, shape: Shape) -> Query:
    return Query(select(case.c.id).where(*meant(tenant, shape)).limit(MOST))


def meant(tenant: str, shape: Shape) -> Conditions:
    """On the row of a case: it is one of those that the words and the pathway mean."""
    over = [] if shape.ends else [case.c.closed_at.is_(None)]
    return [case.c.tenant == tenant, *over, *_of_case(tenant, shape)]


def kept(tenant: str, shape: Shape) -> Conditions:
    """On a row of a task and its case; of few cases what says that it is one of them is left out."""
    of_row = [*_due(shape, task.c.due_at, task.c.due_at.is_(None)), *typed.of_task(tenant, shape.words)]
    if shape.band:
        of_row.append(task.c.priority.between(*BANDS[shape.band]))
    if shape.role:
        mine = (task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id)
        offered = select(task_candidate.c.task).where(*mine, task_candidate.c.kind == "role")
        of_row.append(has_row(offered.where(task_candidate.c.value == ROLE)))
    of_row += [columns.equals(tenant, n) for n in range(shape.columns)]
    return of_row if shape.few else [*_of_case(tenant, shape), *of_row]


def within(shape: Shape) -> Conditions:
    """The same on an offer, where a walk may end early."""
    found = _due(shape, offer.c.due_at, offer.c.due_at >= NEVER)
    if shape.band:
        least, most = BANDS[shape.band]
        found = [*found, offer.c.rank.between(-most, -least)]
    return [*found, offer.c.value == ROLE] if shape.role else found


def _of_case(tenant: str, shape: Shape) -> Conditions:
    of_pathway = [case.c.pathway == PATHWAY] if shape.pathway else []
    return [*of_pathway, typed.patients(tenant, shape.words)] if shape.words.patient else of_pathway


def _due(shape: Shape, due: ColumnElement[datetime], undated: ColumnElement[bool]) -> Conditions:
    bounds: dict[str, Conditions] = {
        "retard": [due < NOW],
        "jour": [due >= NOW, due < MIDNIGHT],
        "semaine": [due >= NOW, due < WEEK],
        "sans": [undated],
    }
    return bounds.get(shape.due, [])


def case_words(desk: Desk, text: str, most: int) -> Conditions:
    """Words asked of the row of a case, with their values, for a statement that is asked once."""
    said, values = typed.typed(desk, text, "", most)
    asked = typed.of_case(desk.tenant, said)
    return asked if said.nothing else [one.params(values) for one in asked]


def suggestion(desk: Desk, text: str) -> str | None:
    """The commune that was perhaps meant."""
    return communes.nearest(communes.names(desk.session, desk.tenant), text) if text else None
