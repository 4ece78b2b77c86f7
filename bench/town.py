"""A territory of any size, written straight into the tables: people, patients, cases, tasks, what is stuck."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Table, text

from base.database import Database
from care.identity import patients
from care.identity.identity import Identity
from care.identity.tables import patient_word
from care.search import words
from care.tables import case, circle_member, commune, patient
from engine import chain
from engine.tables import NEVER, incident, run, task, task_candidate, token
from inbox.lists.tables import involvement
from pathways import catalogue, reminders
from pathways.context import Context
from pathways.library import read_folder
from pathways.tables import task_reminder
from people.tables import person, person_role

IN_CIRCLE = ("medecin_traitant", "ide_liberale", "pharmacien_officine")
ROLES = (*IN_CIRCLE, "kinesitherapeute", "coordinateur")
PATIENTS_EACH, CASES_EACH, TASKS_OPEN, TASKS_DONE = 250, 2, 2, 4
"""Patients for each professional, open cases for each patient, tasks for each open and each finished case."""
UNATTENDED, ASSIGNED, UNDATED = 0.1, 0.05, 0.2
"""How many patients have no such professional, and tasks are in somebody's hands already, or have no deadline."""
COMMUNES = ("Yssingeaux", "Beauzac", "Tence", "Retournac", "Monistrol", "Montfaucon", "Lapte", "Araules")
AT_ONCE = 20_000
PATHWAY, STEPS = "trois-taches", ("premiere", "deuxieme", "troisieme", "troisieme")
FOLDER = Path(__file__).parent / PATHWAY
STUCK = 400
"""One open case of so many is stuck."""


@dataclass(frozen=True)
class Size:
    """How many tasks are finished and how many are open."""

    finished: int
    open: int


