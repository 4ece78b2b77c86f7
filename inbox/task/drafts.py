"""Answers begun and not sent: kept sealed, one for each task and person, until the task is answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from base.database import Instant
from base.errors import Forbidden, NotFound, TooLarge
from base.prepared import Prepared, Query
from inbox import dates
from inbox.desk import Desk
from inbox.task.fields import Boxes
from inbox.task.tables import draft as rows
from pathways.forms import Field, Form, categories
from pathways.forms.prefilled import HOUR
from people.persons import persons

MOST_BYTES = 200_000
ALWAYS = ("device", "revision", "saved_at", "content")
ONE = Query(
    select(rows).where(
        rows.c.tenant == bindparam("tenant"), rows.c.task == bindparam("task"), rows.c.person == bindparam("asker")
    )
)
PUT = Prepared(
    sqlite.insert(rows).on_conflict_do_update(
        index_elements=["tenant", "task", "person"], set_={name: sqlite.insert(rows).excluded[name] for name in ALWAYS}
    ),
    {
        "postgresql": postgresql.insert(rows).on_conflict_do_update(
            index_elements=["tenant", "task", "person"],
            set_={name: postgresql.insert(rows).excluded[name] for name in ALWAYS},
        )
    },
)
DROP = Prepared(
    delete(rows).where(
        rows.c.tenant == bindparam("b_tenant"), rows.c.task == bindparam("b_task"), rows.c.person == bindparam("b_who")
    )
)
DROP_OLD = Prepared(
    delete(rows).where(rows.c.tenant == bindparam("b_tenant"), rows.c.saved_at < bindparam("b_before", type_=Instant()))
)


@dataclass(frozen=True)
class Draft:
    """What somebody had typed when they left; `revision` counts how often it was kept."""

    task: str
    person: str
    device: str
    revision: int
    saved_at: datetime
    boxes: dict[str, str | list[str]]


@dataclass(frozen=True)
class Kept:
    """How a draft was kept; `words` says it to the person."""

    revision: int
    saved_at: datetime
    words: str


def keep(desk: Desk, task: str, boxes: Boxes, device: str = "", seen: int | None = None) -> Kept:
    """Keep what was typed; the latest word wins, and says so when another device had written meanwhile.

    `seen` is the revision that this device knows. Raises TooLarge.
    """
    content = orjson.dumps(dict(boxes))
    if len(content) > MOST_BYTES:
        raise TooLarge("C’est trop long pour être enregistré. Raccourcissez votre texte.", code="draft-too-large")
    before = _row(desk, task)
    revision = 1 if before is None else before.revision + 1
    sealed = desk.context.vault.seal_bytes(content, _context(task, desk.person.id))
    own = {"tenant": desk.tenant, "task": task, "person": desk.person.id}
    state = {"device": device[:32], "revision": revision, "saved_at": desk.now, "content": sealed}
    PUT.write(desk.session, [own | state])
    return Kept(revision, desk.now, _said(desk, before, device[:32], seen))


def own(desk: Desk, task: str) -> Draft | None:
    """The person's own draft of a task."""
    row = _row(desk, task)
    return None if row is None else _draft(desk, row)


def left_by(desk: Desk, task: str, person: str) -> Draft:
    """The draft of somebody else; the caller has asked the guard. Raises NotFound."""
    row = desk.session.execute(select(rows).where(_of(desk, task), rows.c.person == person)).one_or_none()
    if row is None:
        raise NotFound("Ce brouillon n’existe plus.")
    return _draft(desk, row)


def authors(desk: Desk, task: str) -> list[tuple[str, datetime]]:
    """Who else has begun to answer, and when they kept it last; the latest first."""
    others = select(rows.c.person, rows.c.saved_at).where(_of(desk, task), rows.c.person != desk.person.id)
    return [(row.person, row.saved_at) for row in desk.session.execute(others.order_by(rows.c.saved_at.desc()))]


def take_over(desk: Desk, task: str, person: str, form: Form, seen: Collection[str]) -> None:
    """Make of somebody's draft one's own what these categories hold; what one had oneself is replaced.

    What must stay unseen stays with its author. Raises NotFound, Forbidden when that is all of it.
    """
    found = left_by(desk, task, person)
    kept = categories.shown(form, found.boxes, seen)
    if not any(kept.values()):
        raise Forbidden("Rien de ce brouillon ne peut vous être montré.", code="draft-not-for-you")
    keep(desk, task, kept)
    if not categories.withheld(form, found.boxes, seen):
        drop(desk.session, desk.tenant, task, person)


def give(desk: Desk, task: str, person: str, boxes: Boxes) -> None:
    """Leave a draft for somebody else."""
    sealed = desk.context.vault.seal_bytes(orjson.dumps(dict(boxes)), _context(task, person))
    state = {"device": "", "revision": 1, "saved_at": desk.now, "content": sealed}
    PUT.write(desk.session, [{"tenant": desk.tenant, "task": task, "person": person, **state}])


def drop(session: Session, tenant: str, task: str, person: str) -> None:
    DROP.write(session, [{"b_tenant": tenant, "b_task": task, "b_who": person}])


def drop_older(session: Session, tenant: str, before: datetime) -> int:
    """Forget the drafts that nobody has touched since then; how many."""
    return DROP_OLD.write(session, [{"b_tenant": tenant, "b_before": before}])


def lines(form: Form, boxes: Boxes) -> str:
    """A draft as text: one line for each answer, in the words of the form."""
    told = ((field.label, _words(field, boxes)) for field in form.walk() if field.key)
    return "\n".join(f"{label} : {words}" for label, words in told if words)


def _words(field: Field, boxes: Boxes) -> str:
    found = boxes.get(field.key, "")
    known = {option.text: option.label for option in field.options} | ({"true": "oui"} if not field.options else {})
    said = ", ".join(known.get(one, one) for one in ([found] if isinstance(found, str) else found) if one)
    hour = boxes.get(field.key + HOUR, "")
    return f"{said} {field.unit or hour}".strip() if said else ""


def _row(desk: Desk, task: str) -> Any:
    return ONE.first(desk.session, {"tenant": desk.tenant, "task": task, "asker": desk.person.id})


def _of(desk: Desk, task: str) -> ColumnElement[bool]:
    return and_(rows.c.tenant == desk.tenant, rows.c.task == task)


def _draft(desk: Desk, row: Any) -> Draft:
    content = desk.context.vault.open_bytes(row.content, _context(row.task, row.person))
    return Draft(row.task, row.person, row.device, row.revision, row.saved_at, orjson.loads(content))


def _said(desk: Desk, before: Any, device: str, seen: int | None) -> str:
    """« Enregistré à 10:42 », and what became of what another device had kept."""
    said = f"Enregistré à {dates.hour(desk.now, desk.zone)}"
    if before is None or seen is None or before.revision <= seen or before.device == device:
        return said
    when = dates.hour(before.saved_at, desk.zone)
    return f"{said}. Vous écriviez aussi sur un autre appareil à {when} : c’est ce texte-ci qui est gardé."


def names(desk: Desk, people: Sequence[str]) -> dict[str, str]:
    """« Dr Anne DEMO-VIGNAL », by id."""
    return {key: found.display for key, found in persons(desk.session, set(people)).items()}


def _context(task: str, person: str) -> str:
    return f"draft.content:{task}:{person}"
