"""A task that waits for a person has a date by which it is late."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    for task in subject.each("userTask"):
        schedule = task.extension("taskSchedule")
        if schedule is None or not schedule.get("dueDate"):
            yield task.find(
                "task-without-due-date",
                f"La tâche {task.title} n’a pas d’échéance\u00a0: personne ne verra qu’elle est en retard.",
                'Donnez un délai sous « Pour qui », « Échéance », par exemple =now() + duration("P2D").',
                "warning",
            )
