"""An absence moves the tasks in hand, and gives back what nobody touched."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.tables import task
from pathways import standing_in
from pathways.tables import moved_task
from people.rosters import absences
from people.tables import person as people
from tests.support.away import Practice, paris


@pytest.fixture
def practice(context, clock):
    clock.instant = paris(1, 9)
    return Practice(context)


@pytest.fixture
def nurse(practice):
    return practice.add("A", "ide_liberale")


@pytest.fixture
def lead(practice):
    return practice.add("K", "coordinateur")


def back(practice, absence, who):
    with practice.context.database.begin() as session:
        return absences.end(session, practice.context.clock, "demo", absence.id, who)


def test_a_task_goes_to_the_substitute_when_the_absence_begins_and_back_when_it_ends(practice, clock, nurse):
    substitute = practice.add("B", "ide_liberale")
    held = practice.open(nurse)
    practice.leave(nurse, paris(7), paris(12), substitute)
    assert (practice.sweep(), practice.holder(held)) == (0, nurse.id)
    clock.instant = paris(7)
    assert (practice.sweep(), practice.holder(held)) == (1, substitute.id)
    assert practice.sweep() == 0
    with practice.context.database.read() as session:
        assert standing_in.arriving(session, "demo", substitute.id) == {nurse.id: 1}
    clock.instant = paris(12)
    assert (practice.sweep(), practice.holder(held)) == (1, nurse.id)
    assert practice.sweep() == 0


def test_each_move_is_in_the_journal_of_the_case(practice, clock, nurse):
    substitute = practice.add("B", "ide_liberale")
    held = practice.open(nurse, "dossier")
    practice.leave(nurse, paris(2), paris(3), substitute)
    for day in (2, 3):
        clock.instant = paris(day)
        practice.sweep()
    with practice.context.database.read() as session:
        entries = practice.context.engine.history(session, "dossier")
    told = [(e.actor, e.detail["before"], e.detail["after"]) for e in entries if e.kind == "task_assigned"]
    moves = [("system:absence", nurse.id, substitute.id), ("system:absence", substitute.id, nurse.id)]
    assert told == [("partner:essai", None, nurse.id), *moves]
    assert held


def test_a_task_that_comes_during_the_absence_is_moved_too(practice, clock, nurse):
    substitute = practice.add("B", "ide_liberale")
    practice.leave(nurse, paris(2), paris(9), substitute)
    clock.instant = paris(4)
    held = practice.open(nurse)
    assert (practice.sweep(), practice.holder(held)) == (1, substitute.id)


def test_a_task_that_names_somebody_who_left_goes_to_their_team_and_not_back(practice, clock, nurse):
    colleague = practice.add("B", "ide_liberale")
    held = practice.open(nurse)
    with practice.context.database.begin() as session:
        session.execute(update(people).where(people.c.id == nurse.id).values(active=False))
    assert (practice.sweep(), practice.holder(held)) == (1, None)
    assert practice.sweep() == 0
    with practice.context.database.begin() as session:
        session.execute(update(people).where(people.c.id == nurse.id).values(active=True))
    practice.assign(held, colleague)
    assert (practice.sweep(), practice.holder(held)) == (0, colleague.id)


def test_a_chain_of_substitutes_moves_a_task_along_and_every_step_back(practice, clock, nurse):
    second, third = practice.add("B", "ide_liberale"), practice.add("C", "ide_liberale")
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(20), second)
    practice.leave(second, paris(5), paris(10), third)
    seen = []
    for day in (2, 5, 10, 20):
        clock.instant = paris(day)
        practice.sweep()
        seen.append(practice.holder(held))
    assert seen == [second.id, third.id, second.id, nurse.id]


def test_without_a_substitute_a_task_goes_back_to_the_team(practice, clock, nurse):
    practice.add("B", "ide_liberale")
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9))
    clock.instant = paris(3)
    assert (practice.sweep(), practice.holder(held)) == (1, None)
    assert practice.sweep() == 0
    clock.instant = paris(9)
    assert (practice.sweep(), practice.holder(held)) == (1, nurse.id)


def test_without_a_team_it_goes_to_whoever_of_the_coordination_has_least_in_hand(practice, clock, nurse, lead):
    other = practice.add("L", "coordinateur")
    practice.open(lead)
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9))
    clock.instant = paris(3)
    assert (practice.sweep(), practice.holder(held)) == (1, other.id)
    practice.leave(other, paris(4), paris(6))
    clock.instant = paris(4)
    assert (practice.sweep(), practice.holder(held)) == (1, lead.id)


def test_the_substitute_of_the_last_coordinator_gets_what_is_the_coordinations(practice, clock, nurse, lead):
    deputy = practice.add("D", "medecin_traitant")
    held = practice.open(nurse)
    practice.leave(lead, paris(2), paris(9), deputy)
    practice.leave(nurse, paris(2), paris(9))
    clock.instant = paris(3)
    assert (practice.sweep(), practice.holder(held)) == (1, deputy.id)


def test_what_somebody_took_meanwhile_stays_theirs(practice, clock, nurse):
    colleague = practice.add("B", "ide_liberale")
    taken, left = practice.open(nurse), practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9))
    clock.instant = paris(3)
    assert practice.sweep() == 2
    practice.assign(taken, colleague)
    clock.instant = paris(9)
    assert practice.sweep() == 1
    assert (practice.holder(taken), practice.holder(left)) == (colleague.id, nurse.id)
    with practice.context.database.read() as session:
        assert session.execute(select(moved_task.c.task)).all() == []


def test_what_was_answered_meanwhile_is_forgotten(practice, clock, nurse):
    substitute = practice.add("B", "ide_liberale")
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9), substitute)
    clock.instant = paris(3)
    practice.sweep()
    with practice.context.database.begin() as session:
        practice.context.engine.complete(session, task=held, variables={}, actor=substitute.id)
    clock.instant = paris(9)
    assert practice.sweep() == 0
    with practice.context.database.read() as session:
        assert session.execute(select(moved_task.c.task)).all() == []
        assert session.execute(select(task.c.state).where(task.c.id == held)).scalar_one() == "completed"


def test_who_hands_a_task_to_somebody_absent_sees_it_go_on(practice, clock, nurse):
    substitute, colleague = practice.add("B", "ide_liberale"), practice.add("C", "ide_liberale")
    held = practice.open(colleague)
    practice.leave(nurse, paris(2), paris(9), substitute)
    clock.instant = paris(3)
    practice.assign(held, nurse)
    assert (practice.sweep(), practice.holder(held)) == (1, substitute.id)


def test_an_early_return_and_a_changed_substitute_move_at_once(practice, clock, nurse, lead):
    second, third = practice.add("B", "ide_liberale"), practice.add("C", "ide_liberale")
    held = practice.open(nurse)
    first = practice.leave(nurse, paris(2), paris(9), second)
    clock.instant = paris(3)
    practice.sweep()
    context = practice.context
    with context.database.begin() as session:
        changed = absences.choose_substitute(session, clock, context.calendar, "demo", first.id, third.id, lead)
    assert (practice.sweep(), practice.holder(held)) == (1, third.id)
    back(practice, changed, nurse)
    assert (practice.sweep(), practice.holder(held)) == (1, nurse.id)


def test_a_substitute_who_leaves_the_cpts_keeps_nothing(practice, clock, nurse, lead):
    substitute = practice.add("B", "ide_liberale")
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9), substitute)
    clock.instant = paris(3)
    practice.sweep()
    with practice.context.database.begin() as session:
        session.execute(update(people).where(people.c.id == substitute.id).values(active=False))
    assert (practice.sweep(), practice.holder(held)) == (1, lead.id)


def test_what_a_colleague_changes_between_the_look_and_the_move_holds_up_nothing_else(
    practice, clock, nurse, monkeypatch
):
    substitute, colleague = practice.add("B", "ide_liberale"), practice.add("C", "ide_liberale")
    taken, other = practice.open(nurse), practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9), substitute)
    clock.instant = paris(3)
    alone = standing_in._alone

    def meet(context, move):
        if move.place.task == taken:
            practice.assign(taken, colleague)
        return alone(context, move)

    monkeypatch.setattr(standing_in, "_alone", meet)
    assert (practice.sweep(), practice.holder(taken), practice.holder(other)) == (1, colleague.id, substitute.id)
    assert practice.sweep() == 0


def test_a_pathway_brings_a_rule_of_its_own(context, clock):
    clock.instant = paris(1, 9)
    end = "</text>\n        </outputEntry>"
    said = standing_in.SHIPPED.read_text("utf-8").replace(f"&quot;equipe&quot;{end}", f"&quot;coordinateur&quot;{end}")
    practice = Practice(context, said.encode())
    nurse, lead = practice.add("A", "ide_liberale"), practice.add("K", "coordinateur")
    practice.add("B", "ide_liberale")
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9))
    clock.instant = paris(3)
    assert (practice.sweep(), practice.holder(held)) == (1, lead.id)


def test_a_rule_that_cannot_be_applied_gives_the_task_back_to_its_roles(context, clock):
    clock.instant = paris(1, 9)
    said = standing_in.SHIPPED.read_text("utf-8").replace("<text>equipe</text>", "<text>equipe + 1</text>")
    practice = Practice(context, said.encode())
    nurse = practice.add("A", "ide_liberale")
    practice.add("K", "coordinateur")
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9))
    clock.instant = paris(3)
    assert (practice.sweep(), practice.holder(held)) == (1, None)


def test_a_pass_with_nobody_away_writes_nothing(practice, nurse, clock):
    held = practice.open(nurse)
    practice.leave(nurse, paris(2), paris(9))
    clock.advance(timedelta(hours=1))
    assert (practice.sweep(), practice.holder(held)) == (0, nurse.id)
