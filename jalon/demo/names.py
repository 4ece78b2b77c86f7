"""The stock of invented names, places and numbers that the demo draws from; nothing here belongs to anybody.

Family names carry `DEMO-` or `PAT-`, telephone numbers stand in the ranges kept for fiction, RPPS numbers in a block
that is visibly fake, and health identifiers under the TEST authority.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

INS_TEST_OID = "1.2.250.1.213.1.4.10"


@dataclass(frozen=True)
class Commune:
    """A commune of the territory, by its INSEE and postal codes."""

    insee: str
    postal: str
    name: str


def words(text: str) -> list[str]:
    return text.split()


COMMUNES = (
    Commune("43268", "43200", "Yssingeaux"),
    Commune("43137", "43120", "Monistrol-sur-Loire"),
    Commune("43025", "43590", "Beauzac"),
    Commune("43162", "43130", "Retournac"),
    Commune("43224", "43600", "Sainte-Sigolène"),
    Commune("43020", "43210", "Bas-en-Basset"),
    Commune("43244", "43190", "Tence"),
    Commune("43051", "43400", "Le Chambon-sur-Lignon"),
)
WOMEN = words(
    "Claire Anne Lucie Nadia Sophie Hélène Julie Élise Camille Inès Manon Léa Pauline Aurélie Sarah Émilie "
    "Charlotte Fanny Laure Mathilde Agathe Nour Solène Margaux Yasmine Perrine"
)
MEN = words(
    "Marc Paul Thomas Karim Hugo Julien Nicolas Antoine Romain Vincent Mathieu Adrien Benoît Florian Yann "
    "Samuel Quentin Rémi Bastien Loïc Mehdi Damien"
)
FAMILIES = words(
    "ARNAUD BADIOU BARTHOLIN BONNEFOY BOYER BRUNON CHALAND CHAPUIS CHAUDIER CROZET DELOLME DESCOURS DUFOUR EXBRAYAT "
    "FAYARD FOUREL GAGNE GERENTES GIBERT GOUDET GRANGEON JACOB JAMON LARGERON LIOGIER MALLET MARCON MASSARD MOULIN "
    "NICOLAS OUDIN PEYRARD PICHON PRADIER QUIBLIER RANCON RASCLE REYNAUD RIOUFREYT ROMEYER ROYON SABOT SAMUEL "
    "SOUVIGNET TARDY TEYSSIER THEILLERE VACHER VALLA VEROT VEY VIAL VOCANSON"
)
NUMBERS = words(
    "UN DEUX TROIS QUATRE CINQ SIX SEPT HUIT NEUF DIX ONZE DOUZE TREIZE QUATORZE QUINZE SEIZE VINGT TRENTE QUARANTE "
    "CINQUANTE SOIXANTE CENT MILLE"
)
STREETS = (
    "rue de la Fontaine",
    "chemin des Sucs",
    "place du Marché",
    "rue du Lizieux",
    "impasse des Genêts",
    "route de la Loire",
    "rue des Tilleuls",
    "montée du Calvaire",
)


def phone(draw: Random) -> str:
    """A land line of the range kept for fiction in the south-east."""
    return f"04 65 71 {draw.randrange(100):02d} {draw.randrange(100):02d}"


def mobile(draw: Random) -> str:
    """A mobile number of the range kept for fiction."""
    return f"06 39 98 {draw.randrange(100):02d} {draw.randrange(100):02d}"


def rpps(rank: int) -> str:
    """The RPPS of that rank in the fake block 10999…, with its Luhn digit."""
    return with_luhn(f"10999{rank:05d}")


def finess(rank: int) -> str:
    """The FINESS of that rank in the fake block 43999…, with its Luhn digit."""
    return with_luhn(f"43999{rank:03d}")


def with_luhn(digits: str) -> str:
    """The digits followed by the one that makes their Luhn sum a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        double = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += double - 9 if double > 9 else double
    return f"{digits}{-total % 10}"


def ins(sex: str, born: date, insee: str, rank: int) -> str:
    """A 15-digit matricule that agrees with the person: sex, year, month, place of birth, order, key."""
    body = f"{1 if sex == 'M' else 2}{born:%y%m}{insee}{rank:03d}"
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"
