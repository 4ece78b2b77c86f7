"""Milestones reach the partner signed, again and again until it answers 2xx, and nobody else."""

from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select, update
from standardwebhooks import Webhook

from base.clock import ManualClock
from base.ids import new_id
from base.jobs.embedded import EmbeddedQueue
from base.jobs.worker import Worker
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import consents
from care.sharing.consents import Reach
from engine.tables import outbox
from pathways.context import Context
from webhooks import deliver, partners
from webhooks.handlers import handlers
from webhooks.tables import partner as partner_rows

TENANT = "demo"
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="https://jalon.test/essai">
  <bpmn:process id="p_essai" isExecutable="true">
    <bpmn:startEvent id="debut"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:intermediateThrowEvent id="inclusion" name="Inclusion"><bpmn:extensionElements>
      <zeebe:ioMapping>
        <zeebe:input source="=&quot;ZZSANTEZZ&quot;" target="motif" />
        <zeebe:input source="=&quot;ZZAIDEZZ&quot;" target="aide" />
        <zeebe:input source="=&quot;mardi&quot;" target="rdv" />
      </zeebe:ioMapping>
      <zeebe:properties><zeebe:property name="jalon:categories" value="rdv : administratif ; aide : social" /></zeebe:properties>
    </bpmn:extensionElements><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing><bpmn:messageEventDefinition id="m" messageRef="message" /></bpmn:intermediateThrowEvent>
    <bpmn:endEvent id="fin"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="debut" targetRef="inclusion" />
    <bpmn:sequenceFlow id="f2" sourceRef="inclusion" targetRef="fin" />
  </bpmn:process>
  <bpmn:message id="message" name="inclusion" />
</bpmn:definitions>"""  # noqa: E501


class Listener(ThreadingHTTPServer):
    """The partner's own address: answers what it is told to, keeps what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Calls)
        self.answers: list[int] = []
        self.calls: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/rappels"


