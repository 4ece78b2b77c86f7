"""The REST interface of sessions: come in, act in a role, see one's devices, leave."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

import orjson
from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from base.errors import Unverified
from inbox.request import context, require_recent_sign_in, require_sign_in, session, signed_in
from inbox.session import schemas
from inbox.session.cookie import depart, device, enter, entrance, give_cookie, give_step, passkey_place, previous
from people.sign_in import accounts, passkeys, sessions, steps
from people.sign_in import events as sign_in_events
from people.sign_in.entrance import Opened, Pending
from people.sign_in.sessions import SignedIn

blueprint = Blueprint("session_api", __name__, url_prefix="/api", description="Sessions")
NEW_PASSKEY = "new_passkey"
OPEN = frozenset(
    f"session_api.{name}"
    for name in ("enter_session", "show_second_factor", "accept_charter", "ask_for_passkey", "enter_by_passkey")
) | {"session_api.leave_session"}


@blueprint.before_request
def require_somebody() -> None:
    """Those who come in, and those who leave, need not be signed in."""
    if request.endpoint not in OPEN:
        require_sign_in()


@blueprint.post("/session")
@blueprint.arguments(schemas.Credentials)
@blueprint.response(201, schemas.Session)
@blueprint.alt_response(202, schema=schemas.SignInStep, description="Something is still missing")
@blueprint.doc(security=[])
def enter_session(credentials: dict[str, str]) -> ResponseReturnValue:
    """Sign in by password."""
    return _answer(enter(credentials["login"], credentials["password"]))


@blueprint.post("/session/second_factor")
@blueprint.arguments(schemas.Code)
@blueprint.response(201, schemas.Session)
@blueprint.alt_response(202, schema=schemas.SignInStep, description="Something is still missing")
@blueprint.doc(security=[])
def show_second_factor(body: dict[str, str]) -> ResponseReturnValue:
    """Go on with a code. A wrong one (401) leaves the step open for another try."""
    return _answer(entrance().by_code(body["step"], body["code"], previous()))


@blueprint.post("/session/charter")
@blueprint.arguments(schemas.Acceptance)
@blueprint.response(201, schemas.Session)
@blueprint.alt_response(202, schema=schemas.SignInStep, description="Something is still missing")
@blueprint.doc(security=[])
def accept_charter(body: dict[str, str]) -> ResponseReturnValue:
    """Accept the CPTS's charter, and go on."""
    return _answer(entrance().accept(body["step"], body["version"], previous()))


@blueprint.post("/session/passkey/challenge")
@blueprint.response(201, schemas.PasskeyChallenge)
@blueprint.doc(security=[])
def ask_for_passkey() -> dict[str, Any]:
    """Begin to sign in by passkey."""
    options, step = entrance().ask_for_passkey(passkey_place())
    return {"step": step, "options": orjson.loads(options)}


@blueprint.post("/session/passkey")
@blueprint.arguments(schemas.PasskeyAnswer)
@blueprint.response(201, schemas.Session)
@blueprint.alt_response(202, schema=schemas.SignInStep, description="Something is still missing")
@blueprint.doc(security=[])
def enter_by_passkey(body: dict[str, Any]) -> ResponseReturnValue:
    """Sign in by passkey; it needs no second factor."""
    found = entrance().by_passkey(
        passkey_place(), body["step"], body["credential"], device=device(), previous=previous()
    )
    return _answer(found)


@blueprint.post("/passkeys/challenge")
@blueprint.response(201, schemas.PasskeyChallenge)
def ask_for_new_passkey() -> dict[str, Any]:
    """Begin to add a passkey; the session must be of the last ten minutes (401 `recent-sign-in-required`)."""
    known, parts = require_recent_sign_in(), context()
    login = accounts.account(session(), known.account).login
    asked = (session(), parts.tenant, passkey_place(), known.account, login, known.person.display)
    options, challenge = passkeys.ask_for_new(*asked)
    notes = {"challenge": challenge, "account": known.account}
    step = steps.begin(session(), parts.clock, parts.vault, parts.tenant, NEW_PASSKEY, notes)
    return {"step": step, "options": orjson.loads(options)}


