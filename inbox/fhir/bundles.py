"""What every FHIR answer is made of: references, a searchset Bundle, an OperationOutcome."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request

MEDIA_TYPE = "application/fhir+json; charset=utf-8"
Resource = dict[str, Any]
NO_BREAK = "\u00a0"
"""No character of a FHIR `string`."""


def answer(resource: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(resource), status, content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def base() -> str:
    """The address that every resource's own begins with."""
    return f"{request.host_url.rstrip('/')}/fhir"


def reference(kind: str, of: str, display: str = "") -> dict[str, str]:
    named = {"display": display} if display else {}
    return {"reference": f"{kind}/{of}", **named}


def searchset(resources: Sequence[Resource], own: str, following: str = "") -> Resource:
    """The page that a search found; `own` and `following` are the addresses of this page and of the next one."""
    links = [{"relation": "self", "url": own}]
    if following:
        links.append({"relation": "next", "url": following})
    entries = [
        {
            "fullUrl": f"{base()}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    found: Resource = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return found | ({"entry": entries} if entries else {})  # FHIR's JSON knows no empty list


CODES = {
    401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 409: "conflict", 410: "deleted",
    413: "too-long", 415: "not-supported", 429: "throttled",
}  # fmt: skip


def outcome(status: int, code: str, words: str) -> Resource:
    """What went wrong, in FHIR's terms (issue-type) with our own stable code."""
    issue = {
        "severity": "error",
        "code": CODES.get(status, "invalid" if status < 500 else "exception"),
        "details": {"coding": [{"system": "urn:jalon", "code": code}], "text": words.replace(NO_BREAK, " ")},
    }
    return {"resourceType": "OperationOutcome", "issue": [issue]}
