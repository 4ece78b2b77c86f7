"""Damaged diagrams come in through the door of the editor: findings or clear errors, never a failure of the server."""

import os
import random

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.admin.conftest import Browser, Office
from tests.support.mutations import mutate
from tests.support.packages import DIAGRAM

INPUTS = int(os.environ.get("JALON_DOOR_FUZZ", "30"))
"""How many diagrams on each server; more by hand: JALON_DOOR_FUZZ=5000."""
XML = "application/xml"


def ask(browser: Browser, method: str, address: str, **content: object) -> TestResponse:
    client: FlaskClient = browser.client
    return client.open(address, method=method, headers={"X-CSRF-Token": browser.csrf}, **content)


def test_no_diagram_breaks_the_door_that_takes_it(office: Office) -> None:
    browser = office.browser(office.lead)
    refused = published = 0
    for n in range(INPUTS):
        chosen = random.Random(n)
        content = mutate(DIAGRAM.encode(), chosen)
        kept = ask(browser, "PUT", "/atelier/essai/diagramme.bpmn", data=content, content_type=XML)
        assert kept.status_code in {204, 413}, (n, kept.text)
        found = ask(browser, "POST", "/api/pathways/essai/checks")
        assert found.status_code == 200, (n, found.text)
        assert ask(browser, "GET", "/atelier/essai").status_code == 200, n
        assert ask(browser, "GET", "/atelier/essai/diagramme.bpmn").data == content, n
        tried = ask(browser, "POST", "/api/pathways/essai/publish", json={"note": f"essai {n}"})
        assert tried.status_code == (422 if found.json["errors"] else 201) or tried.status_code == 409, (n, tried.text)
        refused += tried.status_code == 422
        published += tried.status_code == 201
    assert refused > INPUTS / 3
    assert published > INPUTS / 50


def test_no_text_breaks_the_rest_door_that_takes_it(office: Office) -> None:
    browser = office.browser(office.lead)
    for n in range(INPUTS):
        chosen = random.Random(n)
        text = mutate(DIAGRAM.encode(), chosen).decode("utf-8", "replace")
        answer = ask(browser, "PUT", "/api/pathways/essai/draft", json={"diagram": text})
        assert answer.status_code in {200, 422}, (n, answer.text)
