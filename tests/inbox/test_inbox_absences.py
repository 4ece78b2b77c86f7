"""Nothing waits on somebody who is away: over random rosters and hours, and through the doors."""

import random
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from base.errors import Conflict, Invalid
from care import cases, circle, patients
from care.identity import Identity
from engine.tables import task
from inbox.desk import Desk
from inbox.statements import statements
from people import delegates
from people.standing_in import away, with_taken_over
from tests.support.away import Practice, paris
from tests.support.contexts import make_context

ROLES = ("ide_liberale", "medecin_traitant")
HOURS = 24 * 12


class Roster(Practice):
    """Random people, cases, absences and delegates, all of them declared as people declare them."""

    def __init__(self, context, seed):
        super().__init__(context)
        self.random, self.numbers = random.Random(seed), count()
        self.people = [self.someone() for _ in range(self.random.randint(3, 6))]
        self.people.append(self.add("K", "coordinateur"))
        if self.random.random() < 0.5:
            self.people.append(self.add("L", "coordinateur", "medecin_traitant"))
        self.tasks = [self.open_somewhere() for _ in range(self.random.randint(2, 5))]

    def someone(self):
        held = self.random.choice([("ide_liberale",), ("medecin_traitant",), ROLES, ("secretaire",)])
        return self.add(f"P{next(self.numbers)}", *held)

    def open_somewhere(self):
        """A case whose task is offered to nurses: in a circle or not, in somebody's hands or not."""
        context, run = self.context, f"case{next(self.numbers)}"
        with context.database.begin() as session:
            traits = Identity(f"PAT{run}".upper(), ("Dominique",), "F", paris(1).date())
            owner = patients.admit(session, context.vault, context.clock, context.tenant, traits, "PROV")
            cases.open_case(
                session, context.vault, context.clock, context.tenant, patient=owner.id, pathway="suites",
                pathway_version=1, title="Essai", id=run,
            )  # fmt: skip
            for member in self.random.sample(self.people, self.random.randint(0, 2)):
                role = self.random.choice(sorted(member.roles))
                circle.add(session, context.clock, context.tenant, owner.id, member.id, role, "essai")
        holder = self.random.choice([None, self.random.choice(self.people)])
        return self.open(holder, run)

    def act(self):
        """One thing that somebody does; what is refused in words has not happened."""
        who, since = self.random.choice(self.people), paris(1) + timedelta(hours=self.random.randint(9, HOURS))
        try:
            if self.random.random() < 0.2:
                secretary = self.random.choice(self.people)
                with self.context.database.begin() as session:
                    delegates.grant(
                        session, self.context.clock, self.context.tenant, who.id, secretary.id, who, since=since
                    )
                return
            substitute = self.random.choice([None, self.random.choice(self.people)])
            self.leave(who, since, since + timedelta(hours=self.random.randint(1, 120)), substitute)
        except (Conflict, Invalid):
            return

    def seen_by(self, person, found):
        with self.context.database.read() as session:
            desk = Desk(session, self.context, with_taken_over(session, self.context.clock, person))
            return bool(statements(desk.person).task.first(session, {**desk.values, "id": found}).seen)

    def gone(self):
        with self.context.database.read() as session:
            return set(session.scalars(away(self.context.tenant), {"now": self.context.clock.now()}))

    def held(self):
        with self.context.database.read() as session:
            query = select(task.c.id, task.c.assignee).where(task.c.state == "open")
            return {row.id: row.assignee for row in session.execute(query)}


@pytest.mark.parametrize("seed", range(6))
def test_no_open_task_sits_with_somebody_absent_and_each_is_seen_by_somebody_there(settings, database, clock, seed):
    """Every task is seen at every moment, before the sweep too; after it, none is in the hands of the absent."""
    clock.instant = paris(1, 9)
    roster = Roster(make_context(settings, database, clock), seed)
    for _ in range(8):
        roster.act()
    for hour in sorted(roster.random.sample(range(1, HOURS), 7)):
        clock.instant = paris(1, 9) + timedelta(hours=hour)
        gone = roster.gone()
        there = [person for person in roster.people if person.id not in gone]
        assert there
        for moment in ("before", "after"):
            held = roster.held()
            unseen = [one for one in held if not any(roster.seen_by(person, one) for person in there)]
            assert unseen == [], (seed, hour, moment)
            roster.sweep()
        assert not gone & {holder for holder in roster.held().values() if holder}, (seed, hour)
        assert roster.sweep() == 0
        roster.act()
    clock.instant = paris(1) + timedelta(days=400)
    roster.sweep()
    assert roster.gone() == set()
