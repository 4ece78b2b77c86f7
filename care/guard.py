"""Who may see what: the one place that decides it, for rows in SQL and for one case in words."""

from dataclasses import dataclass, replace
from datetime import datetime

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

from base.conditions import has_row
from base.errors import Forbidden, NotFound
from care.case.cases import case, is_erased
from care.sharing.break_glass import is_open, may_break
from care.sharing.circle import BY_LINK
from care.sharing.consents import CARE, PERSON, covers_case, in_force, towards
from care.sharing.standing import CIRCLE, EMERGENCY, Standing, standing_of
from care.sharing.tables import break_glass
from care.sharing.visibility import ADMINISTRATIVE, CLINICAL, IDENTITY, MATRIX, WHO, Matrix, recipient_category
from care.tables import case as cases
from care.tables import circle_member, consent, opposition
from people.persons import Person
from people.professions import PROFESSIONS
from people.rosters.standing_in import askers, away, departed, unattended
from people.tables import person as people
from people.tables import person_role

CLINICAL_LEAD = "coordonnateur_medical"
COORDINATOR = "coordinateur"
ENDING = frozenset({CLINICAL_LEAD, COORDINATOR})
"""Those who must still be able to end the case of a person who is opposed."""
NOT_IN_CIRCLE = "Vous n’êtes pas dans le cercle de soins de cette personne."
OPPOSED = "Cette personne s’est opposée au partage de son dossier."
_CASE, _MEMBER = cases.alias("of_case"), circle_member.alias("member")
_HOLDER = _MEMBER.c.person
"""The case at hand, a row of its circle of care, and who holds a role by it."""
TASK, LEAD, COORDINATION, OPPOSITION = "tache", "responsabilite", "coordination", "opposition"


@dataclass(frozen=True)
class Sight:
    """What a person may see of a case: categories of answers, by what right, and in which roles."""

    categories: frozenset[str]
    ground: str
    roles: frozenset[str] = frozenset()

    @property
    def identity(self) -> bool:
        return IDENTITY in self.categories

    @property
    def clinical(self) -> bool:
        return CLINICAL in self.categories

    @property
    def administrative(self) -> bool:
        return ADMINISTRATIVE in self.categories


