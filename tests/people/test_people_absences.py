from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from base.calendars import Calendar
from base.errors import Conflict, Forbidden, Invalid, NotFound
from people import persons
from people.rosters import absences, delegates, standing_in, unavailability
from people.rosters.absences import Wish
from people.rosters.tables import absence as rows
from people.tables import person as people

PARIS = ZoneInfo("Europe/Paris")
CALENDAR = Calendar()


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 12, number, hour, tzinfo=PARIS)


class Town:
    """Five people in one transaction, and who says what about whom."""

    def __init__(self, session, clock):
        self.session, self.clock = session, clock
        self.a, self.b, self.c = (self.add(name, "medecin_traitant") for name in "ABC")
        self.secretary, self.lead = self.add("S", "secretaire"), self.add("K", "coordinateur")

    def add(self, name, role, tenant="demo"):
        return persons.add(self.session, tenant, family_name=f"DEMO-{name}", given_name=name, title="Dr", roles=[role])

    def leave(self, who, since, until, substitute=None, by=None, **more):
        way = absences.SUBSTITUTE if substitute else absences.RULE
        wish = Wish(who.id, since, until, way=way, substitute=substitute and substitute.id, **more)
        return absences.declare(self.session, self.clock, CALENDAR, "demo", wish, by or who)

    def end(self, absence, by):
        return absences.end(self.session, self.clock, "demo", absence.id, by)

    def at(self, moment):
        self.clock.instant = moment.astimezone(ZoneInfo("UTC"))

    def acting(self, who):
        """The names of those for whom somebody acts now, as the statements of the inbox ask it."""
        values = {"asker": who.id, "now": self.clock.now()}
        asked = select(people.c.given_name).where(people.c.id.in_(standing_in.askers("demo")))
        found = set(self.session.scalars(asked, values))
        listed = standing_in.standing_in_for(self.session, self.clock, "demo", who.id)
        assert found == {who.given_name} | {persons.person(self.session, one.person).given_name for one in listed}
        return "".join(sorted(found))

    def listed(self, select_of):
        asked = select(people.c.given_name).where(people.c.id.in_(select_of("demo")))
        return "".join(sorted(set(self.session.scalars(asked, {"now": self.clock.now()}))))


@pytest.fixture
def town(database, clock):
    with database.begin() as session:
        yield Town(session, clock)


def test_a_substitute_stands_in_for_as_long_as_the_absence_lasts(town):
    town.leave(town.a, day(7), day(12), town.b)
    assert (town.acting(town.b), town.listed(standing_in.away)) == ("B", "")
    town.at(day(7))
    assert (town.acting(town.b), town.acting(town.a), town.acting(town.c)) == ("AB", "A", "C")
    assert town.listed(standing_in.away) == "A"
    assert town.listed(standing_in.unattended) == ""
    town.at(day(12))
    assert (town.acting(town.b), town.listed(standing_in.away)) == ("B", "")


def test_whoever_leaves_by_the_rule_is_attended_by_nobody(town):
    town.leave(town.a, day(7), day(12))
    town.at(day(8))
    assert town.listed(standing_in.unattended) == "A"


def test_a_substitute_who_is_no_longer_active_attends_nobody(town):
    town.leave(town.a, day(7), day(12), town.b)
    town.at(day(8))
    town.session.execute(update(people).where(people.c.id == town.b.id).values(active=False))
    assert town.listed(standing_in.unattended) == "A"


def test_a_chain_ends_with_who_is_there_and_shortens_when_one_is_back(town):
    town.leave(town.a, day(7), day(20), town.b)
    between = town.leave(town.b, day(9), day(12), town.c)
    town.at(day(8))
    assert (town.acting(town.b), town.acting(town.c)) == ("AB", "C")
    town.at(day(10))
    assert (town.acting(town.b), town.acting(town.c)) == ("B", "ABC")
    town.end(between, town.b)
    assert (town.acting(town.b), town.acting(town.c)) == ("AB", "C")
    town.at(day(13))
    assert town.acting(town.b) == "AB"


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (day(1), day(2), "le 1er décembre 2026"),
        (day(1, 8), day(1, 12), "le 1er décembre 2026 de 08:00 à 12:00"),
        (day(1, 14), day(2), "le 1er décembre 2026 dès 14:00"),
        (day(1), day(1, 12), "le 1er décembre 2026 jusqu’à 12:00"),
        (day(1), day(5), "du 1er au 4 décembre 2026"),
        (day(1, 8), day(5, 8), "du 1er décembre à 08:00 au 5 décembre 2026 à 08:00"),
        (day(1) - timedelta(days=1), day(5), "du 30 novembre au 4 décembre 2026"),
        (day(28), day(31) + timedelta(days=3), "du 28 décembre 2026 au 2 janvier 2027"),
    ],
)
def test_a_span_is_said_as_people_say_it(since, until, said):
    assert absences.span(CALENDAR, since, until) == said


