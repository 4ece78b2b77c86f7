"""Opens a case: the patient, the circle of care, the case and its run, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from base.errors import Invalid, NotFound
from base.ids import new_id
from care.case import cases
from care.identity import identifiers, patients
from care.identity.patients import Patient
from care.sharing import consents
from engine.feel import to_feel
from engine.feel.values import FeelValue
from pathways import catalogue, parameters
from pathways.catalogue import Version
from pathways.context import Context
from pathways.enrolment import DOCTOR_MISSING, enrol
from pathways.facts import Fact
from pathways.forms.nesting import Values, merged

CLINICAL = (
    "anticoagulant", "charlson", "consentement", "dispositif", "entree_urgente", "equipe_de_soins", "iadl_perdus",
    "ide_prescrite", "nb_medicaments", "nihss", "opposition", "pa_sys", "passages_urgences_6_mois", "patho", "plaie",
    "rankin", "reeducation", "smr_apres", "type_avc", "vit_seul",
)  # fmt: skip
"""What diagrams and decisions may read of the partner's clinical context; what it did not say is null."""


def open_from_fact(session: Session, context: Context, fact: Fact, partner: str, version: Version | None = None) -> str:
    """Open the case that a Fact starts and run it to its first waiting points; returns the case's id.

    Raises NotFound when no published pathway starts with it, Invalid without a patient.
    """
    chosen = version or catalogue.starting_with(session, context.tenant, fact)
    if chosen is None:
        raise NotFound(f"Aucun parcours publié ne commence par « {fact.type} ».", code="pathway-not-published")
    if fact.identity is None:
        raise Invalid("Le patient manque.", {"/patient": "Ce champ manque."})
    said = (fact.identity, fact.identity_status, f"partner:{partner}")
    patient = patients.admit(session, context.vault, context.clock, context.tenant, *said)
    missing = _join_doctor(session, context, patient, fact.doctor_rpps) if fact.doctor_rpps else None
    start = Start(chosen, fact.type, patient, fact, f"partner:{partner}", partner)
    doctor_known = bool(fact.doctor_rpps) and missing is None
    return begin_case(session, context, start, doctor_known=doctor_known, doctor_missing=missing)


@dataclass(frozen=True)
class Start:
    """A case about to begin: by which message of which pathway, for whom, told by whom; `partner` if it is one.

    `opposed`: whether the patient is, to the sharing of this pathway, for whoever has asked already.
    """

    version: Version
    message: str | None
    patient: Patient
    fact: Fact
    actor: str
    partner: str | None = None
    opposed: bool | None = None


def begin_case(
    session: Session,
    context: Context,
    start: Start,
    *,
    doctor_known: bool,
    doctor_missing: str | None = None,
    answers: Values | None = None,
    case: str | None = None,
) -> str:
    """Open the case and run it to its first waiting points; `answers` stand over what is known by itself.

    `doctor_missing`: why the patient's own doctor, who was named, is not of the circle.
    """
    case = _open_case(session, context, start, case or new_id())
    known = {
        "dossier": case,
        "partenaire": start.partner,
        "mt_connu": doctor_known,
        DOCTOR_MISSING: doctor_missing,
        "clinique": _clinical(session, context, start),
        **_told(context, start.fact, start.patient, start.version),
    }
    context.engine.start(
        session,
        run=case,
        definition=start.version.digest,
        process=start.version.process,
        message=start.message,
        variables=merged(feel_context(known, context.settings.timezone), answers or {}),
        actor=start.actor,
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


def _join_doctor(session: Session, context: Context, patient: Patient, rpps: str) -> str | None:
    """The patient's own doctor joins the circle of care when we know them as one; else why not."""
    place = (session, context.clock, context.tenant, patient.id)
    return enrol(*place, rpps, "medecin_traitant", "Médecin traitant déclaré")


def _open_case(session: Session, context: Context, start: Start, case: str) -> str:
    cases.open_case(
        session,
        context.vault,
        context.clock,
        context.tenant,
        id=case,
        patient=start.patient.id,
        pathway=start.version.key,
        pathway_version=start.version.number,
        title=start.version.title,
        partner=start.partner,
        venue=start.fact.venue or None,
    )
    return case


def _told(context: Context, fact: Fact, patient: Patient, version: Version) -> dict[str, object]:
    """What the run knows of the person and the stay: never who the person is."""
    zone = ZoneInfo(context.settings.timezone)
    today = context.clock.now().astimezone(zone).date()
    return {
        "parcours": version.key,
        "message_id": fact.message_id,
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
        "lettre_recue": fact.has_letter,
    }


def _clinical(session: Session, context: Context, start: Start) -> dict[str, object]:
    """What the partner said, null for what it did not; what the patient told us stands whatever it says."""
    told = {**dict.fromkeys(CLINICAL), **start.fact.clinical}
    about = (session, context.clock, start.patient.id, start.version.key)
    if consents.agrees(*about):
        told["consentement"] = "oui"
    opposed = consents.is_opposed(*about) if start.opposed is None else start.opposed
    if opposed:
        told["opposition"] = True
    return told


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
