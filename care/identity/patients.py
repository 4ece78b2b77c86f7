"""The patients: sealed identities, found again by blind index; one message about somebody never makes two of them."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import BigInteger, bindparam, func, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from base.prepared import Prepared, Query, filled, insert_once
from base.vault import Unreadable, Vault, normalise
from care.identity import duplicates, identity_log
from care.identity.identifiers import mask_ins
from care.identity.identity import ERASED, Identity
from care.identity.status import PARTNER, RANKS, STATUSES, move
from care.identity.tables import patient_merge as merge_rows
from care.search import words
from care.tables import patient as rows
from people.persons import Person

OF_TENANT = select(rows).where(rows.c.tenant == bindparam("tenant"))
BY_INS = Query(OF_TENANT.where(rows.c.ins_blind == bindparam("blind")))
BY_TRAITS = Query(OF_TENANT.where(rows.c.traits_blind == bindparam("blind")).order_by(rows.c.id))
ONE = Query(select(rows).where(rows.c.id == bindparam("id")))
AT_ONCE = 25
THESE = Query(select(rows).where(rows.c.id.in_([bindparam(f"id_{place}") for place in range(AT_ONCE)])))
NEWEST = Query(
    OF_TENANT.where(rows.c.merged_into.is_(None), rows.c.erased_at.is_(None)).order_by(rows.c.id.desc()).limit(3)
)
ADD = insert_once(rows, "tenant", "ins_blind")
NAMESAKES = Query(select(func.pg_advisory_xact_lock(bindparam("traits", type_=BigInteger)).label("lock")))
MERGED = Query(
    select(merge_rows.c.gone)
    .where(merge_rows.c.tenant == bindparam("tenant"), merge_rows.c.kept == bindparam("kept"))
    .where(merge_rows.c.undone_at.is_(None))
    .order_by(merge_rows.c.at, merge_rows.c.id)
)
CHANGE = Prepared(
    update(rows)
    .where(rows.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("identity", "status", "ins_blind", "traits_blind")})
)
HOLD = Query(select(rows.c.merged_into).where(rows.c.id == bindparam("id")).with_for_update(read=True, key_share=True))


@dataclass(frozen=True)
class Patient:
    """A patient of the territory; `status` says how sure the identity is (PROV, VALI, RECUP, QUAL)."""

    tenant: str
    id: str
    identity: Identity
    status: str
    merged_into: str | None = None

    @property
    def is_erased(self) -> bool:
        return self.identity == ERASED

    @property
    def is_qualified(self) -> bool:
        return self.status == "QUAL"

    @property
    def ins(self) -> str | None:
        """The INS, only where the rules let it be used: on a qualified identity."""
        return self.identity.ins if self.is_qualified else None

    @property
    def masked_ins(self) -> str:
        return mask_ins(self.ins or "")


def admit(
    session: Session, vault: Vault, clock: Clock, tenant: str, identity: Identity, status: str, by: str = PARTNER
) -> Patient:
    """The patient of this identity, made when nobody known has it; whoever resembles them is proposed as a duplicate.

    A known patient keeps the surer identity of the two; phone and address follow the latest word. `by` is who says it.
    Raises Invalid, and Conflict when another transaction has just created the owner of this INS: try again.
    """
    if status not in STATUSES:
        raise Invalid("Statut d’identité inconnu.", {"statut": f"Attendu : {', '.join(STATUSES)}."})
    if status == "QUAL" and not identity.ins:
        raise Invalid("Une identité qualifiée vient avec son INS.", {"ins": "L’INS manque."})
    known = find(session, vault, tenant, identity, status)
    if known is None and _waited_for_namesakes(session, vault, identity):
        known = find(session, vault, tenant, identity, status)
    if known is None:
        return _create(session, vault, clock, tenant, identity, status)
    return _refresh(session, vault, clock, _held(session, vault, known), identity, status, by)


def find(session: Session, vault: Vault, tenant: str, identity: Identity, status: str) -> Patient | None:
    """The patient of this identity: by INS when it is qualified, else by the traits when they leave no doubt.

    Whoever was merged into another is that other.
    """
    if status == "QUAL" and identity.ins:
        row = BY_INS.first(session, {"tenant": tenant, "blind": vault.blind(identity.ins, "ins")})
        if row is not None:
            return _followed(session, vault, _read(vault, row))
    same_traits = BY_TRAITS.all(session, {"tenant": tenant, "blind": traits_blind(vault, identity)})
    others = [_read(vault, row) for row in same_traits]
    twins = [_followed(session, vault, other) for other in others if _may_be(identity, status, other)]
    surest = max((RANKS[twin.status] for twin in twins), default=0)
    likeliest = {twin.id: twin for twin in twins if RANKS[twin.status] == surest}
    return next(iter(likeliest.values())) if len(likeliest) == 1 else None


def restate(session: Session, vault: Vault, clock: Clock, person: Person, patient_id: str, status: str) -> Patient:
    """Change how sure an identity is, as the table of moves lets this person do. Raises Forbidden and Conflict."""
    known = patient(session, vault, patient_id)
    allowed = move(known.status, status, person.roles, has_ins=bool(known.identity.ins))
    if known.tenant != person.tenant or allowed is None:
        raise Forbidden("Vous ne pouvez pas donner ce statut à cette identité.", code="status-refused")
    is_false = known.status == "QUAL" and status == "VALI"
    identity = replace(known.identity, ins=None) if is_false else known.identity
    changed = replace(known, identity=identity, status=status)
    unchanged = (rows.c.id == known.id, rows.c.status == known.status)
    done = update(rows).where(*unchanged).values(_columns(vault, changed)).returning(rows.c.id)
    if not session.execute(done).all():
        raise Conflict("Quelqu’un vient de changer cette identité.", code="identity-changed")
    _tell(session, vault, clock, known, changed, person.id)
    return changed


def patient(session: Session, vault: Vault, patient_id: str) -> Patient:
    """Raises NotFound."""
    row = ONE.first(session, {"id": patient_id})
    if row is None:
        raise NotFound("Ce patient n’existe pas.")
    return _read(vault, row)


def patients(session: Session, vault: Vault, ids: Collection[str]) -> dict[str, Patient]:
    """Those of these ids that exist, by id."""
    some = filled("id", list(ids), AT_ONCE)
    return {row.id: _read(vault, row) for values in some for row in THESE.all(session, values)}


def unknown_key(session: Session, vault: Vault, tenant: str) -> str:
    """`vault` or `index`, the key that is not that of the newest patients; nothing when both are, or nobody is."""
    found = NEWEST.all(session, {"tenant": tenant})
    known: list[bool] = []
    for row in found:
        with suppress(Unreadable):
            known.append(traits_blind(vault, _read(vault, row).identity) == row.traits_blind)
    if not found or any(known):
        return ""
    return "index" if known else "vault"


def known_as(session: Session, vault: Vault, known: Patient) -> list[Identity]:
    """The identity of a patient, then those that were merged into it."""
    merged = MERGED.all(session, {"tenant": known.tenant, "kept": known.id})
    others = [known_as(session, vault, patient(session, vault, row.gone)) for row in merged]
    return [known.identity, *(identity for found in others for identity in found)]


def traits_blind(vault: Vault, identity: Identity) -> str:
    """Four of the five strict traits; the birthplace is often missing, so it only ever sets people apart."""
    traits = (identity.nom_naissance, identity.first_name, identity.date_naissance.isoformat(), identity.sexe)
    return vault.blind("|".join(normalise(trait) for trait in traits), "traits")


def _may_be(identity: Identity, status: str, other: Patient) -> bool:
    """Same four traits: the same person, unless a birthplace or a qualified INS says otherwise.

    A qualified identity joins one without a qualified INS only when the birthplace is known on both sides and the same.
    """
    here, there = identity.insee_naissance, other.identity.insee_naissance
    if status == "QUAL":
        return not other.is_qualified and here is not None and here == there
    return not here or not there or here == there


def _waited_for_namesakes(session: Session, vault: Vault, identity: Identity) -> bool:
    """Wait for who is just creating a patient of these traits; False where one transaction writes at a time anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    key = int(traits_blind(vault, identity)[:15], 16)
    NAMESAKES.all(session, {"traits": key})
    return True


