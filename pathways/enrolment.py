"""A professional named by RPPS number joins the circle of care, in a role that they hold; else it says why not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from base.clock import Clock
from care.sharing import circle
from engine.pictures import Entry
from people import persons

UNKNOWN, NOT_HELD = "inconnu", "role_non_tenu"
WORDS: Mapping[str, str] = {
    UNKNOWN: "Ce numéro RPPS n’est pas dans l’annuaire\u00a0: personne n’est inscrit dans le cercle de soins.",
    NOT_HELD: "Cette personne n’a pas ce rôle dans l’annuaire\u00a0: elle n’est pas inscrite dans le cercle de soins.",
}
DOCTOR_MISSING, MEMBER_MISSING = "mt_motif", "cercle_motif"
"""The variables that say why the patient's own doctor, or who was to join by the pathway, did not."""


def enrol(session: Session, clock: Clock, tenant: str, patient: str, rpps: str, role: str, basis: str) -> str | None:
    """Why nobody joined: UNKNOWN or NOT_HELD. Who does not act in a role would keep its tasks from those who do."""
    found = persons.by_rpps(session, tenant, rpps)
    if found is None:
        return UNKNOWN
    if role not in found.roles:
        return NOT_HELD
    circle.add(session, clock, tenant, patient, found.id, role, basis)
    return None


def said(entry: Entry) -> str:
    """What an entry of the journal tells of somebody who did not join, in words; else nothing."""
    given: Mapping[str, Any] = entry.detail.get("variables") or {}
    return WORDS.get(str(given.get(DOCTOR_MISSING) or given.get(MEMBER_MISSING)), "")
