"""A forgotten password: a link that sets a new one, once, within half an hour; no second factor is waived by it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import NotFound, Unverified
from base.vault import Vault
from people.sign_in import accounts, failures, sessions, steps
from people.sign_in import events as sign_in_events
from people.sign_in.accounts import Account

STEP = "new_password"
LIFE = timedelta(minutes=30)
OVER = "Ce lien n’ouvre plus rien : il a déjà servi ou il a expiré. Demandez-en un autre."


def may_ask(session: Session, clock: Clock, tenant: str, login: str, address: str) -> bool:
    """Count one demand more; whether there were not too many lately, for this login or from this address."""
    try:
        for count in (failures.of_forgotten(accounts.plain(login)), failures.of_forgotten_from(address)):
            failures.count_one(session, clock, tenant, count)
    except Unverified:
        return False
    return True


def make_link(session: Session, clock: Clock, vault: Vault, tenant: str, login: str) -> tuple[Account, str] | None:
    """Whose the login is, and the token of a new link; None where no password opens anything."""
    found = accounts.of_login(session, tenant, login)
    if found is None or not found.has_password:
        return None
    notes = {"account": found.id, "mark": accounts.password_mark(session, found.id)}
    token = steps.begin(session, clock, vault, tenant, STEP, notes, life=LIFE)
    sign_in_events.note(session, clock, tenant, found.person, "password_forgotten")
    return found, token


def look(session: Session, clock: Clock, vault: Vault, tenant: str, token: str) -> Account:
    """Whose password a link sets; it stays good. Raises NotFound."""
    try:
        return _meant(session, steps.look(session, clock, vault, tenant, STEP, token))
    except Unverified:
        raise NotFound(OVER, code="password-link-over") from None


def renew(session: Session, clock: Clock, vault: Vault, tenant: str, token: str, password: str) -> Account:
    """Set the new password and end every session; other links of before open nothing any more.

    Raises NotFound, and Invalid for a password that is too short: the link then stays good.
    """
    try:
        found = _meant(session, steps.take(session, clock, vault, tenant, STEP, token))
    except Unverified:
        raise NotFound(OVER, code="password-link-over") from None
    accounts.change_password(session, clock, tenant, found.id, password, kind="password_renewed")
    sessions.sign_out_everywhere(session, found.id)
    failures.forget(session, clock, tenant, failures.of_login(found.login))
    return found


def _meant(session: Session, notes: steps.Notes) -> Account:
    """The account, as long as its password is still the one that was forgotten. Raises Unverified."""
    found = accounts.account(session, notes["account"])
    if accounts.password_mark(session, found.id) != notes["mark"]:
        raise Unverified(OVER)
    return found