def _held(session: Session, vault: Vault, known: Patient) -> Patient:
    """The patient, kept from being merged until we are done; if that has just happened, whom they were merged into.

    On SQLite nobody else writes meanwhile.
    """
    if session.get_bind().dialect.name == "sqlite":
        return known
    merged_into = HOLD.all(session, {"id": known.id})[0].merged_into
    return known if merged_into is None else _held(session, vault, patient(session, vault, merged_into))


def _followed(session: Session, vault: Vault, found: Patient) -> Patient:
    while found.merged_into is not None:
        found = patient(session, vault, found.merged_into)
    return found


def _create(session: Session, vault: Vault, clock: Clock, tenant: str, identity: Identity, status: str) -> Patient:
    created = Patient(tenant, new_id(), identity, status)
    fresh = {"merged_into": None, "erased_at": None, "created_at": clock.now()}
    if ADD.first(session, {"tenant": tenant, "id": created.id, **fresh, **_columns(vault, created)}) is None:
        raise Conflict("Un autre message vient de créer ce patient.")
    words.add(session, vault, tenant, created.id, identity)
    compare(session, vault, clock, created)
    return created


def compare(session: Session, vault: Vault, clock: Clock, known: Patient) -> int:
    """Propose whoever may be the same person as this patient; how many there are."""
    ids = duplicates.candidates(session, vault, known.tenant, known.id, known.identity)
    alike: dict[str, str] = {}
    for other in patients(session, vault, ids).values():
        reason = duplicates.likeness(
            known.identity, other.identity, left_sure=known.is_qualified, right_sure=other.is_qualified
        )
        if reason is not None and other.merged_into is None:
            alike[other.id] = reason
    duplicates.propose(session, clock, known.tenant, known.id, alike)
    return len(alike)


