"""Writes what a release leaves behind: a database of its own schema with invented people and cases under way, as SQL.

Run once for each released schema, by the program of that release; `test_older_releases.py` then upgrades it for ever:

    git worktree add ../release <tag>
    PYTHONPATH=../release python tests/jalon/leave_behind.py tests/jalon/releases
"""

import json
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from werkzeug.test import TestResponse

from base import migrations
from bench.over_http import FOLDER
from jalon.app import create_app
from jalon.demo import load
from jalon.demo.discharges import STORIES, message
from jalon.demo.sign_ins import PASSWORD
from jalon.worker import build_worker
from pathways import catalogue
from pathways.context import Context, build
from pathways.library import read_folder
from tests.support.keys import WEBHOOK_SECRET
from tests.support.partner import Partner
from tests.support.server import Server
from webhooks import partners

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANSWER = {"systolique": "142", "commentaire": "RAS", "suite": "poursuivre"}
ANSWERED = (0, 1, 2)
"""How many of its three questions are answered in each case; in the last the third one is in somebody's hands."""


def fill(context: Context) -> None:
    migrations.upgrade(context.database)
    with context.database.begin() as session:
        load.add_people(session, context)
        partners.add(session, context, key="banc", name="Banc d’essai", secret=WEBHOOK_SECRET)
        catalogue.publish(session, context, read_folder(FOLDER), "essai", "")
    client, worker = create_app(context).test_client(), build_worker(context)
    client.post("/connexion", data={"login": "medecin@loire-sucs.test", "password": PASSWORD})
    csrf = client.get("/api/session").get_json()["csrf"]
    hospital = Partner("", "banc", context.clock)
    for number, answers in enumerate(ANSWERED):
        person = replace(STORIES[0], family_name=f"PAT-{number}", status="PROV", diagnoses=("Z00",), doctor=1)
        body = json.dumps(message(person, NOW, f"m{number}", f"V-{number}"), ensure_ascii=False)
        headers = {"content-type": "application/json", **hospital.sign(f"m{number}", body)}
        taken(client.post("/webhooks/banc/events", data=body.encode(), headers=headers), 202)
        rest(worker)
        for _ in range(answers):
            taken(client.post(f"/taches/{newest(client)}", data={"_csrf": csrf, **ANSWER}), 303)
            rest(worker)
    taken(client.post(f"/taches/{newest(client)}/prendre", data={"_csrf": csrf}), 303)


def newest(client) -> str:
    """The task that was opened last: of the last case."""
    waiting = client.get("/api/tasks").get_json()["tasks"]
    return str(max(task["id"] for task in waiting))


def rest(worker) -> None:
    while worker.run_once():
        pass


def taken(answer: TestResponse, wanted: int) -> None:
    assert answer.status_code == wanted, re.sub(r"\s+", " ", answer.get_data(as_text=True))[:500]


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "jalon.db"
        context = build(Server(Path(place), f"sqlite:///{path}", NOW).settings)
        fill(context)
        version = migrations.current(context.database)
        context.database.dispose()
        with closing(sqlite3.connect(path)) as connection:
            (folder / f"{version}.sql").write_text("\n".join(connection.iterdump()) + "\n", "utf-8")
    print(f"{version}.sql")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
