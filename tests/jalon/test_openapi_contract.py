"""Random calls of everything that the OpenAPI document describes, as different people: it answers as it says it does.

`CONTRACT_DATABASES=sqlite,postgresql CONTRACT_EXAMPLES=50` tries more.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as bounded
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import break_glass
from people import persons
from people.directory import groups, structures
from people.directory.structures import Structure
from people.persons import Person
from tests.inbox.conftest import TENANT, Site, make_site
from tests.support.french import english_for_programs


def refused_in_french(_context: Any, response: Any, _case: Any) -> None:
    """What a refusal says of each field is for people."""
    if response.headers.get("content-type") == ["application/problem+json"]:
        told = response.json()
        said = [told["title"], told["detail"], *told.get("fields", {}).values()]
        assert [one for one in said if english_for_programs(one)] == []


EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "2"))
DATABASES = os.environ.get("CONTRACT_DATABASES", "sqlite").split(",")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    refused_in_french,
]
MET = {
    "nobody": {204, 401, 404},
    "doctor": {200, 201, 204, 403, 404, 422},
    "coordinator": {200, 201, 204, 403, 404, 409, 422},
    "admin": {200, 201, 204, 403, 404, 422},
}
"""What each must at least have been answered."""
LEAVES = {("DELETE", "/api/session")}
"""What would end the visit of whoever is signed in."""
NAMED = ("person", "to", "delegate", "substitute", "taker", "kept", "gone", "patient", "other")
"""The fields of a body that name a person or a patient."""


class World:
    """A case in the middle of its pathway, and a little of everything that an address may name."""

    def __init__(self, site: Site) -> None:
        self.site = site
        case = site.open_case()
        site.visit(case)
        with site.context.database.begin() as session:
            mine = (session, site.context.vault, site.clock)
            patient = cases.case(session, case).patient
            known = patients.patient(session, site.context.vault, patient).identity
            twin = patients.admit(
                *mine, TENANT, Identity(known.nom_naissance, ("Dominiqe",), "F", known.date_naissance), "PROV"
            )
            access = break_glass.begin(
                session, mine[1], mine[2], site.colleague, case, "Malaise, seule", vital=False, over_opposition=False
            )
            group = groups.add(session, TENANT, name="AVC", kind="groupe")
            home = structures.save(session, TENANT, Structure("", "Ehpad du Lizieux", "ehpad"))
            self.admin = _operator(session)
        self.patients = [patient, twin.id]
        self.people = [site.doctor.id, site.nurse.id, site.colleague.id]
        self.known = {
            "task_id": [site.task(case)], "case_id": [case], "case": [case], "key": ["suites"],
            "person_id": self.people, "patient_id": self.patients, "access_id": [access], "group_id": [group],
            "structure_id": [home.id], "profession_code": ["10", "60"], "kind": ["consent", "opposition"],
        }  # fmt: skip
        self.callers = {who: Caller(site, self.person(who)) for who in MET}

    def person(self, who: str) -> Person | None:
        return {"doctor": self.site.doctor, "coordinator": self.site.coordinator, "admin": self.admin}.get(who)

    def operations(self) -> Iterator[Any]:
        schema = schemathesis.openapi.from_wsgi("/api/openapi.json", self.site.app)
        schema.config.generation.codec = None  # every character that UTF-8 writes, without trying them all first
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            yield found.ok()

    def pointed(self, case: Any, dice: Any) -> None:
        """Most of the calls name what exists, else everything would be answered « not found »."""
        for name in case.path_parameters or {}:
            if name in self.known and dice.random() < 0.7:
                case.path_parameters[name] = dice.choice(self.known[name])
        if isinstance(case.body, dict):
            for name in case.body.keys() & set(NAMED):
                if dice.random() < 0.5:
                    case.body[name] = dice.choice([*self.people, *self.patients])


class Caller:
    """Somebody, signed in or not."""

    def __init__(self, site: Site, person: Person | None) -> None:
        client = site.client(person)
        cookie = client.get_cookie("jalon_session")
        self.headers = {} if person is None else {"X-CSRF-Token": client.csrf}
        self.cookies = {} if cookie is None else {"jalon_session": cookie.value}
        assert bool(self.cookies) == (person is not None)
        self.answered: set[int] = set()

    def call(self, case: Any) -> None:
        if not self.headers or (case.operation.method.upper(), case.operation.path) not in LEAVES:
            said = {"headers": dict(self.headers), "cookies": dict(self.cookies)}
            self.answered.add(case.call_and_validate(**said, checks=CHECKS).status_code)


def _operator(session: Any) -> Person:
    names = {"family_name": "DEMO-RUBIN", "given_name": "Ada", "email": "ada@loire-sucs.test"}
    roles = ["admin", "coordonnateur_medical"]
    return persons.add(session, TENANT, title="", profession_code="", roles=roles, **names)


def calls(operation: Any) -> strategies.SearchStrategy[Any]:
    """As they are described, and, where something is sent, as they must not be."""
    right = operation.as_strategy()
    if operation.body or operation.query:
        return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return right


@pytest.fixture
def world(settings: Settings, database: Database, clock: ManualClock) -> World:
    return World(make_site(settings, database, clock))


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_whatever_is_described_answers_everybody_as_it_is_described(world: World) -> None:
    faults: dict[str, str] = {}
    tried = 0
    for operation in world.operations():

        @bounded(
            max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=calls(operation), dice=strategies.randoms(use_true_random=False))
        def call(case: Any, dice: Any) -> None:
            for caller in world.callers.values():
                world.pointed(case, dice)
                caller.call(case)

        try:
            call()
        except (Exception, FailureGroup) as error:  # noqa: BLE001 - whatever it is, the other operations are tried too
            faults[f"{operation.method} {operation.path}"] = str(error)
        tried += 1
    assert tried > 140
    missed = {who: wanted - world.callers[who].answered for who, wanted in MET.items()}
    assert missed == {who: set() for who in MET}, "else hardly anything was tried"
    assert faults == {}, "\n\n".join(f"{name}\n{said}" for name, said in faults.items())
