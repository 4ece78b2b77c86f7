import itertools
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar as Agenda

from base.calendars import Calendar
from base.errors import Conflict, Forbidden, Invalid, NotFound, RequestError, TooLarge
from people import persons
from people.rosters import absences, duty, duty_feeds, duty_import, duty_swaps
from people.rosters.absences import Wish
from people.rosters.duty import Turn
from people.rosters.duty_periods import period_at, periods

PARIS = ZoneInfo("Europe/Paris")
CALENDAR = Calendar()
HOUR = timedelta(hours=1)


def paris(month, day, hour=0, year=2026):
    return datetime(year, month, day, hour, tzinfo=PARIS)


class Town:
    def __init__(self, session, clock):
        self.session, self.clock = session, clock
        self.a, self.b = (
            persons.add(session, "demo", family_name=f"DEMO-{name}", given_name=name, title="Dr", rpps=rpps,
                        email=f"{name}@essai.test".lower(), roles=["medecin_effecteur"])
            for name, rpps in (("A", "10999000018"), ("B", "10999000026"))
        )  # fmt: skip
        self.lead = persons.add(session, "demo", family_name="DEMO-K", given_name="K", roles=["coordinateur"])
        duty.write_sector(session, "demo", self.lead, "sucs", "Sucs", ["Yssingeaux", "Beauzac", " "])

    def turn(self, who, since, until, **more):
        return Turn("sucs", more.get("kind", duty.EFFECTION), since, until, who.id, more.get("place", ""))

    def on(self, who, since, until, by=None, **more):
        turn = self.turn(who, since, until, **more)
        return duty.write(self.session, self.clock, CALENDAR, "demo", turn, by or self.lead)

    def plan(self, content, **more):
        return duty_import.plan(self.session, CALENDAR, "demo", content, **more)


@pytest.fixture
def town(database, clock):
    with database.begin() as session:
        yield Town(session, clock)


def spans(first, days, calendar=CALENDAR):
    return [
        (one.kind, f"{calendar.local(one.since):%a %H}", (one.until - one.since) / HOUR)
        for one in periods(calendar, first, days)
    ]


def test_a_week_has_seven_nights_a_saturday_afternoon_and_a_sunday():
    kinds = [kind for kind, *_ in spans(date(2026, 11, 23), 7)]
    assert kinds == ["nuit"] * 5 + ["samedi", "nuit", "dimanche", "nuit"]


def test_the_night_in_which_summer_time_ends_lasts_thirteen_hours():
    assert spans(date(2026, 10, 24), 2) == [
        ("samedi", "Sat 12", 8), ("nuit", "Sat 20", 13), ("dimanche", "Sun 08", 12), ("nuit", "Sun 20", 12),
    ]  # fmt: skip


def test_the_night_in_which_summer_time_begins_lasts_eleven_hours():
    assert spans(date(2027, 3, 27), 2) == [
        ("samedi", "Sat 12", 8), ("nuit", "Sat 20", 11), ("dimanche", "Sun 08", 12), ("nuit", "Sun 20", 12),
    ]  # fmt: skip


def test_a_saturday_that_is_a_holiday_counts_from_the_morning_in_alsace_and_moselle():
    """26 December 2026 is a Saturday, and a public holiday in Metz."""
    moselle = Calendar(region="57")
    assert spans(date(2026, 12, 26), 1)[0] == ("samedi", "Sat 12", 8)
    assert spans(date(2026, 12, 26), 1, moselle)[0] == ("ferie", "Sat 08", 12)
    good_friday = date(2026, 4, 3)
    assert [len(spans(good_friday, 1, one)) for one in (CALENDAR, moselle)] == [1, 2]


def test_ordinary_hours_belong_to_no_period():
    assert period_at(CALENDAR, paris(11, 24, 10)) is None
    night = period_at(CALENDAR, paris(11, 24, 3))
    assert (night.name, night.since, night.until) == ("Nuit", paris(11, 23, 20), paris(11, 24, 8))
    assert period_at(CALENDAR, paris(11, 24, 8)) is None


def test_periods_never_overlap_and_fill_whatever_is_not_ordinary_hours():
    found = periods(Calendar(region="57"), date(2026, 1, 1), 366)
    assert all(one.until <= after.since for one, after in itertools.pairwise(found))


def test_who_is_on_duty_now_is_said_by_sector(town):
    town.on(town.a, paris(11, 24, 20), paris(11, 25, 8), place="MMG de Beauzac")
    assert duty.on_duty(town.session, "demo", paris(11, 24, 19)) == {"sucs": []}
    found = duty.on_duty(town.session, "demo", paris(11, 24, 20))
    assert [(one.person, one.place) for one in found["sucs"]] == [(town.a.id, "MMG de Beauzac")]


