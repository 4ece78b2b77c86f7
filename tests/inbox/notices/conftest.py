"""The small CPTS with everything that leaves it arriving at a post office of the test's own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select, update

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from jalon.worker import build_worker
from people.notices import preferences, rows, subscriptions
from people.notices.preferences import Preference
from people.notices.tables import delivery, notice
from people.persons import Person
from people.tables import person as people
from tests.inbox.conftest import TENANT, Site, make_site
from tests.support.post_office import PostOffice, open_post_office


@dataclass
class Town:
    """A site, and where its messages arrive."""

    site: Site
    office: PostOffice

    def work(self) -> None:
        """Everything that is due now."""
        build_worker(self.site.context).run_once()

    def tell(self, person: Person, kind: str, **said: Any) -> None:
        with self.site.context.database.begin() as session:
            rows.tell(session, self.site.clock, TENANT, person.id, kind, **said)

    def settle(self, person: Person, **chosen: Any) -> None:
        with self.site.context.database.begin() as session:
            wanted = replace(Preference(), **chosen)
            preferences.settle(session, self.site.clock, TENANT, person.id, wanted)

    def at_once(self, *people: Person) -> None:
        """These want each notice by itself, day and night."""
        for person in people:
            self.settle(person, digest_hours="", quiet_from="00:00", quiet_to="00:00", sms="always")

    def subscribe(self, person: Person) -> None:
        parts = self.site.context
        with parts.database.begin() as session:
            subscriptions.subscribe(
                session, parts.vault, parts.clock, TENANT, person.id, self.office.subscription(),
                device="Firefox", on_loopback=True,
            )  # fmt: skip

    def phone(self, person: Person, number: str) -> None:
        with self.site.context.database.begin() as session:
            session.execute(update(people).where(people.c.id == person.id).values(phone=number))

    def notices(self, person: Person) -> list[tuple[str, str, str]]:
        """Kind, state and reason of each, the oldest first."""
        query = select(notice.c.kind, notice.c.state, notice.c.reason).where(notice.c.person == person.id)
        with self.site.context.database.read() as session:
            return [tuple(row) for row in session.execute(query.order_by(notice.c.at, notice.c.id))]

    def deliveries(self, person: Person) -> list[Any]:
        query = select(delivery).where(delivery.c.person == person.id).order_by(delivery.c.created_at, delivery.c.id)
        with self.site.context.database.read() as session:
            return list(session.execute(query).all())


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def town(settings: Settings, database: Database, clock: ManualClock, office: PostOffice, quick_passwords: None) -> Town:
    return Town(make_site(office.settings(settings), database, clock), office)
