"""A CPTS before a real server: its people, a partner hospital that listens, the pathways, what waits for whom."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import func, select

from base.jobs.tables import RUNNING
from care.identity.patients import patients
from care.tables import case
from care.tables import patient as patient_rows
from engine.pictures import Entry
from engine.tables import run, timer
from jalon.demo import load, sign_ins
from jalon.demo.discharges import Discharge, message
from pathways.context import Context, build
from tests.support.keys import WEBHOOK_SECRET
from tests.support.partner import Partner
from tests.support.patience import eventually
from tests.support.server import Server
from tests.support.visitor import Visitor
from webhooks import partners

HOSPITAL = "ch-du-gier-demo"


@dataclass
class Town:
    """One CPTS on one database; `context` looks at the same rows as the server does."""

    server: Server
    hospital: Partner
    context: Context
    visitors: dict[str, Visitor] = field(default_factory=dict)
    receipts: list[str] = field(default_factory=list)

    def welcome_hospital(self) -> None:
        """The hospital with its secret and its callback address: the last one to come, for its address is new."""
        with self.context.database.begin() as session:
            _, _, self.callback_secret = partners.add(
                session, self.context, key=HOSPITAL, name="CH du Gier (démo)", callback_url=self.hospital.callback_url,
                secret=WEBHOOK_SECRET,
            )  # fmt: skip

    def visitor(self, name: str) -> Visitor:
        """The person of that sign-in, signed in anew when the session has grown old with the simulated clock."""
        known = self.visitors.get(name)
        if known is None or known.client.get("/api/session").status_code != 200:
            if known is not None:
                known.close()
            self.visitors[name] = Visitor(self.server.url, f"{name}@loire-sucs.test", sign_ins.PASSWORD)
        return self.visitors[name]

    def discharge(self, story: Discharge, message_id: str, venue: str) -> httpx.Response:
        """The hospital posts a discharge of now."""
        return self.hospital.post(message(story, self.server.clock.now(), message_id, venue), message_id=message_id)

    def processed(self, response: httpx.Response) -> dict[str, Any]:
        """What the hospital reads at the `Location` once the message has taken effect."""

        def look() -> dict[str, Any] | None:
            said = self.hospital.look(response.headers["location"])
            assert said.status_code == 200, said.text
            self.receipts.append(said.text)
            return said.json() if said.json()["state"] in ("done", "refused", "failed") else None

        try:
            return eventually(look, "the message was not processed")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.server.log()}") from error

    def task(self, who: str, title: str) -> dict[str, Any]:
        """The open task of that title which a person sees; waits until it is there."""

        def look() -> dict[str, Any] | None:
            rows = self.visitor(who).all_tasks()
            return next((row for row in rows if row["title"] == title), None)

        return eventually(look, f"{who} sees no task « {title} »")

    def titles(self, who: str) -> list[str]:
        return sorted(row["title"] for row in self.visitor(who).all_tasks())

    def answer(self, who: str, title: str, **said: Any) -> str:
        """Answer through the task's page: what is said, and any plausible value for what else is required."""
        visitor = self.visitor(who)
        task: str = self.task(who, title)["id"]
        detail = visitor.client.get(f"/api/tasks/{task}").json()
        response = visitor.answer(task, filled(detail["fields"], said, self.server.clock.now()))
        assert response.status_code == 303, f"{title}: {response.status_code} {_faults(response.text)}"
        return task

    def happened(self, case_id: str, element: str, *, times: int = 1) -> None:
        """Wait until an element of the case has completed so many times; more is a failure."""

        def look() -> bool | None:
            done = [
                entry
                for entry in self.history(case_id)
                if entry.element == element and entry.kind == "element_completed"
            ]
            assert len(done) <= times, f"{element} happened {len(done)} times"
            return len(done) == times or None

        eventually(look, f"{element} did not happen {times} times")

    def ends(self, case_id: str, state: str) -> None:
        """Wait until the case has ended, and in that state."""
        found = eventually(lambda: self.end_of(case_id), f"the case has not ended: {state}")
        assert found == state

    def end_of(self, case_id: str) -> str | None:
        with self.context.database.read() as session:
            return self.context.engine.look(session, case_id).end_state

    def quiet(self) -> None:
        """Wait until the server has done everything that is due now: no due timer, no ready job, no running one."""

        def look() -> bool | None:
            now = self.server.clock.now()
            with self.context.database.read() as session:
                timers = session.scalar(select(func.count()).select_from(timer).where(timer.c.due_at <= now))
                first, queue = self.context.queue.first_due(session), self.context.queue.counts(session)
                is_due = first is not None and first <= now
                return None if timers or is_due or queue.get(RUNNING) else True

        eventually(look, "the server does not come to rest")

    def cases(self) -> list[str]:
        with self.context.database.read() as session:
            return list(session.scalars(select(case.c.id)))

    def history(self, case_id: str) -> list[Entry]:
        with self.context.database.read() as session:
            return self.context.engine.history(session, case_id)

    def replays(self) -> None:
        """Whatever happened to a case, its journal is enough to build it again."""
        with self.context.database.read() as session:
            for case_id in session.scalars(select(run.c.id)):
                replay = self.context.engine.replay(session, case_id)
                assert list(replay.inputs()), case_id
                assert replay.difference is None, case_id
                assert self.context.engine.unlike(session, replay) is None, case_id

    def keeps_quiet(self) -> None:
        """Who the patients are stands in no line of the log, in no call to the hospital, in no receipt of a message."""
        with self.context.database.read() as session:
            known = patients(session, self.context.vault, set(session.scalars(select(patient_rows.c.id)))).values()
        calls = [call.body.decode() for call in self.hospital.callbacks()]
        said = "\n".join([self.server.log(), *calls, *self.receipts])
        for identity in (one.identity for one in known):
            traits = (identity.family_name, identity.ins, identity.tel, identity.adresse)
            assert not [trait for trait in traits if trait and trait in said]

    def advance(self, **by: float) -> datetime:
        """Let time pass on the clock that everybody shares."""
        return self.server.advance(timedelta(**by))

    def close(self) -> None:
        for visitor in self.visitors.values():
            visitor.close()
        self.context.database.dispose()


def settle(server: Server) -> None:
    """What every town has before the hospital comes: the schema, people with their accounts, all pathways."""
    server.prepare()
    context = build(server.settings)
    with context.database.begin() as session:
        load.add_people(session, context)
        load.publish_pathways(session, context)
    context.database.dispose()


def filled(fields: list[dict[str, Any]], said: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Every box of a form: what is said, what stands there already, else a plausible value where one is required."""
    boxes = {one["key"]: said.get(one["key"], one["value"] or _plausible(one, now)) for one in fields}
    return {key: value for key, value in {**boxes, **said}.items() if value not in ("", None, [])}


def _faults(page: str) -> list[str]:
    """What the page says of each field, or its title when it is another page."""
    return re.findall(r'id="([^"]+)-e">.*?</svg>([^<]+)', page) or re.findall(r"<title>([^<]+)", page)


def _plausible(one: dict[str, Any], now: datetime) -> Any:
    if not one["required"]:
        return ""
    if one["options"]:
        return one["options"][0]["value"]
    return {"number": "1", "date": now.date().isoformat(), "datetime": now.date().isoformat()}.get(one["kind"], "RAS")
