"""The structures of the territory: hospitals, pharmacies, nursing homes, laboratories, town halls…"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from base.database import insert_into
from base.errors import Conflict, Invalid, NotFound
from base.identifiers import read_finess, read_siret, tried
from base.ids import new_id
from base.rows import made
from people.directory.tables import structure as rows

KINDS = {
    "hopital": "Établissement de santé",
    "had": "Hospitalisation à domicile",
    "ehpad": "Ehpad",
    "esms": "Établissement ou service médico-social",
    "dac": "Dispositif d’appui à la coordination",
    "msp": "Maison de santé",
    "cabinet": "Cabinet",
    "pharmacie": "Pharmacie",
    "laboratoire": "Laboratoire",
    "aide_domicile": "Aide à domicile",
    "transport": "Transport sanitaire",
    "social": "Service social",
    "collectivite": "Collectivité",
    "association": "Association",
    "autre": "Autre",
}


@dataclass(frozen=True)
class Structure:
    """A structure; known by its FINESS or SIRET number when it has one."""

    id: str
    name: str
    kind: str = "autre"
    finess: str | None = None
    siret: str | None = None
    address: str = ""
    commune_code: str = ""
    commune: str = ""
    phone: str = ""
    mssante: str = ""
    active: bool = True


def save(session: Session, tenant: str, saved: Structure) -> Structure:
    """Add a structure, or change the one with this id. Raises Invalid, Conflict when another has its number."""
    kept = replace(saved, id=saved.id or new_id(), finess=saved.finess or None, siret=saved.siret or None)
    if fields := _faults(kept):
        raise Invalid("Une réponse à revoir." if len(fields) == 1 else f"{len(fields)} réponses à revoir.", fields)
    other = by_number(session, tenant, kept.finess or "", kept.siret or "")
    if other is not None and other.id != kept.id:
        raise Conflict(f"{other.name} porte déjà ce numéro.")
    values = asdict(kept)
    written = insert_into(session, rows).values(tenant=tenant, **values)
    session.execute(written.on_conflict_do_update(index_elements=["tenant", "id"], set_=values))
    return kept


def structure(session: Session, tenant: str, structure_id: str) -> Structure:
    """Raises NotFound."""
    for row in session.execute(_all(tenant).where(rows.c.id == structure_id)):
        return _structure(row)
    raise NotFound("Cette structure n’est pas dans l’annuaire.")


def by_number(session: Session, tenant: str, finess: str, siret: str) -> Structure | None:
    """The structure with this FINESS number, else with this SIRET."""
    known = [column == value for column, value in ((rows.c.finess, finess), (rows.c.siret, siret)) if value]
    if not known:
        return None
    found = [_structure(row) for row in session.execute(_all(tenant).where(or_(*known)))]
    return next((one for one in found if finess and one.finess == finess), found[0] if found else None)


def structures(session: Session, tenant: str, words: str = "", limit: int = 200) -> list[Structure]:
    """The structures whose name or commune holds each of these words, by name."""
    query = _all(tenant)
    for word in words.split()[:6]:
        part = f"%{word.replace('%', '').replace('_', '').casefold()}%"
        query = query.where(or_(func.lower(rows.c.name).like(part), func.lower(rows.c.commune).like(part)))
    return [_structure(row) for row in session.execute(query.order_by(rows.c.name, rows.c.id).limit(limit))]


def close(session: Session, tenant: str, structure_id: str) -> None:
    """The structure is no longer there; who practised in it keeps their place."""
    session.execute(update(rows).where(rows.c.tenant == tenant, rows.c.id == structure_id).values(active=False))


def _faults(one: Structure) -> dict[str, str]:
    faults = {}
    if not one.name.strip():
        faults["name"] = "Donnez le nom de la structure."
    if one.kind not in KINDS:
        faults["kind"] = "Choisissez une nature de la liste."
    if one.finess and not tried(read_finess, one.finess).value:
        faults["finess"] = "Un numéro FINESS compte 9 caractères."
    if one.siret and not tried(read_siret, one.siret).value:
        faults["siret"] = "Un numéro SIRET compte 14 chiffres."
    if len(one.commune_code) not in (0, 5):
        faults["commune_code"] = "Un code Insee compte 5 caractères."
    return faults


def _all(tenant: str) -> Select[Any]:
    return select(rows).where(rows.c.tenant == tenant)


def _structure(row: Any) -> Structure:
    return made(Structure, row)
