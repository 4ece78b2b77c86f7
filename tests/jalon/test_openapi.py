import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from marshmallow import ValidationError, class_registry, fields

from base.clock import ManualClock
from base.database import Database
from base.errors import Invalid
from base.settings import Settings
from jalon.app import create_app
from jalon.schema_words import in_french
from pathways.library import read_folders
from pathways.milestones import MILESTONES
from tests.support.contexts import make_context
from tests.support.french import english_for_programs
from tests.support.jsonschema import Schema
from tests.support.keys import SECRETS
from tests.webhooks.conftest import Hospital
from webhooks import partners, schemas
from webhooks.callbacks import callback
from webhooks.description import samples
from webhooks.formats import canonical
from webhooks.signature import HEADERS

ROOT = Path(__file__).parents[2]
EVENTS = "/webhooks/{partner}/events"
RECEPTION = "/webhooks/{partner}/receptions/{reception_id}"
OPEN = {
    f"post {EVENTS}": (404, "partner-unknown"),
    f"get {RECEPTION}": (404, "partner-unknown"),
    "post /api/session": (422, "unprocessable-entity"),
    "delete /api/session": (204, ""),
    "post /api/session/second_factor": (422, "unprocessable-entity"),
    "post /api/session/charter": (422, "unprocessable-entity"),
    "post /api/session/passkey": (422, "unprocessable-entity"),
    "post /api/password/links": (422, "unprocessable-entity"),
    "put /api/password": (422, "unprocessable-entity"),
    "post /api/session/passkey/challenge": (404, "not-found"),  # an address in figures holds no passkey
}
"""What answers something else than « sign in »: an unknown partner, a sign-in without words, a sign-out."""
NEVER_SAID = ("format", "invalid_utf8", "special", "validator_failed", "invalid_error")
"""Of writing, of bytes and of numbers that JSON does not know."""
ODD = ("", "x" * 100_000, -(10**9), 10**9, [], ["x"] * 10_000)
LENGTHS = (20, 30, 60, 80, 100, 120, 200, 300)
LONG = ["x" * (length + more) for length in LENGTHS for more in (0, 1)]
WRONG = (None, 12345, "", "F", "M", "I", [], {}, {"inconnu": 1}, *LONG)
WHOLE = {
    **samples()["sortie"],
    "service": {"uf": "2410", "nom": "UNV", "tel": "0261911020", "mss": "unv@ch-gier.mssante.test"},
    "patient": {**samples()["sortie"]["patient"], "prenom_usuel": "DOMINIQUE"},
    "mt": {"rpps": "10999000017", "nom": "DEMO-BERTHON"},
    "motif": "aucun",
    "consentement": {"mode": "oral"},
}
"""A message in which every field has a value."""


@pytest.fixture
def app(settings: Settings, database: Database, clock: ManualClock) -> Flask:
    return create_app(make_context(settings, database, clock))


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document, which depends on no database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('openapi') / 'none.db'}"
    settings, database = Settings.load({**SECRETS, "JALON_DATABASE_URL": url}), Database(url)
    app = create_app(make_context(settings, database, ManualClock(datetime(2026, 11, 24, 9, tzinfo=UTC))))
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").json
    database.dispose()
    return found


