"""What lists cost as the past grows: the inbox, the cases and the cockpit before 1 000 to 1 000 000 finished tasks."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from admin.cockpit import active, load, overview, stations, waiting
from admin.cockpit import cases as followed
from admin.cockpit.wanted import Wanted as Followed
from base import migrations
from base.settings import Settings
from bench.figures import Timing
from bench.town import PATHWAY, Size, Town
from inbox.case import cases
from inbox.desk import Desk
from inbox.lists import counting, queue
from inbox.lists.wanted import Wanted as Asked
from pathways.context import Context, build
from people.persons import Person, persons
from tests.support.keys import SECRETS
from tests.support.postgres import DURABLE, running_cluster

SIZES = {"1k": Size(1_000, 100), "100k": Size(100_000, 10_000), "1M": Size(1_000_000, 100_000)}
USUAL = ("1k", "100k")
Asking = Mapping[str, Callable[[Desk], object]]
ASKED, ROUNDS, WANTED = 12, 6, 50_000.0
"""Persons who ask, how often each, and microseconds."""
TARGETS = ("mine, late first", "mine, searched", "my roles, searched", "my cases, searched")
"""What must stay under WANTED at the 95th percentile; the others are shown beside them."""


def measure(sizes: Sequence[str] = USUAL) -> list[Timing]:
    """Each size on each database; persons ask in turn, so that nobody asks twice in a row."""
    found: list[Timing] = []
    began = time.monotonic()
    for name in sizes:
        with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder, running_cluster(DURABLE) as cluster:
            for label, url in (("SQLite", f"sqlite:///{folder}/town.db"), ("PostgreSQL", cluster.create("town"))):
                with town(Path(folder), url, SIZES[name]) as (context, built):
                    print(f"{label}, {name} finished: built after {time.monotonic() - began:.0f} s", flush=True)
                    found += [shown(timing) for timing in asked(context, built, f"{label}, {name} finished")]
    print(*verdict(found), f"{time.monotonic() - began:.0f} s in all", sep="\n", flush=True)
    return found


def verdict(found: Sequence[Timing]) -> Iterator[str]:
    """Whether each target was met."""
    for timing in found:
        if timing.setting.endswith(TARGETS) and "coordinator" not in timing.setting:
            said = "met" if timing.p95 < WANTED else "MISSED"
            yield f"{said:7}{timing.setting}: p95 {timing.p95 / 1000:.1f} ms, wanted under {WANTED / 1000:.0f}"


def shown(timing: Timing) -> Timing:
    print(timing.line(), flush=True)
    return timing


@contextmanager
def town(folder: Path, url: str, size: Size) -> Iterator[tuple[Context, Town]]:
    settings = {"JALON_DATABASE_URL": url, "JALON_VAR_DIR": str(folder), "JALON_SQLITE_SYNCHRONOUS": "OFF"}
    context = build(Settings.load({**SECRETS, **settings}))
    migrations.upgrade(context.database)
    built = Town(context, size)
    built.build()
    yield context, built
    context.database.dispose()


def asked(context: Context, built: Town, where: str) -> Iterator[Timing]:
    """The lists of those who care for patients, then those of a coordinator, then who follows all the cases."""
    carers = [one for role in ("medecin_traitant", "ide_liberale", "kinesitherapeute") for one in built.people[role]]
    yield from lists(context, carers[:: max(len(carers) // ASKED, 1)][:ASKED], where)
    yield from lists(context, built.people["coordinateur"][:2], f"{where}, coordinator")
    load.measure(context)
    yield from lists(context, built.people["coordinateur"][:2], f"{where}, who follows all cases", FOLLOWED)
    yield from lists(context, built.people["coordinateur"][:2], f"{where}, cockpit", COCKPIT)
    yield Timing(f"{where}, worker: load of all, counted anew", [timed(lambda: load.measure(context))])


FOLLOWED: Asking = {
    "by deadline": lambda desk: followed.page(desk, Followed()),
    "by deadline, two pages": lambda desk: followed.page(desk, Followed(after=followed.page(desk, Followed()).after)),
    "late": lambda desk: followed.page(desk, Followed("en-retard")),
    "stuck": lambda desk: followed.page(desk, Followed("bloques")),
    "ended": lambda desk: followed.page(desk, Followed("termines")),
    "of a pathway": lambda desk: followed.page(desk, Followed(pathway=PATHWAY)),
    "ended, of a pathway": lambda desk: followed.page(desk, Followed("termines", PATHWAY)),
    "that wait for somebody": lambda desk: followed.page(desk, Followed(person="p-medecin_-0")),
    "searched": lambda desk: followed.page(desk, Followed(words="pat-1 visite")),
    "figures above them": lambda desk: followed.tally(desk, Followed()),
}
COCKPIT: Asking = {
    "what is late, stuck, unanswered, nobody's": overview.figures,
    "cases by pathway and step": stations.ways,
    "stuck cases": overview.stuck,
    "late tasks": lambda desk: waiting.page(desk, waiting.LATE),
    "unanswered tasks": lambda desk: waiting.page(desk, waiting.UNANSWERED),
    "nobody's tasks": lambda desk: waiting.page(desk, waiting.NOBODYS),
    "who has not answered": overview.silent,
    "load per profession": lambda desk: load.of(desk.session, desk.tenant, load.PROFESSION),
    "patients of a pathway": lambda desk: active.page(desk, Followed(pathway=PATHWAY)),
}


LISTS: Asking = {
    "mine, late first": lambda desk: queue.queue(desk, Asked("moi")),
    "mine, searched": lambda desk: queue.queue(desk, Asked("moi", q="pat-1 visite")),
    "my roles": lambda desk: queue.queue(desk, Asked("roles")),
    "my roles, searched": lambda desk: queue.queue(desk, Asked("roles", q="pat-12 visite")),
    "my roles, urgent, of a pathway": lambda desk: queue.queue(desk, Asked("roles", parcours=PATHWAY, urgence="p1")),
    "mine, by patient": lambda desk: queue.queue(desk, Asked("moi", tri="patient")),
    **{
        f"my roles, by {order}": partial(lambda order, desk: queue.queue(desk, Asked("roles", tri=order)), order)
        for order in ("patient", "urgence", "attente")
    },
    "done by me": lambda desk: queue.queue(desk, Asked("faites")),
    "followed": lambda desk: queue.queue(desk, Asked("suivies")),
    "late": lambda desk: queue.queue(desk, Asked("retard")),
    "how many wait": counting.counts,
    "the next task": queue.following,
    "my cases": lambda desk: cases.cases(desk, "en-cours"),
    "my cases, searched": lambda desk: cases.cases(desk, "en-cours", "pat-1 visite"),
    "my finished cases": lambda desk: cases.cases(desk, "termines"),
    "how many cases": cases.counts,
}


def lists(context: Context, ids: list[str], where: str, asked: Asking | None = None) -> Iterator[Timing]:
    with context.database.read() as session:
        people = list(persons(session, ids).values())
    for name, ask in (asked or LISTS).items():
        warm = [once(context, one, ask) for one in people]
        taken = [once(context, one, ask) for _ in range(ROUNDS) for one in people]
        yield Timing(f"{where}: {name}", taken if warm else [], WANTED)


def once(context: Context, person: Person, ask: Callable[[Desk], object]) -> float:
    with context.database.read() as session:
        desk = Desk(session, context, person)
        return timed(lambda: ask(desk))


def timed(work: Callable[[], object]) -> float:
    """Microseconds."""
    began = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - began) / 1_000
