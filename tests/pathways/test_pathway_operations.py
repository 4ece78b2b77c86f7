"""What service tasks do to our own tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from admin.chronicle import Glossary, tell
from base.ids import new_id
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from care.sharing import circle, consents
from engine.environment import OperationCall
from engine.pictures import Entry
from engine.tables import task
from pathways.context import Context
from pathways.operations import OPERATIONS
from people import persons


class Bench:
    """A case, and a way to call operations on it."""

    def __init__(self, session: Session, context: Context) -> None:
        self.session, self.context = session, context
        identity = Identity("PAT-HUIT", ("Marcel",), "M", date(1944, 5, 1))
        owner = patients.admit(session, context.vault, context.clock, "demo", identity, "PROV")
        self.patient = owner.id
        self.case = cases.open_case(
            session,
            context.vault,
            context.clock,
            "demo",
            patient=owner.id,
            pathway="essai",
            pathway_version=1,
            title="Essai",
        ).id

    def call(self, operation: str, **variables: Any) -> dict[str, Any]:
        now = self.context.clock.now()
        call = OperationCall(self.session, "demo", self.case, "e", operation, variables, {}, now)
        return dict(OPERATIONS[operation](call))

    def add_task(self, element: str, state: str = "open", **values: object) -> str:
        row = new_id()
        now = self.context.clock.now()
        self.session.execute(
            insert(task).values(
                tenant="demo",
                id=row,
                run=self.case,
                token=1,
                definition="d",
                process="p",
                element=element,
                name=element,
                priority=50,
                created_at=now,
                state=state,
                **values,
            )
        )
        return row


@pytest.fixture
def bench(context: Context) -> Iterator[Bench]:
    with context.database.begin() as session:
        yield Bench(session, context)


def test_a_known_professional_joins_the_circle(bench: Bench) -> None:
    nurse = persons.add(
        bench.session, "demo", family_name="DEMO", given_name="Zoé", rpps="10999000017", roles=["ide_liberale"]
    )
    told = bench.call("cercle.inscrire", rpps="10999000017", role="ide_liberale", motif="Infirmière habituelle")
    assert told == {"cercle_inscrit": True, "cercle_motif": None}
    (member,) = circle.members(bench.session, bench.patient)
    assert (member.person, member.role, member.basis) == (nurse.id, "ide_liberale", "Infirmière habituelle")


@pytest.mark.parametrize("rpps", ["10999000099", "", None])
def test_an_unknown_professional_changes_nothing(bench: Bench, rpps: str | None) -> None:
    told = bench.call("cercle.inscrire", rpps=rpps, role="ide_liberale")
    assert told == {"cercle_inscrit": False, "cercle_motif": "inconnu"}
    assert circle.members(bench.session, bench.patient) == []


def test_nobody_joins_the_circle_in_a_role_that_they_do_not_hold(bench: Bench) -> None:
    persons.add(bench.session, "demo", family_name="DEMO", given_name="Zoé", rpps="10999000017", roles=["ide_liberale"])
    told = bench.call("cercle.inscrire", rpps="10999000017", role="medecin_traitant")
    assert told == {"cercle_inscrit": False, "cercle_motif": "role_non_tenu"}
    assert circle.members(bench.session, bench.patient) == []
    now = bench.context.clock.now()
    entry = Entry(
        1, now, "", "operation_done", "join", {"name": "L’ajouter", "type": "cercle.inscrire", "variables": told}
    )
    (event,) = tell([entry], Glossary({}, {}), clinical=False)
    assert event.title.replace("\u00a0", " ") == "Pas fait : L’ajouter"
    assert "n’a pas ce rôle dans l’annuaire" in event.words
    done = replace(entry, detail={**entry.detail, "variables": {"cercle_inscrit": True, "cercle_motif": None}})
    assert tell([done], Glossary({}, {}), clinical=False) == []


def test_an_accord_is_kept_with_who_heard_it(bench: Bench) -> None:
    clock = bench.context.clock
    heard = {"completed_by": "06personanneaaaa", "completed_at": clock.now()}
    bench.add_task("ask", "completed", **heard)
    earlier = {"completed_by": "06personzoeaaaaa", "completed_at": clock.now() - timedelta(days=1)}
    bench.add_task("before", "completed", **earlier)
    bench.call("consentement.enregistrer", accord=True, mode="oral")
    kept = consents.current(bench.session, bench.context.clock, bench.case)
    assert kept is not None
    assert (kept.mode, kept.recorded_by) == ("oral", "06personanneaaaa")


def test_a_refusal_is_an_opposition_and_ends_the_consent(bench: Bench) -> None:
    bench.call("consentement.enregistrer", accord=True, mode="ecrit")
    bench.call("consentement.enregistrer", accord=False, mode="oral")
    assert consents.current(bench.session, bench.context.clock, bench.case) is None
    assert consents.is_opposed(bench.session, bench.context.clock, bench.patient, "essai")
    assert not consents.is_opposed(bench.session, bench.context.clock, bench.patient, "autre")
    bench.call("consentement.enregistrer", accord=True, mode="oral")
    assert not consents.is_opposed(bench.session, bench.context.clock, bench.patient, "essai")


def test_a_reminded_task_rises_and_never_falls(bench: Bench) -> None:
    open_task, other = bench.add_task("visit"), bench.add_task("other")
    closed = bench.add_task("visit", "completed")
    bench.call("tache.relancer", tache="visit", priorite=Decimal(80))
    bench.call("tache.relancer", tache="visit", priorite=Decimal(60))
    found = {row.id: row for row in bench.session.execute(select(task)).all()}
    assert [found[one].priority for one in (open_task, other, closed)] == [80, 50, 50]
    assert found[open_task].follow_up_at == bench.context.clock.now()
    assert found[other].follow_up_at is None
