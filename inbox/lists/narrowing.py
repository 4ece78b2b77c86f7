"""What narrows a list, as conditions: found from few cases when few are meant, else weighed on each row on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from base.conditions import has_row, is_among
from base.prepared import Query
from base.vault import normalise
from care.search import communes, words
from care.tables import case
from engine.tables import NEVER, task, task_candidate
from inbox.desk import Desk
from inbox.lists import columns
from inbox.lists.orders import offer
from inbox.lists.statements import IS_OPEN
from inbox.lists.wanted import BANDS, Wanted
from pathways import catalogue

FEW_PATIENTS, FEW = 3000, 400
"""Up to so many patients, or cases, a list is found from them; of more, each of its rows is looked at on the way."""
FEW_OF_OWN = 200
"""The same of lists that are found from the person: they are short, and their rows are quickly looked at."""
Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True)
class Narrowing:
    """Conditions on a row; `within`, the same on an offer, where a walk may end early; `runs`, when few are meant."""

    kept: Sequence[ColumnElement[bool]] = ()
    within: Sequence[ColumnElement[bool]] = ()
    runs: Select[str] | None = None


@dataclass(frozen=True)
class Meaning:
    """What one word may mean: a patient, the titles of tasks, pathways."""

    blinds: words.Blinds
    titles: Sequence[str]
    pathways: Sequence[str]

    @property
    def is_patient(self) -> bool:
        return not self.titles and not self.pathways


def narrowed(desk: Desk, wanted: Wanted) -> Narrowing:
    """What the filters and words of `wanted` keep of a list."""
    of_row, within = _of_row(desk, wanted), _within(desk, wanted)
    blinds, mixed = _of_words(desk, wanted)
    patients = words.few(desk.session, desk.tenant, blinds, FEW_OF_OWN if wanted.liste == "moi" else FEW_PATIENTS)
    of_case = [case.c.pathway == wanted.parcours] if wanted.parcours else []
    if blinds:
        of_case.append(_patient(desk, patients, blinds))
    every = Narrowing([*of_case, *of_row, *mixed], within)
    if not of_case or (blinds and patients is None):
        return every
    over = () if wanted.liste == "faites" else (case.c.closed_at.is_(None),)
    runs = select(case.c.id).where(case.c.tenant == desk.tenant, *over, *of_case)
    few = patients is not None or len(desk.session.scalars(runs.limit(FEW + 1)).all()) <= FEW
    return replace(every, kept=[*of_row, *mixed], runs=runs.correlate(None)) if few else every


def case_words(desk: Desk, text: str, most: int) -> Conditions:
    """The same words, asked of the row of a case: its patient, its pathway, what it waits for.

    Up to so many patients are found first; of more, each row is looked at on the way.
    """
    known = meanings(desk, text)
    blinds = [meaning.blinds for meaning in known if meaning.is_patient]
    few = words.few(desk.session, desk.tenant, blinds, most)
    found = [_patient(desk, few, blinds)] if blinds else []
    waits = select(task.c.id).where(task.c.tenant == case.c.tenant, task.c.run == case.c.id, IS_OPEN)
    for meaning in known:
        if not meaning.is_patient:
            named = [has_row(waits.where(task.c.name.in_(meaning.titles)))] if meaning.titles else []
            one = words.answers(desk.tenant, case.c.patient, [meaning.blinds])
            found.append(or_(case.c.pathway.in_(meaning.pathways), *named, one))
    return found


def meanings(desk: Desk, text: str) -> list[Meaning]:
    """What each word of a text may mean here."""
    if not text:
        return []
    titles, known = _titles(desk), catalogue.titles(desk.session, desk.tenant)
    return [
        Meaning(
            blinds,
            [title for title in titles if _begins(title, meant[0])],
            [key for key, title in known.items() if _begins(title, meant[0])],
        )
        for meant, blinds in zip(words.asked(text), words.blinds(desk.context.vault, text), strict=True)
    ]


def _of_words(desk: Desk, wanted: Wanted) -> tuple[list[words.Blinds], Conditions]:
    """What can only be a patient's, of the words and the commune; and the other words, each by itself."""
    found = meanings(desk, wanted.q)
    nothing = [false()] if wanted.q and not found else []
    blinds = [meaning.blinds for meaning in found if meaning.is_patient]
    blinds += words.blinds(desk.context.vault, wanted.commune)
    mixed = [_mixed(desk, meaning) for meaning in found if not meaning.is_patient]
    return blinds, [*nothing, *mixed]


