"""The tasks of a person as FHIR R4 Task: state, who, for whom, until when; never an answer (IHE XDW's rule)."""

from datetime import datetime

from inbox.desk import Desk
from inbox.fhir.bundles import Resource, reference
from inbox.lists.queue import PAGE, queue
from inbox.lists.rows import Waiting
from inbox.lists.wanted import Wanted
from inbox.task.tasks import Task

PRIORITIES = {"p1": "urgent", "p2": "asap", "p3": "routine"}
STATES = {"open": "requested", "completed": "completed", "cancelled": "cancelled"}
LISTS = {"requested": ("moi", "roles"), "accepted": ("moi",), "completed": ("faites",)}
"""In which of the person's lists the tasks of each FHIR status stand."""
SYSTEM = "urn:jalon:task"


def search(desk: Desk, statuses: list[str], patient: str, place: str) -> tuple[list[Resource], str]:
    """One page of the person’s tasks, list after list, and the place where the next page begins, if any."""
    lists = list(dict.fromkeys(name for status in statuses for name in LISTS[status]))
    name, _, after = place.partition(":")
    rest = lists[lists.index(name) :] if name in lists else lists
    found: list[Resource] = []
    for at, one in enumerate(rest):
        page = queue(desk, Wanted(liste=one, apres=after if one == name else ""))
        shown = [_listed(desk, row, one) for row in page.rows if patient in ("", row.patient.id)]
        found += [task for task in shown if task["status"] in statuses]
        if page.more:
            return found, f"{one}:{page.rows[-1].id}"
        if len(found) >= PAGE and at + 1 < len(rest):
            return found, f"{rest[at + 1]}:"
    return found, ""


def resource(desk: Desk, task: Task, patient_name: str) -> Resource:
    """One task that the person may open."""
    mine = task.assignee == desk.person.id
    status = "accepted" if task.state == "open" and mine else STATES.get(task.state, "cancelled")
    made = _resource(task.id, status, task.title, task.pathway, task.urgency, task.created_at, task.due_at)
    made |= {"for": reference("Patient", task.patient, patient_name), "focus": reference("EpisodeOfCare", task.case)}
    if task.assignee:
        made["owner"] = reference("Practitioner", task.assignee)
    if task.completed_at:
        made["executionPeriod"] = {"start": _when(task.created_at), "end": _when(task.completed_at)}
    return made


def _listed(desk: Desk, row: Waiting, name: str) -> Resource:
    done = name == "faites"
    status = "completed" if done else "accepted" if row.assignee else "requested"
    made = _resource(row.id, status, row.title, row.pathway, row.urgency, row.created_at, row.due_at)
    made |= {
        "for": reference("Patient", row.patient.id, row.patient.name),
        "focus": reference("EpisodeOfCare", row.case),
    }
    if status != "requested":
        made["owner"] = reference("Practitioner", row.assignee or desk.person.id)
    if row.done_at:
        made["executionPeriod"] = {"start": _when(row.created_at), "end": _when(row.done_at)}
    return made


def _resource(
    task: str, status: str, title: str, pathway: str, urgency: str, created: datetime, due: datetime | None
) -> Resource:
    made: Resource = {
        "resourceType": "Task",
        "id": task,
        "identifier": [{"system": SYSTEM, "value": task}],
        "status": status,
        "intent": "order",
        "priority": PRIORITIES[urgency],
        "code": {"text": title},
        "businessStatus": {"text": title},
        "groupIdentifier": {"value": pathway},
        "authoredOn": _when(created),
    }
    if due:
        made["restriction"] = {"period": {"end": _when(due)}}
    return made


def _when(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
