"""What FEEL and DMN cost, beside plain SpiffWorkflow: conditions, tables, graphs, memory, threads."""

import random
import re
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from bench import plain_dmn
from bench.figures import Timing
from engine.decisions import Decisions, read
from engine.feel import compile  # noqa: A004 - FEEL's, never Python's
from tests.support.dmn import given, grid, literal, model, table

CONDITION = "age >= 75 and vit_seul and rankin > 2"
CALLS, COMPILED, THREADS = 3_000, 1_000, 8
AGES, RANKINS = ((0, 18), (18, 60), (60, 75), (75, 90), (90, 130)), range(5)
SEXES, MOTIVES = ("F", "M"), ("avc", "ait", "ic", "chute")
COLUMNS = ("age", "rankin", "sexe", "motif", "poids", "sejour")
SIZES = {10: (3, 100), 50: (5, 300), 200: (6, 1_000)}
"""Rules: columns, and the median in microseconds that is wanted."""
ID = re.compile(r'\bid="(\w+)"')
IMPORTING = """
import resource
def used(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
before = used()
import engine.feel, engine.decisions
print(used() - before)
"""


def measure() -> list[Timing]:
    """All figures of one run; memory first, while no text is compiled yet."""
    return [found for part in (memory, conditions, tables, graphs, threads) for found in shown(part())]


def shown(timings: Iterator[Timing]) -> Iterator[Timing]:
    for timing in timings:
        print(timing.line(), flush=True)
        yield timing


def conditions() -> Iterator[Timing]:
    people, expression = cases(), compile(CONDITION)
    yield timed("condition, compiled", expression.evaluate, people, wanted=10)
    texts = [{"text": f"age >= {number} and vit_seul and rankin >= 3"} for number in range(COMPILED)]
    yield timed("condition, first compilation", lambda case: compile(case["text"]), texts, calls=COMPILED)
    yield timed("condition, plain SpiffWorkflow (Python's eval)", plain_dmn.condition(CONDITION), people)


def tables() -> Iterator[Timing]:
    people = cases()
    for size, (columns, wanted) in SIZES.items():
        decisions, ask = read(file(size)), plain_dmn.table(file(size, plain_dmn.band))
        if [asking(decisions)(case) for case in people] != [ask(case) for case in people]:
            raise AssertionError("the two do not answer the same")
        yield timed(f"table {size} × {columns}", asking(decisions), people, wanted=wanted)
        yield timed(f"table {size} × {columns}, plain SpiffWorkflow", ask, people, calls=200)
    content = file(50)
    yield timed("reading a file with a table 50 × 5", lambda _: read(content), [{}], calls=50)


def graphs() -> Iterator[Timing]:
    decisions = read(graph())
    if len(decisions.ids) != 11:
        raise AssertionError(decisions.ids)
    yield timed("graph of 11 decisions", asking(decisions, "d10"), cases(), wanted=1_000)


def memory() -> Iterator[Timing]:
    ran = subprocess.run([sys.executable, "-c", IMPORTING], capture_output=True, text=True, check=True)  # noqa: S603
    yield Timing("memory of the library, imported", bytes_used=float(ran.stdout))
    texts = [f"poids >= {number} and vit_seul and rankin > 2" for number in range(COMPILED)]
    yield Timing("memory of a compiled condition", bytes_used=allocated(lambda: [*map(compile, texts)]) / COMPILED)
    for size in SIZES:
        content = file(size)
        used = allocated(lambda content=content: read(content))  # type: ignore[misc]
        yield Timing(f"memory of a table of {size} rules", bytes_used=used)


def threads() -> Iterator[Timing]:
    """One table asked by one thread, then by eight: every answer is compared with the one known before."""
    decisions, people = read(file(50)), cases()
    answers = [asking(decisions)(case) for case in people]
    for count in (1, THREADS):
        done = together(count, decisions, people, answers)
        yield Timing(f"table 50 × 5 shared by {count} thread{'s' * (count > 1)}", per_second=done)