def test_what_nobody_covers_is_a_gap_even_a_part_of_a_night_and_the_night_of_somebody_absent(town):
    town.on(town.a, paris(11, 24, 20), paris(11, 25, 2))
    town.on(town.b, paris(11, 25, 20), paris(11, 26, 8))
    found = duty.gaps(town.session, CALENDAR, "demo", date(2026, 11, 24), 2)
    assert [(gap.since, gap.until) for gap in found] == [(paris(11, 25, 2), paris(11, 25, 8))]
    wish = Wish(town.b.id, paris(11, 25), paris(11, 27))
    absences.declare(town.session, town.clock, CALENDAR, "demo", wish, town.b)
    found = duty.gaps(town.session, CALENDAR, "demo", date(2026, 11, 25), 1)
    assert [(gap.since, gap.until) for gap in found] == [(paris(11, 25, 20), paris(11, 26, 8))]
    assert duty.on_duty(town.session, "demo", paris(11, 25, 21)) == {"sucs": []}


def test_gaps_of_regulation_are_shown_once_the_sector_organises_it(town):
    town.on(town.a, paris(11, 24, 20), paris(11, 25, 8), kind="regulation")
    found = duty.gaps(town.session, CALENDAR, "demo", date(2026, 11, 24), 2)
    assert [(gap.kind, gap.since.astimezone(PARIS).day) for gap in found] == [
        ("effection", 24), ("effection", 25), ("regulation", 25),
    ]  # fmt: skip


def test_nobody_is_on_duty_twice_at_once_or_while_absent(town):
    town.on(town.a, paris(11, 24, 20), paris(11, 25, 8))
    with pytest.raises(Conflict, match="Dr A DEMO-A est déjà de garde"):
        town.on(town.a, paris(11, 25, 7), paris(11, 25, 12))
    absences.declare(town.session, town.clock, CALENDAR, "demo", Wish(town.b.id, paris(11, 25), paris(11, 27)), town.b)
    with pytest.raises(Conflict, match="Dr B DEMO-B est absent"):
        town.on(town.b, paris(11, 26, 20), paris(11, 27, 8))


def test_everybody_may_take_a_duty_and_only_the_coordination_gives_one(town):
    town.on(town.a, paris(11, 24, 20), paris(11, 25, 8), by=town.a)
    with pytest.raises(Forbidden):
        town.on(town.b, paris(11, 24, 20), paris(11, 25, 8), by=town.a)
    with pytest.raises(Forbidden):
        duty.write_sector(town.session, "demo", town.a, "x", "X", [])
    held = town.on(town.b, paris(11, 24, 20), paris(11, 25, 8))
    with pytest.raises(Forbidden):
        duty.remove(town.session, town.clock, "demo", held.id, town.b)
    duty.remove(town.session, town.clock, "demo", held.id, town.lead)
    with pytest.raises(NotFound):
        duty.shift(town.session, "demo", held.id)
    over = town.on(town.b, paris(11, 20, 20), paris(11, 21, 8))
    with pytest.raises(Conflict, match="reste au tableau"):
        duty.remove(town.session, town.clock, "demo", over.id, town.lead)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sector": "ailleurs"}, "sector"),
        ({"kind": "sieste"}, "kind"),
        ({"until": paris(11, 26, 20)}, "until"),
        ({"person": "nobody"}, "person"),
        ({"place": "x" * 121}, "place"),
        ({"place": "MMG\x00"}, "place"),
    ],
)
def test_a_duty_that_makes_no_sense_is_refused_by_field(town, change, field):
    values = {**vars(town.turn(town.a, paris(11, 24, 20), paris(11, 25, 8))), **change}
    with pytest.raises(Invalid) as refused:
        duty.write(town.session, town.clock, CALENDAR, "demo", Turn(**values), town.lead)
    assert list(refused.value.fields) == [field]


def test_a_swap_changes_hands_once_the_other_accepts(town):
    held = town.on(town.a, paris(11, 24, 20), paris(11, 25, 8))
    asked = duty_swaps.propose(town.session, town.clock, CALENDAR, "demo", held.id, town.b.id, town.a)
    assert duty.shift(town.session, "demo", held.id).person == town.a.id
    for who in (town.a, town.b):
        assert duty_swaps.waiting(town.session, "demo", who.id) == [asked]
    with pytest.raises(Forbidden):
        duty_swaps.answer(town.session, town.clock, CALENDAR, "demo", asked.id, town.a, accepts=True)
    duty_swaps.answer(town.session, town.clock, CALENDAR, "demo", asked.id, town.b, accepts=True)
    assert duty.shift(town.session, "demo", held.id).person == town.b.id
    with pytest.raises(Conflict, match="déjà reçu sa réponse"):
        duty_swaps.answer(town.session, town.clock, CALENDAR, "demo", asked.id, town.b, accepts=False)


