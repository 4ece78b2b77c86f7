"""What a partner sends and reads, said for its programs: the canonical message, what became of it, a callback."""

from typing import Any

from marshmallow import Schema, fields, validate

from base import identifiers
from care.identity.identifiers import INS
from pathways.milestones import MILESTONES
from webhooks.formats import canonical
from webhooks.receptions import DONE, ERASED, FAILED, RECEIVED, REFUSED, WAITING

INSTANT = "2026-11-20T18:30:00+01:00"
STATES = (RECEIVED, WAITING, DONE, REFUSED, FAILED, ERASED)


def said(description: str = "", example: object = None) -> dict[str, Any]:
    """The metadata of a field, as OpenAPI 3.1 has them."""
    words = {"description": description} if description else {}
    return words if example is None else {**words, "examples": [example]}


def text(
    longest: int = 200, description: str = "", *, example: str = "", pattern: str = "", required: bool = False
) -> fields.String:
    """A text that is not empty; one that is not required may also be null."""
    check = whole(pattern) if pattern else validate.Length(1, longest)
    known = said(description, example or None)
    return fields.String(required=required, allow_none=not required, validate=check, metadata=known)


def whole(pattern: str) -> validate.Regexp:
    """The check that nothing stands before or after, as other languages understand it."""
    return validate.Regexp(f"^(?:{pattern})$")


def choice(values: tuple[str, ...], description: str = "", *, required: bool = False) -> fields.String:
    """One of a few words."""
    checks = validate.OneOf(values)
    return fields.String(required=required, allow_none=not required, validate=checks, metadata=said(description))


def instant(description: str = "", *, required: bool = False) -> fields.AwareDateTime:
    """Date, time and offset."""
    return fields.AwareDateTime(required=required, allow_none=not required, metadata=said(description, INSTANT))


def part(schema: type[Schema], description: str = "") -> fields.Nested:
    """An object that may be left out; the `NEEDS` say which messages it must be in."""
    return fields.Nested(schema, allow_none=True, metadata=said(description))


class EventOrganisation(Schema):
    finess = text(example="439990003", pattern=f"1?{identifiers.FINESS.pattern}")
    nom = text()


class EventWard(Schema):
    uf = text(20, "The ward's own code", example="2410")
    nom = text(80, example="Unité neurovasculaire")
    tel = text(30)
    mss = text(120, "Its secure mail address")


class EventPatient(Schema):
    """Who the person is; kept encrypted, and never given to a pathway."""

    statut = choice(canonical.STATUSES, "Standing of the identity; PROV when it is left out")
    ins = text(description="Needed with QUAL", example="279035121518989", pattern=INS.pattern)
    nom_naissance = text(100, example="PAT-TROIS", required=True)
    prenoms = fields.List(
        fields.String(validate=validate.Length(1, 80)), required=True, validate=validate.Length(1, 50),
        metadata=said("First names, in the order of the birth certificate", ["DOMINIQUE", "MARIE-LOUISE"]),
    )  # fmt: skip
    prenom_usuel = text(80)
    sexe = choice(("F", "M", "I"), required=True)
    date_naissance = fields.Date(required=True, metadata=said("", "1979-03-12"))
    insee_naissance = text(description="INSEE code of the place of birth", example="51215", pattern=canonical.COMMUNE)
    insee_residence = text(description="The same of the residence", example="43137", pattern=canonical.COMMUNE)
    tel = text(30)
    adresse = text(300)


class EventStay(Schema):
    debut = instant("Needed by admission")
    fin = instant("Needed by sortie; not before debut")
    mode_entree = text(20, example="8")
    mode_sortie = text(20, example="8")
    diagnostics = fields.List(
        fields.String(validate=whole(canonical.DIAGNOSIS)), allow_none=True,
        validate=validate.Length(max=50), metadata=said("ICD-10 codes: they choose the pathway", ["I63.9", "I10"]),
    )  # fmt: skip


class EventDoctor(Schema):
    rpps = text(description="Joins the circle of care", example="10999000017", pattern=f"8?{identifiers.RPPS.pattern}")
    nom = text()


class EventDocument(Schema):
    type_loinc = text(
        description="11490-0 is the discharge letter", example="11490-0", pattern=canonical.LOINC, required=True
    )
    titre = text()
    mime = choice(canonical.MIMES, required=True)
    base64 = fields.String(required=True, metadata={"format": "byte", **said("The content, in base 64")})


class ClinicalValue(fields.Raw):
    """A number, a short text, a truth, a list of those."""

    def __init__(self) -> None:
        short = {"type": ["number", "string", "boolean", "null"], "maxLength": 120}
        several = {"type": "array", "items": short}
        super().__init__(allow_none=True, metadata={"anyOf": [short, several]})


class Event(Schema):
    """The canonical message. A field that is not named here is refused rather than lost; null is the same as absent."""

    id = text(120, "When it is there, the same as the header webhook-id", example="msg_2Lh9fictif01")
    type = choice(canonical.TYPES, required=True)
    horodatage = instant("When it happened", required=True)
    venue = text(60, "Number of the stay: later messages find their case by it", example="26001234", required=True)
    etablissement = part(EventOrganisation)
    service = part(EventWard)
    patient = part(EventPatient, f"Needed by {', '.join(canonical.NEEDS_PATIENT)}")
    sejour = part(EventStay, "Needed by sortie and admission")
    mt = part(EventDoctor, "The patient's own doctor")
    clinique = fields.Dict(
        keys=fields.String(), values=ClinicalValue(), allow_none=True,
        metadata={"maxProperties": 80, **said(
            "Values that decision tables may read, by name (lower case, digits, _); nothing that identifies the person",
            {"rankin": 2, "pa_sys": 152, "vit_seul": True},
        )},
    )  # fmt: skip
    documents = fields.List(
        fields.Nested(EventDocument), allow_none=True, validate=validate.Length(max=10),
        metadata=said(f"Needed by {', '.join(canonical.NEEDS_DOCUMENT)}"),
    )  # fmt: skip
    motif = text(description="Of an annulation: a short code", example="erreur_de_saisie", pattern=canonical.CODE)
    consentement = fields.Raw(allow_none=True, metadata=said("Taken and not read: consent is recorded in the pathway"))


class Receipt(Schema):
    """A message that is stored, and what became of it."""

    id = fields.String(required=True)
    message_id = fields.String(required=True, metadata=said("The webhook-id under which it came"))
    type = fields.String(required=True, metadata={"enum": list(canonical.TYPES)})
    state = fields.String(
        required=True,
        metadata={
            "enum": list(STATES),
            **said(
                "waiting: kept until there is a case or a pathway; erased: of a person who was erased, nothing is kept"
            ),
        },
    )
    received_at = fields.AwareDateTime(required=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    case = fields.String(required=True, allow_none=True, metadata=said("The case that it opened or went to"))
    detail = fields.String(required=True, metadata=said("A French sentence for a person"))
    problem = fields.String(
        required=True, allow_none=True, attribute="problem_code", metadata=said("Stable code of a refusal or failure")
    )


class Callback(Schema):
    """What Jalon posts to the hospital when a case reaches a milestone."""

    type = choice(tuple(f"jalon.{milestone}" for milestone in MILESTONES), required=True)
    id = fields.String(required=True, metadata=said("The same when the same call is tried again"))
    occurred_at = instant(required=True)
    venue = fields.String(required=True, allow_none=True, metadata=said("Number of the stay", "26001234"))
    message_id = fields.String(required=True, allow_none=True, metadata=said("The message that opened the case"))
    data = fields.Dict(required=True, metadata=said("What the pathway's diagram gives with this milestone"))
