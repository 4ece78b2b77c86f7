"""Whatever is told by whatever way: nothing of the patient, of their health or of what people wrote ever leaves."""

from datetime import timedelta

import pytest

from inbox.notices import wording
from people.notices import rows
from people.notices.kinds import KINDS
from tests.inbox.conftest import PASSWORD, TENANT
from tests.inbox.notices.conftest import Town

NAME, WORDS = "PAT-ZZIDENTITEZZ", "ZZECHANGEZZ"
PLANTED = (
    NAME, "ZZIDENTITEZZ", "Dominique", "639981234", "Beauzac", "Sucs", WORDS, "Suites d’essai", "Visite",
    "Consultation", "opposition", "opposé", "patient",
)  # fmt: skip


def told_of_everything(town: Town, case: str, task: str) -> None:
    """Every kind, for the person to whom it may be told."""
    site = town.site
    for kind in KINDS:
        person = site.coordinator if kind in ("overdue", "emergency") else site.doctor
        due = site.clock.now() + timedelta(hours=6)
        town.tell(
            person, kind, task=task, case=case, about=f"{task}:{kind}", other=site.colleague.id, due=due, urgent=True
        )


def test_no_way_carries_a_planted_word(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    site = town.site
    town.at_once(site.doctor, site.coordinator, site.nurse)
    for person in (site.doctor, site.coordinator):
        town.phone(person, "0639980000")
    town.subscribe(site.doctor)
    case = site.open_case(NAME)
    site.visit(case)
    task = site.task(case)
    doctor = site.client(site.doctor)
    ask = {"_csrf": doctor.csrf, "a": site.coordinator.id, "mots": f"{WORDS} {NAME}"}
    assert doctor.post(f"/taches/{task}/autre/question", data=ask).status_code == 303
    town.work()
    site.clock.advance(timedelta(minutes=1))
    told_of_everything(town, case, task)
    town.work()
    carried = town.office.everything()
    assert "Jalon" in carried
    assert len(town.office.pushed()) >= 1
    assert len(town.office.texts()) >= 2
    assert "1 accès" in carried or "Un accès exceptionnel" in carried
    log = "".join(capsys.readouterr())
    assert {word for word in PLANTED if word in carried} == set()
    assert {word for word in (*PLANTED[:6], PASSWORD) if word in log} == set()
    states = {state for person in (site.doctor, site.coordinator) for _, state, _ in town.notices(person)}
    assert states <= {"told", "withdrawn"}


def test_each_kind_by_itself_says_only_that_something_waits(town: Town) -> None:
    """Word by word: the sentence of each kind, put together for a real task of a real patient."""
    site = town.site
    case = site.open_case(NAME)
    site.visit(case)
    told_of_everything(town, case, site.task(case))
    with site.context.database.read() as session:
        for person in (site.doctor, site.coordinator):
            for one in rows.waiting(session, TENANT, person.id):
                alone = wording.message(session, site.context, [one])
                said = " ".join((alone.subject, *alone.lines, alone.url))
                assert {word for word in PLANTED if word in said} == set(), one.kind
                assert len(alone.lines) == 1
                assert len(said) < 160, "one SMS"
