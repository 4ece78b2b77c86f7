import re
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import select, update

from admin import erasure
from base.errors import Conflict, Forbidden
from care.case import attachments, cases, thread
from care.case.thread import Words
from care.identity import identity_log, patients
from care.identity.identity import Identity
from care.sharing import circle, consents
from care.tables import circle_member
from engine.tables import task as task_rows
from engine.verification import Verified, verify
from jalon.schema import metadata
from jalon.sealed import SEALED
from people import persons
from people.sign_in import accounts

ANNE = Identity(
    "PAT-SEPTANTE", ("Anne",), "F", date(1950, 3, 4), insee_naissance="43137", ins="250034313700174",
    tel="0465710042", adresse="3 chemin du Lizieux, 43590 Beauzac",
)  # fmt: skip
BRUNO = Identity("PAT-BRUNO", ("Bruno",), "M", date(1941, 7, 9), insee_naissance="42218")
MARKERS = (
    "septante",
    "250034313700174",
    "0465710042",
    "chemin du lizieux",
    "secret-de-fil",
    "contenu-secret",
    "preuve-secrete",
)
"""What a search of everything that is stored must find no more once the person is erased."""


def admit(office, identity=ANNE, status="QUAL"):
    with office.context.database.begin() as session:
        return patients.admit(session, office.context.vault, office.clock, "demo", identity, status)


