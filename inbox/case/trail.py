"""Where a case stands, as a line of stakes: the accessible form of the diagram, from the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.definition import Definition
from engine.pictures import Element, RunPicture
from inbox import dates, pathway

BEHIND, AHEAD = 3, 4
LIVE = ("here", "late", "stuck")


@dataclass(frozen=True)
class Step:
    """One stake: `state` is done, here, late, stuck or todo; `current` says « vous êtes ici »."""

    element: str
    name: str
    state: str
    note: str = ""
    current: bool = False


@dataclass(frozen=True)
class Standing:
    """What the stakes are planted from: the run, who waits for what, when each element was left, and the time."""

    picture: RunPicture
    due: Mapping[str, datetime | None]  # open task's element -> when it is due
    left: Mapping[str, datetime]  # element -> when it was completed last
    dropped: frozenset[str]  # elements whose task was taken back before anybody answered
    start: str  # the element by which it began
    now: datetime
    zone: ZoneInfo


def steps(definition: Definition, standing: Standing, mine: str = "") -> list[Step]:
    """What was walked, by its time; where the case stands; what lies ahead. `mine` is the element of the task in hand.

    What the case went past without walking it is left out, and so is what lies ahead of a case that has ended.
    """
    begun = pathway.elements(definition).get(standing.start)
    found = (*([begun] if begun else []), *pathway.steps(definition, standing.picture.process))
    planted = [(element, _step(element, standing, mine)) for element in found]
    done = [step for element, step in planted if step.state == "done" and not _is_passing(element)]
    live = [step for _, step in planted if step.state in LIVE] + _aside(definition, standing, mine, found)
    last = max((place for place, (_, step) in enumerate(planted) if step.state in (*LIVE, "done")), default=-1)
    awaited = [step for _, step in planted if step.state == "todo" and step.note]
    ahead = [step for element, step in planted[last + 1 :] if _is_foretold(element, standing)]
    by_time = sorted(done, key=lambda step: standing.left.get(step.element, standing.now))
    return [*by_time, *live, *awaited, *(ahead if standing.picture.state == "active" else [])]


def _aside(definition: Definition, standing: Standing, mine: str, found: Sequence[Element]) -> list[Step]:
    """Tasks that wait off the main path: after a boundary event, or in a called pathway when it is in hand."""
    known, wanted = pathway.elements(definition), {element.id for element in found}
    tokens = (token for token in standing.picture.tokens if token.type == "userTask" and token.element not in wanted)
    own = (token.element for token in tokens if token.process == standing.picture.process or token.element == mine)
    return [_step(known[element], standing, mine) for element in dict.fromkeys(own) if element in known]


def nearby(planted: Sequence[Step]) -> list[Step]:
    """The steps around where the case stands; those further behind are told in one line."""
    done = [step for step in planted if step.state == "done"]
    live = [step for step in planted if step.state in LIVE]
    ahead = [step for step in planted if step.state == "todo"]
    before = done[:-BEHIND]
    if not before:
        return [*done, *live, *ahead[:AHEAD]]
    others = len(before) - 1
    names = f"{before[0].name}, puis {others} étape{'s' if others > 1 else ''}" if others else before[0].name
    return [replace(before[-1], name=names, note="Fait"), *done[-BEHIND:], *live, *ahead[:AHEAD]]


def state(standing: Standing) -> dict[str, object]:
    """The same standing for the drawing: what is done, where it waits, what is stuck."""
    waiting: dict[str, int] = {}
    for token in standing.picture.tokens:
        if token.state in ("waiting", "active"):
            waiting[token.element] = waiting.get(token.element, 0) + 1
    return {
        "done": list(standing.picture.completed),
        "here": [{"element": id_, "count": count, "late": _is_late(id_, standing)} for id_, count in waiting.items()],
        "incidents": [incident.element for incident in standing.picture.incidents if incident.state == "open"],
    }


def _is_foretold(element: Element, standing: Standing) -> bool:
    """The author says which steps are exceptions (`annonce` = « non »): those are not told before they come.

    Nor is a step that was begun and taken back: something else stands in for it.
    """
    exceptional = element.properties.get(pathway.FORETOLD, "").casefold() == "non" or element.id in standing.dropped
    return not (exceptional or _is_passing(element) or element.type == "endEvent")


def _is_passing(element: Element) -> bool:
    """Waits and the ends of parts are only worth a stake while the case stands there."""
    return element.type == "intermediateCatchEvent" or (element.type == "endEvent" and bool(element.within))


def _step(element: Element, standing: Standing, mine: str) -> Step:
    live = {token.element: token for token in standing.picture.tokens if token.state != "listening"}
    name = element.properties.get(pathway.LABEL) or element.name or element.id
    if any(incident.element == element.id and incident.state == "open" for incident in standing.picture.incidents):
        return Step(element.id, name, "stuck", "Bloqué : la coordination est prévenue")
    if element.id in live:
        return _live(element, name, live[element.id].since, standing, mine)
    if element.id in standing.picture.completed or element.id == standing.start:
        left = standing.left.get(element.id)
        return Step(element.id, name, "done", dates.moment(left, standing.now, standing.zone) if left else "Fait")
    return Step(element.id, name, "todo")


def _live(element: Element, name: str, since: datetime, standing: Standing, mine: str) -> Step:
    timer = next((timer for timer in standing.picture.timers if timer.element == element.id), None)
    if element.type == "intermediateCatchEvent" and timer is not None:
        return Step(element.id, name, "todo", f"Le {_day(timer.due_at, standing)}")
    due, yours, late = standing.due.get(element.id), element.id == mine, _is_late(element.id, standing)
    said = f"attendu depuis {dates.since(since, standing.now)}"
    if due is not None:
        said = dates.delay(due, standing.now, standing.zone) if late else dates.before(due, standing.now, standing.zone)
    said = f"C’est à vous, {said}" if yours else said[:1].upper() + said[1:]
    return Step(element.id, name, "late" if late and not yours else "here", said, current=yours or not (late or mine))


def _day(instant: datetime, standing: Standing) -> str:
    return dates.short_day(instant.astimezone(standing.zone).date(), standing.now.astimezone(standing.zone).date())


def _is_late(element: str, standing: Standing) -> bool:
    due = standing.due.get(element)
    return due is not None and due < standing.now
