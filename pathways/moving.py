"""A running case goes on with the version of its pathway that is in force: what changes, what stands in the way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from base.errors import Conflict
from care.case import cases
from engine.definition import Definition
from engine.pictures import Element
from pathways import catalogue
from pathways.catalogue import Version
from pathways.context import Context

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
UNSAID = frozenset({"startEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
"""Elements that nobody sees: a way that changes is seen by the steps on it."""


@dataclass(frozen=True)
class Change:
    """One step that is there in one version only, or of which `parts` are others: name, type, people, form, lane.

    `renamed` is what it was called, and what it is called now.
    """

    kind: str
    element: str
    name: str
    type: str
    parts: tuple[str, ...] = ()
    renamed: tuple[str, str] | None = None


@dataclass(frozen=True)
class Move:
    """A case that could go from one version to another; `obstacles` say, in words, why it cannot."""

    before: Version
    after: Version
    changes: tuple[Change, ...]
    decisions: tuple[str, ...]
    obstacles: tuple[str, ...]


def newer(session: Session, tenant: str, pathway: str, number: int) -> Version | None:
    """The version in force, when it is newer than this one."""
    found = next((one for one in catalogue.in_force(session, tenant) if one.key == pathway), None)
    return found if found is not None and found.number > number else None


def foresee(session: Session, context: Context, case_id: str) -> Move | None:
    """What a case would meet in the version in force; None when there is no newer one. Raises NotFound."""
    case = cases.case(session, case_id)
    after = newer(session, context.tenant, case.pathway, case.pathway_version)
    if after is None or not case.is_open:
        return None
    before = catalogue.version(session, context.tenant, case.pathway, case.pathway_version)
    old, new = (context.engine.definition(session, one.digest) for one in (before, after))
    stands = tuple(context.engine.obstacles(session, run=case_id, definition=after.digest))
    return Move(before, after, tuple(changes(old, new)), tuple(_other_tables(old, new)), stands)


def move(session: Session, context: Context, case_id: str, number: int, actor: str) -> None:
    """Let a case go on with a version of its pathway, which must be the one in force.

    Raises NotFound, Conflict naming what is in the way.
    """
    case = cases.case(session, case_id)
    after = newer(session, context.tenant, case.pathway, case.pathway_version)
    if after is None:
        raise Conflict("Ce dossier suit déjà la version en vigueur.", code="version-in-force")
    if after.number != number:
        raise Conflict("Une autre version vient d’être publiée. Relisez ce qui change.", code="version-changed")
    context.engine.migrate(session, run=case_id, definition=after.digest, actor=actor)
    cases.follow_version(session, context.tenant, case_id, after.number)


def changes(before: Definition, after: Definition) -> Iterator[Change]:
    """The steps that differ: those of the new version in the order of its files, then those that are gone."""
    old, new = _elements(before), _elements(after)
    for key, element in new.items():
        if key not in old:
            yield Change(ADDED, element.id, element.name, element.type)
        elif parts := _parts(before, after, old[key], element):
            renamed = (old[key].name, element.name) if "name" in parts else None
            yield Change(CHANGED, element.id, element.name, element.type, parts, renamed)
    for key, element in old.items():
        if key not in new:
            yield Change(REMOVED, element.id, element.name, element.type)


def _elements(definition: Definition) -> Mapping[tuple[str, str], Element]:
    found = (element for process in definition.processes for element in definition.elements(process))
    return {(one.process, one.id): one for one in found if one.type not in UNSAID}


def _parts(before: Definition, after: Definition, old: Element, new: Element) -> tuple[str, ...]:
    same = {
        "name": old.name == new.name,
        "type": old.type == new.type,
        "roles": (old.roles, old.lane) == (new.roles, new.lane),
        "form": _form(before, old) == _form(after, new),
    }
    return tuple(part for part, is_same in same.items() if not is_same)


def _form(definition: Definition, element: Element) -> bytes | None:
    return definition.form(element.form) if element.form else None


def _other_tables(before: Definition, after: Definition) -> Iterator[str]:
    """The decisions whose file is not the same."""
    for path in sorted({*before.files, *after.files}):
        if path.endswith(".dmn") and before.files.get(path) != after.files.get(path):
            yield path.rpartition("/")[2].removesuffix(".dmn").replace("-", " ").replace("_", " ")