def test_two_people_cannot_replace_each_other_at_the_same_time(town):
    town.leave(town.a, day(7), day(12), town.b)
    with pytest.raises(Conflict, match=r"Dr B DEMO-B remplace déjà Dr A DEMO-A du 7 au 11 décembre 2026"):
        town.leave(town.b, day(10), day(15), town.a)
    town.leave(town.b, day(14), day(15), town.a)


def test_a_circle_of_three_is_refused_too(town):
    town.leave(town.a, day(7), day(20), town.b)
    town.leave(town.b, day(9), day(12), town.c)
    with pytest.raises(Conflict, match=r"Dr C DEMO-C remplace déjà Dr A DEMO-A"):
        town.leave(town.c, day(10), day(11), town.a)


def test_the_substitute_must_be_there_all_the_time(town):
    town.leave(town.b, day(9), day(10))
    with pytest.raises(Conflict, match=r"Dr B DEMO-B est absent ou absente le 9 décembre 2026"):
        town.leave(town.a, day(7), day(12), town.b)
    town.leave(town.a, day(7), day(9), town.b)


def test_whoever_replaces_somebody_says_who_takes_over_before_leaving(town):
    town.leave(town.a, day(7), day(12), town.b)
    with pytest.raises(Conflict, match=r"Dr B DEMO-B remplace Dr A DEMO-A du 10 au 11 décembre 2026"):
        town.leave(town.b, day(10), day(15))
    town.leave(town.b, day(10), day(15), town.c)


def test_the_coordination_changes_a_substitute_and_what_was_stays_said(town):
    first = town.leave(town.a, day(7), day(12), town.b)
    town.at(day(9))
    changed = absences.choose_substitute(town.session, town.clock, CALENDAR, "demo", first.id, town.c.id, town.lead)
    assert (town.acting(town.b), town.acting(town.c)) == ("B", "AC")
    assert (changed.since, changed.until, changed.declared_by) == (day(9), day(12), town.lead.id)
    stored = absences.absence(town.session, "demo", first.id)
    assert (stored.until, stored.planned_until, stored.changed_by) == (day(9), day(12), town.lead.id)


@pytest.mark.parametrize("moment", [day(5), day(9)])
def test_an_absence_ends_early_or_never_begins_and_another_may_take_its_place(town, moment):
    first = town.leave(town.a, day(7), day(12), town.b)
    town.at(moment)
    ended = town.end(first, town.a)
    assert (town.acting(town.b), ended.until, ended.planned_until) == ("B", max(moment, day(7)), day(12))
    town.at(day(12))
    with pytest.raises(Conflict, match="déjà terminée"):
        town.end(first, town.a)
    town.at(moment)
    town.leave(town.a, max(moment, day(7)), day(10), town.c)


def test_absences_that_overlap_are_refused_and_those_that_touch_are_not(town):
    town.leave(town.a, day(7), day(12))
    with pytest.raises(Conflict, match=r"Une absence est déjà déclarée du 7 au 11 décembre 2026"):
        town.leave(town.a, day(11, 13), day(14))
    town.leave(town.a, day(12), day(14))


def test_the_last_of_the_coordination_leaves_only_when_somebody_takes_over(town):
    second = town.add("L", "coordinateur")
    town.leave(second, day(7), day(12))
    with pytest.raises(Conflict, match=r"plus personne à la coordination du 10 au 11 décembre 2026"):
        town.leave(town.lead, day(10), day(20))
    town.leave(town.lead, day(12), day(20))
    town.leave(town.lead, day(10), day(12), town.a)


def test_only_the_person_their_delegates_and_the_coordination_declare(town):
    with pytest.raises(Forbidden):
        town.leave(town.a, day(7), day(8), by=town.b)
    with pytest.raises(Forbidden):
        town.leave(town.a, day(7), day(8), by=town.secretary)
    delegates.grant(town.session, town.clock, "demo", town.a.id, town.secretary.id, town.a)
    assert town.leave(town.a, day(7), day(8), by=town.secretary).declared_by == town.secretary.id
    assert town.leave(town.a, day(9), day(10), by=town.lead).declared_by == town.lead.id
    with pytest.raises(NotFound):
        town.leave(town.add("Z", "coordinateur", "other"), day(9), day(10), by=town.lead)


@pytest.mark.parametrize(
    ("since", "until", "more", "field"),
    [
        (day(7), day(7), {}, "until"),
        (day(7), day(7) + timedelta(days=800), {}, "until"),
        (datetime(2026, 11, 20, tzinfo=PARIS), day(7), {}, "since"),
        (day(7), day(9), {"reason": "grippe"}, "reason"),
        (day(7), day(9), {"note": "x" * 201}, "note"),
    ],
)
def test_what_is_missing_or_wrong_is_said_by_field(town, since, until, more, field):
    with pytest.raises(Invalid) as refused:
        town.leave(town.a, since, until, **more)
    assert list(refused.value.fields) == [field]
    assert town.session.execute(select(rows.c.id)).all() == []


