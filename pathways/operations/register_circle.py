"""`cercle.inscrire`: a professional known by their RPPS joins the patient's circle of care."""

from base.clock import ManualClock
from care.case import cases
from engine.environment import FeelValue, OperationCall
from pathways.enrolment import MEMBER_MISSING, UNKNOWN, enrol


def register(call: OperationCall) -> dict[str, FeelValue]:
    """Inputs `rpps`, `role`, `motif`. Returns `cercle_inscrit`, and `cercle_motif` when nobody joined."""
    rpps, role, basis = (call.variables.get(name) for name in ("rpps", "role", "motif"))
    missing: str | None = UNKNOWN
    if isinstance(rpps, str) and rpps and isinstance(role, str):
        patient = cases.case(call.session, call.run).patient
        words = basis if isinstance(basis, str) and basis else "Inscrit par le parcours"
        missing = enrol(call.session, ManualClock(call.now), call.tenant, patient, rpps, role, words)
    return {"cercle_inscrit": missing is None, MEMBER_MISSING: missing}
