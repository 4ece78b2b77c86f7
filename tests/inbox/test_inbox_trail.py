from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from base.calendars import Calendar
from engine.inspection import inspect
from engine.pictures import RunPicture, TokenPicture
from inbox.case import trail
from tests.inbox.conftest import FILES, Site

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def states(site: Site, case: str) -> list[tuple[str, str]]:
    """What the stakes of a case say, read by its doctor."""
    steps = site.client(site.doctor).get(f"/api/cases/{case}").json["steps"]
    return [(step["name"], step["state"]) for step in steps]


def test_the_trail_shows_what_is_walked_where_one_stands_and_what_lies_ahead(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    assert states(site, case) == [
        ("Sortie reçue", "done"),
        ("Visite infirmière", "done"),
        ("Consultation précoce", "here"),
        ("Relire la synthèse", "todo"),
    ]


def test_a_late_step_says_so_on_the_trail(site: Site) -> None:
    case = site.open_case()
    site.visit(case)
    site.clock.advance(timedelta(hours=4))
    assert ("Consultation précoce", "late") in states(site, case)


def test_what_an_ended_case_did_not_walk_is_left_out(site: Site) -> None:
    case = site.open_case()
    with site.context.database.begin() as session:
        site.context.engine.cancel(session, run=case, actor=site.coordinator.id, reason="essai")
    assert states(site, case) == [("Sortie reçue", "done")]


def test_a_step_whose_task_was_taken_back_is_no_longer_foretold() -> None:
    files = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*") if path.is_file()}
    visit = TokenPicture("visite", "Visite infirmière", "userTask", "p_suites", "waiting", NOW)
    picture = RunPicture("r", "d", "p_suites", "active", None, NOW, None, (visit,), (), (), (), (), {})

    def named(dropped: frozenset[str]) -> list[str]:
        standing = trail.Standing(picture, {}, {}, dropped, "", NOW, ZoneInfo("Europe/Paris"))
        return [step.name for step in trail.steps(inspect(files, Calendar()), standing)]

    assert named(frozenset()) == ["Visite infirmière", "Consultation précoce", "Relire la synthèse"]
    assert named(frozenset({"consultation"})) == ["Visite infirmière", "Relire la synthèse"]