def words_of(page):
    """What a page says, without the marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def open_case(office, known):
    """A case of that patient, with something written of every kind."""
    case, context = office.open_case("PAT-AUTRE"), office.context
    with context.database.begin() as session:
        session.connection().exec_driver_sql(f"UPDATE \"case\" SET patient = '{known.id}' WHERE id = '{case}'")
        told = Words(case, office.doctor.id, "secret-de-fil de Mme Septante")
        thread.write(session, context.vault, office.clock, "demo", told)
        held = (case, office.doctor.id, "septante.txt", b"contenu-secret")
        attachments.attach(session, context.vault, office.clock, "demo", *held)
        circle.add(session, office.clock, "demo", known.id, office.doctor.id, "medecin_traitant", "Choisi par Septante")
        proof = (context.vault, "preuve-secrete")
        consents.oppose(session, office.clock, "demo", known.id, "autre", proof=proof, recorded_by=office.lead.id)
    return case


def end(office, case):
    with office.context.database.begin() as session:
        office.context.engine.cancel(session, run=case, actor=office.lead.id, reason="essai")
        cases.close_case(session, office.clock, case, "Arrêté")


def stored(office):
    """Every stored value, opened where the vault sealed it, by its table."""
    sealed = {(one.table, one.column): one for one in SEALED}
    with office.context.database.read() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)):
                for column in table.columns:
                    value = row._mapping[column.name]
                    if value and (table.name, column.name) in sealed:
                        place = sealed[table.name, column.name].context(row._mapping)
                        value = office.context.vault.open_bytes(value, place)
                    yield table.name, value if isinstance(value, bytes) else str(value).encode()


def places_of(office, markers):
    """The tables in which one of these words still stands."""
    return {
        table
        for table, value in stored(office)
        for marker in markers
        if marker in value.decode("utf-8", "replace").lower()
    }


def test_a_patient_is_found_by_those_who_may_see_a_case_of_theirs(office):
    known = admit(office)
    coordinator, doctor = office.browser(office.coordinator), office.browser(office.doctor)
    assert "PAT-SEPTANTE Anne" in words_of(coordinator.post("/patients", 200, q="septante 04/03/1950"))
    assert "Aucun patient trouvé" in words_of(doctor.post("/patients", 200, q="septante"))
    doctor.get(f"/patients/{known.id}", 404)
    open_case(office, known)
    assert "PAT-SEPTANTE Anne" in words_of(doctor.post("/patients", 200, q="2 50 03 43 137 001 74"))
    assert "En cours depuis" in words_of(doctor.get(f"/patients/{known.id}"))
    assert "Cherchez par nom" in words_of(doctor.get("/patients"))


def test_the_ins_is_masked_until_somebody_asks_and_who_asked_is_noted(office):
    known = admit(office)
    page = office.browser(office.coordinator)
    masked = page.get(f"/patients/{known.id}")
    assert "2 50 03 ** *** *** **" in masked.text
    assert "43 137 001 74" not in masked.text
    assert "2 50 03 43 137 001 74" in page.post(f"/patients/{known.id}/ins", 200).text
    with office.context.database.read() as session:
        told = [(deed.kind, deed.by) for deed in identity_log.deeds(session, "demo", known.id)]
    assert told == [("looked", office.coordinator.id), ("ins", office.coordinator.id)]


def test_the_banner_of_a_task_shows_the_ins_to_its_carer_who_asks_and_to_nobody_else(office):
    known = admit(office)
    case, doctor = open_case(office, known), office.browser(office.doctor)
    task = doctor.get("/api/tasks").json["tasks"][0]["id"]
    for page in (f"/taches/{task}", f"/dossiers/{case}"):
        shown = doctor.get(page).text
        assert ("2 50 03 ** *** *** **" in shown, f"/patients/{known.id}/ins" in shown) == (True, True)
        assert "43 137 001 74" not in shown
    assert "data-ins>2 50 03 43 137 001 74<" in doctor.post(f"/patients/{known.id}/ins", 200).text
    with office.context.database.begin() as session:
        assert identity_log.deeds(session, "demo", known.id)[-1].by == office.doctor.id
        stranger = persons.add(
            session, "demo", family_name="DEMO-REY", given_name="Nadia", email="nadia@loire-sucs.test", roles=["ipa"]
        )
    office.browser(stranger).post(f"/patients/{known.id}/ins", 404)


@pytest.mark.parametrize("status", ["PROV", "VALI", "RECUP"])
def test_an_ins_that_is_not_qualified_leaves_by_no_door(office, status):
    known = admit(office, status=status)
    case = open_case(office, known)
    lead, coordinator = office.browser(office.lead), office.browser(office.coordinator)
    seen = [
        coordinator.get(f"/patients/{known.id}"), coordinator.post(f"/patients/{known.id}/ins", 404),
        coordinator.get(f"/dossiers/{case}"), lead.get(f"/suivi/{case}"), lead.get(f"/api/cases/{case}"),
        lead.post(f"/patients/{known.id}/export", 200, format="json"), coordinator.get("/patients/doublons"),
        lead.post(f"/patients/{known.id}/export", 200, format="html"), coordinator.post("/patients", 200, q="septante"),
    ]  # fmt: skip
    for page in seen:
        assert "250034313700174" not in re.sub(r"\s", "", page.text)


def test_a_status_moves_as_the_table_says_and_never_silently(office):
    known = admit(office, status="RECUP")
    coordinator, doctor = office.browser(office.coordinator), office.browser(office.doctor)
    open_case(office, known)
    doctor.post(f"/patients/{known.id}/statut", 403, statut="QUAL")
    coordinator.post(f"/patients/{known.id}/statut", 403, statut="VALI")
    coordinator.post(f"/patients/{known.id}/statut", statut="QUAL")
    coordinator.post(f"/patients/{known.id}/statut", statut="VALI")
    page = words_of(coordinator.get(f"/patients/{known.id}"))
    assert "RECUP → QUAL" in page.replace("&gt;", ">")
    assert "QUAL → VALI" in page
    with office.context.database.read() as session:
        after = patients.patient(session, office.context.vault, known.id)
    assert (after.status, after.identity.ins) == ("VALI", None)


def test_duplicates_are_merged_and_taken_apart_on_the_page(office):
    first = admit(office)
    second = admit(office, replace(ANNE, nom_naissance="PAT-SEPTANTTE", ins=None), "PROV")
    browser = office.browser(office.coordinator)
    page = browser.get("/patients/doublons")
    assert "Même date de naissance, noms proches" in page.text
    assert f'name="garder" value="{first.id}"' in page.text
    browser.post("/patients/doublons", garder=first.id, reunir=second.id, choix="fusionner")
    assert "Identité fusionnée" in browser.get(f"/patients/{second.id}").text
    page = browser.get("/patients/doublons").text
    merge = re.search(r"/patients/fusions/(\w+)/annuler", page)[1]
    browser.post("/patients/doublons", 409, garder=first.id, reunir=second.id, choix="fusionner")
    browser.post(f"/patients/fusions/{merge}/annuler")
    browser.post(f"/patients/fusions/{merge}/annuler", 409)
    browser.post("/patients/doublons", garder=first.id, reunir=second.id, choix="distinguer")
    assert "Aucun doublon" in browser.get("/patients/doublons").text
    office.browser(office.doctor).get("/patients/doublons", 403)


def test_a_merge_stops_what_the_other_identity_was_opposed_to(office):
    known = admit(office)
    case = open_case(office, known)
    twin = admit(office, replace(ANNE, nom_naissance="PAT-SEPTANTTE", ins=None), "PROV")
    with office.context.database.begin() as session:
        consents.oppose(session, office.clock, "demo", twin.id)
    browser, doctor = office.browser(office.coordinator), office.browser(office.doctor)
    assert [row["case"] for row in doctor.get("/api/tasks").json["tasks"]] == [case]
    merged = browser.post("/patients/doublons", garder=known.id, reunir=twin.id, choix="fusionner")
    assert "Un dossier s’arrête" in browser.get(merged.location).text
    with office.context.database.read() as session:
        stopped = cases.case(session, case)
        assert not stopped.is_open
        assert office.context.engine.look(session, case).tokens == ()
    assert doctor.get("/api/tasks").json["tasks"] == []
    merge = re.search(r"/patients/fusions/(\w+)/annuler", browser.get("/patients/doublons").text)[1]
    browser.post(f"/patients/fusions/{merge}/annuler")
    office.browser(office.lead).get(f"/dossiers/{case}")
    with office.context.database.read() as session:
        assert not cases.case(session, case).is_open, "what has ended does not begin again"


def test_what_a_patient_was_opposed_to_before_a_merge_is_not_stopped_twice(office):
    """A case that its own diagram still ends goes on to its end; the twin's own case stops."""
    known = admit(office)
    twin = admit(office, replace(ANNE, nom_naissance="PAT-SEPTANTTE", ins=None), "PROV")
    ending = open_case(office, known)
    with office.context.database.begin() as session:
        consents.oppose(session, office.clock, "demo", known.id)
    merged = office.browser(office.coordinator).post(
        "/patients/doublons", garder=known.id, reunir=twin.id, choix="fusionner"
    )
    assert "arretes" not in merged.location
    with office.context.database.read() as session:
        assert cases.case(session, ending).is_open


