"""`cercle.inscrire`: a professional known by their RPPS joins the patient's circle of care."""

from base.clock import ManualClock
from care import cases, circle
from engine.environment import FeelValue, OperationCall
from people import persons


def register(call: OperationCall) -> dict[str, FeelValue]:
    """Inputs `rpps`, `role`, `motif`; an unknown number changes nothing. Returns `cercle_inscrit`."""
    rpps, role = call.variables.get("rpps"), call.variables.get("role")
    found = persons.by_rpps(call.session, call.tenant, rpps) if isinstance(rpps, str) and rpps else None
    if found is None or not isinstance(role, str):
        return {"cercle_inscrit": False}
    patient = cases.case(call.session, call.run).patient
    basis = call.variables.get("motif")
    words = basis if isinstance(basis, str) and basis else "Inscrit par le parcours"
    circle.add(call.session, ManualClock(call.now), call.tenant, patient, found.id, role, words)
    return {"cercle_inscrit": True}
