"""What each person settles for themselves: which keys act, and whether the screens are light or dark."""

from sqlalchemy import bindparam, delete, select

from base.database import insert_into
from base.errors import Invalid
from base.prepared import Query
from inbox.desk import Desk
from inbox.lists.tables import preference as rows

KEYS = {
    "j": "Descendre d’une ligne, et remonter avec k",
    "Entrée": "Ouvrir la tâche choisie",
    "a": "Prendre la tâche",
    "/": "Chercher",
    "?": "Montrer les raccourcis",
}
PRESSED = {"j": "jk", "Entrée": "Enter", "a": "a", "/": "/", "?": "?"}
THEMES = {"": "Comme l’appareil", "light": "Clair", "dark": "Sombre"}
THEME, SILENT = "theme", "touche:"
ALL = Query(
    select(rows.c.name, rows.c.value).where(rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("asker"))
)


def habits(desk: Desk) -> dict[str, str]:
    return {row.name: row.value for row in ALL.all(desk.session, {**desk.values, "tenant": desk.tenant})}


def silent_keys(found: dict[str, str]) -> list[str]:
    """The keys that this person switched off."""
    return [key for key in KEYS if found.get(f"{SILENT}{key}") == "non"]


def silent_words(found: dict[str, str]) -> str:
    """The same as the browser names them, apart by spaces."""
    return " ".join(sign for key in silent_keys(found) for sign in (PRESSED[key] if key == "j" else [PRESSED[key]]))


def settle(desk: Desk, *, keys: list[str], theme: str) -> None:
    """Only these keys act from now on. Raises Invalid."""
    if theme not in THEMES or not set(keys) <= KEYS.keys():
        raise Invalid("Ce choix est inconnu.", {"theme": "Choisissez dans la liste."})
    wanted = {THEME: theme, **{f"{SILENT}{key}": "non" for key in KEYS if key not in keys}}
    mine = (rows.c.tenant == desk.tenant, rows.c.person == desk.person.id)
    desk.session.execute(delete(rows).where(*mine, rows.c.name.in_([THEME, *(f"{SILENT}{key}" for key in KEYS)])))
    for name, value in wanted.items():
        own = {"tenant": desk.tenant, "person": desk.person.id, "name": name, "value": value}
        if value:
            desk.session.execute(insert_into(desk.session, rows).values(own))
