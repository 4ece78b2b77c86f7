"""P02 from the hospital's POST to its end: plan of return, missing letter, a partner that does not answer at once."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from jalon.demo.discharges import PARIS, STORIES, message
from tests.flows.test_stroke_pathway import moment
from tests.support.town import Town

FRAIL = replace(STORIES[1], letter=False)
"""Heart failure, alone, nine medicines, an urgent stay of eleven nights: LACE is high, and no letter came."""
CONSENT = {"reponse": "oui", "mode": "oral", "information_remise": True}
EVENING = datetime(2026, 11, 24, 20, 0, tzinfo=PARIS)


def test_a_frail_person_comes_home_and_is_stable_after_thirty_days(town: Town) -> None:
    story = replace(FRAIL, letter=True)
    case = town.processed(town.discharge(story, "sortie-1", "VN-11"))["case"]
    town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    town.hospital.callbacks(1, kind="jalon.inclusion")

    town.answer("infirmiere", "Visite infirmière", issue="faite", action="suivi")
    town.answer(
        "pharmacienne", "Conciliation médicamenteuse", divergence_type="aucune", nb_lignes="9", nb_divergences="0"
    )
    town.answer("social", "Évaluer l’appui à domicile")
    town.answer("medecin", "Fixer le rendez-vous", reponse="fixe", **moment("rdv_date", "26/11/2026", "9:30"))
    town.hospital.callbacks(1, kind="jalon.rendez_vous_fixe")
    town.answer("medecin", "Consultation de retour", issue="faite")
    town.advance(days=15)
    town.answer("coordinatrice", "Appel J14", etat="stable")
    town.advance(days=17)
    town.answer("coordinatrice", "Point à J30", issue="stabilisé_J30")
    town.ends(case, "stabilisé_J30")
    assert all(town.titles(who) == [] for who in ("coordinatrice", "medecin", "infirmiere", "pharmacienne", "social"))


def test_a_missing_letter_is_chased_at_its_hours_until_it_comes(town: Town) -> None:
    case = included(town, "sortie-2", "VN-12")
    town.server.clock.set(EVENING - timedelta(minutes=1))
    town.quiet()
    assert town.hospital.callbacks(kind="jalon.lettre_manquante") == []
    town.server.clock.set(EVENING)
    town.hospital.callbacks(1, kind="jalon.lettre_manquante")
    town.server.clock.set(EVENING + timedelta(hours=16))
    (_, second) = town.hospital.callbacks(2, kind="jalon.lettre_manquante")
    assert second.verified(town.callback_secret)["venue"] == "VN-12"
    town.task("hopital", "Appeler le secrétariat du service")

    letter = town.hospital.post(document(town, "lettre-2", "VN-12"), message_id="lettre-2")
    assert town.processed(letter)["case"] == case
    town.happened(case, "lettre_recue_fin")
    assert "Appeler le secrétariat du service" not in town.titles("hopital")
    town.server.clock.set(EVENING + timedelta(days=3))
    town.quiet()
    assert "Réclamer la lettre au cadre" not in town.titles("coordinatrice")


def test_a_letter_that_never_comes_reaches_the_coordinator_on_the_third_day(town: Town) -> None:
    included(town, "sortie-3", "VN-13")
    for hours in (0, 16, 64):
        town.server.clock.set(EVENING + timedelta(hours=hours))
        town.quiet()
    town.task("coordinatrice", "Réclamer la lettre au cadre")


def test_a_callback_is_tried_again_with_growing_delays_until_it_is_taken(town: Town) -> None:
    town.hospital.answer_next(500, 503)
    included(town, "sortie-4", "VN-14")
    for sent in (1, 2):
        town.hospital.callbacks(sent, kind="jalon.inclusion")
        town.quiet()  # what the hospital answered is written down: the next delay begins at this instant
        town.advance(seconds=10)
    town.quiet()
    assert len(town.hospital.callbacks(kind="jalon.inclusion")) == 2
    town.advance(seconds=40)
    calls = town.hospital.callbacks(3, kind="jalon.inclusion")
    assert [call.answer for call in calls] == [500, 503, 204]
    assert len({call.id for call in calls}) == 1
    assert calls[-1].verified(town.callback_secret) == calls[0].verified(town.callback_secret)
    town.advance(days=1)
    town.quiet()
    assert len(town.hospital.callbacks(kind="jalon.inclusion")) == 3


def test_the_same_message_twice_is_one_case(town: Town) -> None:
    event = message(FRAIL, town.server.clock.now(), "sortie-5", "VN-15")
    first, again = (town.hospital.post(event, message_id="sortie-5") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["location"] == again.headers["location"]
    town.processed(first)
    town.quiet()
    assert len(town.cases()) == 1


def included(town: Town, message_id: str, venue: str) -> str:
    case: str = town.processed(town.discharge(FRAIL, message_id, venue))["case"]
    town.answer("coordinatrice", "Recueillir le consentement", **CONSENT)
    return case


def document(town: Town, message_id: str, venue: str) -> dict[str, object]:
    """The discharge letter, sent after the discharge."""
    whole = message(replace(FRAIL, letter=True), town.server.clock.now(), message_id, venue)
    kept = ("id", "horodatage", "etablissement", "service", "patient", "venue", "documents")
    return {**json.loads(json.dumps({name: whole[name] for name in kept})), "type": "document"}
