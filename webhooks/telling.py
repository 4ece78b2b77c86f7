"""What a partner may be told of a case: whether at all, and which values of a milestone, by the kind of structure."""

from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.case.cases import Case
from care.sharing.visibility import ADMINISTRATIVE, CATEGORIES, CLINICAL, recipient_category
from engine.definition import Definition
from engine.feel import Plain
from engine.tables import run as runs
from pathways import sharing
from pathways.context import Context
from webhooks.partners import Partner

LANES: Mapping[str, str] = {
    "ES": "ems", "HAD": "had_coordination", "ESMS": "ehpad", "DAC": "dac", "transport": "transporteur",
}  # fmt: skip
"""In which lane a structure of each nature reads; one of another nature reads none. À valider localement."""
PROPERTY = "jalon:categories"
"""What an author writes on a milestone: « rdv_date : administratif ; lieu : administratif »; else it is clinical."""


def readable(session: Session, context: Context, case: Case, partner: Partner) -> frozenset[str] | None:
    """The categories that a partner may read of a case now; None when they may not even be told that it goes on."""
    lane = LANES.get(partner.nature)
    kind = recipient_category([lane] if lane else [])
    verdict = sharing.with_partner(session, context, case, kind)
    if verdict.outcome != sharing.ALLOWED:
        return None
    told = {CLINICAL} if sharing.reads_all(session, context, case, kind) else set()
    return context.visibility.of([lane] if lane else []) | {ADMINISTRATIVE} | told


def told(
    session: Session, context: Context, case: Case, element: str, data: Mapping[str, Plain], seen: frozenset[str]
) -> dict[str, Plain]:
    """Of what a milestone gives, what is of these categories."""
    kinds = _kinds(session, context, case, element)
    return {name: value for name, value in data.items() if kinds.get(name, CLINICAL) in seen}


def _kinds(session: Session, context: Context, case: Case, element: str) -> Mapping[str, str]:
    followed = session.scalar(select(runs.c.definition).where(runs.c.tenant == context.tenant, runs.c.id == case.id))
    return _written(context.engine.definition(session, followed), element) if followed else {}


@lru_cache(maxsize=256)
def _written(definition: Definition, element: str) -> Mapping[str, str]:
    """The category of each value, as the author wrote it on the element."""
    elements = (one for process in definition.processes for one in definition.elements(process))
    written = next((one.properties.get(PROPERTY, "") for one in elements if one.id == element), "")
    pairs = (part.partition(":") for part in written.split(";"))
    said = {name.strip(): category.strip() for name, _, category in pairs}
    return {name: category for name, category in said.items() if category in CATEGORIES}
