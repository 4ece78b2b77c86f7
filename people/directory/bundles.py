"""Professionals read from a FHIR R4 Bundle of the national directory: Practitioner, PractitionerRole, Organization."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from base.errors import Invalid
from base.identifiers import read_finess, read_rpps, read_siret, tried
from people.directory.entries import Entry, Site, odd, read_mail
from people.professions import PROFESSIONS

MOST_RESOURCES = 60_000
LONGEST = 2_000
RPPS = ("urn:oid:1.2.250.1.71.4.2.1", "http://rpps.fr", "https://rpps.esante.gouv.fr")
FINESS = ("urn:oid:1.2.250.1.71.4.2.2", "http://finess.sante.gouv.fr", "https://finess.esante.gouv.fr")
SIRET = ("https://sirene.fr", "http://sirene.fr")
PROFESSION, SPECIALITY, MODE = "TRE-G15-ProfessionSante", "TRE-R38-SpecialiteOrdinale", "TRE-R22-GenreActivite"
SECTOR = "TRE-R23-ModeExercice"
READ = ("Practitioner", "PractitionerRole", "Organization")
Resource = Mapping[str, Any]


def read(content: bytes) -> Iterator[Entry]:
    """The professionals of a bundle, each with the places of their roles. Raises Invalid when it is none."""
    entries = _entries(content)
    held: dict[str, dict[str, Resource]] = {kind: {} for kind in READ}
    lines: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        resource = _mapping(_mapping(entry).get("resource"))
        kind = _said(resource.get("resourceType"))
        if kind in held:
            for name in {f"{kind}/{resource.get('id')}", _said(_mapping(entry).get("fullUrl"))} - {""}:
                held[kind][name] = resource
                lines[name] = number
    roles: dict[str, list[Resource]] = {}
    for role in {id(one): one for one in held["PractitionerRole"].values()}.values():
        roles.setdefault(_reference(role.get("practitioner")), []).append(role)
    for resource in {id(one): one for one in held["Practitioner"].values()}.values():
        names = [name for name, one in held["Practitioner"].items() if one is resource]
        theirs = [role for name in names for role in roles.get(name, [])]
        yield _entry(lines[names[0]], resource, theirs, held["Organization"])
    for name in roles.keys() - held["Practitioner"].keys():
        yield _orphan(min(_line(role, lines) for role in roles[name]), name)


def _line(role: Resource, lines: Mapping[str, int]) -> int:
    return lines[f"PractitionerRole/{role.get('id')}"]


def _orphan(line: int, name: str) -> Entry:
    """A role of somebody of whom the bundle says nothing."""
    said = f"« {name[:40]} »" if name else "une personne sans référence"
    return Entry(lines=(line,), fault=f"ce rôle est celui de {said}, qui n’est pas dans le fichier")


def _entries(content: bytes) -> list[Any]:
    try:
        bundle = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Invalid("Ce fichier n’est pas un Bundle FHIR en JSON.", code="directory-bundle") from error
    found = _mapping(bundle).get("entry")
    if _mapping(bundle).get("resourceType") != "Bundle" or not isinstance(found, list):
        raise Invalid("Ce fichier n’est pas un Bundle FHIR en JSON.", code="directory-bundle")
    if len(found) > MOST_RESOURCES:
        raise Invalid(f"Ce Bundle dépasse {MOST_RESOURCES} ressources. Envoyez-le en plusieurs parties.")
    return found


def _entry(line: int, one: Resource, roles: list[Resource], organizations: Mapping[str, Resource]) -> Entry:
    name = next(iter(_mappings(one.get("name"))), {})
    given = " ".join(_said(part) for part in _list(name.get("given")))
    prefix = [_said(part).casefold() for part in _list(name.get("prefix"))]
    written = _identifier(one, RPPS)
    rpps = tried(read_rpps, written)
    code, profession = _coded(one, roles, PROFESSION)
    speciality, speciality_name = _coded(one, roles, SPECIALITY)
    sites = tuple(site for role in roles if (site := _site(role, organizations)).place)
    mail, refused = read_mail(_telecom(one, "email"))
    fault = ""
    if not name.get("family") or not given:
        fault = "il manque le nom ou le prénom"
    elif written and not rpps.value:
        fault = f"« {written[:20]} » n’est pas un numéro RPPS de 11 chiffres"
    elif code and code not in PROFESSIONS:
        fault = f"le code de profession « {code[:8]} » n’existe pas"
    return Entry(
        lines=(line,),
        rpps=rpps.value,
        family_name=_said(name.get("family")),
        given_name=given,
        title="Dr" if code == "10" or "dr" in prefix else "",
        profession_code=code,
        profession_name=profession or PROFESSIONS.get(code, ""),
        speciality_code=speciality[:8],
        speciality_name=speciality_name,
        phone=_telecom(one, "phone") or next((site.phone for site in sites if site.phone), ""),
        email="" if _is_mssante(mail) else mail,
        mssante=next((mail for mail in _mails([one, *roles]) if _is_mssante(mail)), ""),
        languages=tuple(_languages(one)),
        active=one.get("active") is not False,
        sites=sites,
        fault=fault,
        remark="\u00a0; ".join(part for part in (odd(rpps), refused) if part),
    )


def _site(role: Resource, organizations: Mapping[str, Resource]) -> Site:
    one = organizations.get(_reference(role.get("organization")), {})
    address = next(iter(_mappings(one.get("address"))), {})
    mode = next((code for system, code, _ in _codings(role) if system.endswith(SECTOR)), "")[:1].upper()
    return Site(
        name=_said(one.get("name")),
        finess=tried(read_finess, _identifier(one, FINESS)).value,
        siret=tried(read_siret, _identifier(one, SIRET)).value,
        address=" ".join(_said(line) for line in _list(address.get("line"))),
        commune_code=_insee(address),
        commune=_said(address.get("city")),
        phone=_telecom(role, "phone") or _telecom(one, "phone"),
        mssante=next((mail for mail in _mails([role, one]) if _is_mssante(mail)), ""),
        mode=mode if mode in ("L", "S", "B") else "",
    )


def _coded(one: Resource, roles: list[Resource], table: str) -> tuple[str, str]:
    """The code of a French nomenclature among the qualifications of a person and their roles, and its name."""
    held = [*_mappings(one.get("qualification")), *roles]
    found = ((code, name) for part in held for system, code, name in _codings(part) if system.endswith(table))
    return next(found, ("", ""))


def _codings(part: Resource) -> Iterator[tuple[str, str, str]]:
    for concept in (one for name in ("code", "specialty") for one in _mappings(part.get(name))):
        for coding in _mappings(concept.get("coding")):
            yield _said(coding.get("system")), _said(coding.get("code")), _said(coding.get("display"))


def _identifier(one: Resource, systems: tuple[str, ...]) -> str:
    found = (one_id for one_id in _mappings(one.get("identifier")) if one_id.get("system") in systems)
    return next((text for one_id in found if (text := _said(one_id.get("value")))), "")


def _telecom(one: Resource, system: str) -> str:
    known = (point for point in _mappings(one.get("telecom")) if point.get("system") == system)
    return next((text for point in known if (text := _said(point.get("value")))), "")


def _mails(parts: list[Resource]) -> Iterator[str]:
    for part in parts:
        for point in _mappings(part.get("telecom")):
            if point.get("system") == "email":
                yield _said(point.get("value"))


def _is_mssante(mail: str) -> bool:
    return mail.casefold().endswith(".mssante.fr")


def _languages(one: Resource) -> Iterator[str]:
    for concept in _mappings(one.get("communication")):
        for coding in _mappings(concept.get("coding")):
            if code := _said(coding.get("code"))[:8].casefold():
                yield code


def _insee(address: Resource) -> str:
    for extension in _mappings(_mapping(address.get("_city")).get("extension")):
        coding = _mapping(extension.get("valueCoding"))
        if len(_said(coding.get("code"))) == 5:
            return _said(coding.get("code"))
    return ""


def _said(value: Any) -> str:
    """A text of the file; nothing of what is no text, nor the sign that databases refuse."""
    return value.replace("\0", "")[:LONGEST] if isinstance(value, str) else ""


def _reference(value: Any) -> str:
    return _said(_mapping(value).get("reference"))


def _mapping(value: Any) -> Resource:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Resource]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
