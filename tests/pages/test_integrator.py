"""The hospital's integrator, with only what `jalon up` prints and OpenAPI: a discharge becomes a task."""

import json
import re
import shlex
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.demo import Demo, settled
from tests.support import loopback
from tests.support.patience import eventually

pytestmark = pytest.mark.pages


def printed_call(demo: Demo) -> list[str]:
    """The ready call that `jalon up` shows, as a shell would read it."""
    call = re.compile(r"^curl .*?'$", re.MULTILINE | re.DOTALL)
    found = eventually(lambda: call.search(demo.server.log()), "no call is printed")
    return shlex.split(found[0].replace("\\\n", " "))


def run(command: list[str]) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and JSON of what curl was answered."""
    done = subprocess.run([*command, "--silent", "--show-error"], capture_output=True, text=True, check=True)
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(status.split()[1]), headers, json.loads(body or "{}")


def test_the_printed_call_opens_a_case_that_reaches_the_inbox(chromium: Browser, demo: Demo) -> None:
    command = printed_call(demo)
    patient = json.loads(command[-1])["patient"]
    status, headers, _ = run(command)
    assert status == 202
    hospital = demo.hospital()
    done = eventually(lambda: settled(hospital, headers["location"]), "the message was not processed")
    assert done["state"] == "done"
    assert run(command)[1]["location"] == headers["location"]
    assert json.loads(demo.server.run("partner", "read", headers["location"])) == done

    name = f"{patient['nom_naissance']} {patient['prenoms'][0]}"
    with demo.page(chromium, "coordinatrice") as page:
        page.goto("/taches?liste=roles")
        row = page.locator(".task", has_text=name)
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Recueillir le consentement")
        row.locator(".task__go").click()
        expect(page.get_by_role("region", name="Patient")).to_contain_text(patient["prenoms"][0])


def test_a_wrong_call_is_refused_in_words_and_starts_nothing(demo: Demo) -> None:
    command = [part.replace("v1,", "v1,AAAA") for part in printed_call(demo)]
    status, headers, problem = run(command)
    assert (status, headers["content-type"]) == (401, "application/problem+json")
    assert "à l’octet près" in problem["detail"]
    status, headers, problem = run(["curl", "-i", f"{demo.url}/webhooks/ch-du-gier-demo/events"])
    assert (status, set(headers["allow"].split(", "))) == (405, {"OPTIONS", "POST"})
    assert "Allow" in problem["detail"]


def test_openapi_describes_what_answers(demo: Demo) -> None:
    described = loopback.get(f"{demo.url}/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path in ("/api/tasks", "/api/tasks/{task_id}/completion", "/api/cases/{case_id}"):
        assert path in described["paths"]
    client = demo.visitor("medecin").client
    plain = [path for path, verbs in described["paths"].items() if "get" in verbs and "{" not in path]
    assert {client.get(path).status_code for path in plain} <= {200, 403}


def test_health_says_that_all_is_well(demo: Demo) -> None:
    answer = loopback.get(f"{demo.url}/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
