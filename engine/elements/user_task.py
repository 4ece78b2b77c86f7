"""A user task waits for a person: it says for whom, until when, with which form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from base.errors import RunError
from base.ids import new_id
from engine import timers
from engine.dialect import XML, References, attribute, extension
from engine.effects import Opened
from engine.elements.activity import Activity
from engine.expressions import evaluate
from engine.scopes import View, view
from engine.token import Token

PRIORITY = 50


class NotAssignable(RunError):
    """An assignment, a schedule or a priority that makes no sense."""

    code = "assignment"


class UserTask(Activity):
    """Waits, READY, for a person."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.manual = True

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        assignment, schedule = extension(node, "assignmentDefinition"), extension(node, "taskSchedule")
        self.assignee = attribute(assignment, "assignee")
        self.groups = attribute(assignment, "candidateGroups")
        self.users = attribute(assignment, "candidateUsers")
        self.due, self.follow_up = attribute(schedule, "dueDate"), attribute(schedule, "followUpDate")
        self.priority = attribute(extension(node, "priorityDefinition"), "priority")
        self.form = attribute(extension(node, "formDefinition"), "formId")

    @property
    def roles(self) -> tuple[str, ...]:
        """Those that the diagram writes out; the lane's when it names none."""
        if self.groups and not self.groups.startswith("="):
            return _texts(self.groups)
        return () if self.swimlane is None else (self.swimlane.role,)

    def arrive(self, token: Token) -> bool:
        if not super().arrive(token):
            return False
        opened = self._opened(token, view(token))
        token.note(task=opened.id)
        token.host.effects.append(opened)
        token.host.noted("task_opened", self.name, task=opened.id, roles=list(opened.roles))
        return True

    def _opened(self, token: Token, seen: View) -> Opened:
        assignee, persons = _value(self.assignee, seen), _texts(_value(self.users, seen))
        roles = _texts(_value(self.groups, seen)) or self.roles
        if not (assignee or persons or roles) and (self.assignee or self.users or self.groups):
            raise NotAssignable(f"« {self.label} » ne désigne personne : ni rôle, ni personne, ni couloir.")
        return offered(
            token,
            roles=roles,
            persons=persons,
            assignee=str(assignee) if assignee else None,
            form=self.form,
            priority=self._priority(seen),
            due_at=self._instant(self.due, token, seen),
            follow_up_at=self._instant(self.follow_up, token, seen),
        )

    def _priority(self, seen: View) -> int:
        value = _value(self.priority, seen)
        if value is None:
            return PRIORITY
        try:
            return max(0, min(100, int(Decimal(str(value)))))
        except ArithmeticError as error:
            raise NotAssignable(f'« {self.label} » : la priorité "{value}" n’est pas un nombre.') from error

    @staticmethod
    def _instant(source: str | None, token: Token, seen: View) -> datetime | None:
        value = _value(source, seen)
        return None if value is None else timers.instant(value, seen.now, token.host.world.calendar)

    def finish(self, token: Token, result: Mapping[str, Any] | None = None) -> None:
        token.note(task=None)
        super().finish(token, result)


def offered(
    token: Token,
    *,
    roles: tuple[str, ...],
    persons: tuple[str, ...] = (),
    assignee: str | None = None,
    form: str | None = None,
    priority: int = PRIORITY,
    due_at: datetime | None = None,
    follow_up_at: datetime | None = None,
) -> Opened:
    """A task of the token's element."""
    node = token.task_spec
    return Opened(
        id=new_id(),
        token=token.id,
        process=process_of(token),
        element=node.name,
        name=node.label,
        lane=None if node.swimlane is None else node.swimlane.name,
        roles=roles,
        persons=persons,
        assignee=assignee,
        form=form,
        priority=priority,
        due_at=due_at,
        follow_up_at=follow_up_at,
    )


def process_of(token: Token) -> str:
    """The process that a token stands in: a called one, or the run's own."""
    scope = token.workflow
    while not scope.wall:
        scope = scope.owner.workflow
    return str(scope.spec.name)


def _value(source: str | None, seen: View) -> Any:
    return evaluate(source, seen) if source else None


def _texts(value: Any) -> tuple[str, ...]:
    """`a, b` or a FEEL list of texts."""
    if not value:
        return ()
    parts = value if isinstance(value, list) else str(value).split(",")
    return tuple(dict.fromkeys(text for part in parts if part is not None and (text := str(part).strip())))