def visible_tasks(
    person: Person,
    *,
    tenant: str,
    case_column: ColumnElement[str],
    role_column: ColumnElement[str],
    assignee_column: ColumnElement[str],
    patient_column: ColumnElement[str] | None = None,
    offers: ColumnElement[bool] | None = None,
    named: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The condition under which a row of tasks may be shown to a person; asked with `now`.

    Of the tasks of a person who is opposed only those are seen that the coordination must answer to end the case.
    Else a task is seen by whom it is assigned to or names (`named`), by who holds one of its roles in the circle of
    care, and by who stands in for one of those. When nobody who is there holds the role in that circle, it is seen by
    all who are there and hold the role. What is offered only to roles that nobody who is there holds is seen by the
    coordinators: no task may wait for nobody.

    `role_column` stands in the row itself, or in rows of their own that belong to it under the condition `offers`.
    Rows that know the case's patient say so by `patient_column`: then it need not be looked up for each.
    """
    if person.tenant != tenant:
        return false()
    patient = _patient_of(case_column) if patient_column is None else patient_column
    unheld = and_(
        _among(role_column, person.roles), _is_there(person), ~attended_in_circle(role_column, patient, tenant)
    )
    in_circle = _in_circle(person, patient, role_column)
    theirs = [assignee_column.in_(askers(tenant, asker(person))), _of_row(or_(unheld, in_circle), offers)]
    if named is not None:
        theirs.append(named)
    if COORDINATOR in person.roles:
        somebody = role_column.in_(attended(tenant))
        waits = or_(assignee_column.is_(None), assignee_column.in_(unattended(tenant)))
        theirs.append(and_(waits, ~_of_row(somebody, offers)))
    ending = _of_row(_among(role_column, person.roles & ENDING), offers)
    return and_(or_(~_opposed(tenant, case_column, person), ending), or_(*theirs))


def sees_every_case(person: Person) -> bool:
    """Those who run the territory list every case of it."""
    return bool(person.roles & ENDING)


def visible_cases(
    person: Person,
    *,
    tenant: str,
    case_column: ColumnElement[str],
    patient_column: ColumnElement[str],
    involved: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The condition under which a case may be listed for a person; asked with `now`.

    `involved` says, of the same row, that the person holds or answered one of its tasks.
    """
    if person.tenant != tenant:
        return false()
    if sees_every_case(person):
        return true()
    shared: list[ColumnElement[bool]] = [
        patient_column.in_(_cared_for(tenant, person)),
        case_column.in_(_agreed(tenant, person)),
    ]
    shared.append(case_column.in_(_broken(tenant, person)))
    if involved is not None:
        shared.append(involved)
    in_spite = case_column.in_(_broken(tenant, person).where(break_glass.c.over_opposition))
    return or_(in_spite, and_(~_opposed(tenant, case_column, person), or_(*shared)))


def asker(person: Person) -> BindParameter[str]:
    """Who asks, in a condition: a statement may be kept and asked for others who hold the same roles."""
    return bindparam("asker", person.id)


def see_case(
    session: Session,
    person: Person,
    case_id: str,
    *,
    now: datetime,
    involved: bool = False,
    matrix: Matrix = MATRIX,
) -> Sight:
    """What a person may see of a case; `involved` when they hold, answered or may answer one of its tasks.

    What the journal still holds of somebody who was erased is proof, and nobody's to read: all their cases are closed.
    Raises NotFound, and Forbidden in words for the person. The door notes the look with `care.sharing.access`.
    """
    looked_at = case(session, case_id)
    if looked_at.tenant != person.tenant:
        raise NotFound("Ce dossier n’existe pas.", code="case-unknown")
    seen = _seen(standing_of(session, person, looked_at, now), person, involved=involved, matrix=matrix)
    if looked_at.is_open or not is_erased(session, case_id):
        return seen
    return replace(seen, categories=frozenset())


def _seen(standing: Standing, person: Person, *, involved: bool, matrix: Matrix) -> Sight:
    if standing.opposed:
        return _in_spite_of_opposition(person, standing, matrix)
    if CLINICAL_LEAD in person.roles:
        return Sight(matrix.of([CLINICAL_LEAD]), LEAD, frozenset({CLINICAL_LEAD}))
    ground = standing.ground or (TASK if involved else "")
    if ground:
        return _as_carer(person, standing, ground, matrix)
    if COORDINATOR in person.roles:
        return Sight(WHO, COORDINATION, frozenset({COORDINATOR}))
    raise Forbidden(NOT_IN_CIRCLE, code="not-in-circle")


def _in_spite_of_opposition(person: Person, standing: Standing, matrix: Matrix) -> Sight:
    """Those who run the cases must still be able to end this one; nothing clinical is shared any more."""
    if standing.over_opposition:
        return Sight(matrix.of(person.roles), EMERGENCY, person.roles)
    if person.roles & ENDING:
        return Sight(WHO, OPPOSITION, person.roles & ENDING)
    raise Forbidden(OPPOSED, code="opposed")


def _as_carer(person: Person, standing: Standing, ground: str, matrix: Matrix) -> Sight:
    """Their lane (CSP R1110-1: the strictly necessary), and what the person agreed that recipients like them read.

    A coordinator knows whose case it is, and one who is a health professional and of the team sees what the team sees.
    """
    roles = standing.roles or person.roles
    seen = matrix.of(roles) | (WHO if COORDINATOR in person.roles else frozenset())
    if standing.told:
        seen |= {CLINICAL}
    if ground == CIRCLE and COORDINATOR in roles and person.profession_code in PROFESSIONS:
        seen |= matrix.of([CLINICAL_LEAD])
    return Sight(seen, ground, roles)


def _cared_for(tenant: str, person: Person) -> Select[tuple[str]]:
    """The patients in whose circle a person is in a role in which they act, or somebody is whom they stand in for:
    found once for a whole statement.
    """
    member = (circle_member.c.tenant == tenant, circle_member.c.person.in_(askers(tenant, asker(person))))
    acted_in = or_(circle_member.c.person != asker(person), _among(circle_member.c.role, person.roles))
    return select(circle_member.c.patient).where(*member, acted_in, circle_member.c.until.is_(None)).correlate(None)


def _agreed(tenant: str, person: Person) -> Select[tuple[str]]:
    """The cases that a consent names a person for."""
    named = (consent.c.audience == PERSON, consent.c.recipient == asker(person), consent.c.purpose == CARE)
    holds = (consent.c.tenant == tenant, in_force(consent), covers_case(consent))
    return select(cases.c.id).where(*holds, *named).correlate(None)


def _broken(tenant: str, person: Person) -> Select[tuple[str]]:
    """The cases that a person has opened in an emergency, while they act in a role of care."""
    if not may_break(person):
        return select(break_glass.c["case"]).where(false()).correlate(None)
    mine = (break_glass.c.tenant == tenant, break_glass.c.person == asker(person), is_open(break_glass))
    return select(break_glass.c["case"]).where(*mine).correlate(None)


def _is_there(person: Person) -> ColumnElement[bool]:
    return ~asker(person).in_(away(person.tenant))


def _among(role_column: ColumnElement[str], roles: frozenset[str]) -> ColumnElement[bool]:
    """One of these roles; each is a value of its own, so that a statement may be compiled once."""
    return role_column.in_([literal(role) for role in sorted(roles)]) if roles else false()


def _of_row(condition: ColumnElement[bool], offers: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """True of a task when it is true of one of its offers."""
    return func.coalesce(condition, false()) if offers is None else exists().where(offers, condition)


def attended(tenant: str) -> Select[tuple[str]]:
    """The roles that somebody active and present holds: few, found once for a whole statement; asked with `now`."""
    same = and_(people.c.tenant == person_role.c.tenant, people.c.id == person_role.c.person)
    holding = person_role.join(people, same)
    theirs = (person_role.c.tenant == tenant, people.c.active, people.c.id.not_in(away(tenant)))
    return select(person_role.c.role).select_from(holding).where(*theirs).correlate(None)


def attended_in_circle(
    role_column: ColumnElement[str], patient: ColumnElement[str], tenant: str
) -> ColumnElement[bool]:
    """The role is held in the circle by somebody active who still has it and is there, or whom somebody replaces; not
    by link alone.
    """
    counted = func.coalesce(_MEMBER.c.ground, "") != literal(BY_LINK)
    has_it = (person_role.c.tenant == tenant, person_role.c.person == _HOLDER, person_role.c.role == role_column)
    still = has_row(select(person_role.c.role).where(*has_it).correlate_except(person_role))
    there = (_HOLDER.not_in(departed(tenant)), _HOLDER.not_in(unattended(tenant)))
    return _member(role_column, patient, tenant, counted, *there, still)


def _in_circle(person: Person, patient: ColumnElement[str], role_column: ColumnElement[str]) -> ColumnElement[bool]:
    """The person holds the role in the circle of the case's patient, or stands in for somebody who does."""
    own = and_(asker(person) == _HOLDER, _among(role_column, person.roles))
    others = and_(asker(person) != _HOLDER, _HOLDER.in_(askers(person.tenant, asker(person))))
    return _member(role_column, patient, person.tenant, or_(own, others))


def _member(
    role_column: ColumnElement[str], patient: ColumnElement[str], tenant: str, *which: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Somebody of whom `which` is true holds the role in the circle of the patient."""
    place = (_MEMBER.c.tenant == tenant, _MEMBER.c.patient == patient, _MEMBER.c.role == role_column)
    return has_row(select(_MEMBER.c.id).where(*place, _MEMBER.c.until.is_(None), *which).correlate_except(_MEMBER))


def _patient_of(case_column: ColumnElement[str]) -> ColumnElement[str]:
    found = select(_CASE.c.patient).where(_CASE.c.id == case_column)
    return found.correlate_except(_CASE).scalar_subquery()


def _opposed(tenant: str, case_column: ColumnElement[str], person: Person) -> ColumnElement[bool]:
    """The case's patient is opposed to the sharing of it with this person; few are, found once a statement."""
    joined = opposition.join(cases, covers_case(opposition))
    holds = (opposition.c.tenant == tenant, in_force(opposition), opposition.c.purpose == CARE)
    about = towards(opposition, askers(tenant, asker(person)), literal(recipient_category(person.roles)))
    return case_column.in_(select(cases.c.id).select_from(joined).where(*holds, about).correlate(None))
