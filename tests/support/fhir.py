"""What FHIR R4 (4.0.1) asks of the resources that the façade serves: which elements, how many, of which kind."""

import re
from collections.abc import Iterator
from typing import Any

PRIMITIVES = {
    "string": r"[ \r\n\t\S]+",
    "markdown": r"[ \r\n\t\S]+",
    "code": r"[^\s]+(\s[^\s]+)*",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "dateTime": r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
}
RESOURCE = "id:id meta:Meta implicitRules:uri language:code text:Narrative extension*:Extension"
"""What every resource may hold."""
ELEMENTS = {
    "Bundle": f"{RESOURCE} identifier:Identifier type!:code timestamp:instant total:count link*:Link entry*:Entry",
    "Link": "relation!:string url!:uri",
    "Entry": "link*:Link fullUrl:uri resource:Resource search:Search",
    "Search": "mode:code",
    "Task": (
        f"{RESOURCE} identifier*:Identifier instantiatesCanonical:canonical instantiatesUri:uri basedOn*:Reference "
        "groupIdentifier:Identifier partOf*:Reference status!:code statusReason:CodeableConcept "
        "businessStatus:CodeableConcept intent!:code priority:code code:CodeableConcept description:string "
        "focus:Reference for:Reference encounter:Reference executionPeriod:Period authoredOn:dateTime "
        "lastModified:dateTime requester:Reference performerType*:CodeableConcept owner:Reference location:Reference "
        "reasonCode:CodeableConcept reasonReference:Reference insurance*:Reference relevantHistory*:Reference "
        "restriction:Restriction"
    ),
    "Restriction": "repetitions:count period:Period recipient*:Reference",
    "CareTeam": (
        f"{RESOURCE} identifier*:Identifier status:code category*:CodeableConcept name:string subject:Reference "
        "encounter:Reference period:Period participant*:Participant reasonCode*:CodeableConcept "
        "reasonReference*:Reference managingOrganization*:Reference telecom*:ContactPoint"
    ),
    "Participant": "role*:CodeableConcept member:Reference onBehalfOf:Reference period:Period",
    "OperationOutcome": f"{RESOURCE} issue!*:Issue",
    "Issue": (
        "severity!:code code!:code details:CodeableConcept diagnostics:string location*:string expression*:string"
    ),
    "CapabilityStatement": (
        f"{RESOURCE} url:uri version:string name:string title:string status!:code experimental:boolean date!:dateTime "
        "publisher:string description:markdown purpose:markdown copyright:markdown kind!:code "
        "instantiates*:canonical software:Software implementation:Implementation fhirVersion!:code format!*:code "
        "patchFormat*:code implementationGuide*:canonical rest*:Rest"
    ),
    "Software": "name!:string version:string releaseDate:dateTime",
    "Implementation": "description!:string url:url custodian:Reference",
    "Rest": (
        "mode!:code documentation:markdown security:Security resource*:RestResource interaction*:Interaction "
        "searchParam*:SearchParam"
    ),
    "Security": "cors:boolean service*:CodeableConcept description:markdown",
    "RestResource": (
        "type!:code profile:canonical supportedProfile*:canonical documentation:markdown interaction*:Interaction "
        "versioning:code readHistory:boolean searchInclude*:string searchRevInclude*:string searchParam*:SearchParam"
    ),
    "Interaction": "code!:code documentation:markdown",
    "SearchParam": "name!:string definition:canonical type!:code documentation:markdown",
    "Identifier": "use:code type:CodeableConcept system:uri value:string period:Period assigner:Reference",
    "Reference": "reference:string type:uri identifier:Identifier display:string",
    "CodeableConcept": "coding*:Coding text:string",
    "Coding": "system:uri version:string code:code display:string userSelected:boolean",
    "Period": "start:dateTime end:dateTime",
}
"""Each element as `name`, `!` when it must be there, `*` when there may be several, and its type."""
CODES = {
    "Bundle.type": (
        "document message transaction transaction-response batch batch-response history searchset collection"
    ),
    "Search.mode": "match include outcome",
    "Task.status": (
        "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed "
        "entered-in-error"
    ),
    "Task.intent": "unknown proposal plan order original-order reflex-order filler-order instance-order option",
    "Task.priority": "routine urgent asap stat",
    "CareTeam.status": "proposed active suspended inactive entered-in-error",
    "Issue.severity": "fatal error warning information",
    "Issue.code": (
        "invalid structure required value invariant security login unknown expired forbidden suppressed processing "
        "not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly "
        "business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational"
    ),
    "CapabilityStatement.status": "draft active retired unknown",
    "CapabilityStatement.kind": "instance capability requirements",
    "CapabilityStatement.fhirVersion": "4.0.1",
    "Rest.mode": "client server",
    "RestResource.type": "Task CareTeam",
    "Interaction.code": "read vread update patch delete history-instance history-type create search-type",
    "SearchParam.type": "number date string token reference composite quantity uri special",
}
REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")


