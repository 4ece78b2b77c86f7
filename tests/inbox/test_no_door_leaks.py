"""Planted words never come out of a door for whom the rules refuse them, in worlds drawn at random around one case.

Every page, every REST and FHIR resource and every form is asked, whatever it answers: a page, a refusal, a file.
"""

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import count

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.tables import task as tasks
from people import persons
from people.persons import Person
from tests.inbox.conftest import TENANT, Site
from tests.support import witness
from tests.support.rights_oracle import LEAD, RUNNING, Someone, Work, World
from tests.support.rights_rows import PROOF, REASON, Rows
from tests.support.rights_worlds import surroundings

PEOPLE = {
    "doctor": ("medecin_traitant",), "nurse": ("ide_liberale",), "pharmacist": ("pharmacien_officine",),
    "social": ("assistant_social",), "coordinator": ("coordinateur",), "admin": ("admin",), "lead": (LEAD,),
    "protection": ("dpo",), "both": ("pharmacien_officine", "medecin_traitant"),
}  # fmt: skip
"""Each lane; the last acts in the first of two roles."""
CARERS = frozenset({"doctor", "nurse", "pharmacist", "lead", "both"})
ASKED_ALL = ("coordinator", "protection")
"""Those who may read some of it: they ask every address there is, the others those of the case."""
WORLDS = int(os.environ.get("JALON_LEAK_WORLDS", "2"))
"""How many are drawn for the pages; a world in which many things were said comes second."""
EXPORTS = frozenset({"identities.take_out", "identities_api.export_patient"})
"""What the person may ask for (RGPD, art. 15): handed out by who answers for it, whatever the lanes say."""
NOT_READ = frozenset({"static", "live.stream"})
NOT_SENT = frozenset({
    "inbox.claim", "inbox.release", "inbox.recall", "inbox.take_back", "drafts.drop", "rights.close_emergency",
    "api.claim_task", "api.release_task", "task_api.recall_task", "task_api.take_back_task", "account.choose_role",
    "account.end_other_sessions", "admin.publish", "admin.discard", "admin_api.publish", "moving.move",
})  # fmt: skip
"""What acts without a word being said; and below the ways in, which ask for no session."""
WAYS_IN = ("sign_in.", "sign_in_steps.", "session_api.", "invitation.", "forgotten.", "forgotten_api.", "answer_link.")


