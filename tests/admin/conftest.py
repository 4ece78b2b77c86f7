"""A small CPTS for the clinical lead's door: four people, a pathway in service, a case that runs."""

from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from care.identity.identity import Identity
from pathways import catalogue
from pathways.context import Context
from pathways.facts import Fact, Stay
from pathways.opening import open_from_fact
from people import persons
from people.persons import Person
from people.sign_in import accounts, passwords
from people.tables import account
from tests.support.contexts import make_context
from tests.support.packages import package
from tests.support.web import application

PASSWORD = "sentier-balise-43"


class Browser:
    """A browser in which somebody is signed in; it shows the token with every change, as the pages do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.csrf = client.get("/api/session").json["csrf"]

    def get(self, address: str, code: int = 200):
        answer = self.client.get(address)
        assert answer.status_code == code, answer.text
        return answer

    def post(self, address: str, code: int = 303, **values: str):
        answer = self.client.post(address, data={"_csrf": self.csrf, **values})
        assert answer.status_code == code, answer.text
        return answer

    def send(self, method: str, address: str, code: int, **content: object):
        answer = self.client.open(address, method=method, headers={"X-CSRF-Token": self.csrf}, **content)
        assert answer.status_code == code, answer.text
        return answer


@dataclass
class Office:
    """The CPTS, its clock and its people."""

    context: Context
    clock: ManualClock
    app: Flask
    lead: Person
    coordinator: Person
    operator: Person
    doctor: Person
    colleague: Person
    """Another clinical lead."""

    def browser(self, person: Person) -> Browser:
        client = self.app.test_client()
        with self.context.database.begin() as session:
            if accounts.of_person(session, person.id) is None:
                accounts.open_account(session, self.clock, "demo", person.id, person.email, PASSWORD)
            known = (account.c.person == person.id, account.c.password_hash == "")
            session.execute(update(account).where(*known).values(password_hash=passwords.seal(PASSWORD)))
        assert client.post("/connexion", data={"login": person.email, "password": PASSWORD}).status_code == 303
        return Browser(client)

    def open_case(self, name: str = "PAT-TROIS") -> str:
        """What the processing of a partner's message does."""
        identity = Identity(name, ("Dominique",), "F", date(1979, 3, 12), adresse="4 rue des Sucs, 43590 Beauzac")
        now = self.clock.now()
        fact = Fact(
            type="sortie", message_id=f"m-{name}", instant=now, venue=f"v-{name}", identity=identity,
            identity_status="VALI", stay=Stay(end=now),
        )  # fmt: skip
        with self.context.database.begin() as session:
            return open_from_fact(session, self.context, fact, "ch-essai")

    def answer(self, case: str, **values: object) -> None:
        """The doctor's answer to the open task, given beneath the doors."""
        with self.context.database.begin() as session:
            statement = f"SELECT id FROM task WHERE run = '{case}' AND state = 'open'"
            task = session.connection().exec_driver_sql(statement).scalar_one()
            self.context.engine.complete(session, task=str(task), variables=values, actor=self.doctor.id)

    def version_of(self, case: str) -> int:
        with self.context.database.read() as session:
            statement = f"SELECT pathway_version FROM \"case\" WHERE id = '{case}'"
            return int(session.connection().exec_driver_sql(statement).scalar_one())


@pytest.fixture
def office(settings: Settings, database: Database, clock: ManualClock, quick_passwords: None) -> Office:
    """The CPTS on each of the two databases."""
    context = make_context(settings, database, clock)
    with database.begin() as session:
        people = [
            persons.add(
                session, "demo", family_name=family, given_name=given, email=f"{given}@loire-sucs.test", roles=[role]
            )
            for family, given, role in (
                ("DEMO-FAURE", "Marc", "coordonnateur_medical"),
                ("DEMO-VIALLET", "Sophie", "coordinateur"),
                ("DEMO-BLANC", "Karim", "admin"),
                ("DEMO-BERTHON", "Claire", "medecin_traitant"),
                ("DEMO-PERRIN", "Luc", "coordonnateur_medical"),
            )
        ]
        for one in people:
            accounts.open_without_password(session, clock, "demo", one.id, one.email)
        catalogue.publish(session, context, package(), people[0].id, "Première version")
    return Office(context, clock, application(context), *people)
