"""The canonical JSON message, for partners without HL7 or FHIR: checked whole, every wrong field named at once."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import orjson

from base.errors import Invalid
from base.identifiers import Number, read_finess, read_rpps
from care.identity.identifiers import read_ins
from care.identity.identity import Identity
from pathways.facts import Attachment, Clinical, Fact, Scalar, Stay
from webhooks.formats.section import Problems, Section

MEDIA_TYPE = "application/json"
TYPES = ("sortie", "pre_sortie", "admission", "annulation", "document", "compte_rendu", "deces")
NEEDS_PATIENT = ("sortie", "admission", "pre_sortie")
NEEDS_DOCUMENT = ("document", "compte_rendu")
STATUSES = ("PROV", "VALI", "RECUP", "QUAL")
MIMES = ("application/pdf", "text/plain", "text/xml", "application/xml", "application/json", "image/jpeg", "image/png")
IDENTITY_WORDS = re.compile(
    r"nom|nom_.*|prenom.*|date_naissance|naissance|ins|nir|tel|telephone|adresse|mail|email|ipp"
)
COMMUNE = r"(?:[0-9]{2}|2[AB])[0-9]{3}"
UNREAD = datetime.min.replace(tzinfo=UTC)
CODE = r"[A-Za-z0-9_-]{1,40}"
LOINC = r"[0-9]{1,7}-[0-9]"
DIAGNOSIS = r"[A-Z][0-9]{2}(?:\.?[0-9A-Z+]{1,4})?"
DEEPEST = 12


def read(body: bytes, message_id: str) -> Fact:
    """The Fact that a signed body states; raises Invalid with one entry per wrong field, keyed by its JSON pointer."""
    problems: Problems = {}
    root = Section(_parse(body), "", problems)
    fact = _fact(root, message_id)
    root.close()
    if problems or fact is None:
        raise Invalid(_summary(len(problems)), dict(sorted(problems.items())), code="message-invalid")
    return fact


def _parse(body: bytes) -> dict[str, object]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as cause:
        raise Invalid(
            f"Le corps n’est pas du JSON lisible (ligne {cause.lineno}, colonne {cause.colno}).",
            {"/": "Un objet JSON est attendu ici, entre accolades."},
            code="message-unreadable",
        ) from cause
    if not isinstance(content, dict) or _depth(content) > DEEPEST:
        raise Invalid(
            "Le corps n’est pas un objet JSON simple.",
            {"/": "Un objet JSON est attendu ici, entre accolades."},
            code="message-unreadable",
        )
    return content


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _summary(count: int) -> str:
    return "Un champ du message est à revoir." if count == 1 else f"{count} champs du message sont à revoir."


def _fact(root: Section, message_id: str) -> Fact | None:
    """The Fact, as far as it can be read; None only beside a problem."""
    kind = root.choice("type", TYPES, required=True) or ""
    named = root.text("id", longest=120)
    if named is not None and named != message_id:
        root.note("id", "Ce n’est pas l’identifiant de l’en-tête webhook-id. Mettez le même aux deux endroits.")
    instant = root.instant("horodatage", required=True)
    identity, status, commune = _patient(root, kind in NEEDS_PATIENT, instant)
    ward_code, ward_name = _ward(root)
    _organisation(root)
    root.take("consentement", False)
    told = Fact(
        type=kind,
        message_id=message_id,
        instant=instant or UNREAD,
        venue=root.text("venue", required=True, longest=60) or "",
        identity=identity,
        identity_status=status,
        commune=commune,
        stay=_stay(root, kind),
        ward_code=ward_code,
        ward_name=ward_name,
        doctor_rpps=_doctor(root),
        reason=root.text("motif", pattern=CODE, hint="Un code court, par exemple erreur_de_saisie."),
        documents=tuple(_documents(root, required=kind in NEEDS_DOCUMENT)),
        clinical=_clinical(root),
    )
    return told if instant else None


def _organisation(root: Section) -> None:
    if part := root.section("etablissement"):
        _number(part, "finess", read_finess)
        part.text("nom")
        part.close()


def _ward(root: Section) -> tuple[str | None, str | None]:
    part = root.section("service")
    if part is None:
        return None, None
    code, name = part.text("uf", longest=20), part.text("nom", longest=80)
    part.text("tel", longest=30)
    part.text("mss", longest=120)
    part.close()
    return code, name


def _patient(root: Section, required: bool, told_at: datetime | None) -> tuple[Identity | None, str, str | None]:
    part = root.section("patient", required=required)
    if part is None:
        return None, "PROV", None
    status = part.choice("statut", STATUSES) or "PROV"
    born = part.day("date_naissance", required=True)
    if born and told_at and born > told_at.date():
        part.note("date_naissance", "Cette date vient après celle du message.")
    names = part.strings("prenoms", pattern=r"[^\W\d_][\w '’.-]{0,79}", hint="Un prénom est attendu.", required=True)
    identity = Identity(
        nom_naissance=part.text("nom_naissance", required=True, longest=100) or "",
        prenoms=names,
        prenom_usuel=part.text("prenom_usuel", longest=80),
        sexe=part.choice("sexe", ("F", "M", "I"), required=True) or "",
        date_naissance=born or date.min,
        insee_naissance=part.text("insee_naissance", pattern=COMMUNE, hint="Cinq caractères, par exemple 43137."),
        ins=_number(part, "ins", read_ins),
        tel=part.text("tel", longest=30),
        adresse=part.text("adresse", longest=300),
    )
    if status == "QUAL" and part.content.get("ins") is None:
        part.note("ins", "Une identité qualifiée (QUAL) vient avec son INS.")
    commune = part.text("insee_residence", pattern=COMMUNE, hint="Cinq caractères, par exemple 43137.")
    part.close()
    return identity, status, commune


def _stay(root: Section, kind: str) -> Stay:
    part = root.section("sejour", required=kind in ("sortie", "admission"))
    if part is None:
        return Stay()
    start = part.instant("debut", required=kind == "admission")
    end = part.instant("fin", required=kind == "sortie")
    if start and end and end < start:
        part.note("fin", "La fin du séjour précède son début.")
    stay = Stay(
        start=start,
        end=end,
        entry=part.text("mode_entree", longest=20),
        exit=part.text("mode_sortie", longest=20),
        diagnoses=part.strings(
            "diagnostics",
            pattern=DIAGNOSIS,
            hint="Un code CIM-10 est attendu, par exemple I63.9.",
        ),
    )
    part.close()
    return stay


def _doctor(root: Section) -> str | None:
    part = root.section("mt")
    if part is None:
        return None
    rpps = _number(part, "rpps", read_rpps)
    part.text("nom")
    part.close()
    return rpps


def _number(part: Section, name: str, read_number: Callable[[str], Number]) -> str | None:
    """A national number in its bare form; a wrong key alone is let through, as official samples have some."""
    text = part.text(name, longest=30)
    try:
        return read_number(text).value if text else None
    except Invalid as wrong:
        part.note(name, wrong.message)
        return None


def _documents(root: Section, *, required: bool) -> list[Attachment]:
    found = []
    for part in root.sections("documents", most=10, required=required):
        kind = part.text(
            "type_loinc",
            required=True,
            pattern=LOINC,
            hint="Un code LOINC est attendu, par exemple 11490-0.",
        )
        title = part.text("titre", longest=200)
        mime = part.choice("mime", MIMES, required=True)
        content = _bytes(part)
        part.close()
        if kind and mime and content is not None:
            found.append(Attachment(kind, title or "", mime, content))
    return found


def _bytes(part: Section) -> bytes | None:
    value = part.take("base64", True)
    if value is None:
        return None
    try:
        return base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        part.note("base64", "Le contenu n’est pas du base64.")
        return None


def _clinical(root: Section) -> dict[str, Clinical]:
    part = root.section("clinique")
    if part is None:
        return {}
    if len(part.content) > 80:
        root.note("clinique", "80 champs au plus.")
    found = {name: _clinical_value(part, name) for name in list(part.content)[:80]}
    part.close()
    return found


def _clinical_value(part: Section, name: str) -> Clinical:
    value = part.take(name, False)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
        part.note(name[:60], "Nom en minuscules, chiffres et « _ », par exemple pa_sys.")
    elif IDENTITY_WORDS.fullmatch(name):
        part.note(name, "Ce qui identifie la personne va dans « patient ».")
    elif isinstance(value, list):
        return [_scalar(part, f"{name}/{index}", one) for index, one in enumerate(value[:50])]
    else:
        return _scalar(part, name, value)
    return None


def _scalar(part: Section, name: str, value: object) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, str) and len(value) <= 120 and value.isprintable():
        return value
    part.note(name, "Un nombre, un texte court, vrai ou faux sont attendus.")
    return None