def test_everything_held_about_a_person_is_exported_by_the_clinical_lead_alone(office):
    known = admit(office)
    case = open_case(office, known)
    for person in (office.coordinator, office.operator, office.doctor):
        office.browser(person).post(f"/patients/{known.id}/export", 403, format="json")
    lead = office.browser(office.lead)
    lead.get(f"/dossiers/{case}")
    answer = lead.post(f"/patients/{known.id}/export", 200, format="json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="donnees-{known.id}.json"'
    found = orjson.loads(answer.data)
    assert found["identite"]["ins"] == ANNE.ins
    assert found["dossiers"][0]["commentaires"][0]["texte"] == "secret-de-fil de Mme Septante"
    assert found["dossiers"][0]["pieces_jointes"][0]["contenu_base64"] == "Y29udGVudS1zZWNyZXQ="
    assert found["oppositions"][0]["preuve"] == "preuve-secrete"
    assert "DEMO-FAURE" in str(found["consultations"])
    assert found["journal_de_l_identite"][-1]["quoi"] == "Données exportées"
    page = lead.post(f"/patients/{known.id}/export", 200, format="html").text
    assert "secret-de-fil de Mme Septante" in page
    assert re.search(r'download="septante.txt" href="data:[^"]+;base64,Y29udGVudS1zZWNyZXQ="', page)
    assert "Exporté le</dt><dd>24 novembre 2026 à " in page
    assert "Médecin traitant" in page
    assert not re.search(r"\d{4}-\d\d-\d\d|medecin_traitant", page)


def test_an_erased_person_leaves_no_trace_of_who_they_were(office):
    known = admit(office)
    twin = admit(office, replace(ANNE, nom_naissance="PAT-SEPTANTTE", ins=None), "PROV")
    case = open_case(office, known)
    office.browser(office.coordinator).post("/patients/doublons", garder=known.id, reunir=twin.id, choix="fusionner")
    for q, name in (("Septante", "À rappeler"), ("", "Anne Septante"), ("Beauzac", "Sortis à Beauzac")):
        office.browser(office.doctor).post("/taches/vues", nom=name, q=q)
    planted = {"patient", "comment", "circle_member", "attachment_piece", "opposition", "saved_view"}
    assert planted <= places_of(office, MARKERS)
    operator = office.browser(office.operator)
    here, asked = f"/patients/{known.id}", {"_csrf": operator.csrf, "motif": "demande"}
    refused = operator.client.post(f"{here}/effacer", data=asked, headers={"Referer": f"http://localhost{here}"})
    assert (refused.status_code, "un dossier est encore en cours" in refused.text) == (409, True)
    assert f'href="{here}">Revenir à la page précédente' in refused.text
    office.answer(case, rankin=0, lettre_recue=True)
    with office.context.database.begin() as session:
        cases.close_case(session, office.clock, case, "Terminé")
    lead, held = office.browser(office.lead), {f"/dossiers/{case}": "Déjà dit", f"/suivi/{case}": "Rankin"}
    assert [place for place, words in held.items() if words in lead.get(place).text] == list(held)
    assert "SEPTANTE" not in operator.get(f"/patients/{known.id}").text
    operator.post(f"/patients/{known.id}/effacer", 422, motif="pour voir")
    office.clock.advance(timedelta(minutes=11))
    again = operator.post(f"/patients/{known.id}/effacer", motif="demande")
    assert "confirmer=1" in again.location
    assert places_of(office, MARKERS)
    operator = office.browser(office.operator)
    office.browser(office.coordinator).post(f"/patients/{known.id}/effacer", 403, motif="demande")
    operator.post(f"/patients/{known.id}/effacer", motif="demande")
    assert places_of(office, MARKERS) == set()
    assert places_of(office, ["sortis à beauzac"]) == {"saved_view"}, "what names nobody stays"
    operator.post(f"/patients/{known.id}/effacer", 409, motif="demande")
    lead = office.browser(office.lead)
    page = lead.get(f"/dossiers/{case}").text
    assert f"/dossiers/{case}/suivre" not in page
    told = lead.send("PUT", f"/api/cases/{case}/follow", 409).json
    assert (told["code"], "effacée" in told["detail"]) == ("patient-erased", True)
    assert ("Identité effacée" in page, "Identité provisoire" in page, "Sexe" in page) == (True, False, False)
    assert "thread__write" not in page
    assert [place for place, words in held.items() if words in lead.get(place).text] == []
    (task,) = task_of(office, case)
    said = office.browser(office.doctor).get(f"/api/tasks/{task}").json["answers"]
    assert [(one["lines"], one["withheld"]["count"]) for one in said] == [([], 1)]
    with office.context.database.begin() as session:
        session.execute(update(circle_member).where(circle_member.c.patient == known.id).values(basis="Effacé"))
    rights = lead.get(f"/dossiers/{case}/cercle").text
    assert (office.doctor.family_name in rights, "effacé<" in rights) == (True, False), "as it was once written"
    assert ("Plus rien ne s’écrit" in rights, "Noter un accord" in rights) == (True, False)
    lead.post(f"/dossiers/{case}/accord", 409, mode="oral")
    lead.post(f"/dossiers/{case}/messages", 409, texte="Bonjour")
    page = words_of(lead.get(f"/patients/{known.id}"))
    assert "a été effacée" in page
    assert "Données effacées aujourd’hui" in page
    assert "La personne le demande." in page
    assert "Aucun patient trouvé" in words_of(lead.post("/patients", 200, q="septante"))
    with office.context.database.read() as session:
        assert isinstance(list(verify(session, "demo", None))[-1], Verified)
        deeds = [(deed.kind, deed.detail) for deed in identity_log.deeds(session, "demo", twin.id)]
    assert deeds[-1] == ("erased", "demande")
    assert admit(office).id not in {known.id, twin.id}


def task_of(office, case: str) -> list[str]:
    with office.context.database.read() as session:
        return list(session.scalars(select(task_rows.c.id).where(task_rows.c.run == case)))


def test_every_sealed_column_about_a_case_or_a_patient_is_erased_or_none_of_theirs(office):
    """A new sealed column fails here until the erasure knows it."""
    theirs = {
        "sign_in", "sign_in_step", "one_time_code", "partner", "partner_secret", "push_subscription", "notice_delivery",
        "answer_link", "answer_message",
    }  # fmt: skip
    known = {
        "patient", "case", "consent", "opposition", "break_glass", "comment", "attachment", "attachment_piece",
        "document", "draft", "reception", "delivery", "saved_view",
    }  # fmt: skip
    assert {one.table for one in SEALED} == known | theirs


def test_erasing_again_after_a_restore_needs_no_name(office):
    known = admit(office)
    with office.context.database.begin() as session:
        erasure.erase_as(session, office.context, erasure.AGAIN, known.id, "demande")
        with pytest.raises(Conflict):
            erasure.erase_as(session, office.context, erasure.AGAIN, known.id, "demande")
        with pytest.raises(Forbidden):
            erasure.erase(session, office.context, office.doctor, known.id, "demande")
        assert erasure.is_erased(session, "demo", known.id)


def test_data_protection_reads_the_register_and_who_looked_under_numbers_alone(office):
    known, twin = admit(office), admit(office, replace(ANNE, nom_naissance="PAT-SEPTANTTE", ins=None), "PROV")
    kept = admit(office, replace(ANNE, nom_naissance="PAT-OCTANTE", ins=None, insee_naissance="42147"), "PROV")
    case = open_case(office, known)
    office.browser(office.lead).get(f"/dossiers/{case}")
    end(office, case)
    lead = office.browser(office.lead)
    lead.post("/patients/doublons", garder=known.id, reunir=twin.id, choix="fusionner")
    lead.post(f"/patients/{known.id}/effacer", motif="conservation")
    lead.get(f"/patients/{kept.id}")
    with office.context.database.begin() as session:
        erasure.erase_as(session, office.context, erasure.AGAIN, admit(office, BRUNO, "PROV").id, "demande")
        dpo = persons.add(
            session, "demo", family_name="DEMO-CHARRA", given_name="Agnès", email="dpo@x.test", roles=["dpo"]
        )
        accounts.open_without_password(session, office.clock, "demo", dpo.id, dpo.email)
    watcher = office.browser(dpo)
    page, told = watcher.get("/effacements").text, watcher.get("/api/erasures").json
    again, first = told["erasures"]
    assert (first["patient"], first["reason"], first["by"]) == (known.id, "conservation", office.lead.display)
    assert (first["merged"], first["cases"], first["looks"], again["by"]) == (1, 1, 1, "Reprise après une restauration")
    assert f"1 dossier sans nom, 1 consultation, {first['entries']} lignes de journal" in page
    file = watcher.client.get("/api/erasures", headers={"Accept": "text/csv"})
    assert file.data == watcher.get("/effacements.csv").data
    assert [line.split(";")[1:4] for line in file.data.decode("utf-8-sig").splitlines()[2:]] == [
        [known.id, "La durée de conservation est passée", office.lead.display]
    ]
    assert "1 consultation" in page
    here = watcher.get("/effacements?numero=" + known.id, 303).location
    assert "Marc DEMO-FAURE" in watcher.get(here).text
    alive = watcher.get(f"/patients/{kept.id}").text
    assert ("Identité consultée" in alive, "Effacer" in alive) == (True, False)
    (look,) = watcher.get(f"/api/patients/{known.id}/looks").json
    assert (look["who"], look["what"]) == (office.lead.display, "Le dossier")
    deeds = watcher.get(f"/api/patients/{kept.id}").json
    assert (deeds["identity"], [one["by"] for one in deeds["deeds"]]) == (None, [dpo.display, office.lead.display])
    for text in (page, str(told), alive, str(deeds), watcher.get(here).text):
        assert not re.search("septant|octante|bruno|250034313700174", text.lower())
    for address in ("/effacements", "/effacements.csv", "/api/erasures", f"/api/patients/{kept.id}/looks"):
        office.browser(office.doctor).get(address, 403)
    watcher.post(f"/patients/{kept.id}/effacer", 403, motif="demande")
    watcher.post(f"/patients/{kept.id}/export", 403)
    menu = re.findall(r'href="(/[^"]*)"(?: aria-current="page")?><svg', page.split("</nav>")[0])
    assert menu == ["/acces-en-urgence", "/effacements", "/annuaire", "/disponibilites"]
    assert watcher.get("/", 303).location == "/acces-en-urgence"
