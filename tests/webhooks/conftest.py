"""A partner that can sign, and a door that takes its calls, on a fresh database."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from base.clock import ManualClock
from base.database import Database
from base.errors import Invalid, JalonError
from base.settings import Settings
from pathways.context import Context
from tests.support.contexts import make_context
from webhooks import partners
from webhooks.receive import blueprint
from webhooks.signature import sign


@dataclass
class Hospital:
    """The partner's side: it signs with its secret and calls over HTTP."""

    client: FlaskClient
    context: Context
    secret: str

    def post(self, message: object, *, message_id: str = "msg_1", key: str = "ch-gier", **headers: str) -> TestResponse:
        body = message if isinstance(message, bytes) else orjson.dumps(message)
        signed = sign(self.secret, message_id, self.context.clock.now(), body)
        sent = {"content-type": "application/json", **signed, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.post(f"/webhooks/{key}/events", data=body, headers=sent)

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, headers=sign(self.secret, "look_1", self.context.clock.now(), b""))


@pytest.fixture
def context(settings: Settings, database: Database, clock: ManualClock) -> Context:
    return make_context(settings, database, clock)


@pytest.fixture
def hospital(context: Context) -> Hospital:
    with context.database.begin() as session:
        _, secret, _ = partners.add(session, context, key="ch-gier", name="CH du Gier (démo)", finess="439990003")
    return Hospital(_app(context).test_client(), context, secret)


def _app(context: Context) -> Flask:
    app = Flask("door")
    app.extensions["jalon"] = context
    app.register_blueprint(blueprint)
    app.register_error_handler(JalonError, _tell)
    return app


def _tell(error: Any) -> Response:
    fields = error.fields if isinstance(error, Invalid) else {}
    answer = jsonify(code=error.code, detail=error.message, fields=fields)
    answer.status_code = error.status
    return answer
