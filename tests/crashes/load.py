"""Clients that never give up: a hospital and a doctor each, who send again whatever was not acknowledged."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from jalon.demo import sign_ins
from jalon.demo.discharges import STORIES, message
from tests.support import loopback
from tests.support.partner import Partner
from tests.support.patience import PATIENCE
from tests.support.visitor import Visitor

HOSPITAL = "banc"
DOCTORS = ("medecin", "medecin2")
ANSWER = {"systolique": "142", "commentaire": "RAS", "suite": "poursuivre"}
PAUSE = 0.05
AWAY = (httpx.TransportError,)


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Books:
    """What was acknowledged, by all clients together."""

    cases: dict[str, str] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    resent: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def steps(self) -> int:
        """How much was acknowledged so far."""
        return len(self.cases) + len(self.answered)


class Client(threading.Thread):
    """Whole cases, one after the other, until told to stop; the one in hand is finished first."""

    def __init__(self, url: str, books: Books, number: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self.url, self.books, self.number = url, books, number
        self.rank = number % len(DOCTORS)
        self.hospital = Partner(url, HOSPITAL, Now())
        self.stopping = threading.Event()
        self.visitor: Visitor | None = None

    def run(self) -> None:
        count = 0
        try:
            while not self.stopping.is_set():
                count += 1
                self.case(f"c{self.number}-{count}")
        except Exception as error:  # noqa: BLE001  # told by the test, which runs in another thread
            self.books.faults.append(f"{self.name}: {type(error).__name__}: {error}")
        finally:
            if self.visitor is not None:
                self.visitor.close()

    def case(self, name: str) -> None:
        location = self.insist(lambda: self.post(name), f"post {name}")
        case = self.insist(lambda: self.case_of(location), f"case of {name}")
        with self.books.lock:
            self.books.cases[name] = case
        for _ in range(3):
            task = self.insist(lambda: self.open_task(case), f"task of {case}")
            self.insist(lambda t=task: self.answer(t, case), f"answer {task}")

    def insist(self, act: Callable[[], Any], what: str) -> Any:
        """Again and again until it gives something, as a patient person would."""
        end = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < end:
            try:
                found = act()
            except AWAY:
                found = None
            if found:
                return found
            time.sleep(PAUSE)
        raise AssertionError(f"nothing came of: {what}")

    def post(self, name: str) -> str | None:
        person = replace(STORIES[0], family_name=f"PAT-{name}", status="PROV", diagnoses=("Z00",), doctor=self.rank + 1)
        body = json.dumps(message(person, SENT, name, f"V-{name}"), ensure_ascii=False)
        headers = {"content-type": "application/json", **self.hospital.sign(name, body)}
        address = f"{self.url}/webhooks/{HOSPITAL}/events"
        answer = loopback.post(address, content=body.encode(), headers=headers)
        return str(answer.headers["location"]) if self.is_taken(answer, 202) else None

    def case_of(self, location: str) -> str | None:
        answer = self.hospital.look(location)
        if not self.is_taken(answer, 200):
            return None
        said = answer.json()
        assert said["state"] not in ("refused", "failed"), said
        return said.get("case")

    def signed_in(self) -> Visitor:
        if self.visitor is None:
            login = f"{DOCTORS[self.rank]}@loire-sucs.test"
            try:
                self.visitor = Visitor(self.url, login, sign_ins.PASSWORD)
            except AssertionError as error:  # the server went away in the middle
                raise httpx.TransportError(str(error)) from error
        return self.visitor

    def token(self) -> str:
        """What proves that a form came from a page of this session."""
        answer = self.signed_in().client.get("/api/session")
        if answer.status_code != 200:
            raise httpx.TransportError("away")
        return str(answer.json()["csrf"])

    def open_task(self, case: str) -> str | None:
        answer = self.signed_in().client.get("/api/tasks", params={"list": "moi"})
        if not self.is_taken(answer, 200):
            return None
        return next((str(row["id"]) for row in answer.json()["tasks"] if row["case"] == case), None)

    def answer(self, task: str, case: str) -> bool:
        """True once it is taken: now, or by an earlier try whose answer was lost on the way."""
        form = {"_csrf": self.token(), **ANSWER}
        answer = self.signed_in().client.post(f"/taches/{task}", data=form)
        if answer.status_code == 409 and "a répondu" in answer.text:
            self.books.resent += 1
        elif not self.is_taken(answer, 303):
            return False
        with self.books.lock:
            self.books.answered[task] = case
        return True

    @staticmethod
    def is_taken(answer: httpx.Response, wanted: int) -> bool:
        """Away for the moment (5xx) is no answer; anything else unexpected is a fault."""
        if answer.status_code >= 500:
            return False
        assert answer.status_code == wanted, f"{answer.request.url}: {answer.status_code} {strip(answer.text)}"
        return True


SENT = datetime.now(UTC)
"""The same event sent again is the same to the byte."""


def strip(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))[:300]
