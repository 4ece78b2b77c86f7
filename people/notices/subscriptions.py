"""The browsers that take messages for a person: where to, and with which keys; sealed."""

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import Invalid
from base.ids import new_id
from base.settings import is_loopback
from base.vault import Vault
from people.notices.tables import subscription as rows

MOST = 10
LONGEST = 1000
POINT, SECRET = 65, 16
"""How long a browser's public key and its secret are (RFC 8291)."""
BAD = "Ce navigateur n’a pas donné ce qu’il faut pour recevoir des messages."


@dataclass(frozen=True)
class Subscription:
    """Where a browser takes messages: the address of its push service, its public key and its secret."""

    id: str
    device: str
    endpoint: str
    p256dh: bytes
    auth: bytes


def subscribe(
    session: Session,
    vault: Vault,
    clock: Clock,
    tenant: str,
    person: str,
    said: Mapping[str, str],
    *,
    device: str,
    on_loopback: bool,
) -> str:
    """Keep what a browser gave; the same browser again is the same subscription. Raises Invalid.

    `on_loopback`: Jalon itself is reached on this machine only, and so may a push service be.
    """
    given = {name: said.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    _check(given, on_loopback)
    mark = digest(given["endpoint"])
    mine = of_person(session, vault, tenant, person)
    for one in mine[MOST - 1 :]:
        remove(session, tenant, person, one.id)
    values = {
        "id": new_id(), "person": person, "device": device[:80], "made_at": clock.now(),
        "content": vault.seal_bytes(orjson.dumps(given), context_of(mark)),
    }  # fmt: skip
    put = insert_into(session, rows).values(tenant=tenant, endpoint_hash=mark, **values)
    session.execute(put.on_conflict_do_update(index_elements=["tenant", "endpoint_hash"], set_=values))
    return str(values["id"])


def of_person(session: Session, vault: Vault, tenant: str, person: str) -> list[Subscription]:
    """The browsers of a person, the last first."""
    mine = select(rows).where(rows.c.tenant == tenant, rows.c.person == person)
    found = []
    for row in session.execute(mine.order_by(rows.c.made_at.desc(), rows.c.id.desc())):
        said = orjson.loads(vault.open_bytes(row.content, context_of(row.endpoint_hash)))
        keys = {name: _bytes(said[name]) for name in ("p256dh", "auth")}
        found.append(Subscription(row.id, row.device, said["endpoint"], **keys))
    return found


def remove(session: Session, tenant: str, person: str, subscription_id: str) -> None:
    """This browser takes no messages any more."""
    session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.person == person, rows.c.id == subscription_id))


def digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def context_of(mark: str) -> str:
    return f"push_subscription.content:{mark}"


def _check(given: Mapping[str, str], on_loopback: bool) -> None:
    """The address must be one that a browser's maker gives: a name in https, not a machine of our own network."""
    try:
        parts = urlsplit(given["endpoint"])
        host = parts.hostname or ""
        named = parts.scheme == "https" and "." in host and host.rpartition(".")[2].isalpha()
        known = named or (on_loopback and is_loopback(host))
        sized = len(_bytes(given["p256dh"])) == POINT and len(_bytes(given["auth"])) == SECRET
    except ValueError:
        known = sized = False
    if not known or not sized or len(given["endpoint"]) > LONGEST:
        raise Invalid(BAD, {"endpoint": BAD})


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
