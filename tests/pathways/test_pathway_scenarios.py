"""A scenario passes when the pathway does what it says, and else tells at which step it departs."""

from typing import Any

import orjson
import pytest

from base.calendars import Calendar
from base.clock import ManualClock
from base.errors import PathwayError
from base.jobs.embedded import EmbeddedQueue
from engine.engine import Engine
from engine.environment import Environment
from pathways.operations import OPERATIONS
from pathways.packages import Package
from pathways.scenarios import Report, run_all
from tests.support.packages import package

SCENARIO: dict[str, Any] = {
    "titre": "La lettre arrive après la visite",
    "debut": "2026-11-23T14:00:00+01:00",
    "message": "sortie",
    "variables": {"lettre_recue": False, "sejour": {"fin": "2026-11-20T18:30:00+01:00"}},
    "etapes": [
        {"attend": ["visit"]},
        {"verifie": {'sejour.fin + duration("P1D") > now()': False, "parametres.delai": "P2D"}},
        {"avance": "P2JO"},
        {"repond": {"tache": "visit", "valeurs": {"rankin": 4}}},
        {"lance": ["inclusion"]},
        {"attend": []},
        {"verifie": {"priorite": "P1"}},
        {"message": "document", "variables": {"lettre_recue": True}},
    ],
    "fin": "Stabilisé",
}


@pytest.fixture
def engine(clock: ManualClock) -> Engine:
    """An engine over no database: scenarios play in memory."""
    return Engine(Environment(clock, Calendar(), OPERATIONS, EmbeddedQueue("demo", clock)), "demo")


def with_scenario(said: object) -> Package:
    whole = package()
    return Package({**whole.files, "scenarios/s.json": said if isinstance(said, bytes) else orjson.dumps(said)})


def played(engine: Engine, **changes: object) -> Report:
    (report,) = run_all(engine, with_scenario({**SCENARIO, **changes}))
    return report


def test_a_scenario_passes_and_tells_its_trail(engine: Engine) -> None:
    report = played(engine)
    assert report.passed, report.problem
    assert report.title == "La lettre arrive après la visite"
    assert report.trail[:2] == ("start", "visit")
    assert report.trail[-1] == "done"


@pytest.mark.parametrize(
    ("steps", "fin", "step", "said"),
    [
        ([{"attend": ["rule"]}], None, 1, "au lieu de"),
        ([{"attend": "rule"}], None, 1, "n’attend pas"),
        ([{"attend": "visit"}, {"repond": {"tache": "rule"}}], None, 2, "n’attend pas de réponse"),
        ([{"repond": {"tache": "visit", "valeurs": {"glasgow": 3}}}], None, 1, "n’a pas de champ glasgow"),
        ([{"message": "document"}], None, 1, "Rien n’attend"),
        ([{"verifie": {"parametres.delai": "P9D"}}], None, 1, "au lieu de P9D"),
        ([{"lance": ["inclusion"]}], None, 1, "Messages partis"),
        ([{"saute": 1}], None, 1, "Étape inconnue"),
        ([{"avance_a": "2020-01-01T00:00:00+01:00"}], None, 1, "passé"),
        ([], "Stabilisé", 1, "ne s’est pas terminé"),
        ([{"message": "annulation"}], None, 2, "est terminé"),
        ([{"message": "annulation"}], "Stabilisé", 2, "au lieu de"),
    ],
)
def test_a_departure_is_told_with_its_step(
    engine: Engine, steps: list[dict[str, Any]], fin: str | None, step: int, said: str
) -> None:
    report = played(engine, etapes=steps, fin=fin)
    assert not report.passed
    assert report.step == step
    assert said in report.problem


def test_an_incident_is_a_departure(engine: Engine) -> None:
    report = played(engine, etapes=[{"repond": {"tache": "visit", "valeurs": {"rankin": None}}}])
    assert "Incident" in report.problem


@pytest.mark.parametrize("said", [b"{", b"[]", b"{}", {"debut": "demain"}])
def test_a_scenario_that_does_not_read_is_the_authors_affair(engine: Engine, said: object) -> None:
    with pytest.raises(PathwayError):
        run_all(engine, with_scenario(said))
