"""Who may see what: the one place that decides it, for rows in SQL and for one case in words."""

from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from base.errors import Forbidden, NotFound
from care.cases import Case, case
from care.consents import EVERYTHING, is_opposed
from care.tables import case as cases
from care.tables import circle_member, opposition
from people.persons import Person
from people.tables import person as people
from people.tables import person_role

CLINICAL_LEAD = "coordonnateur_medical"
COORDINATOR = "coordinateur"
NOT_CLINICAL = frozenset({"admin", "assistant_social", "dac", "prado_cam", "secretaire", "transporteur"})
NOT_IN_CIRCLE = "Vous n’êtes pas dans le cercle de soins de cette personne."
OPPOSED = "Cette personne s’est opposée au partage de son dossier."


@dataclass(frozen=True)
class Sight:
    """What a person may see of a case: who it is, what is clinical, and how the case is run."""

    identity: bool
    clinical: bool
    administrative: bool


EVERYTHING_SEEN = Sight(identity=True, clinical=True, administrative=True)
NOTHING_CLINICAL = Sight(identity=True, clinical=False, administrative=True)


def visible_tasks(
    person: Person,
    *,
    tenant: str,
    case_column: ColumnElement[str],
    role_column: ColumnElement[str],
    assignee_column: ColumnElement[str],
    offers: ColumnElement[bool] | None = None,
    named: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The condition under which a row of tasks may be shown to a person.

    Nobody sees the tasks of a person who is opposed. Else a task is seen by whom it is assigned to or names (`named`),
    and by who holds one of its roles in the circle of care, or simply holds it when nobody does in that circle. What is
    offered only to roles that nobody holds is seen by the coordinators: no task may wait for nobody.

    `role_column` stands in the row itself, or in rows of their own that belong to it under the condition `offers`.
    """
    if person.tenant != tenant:
        return false()
    by_them = _held(tenant, case_column, role_column, by=person)
    mine = and_(_among(role_column, person.roles), or_(by_them, ~_held(tenant, case_column, role_column)))
    theirs = [assignee_column == asker(person), _of_row(mine, offers)]
    if named is not None:
        theirs.append(named)
    if COORDINATOR in person.roles:
        somebody = role_column.in_(attended(tenant))
        theirs.append(and_(assignee_column.is_(None), ~_of_row(somebody, offers)))
    return and_(~_opposed(tenant, case_column), or_(*theirs))


def sees_every_case(person: Person) -> bool:
    """Those who run the territory list every case of it."""
    return bool(person.roles & {CLINICAL_LEAD, COORDINATOR})


def visible_cases(
    person: Person, *, tenant: str, case_column: ColumnElement[str], involved: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """The condition under which a case may be listed for a person.

    `involved` says, of the same row, that the person holds or answered one of its tasks.
    """
    if person.tenant != tenant:
        return false()
    if sees_every_case(person):
        return true()
    member = case_column.in_(_parts(tenant, person))
    return and_(~_opposed(tenant, case_column), or_(member, false() if involved is None else involved))


def asker(person: Person) -> BindParameter[str]:
    """Who asks, in a condition: a statement may be kept and asked for others who hold the same roles."""
    return bindparam("asker", person.id)


def see_case(session: Session, person: Person, case_id: str, *, involved: bool = False) -> Sight:
    """What a person may see of a case; `involved` when they hold or answered one of its tasks.

    Raises NotFound, and Forbidden in words for the person. The door notes the look with `care.access`.
    """
    looked_at = case(session, case_id)
    if looked_at.tenant != person.tenant:
        raise NotFound("Ce dossier n’existe pas.", code="case-unknown")
    if is_opposed(session, looked_at.patient, looked_at.pathway):
        return _in_spite_of_opposition(person)
    if CLINICAL_LEAD in person.roles:
        return EVERYTHING_SEEN
    roles = _roles_in_circle(session, person, looked_at)
    if roles or involved:
        return _as_carer(roles or person.roles)
    if COORDINATOR in person.roles:
        return NOTHING_CLINICAL
    raise Forbidden(NOT_IN_CIRCLE, code="not-in-circle")


def _in_spite_of_opposition(person: Person) -> Sight:
    """Those who run the cases must still be able to end this one; nothing clinical is shared any more."""
    if person.roles & {CLINICAL_LEAD, COORDINATOR}:
        return NOTHING_CLINICAL
    raise Forbidden(OPPOSED, code="opposed")


def _as_carer(roles: frozenset[str]) -> Sight:
    """Social and transport roles take part without seeing what is clinical (CSP R1110-1: the strictly necessary)."""
    return NOTHING_CLINICAL if roles and roles <= NOT_CLINICAL else EVERYTHING_SEEN


def _roles_in_circle(session: Session, person: Person, looked_at: Case) -> frozenset[str]:
    query = select(circle_member.c.role).where(
        circle_member.c.patient == looked_at.patient,
        circle_member.c.person == person.id,
        circle_member.c.until.is_(None),
    )
    return frozenset(session.execute(query).scalars())


def _parts(tenant: str, person: Person) -> Select[tuple[str]]:
    """The cases in whose circle a person is: found once for a whole statement."""
    joined = circle_member.join(cases, cases.c.patient == circle_member.c.patient)
    member = (circle_member.c.tenant == tenant, circle_member.c.person == asker(person))
    theirs = (cases.c.tenant == tenant, *member, circle_member.c.until.is_(None))
    return select(cases.c.id).select_from(joined).where(*theirs).correlate(None)


def _among(role_column: ColumnElement[str], roles: frozenset[str]) -> ColumnElement[bool]:
    """One of these roles; each is a value of its own, so that a statement may be compiled once."""
    return role_column.in_([literal(role) for role in sorted(roles)]) if roles else false()


def _of_row(condition: ColumnElement[bool], offers: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """True of a task when it is true of one of its offers."""
    return func.coalesce(condition, false()) if offers is None else exists().where(offers, condition)


def attended(tenant: str) -> Select[tuple[str]]:
    """The roles that somebody active holds: few, found once for a whole statement."""
    same = and_(people.c.tenant == person_role.c.tenant, people.c.id == person_role.c.person)
    holding = person_role.join(people, same)
    theirs = (person_role.c.tenant == tenant, people.c.active)
    return select(person_role.c.role).select_from(holding).where(*theirs).correlate(None)


def _held(
    tenant: str, case_column: ColumnElement[str], role_column: ColumnElement[str], by: Person | None = None
) -> ColumnElement[bool]:
    """The role is held in the circle of the case's patient: by this person, or by anybody who is still active."""
    of_case, member, somebody = cases.alias(), circle_member.alias(), people.alias()
    held = (
        of_case.c.id == case_column,
        member.c.tenant == tenant,
        member.c.patient == of_case.c.patient,
        member.c.role == role_column,
        member.c.until.is_(None),
    )
    active = (somebody.c.id == member.c.person, somebody.c.active) if by is None else (member.c.person == asker(by),)
    return exists().where(*held, *active).correlate_except(of_case, member, somebody)


def _opposed(tenant: str, case_column: ColumnElement[str]) -> ColumnElement[bool]:
    """The case's patient is opposed to the sharing of everything, or of its pathway; few are, found once."""
    joined = opposition.join(cases, cases.c.patient == opposition.c.patient)
    holds = (opposition.c.tenant == tenant, opposition.c.until.is_(None), cases.c.tenant == tenant)
    scope = opposition.c.scope.in_([EVERYTHING, cases.c.pathway])
    return case_column.in_(select(cases.c.id).select_from(joined).where(*holds, scope).correlate(None))