def test_a_swap_is_refused_withdrawn_or_no_longer_possible(town):
    held = town.on(town.a, paris(11, 24, 20), paris(11, 25, 8))

    def propose(by=town.a):
        return duty_swaps.propose(town.session, town.clock, CALENDAR, "demo", held.id, town.b.id, by)

    with pytest.raises(Forbidden):
        propose(town.b)
    asked = propose()
    with pytest.raises(Conflict, match="déjà proposée"):
        propose()
    duty_swaps.answer(town.session, town.clock, CALENDAR, "demo", asked.id, town.b, accepts=False)
    duty_swaps.withdraw(town.session, town.clock, "demo", propose().id, town.a)
    asked = propose()
    town.on(town.b, paris(11, 25, 6), paris(11, 25, 10))
    with pytest.raises(Conflict, match="déjà de garde"):
        duty_swaps.answer(town.session, town.clock, CALENDAR, "demo", asked.id, town.b, accepts=True)
    assert duty.shift(town.session, "demo", held.id).person == town.a.id


def read(town, secret):
    feed, _ = duty_feeds.opened(town.session, "demo", secret)
    return duty_feeds.read(town.session, town.clock, "demo", feed)


def test_a_feed_tells_the_duties_until_its_link_is_taken_back(town):
    town.on(town.a, paris(11, 24, 20), paris(11, 25, 8), place="MMG de Beauzac")
    town.on(town.b, paris(11, 25, 20), paris(11, 26, 8))
    mine = duty_feeds.make(town.session, town.clock, "demo", duty_feeds.PERSON, town.a.id, town.a)
    sector = duty_feeds.make(town.session, town.clock, "demo", duty_feeds.SECTOR, "sucs", town.a)

    def events(secret):
        agenda = Agenda.from_ical(read(town, secret))
        return [
            (str(one["summary"]), one.decoded("dtstart"), str(one.get("location", ""))) for one in agenda.walk("VEVENT")
        ]

    first = ("Garde, effection, Sucs : Dr A DEMO-A", paris(11, 24, 20), "MMG de Beauzac")
    assert events(mine) == [first]
    assert events(sector) == [first, ("Garde, effection, Sucs : Dr B DEMO-B", paris(11, 25, 20), "")]
    kept = duty_feeds.made_by(town.session, "demo", town.a)
    assert {one.kind for one in kept} == {"person", "sector"}
    assert mine not in {one.secret_hash for one in kept}
    with pytest.raises(NotFound):
        duty_feeds.revoke(town.session, town.clock, "demo", kept[0].secret_hash, town.b)
    for one in kept:
        duty_feeds.revoke(town.session, town.clock, "demo", one.secret_hash, town.a)
    for secret in (mine, sector, "guessed"):
        with pytest.raises(NotFound):
            read(town, secret)


def test_nobody_publishes_the_duties_of_somebody_else(town):
    with pytest.raises(Forbidden):
        duty_feeds.make(town.session, town.clock, "demo", duty_feeds.PERSON, town.b.id, town.a)
    with pytest.raises(Invalid):
        duty_feeds.make(town.session, town.clock, "demo", duty_feeds.SECTOR, "ailleurs", town.a)