class Town:
    """Everybody and everything of one size; the same size is the same town."""

    def __init__(self, context: Context, size: Size) -> None:
        self.context, self.size, self.dice = context, size, random.Random(size.finished)
        self.now = context.clock.now()
        self.patients = max(size.open // (CASES_EACH * TASKS_OPEN), 1)
        each = max(self.patients // PATIENTS_EACH, 1)
        self.people = {role: [f"p-{role[:8]}-{n}" for n in range(each)] for role in ROLES}
        self.circles: list[dict[str, str]] = []
        self.digest = ""

    def build(self) -> None:
        database, tenant = self.context.database, self.context.tenant
        with database.begin() as session:
            catalogue.publish(session, self.context, read_folder(FOLDER), "banc", "")
            self.digest = catalogue.published(session, tenant, PATHWAY).digest
        for table, rows in (
            (person, self._people()), (person_role, self._roles()), (patient, self._patients()),
            (patient_word, self._words()), (commune, ({"name": name} for name in COMMUNES)),
            (circle_member, self._circles()), (case, self._cases()), (run, self._runs()), (task, self._tasks()),
            (task_candidate, self._offers()), (task_reminder, self._reminders()), (token, self._tokens()),
            (incident, self._incidents()), (involvement, self._involved()),
        ):  # fmt: skip
            pour(database, table, ({"tenant": tenant, **row} for row in rows))
        with database.begin() as session:
            session.execute(text("ANALYZE"))

    def _people(self) -> Iterator[dict[str, Any]]:
        empty = dict.fromkeys(("title", "profession_code", "profession_name", "phone", "email"), "")
        for role, ids in self.people.items():
            for one in ids:
                yield {
                    "id": one,
                    "family_name": f"DEMO-{one}",
                    "given_name": role,
                    "active": True,
                    "rpps": None,
                    **empty,
                }

    def _roles(self) -> Iterator[dict[str, Any]]:
        return ({"person": one, "role": role} for role, ids in self.people.items() for one in ids)

    def _patients(self) -> Iterator[dict[str, Any]]:
        vault = self.context.vault
        for n in range(self.patients):
            identity = self._identity(n)
            sealed = vault.seal_bytes(orjson.dumps(asdict(identity)), f"patient.identity:a{n}")
            yield {
                "id": f"a{n}", "identity": sealed, "status": "VALI", "ins_blind": None,
                "traits_blind": patients.traits_blind(vault, identity), "created_at": self.now,
            }  # fmt: skip

    def _identity(self, n: int) -> Identity:
        """Each of one commune, found by a number of their own."""
        town = COMMUNES[n % len(COMMUNES)]
        names = (f"PAT-{n}", ("Dominique",), "F", date(1950, 1, 1) + timedelta(days=n))
        return Identity(*names, adresse=f"{n % 90} rue du Banc, 43200 {town}")

    def _words(self) -> Iterator[dict[str, Any]]:
        blind = cache(lambda word: self.context.vault.blind(word, words.KIND))
        for n in range(self.patients):
            for found in {blind(word) for word in words.words_of(self._identity(n))}:
                yield {"word_blind": found, "patient": f"a{n}"}

    def _circles(self) -> Iterator[dict[str, Any]]:
        for n in range(self.patients):
            members = {
                role: self.dice.choice(self.people[role]) for role in IN_CIRCLE if self.dice.random() > UNATTENDED
            }
            self.circles.append(members)
            for role, one in members.items():
                yield {
                    "id": f"{n}-{role[:3]}", "patient": f"a{n}", "person": one, "role": role, "since": self.now,
                    "until": None, "basis": "banc",
                }  # fmt: skip

    def numbers(self) -> Iterator[tuple[str, int, bool, datetime]]:
        """Every case: its id, whose it is, whether it is open, and when it began."""
        still, over = self.size.open // TASKS_OPEN, self.size.finished // TASKS_DONE
        for n in range(over + still):
            is_open = n >= over
            began = self.now - timedelta(minutes=n - over) if is_open else self.now - timedelta(minutes=40_000 + n)
            yield f"c{n}", n % self.patients, is_open, began

    def _cases(self) -> Iterator[dict[str, Any]]:
        for key, whose, is_open, began in self.numbers():
            yield {
                "id": key, "patient": f"a{whose}", "pathway": PATHWAY, "pathway_version": 1, "title": "Trois tâches",
                "partner": None, "venue_blind": None, "venue": None, "opened_at": began,
                "closed_at": None if is_open else began, "outcome": None if is_open else "Terminé",
            }  # fmt: skip

    def _runs(self) -> Iterator[dict[str, Any]]:
        for key, _, is_open, began in self.numbers():
            yield {
                "id": key, "definition": self.digest, "process": "trois_taches", "version": 1,
                "state": "active" if is_open else "completed",
                "end_state": None, "seq": 9, "ticks": 9, "entries": 9, "chain": chain.START, "started_at": began,
                "started_by": "banc", "ended_at": None if is_open else began, "due_at": None,
            }  # fmt: skip

    def tasks(self) -> Iterator[dict[str, Any]]:
        dice = random.Random(self.size.open)
        for key, whose, is_open, began in self.numbers():
            for n in range(TASKS_OPEN if is_open else TASKS_DONE):
                role = ROLES[(whose + n) % len(ROLES)]
                holder = self.circles[whose].get(role)
                answered = holder or self.people[role][whose % len(self.people[role])]
                due = None if dice.random() < UNDATED else self.now + timedelta(minutes=dice.randint(-3_000, 9_000))
                yield {
                    "id": f"{key}-{n}", "run": key, "token": n, "definition": self.digest, "process": "trois_taches",
                    "element": STEPS[n],
                    "name": "Visite" if n else "Appel", "lane": None, "role": role,
                    "assignee": holder if is_open and dice.random() < ASSIGNED else None, "form": None,
                    "priority": dice.choice((50, 50, 60, 80)), "created_at": began, "due_at": due, "follow_up_at": None,
                    "state": "open" if is_open else "completed", "completed_at": None if is_open else began,
                    "completed_by": None if is_open else answered, "outcome": None,
                }  # fmt: skip

    _tasks = tasks

    def _involved(self) -> Iterator[dict[str, Any]]:
        """Who answered in the finished cases; of the open ones the database noted who holds what."""
        finished = (one for one in self.tasks() if one["completed_by"])
        for key, some in groupby(finished, itemgetter("run")):
            answered = {one["completed_by"]: one["completed_at"] for one in some}
            yield from ({"person": who, "run": key, "closed_at": ended} for who, ended in answered.items())

    def _tokens(self) -> Iterator[dict[str, Any]]:
        for key, _, is_open, began in self.numbers():
            for n in range(TASKS_OPEN if is_open else 0):
                yield {
                    "run": key, "id": n, "scope": 0, "parent": None, "element": STEPS[n], "state": 0, "place": n,
                    "since": began, "notes": None,
                }  # fmt: skip

    def _incidents(self) -> Iterator[dict[str, Any]]:
        still = (one for one in self.numbers() if one[2])
        for key, _, _, began in islice(still, 0, None, STUCK):
            yield {
                "id": f"{key}-i", "run": key, "token": 0, "element": STEPS[0], "kind": "expression",
                "message": "une valeur manque", "detail": "", "created_at": began, "state": "open",
            }  # fmt: skip

    def _offers(self) -> Iterator[dict[str, Any]]:
        for one in self.tasks():
            yield {
                "task": one["id"], "run": one["run"], "kind": "role", "value": one["role"],
                "open": one["state"] == "open",
                "due_at": one["due_at"] or NEVER, "rank": -one["priority"],
            }  # fmt: skip

    def _reminders(self) -> Iterator[dict[str, Any]]:
        """Every open task was told of, as by a worker that has run all the while."""
        at = self.now + reminders.LOOK_AGAIN
        return ({"task": one["id"], "step": reminders.LOOK, "at": at} for one in self.tasks() if one["state"] == "open")


def pour(database: Database, table: Table, rows: Iterator[Mapping[str, Any]]) -> None:
    """As fast as the database takes them: COPY, or one statement for many rows."""
    names = [column.name for column in table.columns]
    with database.begin() as session:
        columns = ", ".join(f'"{name}"' for name in names)
        driver: Any = session.connection().connection.driver_connection
        if not database.is_sqlite:
            with driver.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row([row.get(name) for name in names])
            return
        marks = ", ".join("?" for _ in names)
        while some := [tuple(_plain(row.get(name)) for name in names) for row in islice(rows, AT_ONCE)]:
            driver.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', some)  # noqa: S608


def _plain(value: Any) -> Any:
    """As the columns of SQLite keep it."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
