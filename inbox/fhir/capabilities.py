"""What the façade can do, as a CapabilityStatement: the routes of the door and their search parameters, no more."""

from collections.abc import Mapping

from inbox.fhir import bundles
from inbox.fhir.bundles import Resource

CHANGED = "2026-11-22"
"""When the façade last learned something."""
GENERAL = frozenset({"_format", "_page"})
Parameters = Mapping[str, tuple[str, str]]
PARAMETERS: Mapping[str, Parameters] = {
    "Task": {
        "status": ("token", "requested, accepted, completed; several with a comma. Without it requested and accepted."),
        "owner": ("reference", "Practitioner/<id>: only oneself, for only one’s own tasks are served."),
        "patient": ("reference", "Patient/<id>: only the tasks about that person."),
    },
    "CareTeam": {
        "patient": ("reference", "Patient/<id>: whose circle of care. This one or subject must be there."),
        "subject": ("reference", "The same as patient."),
    },
}
"""The search parameters of each resource: their type, and what they do here."""
ABOUT = {
    "Task": "The tasks of the person who signed in, without any answer. Follow the link next from page to page.",
    "CareTeam": "The circle of care of a patient of whom the person may see a case.",
}


def statement() -> Resource:
    security = "A person’s session: POST /api/session gives the cookie. Refusals are OperationOutcome."
    server = {"mode": "server", "security": {"description": security}, "resource": [_resource(one) for one in ABOUT]}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Jalon"},
        "implementation": {"description": "Façade FHIR de Jalon, en lecture seule", "url": bundles.base()},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [server],
    }


def _resource(kind: str) -> Resource:
    search = [{"name": name, "type": of, "documentation": told} for name, (of, told) in PARAMETERS[kind].items()]
    reads = [{"code": "read"}, {"code": "search-type"}]
    return {"type": kind, "documentation": ABOUT[kind], "interaction": reads, "searchParam": search}