def faults(resource: Any, path: str = "") -> list[str]:
    """What R4 would refuse in a resource, each with where it stands; nothing when it is one."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if kind not in ("Bundle", "Task", "CareTeam", "OperationOutcome", "CapabilityStatement"):
        return [f"{path}: not a resource of ours: {kind}"]
    said = {name: value for name, value in resource.items() if name != "resourceType"}
    return [*_wrong(kind, said, f"{path}{kind}"), *_rules(kind, resource)]


def _wrong(kind: str, said: Any, path: str) -> Iterator[str]:
    if not isinstance(said, dict) or not said:
        yield f"{path}: an object that holds something is wanted"
        return
    known = {name: (required, several, of) for name, required, several, of in _elements(kind)}
    yield from (f"{path}.{name}: R4 has no such element" for name in said.keys() - known.keys())
    yield from (f"{path}.{name}: missing" for name, (must, *_) in known.items() if must and name not in said)
    for name, value in said.items():
        if name in known:
            yield from _values(kind, name, value, *known[name][1:], path=f"{path}.{name}")


def _elements(kind: str) -> Iterator[tuple[str, bool, bool, str]]:
    for told in ELEMENTS[kind].split():
        name, _, of = told.partition(":")
        yield name.rstrip("!*"), "!" in name, "*" in name, of


def _values(kind: str, name: str, value: Any, several: bool, of: str, *, path: str) -> Iterator[str]:
    if several != isinstance(value, list) or value == []:
        yield f"{path}: {'a list that holds something' if several else 'one value'} is wanted"
        return
    for one in value if several else [value]:
        yield from _value(f"{kind}.{name}", of, one, path)


def _value(place: str, of: str, value: Any, path: str) -> Iterator[str]:
    if of == "Resource":
        yield from faults(value, f"{path}/")
    elif of in ELEMENTS:
        yield from _wrong(of, value, path)
    elif of in ("boolean", "count"):
        wanted = bool if of == "boolean" else int
        if type(value) is not wanted or (of == "count" and value < 0):
            yield f"{path}: no {of}: {value!r}"
    elif of not in PRIMITIVES or not isinstance(value, str) or not re.fullmatch(PRIMITIVES[of], value):
        yield f"{path}: no {of}: {value!r}"
    elif place in CODES and value not in CODES[place].split():
        yield f"{path}: not in the value set: {value!r}"
    elif place == "Reference.reference" and not REFERENCE.fullmatch(value):
        yield f"{path}: no relative reference: {value!r}"


def _rules(kind: str, said: dict[str, Any]) -> Iterator[str]:
    """The invariants that touch what the façade serves."""
    if kind == "Bundle":
        addresses = [one.get("fullUrl") for one in said.get("entry", [])]
        if len(addresses) != len(set(addresses)):
            yield "bdl-7: an address twice"
        wrong = [one["fullUrl"] for one in said.get("entry", []) if not one["fullUrl"].endswith(_own(one["resource"]))]
        yield from (f"fullUrl is not that of its resource: {one}" for one in wrong)
    if kind == "CapabilityStatement":
        if not any(name in said for name in ("description", "software", "implementation")):
            yield "cpb-2: neither description, software nor implementation"
        if said.get("kind") == "instance" and "implementation" not in said:
            yield "cpb-14: an instance says where it runs"
        for server in said.get("rest", []):
            kinds = [one["type"] for one in server.get("resource", [])]
            if len(kinds) != len(set(kinds)):
                yield "cpb-9: a resource twice"


def _own(resource: dict[str, Any]) -> str:
    return f"/{resource['resourceType']}/{resource['id']}"
