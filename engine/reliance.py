"""Who relies on an answer: what followed from it at once, what was given later, and why it may have to stay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from base.errors import NotFound
from engine import journal, tables
from engine.inputs import is_input
from engine.pictures import Entry

AT_ONCE = 50
MOST_SINCE = 500
"""Entries of the journal after which nobody looks any more whether they have to do with the answer."""
NEVER_APART = frozenset({"run_migrated"})
task, outbox = tables.task, tables.outbox
SINCE = {
    "task_completed": "Une autre réponse a été donnée depuis dans ce dossier.",
    "task_assigned": "Une tâche de ce dossier a changé de mains depuis.",
    "task_declined": "Une tâche de ce dossier a été refusée depuis.",
    "activity_chosen": "Une activité a été commencée depuis dans ce dossier.",
    "message_received": "Un message est arrivé depuis dans ce dossier.",
    "timer_fired": "Une échéance est passée depuis dans ce dossier.",
}


@dataclass(frozen=True)
class Reason:
    """Why an answer stays: `words` for people; who relies on it and since when, when that is somebody."""

    code: str
    words: str
    actor: str | None = None
    at: datetime | None = None


NOT_YOURS = Reason("answer-not-yours", "Cette réponse n’a pas été donnée par vous.")
NOT_GIVEN = Reason("answer-not-given", "Cette tâche n’a pas de réponse à reprendre.")
ENDED = Reason("run-ended", "Le dossier s’est terminé avec cette réponse.")
SENT = Reason("answer-sent", "Un message est déjà parti à la suite de cette réponse.")
UNDER_WAY = Reason("answer-under-way", "Une opération demandée par cette réponse est déjà en cours.")
RECORDED = Reason("answer-recorded", "Cette réponse a déjà été reportée ailleurs, par exemple dans le cercle de soins.")
UNCLEAR = Reason("answer-not-replayable", "L’état d’avant cette réponse ne peut pas être retrouvé avec certitude.")


@dataclass(frozen=True)
class Given:
    """An answer, what followed from it at once, and what was given later and stands."""

    run: str
    answer: Entry
    block: Sequence[Entry]
    later: Sequence[Entry]


def answer_given(session: Session, tenant: str, key: str, actor: str) -> Given | Reason:
    """The answer to a task, or why it stays, as far as a few rows tell. Raises NotFound."""
    row = row_of(session, tenant, key)
    if row.state != "completed":
        return NOT_GIVEN
    if row.completed_by != actor:
        return NOT_YOURS
    if row.run_state != "active":
        return ENDED
    since: list[Entry] = []
    for entry in _backwards(session, tenant, row.run):
        if answers(entry, key):
            return _weighed(session, tenant, row.run, entry, since[::-1])
        since.append(entry)
        if len(since) > MOST_SINCE:
            return relied(next(one for one in since if is_input(one)))
    return UNCLEAR


def _weighed(session: Session, tenant: str, run: str, answer: Entry, since: Sequence[Entry]) -> Given | Reason:
    """Whoever has moved what the answer opened relies on it."""
    first = next((n for n, entry in enumerate(since) if is_input(entry)), len(since))
    block, later = since[:first], since[first:]
    opened = {entry.detail["task"] for entry in block if entry.kind == "task_opened"}
    for entry in later:
        if entry.detail.get("task") in opened or entry.kind in NEVER_APART:
            return relied(entry)
    return _relied_on(session, tenant, block) or Given(run, answer, block, later)


def relied(entry: Entry) -> Reason:
    words = SINCE.get(entry.kind, "Ce dossier a avancé depuis.")
    return Reason("answer-relied-on", words, entry.actor, entry.at)


def row_of(session: Session, tenant: str, key: str) -> Any:
    run = tables.run
    found = session.execute(
        select(task.c.run, task.c.state, task.c.completed_by, run.c.state.label("run_state"))
        .join(run, (run.c.tenant == task.c.tenant) & (run.c.id == task.c.run))
        .where(task.c.tenant == tenant, task.c.id == key)
    ).first()
    if found is None:
        raise NotFound("Cette tâche n’existe pas.")
    return found


def _backwards(session: Session, tenant: str, run: str) -> Iterator[Entry]:
    """The journal from its end, without the answers that were taken back and what had followed from them."""
    column, before, voids = tables.journal.c, None, list[tuple[int, int]]()
    while True:
        where = [column.tenant == tenant, column.run == run, *([] if before is None else [column.n < before])]
        names = (column[name] for name in ("n", "at", "actor", "kind", "element", "detail"))
        found = session.execute(select(*names).where(*where).order_by(column.n.desc()).limit(AT_ONCE)).all()
        if not found:
            return
        for row in found:
            if before is not None and row.n >= before:
                continue
            entry = journal.entry(*row)
            before = entry.n
            if any(first <= entry.n < end for first, end in voids):
                continue
            if entry.kind == journal.TAKEN_BACK:
                voids.append(journal.void(entry.n, entry.detail))
            else:
                yield entry


def _relied_on(session: Session, tenant: str, followed: Sequence[Entry]) -> Reason | None:
    """What followed from the answer and cannot be undone."""
    if any(entry.kind == "operation_done" for entry in followed):
        return RECORDED
    thrown = [entry for entry in followed if entry.kind in ("message_thrown", "signal_thrown")]
    letters = letters_of(thrown)
    waiting = select(func.count()).where(outbox.c.tenant == tenant, outbox.c.id.in_(letters))
    still = session.scalar(waiting.where(outbox.c.state == "waiting")) if letters else 0
    return None if still == len(thrown) else SENT


def letters_of(thrown: Sequence[Entry]) -> list[str]:
    return [entry.detail["outbox"] for entry in thrown if "outbox" in entry.detail]


def answers(entry: Entry, key: str) -> bool:
    return entry.kind == "task_completed" and entry.detail["task"] == key
