from datetime import timedelta
from time import perf_counter

import pytest
from sqlalchemy import event, select, update

from base.errors import Conflict, Invalid, Unverified
from people import persons
from people.sign_in import accounts, passwords, sessions
from people.sign_in.entrance import Entrance, Opened
from people.tables import account, sign_in, sign_in_failure

LOGIN, PASSWORD = "anne.demo-vignal@cpts-demo.test", "jalon-demo-2026"
PASSWORD_HASH = passwords.seal(PASSWORD)


@pytest.fixture
def doctor(database, clock, monkeypatch):
    monkeypatch.setattr(passwords, "seal", lambda password: PASSWORD_HASH)
    with database.begin() as session:
        person = persons.add(
            session, "demo", family_name="DEMO-VIGNAL", given_name="Anne", title="Dr", profession_code="10",
            rpps="10999000018", roles=["medecin_traitant"],
        )  # fmt: skip
        accounts.open_account(session, clock, "demo", person.id, LOGIN, PASSWORD)
    return person


@pytest.fixture
def entrance(database, clock, vault):
    return Entrance(database, clock, vault, "demo", "optional", None)


def enter(entrance, login=LOGIN, password=PASSWORD, **more):
    """A session opened by password alone."""
    opened = entrance.by_password(login, password, **more)
    assert isinstance(opened, Opened)
    return opened.token, opened.known


def refused(database, clock, login=LOGIN, password="wrong password"):
    with pytest.raises(Unverified) as refusal:
        accounts.check_password(database, clock, "demo", login, password)
    return refusal.value.message


def test_the_right_password_opens_a_session(database, clock, doctor, entrance):
    token, opened = enter(entrance, f" {LOGIN.upper()} ")
    assert (opened.person, opened.roles, opened.way) == (doctor, {"medecin_traitant"}, "password")
    assert sessions.signed_in(database, clock, token) == opened
    assert sessions.signed_in(database, clock, token + "x") is None


def test_the_token_itself_is_not_kept(database, clock, doctor, entrance):
    token, opened = enter(entrance)
    with database.read() as session:
        row = session.execute(select(sign_in)).one()
    assert token not in {str(value) for value in row}
    assert row.csrf == opened.csrf
    assert len(row.token_hash) == 64


def test_the_tries_left_are_counted_down_then_nothing_opens_for_fifteen_minutes(database, clock, doctor, entrance):
    assert [refused(database, clock) for _ in range(5)] == [
        "Adresse ou mot de passe inconnu. Il reste 4 essais.",
        "Adresse ou mot de passe inconnu. Il reste 3 essais.",
        "Adresse ou mot de passe inconnu. Il reste 2 essais.",
        "Adresse ou mot de passe inconnu. Il reste 1 essai.",
        "Adresse ou mot de passe inconnu. Trop d’essais : réessayez dans 15 minutes.",
    ]
    clock.advance(timedelta(minutes=14))
    assert refused(database, clock, password=PASSWORD) == "Trop d’essais : réessayez dans 1 minute."
    clock.advance(timedelta(minutes=1))
    enter(entrance)


def test_an_unknown_login_is_answered_like_a_known_one(database, clock, doctor):
    known = [refused(database, clock) for _ in range(6)]
    assert [refused(database, clock, login="nobody@cpts-demo.test") for _ in range(6)] == known


def test_an_unknown_login_takes_as_long_as_a_known_one(database, clock, doctor):
    start = perf_counter()
    assert passwords.is_right(PASSWORD_HASH, "wrong password") is False
    middle = perf_counter()
    assert passwords.is_right(None, "wrong password") is False
    assert (perf_counter() - middle) > (middle - start) / 4


def test_a_right_password_forgets_the_failures(database, clock, doctor, entrance):
    for _ in range(3):
        refused(database, clock)
    enter(entrance)
    with database.read() as session:
        assert session.execute(select(sign_in_failure)).all() == []


def test_failures_of_long_ago_count_no_more(database, clock, doctor):
    for _ in range(4):
        refused(database, clock)
    clock.advance(timedelta(minutes=16))
    assert refused(database, clock).endswith("Il reste 4 essais.")


def test_an_idle_session_ends_after_thirty_minutes(database, clock, doctor, entrance):
    token, _ = enter(entrance)
    for _ in range(3):
        clock.advance(timedelta(minutes=29))
        assert sessions.signed_in(database, clock, token) is not None
    clock.advance(timedelta(minutes=30))
    assert sessions.signed_in(database, clock, token) is None


def test_no_session_lasts_longer_than_twelve_hours(database, clock, doctor, entrance):
    token, _ = enter(entrance)
    for _ in range(35):
        clock.advance(timedelta(minutes=20))
        assert sessions.signed_in(database, clock, token) is not None
    clock.advance(timedelta(minutes=20))
    assert sessions.signed_in(database, clock, token) is None


def test_being_seen_is_written_once_a_minute_at_most(database, clock, doctor, entrance):
    token, _ = enter(entrance)
    written: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *said: written.append(said[2]) if said[2].startswith("UPDATE") else None,
    )
    for _ in range(12):
        clock.advance(timedelta(seconds=10))
        sessions.signed_in(database, clock, token)
    assert len(written) == 2


def test_signing_in_again_ends_the_session_that_it_replaces(database, clock, doctor, entrance):
    first, _ = enter(entrance)
    second, _ = enter(entrance, previous=first)
    assert first != second
    assert sessions.signed_in(database, clock, first) is None
    assert sessions.signed_in(database, clock, second) is not None


def test_signing_out_ends_the_session(database, clock, doctor, entrance, vault):
    token, _ = enter(entrance)
    other, opened = enter(entrance)
    sessions.sign_out(database, vault, token)
    assert sessions.signed_in(database, clock, token) is None
    assert sessions.signed_in(database, clock, other) is not None
    with database.begin() as session:
        assert sessions.sign_out_everywhere(session, opened.account) == 1
    assert sessions.signed_in(database, clock, other) is None


def test_a_closed_account_opens_nothing_and_its_sessions_end(database, clock, doctor, entrance):
    token, _ = enter(entrance)
    with database.begin() as session:
        session.execute(update(account).values(active=False))
    assert sessions.signed_in(database, clock, token) is None
    refused(database, clock, password=PASSWORD)


def test_another_tenants_account_does_not_open_here(database, clock, doctor):
    with pytest.raises(Unverified):
        accounts.check_password(database, clock, "other", LOGIN, PASSWORD)


def test_a_login_opens_one_account(database, clock, doctor):
    with database.begin() as session, pytest.raises(Conflict):
        accounts.open_account(session, clock, "demo", doctor.id, LOGIN.upper(), PASSWORD)


def test_a_short_password_is_refused():
    with pytest.raises(Invalid) as refusal:
        passwords.seal("too short")
    assert refusal.value.fields == {"password": "Choisissez un mot de passe d’au moins 12 caractères."}


def test_a_hash_of_another_cost_is_made_again(database, clock, doctor, monkeypatch, entrance):
    monkeypatch.setattr(passwords, "HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1))
    enter(entrance)
    with database.read() as session:
        assert ",t=1," in session.execute(select(account.c.password_hash)).scalar_one()
