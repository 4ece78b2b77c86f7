"""Saved views: a list as somebody narrowed and sorted it, under a name; theirs alone, or shared with a role."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from base.errors import Forbidden, Invalid, NotFound
from base.ids import new_id
from base.vault import Vault
from care.guard import COORDINATOR
from care.identity.identity import Identity
from care.search import words
from inbox.desk import Desk
from inbox.lists.tables import saved_view as rows
from inbox.lists.wanted import Wanted
from people.roles import ROLES

LONGEST = 60
MOST = 40


@dataclass(frozen=True)
class View:
    """`role` is whom it is shared with; `own` when this person may take it away."""

    id: str
    name: str
    wanted: Wanted
    role: str | None
    own: bool


def views(desk: Desk) -> list[View]:
    """Those of the person, then those shared with their roles, by name."""
    theirs = or_(rows.c.owner == desk.person.id, rows.c.role.in_(sorted(desk.person.roles)))
    found = desk.session.execute(select(rows).where(rows.c.tenant == desk.tenant, theirs))
    return sorted((_view(desk, row) for row in found), key=lambda view: (view.role is not None, view.name.casefold()))


def view(desk: Desk, view_id: str) -> View:
    """Raises NotFound, also for what is not shared with this person."""
    for found in views(desk):
        if found.id == view_id:
            return found
    raise NotFound("Cette vue n’existe pas, ou plus.")


def save(desk: Desk, name: str, wanted: Wanted, role: str = "") -> str:
    """Keep a view; the coordination alone shares one with a role. Raises Invalid, Forbidden."""
    name = name.strip()
    if not name or len(name) > LONGEST:
        raise Invalid("Cette vue attend un nom.", {"nom": f"Donnez-lui un nom de 1 à {LONGEST} signes."})
    if role and COORDINATOR not in desk.person.roles:
        raise Forbidden("Seule la coordination partage une vue avec un rôle.", code="not-coordinator")
    if role and role not in ROLES:
        raise Invalid("Ce rôle est inconnu.", {"pour": "Choisissez un rôle de la liste."})
    if len(views(desk)) >= MOST:
        raise Invalid(f"Vous avez déjà {MOST} vues.", {"nom": "Effacez-en une d’abord."})
    made = new_id()
    content = orjson.dumps({"name": name, "wanted": wanted.said})
    values = {"tenant": desk.tenant, "id": made, "owner": desk.person.id, "role": role or None}
    sealed = desk.context.vault.seal_bytes(content, _context(made))
    desk.session.execute(insert(rows).values({**values, "content": sealed, "created_at": desk.now}))
    return made


def remove(desk: Desk, view_id: str) -> None:
    """Take one's own view away. Raises NotFound."""
    mine = (rows.c.tenant == desk.tenant, rows.c.id == view_id, rows.c.owner == desk.person.id)
    if desk.session.execute(delete(rows).where(*mine).returning(rows.c.id)).first() is None:
        raise NotFound("Cette vue n’existe pas, ou plus.")


def forget(session: Session, vault: Vault, tenant: str, identity: Identity) -> None:
    """Take away, of everybody's, every view whose name or words name this person."""
    named = words.words_of(replace(identity, adresse=None))
    for row in session.execute(select(rows).where(rows.c.tenant == tenant)).all():
        kept = _content(vault, row)
        asked = words.asked(f"{kept['name']} {kept['wanted'].get('q', '')}")
        if any(not named.isdisjoint(meant) for meant in asked):
            session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.id == row.id))


def _view(desk: Desk, row: Any) -> View:
    kept = _content(desk.context.vault, row)
    return View(row.id, kept["name"], Wanted.read(kept["wanted"]), row.role, row.owner == desk.person.id)


def _content(vault: Vault, row: Any) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(vault.open_bytes(row.content, _context(row.id)))
    return content


def _context(view_id: str) -> str:
    return f"saved_view.content:{view_id}"
