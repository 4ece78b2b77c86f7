import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from admin.cockpit import cases
from care.tables import access_log
from tests.admin.conftest import Office


def test_cases_are_listed_by_the_name_of_their_patient(office: Office) -> None:
    office.open_case()
    page = office.browser(office.coordinator).get("/suivi").text
    assert "PAT-TROIS Dominique" in page
    assert '1</span><span class="l">en cours' in page


def test_the_operator_follows_cases_without_knowing_of_whom(office: Office) -> None:
    case = office.open_case()
    browser = office.browser(office.operator)
    page = browser.get("/suivi").text
    assert "PAT-TROIS" not in page
    assert f"Dossier {case}" in page
    page = browser.get(f"/suivi/{case}").text
    assert "PAT-TROIS" not in page
    assert "Valeurs" not in page


def test_a_professional_does_not_follow_the_cases_of_all(office: Office) -> None:
    case = office.open_case()
    browser = office.browser(office.doctor)
    browser.get("/suivi", 403)
    browser.get(f"/suivi/{case}", 403)
    browser.get(f"/suivi/{case}/etat.json", 403)


def test_late_cases_come_first_and_are_counted(office: Office) -> None:
    late = office.open_case("PAT-UN")
    office.clock.advance(timedelta(days=3))
    fresh = office.open_case("PAT-DEUX")
    browser = office.browser(office.coordinator)
    page = browser.get("/suivi").text
    assert page.index(late) < page.index(fresh)
    assert "1, dont 1 en retard" in page
    narrowed = browser.get("/suivi?etat=en-retard&parcours=essai").text
    assert late in narrowed
    assert fresh not in narrowed
    assert "Aucun dossier ne répond à ce choix" in browser.get("/suivi?etat=termines").text


def test_cases_are_listed_page_by_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases.page, "__defaults__", (1,))
    first, second = office.open_case("PAT-UN"), office.open_case("PAT-DEUX")
    browser = office.browser(office.coordinator)
    start = browser.get("/suivi").text
    (address,) = re.findall(r'href="(/suivi\?[^"]*apres=[^"]*)"', start)
    after = browser.get(html.unescape(address)).text
    assert "Revenir au début" in after
    assert "Page suivante" not in after
    assert [first in page for page in (start, after)] != [second in page for page in (start, after)]
    browser.get("/suivi?apres=x.1.2", 422)


def test_a_case_shows_what_it_waits_for_and_where(office: Office) -> None:
    case = office.open_case()
    browser = office.browser(office.coordinator)
    page = browser.get(f"/suivi/{case}").text
    assert "Visite" in page
    assert "Médecin traitant" in page
    assert "Message : annulation" in page
    state = browser.get(f"/suivi/{case}/etat.json").json
    assert state["here"] == [{"element": "visit", "count": 1, "late": False}]
    assert "start" in state["done"]


def test_answers_are_shown_to_the_clinical_lead_and_not_to_the_coordinator(office: Office) -> None:
    case = office.open_case()
    office.answer(case, rankin=4)
    lead = office.browser(office.lead).get(f"/suivi/{case}").text
    assert "Fait : Visite" in lead
    assert "Rankin : 4." in lead
    assert "Valeurs" in lead
    coordinator = office.browser(office.coordinator).get(f"/suivi/{case}").text
    assert "Fait : Visite" in coordinator
    assert "Claire DEMO-BERTHON" in coordinator
    assert "Rankin" not in coordinator
    assert "Valeurs" not in coordinator


def test_each_look_at_a_case_is_noted(office: Office) -> None:
    case = office.open_case()
    office.browser(office.coordinator).get(f"/suivi/{case}")
    with office.context.database.read() as session:
        looks = session.execute(select(access_log.c.person, access_log.c.case)).all()
    assert (office.coordinator.id, case) in [tuple(look) for look in looks]


def test_a_stuck_case_is_tried_again_once_it_is_mended(office: Office) -> None:
    case = office.open_case()
    office.answer(case, rankin=None)
    browser = office.browser(office.coordinator)
    page = browser.get(f"/suivi/{case}").text
    assert "Bloqué à « Lettre reçue ? »" in page
    assert browser.get(f"/suivi/{case}/etat.json").json["incidents"] == ["choice"]
    (address,) = re.findall(r'action="/suivi/([^"]+/reessayer)"', page)
    with office.context.database.begin() as session:
        office.context.engine.mend(session, run=case, variables={"rankin": 0, "lettre_recue": True}, actor="jalon")
    browser.post(f"/suivi/{address}")
    after = browser.get(f"/suivi/{case}").text
    assert "Réessayer" not in after
    assert "Débloqué : Lettre reçue ?" in after
    assert "Dossier terminé : Stabilisé" in after


def stuck(office: Office) -> tuple[str, str]:
    """A case that is stuck for want of a value, and its incident."""
    case = office.open_case()
    office.answer(case, rankin=None)
    with office.context.database.read() as session:
        (incident,) = office.context.engine.look(session, case).incidents
    return case, f"/suivi/{case}/incidents/{incident.id}"


@pytest.mark.parametrize(("typed", "held"), [("0", 0), ("0,5", 0.5), ("=1 - 1", 0), ("aucun", "aucun")])
def test_a_value_is_corrected_where_the_case_is_stuck_and_tried_again(office: Office, typed: str, held: object) -> None:
    case, incident = stuck(office)
    browser = office.browser(office.coordinator)
    assert "Corriger et réessayer" in browser.get(f"/suivi/{case}").text
    browser.post(f"{incident}/corriger", nom="rankin", valeur=typed)
    with office.context.database.read() as session:
        picture = office.context.engine.look(session, case)
        kinds = [entry.kind for entry in office.context.engine.history(session, case)]
    assert picture.scopes[0].variables["rankin"] == held
    assert kinds.index("variables_mended") < kinds.index("incident_resolved")
    assert picture.incidents[-1].state == "resolved"


@pytest.mark.parametrize(("name", "typed"), [("", "1"), ("$x", "1"), ("rankin", ""), ("rankin", "=1 +")])
def test_a_correction_that_makes_no_sense_changes_nothing(office: Office, name: str, typed: str) -> None:
    case, incident = stuck(office)
    office.browser(office.coordinator).post(f"{incident}/corriger", 422, nom=name, valeur=typed)
    with office.context.database.read() as session:
        assert [one.state for one in office.context.engine.look(session, case).incidents] == ["open"]


def test_an_operator_tries_again_but_corrects_no_value(office: Office) -> None:
    case, incident = stuck(office)
    browser = office.browser(office.operator)
    assert "Corriger" not in browser.get(f"/suivi/{case}").text
    browser.post(f"{incident}/corriger", 403, nom="rankin", valeur="0")


def test_an_incident_of_another_case_is_not_found(office: Office) -> None:
    case = office.open_case()
    office.browser(office.coordinator).post(f"/suivi/{case}/incidents/absent/reessayer", 404)


def test_an_unknown_case_is_not_found(office: Office) -> None:
    office.browser(office.coordinator).get("/suivi/absent", 404)


def test_a_decision_tells_the_clinical_lead_why_and_the_coordinator_nothing(office: Office) -> None:
    case = office.open_case()
    office.answer(case, rankin=4)
    lead = office.browser(office.lead).get(f"/suivi/{case}").text
    assert "Pourquoi ?" in lead
    assert "S’applique" in lead
    assert "rankin ≥ 3" in lead
    assert "Non lue : une règle avant elle a répondu." in lead
    assert "Pourquoi ?" not in office.browser(office.coordinator).get(f"/suivi/{case}").text
