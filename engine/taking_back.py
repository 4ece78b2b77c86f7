"""An answer is taken back: its run stands as if it had not been given, as long as nobody relies on what followed.

Where it stood is found by replaying the journal, which must first lead to where the run stands now. What was given
later elsewhere in the case is given again without the answer: it stands when it changes the very same, to the row; else
whoever gave it relies on the answer.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from base.errors import Conflict
from engine import journal, rows, tables
from engine.advance import Mover
from engine.effects import Asked, Closed, Effect, Freed
from engine.inputs import is_input
from engine.likeness import likeness, write_anew
from engine.pictures import Entry
from engine.reliance import SENT, UNCLEAR, UNDER_WAY, Given, Reason, answer_given, letters_of, relied, row_of
from engine.replay import Replay
from engine.run import Run
from engine.token import Token

Told = dict[str, Any]
task, candidate, outbox, incident, buffer = (
    tables.task, tables.task_candidate, tables.outbox, tables.incident, tables.message_buffer,
)  # fmt: skip


def reason_against(session: Session, mover: Mover, key: str, actor: str) -> Reason | None:
    """Why this person cannot take back the answer to a task; None when they can. Raises NotFound."""
    given = answer_given(session, mover.tenant, key, actor)
    if isinstance(given, Reason) or not given.later:
        return given if isinstance(given, Reason) else None
    header = rows.header(session, mover.tenant, given.run, lock=False)
    if header is None:
        return UNCLEAR
    definition = mover.library.definition(session, header.definition)
    current = rows.load(session, header, definition, mover.world(session, ""), given.run)
    stood = _stood(session, mover, current, given)
    return stood if isinstance(stood, Reason) else None


def take_back(session: Session, mover: Mover, key: str, actor: str) -> None:
    """Raises Conflict with the code and the words of the reason against it, NotFound."""
    current = mover.take(session, row_of(session, mover.tenant, key).run, actor)
    given = answer_given(session, mover.tenant, key, actor)
    stood = given if isinstance(given, Reason) else _stood(session, mover, current, given)
    if isinstance(given, Reason) or isinstance(stood, Reason):
        raise refused(given if isinstance(given, Reason) else stood)
    before, answer = stood, given.answer
    _withdraw(session, mover.tenant, letters_of(given.block))
    _put_messages_back(session, current, given.block)
    _stop_jobs(session, mover, before, current)
    _reopen_tasks(session, before, current)
    _reopen_incidents(session, before, current, answer)
    before.seq, before.entries, before.chain, before.version = (
        current.seq, current.entries, current.chain, current.version,
    )  # fmt: skip
    before.live_in(current.world)
    write_anew(session, before)
    before.noted(journal.TAKEN_BACK, answer.element, task=key, entry=answer.n, **_said(given))
    before.effects += _undone(before, current)
    mover.begin(session, before, lambda _run: None)


def _said(given: Given) -> Told:
    """From when on the journal holds again; whoever takes an answer back acts for whom they had given it for."""
    until = {"until": given.later[0].n} if given.later else {}
    return until | {name: value for name, value in given.answer.detail.items() if name == "behalf"}


def refused(reason: Reason) -> Conflict:
    return Conflict(reason.words, code=reason.code)


def _stood(session: Session, mover: Mover, current: Run, given: Given) -> Run | Reason:
    """The run as it would be without the answer, or why that cannot be told or is no longer so."""
    entries, until = journal.stored(session, mover.tenant, current.key), given.later[0].n if given.later else None
    environment = mover.environment
    replay = Replay(
        current.key,
        entries,
        lambda digest: mover.library.definition(session, digest),
        environment.calendar,
        environment.operations,
        keep=[given.answer.n, *([] if until is None else [until])],
    )
    deque(replay.inputs(), maxlen=0)
    if replay.difference is not None or likeness(replay.run) != likeness(current):
        return UNCLEAR
    before = replay.kept[given.answer.n]
    return before if until is None else _apart(replay, current, given, until)


def _apart(replay: Replay, current: Run, given: Given, until: int) -> Run | Reason:
    """The run without the answer but with all that was given later, when none of that would have gone another way."""
    if any(
        entry.kind == journal.TAKEN_BACK and entry.detail["entry"] < given.answer.n for entry in _after(replay, given)
    ):
        return UNCLEAR
    before = replay.kept[given.answer.n]
    found = replay.without(before, journal.standing(replay.entries), until)
    if found is None:
        return relied(_where_it_parts(replay, given))
    same = _is_the_same_change(*(likeness(run) for run in (replay.kept[until], current, before, found)))
    return found if same else relied(given.later[0])


def _where_it_parts(replay: Replay, given: Given) -> Entry:
    """The input that would have gone another way."""
    inputs, parted = [entry for entry in given.later if is_input(entry)], replay.parted
    until_there = [entry for entry in inputs if parted is not None and entry.n <= parted.n]
    return (until_there or inputs)[-1]


def _after(replay: Replay, given: Given) -> Sequence[Entry]:
    return [entry for entry in replay.entries if entry.n > given.answer.n]


def _is_the_same_change(answered: Told, now: Told, before: Told, without: Told) -> bool:
    """Whether what was given later changed the same, with the answer and without; the rest stands as before it."""
    for part in ("tokens", "scopes", "variables"):
        for key in {*answered[part], *now[part], *before[part], *without[part]}:
            was, became = answered[part].get(key), now[part].get(key)
            if without[part].get(key) != (before[part].get(key) if was == became else became):
                return False
    return bool(without["header"]["state"] == now["header"]["state"])


def _withdraw(session: Session, tenant: str, letters: Sequence[str]) -> None:
    """What has not left yet stays here; a letter that somebody holds this very moment has left."""
    mine = outbox.c.tenant == tenant, outbox.c.id.in_(letters), outbox.c.state == "waiting"
    held = session.execute(select(outbox.c.id).where(*mine).with_for_update(skip_locked=True)).all()
    if len(held) != len(letters):
        raise refused(SENT)
    session.execute(update(outbox).where(*mine).values(state="withdrawn"))


def _put_messages_back(session: Session, current: Run, followed: Sequence[Entry]) -> None:
    """Messages that had been kept, and that what followed took, are kept for whoever will wait for them."""
    for entry in followed:
        if entry.kind == "message_received":
            mine = buffer.c.tenant == current.world.tenant, buffer.c.run == current.key
            same = buffer.c.message == entry.detail["name"], buffer.c.message_id == entry.detail["message_id"]
            kept = {"run": None, "payload": orjson.dumps(entry.detail["variables"])}
            if not session.execute(update(buffer).where(*mine, *same).values(kept).returning(buffer.c.key)).all():
                raise refused(UNCLEAR)


def _stop_jobs(session: Session, mover: Mover, before: Run, current: Run) -> None:
    for token in _without(current, before, "job"):
        if not mover.environment.queue.cancel(session, f"{current.key}:{token.id}"):
            raise refused(UNDER_WAY)


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
