"""A small CPTS for the inbox's tests: a doctor, a nurse, a coordinator, and a pathway of three tasks."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.database import Database
from base.ids import new_id
from base.settings import Settings
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import circle
from engine.engine import Engine
from pathways.context import Context, build
from people import persons
from people.persons import Person
from people.sign_in import accounts, passwords
from people.tables import account
from tests.support.web import application

FILES = Path(__file__).parent / "suites"
PASSWORD = "sentier-balise-43"
TENANT = "demo"


@dataclass
class Site:
    """The CPTS, its clock and its people."""

    context: Context
    clock: ManualClock
    app: Flask
    doctor: Person
    colleague: Person
    nurse: Person
    coordinator: Person
    definition: str

    def client(self, person: Person | None = None) -> FlaskClient:
        """A browser in which that person is signed in."""
        client = self.app.test_client()
        if person is not None:
            self._open_account(person)
            answer = client.post("/connexion", data={"login": person.email, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            client.csrf = client.get("/api/session").json["csrf"]
        return client

    def _open_account(self, person: Person) -> None:
        """Passwords are slow to hash: only who signs in gets one."""
        with self.context.database.begin() as session:
            known = accounts.of_person(session, person.id)
            if known is None:
                accounts.open_account(session, self.clock, TENANT, person.id, person.email, PASSWORD)
            elif not known.has_password:
                sealed = {"password_hash": passwords.seal(PASSWORD)}
                session.execute(update(account).where(account.c.id == known.id).values(sealed))

    def let_in(self, *people: Person) -> None:
        """They can come in, by a way that costs a test nothing."""
        with self.context.database.begin() as session:
            for one in people:
                accounts.open_without_password(session, self.clock, TENANT, one.id, one.email)

    def open_case(self, name: str = "PAT-TROIS", *, in_circle: bool = True) -> str:
        """A case of the pathway, whose first task waits for the nurse."""
        case, context = new_id(), self.context
        with context.database.begin() as session:
            identity = Identity(
                name,
                ("Dominique",),
                "F",
                date(1979, 3, 12),
                tel="+33639981234",
                adresse="4 rue des Sucs, 43590 Beauzac",
            )
            patient = patients.admit(session, context.vault, self.clock, TENANT, identity, "VALI")
            cases.open_case(
                session, context.vault, self.clock, TENANT, patient=patient.id, pathway="suites", pathway_version=1,
                title="Suites d’essai", id=case,
            )  # fmt: skip
            if in_circle:
                circle.add(session, self.clock, TENANT, patient.id, self.doctor.id, "medecin_traitant", "essai")
            self.context.engine.start(
                session, run=case, definition=self.definition, process="p_suites", message="sortie",
                variables={"dossier": case}, actor="partner:essai",
            )  # fmt: skip
        return case

    def task(self, case: str) -> str:
        """The open task of a case."""
        with self.context.database.read() as session:
            query = "SELECT id FROM task WHERE run = :run AND state = 'open'"
            return str(session.connection().exec_driver_sql(query.replace(":run", f"'{case}'")).scalar_one())

    def visit(self, case: str) -> None:
        """The nurse's answer, given beneath the doors."""
        with self.context.database.begin() as session:
            values = {"pa_sys": 158, "pa_dia": 92, "ordonnance": "oui"}
            self.context.engine.complete(session, task=self.task(case), variables=values, actor=self.nurse.id)
        self.clock.advance(timedelta(hours=1))


@pytest.fixture
def site(settings: Settings, database: Database, clock: ManualClock, quick_passwords: None) -> Site:
    """The CPTS on each of the two databases."""
    return make_site(settings, database, clock)


@pytest.fixture
def case(site: Site) -> str:
    """A case that waits for the doctor, who is the patient's."""
    opened = site.open_case()
    site.visit(opened)
    return opened


@pytest.fixture
def task(site: Site, case: str) -> str:
    return site.task(case)


def make_site(settings: Settings, database: Database, clock: ManualClock) -> Site:
    """Bring people and the pathway into an empty database."""
    built = build(settings)
    engine = Engine(replace(built.engine.environment, clock=clock), TENANT)
    context = replace(built, clock=clock, database=database, engine=engine)
    files = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*") if path.is_file()}
    with database.begin() as session:
        definition = engine.deploy(session, files)
        members = [
            member(session, "DEMO-BERTHON", "Claire", "Dr", "10", "medecin_traitant"),
            member(session, "DEMO-VIGNAL", "Anne", "Dr", "10", "medecin_traitant"),
            member(session, "DEMO-MASSON", "Lucie", "", "60", "ide_liberale"),
            member(session, "DEMO-VIALLET", "Sophie", "", "", "coordinateur"),
        ]
    site = Site(context, clock, application(context), *members, definition)
    site.let_in(*members)
    return site


def member(session: Session, family: str, given: str, title: str, code: str, role: str) -> Person:
    email = f"{given}@loire-sucs.test".lower()
    return persons.add(
        session,
        TENANT,
        family_name=family,
        given_name=given,
        title=title,
        profession_code=code,
        email=email,
        roles=[role],
    )