@blueprint.post("/passkeys")
@blueprint.arguments(schemas.NewPasskey)
@blueprint.response(201, schemas.Passkey)
def add_passkey(body: dict[str, Any]) -> dict[str, Any]:
    """Add the passkey that the browser has made."""
    known, parts = require_recent_sign_in(), context()
    notes = steps.take(session(), parts.clock, parts.vault, parts.tenant, NEW_PASSKEY, body["step"])
    if notes["account"] != known.account:
        raise Unverified(steps.OVER, code="sign-in-over")
    where = (session(), parts.clock, parts.tenant)
    key = passkeys.add(*where, passkey_place(), known.account, notes["challenge"], body["credential"], body["name"])
    sign_in_events.note(*where, known.person.id, "passkey_added", detail=body["name"], device=device())
    return {"id": key}


@blueprint.get("/session")
@blueprint.response(200, schemas.Session)
def read_session() -> dict[str, Any]:
    """Who is signed in."""
    return _session(signed_in())


@blueprint.patch("/session")
@blueprint.arguments(schemas.Acting)
@blueprint.response(200, schemas.Session)
def act_in_role(body: dict[str, str]) -> dict[str, Any]:
    """Act in one of the roles that I hold; lists and cases then show what that role sees."""
    known, parts = signed_in(), context()
    sessions.act(session(), known, role=body["role"])
    sign_in_events.note(session(), parts.clock, parts.tenant, known.person.id, "role_chosen", detail=body["role"])
    narrowed = [body["role"]] if body["role"] else sorted(known.roles)
    return {**_session(known), "roles": narrowed}


@blueprint.delete("/session")
@blueprint.response(204)
def leave_session() -> Response:
    """Sign out."""
    response = Response(status=204)
    depart(response)
    return response


@blueprint.get("/sessions")
@blueprint.response(200, schemas.LivingSessions)
def read_sessions() -> dict[str, Any]:
    """The devices on which I am signed in."""
    known = signed_in()
    living = sessions.living(session(), context().clock, known.account)
    return {"sessions": [_living(row, known) for row in living if row.id]}


@blueprint.delete("/sessions/<session_id>")
@blueprint.response(204)
def end_session(session_id: str) -> None:
    """Sign one of my devices out."""
    known, parts = signed_in(), context()
    device = sessions.end(session(), known.account, session_id)
    sign_in_events.note(session(), parts.clock, parts.tenant, known.person.id, "session_ended", detail=device)


@blueprint.delete("/sessions")
@blueprint.response(204)
def end_other_sessions() -> None:
    """Sign all my other devices out; this one stays."""
    known, parts = signed_in(), context()
    sessions.sign_out_everywhere(session(), known.account, but=known.session)
    sign_in_events.note(session(), parts.clock, parts.tenant, known.person.id, "sessions_ended", device=device())


def _answer(outcome: Opened | Pending) -> Response:
    if isinstance(outcome, Opened):
        response = jsonify(schemas.Session().dump(_session(outcome.known)))
        response.status_code = 201
        give_cookie(response, outcome.token)
        return response
    said = {"step": outcome.step, "need": outcome.need}
    charter = entrance().charter
    if charter and outcome.need == "charter":
        said |= {"charter": charter.version, "text": charter.text}
    response = jsonify(schemas.SignInStep().dump(said))
    response.status_code = 202
    give_step(response, outcome.step)
    return response


def _session(known: SignedIn) -> dict[str, Any]:
    who = known.person
    said = {"person": who.id, "name": who.display, "profession": who.profession, "roles": sorted(who.roles)}
    now = {"way": known.way, "situation": known.situation, "held_roles": sorted(known.roles)}
    return {**said, **now, "csrf": known.csrf}


def _living(row: Any, known: SignedIn) -> dict[str, Any]:
    said = {"id": row.id, "device": row.device or "", "way": row.way or "password"}
    return {**said, "since": row.created_at, "seen_at": row.seen_at, "current": row.id == known.session}
