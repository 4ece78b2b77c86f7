"""Professionals read from a table of text: our own columns, or those of the national directory's open extract."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping

from base.errors import Invalid
from base.identifiers import read_finess, read_rpps, read_siret, tried
from people.directory import words
from people.directory.entries import Entry, Site, odd, read_mail
from people.professions import PROFESSIONS

MOST_LINES = 20_000
LONGEST = 2_000
ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = ";|\t,"
BARE = "|"
"""The national extract quotes nothing: a quotation mark in it is one of a name."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheets begin."""
HEADINGS = {
    "rpps": "rpps|identifiant pp|numero rpps",
    "family_name": "nom|nom d exercice|nom de famille",
    "given_name": "prenom|prenom d exercice",
    "title": "titre|civilite|libelle civilite d exercice",
    "profession_code": "code profession",
    "profession_name": "profession|libelle profession",
    "speciality_code": "code savoir faire",
    "speciality_name": "specialite|libelle savoir faire",
    "mode": "mode|code mode exercice",
    "name": "structure|raison sociale site",
    "finess": "finess|numero finess site",
    "siret": "siret|numero siret site",
    "number": "numero voie coord structure",
    "street_kind": "libelle type de voie coord structure",
    "street": "adresse|libelle voie coord structure",
    "commune_code": "code insee|code commune coord structure",
    "commune": "commune|libelle commune coord structure",
    "phone": "telephone|telephone coord structure",
    "email": "courriel|adresse e mail|email",
    "mssante": "mssante|adresse bal mss|adresse mssante",
    "languages": "langues",
    "skills": "competences",
}
"""The columns that are read, under each of the names they go by."""
KNOWN = {name: key for key, names in HEADINGS.items() for name in names.split("|")}
NEEDED = ("family_name", "given_name")
CODES = {" ".join(words.words(name)): code for code, name in PROFESSIONS.items()}


def read(content: bytes) -> Iterator[Entry]:
    """The professionals of a file, line by line. Raises Invalid when it is not a table we can read."""
    text = _text(content)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    lines = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, quotechar=None if delimiter == BARE else '"', strict=True
    )
    began = 1
    try:
        columns = [KNOWN.get(" ".join(words.words(name))) for name in next(lines, [])]
        if missing := [key for key in NEEDED if key not in columns]:
            said = " et ".join("« Nom »" if key == "family_name" else "« Prénom »" for key in missing)
            raise Invalid(f"La première ligne doit nommer les colonnes. Il manque {said}.", code="directory-columns")
        for number, line in enumerate(lines, start=2):
            if number > MOST_LINES + 1:
                raise Invalid(f"Ce fichier dépasse {MOST_LINES} lignes. Envoyez-le en plusieurs parties.")
            if any(cell.strip() for cell in line):
                yield _entry(number, dict(zip(columns, line, strict=False)))
            began = lines.line_num + 1
    except csv.Error as error:
        where = f"à partir de la ligne {began}\u00a0: un guillemet y est ouvert ou fermé à tort"
        told = f"Ce tableau ne se lit plus {where}."
        raise Invalid(told, code="directory-table") from error


def _text(content: bytes) -> str:
    if content.startswith(WORKBOOKS):
        raise Invalid(
            "Ce fichier est un classeur. Enregistrez-le au format CSV, puis envoyez-le.", code="directory-table"
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Invalid("Ce fichier n’est pas un tableau de texte (CSV).", code="directory-table")


def _entry(number: int, cells: Mapping[str | None, str]) -> Entry:
    held = {key: " ".join(cells.get(key, "").split())[:LONGEST] for key in HEADINGS}
    rpps = tried(read_rpps, held["rpps"])
    code, profession = _profession(held)
    site = _site(held)
    numbers = odd(rpps, tried(read_finess, site.finess), tried(read_siret, site.siret))
    mail, refused = read_mail(held["email"])
    return Entry(
        lines=(number,),
        rpps=rpps.value,
        family_name=held["family_name"],
        given_name=held["given_name"],
        title=_title(held["title"], code),
        profession_code=code,
        profession_name=profession,
        speciality_code=held["speciality_code"][:8],
        speciality_name=held["speciality_name"],
        phone=held["phone"],
        email=mail,
        mssante=held["mssante"],
        languages=tuple(words.words(held["languages"])),
        skills=_parts(held["skills"]),
        sites=(site,) if site.place else (),
        fault=_fault(held, rpps.value, code),
        remark=" ; ".join(part for part in (numbers, refused, _unheard(profession, code)) if part),
    )


def _site(held: Mapping[str, str]) -> Site:
    address = " ".join(part for part in (held["number"], held["street_kind"], held["street"]) if part)
    mode = held["mode"][:1].upper()
    return Site(
        name=held["name"],
        finess=tried(read_finess, held["finess"]).value,
        siret=tried(read_siret, held["siret"]).value,
        address=address,
        commune_code=held["commune_code"] if len(held["commune_code"]) == 5 else "",
        commune=held["commune"],
        phone=held["phone"],
        mssante=held["mssante"],
        mode=mode if mode in ("L", "S", "B") else "",
    )


def _profession(held: Mapping[str, str]) -> tuple[str, str]:
    """The code, given or found by the name; and the name."""
    code = held["profession_code"] or CODES.get(" ".join(words.words(held["profession_name"])), "")
    return code, held["profession_name"] or PROFESSIONS.get(code, "")


def _title(title: str, code: str) -> str:
    return "Dr" if title.casefold() in ("dr", "docteur") or (code == "10" and not title) else ""


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip()[:120] for part in text.replace("/", ",").split(",") if part.strip())


def _unheard(profession: str, code: str) -> str:
    return f"« {profession[:40]} » n’est pas une profession de la liste, à vérifier" if profession and not code else ""


def _fault(held: Mapping[str, str], rpps: str, code: str) -> str:
    if not held["family_name"] or not held["given_name"]:
        return "il manque le nom ou le prénom"
    if held["rpps"] and not rpps:
        return f"« {held['rpps'][:20]} » n’est pas un numéro RPPS de 11 chiffres"
    if code and code not in PROFESSIONS:
        return f"le code de profession « {code[:8]} » n’existe pas"
    return ""
