"""The demo in a real server on a Tuesday at ten, some of its tasks late, and whoever signs in."""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from base.ids import new_id
from base.jobs.tables import DEAD, job
from engine.tables import outbox
from jalon.demo import load, sign_ins
from jalon.demo.discharges import drawn_discharge, message
from pathways import catalogue
from pathways.context import Context, build
from tests.support.browser import DESK, page_of
from tests.support.partner import Partner
from tests.support.patience import eventually
from tests.support.server import Server, running
from tests.support.town import HOSPITAL
from tests.support.visitor import Visitor
from webhooks import partners

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
COOKIE = "jalon_session"


@dataclass
class Demo:
    """A running server with the demo in it, and the people who have signed in."""

    server: Server
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url

    def visitor(self, login: str) -> Visitor:
        """Somebody signed in over plain HTTP, once for the module."""
        if login not in self.visitors:
            self.visitors[login] = Visitor(self.url, f"{login}@loire-sucs.test", sign_ins.PASSWORD)
        return self.visitors[login]

    def task(self, login: str, title: str = "", *, late: bool = False) -> dict[str, Any]:
        """The first open task of that title in the list of that person; waits until it is there."""

        def look() -> dict[str, Any] | None:
            rows = self.visitor(login).tasks("retard") if late else self.visitor(login).all_tasks()
            return next((row for row in rows if title in ("", row["title"])), None)

        return eventually(look, f"{login} sees no task « {title} »")

    def address(self, login: str, title: str) -> str:
        """Where that task is answered."""
        return f"/taches/{self.task(login, title)['id']}"

    def hospital(self) -> Partner:
        """The demo's hospital, which knows the secret that it was given."""
        context = build(self.server.settings)
        with context.database.read() as session:
            now = context.clock.now()
            *_, secret = partners.secrets(session, context.vault, context.tenant, HOSPITAL, now)
        context.database.dispose()
        return Partner(self.url, HOSPITAL, self.server.clock, secret)

    def discharge(self, *, stroke: bool) -> str:
        """The hospital announces one more person; the id of the case that it opens."""
        hospital, now = self.hospital(), self.server.clock.now()
        key = f"msg-{new_id()}"
        posted = hospital.post(message(drawn_discharge(stroke=stroke), now, key, f"VN-{key[-8:]}"), message_id=key)
        done = eventually(lambda: settled(hospital, posted.headers["location"]), "the message was not processed")
        return str(done["case"])

    @contextlib.contextmanager
    def beneath(self) -> Iterator[tuple[Context, Session]]:
        """The demo's rows, without its doors."""
        context = build(self.server.settings)
        with context.database.begin() as session:
            yield context, session
        context.database.dispose()

    def republish(self, key: str, *, name: str, anew: str) -> None:
        """Publish a pathway with another name for one of its steps; once for all who ask."""
        with self.beneath() as (context, session):
            package = catalogue.draft(session, context.tenant, key)
            drawn = package.files[package.diagram].decode().replace(f'name="{name}"', f'name="{anew}"')
            files = {**package.files, package.diagram: drawn.encode()}
            catalogue.publish(session, context, replace(package, files=files), "essai", f"Un autre nom : {anew}")

    def fail(self) -> None:
        """Work of a case that has failed for good, and work of no case."""
        with self.beneath() as (context, session):
            thrown = session.scalars(select(outbox.c.id).order_by(outbox.c.id)).first()
            later = context.clock.now() + timedelta(days=900)
            for kind, payload in (("message.route", {"outbox": thrown or ""}), ("directory.write", {"import": "x"})):
                asked = context.queue.enqueue(session, kind, payload, run_at=later)
                why = "not-found: L’élément demandé n’existe plus."
                session.execute(update(job).where(job.c.id == asked).values(state=DEAD, error=why, attempt=12))

    @contextlib.contextmanager
    def page(self, chromium: Browser, login: str, width: int = DESK) -> Iterator[Page]:
        """A browser session of somebody who has signed in already."""
        with page_of(chromium, self.url, width) as page:
            token = self.visitor(login).client.cookies[COOKIE]
            page.context.add_cookies([{"name": COOKIE, "value": token, "url": self.url}])
            yield page


def settled(hospital: Partner, location: str) -> dict[str, Any] | None:
    """What became of a message, once it has taken effect."""
    answer = hospital.look(location)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said if said["state"] in ("done", "refused", "failed") else None


def choose(page: Page, question: str, choice: str) -> None:
    """Press one of a question's choices."""
    page.get_by_role("group", name=question).get_by_label(choice, exact=True).check()


@contextlib.contextmanager
def living(folder: Path, template: Path) -> Iterator[Demo]:
    """`jalon up` on a copy of the demo's database; its clock stands still at `NOW`."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    server = _server(folder)
    with running(server):
        demo = Demo(server)
        yield demo
        for visitor in demo.visitors.values():
            visitor.close()


def demo_template(shared: Path) -> Path:
    """A folder with the demo's database: made by the first test process that asks, the others wait for it."""
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (template := shared / "demo").exists():
            _load(shared / "making")
            (shared / "making").rename(template)
        return template


def _load(folder: Path) -> None:
    folder.mkdir()
    server = _server(folder)
    server.prepare()
    context = build(server.settings)
    load.load(context, lambda _words: None)
    context.database.dispose()


def _server(folder: Path) -> Server:
    return Server(folder, f"sqlite:///{folder / 'jalon.db'}", NOW, command=("up",))
