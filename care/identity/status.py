"""How sure an identity is (PROV, VALI, RECUP, QUAL): which moves are allowed, and to whom.

PROV: as told. VALI: checked against an identity document. RECUP: the INS was fetched. QUAL: both; only then may the INS
travel. The table is the RNIV's; nothing moves a status that does not stand in it, and each move is logged.
"""

from dataclasses import dataclass

STATUSES = ("PROV", "VALI", "RECUP", "QUAL")
RANKS = {"PROV": 0, "VALI": 1, "RECUP": 1, "QUAL": 2}
NAMES = {
    "PROV": "Identité provisoire",
    "VALI": "Identité validée",
    "RECUP": "Identité récupérée",
    "QUAL": "Identité qualifiée",
}
PARTNER = "partenaire"
KEEPERS = frozenset({"coordinateur", "coordonnateur_medical"})
"""Who looks after identities here, with the person and a document before them."""


@dataclass(frozen=True)
class Move:
    """One allowed move; `ins` says that the identity must then hold an INS, `why` what whoever does it affirms."""

    before: str
    after: str
    by: frozenset[str]
    why: str
    ins: bool = False


TOLD = frozenset({PARTNER})
MOVES = (
    Move("PROV", "VALI", KEEPERS | TOLD, "J’ai contrôlé une pièce d’identité"),
    Move("PROV", "RECUP", TOLD, "Le téléservice INSi a rendu l’INS", ins=True),
    Move("PROV", "QUAL", TOLD, "L’établissement a qualifié l’identité", ins=True),
    Move("VALI", "QUAL", TOLD, "L’établissement a qualifié l’identité", ins=True),
    Move("RECUP", "QUAL", KEEPERS | TOLD, "J’ai contrôlé une pièce d’identité, elle concorde avec l’INS", ins=True),
    Move("VALI", "PROV", KEEPERS, "Il y a un doute sur l’identité"),
    Move("RECUP", "PROV", KEEPERS, "Il y a un doute sur l’identité"),
    Move("QUAL", "VALI", KEEPERS, "L’INS est faux, la pièce d’identité est sûre"),
    Move("QUAL", "PROV", KEEPERS, "Il y a un doute sur l’identité"),
)


def move(before: str, after: str, roles: frozenset[str], *, has_ins: bool) -> Move | None:
    """The move that somebody with these roles may make, or None."""
    return next((one for one in moves(before, roles, has_ins=has_ins) if one.after == after), None)


def moves(before: str, roles: frozenset[str], *, has_ins: bool) -> list[Move]:
    """What somebody with these roles may make of an identity."""
    return [one for one in MOVES if one.before == before and one.by & roles and (has_ins or not one.ins)]