class Town:
    """The case, and people of every lane, around whom a world is drawn."""

    def __init__(self, site: Site) -> None:
        self.site, self.world = site, World()
        self.people = {name: self._person(name, roles) for name, roles in PEOPLE.items()}
        named = {name: self.people[name] for name in ("nurse", "doctor", "coordinator")}
        self.case = witness.plant(site.context, **named)
        self.world.cases[self.case.id] = (self.case.patient, witness.KEY)
        self.clients: dict[str, FlaskClient] = {}

    def _person(self, name: str, roles: tuple[str, ...]) -> Person:
        with self.site.context.database.begin() as session:
            made = persons.add(
                session, TENANT, family_name=f"DEMO-{name.upper()}", given_name=name, roles=roles,
                profession_code="10" if name in CARERS else "", email=f"{name}@loire-sucs.test",
            )  # fmt: skip
        self.world.people[made.id] = Someone(made.id, {roles[0]}, name in CARERS, others=set(roles[1:]))
        return made

    def client(self, name: str) -> FlaskClient:
        """Signed in, in the one role in which they act."""
        if name not in self.clients:
            client = self.clients[name] = self.site.client(replace(self.people[name]))
            if len(PEOPLE[name]) > 1:
                chosen = client.post("/compte/role", data={"_csrf": client.csrf, "role": PEOPLE[name][0]})
                assert chosen.status_code == 303
        return self.clients[name]

    def surround(self, world: World, assignee: str | None = None) -> None:
        """Let the rows say this world, and nothing else."""
        world.tasks = [Work(self.case.task, self.case.id, {"medecin_traitant"}, assignee)]
        self.world, context = world, self.site.context
        with context.database.begin() as session:
            rows = Rows(session, context.vault, world, self.site.clock.now())
            rows.remove_all()
            rows.write_all()
            session.execute(update(tasks).where(tasks.c.id == self.case.task).values(assignee=assignee))

    def allowed(self, name: str) -> set[str]:
        """Which planted words this person may read somewhere."""
        one, world, case = self.world.people[self.people[name].id], self.world, self.case.id
        involved = name == "nurse" or any(world.sees_task(one, each) for each in world.tasks)
        seen = world.sees_of_case(one, case, involved=involved)
        if seen is None:
            return set()
        words = {witness.ANSWERS[category] for category in seen}
        words |= witness.IDENTITY | {witness.INS} if "identite" in seen else set()
        reads = world.reads_thread(one, case, involved=involved) or name == "nurse"
        words |= {witness.REMARK, witness.QUESTION, witness.FILE, witness.FILE_NAME} if reads else set()
        words |= {witness.QUESTION} if name == "coordinator" else set()
        words |= {witness.DRAFT} if name == "doctor" else set()
        words |= {PROOF} if world.keeps_rights(one, case) else set()
        return words | ({REASON} if one.roles & RUNNING else set())

    @property
    def known(self) -> dict[str, str]:
        """What stands in addresses."""
        case = self.case
        known = dict.fromkeys(("case", "case_id"), case.id) | dict.fromkeys(("task", "task_id"), case.task)
        known |= {"patient": case.patient, "patient_id": case.patient, "key": witness.KEY, "pathway": witness.KEY}
        return known | {"attachment_id": case.file, "name": "en-retard", "kind": "csv"}

    def rules(self, *methods: str) -> list[Rule]:
        found = self.site.app.url_map.iter_rules()
        return [one for one in found if set(methods) & (one.methods or set()) and one.arguments <= self.known.keys()]

    def address(self, rule: Rule, **other: str) -> str:
        adapter = self.site.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, {name: {**self.known, **other}[name] for name in rule.arguments})

    def pages(self, *, all_of_them: bool) -> list[str]:
        """Every address that answers to GET; or those of the case alone, and the lists in which it stands."""
        found = [
            self.address(rule)
            for rule in self.rules("GET")
            if rule.endpoint not in NOT_READ and (all_of_them or rule.arguments - {"key", "pathway", "name", "kind"})
        ]
        lists = [
            f"/taches?liste={tab}&parcours={witness.KEY}" for tab in ("moi", "roles", "retard", "faites", "suivies")
        ]
        programs = [f"/api/tasks?list={tab}" for tab in ("moi", "roles", "faites")] + ["/api/cases", "/dossiers"]
        fhir = [f"/fhir/CareTeam?patient={self.case.patient}", "/fhir/Task?status=requested,accepted,completed"]
        about = [
            f"/file-active/{witness.KEY}",
            "/pilotage",
            "/suivi?etat=bloques",
            f"/taches/{self.case.task}/autre/question",
        ]
        return sorted({*found, *lists, *programs, *fhir, *about})

    def forms(self) -> Iterator[tuple[str, str, str, dict[str, object]]]:
        """(endpoint, method, address, body) of all that is sent; most is refused, and says why."""
        said, seen = self.said(), set()
        for rule in self.rules("POST", "PUT"):
            if rule.endpoint in NOT_SENT or rule.endpoint.startswith(WAYS_IN):
                continue
            seen.add(rule.endpoint)
            method = "POST" if "POST" in (rule.methods or ()) else "PUT"
            for kind in ("csv", "xlsx") if "kind" in rule.arguments else ("",):
                address = self.address(rule, **({"kind": kind} if kind else {}))
                yield from ((rule.endpoint, method, address, body) for body in said.get(rule.endpoint, ({},)))
        assert said.keys() <= seen, "an address has another name now"

    def said(self) -> dict[str, tuple[dict[str, object], ...]]:
        """What is said where something must be, for an answer to have content."""
        search, task = ({"q": witness.SOUGHT},), self.case.task
        narrowed = {"q": witness.SOUGHT, "liste": "roles", "parcours": witness.KEY, "c.rep_clinique": "ZZCLINIQUEZZ"}
        agreed = {"portee": "all", "destinataires": "all", "finalite": "soins", "mode": "oral"}
        return {
            "lists.search": (*search, narrowed),
            "inbox.cases": search, "identities.results": search, "admin.search_runs": search,
            "list_api.search_tasks": search, "api.search_cases": search, "identities_api.search_patients": search,
            "identities.take_out": ({}, {"format": "json"}),
            "rights.keep_opposition": (agreed,),
            "lists.act": ({"geste": "confier", "tache": task}, {"geste": "completer", "tache": task}),
            "cockpit.act": ({"tache": task},),
            "list_api.act_on_tasks": ({"act": "complete", "tasks": [task]},),
        }  # fmt: skip

    def send(self, client: FlaskClient, method: str, address: str, body: dict[str, object]) -> TestResponse:
        if address.startswith("/api/"):
            return client.open(address, method=method, json=body, headers={"X-CSRF-Token": client.csrf})
        return client.open(address, method=method, data={**body, "_csrf": client.csrf})


