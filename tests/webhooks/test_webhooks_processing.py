"""What a message does once it is stored: a case opens, is fed, is cancelled; nothing is lost, nothing done twice."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from admin import erasure
from admin.chronicle import Glossary, tell
from base.clock import ManualClock
from base.errors import Conflict, Invalid
from base.jobs.tables import job
from base.jobs.worker import Worker
from care.case import cases
from care.identity import patients
from care.sharing import circle
from care.tables import case as case_rows
from engine.tables import task
from pathways import catalogue, closing, documents
from pathways.context import Context
from people import persons
from tests.support.packages import package
from webhooks import deliver, processing, receptions
from webhooks.handlers import handlers

STAY = "26001234"
PATIENT = {
    "nom_naissance": "PAT-HUIT",
    "prenoms": ["Marcel"],
    "sexe": "M",
    "date_naissance": "1944-05-01",
    "insee_residence": "43137",
    "tel": "0639981234",
}
LETTER = {"type_loinc": "11490-0", "titre": "Lettre PAT-HUIT", "mime": "text/plain"}
LETTER["base64"] = base64.b64encode(b"Cher confrere").decode()


def discharge(**changes: object) -> dict[str, Any]:
    return {
        "type": "sortie",
        "horodatage": "2026-11-20T18:35:00+01:00",
        "patient": PATIENT,
        "venue": STAY,
        "service": {"uf": "2410", "nom": "UNV"},
        "sejour": {
            "debut": "2026-11-12T09:00:00+01:00",
            "fin": "2026-11-20T18:30:00+01:00",
            "diagnostics": ["I63.9"],
        },
        "clinique": {"rankin": 2, "vit_seul": True},
        **changes,
    }


def later(kind: str, **changes: object) -> dict[str, Any]:
    return {"type": kind, "horodatage": "2026-11-21T09:00:00+01:00", "venue": STAY, **changes}


class Hub:
    """The hospital, the worker and what they see, in one hand."""

    def __init__(self, hospital: Any, context: Context) -> None:
        self.hospital, self.context = hospital, context
        self.worker = Worker(context.database, context.clock, handlers(context))

    def send(self, message: dict[str, Any], message_id: str) -> str:
        answer = self.hospital.post(message, message_id=message_id)
        assert answer.status_code == 202, answer.json
        return str(answer.headers["Location"])

    def state(self, location: str) -> dict[str, Any]:
        told: dict[str, Any] = self.hospital.get(location).json
        return told

    def cases(self) -> list[str]:
        with self.context.database.read() as session:
            return list(session.scalars(select(case_rows.c.id).order_by(case_rows.c.id)).all())

    def answer(self, case: str, **values: object) -> None:
        with self.context.database.begin() as session:
            found = session.scalars(select(task.c.id).where(task.c.run == case, task.c.state == "open")).one()
            self.context.engine.complete(session, task=found, variables=values, actor="anne")
        self.worker.run_once()

    def variables(self, case: str) -> dict[str, Any]:
        with self.context.database.read() as session:
            return dict(self.context.engine.look(session, case).scopes[0].variables)

    def run_state(self, case: str) -> tuple[str, str | None]:
        with self.context.database.read() as session:
            picture = self.context.engine.look(session, case)
        return picture.state, picture.end_state


@pytest.fixture
def hub(hospital: Any, context: Context) -> Hub:
    with context.database.begin() as session:
        catalogue.publish(session, context, package(), "anne")
    return Hub(hospital, context)


def test_a_discharge_opens_a_case_and_its_run(hub: Hub) -> None:
    location = hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    told = hub.state(location)
    assert (told["state"], told["case"], told["detail"]) == ("done", case, "Un dossier est ouvert.")
    known = hub.variables(case)
    assert known["dossier"] == case
    assert known["parametres"] == {"delai": "P2D"}
    assert known["patient"] == {
        "id": known["patient"]["id"],
        "age": 82,
        "sexe": "M",
        "commune": "43137",
        "statut_identite": "PROV",
    }
    assert known["sejour"]["fin"] == "2026-11-20T18:30:00@Europe/Paris"
    assert known["sejour"]["duree_jours"] == 8
    assert known["sejour"]["diagnostics"] == ["I63.9"]
    assert (known["clinique"]["rankin"], known["clinique"]["anticoagulant"]) == (2, None)
    assert (known["lettre_recue"], known["mt_connu"], known["partenaire"]) == (False, False, "ch-gier")


def test_no_variable_says_who_the_patient_is(hub: Hub) -> None:
    hub.send(discharge(documents=[LETTER]), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    with hub.context.database.read() as session:
        said = str(hub.context.engine.look(session, case)) + str(hub.context.engine.history(session, case))
        raw = str(session.execute(select(case_rows)).all())
    for secret in ("PAT-HUIT", "Marcel", "1944", "0639981234", STAY):
        assert secret not in said
    assert STAY not in raw


@pytest.mark.parametrize(
    ("rpps", "why", "told"),
    [("10999000017", "role_non_tenu", "n’a pas ce rôle"), ("10999000090", "inconnu", "n’est pas dans l’annuaire")],
)
def test_a_declared_doctor_who_is_none_here_does_not_join_and_the_case_says_why(
    hub: Hub, rpps: str, why: str, told: str
) -> None:
    with hub.context.database.begin() as session:
        persons.add(session, "demo", family_name="DEMO", given_name="Zoé", rpps="10999000017", roles=["ide_liberale"])
    hub.send(discharge(mt={"rpps": rpps}), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    known = hub.variables(case)
    assert (known["mt_connu"], known["mt_motif"]) == (False, why)
    with hub.context.database.read() as session:
        assert circle.members(session, cases.case(session, case).patient) == []
        history = hub.context.engine.history(session, case)
    begun = next(one for one in tell(history, Glossary({}, {}), clinical=False) if one.title == "Dossier ouvert")
    assert told in begun.words


def test_the_declared_doctor_joins_the_circle(hub: Hub) -> None:
    with hub.context.database.begin() as session:
        doctor = persons.add(
            session, "demo", family_name="DEMO", given_name="Anne", rpps="10999000017", roles=["medecin_traitant"]
        )
    hub.send(discharge(mt={"rpps": "10999000017"}), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    assert (hub.variables(case)["mt_connu"], hub.variables(case)["mt_motif"]) == (True, None)
    with hub.context.database.read() as session:
        patient = cases.case(session, case).patient
        assert circle.holders(session, patient, "medecin_traitant") == [doctor.id]
        assert patients.patient(session, hub.context.vault, patient).identity.tel == "0639981234"


def test_the_same_discharge_under_two_ids_is_one_case(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    again = hub.send(discharge(), "m2")
    hub.worker.run_once()
    assert len(hub.cases()) == 1
    assert hub.state(again)["detail"] == "Un dossier est déjà ouvert pour cette venue\u00a0: rien n’est refait."


def test_a_milestone_is_delivered_and_the_letter_ends_the_case(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    hub.answer(case, rankin=3)
    assert hub.variables(case)["priorite"] == "P1"
    location = hub.send(later("document", documents=[LETTER]), "m2")
    hub.worker.run_once()
    assert hub.state(location)["state"] == "done"
    assert hub.run_state(case) == ("completed", "Stabilisé")
    with hub.context.database.begin() as session:
        (letter,) = documents.listing(session, hub.context.vault, "demo", case)
        assert documents.content(session, hub.context.vault, "demo", letter.id) == b"Cher confrere"
        assert cases.case(session, case).outcome == "Stabilisé"


def test_each_document_is_kept_and_told_to_the_run_by_its_kind_alone(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    hub.answer(case, rankin=1)
    hub.send(later("document", documents=[{**LETTER, "type_loinc": "11502-2"}, LETTER]), "m2")
    hub.worker.run_once()
    assert hub.variables(case)["document"] == {"type_loinc": "11502-2", "titre": None}
    with hub.context.database.read() as session:
        kept = documents.listing(session, hub.context.vault, "demo", case)
        assert sorted(one.kind for one in kept) == ["11490-0", "11502-2"]


def test_a_letter_that_comes_with_the_discharge_is_not_waited_for(hub: Hub) -> None:
    hub.send(discharge(documents=[LETTER]), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    hub.answer(case, rankin=2)
    assert hub.run_state(case) == ("completed", "Stabilisé")


def test_a_letter_before_its_discharge_waits_and_is_then_delivered(hub: Hub, clock: ManualClock) -> None:
    early = hub.send(later("document", documents=[LETTER]), "m1")
    hub.worker.run_once()
    assert hub.state(early)["state"] == "waiting"
    assert "sera remis" in hub.state(early)["detail"]
    hub.send(discharge(), "m2")
    hub.worker.run_once()
    (case,) = hub.cases()
    assert (hub.state(early)["state"], hub.state(early)["case"]) == ("done", case)
    with hub.context.database.read() as session:
        assert receptions.opener(session, "demo", case) == "m2"
    hub.answer(case, rankin=2)
    assert hub.run_state(case) == ("completed", "Stabilisé")


def test_a_cancelled_discharge_ends_its_case(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    hub.send(later("annulation", motif="erreur"), "m2")
    hub.worker.run_once()
    assert hub.run_state(case) == ("completed", "Annulé")


def test_a_cancellation_that_overtakes_its_discharge_ends_the_case_too(hub: Hub) -> None:
    hub.send(later("annulation"), "m1")
    hub.worker.run_once()
    hub.send(discharge(), "m2")
    hub.worker.run_once()
    (case,) = hub.cases()
    assert hub.run_state(case) == ("completed", "Annulé")


def test_the_admission_of_the_same_stay_is_only_noted(hub: Hub) -> None:
    stay = {"debut": "2026-11-12T09:00:00+01:00"}
    early = hub.send(later("admission", patient=PATIENT, sejour=stay), "m1")
    hub.worker.run_once()
    assert hub.state(early)["state"] == "waiting"
    hub.send(discharge(), "m2")
    hub.worker.run_once()
    (case,) = hub.cases()
    assert (hub.state(early)["state"], hub.state(early)["case"]) == ("done", case)
    assert "notée" in hub.state(early)["detail"]
    assert hub.run_state(case)[0] == "active"


def test_a_new_admission_of_the_person_reaches_the_open_case(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    stay = {"debut": "2026-11-23T09:00:00+01:00"}
    again = hub.send(later("admission", venue="26009999", patient=PATIENT, sejour=stay), "m2")
    hub.worker.run_once()
    assert (hub.state(again)["state"], hub.state(again)["case"]) == ("done", case)


def test_a_worker_looks_at_all_open_cases_once_then_only_at_what_ended_lately(hub: Hub, clock: ManualClock) -> None:
    sweep, asked = closing.Sweep(hub.context), []
    assert sweep() == 0
    for name in ("m1", "m2"):
        hub.send(discharge(venue=name, documents=[LETTER]), name)
    hub.worker.run_once()
    first, second = hub.cases()
    note = lambda _c, _cursor, statement, *_: asked.append(statement)  # noqa: E731  # a listener
    event.listen(hub.context.database.engine, "before_cursor_execute", note)
    hub.answer(first, rankin=2)
    assert [sweep(), sweep()] == [1, 0]
    clock.advance(timedelta(hours=1))
    assert sweep() == 0
    hub.answer(second, rankin=2)
    assert [sweep(), sweep()] == [1, 0]
    event.remove(hub.context.database.engine, "before_cursor_execute", note)
    looks = [text for text in asked if "closed_at IS NULL" in text and "ended_at IS NOT NULL" in text]
    assert looks
    assert all("run.ended_at >=" in text for text in looks)


def test_a_document_of_a_closed_case_is_filed(hub: Hub) -> None:
    hub.send(discharge(documents=[LETTER]), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    hub.answer(case, rankin=2)
    assert [closing.sweep(hub.context) for _ in range(2)] == [1, 0]
    with hub.context.database.read() as session:
        assert cases.case(session, case).outcome == "Stabilisé"
    late = hub.send(later("compte_rendu", documents=[LETTER]), "m2")
    hub.worker.run_once()
    assert (hub.state(late)["state"], hub.state(late)["case"]) == ("done", case)


def test_a_crash_before_the_commit_leaves_everything_to_do_again(
    hub: Hub, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    location = hub.send(discharge(), "m1")
    with monkeypatch.context() as patch:
        patch.setattr(receptions, "settle", crash)
        with pytest.raises(KeyboardInterrupt):
            hub.worker.run_once()
    assert hub.cases() == []
    assert hub.state(location)["state"] == "received"
    hub.worker = Worker(hub.context.database, hub.context.clock, handlers(hub.context))
    with hub.context.database.begin() as session:
        session.execute(job.update().values(state="ready", claim=None, worker=None, lease_until=None))
    hub.worker.run_once()
    assert len(hub.cases()) == 1
    assert hub.state(location)["state"] == "done"


def test_a_message_is_processed_once_however_often_its_job_runs(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    hub.worker.run_once()
    with hub.context.database.begin() as session:
        found = receptions.listing(session, "demo", "ch-gier")[0]
        receptions.enqueue(session, hub.context, found.id, found.partner, found.venue_blind)
    hub.worker.run_once()
    assert len(hub.cases()) == 1


def test_a_discharge_waits_when_no_pathway_starts_with_it(hub: Hub) -> None:
    with hub.context.database.begin() as session:
        catalogue.retire(session, "demo", "essai")
    location = hub.send(discharge(), "m1")
    hub.worker.run_once()
    assert hub.state(location)["state"] == "waiting"
    with hub.context.database.begin() as session:
        catalogue.publish(session, hub.context, package(titre="Essai, revu"), "anne")
        assert receptions.wake_all(session, hub.context) == 1
    hub.worker.run_once()
    assert hub.state(location)["state"] == "done"


def test_a_refused_message_may_be_processed_anew(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Invalid("Refusé pour l’exemple.", code="example")

    location = hub.send(discharge(), "m1")
    with monkeypatch.context() as patch:
        patch.setattr(processing, "open_from_fact", refuse)
        hub.worker.run_once()
    told = hub.state(location)
    assert (told["state"], told["problem"], told["detail"]) == ("refused", "example", "Refusé pour l’exemple.")
    with hub.context.database.begin() as session:
        receptions.again(session, hub.context, told["id"])
    hub.worker.run_once()
    assert (hub.state(location)["state"], hub.state(location)["problem"]) == ("done", None)
    with hub.context.database.begin() as session, pytest.raises(Conflict):
        receptions.again(session, hub.context, told["id"])


def test_what_a_run_throws_to_runs_is_not_delivered_to_the_partner(hub: Hub) -> None:
    hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    hub.answer(case, rankin=2)
    with hub.context.database.read() as session:
        jobs = session.scalar(select(func.count()).select_from(job))
        assert deliver.listing(session, "demo", "ch-gier") == []
    assert jobs == 0
    assert processing.MAX_ATTEMPTS > 1


def test_what_comes_about_an_erased_stay_is_taken_and_destroyed_and_a_new_stay_opens_a_new_case(hub: Hub) -> None:
    first = hub.send(discharge(), "m1")
    hub.worker.run_once()
    (case,) = hub.cases()
    with hub.context.database.begin() as session:
        hub.context.engine.cancel(session, run=case, actor="anne", reason="essai")
        closing.close_if_ended(session, hub.context, case)
        known = cases.case(session, case).patient
        erasure.erase_as(session, hub.context, "anne", known, "demande")
    assert hub.state(first)["state"] == "erased"
    assert hub.send(discharge(), "m1") == first, "the same message again is still the first one"
    late = [hub.send(discharge(), "m2"), hub.send(later("document", documents=[LETTER]), "m3")]
    hub.worker.run_once()
    for location in late:
        told = hub.state(location)
        assert (told["state"], told["case"], told["problem"]) == ("erased", None, None)
        assert "effacée" in told["detail"]
    assert hub.cases() == [case]
    with hub.context.database.read() as session:
        assert documents.listing(session, hub.context.vault, "demo", case) == []
        kept = [receptions.stored(session, "demo", location.rpartition("/")[2]) for location in (first, *late)]
        opened = [hub.context.vault.open_bytes(one.sealed, f"reception.body:{one.reception.id}") for one in kept]
    assert opened == [b"", b"", b""]
    again = hub.send(discharge(venue="26009999"), "m4")
    hub.worker.run_once()
    assert hub.state(again)["state"] == "done"
    assert len(hub.cases()) == 2
