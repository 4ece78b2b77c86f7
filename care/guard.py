"""Who may see what: the one place that decides it, for rows in SQL and for one case in words."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from base.errors import Forbidden, NotFound
from care.cases import Case, case
from care.consents import EVERYTHING, is_opposed
from care.tables import case as cases
from care.tables import circle_member, opposition
from people.persons import Person
from people.tables import person as people

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
) -> ColumnElement[bool]:
    """The condition under which a row of tasks may be shown to a person.

    Nobody sees the tasks of a person who is opposed. Else a task is seen by whom it is assigned to, and by who holds
    its role in the circle of care, or simply holds its role when nobody does in that circle.
    """
    if person.tenant != tenant:
        return false()
    held = _in_circle(tenant, case_column, role_column=role_column)
    by_them = _in_circle(tenant, case_column, role_column=role_column, person=person)
    mine = and_(role_column.in_(sorted(person.roles)), or_(by_them, ~held))
    return and_(~_opposed(tenant, case_column), or_(assignee_column == person.id, mine))


def visible_cases(
    person: Person, *, tenant: str, case_column: ColumnElement[str], involved: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """The condition under which a case may be listed for a person.

    `involved` says, of the same row, that the person holds or answered one of its tasks.
    """
    if person.tenant != tenant:
        return false()
    if person.roles & {CLINICAL_LEAD, COORDINATOR}:
        return true()
    member = _in_circle(tenant, case_column, person=person)
    return and_(~_opposed(tenant, case_column), or_(member, false() if involved is None else involved))


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


def _in_circle(
    tenant: str,
    case_column: ColumnElement[str],
    *,
    role_column: ColumnElement[str] | None = None,
    person: Person | None = None,
) -> ColumnElement[bool]:
    """The circle of the patient has an active member, of this role and being this person where they are given."""
    of_case, member, somebody = cases.alias(), circle_member.alias(), people.alias()
    conditions = [
        of_case.c.tenant == tenant,
        of_case.c.id == case_column,
        member.c.tenant == tenant,
        member.c.patient == of_case.c.patient,
        member.c.until.is_(None),
        somebody.c.id == member.c.person,
        somebody.c.active,
    ]
    if role_column is not None:
        conditions.append(member.c.role == role_column)
    if person is not None:
        conditions.append(member.c.person == person.id)
    return exists().where(*conditions).correlate_except(of_case, member, somebody)


def _opposed(tenant: str, case_column: ColumnElement[str]) -> ColumnElement[bool]:
    """The case's patient is opposed to the sharing of everything, or of its pathway."""
    of_case, opposed = cases.alias(), opposition.alias()
    holds = (
        of_case.c.tenant == tenant,
        of_case.c.id == case_column,
        opposed.c.tenant == tenant,
        opposed.c.patient == of_case.c.patient,
        opposed.c.until.is_(None),
        opposed.c.scope.in_([EVERYTHING, of_case.c.pathway]),
    )
    return exists().where(*holds).correlate_except(of_case, opposed)
