"""Everything that the page of one task shows, gathered in few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from care.guard import Sight
from care.sharing import access
from care.sharing.circle import members
from care.sharing.visibility import hidden_words
from engine.definition import Definition
from engine.pictures import Entry
from engine.tables import task as rows
from inbox import dates, pathway
from inbox.alarm import Alarm, alarm_of
from inbox.case import authors, trail
from inbox.case.documents import Document, documents
from inbox.case.exchanges import Exchanges, exchanges
from inbox.case.said import Said, said, sources
from inbox.case.sights import may_open
from inbox.desk import Desk
from inbox.patient import Who, patient_of
from inbox.task import drafts
from inbox.task.choices import Choice, choice_of
from inbox.task.drafts import Draft
from inbox.task.fields import Boxes, Field, Sheet, flat, hidden_by, lay_out
from inbox.task.reach import strangers
from inbox.task.tasks import Task, form_of, known_to
from pathways.forms import Form, categories
from people.persons import Person, persons
from people.rosters.standing_in import acts_for

LEFT = frozenset({"run_started", "element_completed", "task_completed"})


@dataclass(frozen=True)
class Left:
    """A draft that somebody else left with the task; `unseen` counts what of it the person's lane leaves out."""

    person: str
    name: str
    saved_at: datetime
    unseen: str = ""


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
    draft: Draft | None = None
    left: Sequence[Left] = ()
    delegation: str = ""
    behalf: str = ""
    strangers: Sequence[Person] = ()
    delegate: str = ""
    exchanges: Exchanges | None = None
    documents: Sequence[Document] = ()
    people: int = 0
    stands: str = ""
    alarm: Alarm | None = None
    opens: bool = True
    """Whether they may open the case too, and write to its circle."""

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
    sight = desk.sight(task.case, involved=True)
    definition = desk.context.engine.definition(desk.session, task.definition)
    history = desk.context.engine.history(desk.session, task.case)
    earlier = answers(desk, definition, history, sight)
    standing = standing_of(desk, task.case, history)
    begun = drafts.own(desk, task.id) if boxes is None else None
    typed = begun.boxes if begun is not None else boxes
    opens, thread = _opens(desk, task), exchanges(desk, task.case, task.patient, sight)
    return Page(
        task=task,
        patient=patient_of(desk, task.patient),
        sign=sign(desk, task),
        fields=fields_of(desk, task, typed, sight, errors, earlier),
        answers=earlier,
        steps=trail.nearby(trail.steps(definition, standing, task.element)),
        reason=pathway.property_of(definition, task.element, pathway.REASON),
        choice=choice_of(standing.picture, task),
        draft=begun,
        left=_left(desk, task, form_of(definition, task), sight),
        behalf=_behalf(desk, task),
        strangers=strangers(desk, task),
        **_prepared(desk, task),
        exchanges=replace(thread, writes=thread.writes and opens),
        documents=documents(desk, task.case, sight),
        people=len({member.person for member in members(desk.session, task.patient)}),
        stands=_stands(desk, task),
        alarm=alarm_of(definition, task.element) if task.state == "open" else None,
        opens=opens,
    )


def _opens(desk: Desk, task: Task) -> bool:
    """Asked only where it is not plain: the task is in nobody's hands, or was answered by somebody else."""
    theirs = task.assignee if task.state == "open" else task.completed_by
    return theirs == desk.person.id or may_open(desk, task.case)


def fields_of(
    desk: Desk,
    task: Task,
    boxes: Boxes | None,
    sight: Sight,
    errors: Mapping[str, str] | None = None,
    earlier: Sequence[Said] | None = None,
) -> tuple[Field, ...]:
    """The task's form, laid out; nothing when it has none. What is outside the person's lane is not filled in.

    With what was said `earlier`, each box tells where what stands in it comes from.
    """
    form = form_of(desk.context.engine.definition(desk.session, task.definition), task)
    if form is None:
        return ()
    known = known_to(desk, task)
    filled = categories.shown(form, form.prefill(known), sight.categories)
    untold = categories.told(form, sight.categories)
    told: dict[str, str] = {}
    if earlier is not None:
        told = sources(earlier, filled, lambda instant: dates.moment(instant, desk.now, desk.zone))
    if boxes is None:
        return lay_out(Sheet(form, known, filled, {}, told, form.hidden(known), untold))
    same = {key: source for key, source in told.items() if boxes.get(key) == filled.get(key)}
    hidden = hidden_by(form, boxes, known, desk.zone.key)
    return lay_out(Sheet(form, known, boxes, errors or {}, same, hidden, untold))


def _left(desk: Desk, task: Task, form: Form | None, sight: Sight) -> list[Left]:
    """What others had begun before the task came into this person's hands."""
    if task.state != "open" or task.assignee != desk.person.id or form is None:
        return []
    begun = drafts.authors(desk, task.id)
    names = drafts.names(desk, [person for person, _ in begun])
    return [
        Left(person, names[person], at, _unseen(drafts.left_by(desk, task.id, person), form, sight))
        for person, at in begun
        if person in names
    ]


def _unseen(draft: Draft, form: Form, sight: Sight) -> str:
    kinds = categories.withheld(form, draft.boxes, sight.categories)
    return hidden_words(len(kinds), kinds)


def _stands(desk: Desk, task: Task) -> str:
    """Why the person's own answer can no longer be taken back, in words."""
    if task.state != "completed" or task.completed_by != desk.person.id:
        return ""
    reason = desk.context.engine.may_take_back(desk.session, task=task.id, actor=desk.person.id)
    return reason.words if reason is not None else ""


def _prepared(desk: Desk, task: Task) -> dict[str, str]:
    """For whom the answer is prepared (`delegation`), or by whom when it comes back to this person (`delegate`)."""
    found = task.delegation if task.state == "open" else None
    if found is None:
        return {}
    name, other = ("delegate", found.to) if found.by == desk.person.id else ("delegation", found.by)
    return {name: drafts.names(desk, [other]).get(other, "")}


def _behalf(desk: Desk, task: Task) -> str:
    """The name of whom the person would answer for: nobody when the task is their own."""
    if task.behalf is None or not acts_for(desk.session, desk.context.clock, desk.tenant, desk.person.id, task.behalf):
        return ""
    return drafts.names(desk, [task.behalf]).get(task.behalf, "")


def note_look(desk: Desk, case: str, what: str) -> None:
    """Note that the person looked: with what the request changes, or in a transaction of its own when it only reads."""
    seen = desk.sight(case, involved=True)
    if not desk.only_reads:
        access.record(desk.session, desk.context.clock, desk.person, case, what, ground=seen.ground, roles=seen.roles)
        return
    with desk.context.database.begin() as session:
        access.record(session, desk.context.clock, desk.person, case, what, ground=seen.ground, roles=seen.roles)


def answers(desk: Desk, definition: Definition, history: Sequence[Entry], sight: Sight) -> list[Said]:
    """What was said in the case so far and may be shown, the latest first."""
    given = [entry for entry in history if entry.kind == "task_completed"]
    return said(definition, given, persons(desk.session, authors.ids(given)), sight.categories)


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
