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
from people import persons
from people.persons import Person
from tests.inbox.conftest import TENANT, Site, make_site

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "3"))
DATABASES = os.environ.get("CONTRACT_DATABASES", "sqlite").split(",")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WHO = {"nobody": 1, "doctor": EXAMPLES, "coordinator": EXAMPLES, "admin": EXAMPLES}
"""How many calls of each operation."""
MET = {
    "nobody": {204, 401, 404},
    "doctor": {200, 201, 204, 403, 404, 422},
    "coordinator": {200, 201, 204, 403, 404, 422},
    "admin": {200, 201, 403, 404, 422},
}
"""What each must at least have been answered."""
LEAVES = {("DELETE", "/api/session")}
"""What would end the visit of whoever is signed in."""


class Caller:
    """Somebody, signed in or not, before an application that holds a case in the middle of its pathway."""

    def __init__(self, site: Site, who: str) -> None:
        self.site = site
        self.case = site.open_case()
        site.visit(self.case)
        person = self.person(who)
        client = site.client(person)
        self.headers = {} if person is None else {"X-CSRF-Token": client.csrf}
        cookie = client.get_cookie("jalon_session")
        self.cookies = {} if cookie is None else {"jalon_session": cookie.value}
        assert bool(self.cookies) == (person is not None)
        me = person.id if person else site.doctor.id
        self.known = {
            "task_id": [site.task(self.case)], "case_id": [self.case], "case": [self.case], "key": ["suites"],
            "person_id": [me, site.nurse.id], "kind": ["consent", "opposition"],
        }  # fmt: skip
        self.people = [me, site.nurse.id, site.colleague.id]

    def person(self, who: str) -> Person | None:
        if who != "admin":
            return {"doctor": self.site.doctor, "coordinator": self.site.coordinator}.get(who)
        with self.site.context.database.begin() as session:
            names = {"family_name": "DEMO-RUBIN", "given_name": "Ada", "email": "ada@loire-sucs.test"}
            roles = ["admin", "coordonnateur_medical"]
            return persons.add(session, TENANT, title="", profession_code="", roles=roles, **names)

    def operations(self) -> Iterator[Any]:
        schema = schemathesis.openapi.from_wsgi("/api/openapi.json", self.site.app)
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            if not self.headers or (operation.method.upper(), operation.path) not in LEAVES:
                yield operation

    def pointed(self, case: Any, dice: Any) -> None:
        """Half of the calls name what exists, else everything would be answered « not found »."""
        for name in case.path_parameters or {}:
            if name in self.known and dice.random() < 0.7:
                case.path_parameters[name] = dice.choice(self.known[name])
        if isinstance(case.body, dict):
            for name in ("person", "to", "delegate", "substitute", "taker"):
                if name in case.body and dice.random() < 0.5:
                    case.body[name] = dice.choice(self.people)


def calls(operation: Any) -> strategies.SearchStrategy[Any]:
    """As they are described, and, where something is sent, as they must not be."""
    right = operation.as_strategy()
    if operation.body or operation.query:
        return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return right


@pytest.fixture
def site(settings: Settings, database: Database, clock: ManualClock, quick_passwords: None) -> Site:
    return make_site(settings, database, clock)


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
@pytest.mark.parametrize("who", WHO)
def test_whatever_is_described_answers_as_it_is_described(site: Site, who: str) -> None:
    caller, tried = Caller(site, who), 0
    faults: dict[str, str] = {}
    answered: set[int] = set()
    for operation in caller.operations():

        @bounded(
            max_examples=WHO[who], derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=calls(operation), dice=strategies.randoms(use_true_random=False))
        def call(case: Any, dice: Any) -> None:
            caller.pointed(case, dice)
            said = {"headers": dict(caller.headers), "cookies": dict(caller.cookies)}
            answered.add(case.call_and_validate(**said, checks=CHECKS).status_code)

        try:
            call()
        except (Exception, FailureGroup) as error:  # noqa: BLE001 - whatever it is, the other operations are tried too
            faults[f"{operation.method} {operation.path}"] = str(error)
        tried += 1
    assert tried > 80
    assert answered >= MET[who], "else hardly anything was tried"
    assert faults == {}, "\n\n".join(f"{name}\n{said}" for name, said in faults.items())
