"""« Mot de passe oublié »: the demand, which is answered alike for every address, and the link that leaves by mail."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import partial

from sqlalchemy.orm import Session
from structlog import get_logger

from base.ids import new_id
from base.jobs import Handler, Work
from inbox.notices import sending
from inbox.notices.ways import Message, is_open
from pathways.context import Context
from people.notices.preferences import EMAIL
from people.sign_in import accounts, forgotten

SEND = "password.send"
LONGEST = 254
SUBJECT = "Jalon : choisir un nouveau mot de passe"
WORDS = (
    "Un nouveau mot de passe a été demandé pour votre compte Jalon. Ce lien sert une fois, pendant 30 minutes.",
    "Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.",
)
RENEWED_SUBJECT = "Jalon : votre mot de passe a changé"
RENEWED = (
    "Le mot de passe de votre compte Jalon vient de changer, et tous vos appareils sont déconnectés.",
    "Si ce n’était pas vous, appelez la coordination.",
)


def handlers(context: Context) -> Mapping[str, Handler]:
    """The job by which a link leaves."""
    return {SEND: partial(send, context)}


def is_possible(context: Context) -> bool:
    """Whether this installation sends mail at all."""
    return is_open(context.settings, EMAIL)


def ask(session: Session, context: Context, login: str, address: str) -> None:
    """Ask for a link. Whether the login opens anything is looked up by the worker: an answer, or its delay, would
    tell which accounts exist.
    """
    known = is_possible(context) and 0 < len(login.strip()) <= LONGEST
    if not known or not forgotten.may_ask(session, context.clock, context.tenant, login, address):
        get_logger().warning("password_demand_refused", tenant=context.tenant)
        return
    key = new_id()
    sealed = b64encode(context.vault.seal(accounts.plain(login), _context(key))).decode()
    context.queue.enqueue(session, SEND, {"demand": key, "login": sealed})


def send(context: Context, work: Work) -> None:
    """The job `password.send`: make the link and let it leave, when the login opens an account by a password."""
    login = context.vault.open(b64decode(work.payload["login"]), _context(work.payload["demand"]))
    with work.finish() as session:
        made = forgotten.make_link(session, context.clock, context.vault, context.tenant, login)
        if made is None:
            get_logger().info("password_demand_unknown", tenant=context.tenant)
            return
        account, token = made
        told = Message(SUBJECT, WORDS, f"{context.settings.public_url}/mot-de-passe/{token}")
        sending.post(session, context, account.person, account.login, told)


def renew(session: Session, context: Context, token: str, password: str) -> None:
    """Set the new password and tell its owner. Raises NotFound, Invalid."""
    account = forgotten.renew(session, context.clock, context.vault, context.tenant, token, password)
    if is_possible(context):
        told = Message(RENEWED_SUBJECT, RENEWED, f"{context.settings.public_url}/connexion")
        sending.post(session, context, account.person, account.login, told)


def _context(demand: str) -> str:
    return f"password_demand.login:{demand}"