def test_nobody_replaces_themselves_or_is_replaced_by_who_has_left(town):
    with pytest.raises(Conflict, match="ne se remplace"):
        town.leave(town.a, day(7), day(9), town.a)
    town.session.execute(update(people).where(people.c.id == town.b.id).values(active=False))
    with pytest.raises(Conflict, match="plus en activité"):
        town.leave(town.a, day(7), day(9), town.b)


def test_a_delegate_acts_for_a_person_until_told_otherwise_and_does_not_pass_it_on(town):
    given = delegates.grant(town.session, town.clock, "demo", town.b.id, town.secretary.id, town.b)
    town.leave(town.a, day(7), day(9), town.b)
    town.at(day(8))
    assert (town.acting(town.secretary), town.acting(town.b)) == ("BS", "AB")
    with pytest.raises(Conflict):
        delegates.grant(town.session, town.clock, "demo", town.b.id, town.secretary.id, town.lead)
    with pytest.raises(Forbidden):
        delegates.withdraw(town.session, town.clock, "demo", given.id, town.a)
    delegates.withdraw(town.session, town.clock, "demo", given.id, town.secretary)
    assert town.acting(town.secretary) == "S"
    with pytest.raises(NotFound):
        delegates.withdraw(town.session, town.clock, "demo", given.id, town.secretary)


def test_only_the_person_and_the_coordination_choose_a_delegate(town):
    with pytest.raises(Forbidden):
        delegates.grant(town.session, town.clock, "demo", town.b.id, town.secretary.id, town.secretary)
    with pytest.raises(Invalid):
        delegates.grant(town.session, town.clock, "demo", town.b.id, town.b.id, town.b)
    made = delegates.grant(town.session, town.clock, "demo", town.b.id, town.secretary.id, town.lead, until=day(3))
    assert delegates.of_person(town.session, town.clock, "demo", town.b.id) == [made]
    town.at(day(3))
    assert delegates.of_person(town.session, town.clock, "demo", town.b.id) == []


def test_a_weekly_unavailability_holds_messages_back_and_is_no_absence(town):
    """Every other Wednesday afternoon, and the evening after it: one wait until Thursday."""
    for start, stop in (("13:00", "18:00"), ("18:00", "24:00")):
        unavailability.add(
            town.session, town.clock, "demo", town.a, person=town.a.id, weekday=3, from_time=start, to_time=stop,
            every_weeks=2, first_day=date(2026, 12, 2),
        )  # fmt: skip

    def until(moment):
        return unavailability.unavailable_until(town.session, CALENDAR, "demo", town.a.id, moment)

    assert until(day(2, 14)) == day(3)
    assert until(day(2, 12)) == day(2, 12)
    assert until(day(9, 14)) == day(9, 14)
    assert until(day(16, 23)) == day(17)
    town.at(day(2, 14))
    assert town.listed(standing_in.away) == ""
    known = unavailability.of_person(town.session, "demo", town.a.id)
    assert known[0].said == "Le mercredi de 13:00 à 18:00, une semaine sur deux"
    unavailability.remove(town.session, town.clock, "demo", known[0].id, town.a)
    assert until(day(2, 14)) == day(2, 14)
    with pytest.raises(NotFound):
        unavailability.remove(town.session, town.clock, "demo", known[0].id, town.a)


def test_somebody_who_never_works_is_not_looked_for_for_ever(town):
    for weekday in range(1, 8):
        unavailability.add(
            town.session, town.clock, "demo", town.a, person=town.a.id, weekday=weekday, from_time="00:00",
            to_time="24:00", first_day=date(2026, 12, 2),
        )  # fmt: skip
    found = unavailability.unavailable_until(town.session, CALENDAR, "demo", town.a.id, day(9))
    assert found > day(9) + timedelta(days=50)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekday": 8}, "weekday"),
        ({"every_weeks": 3}, "every_weeks"),
        ({"from_time": "13h"}, "from_time"),
        ({"to_time": "12:00"}, "to_time"),
        ({"last_day": date(2026, 12, 1)}, "last_day"),
    ],
)
def test_a_weekly_unavailability_that_makes_no_sense_is_refused(town, change, field):
    given = {"weekday": 3, "from_time": "13:00", "to_time": "18:00", "first_day": date(2026, 12, 2), **change}
    with pytest.raises(Invalid) as refused:
        unavailability.add(town.session, town.clock, "demo", town.a, person=town.a.id, **given)
    assert list(refused.value.fields) == [field]


def test_two_who_declare_at_once_cannot_make_a_circle(database, clock):
    """The second one waits for the first, and then knows of it."""
    with database.begin() as session:
        town = Town(session, clock)

    def leave(who, substitute):
        try:
            with database.begin() as session:
                wish = Wish(who.id, day(7), day(9), way=absences.SUBSTITUTE, substitute=substitute.id)
                absences.declare(session, clock, CALENDAR, "demo", wish, who)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(leave, (town.a, town.b), (town.b, town.a)))
    assert sorted(told) == [False, True]