def event_schema(described: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = described["paths"][EVENTS]["post"]["requestBody"]["content"]["application/json"]
    return body["schema"]


def is_read(message: dict[str, Any]) -> bool:
    """Whether the door takes a message, under the id that it names."""
    try:
        canonical.read(orjson.dumps(message), str(message.get("id")))
    except Invalid:
        return False
    return True


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in inner:
        yield (*path, key)
        yield from places(child, (*path, key))


def changed(node: Any, path: tuple[Any, ...], *new: object) -> Any:
    """A copy with another value at a place, or without that place when no value is given."""
    copy = dict(node) if isinstance(node, dict) else list(node)
    if len(path) > 1:
        copy[path[0]] = changed(node[path[0]], path[1:], *new)
    elif new:
        copy[path[0]] = new[0]
    else:
        del copy[path[0]]
    return copy


def messages() -> Iterator[tuple[str, dict[str, Any]]]:
    """The whole message and the samples under each type, with one thing changed in each."""
    for kind in canonical.TYPES:
        for name, sample in {**samples(), "whole": WHOLE}.items():
            yield f"{kind} as {name}", {**sample, "type": kind}
            yield from (
                (f"{kind} as {name} without {path}", changed({**sample, "type": kind}, path)) for path in places(sample)
            )
    for path in places(WHOLE):
        yield from ((f"{path} = {wrong!r}", changed(WHOLE, path, wrong)) for wrong in WRONG)
        if isinstance(path[-1], str):
            yield f"a foreign field beside {path}", changed(WHOLE, (*path[:-1], "inconnu"), 1)
        else:
            one = held_by(WHOLE, path)
            yield from ((f"{path} {n} times", changed(WHOLE, path[:-1], [one] * n)) for n in (10, 11, 50, 51))


def held_by(node: Any, path: tuple[Any, ...]) -> Any:
    return held_by(node[path[0]], path[1:]) if path else node


def sentences(field: fields.Field) -> Iterator[str]:
    """What the schema library may say of a field: its own messages, and what its validators say of odd values."""
    for key, template in field.error_messages.items():
        if key not in NEVER_SAID:
            yield template.format(obj_type="datetime", awareness="aware")
    for check, value in itertools.product(field.validators, ODD):
        try:
            check(value)
        except ValidationError as error:
            yield from map(str, error.messages)
        except TypeError:
            continue
    for inner in (getattr(field, name, None) for name in ("inner", "key_field", "value_field")):
        if inner is not None:
            yield from sentences(inner)


def test_whatever_the_schemas_may_say_of_a_field_is_said_in_french() -> None:
    ours = [one for kinds in class_registry._registry.values() for one in kinds if isinstance(one, type)]
    schemas_of_doors = {one for one in ours if one.__module__.partition(".")[0] in ("admin", "inbox", "jalon")}
    every = {said for one in schemas_of_doors for field in one._declared_fields.values() for said in sentences(field)}
    assert len(schemas_of_doors) > 150
    assert len(every) > 40
    assert {said: in_french(said) for said in every if english_for_programs(in_french(said))} == {}


def test_the_document_takes_what_the_door_takes_and_refuses_what_it_refuses(described: dict[str, Any]) -> None:
    schema, said = Schema(described), event_schema(described)
    verdicts = {name: (schema.takes(said, message), is_read(message)) for name, message in messages()}
    assert {name: both for name, both in verdicts.items() if both[0] != both[1]} == {}
    assert {both[1] for both in verdicts.values()} == {True, False}


def test_every_field_that_the_door_reads_is_in_the_document(described: dict[str, Any]) -> None:
    named = described["components"]["schemas"]
    parts = {"service": "EventWard", "etablissement": "EventOrganisation", "patient": "EventPatient"}
    parts |= {"sejour": "EventStay", "mt": "EventDoctor"}
    assert set(named["Event"]["properties"]) == set(WHOLE)
    for field, name in parts.items():
        assert set(named[name]["properties"]) == set(WHOLE[field])
    assert set(named["EventDocument"]["properties"]) == set(WHOLE["documents"][0])


def test_every_sample_is_an_example_validates_and_is_accepted(app: Flask, described: dict[str, Any]) -> None:
    context = app.extensions["jalon"]
    with context.database.begin() as session:
        _, secret, _ = partners.add(session, context, key="ch-gier", name="CH du Gier (démo)")
    hospital = Hospital(app.test_client(), context, secret)
    body = described["paths"][EVENTS]["post"]["requestBody"]["content"]["application/json"]
    examples = {name: one["value"] for name, one in body["examples"].items()}
    assert examples == samples()
    receipt = {"$ref": "#/components/schemas/Receipt"}
    for sample in examples.values():
        assert schemas.Event().validate(sample) == {}
        answer = hospital.post(sample, message_id=sample["id"])
        assert answer.status_code == 202
        assert Schema(described).takes(receipt, answer.json)
        assert Schema(described).takes(receipt, hospital.get(answer.headers["Location"]).json)


def test_the_partner_s_door_is_described_with_its_headers_and_refusals(described: dict[str, Any]) -> None:
    events, reception = described["paths"][EVENTS]["post"], described["paths"][RECEPTION]["get"]
    for operation in (events, reception):
        required = [one["name"] for one in operation["parameters"] if one["in"] == "header" and one["required"]]
        assert required == ["webhook-id", "webhook-timestamp", "webhook-signature"]
        refused = {code: answer for code, answer in operation["responses"].items() if code.startswith("4")}
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in refused.values())
    assert set(events["responses"]) >= {"202", "401", "404", "409", "413", "415", "422"}
    assert "Location" in events["responses"]["202"]["headers"]
    assert set(reception["responses"]) >= {"200", "401", "404"}


