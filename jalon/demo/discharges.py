"""The discharges that partner hospitals send in the demo, in the canonical JSON of the partners' door."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from jalon.demo.names import COMMUNES, MEN, NUMBERS, STREETS, WOMEN, Commune, finess, ins, mobile, rpps

PARIS = ZoneInfo("Europe/Paris")
LETTER = "11490-0"


@dataclass(frozen=True)
class Ward:
    """A ward that sends people home."""

    code: str
    name: str
    phone: str


@dataclass(frozen=True)
class Discharge:
    """One person who goes home, and what the hospital knows. `age_hours` is how long ago they left."""

    family_name: str
    given_name: str
    sex: str
    born: date
    birth_place: str
    home: Commune
    doctor: int | None
    ward: Ward
    diagnoses: tuple[str, ...]
    nights: int
    clinical: Mapping[str, Any] = field(default_factory=dict)
    letter: bool = True
    entry: str = "urgences"
    partner: str = "ch-du-gier-demo"
    status: str = "QUAL"
    age_hours: float = 0
    answers: int = 0
    pace_hours: float = 5


STROKE = Ward("4110", "Unité neurovasculaire", "04 65 71 10 01")
GERIATRICS = Ward("3204", "Médecine gériatrique", "04 65 71 10 02")
SURGERY = Ward("2102", "Chirurgie orthopédique", "04 65 71 10 03")
CARDIOLOGY = Ward("2307", "Cardiologie", "04 65 71 10 04")

YSSINGEAUX, MONISTROL, BEAUZAC, RETOURNAC, SAINTE_SIGOLENE, BAS, TENCE, CHAMBON = COMMUNES

STORIES = (
    Discharge("PAT-TROIS", "Dominique", "F", date(1979, 3, 12), "51215", BEAUZAC, 1, STROKE, ("I63.4",), 6,
              {"type_avc": "AVC_isch", "rankin": 2, "pa_sys": 164, "anticoagulant": True, "vit_seul": True,
               "smr_apres": False, "nb_medicaments": 7}, letter=False, age_hours=100, answers=3),
    Discharge("PAT-HUIT", "Marcel", "M", date(1941, 6, 2), "43268", YSSINGEAUX, 1, GERIATRICS, ("I50.1", "N18.3"), 11,
              {"passages_urgences_6_mois": 2, "charlson": 4, "nb_medicaments": 9, "vit_seul": True, "iadl_perdus": 3,
               "plaie": False, "patho": "IC"}, letter=False, age_hours=150, answers=4),
    Discharge("PAT-DIX", "Odette", "F", date(1938, 11, 21), "43137", MONISTROL, 2, SURGERY, ("S72.0",), 9,
              {"passages_urgences_6_mois": 0, "charlson": 1, "nb_medicaments": 6, "vit_seul": True, "iadl_perdus": 2,
               "plaie": True, "patho": "chirurgie"}, age_hours=62, answers=2),
    Discharge("PAT-ONZE", "Robert", "M", date(1955, 1, 30), "42218", RETOURNAC, 1, STROKE, ("G45.9",), 2,
              {"type_avc": "AIT", "rankin": 0, "pa_sys": 138, "anticoagulant": False, "vit_seul": False,
               "smr_apres": False}, age_hours=200, answers=3),
    Discharge("PAT-SEPT", "Monique", "F", date(1949, 9, 8), "43157", SAINTE_SIGOLENE, 1, STROKE, ("I61.0",), 14,
              {"type_avc": "AVC_hem", "rankin": 4, "pa_sys": 151, "anticoagulant": False, "vit_seul": False,
               "smr_apres": False, "nb_medicaments": 5}, age_hours=260, answers=5, pace_hours=7),
    Discharge("PAT-NEUF", "Yvonne", "F", date(1934, 4, 17), "43020", BAS, 2, GERIATRICS, ("J44.1",), 8,
              {"passages_urgences_6_mois": 1, "charlson": 3, "nb_medicaments": 8, "vit_seul": False, "iadl_perdus": 1,
               "plaie": False, "patho": "BPCO"}, age_hours=330, answers=8, pace_hours=9),
    Discharge("PAT-DOUZE", "Henri", "M", date(1946, 12, 5), "43244", TENCE, 13, CARDIOLOGY, ("I50.9",), 5,
              {"passages_urgences_6_mois": 1, "charlson": 2, "nb_medicaments": 6, "vit_seul": True, "iadl_perdus": 0,
               "plaie": False, "patho": "IC"}, age_hours=101, answers=1),
    Discharge("PAT-TREIZE", "Simone", "F", date(1952, 7, 19), "43051", CHAMBON, None, SURGERY, ("M16.1",), 4,
              {"passages_urgences_6_mois": 0, "charlson": 0, "nb_medicaments": 3, "vit_seul": False,
               "iadl_perdus": 0, "plaie": True, "patho": "chirurgie"}, entry="programme", age_hours=12, answers=0),
    Discharge("PAT-QUINZE", "Ahmed", "M", date(1961, 2, 11), "99352", YSSINGEAUX, 1, STROKE, ("I63.9",), 5,
              {"type_avc": "AVC_isch", "rankin": 1, "pa_sys": 146, "anticoagulant": False, "vit_seul": False,
               "smr_apres": True}, age_hours=8, answers=0),
    Discharge("PAT-SEIZE", "Georgette", "F", date(1943, 5, 25), "43162", RETOURNAC, 1, GERIATRICS, ("I50.1",), 16,
              {"passages_urgences_6_mois": 3, "charlson": 5, "nb_medicaments": 11, "vit_seul": True, "iadl_perdus": 4,
               "plaie": True, "patho": "IC"}, age_hours=131, answers=5, pace_hours=4),
    Discharge("PAT-VINGT", "Jean-Paul", "M", date(1958, 10, 3), "69383", MONISTROL, 2, STROKE, ("I63.3",), 7,
              {"type_avc": "AVC_isch", "rankin": 3, "pa_sys": 142, "anticoagulant": True, "vit_seul": False,
               "smr_apres": False, "nb_medicaments": 6}, age_hours=76, answers=3, status="VALI"),
    Discharge("PAT-TRENTE", "Denise", "F", date(1936, 8, 14), "43268", YSSINGEAUX, 1, GERIATRICS, ("F05.1", "N39.0"),
              10, {"passages_urgences_6_mois": 1, "charlson": 3, "nb_medicaments": 9, "vit_seul": False,
                   "iadl_perdus": 3, "plaie": False}, age_hours=5, answers=0),
    Discharge("PAT-CENT", "Lucien", "M", date(1950, 3, 3), "42147", SAINTE_SIGOLENE, 14, SURGERY, ("K80.2",), 3,
              {"passages_urgences_6_mois": 0, "charlson": 0, "nb_medicaments": 2, "vit_seul": False, "iadl_perdus": 0,
               "plaie": False}, entry="programme", age_hours=40 * 24, answers=66, pace_hours=14),
    Discharge("PAT-MILLE", "Rosa", "F", date(1947, 1, 9), "99134", BAS, 1, STROKE, ("I64",), 8,
              {"type_avc": "AVC_isch", "rankin": 2, "pa_sys": 133, "anticoagulant": False, "vit_seul": True,
               "smr_apres": False}, letter=False, age_hours=30, answers=1),
    Discharge("PAT-QUATRE", "Bernard", "M", date(1948, 11, 12), "43268", YSSINGEAUX, 2, CARDIOLOGY, ("I50.9",), 4,
              {"passages_urgences_6_mois": 0, "charlson": 1, "nb_medicaments": 4, "vit_seul": False, "iadl_perdus": 0,
               "plaie": False, "patho": "IC"}, age_hours=48 * 24, answers=24, pace_hours=36),
    Discharge("PAT-QUATORZE", "Lucette", "F", date(1951, 4, 4), "43137", MONISTROL, 1, STROKE, ("I63.0",), 6,
              {"type_avc": "AVC_isch", "rankin": 3, "pa_sys": 149, "anticoagulant": False, "vit_seul": False,
               "smr_apres": False, "nb_medicaments": 5}, age_hours=54, answers=2),
    Discharge("PAT-CINQUANTE", "Joseph", "M", date(1940, 2, 19), "43224", SAINTE_SIGOLENE, 1, CARDIOLOGY, ("I50.0",), 8,
              {"passages_urgences_6_mois": 2, "charlson": 3, "nb_medicaments": 10, "vit_seul": False, "iadl_perdus": 1,
               "plaie": False, "patho": "IC"}, age_hours=80, answers=3),
    Discharge("PAT-SOIXANTE", "Ginette", "F", date(1937, 12, 27), "43025", BEAUZAC, 1, SURGERY, ("S72.1",), 12,
              {"passages_urgences_6_mois": 1, "charlson": 2, "nb_medicaments": 6, "vit_seul": True, "iadl_perdus": 3,
               "plaie": True, "patho": "chirurgie"}, age_hours=98, answers=4, partner="clinique-des-sucs-demo"),
    Discharge("PAT-QUARANTE", "Aïcha", "F", date(1963, 8, 22), "99352", YSSINGEAUX, 1, STROKE, ("G45.9",), 1,
              {"type_avc": "AIT", "rankin": 1, "pa_sys": 162, "anticoagulant": True, "vit_seul": False,
               "smr_apres": False, "nb_medicaments": 4}, age_hours=28, answers=2),
    Discharge("PAT-CINQ", "Colette", "F", date(1944, 6, 30), "43162", RETOURNAC, 1, GERIATRICS, ("J18.9",), 9,
              {"passages_urgences_6_mois": 1, "charlson": 2, "nb_medicaments": 7, "vit_seul": True, "iadl_perdus": 2,
               "plaie": False, "patho": "BPCO"}, age_hours=3),
)  # fmt: skip


def drawn_discharge(*, stroke: bool | None = None) -> Discharge:
    """A new person each time: what `jalon demo discharge` sends."""
    draw = Random(secrets.randbits(64))
    sex = draw.choice("FM")
    born = date(draw.randrange(1935, 1972), draw.randrange(1, 13), draw.randrange(1, 29))
    model = STORIES[0] if stroke or (stroke is None and draw.random() < 0.5) else STORIES[1]
    return Discharge(
        f"PAT-{draw.choice(NUMBERS)}-{draw.choice(NUMBERS)}", draw.choice(WOMEN if sex == "F" else MEN), sex, born,
        draw.choice(COMMUNES).insee, draw.choice(COMMUNES), 1, model.ward, model.diagnoses,
        draw.randrange(2, 15), model.clinical, letter=draw.random() < 0.7,
    )  # fmt: skip


def message(discharge: Discharge, sent_at: datetime, message_id: str, venue: str) -> dict[str, Any]:
    """The body of a `sortie` message, as the partner hospital writes it."""
    left = (sent_at - timedelta(minutes=20)).astimezone(PARIS)
    draw = Random(f"{discharge.family_name} {discharge.given_name}")
    return {
        "id": message_id,
        "type": "sortie",
        "horodatage": sent_at.astimezone(PARIS).isoformat(timespec="seconds"),
        "etablissement": {"finess": finess(1)},
        "service": {"uf": discharge.ward.code, "nom": discharge.ward.name, "tel": discharge.ward.phone},
        "patient": _patient(discharge, draw),
        "venue": venue,
        "sejour": {
            "debut": (left - timedelta(days=discharge.nights)).isoformat(timespec="seconds"),
            "fin": left.isoformat(timespec="seconds"),
            "mode_entree": discharge.entry,
            "mode_sortie": "domicile",
            "diagnostics": list(discharge.diagnoses),
        },
        "mt": {"rpps": rpps(discharge.doctor)} if discharge.doctor else {},
        "documents": [_letter(discharge)] if discharge.letter else [],
        "clinique": dict(discharge.clinical),
    }


def _patient(discharge: Discharge, draw: Random) -> dict[str, Any]:
    rank = 189 if discharge.family_name == "PAT-TROIS" else draw.randrange(900, 990)
    matricule = ins(discharge.sex, discharge.born, discharge.birth_place, rank)
    home = discharge.home
    identity = {
        "statut": discharge.status,
        "nom_naissance": discharge.family_name,
        "prenoms": [discharge.given_name],
        "sexe": discharge.sex,
        "date_naissance": discharge.born.isoformat(),
        "insee_naissance": discharge.birth_place,
        "tel": mobile(draw),
        "adresse": f"{draw.randrange(1, 60)} {draw.choice(STREETS)}, {home.postal} {home.name}",
    }
    return {**identity, "ins": matricule} if discharge.status == "QUAL" else identity


def _letter(discharge: Discharge) -> dict[str, str]:
    text = f"Lettre de liaison (démonstration). Service : {discharge.ward.name}. Séjour de {discharge.nights} nuits."
    return {
        "type_loinc": LETTER,
        "titre": "Lettre de liaison à la sortie",
        "mime": "text/plain",
        "base64": b64encode(text.encode()).decode(),
    }
