"""What people choose in a task that offers activities: which there are, how often each was begun, which still run."""

from dataclasses import dataclass

from engine.pictures import ChoicePicture, RunPicture
from inbox import pathway
from inbox.desk import Desk
from inbox.task.tasks import Task, check_may_answer
from pathways import closing


@dataclass(frozen=True)
class Option:
    """One activity: `begun` counts, `running` of those are not done yet, `free` says that it can be begun now."""

    element: str
    name: str
    reason: str
    begun: int
    running: int
    free: bool

    @property
    def standing(self) -> str:
        """« En cours, déjà faite 2 fois »; nothing for what was never begun."""
        done = self.begun - self.running
        times = f"déjà faite {done} fois" if done > 1 else "déjà faite une fois" if done else ""
        now = "en cours" if self.running == 1 else f"{self.running} en cours" if self.running else ""
        said = ", ".join(part for part in (now, times) if part)
        return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class Choice:
    """The activities of a task, and whether ending it stops those that still run."""

    options: tuple[Option, ...]
    stops: bool

    @property
    def running(self) -> bool:
        return any(option.running for option in self.options)

    @property
    def waits(self) -> bool:
        """One after the other: nothing can be begun while something runs."""
        return bool(self.options) and not any(option.free for option in self.options)


def choice_of(picture: RunPicture, task: Task) -> Choice | None:
    """None when the task offers nothing to choose."""
    found = next((one for one in picture.choices if one.task == task.id), None)
    return None if found is None else Choice(_options(found), found.stops)


def _options(found: ChoicePicture) -> tuple[Option, ...]:
    free = {activity.id for activity in found.activities}
    return tuple(
        Option(
            element=one.id,
            name=one.name or one.id,
            reason=one.properties.get(pathway.REASON, ""),
            begun=found.begun.get(one.id, 0),
            running=found.running.get(one.id, 0),
            free=one.id in free,
        )
        for one in found.offered
    )


def choose(desk: Desk, task: Task, element: str, seen: int | None) -> None:
    """Begin an activity; `seen` is how often the person has seen it begun. Raises Conflict."""
    check_may_answer(desk, task)
    ended = desk.context.engine.choose(
        desk.session, task=task.id, element=element, actor=desk.person.id, seen=seen, behalf=task.behalf
    )
    if ended:
        closing.close_if_ended(desk.session, desk.context, task.case)