def test_each_callback_is_described_as_it_is_made(described: dict[str, Any]) -> None:
    schema = Schema(described)
    assert set(described["webhooks"]) == {f"jalon.{milestone}" for milestone in MILESTONES}
    for milestone in MILESTONES:
        operation = described["webhooks"][f"jalon.{milestone}"]["post"]
        body = operation["requestBody"]["content"]["application/json"]
        now = datetime(2026, 11, 24, 9, tzinfo=UTC)
        made = callback(milestone, delivery="d", occurred_at=now, venue=None, message_id=None, data={"a": 1})
        assert schema.takes(body["schema"], made)
        assert schema.takes(body["schema"], body["example"])
        assert not schema.takes(body["schema"], {**made, "type": "jalon.autre"})
        assert [one["name"] for one in operation["parameters"]] == list(HEADERS)


def test_the_callbacks_examples_hold_what_the_shipped_pathways_give(described: dict[str, Any]) -> None:
    given = "".join(package.files[package.diagram].decode() for package in read_folders(ROOT / "bpmn"))
    for operations in described["webhooks"].values():
        data = operations["post"]["requestBody"]["content"]["application/json"]["example"]["data"]
        assert data
        assert all(f'target="{name}"' in given for name in data)


def test_the_callback_shown_to_partners_is_one(described: dict[str, Any]) -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "partners.md").read_text("utf-8"), re.DOTALL)
    body = described["webhooks"]["jalon.rendez_vous_fixe"]["post"]["requestBody"]["content"]["application/json"]
    assert Schema(described).takes(body["schema"], json.loads(shown))
    assert json.loads(shown)["data"] == body["example"]["data"]


def test_whatever_is_described_answers_somebody_who_is_not_signed_in(app: Flask, described: dict[str, Any]) -> None:
    client = app.test_client()
    told = {}
    for path, verb in operations(described):
        address = re.sub(r"\{\w+\}", "absent", path.replace("{number}", "1"))
        answer = client.open(address, method=verb, json={})
        assert answer.status_code == 204 or answer.mimetype == "application/problem+json", (verb, path)
        told[f"{verb} {path}"] = (answer.status_code, answer.json["code"] if answer.json else "")
    assert {operation: told.pop(operation) for operation in OPEN} == OPEN
    assert set(told.values()) == {(401, "unverified")}


def test_whatever_programs_may_call_is_described(app: Flask, described: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule), verb.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/webhooks/")) and rule.rule != "/api/openapi.json"
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(operations(described))


def operations(described: dict[str, Any]) -> list[tuple[str, str]]:
    return [(path, verb) for path, item in described["paths"].items() for verb in item if verb != "parameters"]
