"""Loads the demo into an empty database: people, partners, pathways, then the life of its cases."""

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from base.clock import ManualClock
from jalon.demo import offers, professionals, rosters, sign_ins
from jalon.demo.life import live, lived_at
from jalon.demo.names import finess
from jalon.shipped import pathway_files
from pathways import catalogue
from pathways.context import Context
from pathways.library import read_folders
from people import persons
from people.sign_in import accounts
from people.tables import person
from webhooks import partners

Say = Callable[[str], None]
LOADER = "jalon"
PUBLISHED_BEFORE = timedelta(days=60)
PARTNERS = (
    ("ch-du-gier-demo", "CH du Gier (démo)", "ES"),
    ("centre-leon-berard-demo", "Centre Léon Bérard (démo)", "ES"),
    ("clinique-des-sucs-demo", "Clinique des Sucs (démo)", "ES"),
    ("had-loire-sucs-demo", "HAD Loire-Sucs (démo)", "HAD"),
    ("dac-haute-loire-demo", "DAC Haute-Loire (démo)", "DAC"),
)


def load(context: Context, say: Say) -> bool:
    """Load the demo and say what takes time; False, and nothing done, when somebody is already there."""
    if not is_empty(context):
        return False
    now = context.clock.now()
    past = lived_at(context, ManualClock(now - PUBLISHED_BEFORE))
    with past.database.begin() as session:
        _timed(say, "Professionnels et comptes", lambda: add_people(session, past))
        _timed(say, "Gardes et absences", lambda: rosters.fill(session, past, now))
        _timed(say, "Établissements partenaires", lambda: add_partners(session, past))
        _timed(say, "Parcours publiés", lambda: publish_pathways(session, past))
    _timed(say, "Dossiers de démonstration", lambda: live(context, now))
    return True


def is_empty(context: Context) -> bool:
    """Whether nobody is there yet."""
    with context.database.read() as session:
        return not session.scalar(select(func.count()).select_from(person))


def add_people(session: Session, context: Context) -> None:
    """The professionals of the territory with their entries; those of the table of sign-ins get an account."""
    everybody = []
    for one in professionals.professionals():
        added = persons.add(
            session, context.tenant, family_name=one.family_name, given_name=one.given_name, title=one.title,
            profession_code=one.profession_code, profession_name=one.profession_name, rpps=one.rpps or None,
            phone=one.phone, email=one.email, roles=one.roles,
        )  # fmt: skip
        everybody.append(added)
        if one.login:
            accounts.open_account(session, context.clock, context.tenant, added.id, one.login, sign_ins.PASSWORD)
    offers.describe(session, context.clock, context.tenant, everybody)


def add_partners(session: Session, context: Context) -> None:
    """The partners, each with secrets of this installation alone."""
    for rank, (key, name, nature) in enumerate(PARTNERS, start=1):
        partners.add(session, context, key=key, name=name, finess=finess(rank), nature=nature)


def publish_pathways(session: Session, context: Context) -> None:
    """Every pathway that came with the program; those that others call come first."""
    packages = read_folders(pathway_files())
    for package in sorted(packages, key=lambda package: len(package.everything_called())):
        catalogue.publish(session, context, package, LOADER, "Version livrée avec Jalon, à valider localement.")


def _timed(say: Say, words: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    say(f"{words} : {time.monotonic() - begun:.1f} s".replace(".", ","))
