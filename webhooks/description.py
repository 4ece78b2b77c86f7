"""The partner's door as OpenAPI tells it: signed headers, refusals, conditions of the message, callbacks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
from flask_smorest import Blueprint

from pathways.milestones import MILESTONES
from webhooks import formats, schemas
from webhooks.formats import canonical
from webhooks.signature import MESSAGE_ID, TIMESTAMP

View = TypeVar("View", bound=Callable[..., object])
Json = dict[str, Any]

PROBLEM = "application/problem+json"
LOCATION = {"Location": {"description": "Where to read what becomes of the message", "schema": {"type": "string"}}}
REFUSALS = {
    401: "Signature, timestamp or headers are not right; `detail` says which.",
    404: "No such partner, or no such message of this partner.",
    409: "This webhook-id has served for other content.",
    413: "More than 1 MB.",
    415: f"Not {' or '.join(formats.FORMATS)}.",
    422: "`fields` has one entry per wrong field, keyed by its JSON pointer, with what to do about it.",
}
EXAMPLES: dict[str, Json] = {
    "inclusion": {"priorite": "P1", "delai_max_mt": "P7D", "infirmier": True},
    "rendez_vous_fixe": {"rdv_date": "2026-11-26T14:00:00+01:00", "lieu": "cabinet"},
    "compte_rendu_disponible": {"type_loinc": "11488-4", "titre": "Évaluation pluriprofessionnelle post-AVC"},
    "lettre_manquante": {"relance": 1, "destinataire": "service"},
}


def _header(name: str, description: str, pattern: str) -> Json:
    schema = {"type": "string", "pattern": f"^(?:{pattern})$"}
    return {"in": "header", "name": name, "required": True, "description": description, "schema": schema}


SIGNATURE = [
    _header("webhook-id", "The message's own number; the same when it is sent again", MESSAGE_ID.pattern),
    _header("webhook-timestamp", "Seconds since 1970 when it is sent; 5 minutes apart at most", TIMESTAMP.pattern),
    _header(
        "webhook-signature",
        "`v1,` and the base 64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>` (Standard Webhooks); "
        "several, separated by a space, while secrets change",
        r"v1,\S+(?: \S+)*",
    ),
]


def _when(kinds: tuple[str, ...], then: Json) -> Json:
    return {"if": {"properties": {"type": {"enum": list(kinds)}}}, "then": then}


def _present(name: str, **more: object) -> Json:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}, **more}}}


QUALIFIED = {"type": "object", "required": ["statut"], "properties": {"statut": {"const": "QUAL"}}}
NEEDS = [
    _when(canonical.NEEDS_PATIENT, _present("patient")),
    _when(("sortie",), _present("sejour", **_present("fin"))),
    _when(("admission",), _present("sejour", **_present("debut"))),
    _when(canonical.NEEDS_DOCUMENT, _present("documents", minItems=1)),
    {
        "if": {"required": ["patient"], "properties": {"patient": QUALIFIED}},
        "then": {"properties": {"patient": _present("ins")}},
    },
]
"""What one type of message needs and another does not."""


def samples() -> dict[str, Json]:
    """The examples that come with the program, by name."""
    folder = Path(canonical.__file__).parent / "samples"
    return {path.stem: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def event_body() -> Json:
    """The body of a message, with an example of each kind."""
    schema = {"allOf": [schemas.Event, *NEEDS]}
    examples = {name: {"value": sample} for name, sample in samples().items()}
    return {"required": True, "content": {canonical.MEDIA_TYPE: {"schema": schema, "examples": examples}}}


def refusals(blueprint: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Say on a view which refusals it answers, as problem+json."""

    def describe(view: View) -> View:
        for status in statuses:
            told = {"schema": "Problem", "content_type": PROBLEM, "description": REFUSALS[status]}
            view = blueprint.alt_response(status, **told)(view)
        return view

    return describe


def callbacks() -> dict[str, Json]:
    """The calls that Jalon makes, for the section `webhooks` of the document."""
    return {f"jalon.{milestone}": {"post": _callback(milestone, title)} for milestone, title in MILESTONES.items()}


def _callback(milestone: str, title: str) -> Json:
    kind = f"jalon.{milestone}"
    schema = {"allOf": [schemas.Callback, {"properties": {"type": {"const": kind}}}]}
    return {
        "summary": f"{title}: posted to the hospital's callback address",
        "operationId": kind,
        "tags": ["webhooks"],
        "security": [],
        "parameters": SIGNATURE,
        "requestBody": {
            "required": True,
            "content": {canonical.MEDIA_TYPE: {"schema": schema, "example": _example(milestone)}},
        },
        "responses": {
            "2XX": {"description": "Taken, within ten seconds"},
            "410": {"description": "Not wanted any more: this call is not tried again"},
            "default": {"description": "Tried again later with the same id; redirections are not followed"},
        },
    }


def _example(milestone: str) -> Json:
    return {
        "type": f"jalon.{milestone}",
        "id": "06gz3k9w2m5t8r1c",
        "occurred_at": "2026-11-24T09:38:04+00:00",
        "venue": "26001234",
        "message_id": "msg_2Lh9fictif01",
        "data": EXAMPLES.get(milestone, {}),
    }
