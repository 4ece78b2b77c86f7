"""Patients who may be one and the same: proposed at once to who looks after identities, never joined by a program.

The rule, which is about writing and not about care. Two patients are proposed when they have the same INS; the same
four traits (birth name, first name, birth date, sex); the same names, and birth dates that differ by one digit or by
day and month exchanged; or the same birth date, and names that differ by one slip of the keyboard, by a part left out
(« MARTIN » and « MARTIN-DURAND »), or by being exchanged. Two different qualified INS are two persons; so are M and F,
but for the same INS. Two INS that differ by their key alone are one number, of which somebody wrote a key wrongly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict
from base.prepared import Prepared, Query, filled
from base.vault import Vault
from care.identity.identifiers import same_but_key
from care.identity.identity import Identity
from care.identity.tables import patient_duplicate as rows
from care.identity.tables import patient_word as word_rows
from care.search.words import KIND, beginnings, day_word, joined, names_blind, split
from care.tables import patient

OPEN, MERGED, APART = "open", "merged", "apart"
MOST = 50
SAME_INS, SAME_BUT_KEY, SAME_TRAITS, SAME_NAMES, NEAR = "ins", "ins_key", "traits", "names", "near"
REASONS = {
    SAME_INS: "Même INS",
    SAME_BUT_KEY: "Même INS, à la clé près\u00a0: l’une des deux est fausse",
    SAME_TRAITS: "Mêmes nom, prénom, date de naissance et sexe",
    SAME_NAMES: "Mêmes noms, dates de naissance proches",
    NEAR: "Même date de naissance, noms proches",
}
WORDS = 4
"""How many words one statement looks for: most names need no second one."""
LOOKED_FOR: list[BindParameter[str]] = [bindparam(f"word_{place}") for place in range(WORDS)]
ONE, OTHER = word_rows.alias(), word_rows.alias()
BORN_ALIKE = Query(
    select(ONE.c.patient)
    .join(OTHER, and_(OTHER.c.tenant == ONE.c.tenant, OTHER.c.patient == ONE.c.patient))
    .where(ONE.c.tenant == bindparam("tenant"), ONE.c.word_blind == bindparam("day"))
    .where(ONE.c.patient != bindparam("patient"), OTHER.c.word_blind.in_(LOOKED_FOR))
    .distinct()
    .limit(MOST)
)
NAMED_ALIKE = Query(
    select(word_rows.c.patient)
    .where(word_rows.c.tenant == bindparam("tenant"), word_rows.c.word_blind.in_(LOOKED_FOR))
    .where(word_rows.c.patient != bindparam("patient"))
    .limit(MOST)
)
PROPOSE = Prepared(
    sqlite.insert(rows).on_conflict_do_nothing(), {"postgresql": postgresql.insert(rows).on_conflict_do_nothing()}
)


@dataclass(frozen=True)
class Pair:
    """Two patients who may be one."""

    one: str
    other: str
    reason: str
    proposed_at: datetime
    state: str


def likeness(left: Identity, right: Identity, *, left_sure: bool = False, right_sure: bool = False) -> str | None:
    """Why these two may be the same person, or None; `sure` says of each that its INS is qualified."""
    if left.ins and left.ins == right.ins:
        return SAME_INS
    if same_but_key(left.ins, right.ins):
        return SAME_BUT_KEY
    if (left_sure and right_sure) or {left.sexe, right.sexe} == {"F", "M"}:
        return None
    same_names = _names(left) == _names(right)
    if left.date_naissance == right.date_naissance:
        return SAME_TRAITS if same_names and left.sexe == right.sexe else NEAR if _near(left, right) else None
    return SAME_NAMES if same_names and _dates_near(left.date_naissance, right.date_naissance) else None


def candidates(session: Session, vault: Vault, tenant: str, patient_id: str, identity: Identity) -> list[str]:
    """The ids of the patients who are worth comparing with this one, at most fifty for each few of their words."""
    day = vault.blind(day_word(identity.date_naissance), KIND)
    starts = {beginnings(word)[0] for name in (identity.nom_naissance, identity.first_name) for word in split(name)}
    whole = [names_blind(vault, identity), *([vault.blind(identity.ins, KIND)] if identity.ins else [])]
    own = {"tenant": tenant, "patient": patient_id}
    found: set[str] = set()
    for blinds in filled("word", [vault.blind(start, KIND) for start in sorted(starts)], WORDS):
        found.update(row.patient for row in BORN_ALIKE.all(session, {**own, "day": day, **blinds}))
    for blinds in filled("word", whole, WORDS):
        found.update(row.patient for row in NAMED_ALIKE.all(session, {**own, **blinds}))
    return sorted(found)


def propose(session: Session, clock: Clock, tenant: str, known: str, alike: Mapping[str, str]) -> None:
    """Propose as one with `known` whoever resembles them, each with the reason; what is decided stays decided."""
    fresh = {"tenant": tenant, "proposed_at": clock.now(), "state": OPEN}
    pairs = [(*sorted((known, other)), reason) for other, reason in alike.items()]
    PROPOSE.write(session, [{**fresh, "one": one, "other": other, "reason": reason} for one, other, reason in pairs])


def proposed(session: Session, tenant: str, limit: int = 50) -> list[Pair]:
    """The pairs that wait for a decision, the newest first; whoever is merged or erased waits no longer."""
    settled = select(patient.c.id).where(or_(patient.c.merged_into.is_not(None), patient.c.erased_at.is_not(None)))
    there = [~exists(settled.where(patient.c.id == side)) for side in (rows.c.one, rows.c.other)]
    query = select(rows).where(rows.c.tenant == tenant, rows.c.state == OPEN, *there)
    query = query.order_by(rows.c.proposed_at.desc(), rows.c.one, rows.c.other).limit(limit)
    return [_pair(row) for row in session.execute(query)]


def set_apart(session: Session, clock: Clock, tenant: str, left: str, right: str, by: str) -> None:
    """They are two persons: the pair is not proposed again. Raises Conflict when it waits no longer."""
    if not decide(session, clock, tenant, left, right, by, APART):
        raise Conflict("Cette paire a déjà été traitée.", code="pair-settled")


def decide(session: Session, clock: Clock, tenant: str, left: str, right: str, by: str, state: str) -> bool:
    """Settle a pair that waits, or open again one that was merged; False when there was nothing to settle."""
    one, other = sorted((left, right))
    before = MERGED if state == OPEN else OPEN
    pair = (rows.c.tenant == tenant, rows.c.one == one, rows.c.other == other, rows.c.state == before)
    settled = update(rows).where(*pair).values(state=state, decided_by=by, decided_at=clock.now())
    return bool(session.execute(settled.returning(rows.c.one)).all())


def one_slip(left: str, right: str) -> bool:
    """The same but for one letter more, less, other, or two neighbours exchanged."""
    if abs(len(left) - len(right)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    a, b = left[start:], right[start:]
    exchanged = a[:2] == b[1::-1] and a[2:] == b[2:] if len(a) > 1 and len(b) > 1 else False
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or exchanged


def _names(identity: Identity) -> tuple[str, str]:
    return joined(identity.nom_naissance), joined(identity.first_name)


def _near(left: Identity, right: Identity) -> bool:
    (family, first), (other_family, other_first) = _names(left), _names(right)
    if (family, first) == (other_first, other_family):
        return True
    return _close(family, other_family, left.nom_naissance, right.nom_naissance) and _close(
        first, other_first, " ".join(left.prenoms), " ".join(right.prenoms)
    )


def _close(left: str, right: str, whole_left: str, whole_right: str) -> bool:
    """Short names differ by a letter and are still two names: a slip is one from four letters on."""
    if left == right or (min(len(left), len(right)) > 3 and one_slip(left, right)):
        return True
    parts, others = set(split(whole_left)), set(split(whole_right))
    return bool(parts and others) and (parts <= others or others <= parts)


def _dates_near(left: date, right: date) -> bool:
    if (left.day, left.month, left.year) == (right.month, right.day, right.year):
        return True
    return sum(a != b for a, b in zip(left.isoformat(), right.isoformat(), strict=True)) == 1


def _pair(row: Any) -> Pair:
    return Pair(row.one, row.other, row.reason, row.proposed_at, row.state)
