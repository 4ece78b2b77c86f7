"""The REST interface of all doors: one OpenAPI document, and errors as problem+json."""

from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response
from marshmallow import Schema, fields

PROBLEM = "application/problem+json"
DESCRIPTION = """What programs ask of Jalon, and what Jalon asks of theirs.

A partner hospital signs its messages (`/webhooks/…`, Standard Webhooks) and is called back in the same way (section
`webhooks`). The rest is the REST interface beside the screens: sign in with `POST /api/session`; the answer sets the
session's cookie and gives a `csrf` token, which every change shows in the header `X-CSRF-Token`. A list goes on behind
`after`; words are posted to `…/search`, for an address names no patient. Errors are `application/problem+json`
(RFC 9457) with a stable `code`. `docs/rest.md` shows all of it by example; `/fhir/metadata` says what the FHIR R4
façade of tasks and circles of care can do."""


class Problem(Schema):
    """What went wrong, for a program (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "urn:jalon:not-found"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable, kebab-case"})
    detail = fields.String(required=True, metadata={"description": "A French sentence for a person"})
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="fields",
        metadata={"description": "What to do about each field"},
    )
    incident = fields.String(metadata={"description": "The mark of an unforeseen error, to be given to the operator"})


class Rest(Api):  # type: ignore[misc]  # flask-smorest has no types
    """Flask-smorest with our errors: the responder answers them, this only documents them."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None  # every status that may come is named

    def _register_error_handlers(self) -> None:
        """The responder of the roof answers every error."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            answer: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                answer["schema"] = self.ERROR_SCHEMA
            self._document(status.name, answer)

    def _document(self, name: str, answer: dict[str, Any]) -> None:
        prepare_response(answer, self.spec, PROBLEM)
        self.spec.components.response(name, answer, lazy=True)

    def document_refusals(self) -> None:
        """Say of each operation which refusals may come; what partners call says its own."""
        for path, item in self.spec._paths.items():
            for verb, operation in item.items():
                if path.startswith("/api/") and verb != "parameters":
                    for status in refusals(path, verb, operation):
                        name = HTTPStatus(status).name
                        operation["responses"].setdefault(str(status), self.spec.components.get_ref("response", name))


def refusals(path: str, verb: str, operation: dict[str, Any]) -> list[int]:
    """By whom it is asked, what it names, what it changes."""
    found = {429} if operation.get("security") == [] else set()
    found |= {401, 403, 422}
    found |= {404} if "{" in path or verb != "get" or operation.get("parameters") else set()
    found |= {400, 409, 413, 415} if verb != "get" else set()
    return sorted(found)


def add_rest(app: Flask, blueprints: list[Blueprint], callbacks: dict[str, dict[str, Any]]) -> None:
    """Register the doors' blueprints; serve their description, and that of our callbacks, at `/api/openapi.json`."""
    app.config.update(
        API_TITLE="Jalon",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION}, "security": [{"session": []}]},
    )
    rest = Rest(app)
    rest.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "jalon_session"})
    for blueprint in blueprints:
        rest.register_blueprint(blueprint)
    rest.document_refusals()
    for operations in callbacks.values():
        rest.ma_plugin.resolver.resolve_operations(operations)
    rest.spec.options["webhooks"] = callbacks
