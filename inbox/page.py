"""Everything that the page of one task shows, gathered in few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from care import access
from care.guard import see_case
from engine.definition import Definition
from engine.pictures import Entry
from engine.tables import task as rows
from inbox import dates, pathway, trail
from inbox.choices import Choice, choice_of
from inbox.desk import Desk
from inbox.fields import Boxes, Field, Sheet, flat, hidden_by, lay_out
from inbox.patient import Who, patient_of
from inbox.said import Said, said, sources
from inbox.tasks import Task, form_of, known_to
from people.persons import persons

LEFT = frozenset({"run_started", "element_completed", "task_completed"})


@dataclass(frozen=True)
class Page:
    """One task with what surrounds it; `fields` is empty when nothing is to be written."""

    task: Task
    patient: Who
    sign: str
    fields: tuple[Field, ...]
    answers: Sequence[Said]
    steps: Sequence[trail.Step]
    reason: str
    choice: Choice | None = None

    @property
    def errors(self) -> list[Field]:
        """The fields to look at again, in the order of the page."""
        return [field for field in flat(self.fields) if field.error]

    @property
    def conditional(self) -> list[Field]:
        """The fields that another answer may show or hide, also those hidden now."""
        return [field for field in flat(self.fields, hidden=True) if field.conditional]


def task_page(desk: Desk, task: Task, boxes: Boxes | None = None, errors: Mapping[str, str] | None = None) -> Page:
    """`boxes` are what was typed, when something was; else the form is filled with what the case knows."""
    sight = see_case(desk.session, desk.person, task.case, involved=True)
    definition = desk.context.engine.definition(desk.session, task.definition)
    history = desk.context.engine.history(desk.session, task.case)
    earlier = answers(desk, definition, history) if sight.clinical else []
    standing = standing_of(desk, task.case, history)
    return Page(
        task=task,
        patient=patient_of(desk, task.patient),
        sign=sign(desk, task),
        fields=fields_of(desk, task, boxes, errors, earlier),
        answers=earlier,
        steps=trail.nearby(trail.steps(definition, standing, task.element)),
        reason=pathway.property_of(definition, task.element, pathway.REASON),
        choice=choice_of(standing.picture, task),
    )


def fields_of(
    desk: Desk, task: Task, boxes: Boxes | None, errors: Mapping[str, str] | None = None, earlier: Sequence[Said] = ()
) -> tuple[Field, ...]:
    """The task's form, laid out; nothing when it has none."""
    form = form_of(desk.context.engine.definition(desk.session, task.definition), task)
    if form is None:
        return ()
    known = known_to(desk, task)
    if boxes is not None:
        return lay_out(Sheet(form, known, boxes, errors or {}, {}, hidden_by(form, boxes, known, desk.zone.key)))
    told = sources(earlier, lambda instant: dates.moment(instant, desk.now, desk.zone))
    return lay_out(Sheet(form, known, form.prefill(known), {}, told, form.hidden(known)))


def note_look(desk: Desk, case: str, what: str) -> None:
    """Note that the person looked: with what the request changes, or in a transaction of its own when it only reads."""
    if not desk.only_reads:
        access.record(desk.session, desk.context.clock, desk.person, case, what)
        return
    with desk.context.database.begin() as session:
        access.record(session, desk.context.clock, desk.person, case, what)


def answers(desk: Desk, definition: Definition, history: Sequence[Entry]) -> list[Said]:
    """What was said in the case so far, the latest first."""
    given = [entry for entry in history if entry.kind == "task_completed"]
    return said(definition, given, persons(desk.session, {entry.actor for entry in given}))


def standing_of(desk: Desk, case: str, history: Sequence[Entry]) -> trail.Standing:
    """Where a case stands: its tokens, when its open tasks are due, and which tasks it went without."""
    statement = select(rows.c.element, rows.c.due_at, rows.c.state).where(
        rows.c.tenant == desk.tenant, rows.c.run == case, rows.c.state.in_(("open", "cancelled"))
    )
    asked = desk.session.execute(statement).all()
    due = {row.element: row.due_at for row in asked if row.state == "open"}
    dropped = frozenset(row.element for row in asked if row.state == "cancelled")
    left = {entry.element: entry.at for entry in history if entry.kind in LEFT}
    start = next((entry.element for entry in history if entry.kind == "run_started"), "")
    picture = desk.context.engine.look(desk.session, case)
    return trail.Standing(picture, due, left, dropped, start, desk.now, desk.zone)


def sign(desk: Desk, task: Task) -> str:
    """Which sign its deadline takes."""
    if task.due_at is None or task.due_at >= desk.midnight:
        return "later"
    return "late" if task.due_at < desk.now else "soon"