class Calls(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append((self.path, headers, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "/ailleurs")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def secret(context: Context, listener: Listener) -> str:
    with context.database.begin() as session:
        _, _, ours = partners.add(session, context, key="ch-gier", name="CH du Gier", callback_url=listener.url)
    return ours


@pytest.fixture
def worker(context: Context) -> Worker:
    return Worker(context.database, context.clock, handlers(context))


def throw(
    context: Context, name: str, payload: dict[str, object], partner: str | None = "ch-gier", kind: str = "message"
) -> str:
    """What the engine writes when a run throws a message."""
    identity = Identity("PAT-HUIT", ("Marcel",), "M", date(1944, 5, 1))
    with context.database.begin() as session:
        patient = patients.admit(session, context.vault, context.clock, TENANT, identity, "PROV")
        case = cases.open_case(
            session,
            context.vault,
            context.clock,
            TENANT,
            patient=patient.id,
            pathway="essai",
            pathway_version=1,
            title="Essai",
            partner=partner,
            venue="26001234" if partner else None,
        )
        row = {
            "tenant": TENANT,
            "id": new_id(),
            "run": case.id,
            "element": "jalon",
            "kind": kind,
            "name": name,
            "key": None,
            "payload": orjson.dumps(payload),
            "created_at": context.clock.now(),
            "state": "waiting",
        }
        session.execute(insert(outbox).values(row))
        context.queue.enqueue(session, "message.route", {"outbox": str(row["id"])}, serial_key=case.id)
    return case.id


def deliveries(context: Context) -> list[deliver.Delivery]:
    with context.database.read() as session:
        return deliver.listing(session, TENANT, "ch-gier")


def test_a_milestone_reaches_the_partner_signed(
    context: Context, worker: Worker, listener: Listener, secret: str
) -> None:
    throw(context, "rendez_vous_fixe", {"date": {"@": "2026-11-26T14:00:00@Europe/Paris"}, "rang": 1})
    worker.run_once()
    ((path, headers, body),) = listener.calls
    assert path == "/rappels"
    stamp = context.clock.now()
    expected = Webhook(secret).sign(headers["webhook-id"], stamp, body.decode())
    assert headers["webhook-signature"] == expected
    assert headers["webhook-timestamp"] == str(int(stamp.timestamp()))
    told = orjson.loads(body)
    assert told["type"] == "jalon.rendez_vous_fixe"
    assert told["id"] == headers["webhook-id"]
    assert told["venue"] == "26001234"
    assert told["data"] == {"date": "2026-11-26T14:00:00+01:00", "rang": 1}
    (sent,) = deliveries(context)
    assert (sent.state, sent.attempts, sent.last_status) == ("delivered", 1, 204)


def test_a_failed_call_is_tried_again_later_with_the_same_id(
    context: Context, worker: Worker, listener: Listener, secret: str, clock: ManualClock
) -> None:
    listener.answers = [503, 302, 429]
    throw(context, "inclusion", {})
    for expected in (1, 2, 3, 4):
        worker.run_once()
        worker.run_once()
        assert len(listener.calls) == expected
        clock.advance(timedelta(hours=2))
    assert len({headers["webhook-id"] for _, headers, _ in listener.calls}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in listener.calls}) == 4
    assert {path for path, _, _ in listener.calls} == {"/rappels"}
    (sent,) = deliveries(context)
    assert (sent.state, sent.attempts, sent.last_status) == ("delivered", 4, 204)


def test_a_partner_that_does_not_answer_is_tried_again(
    context: Context, worker: Worker, listener: Listener, secret: str, clock: ManualClock
) -> None:
    with context.database.begin() as session:
        partners.point(session, TENANT, "ch-gier", "http://127.0.0.1:9/")
    throw(context, "inclusion", {})
    worker.run_once()
    (sent,) = deliveries(context)
    assert (sent.state, sent.attempts, sent.last_status) == ("pending", 1, None)
    assert sent.next_at is not None
    assert sent.next_at > clock.now()
    with context.database.begin() as session:
        partners.point(session, TENANT, "ch-gier", listener.url)
    clock.advance(timedelta(minutes=1))
    worker.run_once()
    assert deliveries(context)[0].state == "delivered"


def test_gone_ends_it_until_somebody_asks_again(
    context: Context, worker: Worker, listener: Listener, secret: str, clock: ManualClock
) -> None:
    listener.answers = [410]
    throw(context, "inclusion", {})
    worker.run_once()
    clock.advance(timedelta(days=9))
    worker.run_once()
    (sent,) = deliveries(context)
    assert (len(listener.calls), sent.state, sent.last_status) == (1, "failed", 410)
    with context.database.begin() as session:
        deliver.again(session, context, sent.id)
    worker.run_once()
    assert deliveries(context)[0].state == "delivered"


def test_what_is_kept_of_a_callback_is_sealed(context: Context, worker: Worker, secret: str) -> None:
    throw(context, "inclusion", {"priorite": "P1"})
    worker.run_once()
    with context.database.read() as session:
        (row,) = session.execute(select(deliver.deliveries)).all()
    assert b"26001234" not in row.body
    assert b"P1" not in row.body


def test_a_message_is_routed_once(context: Context, worker: Worker, listener: Listener, secret: str) -> None:
    throw(context, "inclusion", {})
    with context.database.begin() as session:
        row = session.execute(select(outbox.c.id)).one()
        context.queue.enqueue(session, "message.route", {"outbox": row.id})
    worker.run_once()
    assert len(listener.calls) == 1
    assert len(deliveries(context)) == 1


def test_a_case_without_partner_announces_nothing(
    context: Context, worker: Worker, listener: Listener, secret: str
) -> None:
    throw(context, "inclusion", {}, partner=None)
    worker.run_once()
    assert listener.calls == []
    queue = context.queue
    assert isinstance(queue, EmbeddedQueue)
    with context.database.read() as session:
        assert queue.dead(session) == []


@pytest.mark.parametrize("said_after", [False, True])
def test_what_the_table_of_sharing_refuses_never_leaves(
    context: Context, worker: Worker, listener: Listener, secret: str, clock: ManualClock, said_after: bool
) -> None:
    """The patient is opposed before the milestone, or while the partner cannot be reached; nobody can send it."""
    listener.answers = [503]
    case = throw(context, "inclusion", {"priorite": "P1"})
    if said_after:
        worker.run_once()
    before = len(listener.calls)
    with context.database.begin() as session:
        patient = cases.case(session, case).patient
        consents.oppose(session, context.clock, TENANT, patient, "essai")
    clock.advance(timedelta(hours=1))
    worker.run_once()
    assert len(listener.calls) == before == int(said_after)
    if not said_after:
        assert deliveries(context) == []
        with context.database.read() as session:
            assert session.scalars(select(outbox.c.state)).one() == "withheld"
        return
    (kept,) = deliveries(context)
    assert (kept.state, kept.next_at, kept.attempts) == ("withheld", None, 1)
    with context.database.begin() as session:
        deliver.again(session, context, kept.id)
    worker.run_once()
    assert len(listener.calls) == before


def announce(context: Context, nature: str, agreed: Reach | None = None) -> str:
    """A run passes its milestone, for a partner of this nature; the case."""
    identity = Identity("PAT-ZZNOMZZ", ("Marcel",), "M", date(1944, 5, 1))
    with context.database.begin() as session:
        session.execute(update(partner_rows).values(nature=nature))
        digest = context.engine.deploy(session, {"essai.bpmn": DIAGRAM.encode()})
        patient = patients.admit(session, context.vault, context.clock, TENANT, identity, "PROV").id
        case = cases.open_case(
            session, context.vault, context.clock, TENANT, patient=patient, pathway="essai", pathway_version=1,
            title="Essai", partner="ch-gier", venue="26001234",
        )  # fmt: skip
        if agreed:
            given = {"case": case.id, "patient": patient, "mode": "oral", "recorded_by": "x"}
            consents.record(session, context.clock, TENANT, **given, reach=agreed)
        context.engine.start(
            session, run=case.id, definition=digest, process="p_essai", message=None, variables={}, actor="essai"
        )
    return case.id


KIND, ALL = Reach("essai", "category", "medicosocial"), Reach("case")


@pytest.mark.parametrize(
    ("nature", "agreed", "told"),
    [
        ("ES", None, {"motif", "aide", "rdv"}),
        ("HAD", None, {"motif", "aide", "rdv"}),
        ("DAC", None, None),
        ("DAC", ALL, {"aide", "rdv"}),
        ("DAC", KIND, {"motif", "aide", "rdv"}),
        ("DAC", Reach("essai", "category", "social"), None),
        ("transport", ALL, {"rdv"}),
        ("mairie", ALL, {"rdv"}),
        ("mairie", None, None),
    ],
)
def test_a_partner_is_told_what_structures_of_its_kind_may_read_of_what_the_patient_agreed_to(
    context: Context, worker: Worker, listener: Listener, secret: str, nature: str, agreed: Any, told: Any
) -> None:
    announce(context, nature, agreed)
    worker.run_once()
    assert [set(orjson.loads(body)["data"]) for _, _, body in listener.calls] == ([] if told is None else [told])
    sent = b"".join(body for _, _, body in listener.calls)
    assert (b"ZZSANTEZZ" in sent, b"ZZAIDEZZ" in sent) == ("motif" in (told or ()), "aide" in (told or ()))
    assert b"ZZNOMZZ" not in sent


def test_what_the_patient_takes_back_no_longer_leaves_with_what_waits(
    context: Context, worker: Worker, listener: Listener, secret: str, clock: ManualClock
) -> None:
    """Its kind was agreed to read all when the milestone was passed, and no longer when the partner can be reached."""
    listener.answers = [503]
    case = announce(context, "DAC", KIND)
    with context.database.begin() as session:
        patient = cases.case(session, case).patient
        given = {"case": case, "patient": patient, "mode": "oral", "recorded_by": "x"}
        consents.record(session, context.clock, TENANT, **given, reach=ALL)
        kept = consents.consents(session, context.clock, patient)
    worker.run_once()
    with context.database.begin() as session:
        row = next(one.id for one in kept if one.audience == KIND.audience)
        consents.end(session, context.clock, patient, "consent", row, by="x")
    clock.advance(timedelta(hours=1))
    worker.run_once()
    assert [set(orjson.loads(body)["data"]) for _, _, body in listener.calls] == [
        {"motif", "aide", "rdv"},
        {"aide", "rdv"},
    ]
    assert len({headers["webhook-id"] for _, headers, _ in listener.calls}) == 1


@pytest.mark.parametrize(
    ("kind", "name"), [("signal", "inclusion"), ("signal", "crise_levee"), ("message", "lettre_recue")]
)
def test_what_is_meant_for_runs_never_leaves(
    context: Context, worker: Worker, listener: Listener, secret: str, kind: str, name: str
) -> None:
    throw(context, name, {}, kind=kind)
    worker.run_once()
    assert listener.calls == []
    with context.database.read() as session:
        assert session.scalars(select(outbox.c.state)).one() == "routed"
