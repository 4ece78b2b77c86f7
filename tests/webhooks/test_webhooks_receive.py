"""What a partner is answered, and what is kept of its message before anything runs."""

from datetime import timedelta
from threading import Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook

from base.clock import ManualClock
from base.errors import Invalid
from base.jobs.tables import job
from webhooks import partners
from webhooks.tables import reception

MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "sortie",
    "horodatage": "2026-11-20T18:35:00+01:00",
    "patient": {"nom_naissance": "PAT-HUIT", "prenoms": ["Marcel"], "sexe": "M", "date_naissance": "1944-05-01"},
    "venue": "26001234",
    "sejour": {"fin": "2026-11-20T18:30:00+01:00", "diagnostics": ["I63.9"]},
}


def count(hospital: Any, table: Any) -> int:
    with hospital.context.database.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)))


def test_a_message_is_answered_once_it_is_stored(hospital: Any) -> None:
    answer = hospital.post(MESSAGE)
    assert answer.status_code == 202
    assert answer.json["state"] == "received"
    assert answer.headers["Location"] == f"/webhooks/ch-gier/receptions/{answer.json['id']}"
    assert (count(hospital, reception), count(hospital, job)) == (1, 1)


def test_a_partner_keeps_the_name_and_the_number_it_was_given(hospital):
    with hospital.context.database.begin() as session:
        partners.add(session, hospital.context, key="autre", name="Clinique des Sucs", finess="439990029")
        found = partners.partner(session, hospital.context.tenant, "autre")
    assert (found.name, found.finess) == ("Clinique des Sucs", "439990029")


def test_the_stored_message_is_sealed(hospital: Any) -> None:
    hospital.post(MESSAGE)
    with hospital.context.database.read() as session:
        row = session.execute(select(reception)).one()
        work = session.execute(select(job)).one()
    assert b"PAT-HUIT" not in row.body
    assert "26001234" not in f"{row}{work}"


def test_the_same_message_twice_is_one(hospital: Any) -> None:
    first, second = hospital.post(MESSAGE), hospital.post(MESSAGE)
    assert second.status_code == 202
    assert second.headers["Location"] == first.headers["Location"]
    assert (count(hospital, reception), count(hospital, job)) == (1, 1)


