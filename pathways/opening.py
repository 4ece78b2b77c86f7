"""Opens a case: the patient, the circle of care, the case and its run, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from base.errors import Invalid, NotFound
from base.ids import new_id
from care import cases, circle, identifiers, patients
from care.patients import Patient
from engine.feel import to_feel
from engine.feel.values import FeelValue
from pathways import catalogue, parameters
from pathways.catalogue import Version
from pathways.context import Context
from pathways.facts import Fact
from people import persons

CLINICAL = (
    "type_avc", "rankin", "pa_sys", "anticoagulant", "vit_seul", "smr_apres", "passages_urgences_6_mois", "charlson",
    "nb_medicaments", "plaie", "dispositif", "iadl_perdus", "patho", "mode_urgence",
)  # fmt: skip
"""What diagrams and decisions may read of the partner's clinical context; what it did not say is null."""


def open_from_fact(session: Session, context: Context, fact: Fact, partner: str, version: Version | None = None) -> str:
    """Open the case that a Fact starts and run it to its first waiting points; returns the case's id.

    Raises NotFound when no published pathway starts with it, Invalid without a patient.
    """
    chosen = version or catalogue.starting_with(session, context.tenant, fact)
    if chosen is None:
        raise NotFound(f"Aucun parcours publié ne commence par « {fact.type} ».", code="pathway-not-published")
    if fact.identity is None:
        raise Invalid("Le patient manque.", {"/patient": "Ce champ manque."})
    patient = patients.admit(session, context.vault, context.clock, context.tenant, fact.identity, fact.identity_status)
    doctor_known = _join_doctor(session, context, patient, fact.doctor_rpps)
    case = _open_case(session, context, fact, partner, patient, chosen)
    context.engine.start(
        session,
        run=case,
        definition=chosen.digest,
        process=chosen.process,
        message=fact.type,
        variables=_variables(context, fact, partner, patient, chosen, case, doctor_known),
        actor=f"partner:{partner}",
    )
    return case


def feel_context(values: Mapping[str, object], timezone: str) -> dict[str, FeelValue]:
    """Plain values as FEEL's; instants are told in local time, as the people concerned read them."""
    return {name: to_feel(_local(value, ZoneInfo(timezone))) for name, value in values.items()}


def _local(value: object, zone: ZoneInfo) -> object:
    if isinstance(value, datetime):
        return value.astimezone(zone)
    if isinstance(value, Mapping):
        return {name: _local(inner, zone) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_local(inner, zone) for inner in value]
    return value


def _join_doctor(session: Session, context: Context, patient: Patient, rpps: str | None) -> bool:
    """The patient's own doctor joins the circle of care when we know them."""
    doctor = persons.by_rpps(session, context.tenant, rpps) if rpps else None
    if doctor is None:
        return False
    circle.add(
        session, context.clock, context.tenant, patient.id, doctor.id, "medecin_traitant", "Médecin traitant déclaré"
    )
    return True


def _open_case(session: Session, context: Context, fact: Fact, partner: str, patient: Patient, version: Version) -> str:
    case = new_id()
    cases.open_case(
        session,
        context.vault,
        context.clock,
        context.tenant,
        id=case,
        patient=patient.id,
        pathway=version.key,
        pathway_version=version.number,
        title=version.title,
        partner=partner,
        venue=fact.venue,
    )
    return case


def _variables(
    context: Context,
    fact: Fact,
    partner: str,
    patient: Patient,
    version: Version,
    case: str,
    doctor_known: bool,
) -> dict[str, FeelValue]:
    """What the run knows at its start: never who the person is."""
    zone = ZoneInfo(context.settings.timezone)
    today = context.clock.now().astimezone(zone).date()
    values = {
        "dossier": case,
        "parcours": version.key,
        "message_id": fact.message_id,
        "partenaire": partner,
        "parametres": parameters.values(version.parameters),
        "patient": {
            "id": patient.id,
            "age": identifiers.age(patient.identity.date_naissance, today),
            "sexe": patient.identity.sexe,
            "commune": fact.commune,
            "statut_identite": patient.status,
        },
        "sejour": _stay(fact, zone),
        "service": {"uf": fact.ward_code, "nom": fact.ward_name},
        "mt_connu": doctor_known,
        "lettre_recue": fact.has_letter,
        "clinique": {**dict.fromkeys(CLINICAL), **fact.clinical},
    }
    return feel_context(values, context.settings.timezone)


def _stay(fact: Fact, zone: ZoneInfo) -> dict[str, object]:
    start, end = fact.stay.start, fact.stay.end
    days = (end.astimezone(zone).date() - start.astimezone(zone).date()).days if start and end else None
    return {
        "debut": start,
        "fin": end,
        "mode_entree": fact.stay.entry,
        "mode_sortie": fact.stay.exit,
        "duree_jours": days,
        "diagnostics": list(fact.stay.diagnoses),
    }
