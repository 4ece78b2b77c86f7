"""The patients: sealed identities, found again by blind index, and how screens name them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Invalid, NotFound
from base.ids import new_id
from base.prepared import Query, insert_once
from base.vault import Vault, normalise
from care.identifiers import mask_ins, say_age, say_day
from care.tables import patient as rows

STATUSES = ("PROV", "VALI", "RECUP", "QUAL")
RANKS = {"PROV": 0, "VALI": 1, "RECUP": 1, "QUAL": 2}
SEXES = {"F": "Femme", "M": "Homme", "I": "Sexe non précisé"}
BORN = {"F": "née", "M": "né", "I": "né(e)"}

OF_TENANT = select(rows).where(rows.c.tenant == bindparam("tenant"))
BY_INS = Query(OF_TENANT.where(rows.c.ins_blind == bindparam("blind")))
BY_TRAITS = Query(OF_TENANT.where(rows.c.traits_blind == bindparam("blind")).order_by(rows.c.id))
ONE = Query(select(rows).where(rows.c.id == bindparam("id")))
THESE = select(rows).where(rows.c.id.in_(bindparam("ids", expanding=True)))
ADD = insert_once(rows, "tenant", "ins_blind")


@dataclass(frozen=True)
class Identity:
    """What tells who somebody is. French names: these are the traits of the national rules (RNIV)."""

    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: str
    date_naissance: date
    prenom_usuel: str | None = None
    insee_naissance: str | None = None
    ins: str | None = None
    tel: str | None = None
    adresse: str | None = None

    @property
    def family_name(self) -> str:
        """The birth name in capitals: « PAT-TROIS »."""
        return self.nom_naissance.upper()

    @property
    def given_name(self) -> str:
        """The name in use, else the first of the birth names: « Dominique »."""
        name = self.prenom_usuel or next(iter(self.prenoms), "")
        return name.title() if name.isupper() or name.islower() else name

    @property
    def display(self) -> str:
        """« PAT-TROIS Dominique »"""
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def sex(self) -> str:
        return SEXES.get(self.sexe, SEXES["I"])

    @property
    def born(self) -> str:
        """« née le 12 mars 1979 »"""
        return f"{BORN.get(self.sexe, BORN['I'])} le {say_day(self.date_naissance)}"

    def age(self, today: date) -> str:
        """« 47 ans »"""
        return say_age(self.date_naissance, today)

    def describe(self, today: date) -> str:
        """« Femme, 47 ans, née le 12 mars 1979 »"""
        return f"{self.sex}, {self.age(today)}, {self.born}"


@dataclass(frozen=True)
class Patient:
    """A patient of the territory; `status` says how sure the identity is (PROV, VALI, RECUP, QUAL)."""

    tenant: str
    id: str
    identity: Identity
    status: str

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


def admit(session: Session, vault: Vault, clock: Clock, tenant: str, identity: Identity, status: str) -> Patient:
    """The patient of this identity, made when nobody known has it.

    A known patient keeps the surer identity of the two; phone and address follow the latest word.
    Raises Invalid, and Conflict when another transaction has just created the owner of this INS: try again.
    """
    if status not in STATUSES:
        raise Invalid("Statut d’identité inconnu.", {"statut": f"Attendu : {', '.join(STATUSES)}."})
    if status == "QUAL" and not identity.ins:
        raise Invalid("Une identité qualifiée vient avec son INS.", {"ins": "L’INS manque."})
    known = find(session, vault, tenant, identity, status)
    if known is None:
        return _create(session, vault, clock, tenant, identity, status)
    return _refresh(session, vault, known, identity, status)


def find(session: Session, vault: Vault, tenant: str, identity: Identity, status: str) -> Patient | None:
    """The patient of this identity: by INS when it is qualified, else by the traits when they leave no doubt."""
    if status == "QUAL" and identity.ins:
        row = BY_INS.first(session, {"tenant": tenant, "blind": vault.blind(identity.ins, "ins")})
        if row is not None:
            return _read(vault, row)
    same_traits = BY_TRAITS.all(session, {"tenant": tenant, "blind": _traits(vault, identity)})
    others = [_read(vault, row) for row in same_traits]
    twins = [other for other in others if _may_be(identity, status, other)]
    surest = max((RANKS[twin.status] for twin in twins), default=0)
    likeliest = [twin for twin in twins if RANKS[twin.status] == surest]
    return likeliest[0] if len(likeliest) == 1 else None


def patient(session: Session, vault: Vault, patient_id: str) -> Patient:
    """Raises NotFound."""
    row = ONE.first(session, {"id": patient_id})
    if row is None:
        raise NotFound("Ce patient n’existe pas.")
    return _read(vault, row)


def patients(session: Session, vault: Vault, ids: Collection[str]) -> dict[str, Patient]:
    """Those of these ids that exist, by id."""
    if not ids:
        return {}
    found = session.execute(THESE, {"ids": list(ids)})
    return {row.id: _read(vault, row) for row in found}


def _traits(vault: Vault, identity: Identity) -> str:
    """Four of the five strict traits; the birthplace is often missing, so it only ever sets people apart."""
    first = next(iter(identity.prenoms), "").split(" ")[0]
    traits = (identity.nom_naissance, first, identity.date_naissance.isoformat(), identity.sexe)
    return vault.blind("|".join(normalise(trait) for trait in traits), "traits")


def _may_be(identity: Identity, status: str, other: Patient) -> bool:
    """Same four traits: the same person, unless a birthplace or a qualified INS says otherwise.

    A qualified identity joins one without a qualified INS only when the birthplace is known on both sides and the same.
    """
    here, there = identity.insee_naissance, other.identity.insee_naissance
    if status == "QUAL":
        return not other.is_qualified and here is not None and here == there
    return not here or not there or here == there


def _create(session: Session, vault: Vault, clock: Clock, tenant: str, identity: Identity, status: str) -> Patient:
    created = Patient(tenant, new_id(), identity, status)
    values = {"tenant": tenant, "id": created.id, "created_at": clock.now(), **_columns(vault, created)}
    if ADD.first(session, values) is None:
        raise Conflict("Un autre message vient de créer ce patient.")
    return created


def _refresh(session: Session, vault: Vault, known: Patient, identity: Identity, status: str) -> Patient:
    surer = RANKS[status] > RANKS[known.status]
    base, other = (identity, known.identity) if surer else (known.identity, identity)
    merged = replace(
        base,
        prenom_usuel=base.prenom_usuel or other.prenom_usuel,
        insee_naissance=base.insee_naissance or other.insee_naissance,
        ins=base.ins or other.ins,
        tel=identity.tel or known.identity.tel,
        adresse=identity.adresse or known.identity.adresse,
    )
    refreshed = Patient(known.tenant, known.id, merged, status if surer else known.status)
    if refreshed != known:
        session.execute(update(rows).where(rows.c.id == known.id).values(_columns(vault, refreshed)))
    return refreshed


def _columns(vault: Vault, owner: Patient) -> dict[str, object]:
    return {
        "identity": vault.seal_bytes(orjson.dumps(owner.identity), _context(owner.id)),
        "status": owner.status,
        "ins_blind": vault.blind(owner.ins, "ins") if owner.ins else None,
        "traits_blind": _traits(vault, owner.identity),
    }


def _read(vault: Vault, row: Any) -> Patient:
    stored = orjson.loads(vault.open_bytes(row.identity, _context(row.id)))
    stored["prenoms"] = tuple(stored["prenoms"])
    stored["date_naissance"] = date.fromisoformat(stored["date_naissance"])
    return Patient(row.tenant, row.id, Identity(**stored), row.status)


def _context(patient_id: str) -> str:
    return f"patient.identity:{patient_id}"
