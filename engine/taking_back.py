"""An answer is taken back: its run stands again where it stood before, as long as nobody relies on what followed.

Where it stood is found by replaying the journal, which must first lead to where the run stands now.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound
from engine import journal, tables
from engine.advance import Mover
from engine.effects import Asked, Closed, Effect, Freed
from engine.inputs import is_input
from engine.likeness import likeness, write_anew
from engine.pictures import Entry
from engine.replay import Replay
from engine.run import Run
from engine.token import Token

AT_ONCE = 50
task, candidate, outbox, incident, buffer = (
    tables.task, tables.task_candidate, tables.outbox, tables.incident, tables.message_buffer,
)  # fmt: skip
SINCE = {
    "task_completed": "Une autre réponse a été donnée depuis dans ce dossier.",
    "task_assigned": "Une tâche de ce dossier a changé de mains depuis.",
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


def reason_against(session: Session, tenant: str, key: str, actor: str) -> Reason | None:
    """Why this person cannot take back the answer to a task; None when they can, as far as a few rows tell.

    Raises NotFound.
    """
    row = _row(session, tenant, key)
    if row.state != "completed":
        return NOT_GIVEN
    if row.completed_by != actor:
        return NOT_YOURS
    if row.run_state != "active":
        return ENDED
    entries = iter(_backwards(session, tenant, row.run))
    followed: list[Entry] = []
    for entry in entries:
        if entry.kind == "task_completed" and entry.detail["task"] == key:
            return _relied_on(session, tenant, followed)
        if is_input(entry):
            words = SINCE.get(entry.kind, "Ce dossier a avancé depuis.")
            return Reason("answer-relied-on", words, entry.actor, entry.at)
        followed.append(entry)
    return UNCLEAR


def _row(session: Session, tenant: str, key: str) -> Any:
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
    column, before = tables.journal.c, None
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
            before = entry.detail["entry"] if entry.kind == journal.TAKEN_BACK else entry.n
            if entry.kind != journal.TAKEN_BACK:
                yield entry


def _relied_on(session: Session, tenant: str, followed: Sequence[Entry]) -> Reason | None:
    """What followed from the answer and cannot be undone."""
    if any(entry.kind == "operation_done" for entry in followed):
        return RECORDED
    thrown = [entry for entry in followed if entry.kind in ("message_thrown", "signal_thrown")]
    letters = _letters(thrown)
    waiting = select(func.count()).where(outbox.c.tenant == tenant, outbox.c.id.in_(letters))
    still = session.scalar(waiting.where(outbox.c.state == "waiting")) if letters else 0
    return None if still == len(thrown) else SENT


def _letters(thrown: Sequence[Entry]) -> list[str]:
    return [entry.detail["outbox"] for entry in thrown if "outbox" in entry.detail]


# --- taking it back ---------------------------------------------------------------------------------------------------


def take_back(session: Session, mover: Mover, key: str, actor: str) -> None:
    """Raises Conflict with the code and the words of the reason against it, NotFound."""
    current = mover.take(session, _row(session, mover.tenant, key).run, actor)
    refuse(reason_against(session, mover.tenant, key, actor))
    entries = journal.stored(session, mover.tenant, current.key)
    answer = next(entry for entry in reversed(entries) if _answers(entry, key))
    before = _stood(session, mover, current, entries, answer)
    followed = entries[answer.n :]
    _withdraw(session, mover.tenant, _letters(followed))
    _put_messages_back(session, current, followed)
    _stop_jobs(session, mover, before, current)
    _reopen_tasks(session, before, current)
    _reopen_incidents(session, before, current, answer)
    before.seq, before.entries, before.chain, before.version = (
        current.seq, current.entries, current.chain, current.version,
    )  # fmt: skip
    before.live_in(current.world)
    write_anew(session, before)
    before.noted(journal.TAKEN_BACK, answer.element, task=key, entry=answer.n)
    before.effects += _undone(before, current)
    mover.begin(session, before, lambda _run: None)


def refuse(reason: Reason | None) -> None:
    """Raises Conflict."""
    if reason is not None:
        raise Conflict(reason.words, code=reason.code)


def _answers(entry: Entry, key: str) -> bool:
    return entry.kind == "task_completed" and entry.detail["task"] == key


def _stood(session: Session, mover: Mover, current: Run, entries: Sequence[Entry], answer: Entry) -> Run:
    """The run as it was before the answer."""
    given = mover.environment
    replay = Replay(
        current.key,
        entries,
        lambda digest: mover.library.definition(session, digest),
        given.calendar,
        given.operations,
        keep=[answer.n],
    )
    deque(replay.inputs(), maxlen=0)
    if replay.difference is not None or likeness(replay.run) != likeness(current):
        refuse(UNCLEAR)
    return replay.kept[answer.n]


def _withdraw(session: Session, tenant: str, letters: Sequence[str]) -> None:
    """What has not left yet stays here; a letter that somebody holds this very moment has left."""
    mine = outbox.c.tenant == tenant, outbox.c.id.in_(letters), outbox.c.state == "waiting"
    held = session.execute(select(outbox.c.id).where(*mine).with_for_update(skip_locked=True)).all()
    if len(held) != len(letters):
        refuse(SENT)
    session.execute(update(outbox).where(*mine).values(state="withdrawn"))


def _put_messages_back(session: Session, current: Run, followed: Sequence[Entry]) -> None:
    """Messages that had been kept, and that what followed took, are kept for whoever will wait for them."""
    for entry in followed:
        if entry.kind == "message_received":
            mine = buffer.c.tenant == current.world.tenant, buffer.c.run == current.key
            same = buffer.c.message == entry.detail["name"], buffer.c.message_id == entry.detail["message_id"]
            kept = {"run": None, "payload": orjson.dumps(entry.detail["variables"])}
            if not session.execute(update(buffer).where(*mine, *same).values(kept).returning(buffer.c.key)).all():
                refuse(UNCLEAR)


def _stop_jobs(session: Session, mover: Mover, before: Run, current: Run) -> None:
    for token in _without(current, before, "job"):
        if not mover.environment.queue.cancel(session, f"{current.key}:{token.id}"):
            refuse(UNDER_WAY)


def _reopen_tasks(session: Session, before: Run, current: Run) -> None:
    """The task itself, and those that the answer had made needless."""
    keys = [token.internal_data["task"] for token in _without(before, current, "task")]
    opened = {"state": "open", "completed_at": None, "completed_by": None, "outcome": None}
    tenant = current.world.tenant
    session.execute(update(task).where(task.c.tenant == tenant, task.c.id.in_(keys)).values(opened))
    session.execute(
        update(candidate).where(candidate.c.tenant == tenant, candidate.c.task.in_(keys)).values(open=true())
    )


def _reopen_incidents(session: Session, before: Run, current: Run, answer: Entry) -> None:
    """Those that the answer had made needless: of each token the last."""
    tokens = [token.id for token in _without(before, current, "stuck")]
    of_run = incident.c.tenant == current.world.tenant, incident.c.run == current.key
    last = (
        select(func.max(incident.c.id))
        .where(*of_run, incident.c.token.in_(tokens), incident.c.resolved_at == answer.at)
        .group_by(incident.c.token)
    )
    opened = {"state": "open", "resolved_at": None, "resolved_by": None}
    session.execute(
        update(incident).where(incident.c.tenant == current.world.tenant, incident.c.id.in_(last)).values(opened)
    )


def _undone(before: Run, current: Run) -> Iterator[Effect]:
    for token in _without(current, before, "task"):
        yield Closed(token.internal_data["task"], "cancelled")
    for token in _without(current, before, "stuck"):
        yield Freed(token.id)
    for token in _without(before, current, "job"):
        yield Asked(token.id, token.task_spec.name, token.internal_data["job"], {})


def _without(here: Run, there: Run, note: str) -> list[Token]:
    """The tokens that hold such a note here and not there."""
    found = (here.tokens[key] for key in sorted(here.tokens))
    return [token for token in found if note in token.internal_data and not _has(there, token.id, note)]


def _has(run: Run, key: int, note: str) -> bool:
    return key in run.tokens and note in run.tokens[key].internal_data
