"""Signatures are those of the Standard Webhooks library, judged on Jalon's own clock."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from base.errors import Unverified
from webhooks.signature import new_secret, sign, verify

NOW = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)
BODY = '{"type":"sortie","nom":"Élodie"}'.encode()


def refused(headers: dict[str, str], secrets: list[str], body: bytes = BODY, now: datetime = NOW) -> str:
    with pytest.raises(Unverified) as caught:
        verify(secrets, headers, body, now)
    return caught.value.code


def test_a_signature_of_the_library_is_taken() -> None:
    secret = new_secret()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", NOW, BODY.decode()),
    }
    assert verify([secret], headers, BODY, NOW) == "msg_1"


def test_our_signature_is_taken_by_the_library() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    assert Webhook(secret).verify(BODY, sign(secret, "msg_1", now, BODY)) == {"type": "sortie", "nom": "Élodie"}


def test_any_secret_in_service_may_have_signed() -> None:
    old, new = new_secret(), new_secret()
    headers = sign(old, "msg_1", NOW, BODY)
    assert verify([new, old], headers, BODY, NOW) == "msg_1"
    assert refused(headers, [new]) == "signature-mismatch"
    assert refused(headers, []) == "signature-mismatch"


def test_one_right_signature_among_several_is_enough() -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", NOW, BODY)
    headers["webhook-signature"] = f"v1,AAAA v1a,zzz v2 {headers['webhook-signature']}"
    assert verify([secret], headers, BODY, NOW) == "msg_1"


def test_changing_anything_breaks_the_signature() -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", NOW, BODY)
    assert refused(headers, [secret], BODY + b" ") == "signature-mismatch"
    assert refused({**headers, "webhook-id": "msg_2"}, [secret]) == "signature-mismatch"
    later = {**headers, "webhook-timestamp": str(int(NOW.timestamp()) + 1)}
    assert refused(later, [secret]) == "signature-mismatch"
    assert refused(headers, [secret], b"\xff\xfe") == "signature-mismatch"


@pytest.mark.parametrize("gap", [timedelta(minutes=5, seconds=1), timedelta(minutes=-5, seconds=-1)])
def test_a_stale_or_future_message_is_refused_on_our_clock(gap: timedelta) -> None:
    secret = new_secret()
    assert refused(sign(secret, "msg_1", NOW, BODY), [secret], now=NOW + gap) == "timestamp-outside-tolerance"
    assert verify([secret], sign(secret, "msg_1", NOW, BODY), BODY, NOW + timedelta(minutes=5)) == "msg_1"


def test_the_gap_is_told_to_the_integrator() -> None:
    secret = new_secret()
    with pytest.raises(Unverified, match="écart de 11 min 16 s"):
        verify([secret], sign(secret, "m", NOW - timedelta(minutes=11, seconds=16), BODY), BODY, NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(name: str) -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", NOW, BODY)
    del headers[name]
    assert refused(headers, [secret]) == "signature-missing"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("webhook-id", "a.b", "message-id-malformed"),
        ("webhook-id", "a b", "message-id-malformed"),
        ("webhook-id", "é", "message-id-malformed"),
        ("webhook-id", "x" * 121, "message-id-malformed"),
        ("webhook-timestamp", "demain", "timestamp-malformed"),
        ("webhook-timestamp", "1e9", "timestamp-malformed"),
        ("webhook-timestamp", "-5", "timestamp-malformed"),
        ("webhook-signature", "n'importe quoi", "signature-mismatch"),
        ("webhook-signature", "v1,é", "signature-mismatch"),
    ],
)
def test_malformed_headers_say_which(name: str, value: str, code: str) -> None:
    secret = new_secret()
    assert refused({**sign(secret, "msg_1", NOW, BODY), name: value}, [secret]) == code