TABLE = """secteur;type;début;fin;lieu;rpps;courriel
Sucs;effection;24/11/2026 20:00;25/11/2026 08:00;MMG;10999000018;
sucs;Régulation;2026-11-25 20:00;2026-11-26 08:00;;;B@essai.test
Sucs;effection;26/11/2026 20:00;27/11/2026 08:00;;10999000099;
Ailleurs;effection;26/11/2026 20:00;27/11/2026 08:00;;10999000018;
Sucs;sieste;26/11/2026 20:00;27/11/2026 08:00;;10999000018;
Sucs;effection;demain;27/11/2026 08:00;;10999000018;
Sucs;effection;27/11/2026 08:00;26/11/2026 20:00;;10999000018;
Sucs;effection;25/11/2026 07:00;25/11/2026 09:00;;10999000018;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_is_read_line_by_line_and_what_is_wrong_is_said(town, encoding):
    lines = town.plan(TABLE.encode(encoding))
    assert [line.number for line in lines] == list(range(2, 10))
    assert [bool(line.turn) and not line.error for line in lines] == [True, True, *[False] * 5, True]
    assert [line.error.split(" ")[0] for line in lines[2:7]] == ["Personne", "Ce", "Le", "Écrivez", "Donnez"]
    written = duty_import.carry_out(town.session, town.clock, CALENDAR, "demo", lines, town.lead)
    assert [line.number for line in written if line.turn and not line.error] == [2, 3]
    assert "déjà de garde" in written[-1].error
    again = town.plan(TABLE.encode(encoding))
    assert [line.known for line in again[:2]] == [True, True]


AGENDA = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//essai//FR
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Paris:20261124T200000
DTEND;TZID=Europe/Paris:20261125T080000
SUMMARY:Garde de nuit
ATTENDEE:mailto:A@essai.test
LOCATION:MMG
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261125T190000Z
DTEND:20261126T070000Z
SUMMARY:Garde 10999000026
CATEGORIES:regulation,sucs
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20261127
DTEND;VALUE=DATE:20261128
SUMMARY:Garde 10999000026
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART:20261128T190000Z
DTEND:20261129T070000Z
RRULE:FREQ=SECONDLY;COUNT=999999999
SUMMARY:Garde 10999000026
END:VEVENT
BEGIN:VEVENT
UID:5
SUMMARY:Garde 10999000026
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_a_calendar_is_read_event_by_event(town):
    lines = town.plan(AGENDA.encode(), sector="sucs")
    assert [(line.turn.person, line.turn.kind, line.turn.since) for line in lines[:2]] == [
        (town.a.id, "effection", paris(11, 24, 20)), (town.b.id, "regulation", paris(11, 25, 20)),
    ]  # fmt: skip
    assert [line.error.split(" ")[0] for line in lines[2:]] == ["Donnez", "Un", "Cet"]
    written = duty_import.carry_out(town.session, town.clock, CALENDAR, "demo", lines, town.lead)
    assert sum(not line.error for line in written) == 2


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Invalid),
        (b"\x00\x81\x8d", Invalid),
        (b"nom;prenom\nA;B\n", Invalid),
        (b'debut;fin;rpps\n"a', Invalid),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", Invalid),
        (b"BEGIN:VCALENDAR\r\n" * 20_000, Invalid),
        (b"debut;fin;rpps\n" + b"x" * duty_import.LARGEST, TooLarge),
        (b"debut;fin;rpps\n" + b"a;b;c\n" * 2001, TooLarge),
    ],
)
def test_a_hostile_file_is_refused_in_words(town, content, refusal):
    with pytest.raises(refusal):
        town.plan(content)


def test_whatever_is_done_to_a_file_it_is_read_or_refused(database, clock):
    """Bytes of both kinds of file, cut, doubled and overwritten: lines or a refusal, never a fault."""
    with database.begin() as session:
        town = Town(session, clock)

        @settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(
            st.sampled_from([TABLE.encode(), AGENDA.encode()]),
            st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=6)), max_size=5),
            st.integers(20, 1500),
        )
        def spoil(content, changes, length):
            for place, piece in changes:
                content = content[:place] + piece + content[place + len(piece) // 2 :]
            try:
                lines = town.plan(content[:length], sector="sucs")
            except RequestError:
                return
            assert all(line.error or line.turn for line in lines)

        spoil()


def test_an_address_of_many_puts_nobody_on_duty(town):
    persons.add(town.session, "demo", family_name="DEMO-C", given_name="C", email="A@essai.test")
    line = "24/11/2026 20:00;25/11/2026 08:00;a@essai.test"
    (told,) = town.plan(f"debut;fin;courriel\n{line}\n".encode(), sector="sucs")
    assert (told.turn, "donnez le numéro RPPS" in told.error) == (None, True)
    (told,) = town.plan(f"debut;fin;courriel;rpps\n{line};10999000018\n".encode(), sector="sucs")
    assert (told.turn.person, told.error) == (town.a.id, "")


def test_a_duty_that_is_taken_out_waits_for_nobodys_answer(town):
    held = town.on(town.a, paris(11, 24, 20), paris(11, 25, 8))
    duty_swaps.propose(town.session, town.clock, CALENDAR, "demo", held.id, town.b.id, town.a)
    assert len(duty_swaps.waiting(town.session, "demo", town.b.id)) == 1
    duty.remove(town.session, town.clock, "demo", held.id, town.lead)
    assert [duty_swaps.waiting(town.session, "demo", one.id) for one in (town.a, town.b)] == [[], []]
