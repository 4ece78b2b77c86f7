from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from base.jobs.worker import Worker
from pathways import catalogue
from tests.admin.conftest import Browser, Office
from tests.support.packages import DIAGRAM, package
from tests.webhooks.conftest import Hospital
from webhooks import partners
from webhooks.formats import canonical
from webhooks.handlers import handlers

RENAMED = DIAGRAM.replace('name="Visite"', 'name="Visite à domicile"')
SAMPLE = orjson.loads((Path(canonical.__file__).parent / "samples" / "sortie.json").read_bytes())


def publish_on_screen(browser: Browser) -> None:
    browser.post("/atelier/essai/publier", note="De nouveau en service")


def publish_through_rest(browser: Browser) -> None:
    browser.send("POST", "/api/pathways/essai/publish", 201, json={"note": "De nouveau en service"})


@pytest.fixture
def hospital(office: Office) -> Hospital:
    """A partner of a CPTS whose only pathway is a draft, the former version being no longer in service."""
    with office.context.database.begin() as session:
        catalogue.retire(session, "demo", "essai")
        catalogue.import_draft(session, office.context, package(RENAMED), office.lead.id)
        _, secret, _ = partners.add(session, office.context, key="ch-gier", name="CH du Gier (démo)")
    return Hospital(office.app.test_client(), office.context, secret)


@pytest.mark.parametrize("publish", [publish_on_screen, publish_through_rest])
def test_a_discharge_that_waited_for_its_pathway_gets_it_at_publication(
    office: Office, hospital: Hospital, publish: Callable[[Browser], None]
) -> None:
    worker = Worker(office.context.database, office.context.clock, handlers(office.context))
    location = hospital.post(SAMPLE, message_id=SAMPLE["id"]).headers["Location"]
    worker.run_once()
    assert hospital.get(location).json["state"] == "waiting"
    publish(office.browser(office.lead))
    worker.run_once()
    told = hospital.get(location).json
    assert told["state"] == "done"
    assert office.version_of(told["case"]) == 2


def test_a_refused_publication_wakes_nothing(office: Office, hospital: Hospital) -> None:
    worker = Worker(office.context.database, office.context.clock, handlers(office.context))
    location = hospital.post(SAMPLE, message_id=SAMPLE["id"]).headers["Location"]
    worker.run_once()
    office.browser(office.lead).post("/atelier/essai/publier", 422, note=" ")
    assert worker.run_once() == 0
    assert hospital.get(location).json["state"] == "waiting"
