"""How people say that they want to be told: on the page « Notifications », over REST; and the operator’s command."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from inbox.notices import push
from jalon.cli_notices import notices
from jalon.shell import run
from people.notices import deliveries, preferences
from people.notices.tables import subscription
from tests.inbox.conftest import TENANT
from tests.inbox.notices.conftest import Town
from tests.support.keys import SECRETS

TYPED = {
    "email": "urgent", "push": "never", "sms": "always", "heures": "12h30; 7:15", "calme_de": "21h", "calme_a": "7h",
    "plafond": "5", "pause": "",
}  # fmt: skip


def test_what_is_typed_is_kept_and_shown_and_moves_what_waits(town: Town) -> None:
    nurse = town.site.nurse
    client = town.site.client(nurse)
    town.site.open_case()
    town.work()
    assert [state for _, state, _ in town.notices(nurse)] == ["ready"]
    kept = client.post("/notifications/choix", data={"_csrf": client.csrf, **TYPED, "email": "always", "heures": ""})
    assert kept.status_code == 303
    town.work()
    assert [mail["To"] for mail in town.office.letters] == [nurse.email]
    assert client.post("/notifications/choix", data={"_csrf": client.csrf, **TYPED}).status_code == 303
    page = client.get("/notifications").text
    assert 'value="07:15 12:30"' in page
    assert 'value="21:00"' in page
    assert client.get("/api/notices/preferences").json == {
        "email": "urgent", "push": "never", "sms": "always", "digest_hours": "07:15 12:30", "quiet_from": "21:00",
        "quiet_to": "07:00", "weekly_cap": 5, "paused_until": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("box", "typed", "said"),
    [
        ("email", "parfois", "Choisissez dans la liste."),
        ("heures", "25:00", "Écrivez une heure, par exemple 8:00."),
        ("heures", "99999999999999999999", "Écrivez une heure, par exemple 8:00."),
        ("heures", "1h 2h 3h 4h 5h 6h 7h", "6 heures au plus."),
        ("plafond", "beaucoup", "Écrivez un nombre, ou rien."),
        ("plafond", "0", "Entre 1 et 999, ou rien."),
        ("pause", "demain", "Écrivez le jour puis le mois"),
        ("pause", "1/1/2020", "Un jour à venir, dans l’année."),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_box_and_nothing_is_lost(
    town: Town, box: str, typed: str, said: str
) -> None:
    client = town.site.client(town.site.nurse)
    answer = client.post("/notifications/choix", data={"_csrf": client.csrf, **TYPED, box: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="21h"' in answer.text
    assert client.get("/api/notices/preferences").json["quiet_from"] == "20:00"


def test_all_that_makes_no_sense_is_said_at_once(town: Town) -> None:
    client = town.site.client(town.site.nurse)
    odd = {"heures": "8h 99", "calme_de": "25:00", "plafond": "beaucoup", "pause": "demain"}
    answer = client.post("/notifications/choix", data={"_csrf": client.csrf, **TYPED, **odd})
    assert [name for name in ("heures", "calme", "plafond", "pause") if f'id="{name}-e"' in answer.text] == [
        "heures", "calme", "plafond", "pause",
    ]  # fmt: skip


def test_programs_settle_a_pause_and_read_what_was_told_and_what_left(town: Town) -> None:
    nurse = town.site.nurse
    client, headers = town.site.client(nurse), {}
    headers["X-CSRF-Token"] = client.csrf
    until = (town.site.clock.now() + timedelta(days=3)).isoformat()
    body = {"email": "always", "digest_hours": "", "quiet_from": "0:00", "quiet_to": "0:00", "paused_until": until}
    assert client.put("/api/notices/preferences", json=body, headers=headers).status_code == 200
    town.site.open_case("PAT-UN")
    town.work()
    assert client.get("/api/notices").json == {"notices": []}
    kept = client.put("/api/notices/preferences", json={**body, "paused_until": None}, headers=headers)
    assert kept.json["paused_until"] is None
    town.site.open_case("PAT-DEUX")
    town.work()
    (told,) = client.get("/api/notices").json["notices"]
    assert told["said"].startswith("Une tâche vous attend, réponse")
    assert told["url"].startswith("/taches/")
    named = [told[part] for part in ("title", "pathway", "patient")]
    assert named == ["Visite infirmière", "Suites d’essai", "PAT-DEUX Dominique"]
    (left,) = client.get("/api/notices/deliveries").json["deliveries"]
    assert (left["channel"], left["state"], left["attempts"]) == ("email", "sent", 1)
    wrong = client.put("/api/notices/preferences", json={**body, "weekly_cap": 0}, headers=headers)
    assert wrong.status_code == 422


def test_programs_subscribe_a_browser_of_their_own_and_no_machine_of_ours(town: Town) -> None:
    nurse = town.site.nurse
    client = town.site.client(nurse)
    headers, given = {"X-CSRF-Token": client.csrf}, town.office.subscription()
    inside = {**given, "endpoint": "https://10.0.0.1/push"}
    assert client.post("/api/notices/subscriptions", json=inside, headers=headers).status_code == 422
    made = client.post("/api/notices/subscriptions", json=given, headers=headers)
    assert made.status_code == 201
    town.at_once(nurse)
    town.site.open_case()
    town.work()
    assert [one["title"] for one in town.office.pushed()] == ["Jalon"]
    other = town.site.client(town.site.doctor)
    address = f"/api/notices/subscriptions/{made.json['id']}"
    other.delete(address, headers={"X-CSRF-Token": other.csrf})
    with town.site.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(subscription)) == 1
    assert client.delete(address, headers=headers).status_code == 204
    with town.site.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(subscription)) == 0


def test_the_command_marks_an_address_and_takes_the_mark_away(
    town: Town, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**SECRETS, "JALON_DATABASE_URL": database_url}.items():
        monkeypatch.setenv(name, value)
    mail = town.site.nurse.email

    def say(*arguments: str) -> str:
        assert run(notices, list(arguments)) == 0
        return "".join(capsys.readouterr())

    capsys.readouterr()
    assert "C’est noté." in say("bounced", mail.upper(), "--raison", "Boîte pleine.")
    with town.site.context.database.read() as session:
        assert deliveries.all_bounced(session, TENANT) == {mail: "Boîte pleine."}
    assert "Boîte pleine." in town.site.client(town.site.nurse).get("/notifications").text
    assert "Les messages repartent" in say("works", mail)
    assert "Cette adresse n’était pas notée." in say("works", mail)
    key = say("key").strip().splitlines()[-1]
    assert len(key) >= 43
    assert key != push.make_key()


def test_a_message_known_to_have_come_back_is_marked_as_such(town: Town) -> None:
    nurse = town.site.nurse
    town.at_once(nurse)
    town.site.open_case()
    town.work()
    parts = town.site.context
    with parts.database.begin() as session:
        assert deliveries.mark_bounced(session, parts.clock, TENANT, nurse.email, "Boîte pleine.") == 1
    assert [(one.state, one.reason) for one in town.deliveries(nurse)] == [("bounced", "Boîte pleine.")]
    client = town.site.client(nurse)
    assert (
        client.post("/notifications/adresses", data={"_csrf": client.csrf, "adresse": nurse.email}).status_code == 303
    )
    stranger = town.site.client(town.site.doctor)
    data = {"_csrf": stranger.csrf, "adresse": nurse.email}
    assert stranger.post("/notifications/adresses", data=data).status_code == 403
    with parts.database.read() as session:
        assert deliveries.bounced(session, TENANT, [nurse.email]) == {}
        assert preferences.preference(session, TENANT, nurse.id).hours == ()
