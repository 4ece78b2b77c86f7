"""The canonical message: taken when it is right, and every wrong field named at once when it is not."""

import base64
import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from base.errors import Invalid
from pathways.facts import Fact
from webhooks.formats import canonical
from webhooks.formats.canonical import read

SAMPLES = Path(canonical.__file__).parent / "samples"

DISCHARGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "sortie",
    "horodatage": "2026-11-20T18:35:00+01:00",
    "etablissement": {"finess": "439990003", "nom": "CH du Gier (démo)"},
    "service": {"uf": "2410", "nom": "Unité neurovasculaire", "tel": "0477000000"},
    "patient": {
        "statut": "QUAL",
        "ins": "279035121518989",
        "nom_naissance": "PAT-TROIS",
        "prenoms": ["DOMINIQUE", "MARIE"],
        "sexe": "F",
        "date_naissance": "1979-03-12",
        "insee_naissance": "51215",
        "insee_residence": "43137",
        "tel": "06 39 98 12 34",
    },
    "venue": "26001234",
    "sejour": {
        "debut": "2026-11-12T09:00:00+01:00",
        "fin": "2026-11-20T18:30:00+01:00",
        "mode_entree": "8",
        "mode_sortie": "8",
        "diagnostics": ["I63.9", "I10"],
    },
    "mt": {"rpps": "10002909371"},
    "clinique": {"type_avc": "AVC_isch", "rankin": 2, "pa_sys": 151.5, "vit_seul": True, "inr": None},
    "documents": [
        {
            "type_loinc": "11490-0",
            "titre": "Lettre",
            "mime": "text/plain",
            "base64": base64.b64encode(b"bonjour").decode(),
        }
    ],
}


def told(**changes: object) -> Fact:
    return read(orjson.dumps({**DISCHARGE, **changes}), "msg_1")


def problems(message: object, message_id: str = "msg_1") -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(message if isinstance(message, bytes) else orjson.dumps(message), message_id)
    return caught.value.fields


def without(path: str) -> dict[str, Any]:
    message = copy.deepcopy(DISCHARGE)
    *outer, last = path.strip("/").split("/")
    place: Any = message
    for part in outer:
        place = place[int(part)] if part.isdigit() else place[part]
    del place[last]
    return message


def test_a_discharge_becomes_a_fact() -> None:
    fact = told()
    assert (fact.type, fact.message_id, fact.venue, fact.doctor_rpps) == ("sortie", "msg_1", "26001234", "10002909371")
    assert fact.identity is not None
    assert fact.identity.date_naissance == date(1979, 3, 12)
    assert fact.identity.prenoms == ("DOMINIQUE", "MARIE")
    assert fact.stay.end == datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    assert fact.stay.diagnoses == ("I63.9", "I10")
    assert fact.clinical["pa_sys"] == Decimal("151.5")
    assert (fact.identity_status, fact.commune, fact.ward_code) == ("QUAL", "43137", "2410")
    assert fact.has_letter
    assert fact.documents[0].content == b"bonjour"


@pytest.mark.parametrize(
    "path",
    [
        "/type",
        "/horodatage",
        "/venue",
        "/patient",
        "/patient/nom_naissance",
        "/patient/prenoms",
        "/patient/sexe",
        "/patient/date_naissance",
        "/patient/ins",
        "/sejour",
        "/sejour/fin",
        "/documents/0/base64",
        "/documents/0/type_loinc",
        "/documents/0/mime",
    ],
)
def test_a_missing_field_is_named_by_its_path(path: str) -> None:
    assert path in problems(without(path))


def test_every_wrong_field_is_named_at_once() -> None:
    message = copy.deepcopy(DISCHARGE)
    message["patient"] |= {"sexe": "X", "date_naissance": "12/03/1979", "prenoms": [], "surnom": "Domi"}
    message["sejour"] |= {"fin": "2026-11-20", "diagnostics": ["AVC", "I63"]}
    message["venu"] = message.pop("venue")
    assert problems(message) == {
        "/patient/date_naissance": "Date attendue sous la forme aaaa-mm-jj, par exemple 1948-03-07.",
        "/patient/prenoms": "Cette liste ne peut pas être vide.",
        "/patient/sexe": "Choisissez parmi\u00a0: F, M, I.",
        "/patient/surnom": "Ce champ n’est pas connu. Vérifiez son nom.",
        "/sejour/diagnostics/0": "Un code CIM-10 est attendu, par exemple I63.9.",
        "/sejour/fin": "Date, heure et décalage attendus, par exemple 2026-11-20T18:30:00+01:00.",
        "/venu": "Ce champ n’est pas connu. Vérifiez son nom.",
        "/venue": "Ce champ manque.",
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": "msg_2"}, "/id"),
        ({"type": "navette"}, "/type"),
        ({"type": 3}, "/type"),
        ({"venue": "x" * 61}, "/venue"),
        ({"venue": "a\u0000b"}, "/venue"),
        ({"venue": 12}, "/venue"),
        ({"horodatage": "2026-11-20T18:35:00"}, "/horodatage"),
        ({"horodatage": "9999-12-31T23:59:59-12:00"}, "/horodatage"),
        ({"mt": {"rpps": "123"}}, "/mt/rpps"),
        ({"etablissement": {"finess": "x"}}, "/etablissement/finess"),
        ({"patient": []}, "/patient"),
        ({"patient": {**DISCHARGE["patient"], "ins": "1"}}, "/patient/ins"),
        ({"sejour": {"fin": "2026-11-20T18:30:00+01:00", "debut": "2026-11-21T18:30:00+01:00"}}, "/sejour/fin"),
        ({"patient": {**DISCHARGE["patient"], "date_naissance": "2027-01-01"}}, "/patient/date_naissance"),
        ({"clinique": {"nom_naissance": "X"}}, "/clinique/nom_naissance"),
        ({"clinique": {"Rankin": 2}}, "/clinique/Rankin"),
        ({"clinique": {"rankin": {"x": 1}}}, "/clinique/rankin"),
        ({"clinique": {"note": "x" * 200}}, "/clinique/note"),
        ({"documents": [{"type_loinc": "11490-0", "mime": "text/html", "base64": ""}]}, "/documents/0/mime"),
        ({"documents": [{"type_loinc": "11490-0", "mime": "text/plain", "base64": "é"}]}, "/documents/0/base64"),
        ({"documents": [3]}, "/documents/0"),
        ({"motif": "M. Dupont est revenu"}, "/motif"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(changes: dict[str, object], path: str) -> None:
    assert list(problems({**DISCHARGE, **changes})) == [path]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b'{"a": NaN}', b"{" * 5000, b"[" * 100_000, b"null"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert list(problems(body)) == ["/"]


def test_deeply_nested_json_is_refused() -> None:
    assert list(problems(b'{"a":' * 40 + b"1" + b"}" * 40)) == ["/"]


def test_a_cancellation_needs_only_its_stay() -> None:
    message = {"type": "annulation", "horodatage": "2026-11-20T18:35:00Z", "venue": "26001234", "motif": "erreur"}
    fact = read(orjson.dumps(message), "msg_9")
    assert (fact.type, fact.identity, fact.reason, fact.message_id) == ("annulation", None, "erreur", "msg_9")


def test_a_document_message_needs_a_document() -> None:
    message = {"type": "document", "horodatage": "2026-11-20T18:35:00Z", "venue": "26001234"}
    assert problems(message) == {"/documents": "Ce champ manque."}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_each_sample_is_taken(path: Path) -> None:
    body = path.read_bytes()
    assert read(body, orjson.loads(body)["id"]).type == path.stem
