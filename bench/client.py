"""One client in a process of its own: plays the hospital, then the patients' own doctor, over connections kept open."""

import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode, urlsplit

from jalon.demo import MAIL_DOMAIN, sign_ins
from jalon.demo.discharges import STORIES, message
from tests.support.partner import Partner
from tests.support.visitor import Visitor

PARTNER = "banc"
DOCTORS = (1, 2, 13, 14, 15, 16, 17, 18)
"""Each client is a doctor of its own: two would answer each other's tasks."""
NEXT_TASK = re.compile(r"/taches/(\w+)")
ANSWER = {"systolique": "142", "commentaire": "RAS", "suite": "poursuivre"}
STARTING = {"clinique": {"pa_sys": 142}, "motif": "Suivi"}
TRAITS = {"prenom": "Camille", "naissance": "1951-04-02", "sexe": "F"}
OWN_PATIENTS = 50
LOOK_SECONDS = 0.004


@dataclass
class Played:
    """What one client did: whole cases, in how many seconds, its own processor's, and its milliseconds by name."""

    cases: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    milliseconds: list[tuple[str, float]] = field(default_factory=list)

    def add(self, name: str, began: float) -> None:
        self.milliseconds.append((name, (time.perf_counter() - began) * 1000))


def play_side_by_side(url: str, clients: int, seconds: float, turn: int, way: str = "webhook") -> list[Played]:
    """Clients that begin at the same moment, each in its own process: none waits for another's Python."""
    spawn = get_context("spawn")
    ends = [spawn.Pipe() for _ in range(clients)]
    processes = [
        spawn.Process(target=_play, args=(theirs, url, rank, seconds, f"{turn:03d}{rank:02d}", way), daemon=True)
        for rank, (_, theirs) in enumerate(ends)
    ]
    for process in processes:
        process.start()
    for _, theirs in ends:
        theirs.close()  # ours would keep it open after a client died
    ours = [end for end, _ in ends]
    for end in ours:
        end.recv()  # signed in
    for end in ours:
        end.send("begin")
    played: list[Played] = [end.recv() for end in ours]
    for process in processes:
        process.join()
    return played


def _play(end: Connection, url: str, rank: int, seconds: float, prefix: str, way: str) -> None:
    client, played = Client(url, rank), Played()
    case = client.case if way == "webhook" else client.own_case
    end.send("ready")
    end.recv()
    began, before = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        case(f"{prefix}{played.cases:06d}", played)
        played.cases += 1
    played.seconds, played.processor = time.perf_counter() - began, time.process_time() - before
    end.send(played)


class Line:
    """One connection kept open, as thin as it can be: what is timed is the server, whose cores the clients share."""

    def __init__(self, url: str) -> None:
        split = urlsplit(url)
        self.host = split.netloc
        self.socket = socket.create_connection((split.hostname or "", split.port or 80), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb")

    def close(self) -> None:
        self.answers.close()
        self.socket.close()

    def post(self, path: str, body: str, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        """The status, the `Location` and the body of the answer."""
        return self._ask("POST", path, body.encode(), headers)

    def get(self, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        status, _, body = self._ask("GET", path, b"", headers)
        said: dict[str, Any] = json.loads(body)
        if status != 200:
            raise AssertionError(f"{status} for {path}: {said}")
        return said

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        said = {"Host": self.host, "Content-Length": str(len(body)), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        status = int(self.answers.readline().split(None, 2)[1])
        lines = iter(self.answers.readline, b"\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        content = self.answers.read(int(found[b"content-length"]))
        return status, found.get(b"location", b"").decode(), content


class Client:
    """The hospital that sends the patients of one doctor, and that doctor, signed in."""

    def __init__(self, url: str, rank: int) -> None:
        self.number = DOCTORS[rank]
        doctor = Visitor(url, login(self.number), sign_ins.PASSWORD)
        self.csrf = doctor.client.get("/api/session").json()["csrf"]
        self.cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in doctor.client.cookies.items())}
        self.form = {"content-type": "application/x-www-form-urlencoded", **self.cookie}
        doctor.close()
        self.hospital = Partner(url, PARTNER, _Now())
        self.line = Line(url)

    def case(self, number: str, played: Played) -> None:
        began = time.perf_counter()
        location = self._post(number)
        played.add("post_to_202", began)
        case = self._case_of(location)
        task = self._open_task(case)
        played.add("post_to_task", began)
        self._answer(task, played)

    def own_case(self, number: str, played: Played) -> None:
        """The doctor begins the case: of 50 persons in turn, new at first, then known by their traits."""
        began = time.perf_counter()
        task = self._begin(number, played.cases % OWN_PATIENTS)
        played.add("start", began)
        self._answer(task, played)

    def _answer(self, task: str | None, played: Played) -> None:
        for _ in range(3):
            if task is None:
                raise AssertionError("the case ended too soon")
            began = time.perf_counter()
            task = self._complete(task)
            played.add("completion", began)

    def _begin(self, number: str, person: int) -> str | None:
        identity = {
            "nom": f"PAT-BANC-{self.number}-{person}",
            "prenom": "Camille",
            "naissance": "1951-04-02",
            "sexe": "F",
        }
        wanted = {"pathway": "trois-taches", "identity": identity, "role": "medecin_traitant", "answers": STARTING}
        headers = {"content-type": "application/json", "idempotency-key": number, "x-csrf-token": self.csrf}
        status, _, said = self.line.post("/api/cases", json.dumps(wanted), headers | self.cookie)
        if status != 201:
            raise AssertionError(f"{status} for the start {number}: {said!r}")
        task: str | None = json.loads(said)["task"]
        return task

    def _post(self, number: str) -> str:
        person = replace(
            STORIES[0], family_name=f"PAT-BANC-{number}", status="PROV", diagnoses=("Z00",), doctor=self.number
        )
        body = json.dumps(message(person, datetime.now(UTC), f"banc-{number}", f"B{number}"), ensure_ascii=False)
        headers = {"content-type": "application/json", **self.hospital.sign(f"banc-{number}", body)}
        status, location, _ = self.line.post(f"/webhooks/{PARTNER}/events", body, headers)
        if status != 202:
            raise AssertionError(f"{status} for the message {number}")
        return location

    def _case_of(self, location: str) -> str:
        """Ask the status until the case is there, as the hospital would, only more often."""
        while True:
            time.sleep(LOOK_SECONDS)
            said = self.line.get(location, self.hospital.sign("look", ""))
            if said["state"] in ("refused", "failed"):
                raise AssertionError(said)
            if said.get("case"):
                return str(said["case"])

    def _open_task(self, case: str) -> str | None:
        rows = self.line.get("/api/tasks?list=moi", self.cookie)["tasks"]
        found = (str(row["id"]) for row in rows if row["case"] == case)
        return next(found, None)

    def _complete(self, task: str) -> str | None:
        """Send the page's own form; the response leads to the next task of the list, if there is one."""
        status, location, _ = self.line.post(f"/taches/{task}", urlencode({"_csrf": self.csrf, **ANSWER}), self.form)
        if status != 303:
            raise AssertionError(f"{status} for the form of {task}")
        following = NEXT_TASK.search(location)
        return following[1] if following else None


def login(number: int) -> str:
    return f"banc{number}@{MAIL_DOMAIN}"


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)
