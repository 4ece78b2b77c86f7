"""A professional before the real server: signs in, reads the list, opens a task's page, sends its form."""

import re
from html import unescape
from typing import Any

import httpx

from tests.support import loopback


class Visitor:
    """One signed-in person; keeps the cookie, and shows the token that stands in each page."""

    def __init__(self, address: str, login: str, password: str) -> None:
        self.login = login
        self.client = loopback.client(address, limits=httpx.Limits(keepalive_expiry=1))
        try:
            response = self.client.post("/connexion", data={"login": login, "password": password})
            assert response.status_code == 303, response.text
        except BaseException:
            self.client.close()
            raise

    def tasks(self, list: str = "moi") -> list[dict[str, Any]]:
        """The rows of one tab of the list, in their order."""
        response = self.client.get("/api/tasks", params={"list": list})
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["tasks"]
        return rows

    def all_tasks(self) -> list[dict[str, Any]]:
        """Mine and my roles'."""
        return self.tasks("moi") + self.tasks("roles")

    def page(self, task: str) -> str:
        response = self.client.get(f"/taches/{task}")
        assert response.status_code == 200, response.text
        return response.text

    def token(self, task: str) -> str:
        found = re.search(r'name="_csrf" value="([^"]+)"', self.page(task))
        assert found, "the page shows no token"
        return unescape(found[1])

    def answer(self, task: str, answers: dict[str, Any], *, token: str | None = None) -> httpx.Response:
        """Open the task's page and send its form; 303 is an answer taken."""
        form = {"_csrf": token or self.token(task), **{key: _box(value) for key, value in answers.items()}}
        return self.client.post(f"/taches/{task}", data=form)

    def close(self) -> None:
        self.client.close()


def _box(value: Any) -> Any:
    """What a form's box holds: French texts, ticked boxes only."""
    if value is True:
        return "true"
    if value is False:
        return ""
    return [str(one) for one in value] if isinstance(value, list) else str(value)
