"""P01 from the hospital's POST to the last callback: real server, real partner, simulated months."""

from dataclasses import replace

from jalon.demo.discharges import STORIES
from tests.support.town import Town

ISCHAEMIC = STORIES[0]
"""Anticoagulated, discharge letter missing, alone at home: first priority, two days for the doctor."""
CONSENT = {"reponse": "oui", "mode": "oral", "information_remise": True}


def test_a_stroke_goes_from_the_discharge_to_the_evaluation(town: Town) -> None:
    posted = town.discharge(ISCHAEMIC, "avc-1", "VN-1")
    assert posted.status_code == 202
    case = town.processed(posted)["case"]

    town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    (inclusion,) = town.hospital.callbacks(1, kind="jalon.inclusion")
    said = inclusion.verified(town.callback_secret)
    assert (said["message_id"], said["venue"]) == ("avc-1", "VN-1")
    assert "PAT-TROIS" not in inclusion.body.decode()

    town.answer("infirmiere", "Visite infirmière", issue="faite", pa_sys="142", pa_dia="84")
    town.answer(
        "pharmacienne", "Conciliation médicamenteuse", divergence_type="aucune", nb_lignes="7", nb_divergences="0"
    )
    town.answer("medecin", "Fixer le rendez-vous", reponse="fixe", **moment("rdv_date", "25/11/2026", "10:30"))
    (appointment,) = town.hospital.callbacks(1, kind="jalon.rendez_vous_fixe")
    assert appointment.verified(town.callback_secret)["message_id"] == "avc-1"

    town.answer("medecin", "Consultation précoce", issue="faite", pa_sys="138", pa_dia="82", rankin="2")
    town.advance(days=62)
    town.answer(
        "coordinatrice", "Organiser l’évaluation pluriprofessionnelle", decision="prevue",
        **moment("date_evaluation", "10/02/2027", "14:00"),
    )  # fmt: skip
    town.answer("ipa", "Bilan E1 : éducation, prévention")
    town.answer("kine", "Bilan E2 : moteur, autonomie")
    town.answer("orthophoniste", "Bilan E3 : neuropsycho")
    town.answer("medecin", "Synthèse et plan de soins")
    town.hospital.callbacks(1, kind="jalon.compte_rendu_disponible")

    town.advance(days=125)
    town.answer("coordinatrice", "Point à 6 mois", decision="stable")
    town.advance(days=190)
    town.answer("coordinatrice", "Point à 12 mois", decision="stable")
    assert town.end_of(case) == "évaluation_faite"
    assert town.titles("coordinatrice") == []
    assert [callback.answer for callback in town.hospital.callbacks()] == [204, 204, 204]


def test_a_silent_doctor_is_reminded_and_then_replaced(town: Town) -> None:
    case = town.processed(town.discharge(ISCHAEMIC, "avc-2", "VN-2"))["case"]
    town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    ordinary = town.task("medecin", "Fixer le rendez-vous")

    town.advance(hours=25)
    town.happened(case, "relancer_medecin", times=1)
    town.advance(hours=15)
    town.happened(case, "relancer_medecin", times=2)
    assert town.task("medecin", "Fixer le rendez-vous")["id"] == ordinary["id"]

    town.advance(hours=9)
    town.task("coordinatrice", "Trouver un médecin")
    assert "Fixer le rendez-vous" not in town.titles("medecin")
    late = town.visitor("medecin").client.get(f"/taches/{ordinary['id']}")
    assert "n’est plus demandée" in late.text


def test_a_discharge_to_rehabilitation_ends_there(town: Town) -> None:
    story = replace(ISCHAEMIC, clinical={**ISCHAEMIC.clinical, "smr_apres": True})
    case = town.processed(town.discharge(story, "avc-3", "VN-3"))["case"]
    town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    town.ends(case, "repris_par_SMR")


def moment(key: str, day: str, hour: str) -> dict[str, str]:
    """The two boxes of a date with its hour."""
    return {key: day, f"{key}__heure": hour}