def _refresh(
    session: Session, vault: Vault, clock: Clock, known: Patient, identity: Identity, status: str, by: str
) -> Patient:
    has_ins = bool(identity.ins or known.identity.ins)
    surer = move(known.status, status, frozenset({PARTNER}), has_ins=has_ins) is not None
    base, other = (identity, known.identity) if surer else (known.identity, identity)
    merged = replace(
        base,
        prenom_usuel=base.prenom_usuel or other.prenom_usuel,
        insee_naissance=base.insee_naissance or other.insee_naissance,
        ins=base.ins or other.ins,
        tel=identity.tel or known.identity.tel,
        adresse=identity.adresse or known.identity.adresse,
    )
    refreshed = replace(known, identity=merged, status=status if surer else known.status)
    if refreshed != known:
        CHANGE.write(session, [{"b_id": known.id, **_columns(vault, refreshed)}])
        _tell(session, vault, clock, known, refreshed, by)
    return refreshed


def _tell(session: Session, vault: Vault, clock: Clock, before: Patient, after: Patient, by: str) -> None:
    """Words follow the identity, and a change of status is logged: no status moves silently."""
    if before.identity != after.identity:
        words.index(session, vault, after.tenant, after.id, *known_as(session, vault, after))
    if before.status != after.status:
        detail = f"{before.status}>{after.status}"
        identity_log.note(session, clock, after.tenant, by, after.id, "status", detail)


def sealed(vault: Vault, patient_id: str, identity: Identity) -> bytes:
    """An identity as the row of its patient holds it."""
    return vault.seal_bytes(orjson.dumps(identity), _context(patient_id))


def _columns(vault: Vault, owner: Patient) -> dict[str, object]:
    return {
        "identity": sealed(vault, owner.id, owner.identity),
        "status": owner.status,
        "ins_blind": vault.blind(owner.ins, "ins") if owner.ins else None,
        "traits_blind": traits_blind(vault, owner.identity),
    }


def _read(vault: Vault, row: Any) -> Patient:
    stored = orjson.loads(vault.open_bytes(row.identity, _context(row.id)))
    stored["prenoms"] = tuple(stored["prenoms"])
    stored["date_naissance"] = date.fromisoformat(stored["date_naissance"])
    return Patient(row.tenant, row.id, Identity(**stored), row.status, row.merged_into)


def _context(patient_id: str) -> str:
    return f"patient.identity:{patient_id}"
