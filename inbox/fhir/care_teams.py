"""The circle of care of a patient as FHIR R4 CareTeam, for those who may see it."""

from base.errors import Forbidden, NotFound
from care.case import cases
from care.guard import see_case
from care.sharing import circle
from inbox.desk import Desk
from inbox.fhir.bundles import Resource, reference
from inbox.patient import patient_of
from inbox.task.tasks import NOT_YOURS
from people.persons import Person, persons
from people.roles import label

SYSTEM = "urn:jalon:role"
OFFICIAL = {
    "medecin_traitant": (
        "https://mos.esante.gouv.fr/NOS/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction",
        "PCP",
    ),
    "aidant": ("https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass", "CAREGIVER"),
}
"""The roles that have a code of their own in the nomenclature of health objects (domain brief, §3)."""


def care_team(desk: Desk, patient: str) -> Resource:
    """The circle of one patient. Raises NotFound, Forbidden when no case of theirs may be seen."""
    _check(desk, patient)
    members = circle.members(desk.session, patient)
    who = patient_of(desk, patient)
    known = persons(desk.session, {member.person for member in members})
    starts = [member.since for member in members]
    made: Resource = {
        "resourceType": "CareTeam",
        "id": patient,
        "identifier": [{"system": "urn:jalon:care-team", "value": patient}],
        "status": "active" if members else "inactive",
        "name": "Cercle de soins",
        "subject": reference("Patient", patient, who.name),
    }
    if participants := [_participant(member, known[member.person]) for member in members if member.person in known]:
        made["participant"] = participants
    if starts:
        made["period"] = {"start": min(starts).isoformat(timespec="seconds")}
    return made


def _check(desk: Desk, patient: str) -> None:
    """Some case of the patient must be open to the person who asks."""
    theirs = [one for one in cases.by_patient(desk.session, patient) if one.tenant == desk.tenant]
    if not theirs:
        raise NotFound("Ce cercle de soins n’existe pas.")
    refusal: Forbidden | None = None
    for one in theirs:
        try:
            see_case(desk.session, desk.person, one.id, now=desk.now, matrix=desk.context.visibility)
        except Forbidden as error:
            refusal = refusal or error
        else:
            return
    raise refusal or Forbidden(NOT_YOURS)


def _participant(member: circle.Member, who: Person) -> Resource:
    coding = [{"system": SYSTEM, "code": member.role, "display": label(member.role)}]
    if member.role in OFFICIAL:
        system, code = OFFICIAL[member.role]
        coding.append({"system": system, "code": code, "display": label(member.role)})
    named: Resource = reference("Practitioner", who.id, who.display)
    if who.rpps:
        named["identifier"] = {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": who.rpps}
    return {
        "role": [{"coding": coding, "text": label(member.role)}],
        "member": named,
        "period": {"start": member.since.isoformat(timespec="seconds")},
    }
