"""The log of identities: who created, changed, merged, looked at, exported or erased one; nothing in it is in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from base.prepared import Prepared, Query
from care.identity.tables import identity_log as rows

ADD = Prepared(insert(rows))
OF_PATIENT = Query(
    select(rows)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.patient == bindparam("patient"))
    .order_by(rows.c.at, rows.c.id)
)
KINDS = {
    "status": "Statut de l’identité changé",
    "looked": "Identité consultée",
    "ins": "INS affiché",
    "merged": "Fusion avec une autre identité",
    "unmerged": "Fusion annulée",
    "apart": "Déclaré différent d’une autre personne",
    "exported": "Données exportées",
    "erased": "Données effacées",
}


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did to an identity: `by` is a person's id, or `partner:<key>`."""

    at: datetime
    by: str
    kind: str
    detail: str
    patient: str


def note(session: Session, clock: Clock, tenant: str, by: str, patient: str, kind: str, detail: str = "") -> None:
    """Write down what was done; `detail` holds codes and ids only."""
    at = clock.now()
    ADD.write(
        session,
        [{"tenant": tenant, "id": new_id(), "at": at, "by": by, "patient": patient, "kind": kind, "detail": detail}],
    )


def deeds(session: Session, tenant: str, patient: str) -> list[Deed]:
    """What was done to an identity, the oldest first."""
    found = OF_PATIENT.all(session, {"tenant": tenant, "patient": patient})
    return [_deed(row) for row in found]


def latest(found: Sequence[Deed], most: int) -> list[Deed]:
    """The last of these deeds, the latest first; of one person's looks on one day only the last, lest they hide what
    was changed."""
    shown: dict[object, Deed] = {}
    for n, deed in enumerate(reversed(found)):
        shown.setdefault((deed.by, deed.at.date()) if deed.kind == "looked" else n, deed)
    return list(shown.values())[:most]


def done(session: Session, tenant: str, kind: str) -> list[Deed]:
    """Everything of one kind that was ever done, to whichever identity, the oldest first."""
    query = select(rows).where(rows.c.tenant == tenant, rows.c.kind == kind).order_by(rows.c.at, rows.c.id)
    return [_deed(row) for row in session.execute(query)]


def _deed(row: Any) -> Deed:
    return Deed(row.at, row.by, row.kind, row.detail, row.patient)