@pytest.fixture
def town(site: Site) -> Town:
    return Town(site)


def in_worlds(town: Town, examples: int, check: Callable[[int], None]) -> None:
    """Draw worlds around the people of the town; the first is the barest."""
    empty, drawn = deepcopy(town.world), count()
    holders = (None, town.people["protection"].id, None, town.people["social"].id)

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(world=surroundings(empty))
    def in_one_world(world: World) -> None:
        n = next(drawn)
        town.surround(world, holders[n % len(holders)])
        check(n)

    in_one_world()


def check_quiet(answer: TestResponse, may: set[str], where: object) -> set[str]:
    """What an answer shows: nothing that the rules refuse, and nothing at all in an address."""
    assert answer.status_code < 500, where
    content = answer.get_data()
    shown = witness.found(content, dict(answer.headers))
    assert not shown - may, where
    assert not witness.linked(content, answer.headers.get("Location", "")), where
    return shown


def test_no_address_shows_a_planted_word_to_whom_the_rules_refuse_it(town: Town, capfd: pytest.CaptureFixture) -> None:
    """Of the case and of the lists in several worlds, and in one of them every address that answers to GET."""
    shown: set[str] = set()

    def ask(n: int) -> None:
        for name in PEOPLE if n else (*ASKED_ALL, "doctor"):
            client, may = town.client(name), town.allowed(name)
            for address in town.pages(all_of_them=n == 1 and name in ASKED_ALL):
                whole_number = {witness.INS} if not address.endswith("/ins") else set()
                answer = client.get(address, headers={"Accept": "*/*"})
                shown.update(check_quiet(answer, may - whole_number, (n, name, address, town.world)))

    in_worlds(town, WORLDS, ask)
    never = witness.PLANTED - shown - {witness.INS, witness.ANSWERS["identite"]}
    assert not never, "a word that nobody is shown was not planted"
    assert not witness.found("".join(capfd.readouterr()).encode()), "the log"


def test_no_form_answers_with_a_planted_word_to_whom_the_rules_refuse_it(
    town: Town, capfd: pytest.CaptureFixture
) -> None:
    """Searches, fragments of forms, refusals, sheets, the patient's own export; of each world another two people."""
    shown: set[str] = set()
    askers = {"sqlite": (("protection", "both"), ("coordinator", "lead")), "postgresql": (("admin", "lead"),)}
    senders = askers[town.site.context.database.engine.dialect.name]

    def send(n: int) -> None:
        world, assignee = deepcopy(town.world), town.world.tasks[0].assignee
        for name in senders[n % len(senders)]:  # now and then one more world is drawn
            client, may = town.client(name), town.allowed(name)
            for endpoint, method, address, body in town.forms():
                answer = town.send(client, method, address, body)
                own = set(witness.PLANTED) if endpoint in EXPORTS and name == "lead" else may
                said = {word for word in witness.PLANTED if word in str(body)}  # a filter repeats what it was asked
                shown.update(check_quiet(answer, own | said, (n, name, address, body, town.world)))
            town.surround(deepcopy(world), assignee)

    in_worlds(town, len(senders), send)
    assert {witness.NAME, witness.INS, witness.FILE, witness.ANSWERS["clinique"]} <= shown
    assert not witness.found("".join(capfd.readouterr()).encode()), "the log"
