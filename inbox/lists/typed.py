"""The words typed above a list: what each may mean here, and the conditions that they make on a task or a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, false, func, or_, select

from base.conditions import Texts, has_row, is_among, is_one_of
from base.prepared import Query
from base.vault import normalise
from care.search import words
from care.tables import case
from engine.tables import task
from inbox.desk import Desk
from inbox.lists.statements import IS_OPEN
from pathways import catalogue

Conditions = list[ColumnElement[bool]]
Values = dict[str, Any]


@dataclass(frozen=True)
class Meaning:
    """What one word may mean: a patient, the titles of tasks, pathways."""

    blinds: words.Blinds
    titles: Sequence[str] = ()
    pathways: Sequence[str] = ()

    @property
    def is_patient(self) -> bool:
        return not self.titles and not self.pathways


@dataclass(frozen=True)
class Typed:
    """Words without what they say: so many that only a patient can have, so many that may mean something else as well,
    so many that no patient has.

    `few` when the first are those of few patients, who are found first; else each row is looked at on the way.
    `nothing` of words that say nothing, like « … ».
    """

    patient: int = 0
    mixed: int = 0
    others: int = 0
    few: bool = False
    nothing: bool = False


NOTHING = Typed()


def typed(desk: Desk, text: str, commune: str, most: int) -> tuple[Typed, Values]:
    """The words of a text and of a commune; few are the patients up to so many."""
    meant = meanings(desk, text)
    patient = [one.blinds for one in meant if one.is_patient] + words.blinds(desk.context.vault, commune)
    mixed = [one for one in meant if not one.is_patient]
    borne = words.borne(desk.session, desk.tenant, [*patient, *(one.blinds for one in mixed)], most)
    rarest_first = sorted(borne[: len(patient)])
    named_first = sorted(zip(borne[len(patient) :], mixed, strict=True), key=lambda one: one[0][0] == 0)
    values: Values = words.values([blinds for _, blinds in rarest_first] + [blinds for (_, blinds), _ in named_first])
    for n, (_, one) in enumerate(named_first):
        values |= {f"titles_{n}": one.titles, f"pathways_{n}": one.pathways}
    others = sum(number == 0 for (number, _), _ in named_first)
    few = bool(patient) and rarest_first[0][0] <= most
    return Typed(len(patient), len(mixed) - others, others, few, bool(text) and not meant), values


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


def patients(tenant: str, asked: Typed) -> ColumnElement[bool]:
    """The patient of the case at hand has every word that only a patient can have."""
    found = words.named(asked.patient)
    if not asked.few:
        return words.answers(tenant, case.c.patient, found)
    return is_among(case.c.patient, words.answering(tenant, found).correlate(None).scalar_subquery())


def of_task(tenant: str, asked: Typed) -> Conditions:
    """The other words, of the row of a task and its case: its title, its pathway, its patient."""
    return [*_nothing(asked), *(or_(is_one_of(task.c.name, titles), rest) for titles, rest in _others(tenant, asked))]


def of_case(tenant: str, asked: Typed) -> Conditions:
    """All the words, of the row of a case: its patient, its pathway, what it waits for."""
    found = [*_nothing(asked), *([patients(tenant, asked)] if asked.patient else [])]
    waits = select(task.c.id).where(task.c.tenant == case.c.tenant, task.c.run == case.c.id, IS_OPEN)
    for titles, rest in _others(tenant, asked):
        found.append(or_(has_row(waits.where(is_one_of(task.c.name, titles))), rest))
    return found


def _nothing(asked: Typed) -> Conditions:
    return [false()] if asked.nothing else []


def _others(tenant: str, asked: Typed) -> list[tuple[BindParameter[Any], ColumnElement[bool]]]:
    """Of each word that means something else than a patient: the titles of tasks, and the condition on the case."""
    listed: list[tuple[BindParameter[Any], ColumnElement[bool]]] = []
    for n in range(asked.mixed + asked.others):
        rest: ColumnElement[bool] = is_one_of(case.c.pathway, bindparam(f"pathways_{n}", type_=Texts()))
        if n < asked.mixed:
            rest = or_(rest, words.answers(tenant, case.c.patient, [words.named_at(asked.patient + n)]))
        listed.append((bindparam(f"titles_{n}", type_=Texts()), rest))
    return listed


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
    found: Select[Any] = select(listed.c.name).where(listed.c.name.is_not(None))
    return Query(found)