def together(count: int, decisions: Decisions, people: list[dict[str, object]], answers: list[object]) -> float:
    """Evaluations per second of all threads; raises when one of them got another answer."""
    wrong: list[object] = []
    rounds = 3_000 // count // len(people) + 1

    def ask() -> None:
        asked = asking(decisions)
        for _ in range(rounds):
            wrong.extend(case for case, answer in zip(people, answers, strict=True) if asked(case) != answer)

    workers = [threading.Thread(target=ask) for _ in range(count)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    elapsed = time.perf_counter() - began
    if wrong:
        raise AssertionError(f"{len(wrong)} answers differ between threads, first for {wrong[0]}")
    return count * rounds * len(people) / elapsed


# ---- measuring


def timed(
    setting: str,
    work: Callable[[Mapping[str, object]], object],
    given: Sequence[Mapping[str, object]],
    *,
    calls: int = CALLS,
    wanted: float = 0.0,
) -> Timing:
    """Microseconds of single calls, over the given cases in turn."""
    if calls > len(given):
        work(given[0])
    taken = []
    for number in range(calls):
        case = given[number % len(given)]
        began = time.perf_counter_ns()
        work(case)
        taken.append((time.perf_counter_ns() - began) / 1_000)
    return Timing(setting, taken, wanted=wanted)


def allocated(work: Callable[[], object]) -> float:
    """Bytes that stay while the result of the work is held."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        held = work()
        found = tracemalloc.get_traced_memory()[0] - before
        del held
        return float(found)
    finally:
        tracemalloc.stop()


def asking(decisions: Decisions, id_: str = "d") -> Callable[[Mapping[str, object]], object]:
    return lambda case: decisions.evaluate(id_, case).value


# ---- what is evaluated


def cases() -> list[dict[str, object]]:
    """A hundred people, the same in every run."""
    chance = random.Random(20260302)
    return [
        {
            "age": chance.randrange(130), "rankin": chance.randrange(5), "sexe": chance.choice(SEXES),
            "motif": chance.choice(MOTIVES), "poids": chance.randrange(40, 120), "sejour": chance.randrange(30),
            "vit_seul": chance.random() < 0.5,
        }
        for _ in range(100)
    ]  # fmt: skip


def band(low: int, high: int) -> str:
    return f"[{low}..{high})"


def file(size: int, write_band: Callable[[int, int], str] = band) -> bytes:
    """A table in which each case meets exactly one rule: band of age, Rankin, sex, reason, and two that always hold."""
    columns = SIZES[size][0]
    chosen = (AGES, RANKINS if size >= 50 else ("-",), SEXES, MOTIVES if size >= 200 else ("-",))
    rules = [
        ([write_band(*age), str(rankin), f'"{sexe}"', motive if motive == "-" else f'"{motive}"', ">= 0", ">= 0"], at)
        for at, (age, rankin, sexe, motive) in enumerate(product(*chosen), 1)
    ]
    lines = [(cells[:columns], [f'"suite {at}"']) for cells, at in rules]
    if len(lines) != size:
        raise AssertionError(len(lines))
    data, needs = given(COLUMNS[:columns])
    return model(grid(COLUMNS[:columns], ["suite"], lines), elements=data, requires=needs)


def graph() -> bytes:
    """Five tables on the input, five sums on two of them, one decision on all."""
    data, needs = given(["n"])
    scores = table([("< 20", "1"), ("[20..60)", "2"), ("[60..90)", "3"), (">= 90", "4")])
    parts = [decision(at, ID.sub(rf'id="\1-{at}"', scores.replace(">n<", ">age<")), needs) for at in range(5)]
    parts += [decision(at, literal(f"s{at - 5} + s{(at - 4) % 5} * 2"), *[at - 5, (at - 4) % 5]) for at in range(5, 10)]
    parts.append(decision(10, literal(" + ".join(f"s{at}" for at in range(5, 10))), *range(5, 10)))
    return model(elements=data.replace('"n"', '"age"') + "".join(parts))


def decision(number: int, logic: str, *requires: int | str) -> str:
    needs = "".join(
        one
        if isinstance(one, str)
        else f'<informationRequirement><requiredDecision href="#d{one}"/></informationRequirement>'
        for one in requires
    )
    return f'<decision id="d{number}" name="s{number}"><variable name="s{number}"/>{needs}{logic}</decision>'
