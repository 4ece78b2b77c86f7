"""A discharge starts the shipped pathway that fits it, and no case is stuck at its first steps."""

import base64
from pathlib import Path
from typing import Any

import orjson
import pytest

from base.jobs.worker import Worker
from care.case import cases
from pathways import catalogue
from pathways.context import Context
from pathways.library import read_folders
from webhooks.formats import canonical
from webhooks.handlers import handlers

BPMN = Path(__file__).parents[2] / "bpmn"
SAMPLE = orjson.loads((Path(canonical.__file__).parent / "samples" / "sortie.json").read_bytes())
LETTER = {"type_loinc": "11490-0", "mime": "text/plain", "base64": base64.b64encode(b"Lettre").decode()}


@pytest.fixture
def worker(context: Context) -> Worker:
    with context.database.begin() as session:
        for package in read_folders(BPMN):
            catalogue.publish(session, context, package, "anne")
    return Worker(context.database, context.clock, handlers(context))


def opened(hospital: Any, worker: Worker, **changes: object) -> str:
    told = {**SAMPLE, **changes}
    location = hospital.post(told, message_id=told["id"]).headers["Location"]
    worker.run_once()
    reception = hospital.get(location).json
    assert reception["state"] == "done", reception
    return str(reception["case"])


@pytest.mark.parametrize(
    ("diagnoses", "pathway"),
    [
        (["I63.9"], "post-avc"),
        (["G45.9"], "post-avc"),
        (["I10", "I61"], "post-avc"),
        (["J18.9"], "sortie-hospitalisation"),
    ],
)
def test_the_diagnosis_chooses_the_pathway(
    hospital: Any, context: Context, worker: Worker, diagnoses: list[str], pathway: str
) -> None:
    case = opened(hospital, worker, sejour={**SAMPLE["sejour"], "diagnostics": diagnoses})
    with context.database.read() as session:
        assert cases.case(session, case).pathway == pathway
        picture = context.engine.look(session, case)
    assert picture.incidents == ()
    assert picture.state == "active"


@pytest.mark.parametrize("clinical", [{}, {"opposition": None}, {"vit_seul": False, "rankin": None}])
def test_a_partner_that_says_little_blocks_nothing(
    hospital: Any, context: Context, worker: Worker, clinical: dict[str, object]
) -> None:
    changes = {"clinique": clinical, "documents": [], "mt": None, "service": None}
    for diagnosis, venue in (("I63", "V1"), ("J18", "V2")):
        stay = {"fin": SAMPLE["sejour"]["fin"], "diagnostics": [diagnosis]}
        case = opened(hospital, worker, id=f"msg-{venue}", venue=venue, sejour=stay, **changes)
        with context.database.read() as session:
            assert context.engine.look(session, case).incidents == ()