def _mixed(desk: Desk, meaning: Meaning) -> ColumnElement[bool]:
    named, followed = task.c.name.in_(meaning.titles), case.c.pathway.in_(meaning.pathways)
    return or_(named, followed, words.answers(desk.tenant, case.c.patient, [meaning.blinds]))


def _of_row(desk: Desk, wanted: Wanted) -> Conditions:
    found: Conditions = [*_due(desk, wanted.echeance)]
    if wanted.urgence:
        found.append(task.c.priority.between(*BANDS[wanted.urgence]))
    if wanted.role:
        mine = (task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id)
        offered = select(task_candidate.c.task).where(*mine, task_candidate.c.kind == "role")
        found.append(has_row(offered.where(task_candidate.c.value == wanted.role)))
    if wanted.parcours:
        allowed = {column.variable for column in columns.columns(desk, wanted.parcours)}
        found += [columns.equals(desk.tenant, name, text) for name, text in wanted.columns.items() if name in allowed]
    return found


def _due(desk: Desk, when: str) -> Conditions:
    due = task.c.due_at
    found: dict[str, Conditions] = {
        "retard": [due < desk.now],
        "jour": [due >= desk.now, due < desk.midnight],
        "semaine": [due >= desk.now, due < desk.now + timedelta(days=7)],
        "sans": [due.is_(None)],
    }
    return found.get(when, [])


def _within(desk: Desk, wanted: Wanted) -> Conditions:
    due = offer.c.due_at
    bounds: dict[str, Conditions] = {
        "retard": [due < desk.now],
        "jour": [due >= desk.now, due < desk.midnight],
        "semaine": [due >= desk.now, due < desk.now + timedelta(days=7)],
        "sans": [due >= NEVER],
    }
    found = bounds.get(wanted.echeance, [])
    if wanted.urgence:
        least, most = BANDS[wanted.urgence]
        found = [*found, offer.c.rank.between(-most, -least)]
    return [*found, offer.c.value == wanted.role] if wanted.role else found


def _patient(desk: Desk, few: Select[tuple[str]] | None, blinds: Sequence[words.Blinds]) -> ColumnElement[bool]:
    """The patient of the case at hand is one of a few, or is looked up for each row."""
    if few is None:
        return words.answers(desk.tenant, case.c.patient, blinds)
    return is_among(case.c.patient, few.correlate(None).scalar_subquery())


def _begins(title: str, word: str) -> bool:
    return any(part.startswith(word) for part in normalise(title).split())


def _titles(desk: Desk) -> list[str]:
    return [row.name for row in _all_titles(desk.tenant).all(desk.session, {})]


@lru_cache(maxsize=8)
def _all_titles(tenant: str) -> Query:
    """The titles of the open tasks, from one to the next by their index, however many tasks bear each."""
    still = (task.c.tenant == tenant, IS_OPEN)
    listed = select(func.min(task.c.name).label("name")).where(*still).cte("titles", recursive=True)
    after: Any = select(func.min(task.c.name)).where(*still, task.c.name > listed.c.name).scalar_subquery()
    listed = listed.union_all(select(after).where(listed.c.name.is_not(None)))
    return Query(select(listed.c.name).where(listed.c.name.is_not(None)))


def suggestion(desk: Desk, text: str) -> str | None:
    """The commune that was perhaps meant."""
    return communes.nearest(communes.names(desk.session, desk.tenant), text) if text else None