def test_two_copies_at_the_same_moment_are_one(hospital: Any) -> None:
    answers: list[str] = []
    senders = [Thread(target=lambda: answers.append(hospital.post(MESSAGE).headers["Location"])) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert (count(hospital, reception), count(hospital, job)) == (1, 1)


def test_an_id_that_served_for_other_content_is_a_conflict(hospital: Any) -> None:
    hospital.post(MESSAGE)
    answer = hospital.post({**MESSAGE, "venue": "999"})
    assert (answer.status_code, answer.json["code"]) == (409, "message-id-reused")


def test_two_partners_may_use_the_same_id(hospital: Any) -> None:
    with hospital.context.database.begin() as session:
        _, secret, _ = partners.add(session, hospital.context, key="autre", name="Autre")
    hospital.post(MESSAGE)
    hospital.secret = secret
    assert hospital.post(MESSAGE, key="autre").status_code == 202
    assert count(hospital, reception) == 2


@pytest.mark.parametrize(
    ("message", "headers", "key", "status", "code"),
    [
        (MESSAGE, {"webhook_signature": "v1,AAAA"}, "ch-gier", 401, "signature-mismatch"),
        (MESSAGE, {"webhook_timestamp": "1"}, "ch-gier", 401, "signature-mismatch"),
        (MESSAGE, {"webhook_signature": ""}, "ch-gier", 401, "signature-missing"),
        (MESSAGE, {}, "inconnu", 404, "partner-unknown"),
        (MESSAGE, {"content_type": "text/xml"}, "ch-gier", 415, "unsupported-media-type"),
        (MESSAGE, {"content_type": ""}, "ch-gier", 415, "unsupported-media-type"),
        (b"{", {}, "ch-gier", 422, "message-unreadable"),
        ({**MESSAGE, "venue": ""}, {}, "ch-gier", 422, "message-invalid"),
        (b"x" * 1_048_577, {}, "ch-gier", 413, "too-large"),
    ],
)
def test_what_is_refused_starts_nothing(
    hospital: Any, message: object, headers: dict[str, str], key: str, status: int, code: str
) -> None:
    answer = hospital.post(message, key=key, **headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert (count(hospital, reception), count(hospital, job)) == (0, 0)


def test_an_old_signature_is_refused(hospital: Any, clock: ManualClock) -> None:
    body = orjson.dumps(MESSAGE)
    old = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(clock.now().timestamp())),
        "webhook-signature": Webhook(hospital.secret).sign("msg_1", clock.now(), body.decode()),
    }
    clock.advance(timedelta(minutes=6))
    answer = hospital.client.post("/webhooks/ch-gier/events", data=body, headers=old, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (401, "timestamp-outside-tolerance")


def test_the_wrong_field_is_in_the_answer(hospital: Any) -> None:
    answer = hospital.post({**MESSAGE, "patient": {**MESSAGE["patient"], "sexe": "X"}})
    assert list(answer.json["fields"]) == ["/patient/sexe"]


def test_the_partner_reads_what_became_of_its_message(hospital: Any) -> None:
    location = hospital.post(MESSAGE).headers["Location"]
    told = hospital.get(location)
    assert told.status_code == 200
    assert (told.json["message_id"], told.json["state"], told.json["type"]) == ("msg_1", "received", "sortie")
    assert hospital.client.get(location).status_code == 401


def test_a_partner_does_not_read_the_messages_of_another(hospital: Any) -> None:
    location = hospital.post(MESSAGE).headers["Location"]
    with hospital.context.database.begin() as session:
        _, hospital.secret, _ = partners.add(session, hospital.context, key="autre", name="Autre")
    assert hospital.get(location.replace("ch-gier", "autre")).status_code == 404
    assert hospital.get("/webhooks/autre/receptions/nothing").status_code == 404


def test_both_secrets_are_taken_while_a_partner_changes_them(hospital: Any, clock: ManualClock) -> None:
    old = hospital.secret
    with hospital.context.database.begin() as session:
        new = partners.rotate(session, hospital.context, "ch-gier")
    for secret in (old, new):
        hospital.secret = secret
        assert hospital.post(MESSAGE).status_code == 202
    clock.advance(timedelta(days=8))
    assert hospital.post(MESSAGE).status_code == 202
    hospital.secret = old
    assert hospital.post(MESSAGE).status_code == 401


def test_a_revoked_secret_is_refused_at_once(hospital: Any) -> None:
    with hospital.context.database.begin() as session:
        now = hospital.context.clock.now()
        (note,) = partners.secret_notes(session, hospital.context.tenant, "ch-gier", now)
        partners.revoke(session, hospital.context, "ch-gier", note.id)
    assert hospital.secret.rstrip("=").endswith(note.hint)
    assert hospital.post(MESSAGE).status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "CH du Gier"),
        ("key", "../x"),
        ("key", ""),
        ("key", "x" * 61),
        ("secret", "secret"),
        ("secret", "whsec_AAAA"),
        ("secret", "whsec_é"),
        ("callback_secret", "whsec_"),
    ],
)
def test_a_partner_is_well_named_and_its_secrets_are_strong(hospital: Any, field: str, value: str) -> None:
    given = {"key": "autre", "name": "Autre", field: value}
    with pytest.raises(Invalid) as caught, hospital.context.database.begin() as session:
        partners.add(session, hospital.context, **given)
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    "url", ["http://hopital.test/rappel", "ftp://x", "https://", "file:///etc/passwd", "https://a@b"]
)
def test_a_callback_address_must_be_safe(hospital: Any, url: str) -> None:
    with pytest.raises(Exception, match="rappel"), hospital.context.database.begin() as session:
        partners.point(session, hospital.context.tenant, "ch-gier", url)
