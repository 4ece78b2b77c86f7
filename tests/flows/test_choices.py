"""An ad-hoc sub-process from its choice to its end, over REST, in a real server on each database."""

from typing import Any

import httpx

from tests.support import choosing
from tests.support.town import Town


def test_a_nurse_chooses_twice_answers_and_ends_it_after_a_power_cut(town: Town) -> None:
    case = choosing.open_case(town.context)
    nurse = town.visitor("infirmiere")

    def post(path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"X-CSRF-Token": nurse.client.get("/api/session").json()["csrf"]}
        return nurse.client.post(path, json=body, headers=headers)

    choice = next(row for row in nurse.all_tasks() if row["case"] == case)
    for seen in (0, 1):
        done = post(f"/api/tasks/{choice['id']}/activities", {"element": "appel", "seen": seen})
        assert done.status_code == 200, done.text
    town.server.kill()
    town.server.start()
    titles = sorted(row["title"] for row in nurse.all_tasks() if row["case"] == case)
    assert titles == ["Appeler la personne", "Appeler la personne", "Organiser le soutien"]
    late = post(f"/api/tasks/{choice['id']}/activities", {"element": "appel", "seen": 0})
    assert (late.status_code, late.json()["code"]) == (409, "begun-meanwhile")
    ended = post(f"/api/tasks/{choice['id']}/completion", {"answers": {}})
    assert ended.status_code == 200, ended.text
    assert [row for row in nurse.all_tasks() if row["case"] == case] == []
