"""The sixty professionals of the demo: a dozen who sign in, the others drawn, always the same."""

from dataclasses import dataclass, field
from random import Random

from jalon.demo import MAIL_DOMAIN
from jalon.demo.names import FAMILIES, MEN, WOMEN, phone, rpps

SEED = 43


@dataclass(frozen=True)
class Professional:
    """A person of the directory, and under which name they sign in, when they do."""

    family_name: str
    given_name: str
    profession_code: str
    profession_name: str
    roles: tuple[str, ...]
    rpps: str
    phone: str
    title: str = ""
    login: str | None = None
    email: str = field(default="")

    @property
    def display(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)


@dataclass(frozen=True)
class Trade:
    """A profession with its code of TRE_G15, the roles it takes in pathways, and how many of it the demo holds."""

    code: str
    name: str
    roles: tuple[str, ...]
    count: int
    title: str = ""


TRADES = (
    Trade("10", "Médecin généraliste", ("medecin_traitant", "medecin_effecteur"), 15, "Dr"),
    Trade("60", "Infirmier libéral", ("ide_liberale",), 13),
    Trade("70", "Masseur-kinésithérapeute", ("kinesitherapeute",), 6),
    Trade("21", "Pharmacien d’officine", ("pharmacien_officine",), 6),
    Trade("91", "Orthophoniste", ("orthophoniste",), 2),
    Trade("94", "Ergothérapeute", ("ergotherapeute",), 2),
    Trade("93", "Psychologue", ("psychologue",), 2),
    Trade("95", "Diététicien", ("dieteticien",), 1),
    Trade("50", "Sage-femme", ("sage_femme",), 2),
    Trade("10", "Neurologue", ("medecin_effecteur",), 1, "Dr"),
)

Member = tuple[str, str, str, str, str, str, tuple[str, ...]]
"""Sign-in, title, names, code and name of the profession, roles."""
MEMBERS: tuple[Member, ...] = (
    ("medecin", "Dr", "Claire", "DEMO-BERTHON", "10", "Médecin généraliste", ("medecin_traitant", "medecin_effecteur")),
    ("medecin2", "Dr", "Anne", "DEMO-VIGNAL", "10", "Médecin généraliste", ("medecin_traitant", "medecin_effecteur")),
    ("infirmiere", "", "Lucie", "DEMO-MASSON", "60", "Infirmière libérale", ("ide_liberale",)),
    ("pharmacienne", "", "Hélène", "DEMO-SABY", "21", "Pharmacienne d’officine", ("pharmacien_officine",)),
    ("kine", "", "Thomas", "DEMO-ROCHE", "70", "Masseur-kinésithérapeute", ("kinesitherapeute",)),
    ("orthophoniste", "", "Paul", "DEMO-JOUVE", "91", "Orthophoniste", ("orthophoniste",)),
    ("ipa", "", "Nadia", "DEMO-REY", "60", "Infirmière en pratique avancée", ("ipa",)),
    ("coordinatrice", "", "Sophie", "DEMO-VIALLET", "", "Coordinatrice de la CPTS", ("coordinateur",)),
    ("responsable", "Dr", "Marc", "DEMO-FAURE", "10", "Coordonnateur médical", ("coordonnateur_medical",)),
    ("hopital", "", "Isabelle", "DEMO-GIRARD", "60", "Infirmière de coordination, CH du Gier (démo)",
     ("ems", "ide_coordination_hosp", "secretaire")),
    ("social", "", "Julie", "DEMO-CHAPUIS", "", "Assistante sociale", ("assistant_social", "dac")),
    ("admin", "", "Karim", "DEMO-BLANC", "", "Administrateur de l’installation", ("admin",)),
)  # fmt: skip
PROTECTION = ("dpo", "", "Agnès", "DEMO-CHARRA", "", "Déléguée à la protection des données", ("dpo",))


def professionals() -> list[Professional]:
    """All of them, those who care first; the same list each time."""
    draw = Random(SEED)
    members = [_member(rank, member, draw) for rank, member in enumerate(MEMBERS)]
    names = [f"DEMO-{name}" for name in FAMILIES]
    draw.shuffle(names)
    drawn = (trade for trade in TRADES for _ in range(trade.count))
    others = [_drawn(trade, names[place % len(names)], len(members) + place, draw) for place, trade in enumerate(drawn)]
    return [*members, *others, _member(len(members) + len(others), PROTECTION, draw)]


def _member(rank: int, member: Member, draw: Random) -> Professional:
    login, title, given, family, code, profession, roles = member
    address = f"{login}@{MAIL_DOMAIN}"
    return Professional(
        family, given, code, profession, roles, rpps(rank + 1) if code else "", phone(draw), title, address, address
    )


def _drawn(trade: Trade, family: str, rank: int, draw: Random) -> Professional:
    given = draw.choice(WOMEN if draw.random() < 0.6 else MEN)
    address = f"{given}.{family}".casefold().translate(str.maketrans("éèêëïîôûùç", "eeeeiiouuc"))
    return Professional(
        family, given, trade.code, trade.name, trade.roles, rpps(rank + 1), phone(draw), trade.title,
        email=f"{address}@{MAIL_DOMAIN}",
    )  # fmt: skip
