"""Work that has failed for good is shown with its case and its reason, tried again, or given up for a reason."""

import html
import re

import pytest
from sqlalchemy import insert, select, update

from admin.failures import failed
from base.errors import PartnerError
from base.ids import new_id
from base.jobs import Work, Worker
from base.jobs.claims import ABANDONED
from base.jobs.tables import job_log
from engine.tables import outbox
from jalon.worker import build_worker
from tests.admin.conftest import Office
from tests.support.keys import WEBHOOK_SECRET
from webhooks import deliver, partners
from webhooks.tables import delivery


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def die(work: Work) -> None:
    raise PartnerError("Le partenaire a répondu 410.", permanent=True, code="callback-failed")


@pytest.fixture
def case(office: Office) -> str:
    """A case of which the partner could not be told something."""
    case = office.open_case()
    queue, clock, now = office.context.queue, office.clock, office.clock.now()
    with office.context.database.begin() as session:
        partners.add(session, office.context, key="ch-essai", name="CH d’Essai", secret=WEBHOOK_SECRET)
        row = {
            "tenant": "demo", "id": new_id(), "partner": "ch-essai", "outbox": new_id(), "case": case,
            "milestone": "inclusion", "body": b"", "created_at": now, "state": deliver.PENDING, "attempts": 1,
        }  # fmt: skip
        session.execute(insert(delivery).values(row))
        queue.enqueue(session, "delivery.send", {"delivery": row["id"]})
    Worker(office.context.database, clock, {"delivery.send": die}, claims=queue.claims).run_once()
    return case


def deliveries(office: Office) -> list[str]:
    with office.context.database.read() as session:
        return list(session.scalars(select(delivery.c.state)))


def log(office: Office) -> list[tuple[str, ...]]:
    with office.context.database.read() as session:
        columns = (job_log.c.by, job_log.c.kind, job_log.c.case, job_log.c.act, job_log.c.reason)
        return [tuple(row) for row in session.execute(select(*columns).order_by(job_log.c.at, job_log.c.id))]


def test_what_failed_is_told_with_its_case_and_why(office: Office, case: str) -> None:
    browser = office.browser(office.coordinator)
    assert "Travaux en échec : 1" in words(browser.get("/suivi").text)
    page = words(browser.get("/travaux-en-echec").text)
    for told in ("Prévenir l’établissement", "CH d’Essai", "PAT-TROIS", "Le partenaire a répondu 410.", "1 essai"):
        assert told in page
    assert "L’établissement n’a pas reçu cette nouvelle." in words(browser.get(f"/suivi/{case}").text)


def test_the_operator_is_told_of_the_case_by_its_number_and_a_professional_of_nothing(
    office: Office, case: str
) -> None:
    page = office.browser(office.operator).get("/travaux-en-echec").text
    assert f"Dossier {case}" in page
    assert "PAT-TROIS" not in page
    browser = office.browser(office.doctor)
    browser.get("/travaux-en-echec", 403)
    browser.get("/api/failed-jobs", 403)
    browser.post("/travaux-en-echec/x/reessayer", 403)
    browser.post("/travaux-en-echec/x/renoncer", 403, raison="autre")


def test_it_is_tried_again_and_the_log_says_by_whom(office: Office, case: str) -> None:
    browser = office.browser(office.operator)
    (address,) = re.findall(r'action="(/travaux-en-echec/[^"]+/reessayer)"', browser.get("/travaux-en-echec").text)
    browser.post(address)
    browser.post(address, 404)
    page = words(browser.get("/travaux-en-echec").text)
    assert "Aucun travail en échec" in page
    assert "par Karim DEMO-BLANC" in page
    with office.context.database.read() as session:
        assert office.context.queue.counts(session) == {"ready": 1}
    assert log(office) == [(office.operator.id, "delivery.send", case, "retried", "")]


def test_it_is_given_up_for_a_reason_and_nothing_waits_for_it_any_more(office: Office, case: str) -> None:
    browser = office.browser(office.coordinator)
    (job,) = browser.get("/api/failed-jobs").json
    assert (job["case"], job["partner"], job["title"]) == (case, "ch-essai", "Prévenir l’établissement")
    address = f"/api/failed-jobs/{job['id']}/give-up"
    browser.send("POST", address, 422, json={"reason": "sans"})
    assert browser.get("/api/failed-jobs").json == [job]
    browser.send("POST", address, 204, json={"reason": "partenaire"})
    browser.send("POST", address, 404, json={"reason": "partenaire"})
    browser.send("POST", f"/api/failed-jobs/{job['id']}/retry", 404)
    assert deliveries(office) == [deliver.FAILED]
    assert log(office) == [(office.coordinator.id, "delivery.send", case, "given_up", "partenaire")]
    assert "l’établissement ne le recevra pas" in words(browser.get("/travaux-en-echec").text)


def test_a_message_of_a_pathway_that_is_given_up_stays_here(office: Office) -> None:
    case = office.open_case()
    office.answer(case, rankin=0)
    with office.context.database.begin() as session:
        (thrown,) = session.scalars(select(outbox.c.id).where(outbox.c.run == case)).all()
        session.execute(update(outbox).where(outbox.c.id == thrown).values(state=deliver.WAITING))
        office.context.queue.enqueue(session, "message.route", {"outbox": thrown})
    queue = office.context.queue
    Worker(office.context.database, office.clock, {"message.route": die}, claims=queue.claims).run_once()
    browser = office.browser(office.lead)
    job, other = browser.get("/api/failed-jobs").json
    assert job["case"] == other["case"] == case
    browser.post(f"/travaux-en-echec/{job['id']}/renoncer", 303, raison="inutile")
    with office.context.database.read() as session:
        assert session.scalar(select(outbox.c.state).where(outbox.c.id == thrown)) == deliver.WITHDRAWN


def test_every_kind_of_work_is_told_in_words(office: Office) -> None:
    assert set(failed.KINDS) == set(build_worker(office.context).handlers)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("callback-failed: Le partenaire a répondu 410.", "Le partenaire a répondu 410."),
        (ABANDONED, failed.STOPPED),
        ("ValueError: deliver.py:12 send", failed.UNFORESEEN),
        ("", failed.UNFORESEEN),
    ],
)
def test_only_what_the_program_said_on_purpose_is_shown(error: str, said: str) -> None:
    assert failed.why(error) == said
