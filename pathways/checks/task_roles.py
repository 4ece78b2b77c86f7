"""The roles that tasks are given to, by their lane or their candidate groups, are roles that people can hold."""

from collections.abc import Iterator

from engine.findings import Finding
from pathways.checks.subject import BPMN, Node, Subject
from people.roles import ROLES

WHO = ("assignee", "candidateGroups", "candidateUsers")


def check(subject: Subject) -> Iterator[Finding]:
    lanes = {file: _lanes(subject, file) for file in subject.diagrams}
    for task in subject.each("userTask", "manualTask", "adHocSubProcess"):
        assignment = task.extension("assignmentDefinition")
        named = {} if assignment is None else {name: assignment.get(name) for name in WHO if assignment.get(name)}
        role = lanes[task.file].get(_outermost(task))
        if not named and role is not None and role not in ROLES:
            yield task.find(
                "task-role-unknown",
                f"Le couloir de la tâche {task.title} ne correspond à aucun rôle\u00a0: « {role} ».",
                "L’identifiant du couloir est celui d’un rôle, par exemple medecin_traitant.",
            )
        yield from _unknown_groups(task, named.get("candidateGroups") or "")


def _unknown_groups(task: Node, groups: str) -> Iterator[Finding]:
    if groups.startswith("="):
        return
    for group in filter(None, (part.strip() for part in groups.split(","))):
        if group not in ROLES:
            yield task.find(
                "task-role-unknown",
                f"La tâche {task.title} est confiée à un rôle inconnu\u00a0: « {group} ».",
                "Choisissez un rôle du répertoire, par exemple ide_liberale.",
            )


def _lanes(subject: Subject, file: str) -> dict[str, str]:
    """The role of each flow node that stands directly in a lane."""
    return {
        (reference.text or "").strip(): lane.get("id", "").split("__")[0]
        for lane in subject.diagrams[file].iter(f"{BPMN}lane")
        for reference in lane.findall(f"{BPMN}flowNodeRef")
    }


def _outermost(task: Node) -> str:
    """The id of the element that a lane would list: the task, or the outermost sub-process it stands in."""
    found = task.xml
    while (parent := found.getparent()) is not None and parent.tag != f"{BPMN}process":
        found = parent
    return found.get("id", "")
