"""`make bench`: measures, prints tables and keeps JSON lines in build/bench/; `make bench ARGS=feel` one part alone."""

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import crowd, engine, feel, floor, growth, inbox, jobs, over_http, plain, timers
from bench.figures import Figures
from jalon.memory import look_no_more_at_the_program
from tests.support.postgres import DURABLE, running_cluster

RESULTS = Path(__file__).parents[1] / "build" / "bench"
SECONDS = 15.0
WARM_UP = 2.0
CLIENTS = (1, 2, 8)
PROCESSES = (1, 2)
WAYS = {"person": "begun by the doctor", "webhook": "begun by a webhook"}
Row = Mapping[str, str | int | float]
COLUMNS = ("start", "post_to_202", "post_to_task", "completion")
SIDES = ("server", "client")


def main() -> None:
    """Measure in one run; ratios hold within a run, absolute figures only on the machine named."""
    look_no_more_at_the_program()  # as the server does
    said = sys.argv[1:]
    seconds = next((float(word) for word in said if word not in {*PARTS, *inbox.SIZES, *crowd.DATABASES}), SECONDS)
    print(f"{machine()}; {seconds:.0f} s a setting", flush=True)
    keep([row for name in PARTS if name in said or not PARTS.keys() & set(said) for row in PARTS[name](seconds)])


def over_http_and_plain(seconds: float) -> list[Row]:
    found: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
        found.append(show(plain.measure(Path(folder), over_http.FOLDER / "trois-taches.bpmn", 200)))
    with running_cluster(DURABLE) as cluster:
        for processes in PROCESSES:
            with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
                found += served(Path(folder), f"sqlite:///{folder}/jalon.db", "SQLite FULL", processes, seconds)
            with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
                found += served(Path(folder), cluster.create(f"bench{processes}"), "PostgreSQL", processes, seconds)
    print(table(found))
    return [figures.row() for figures in found]


def feel_and_decisions(_seconds: float) -> list[Row]:
    return [timing.row() for timing in feel.measure()]


def engine_alone(_seconds: float) -> list[Row]:
    return [timing.row() for timing in engine.measure() + list(engine.shown(floor.measure()))]


def storages(_seconds: float) -> list[Row]:
    return [timing.row() for timing in engine.shown(floor.measure())]


def background_work(_seconds: float) -> list[Row]:
    return [timing.row() for timing in jobs.measure()]


def growing(_seconds: float) -> list[Row]:
    return [timing.row() for timing in engine.shown(growth.measure())]


def falling_due(_seconds: float) -> list[Row]:
    return [timing.row() for timing in engine.shown(timers.measure())]


def lists(_seconds: float) -> list[Row]:
    """A million rows take minutes to write: only when asked for (`make bench ARGS="inbox 1M"`)."""
    sizes = [name for name in inbox.SIZES if name in sys.argv] or list(inbox.USUAL)
    return [timing.row() for timing in inbox.measure(sizes)]


def crowds(seconds: float) -> list[Row]:
    """`crowd 60 sqlite`: one database alone; a minute each when no time is named."""
    return [show(figures).row() for figures in crowd.measure(crowd.SECONDS if seconds == SECONDS else seconds)]


def served(folder: Path, url: str, database: str, processes: int, seconds: float) -> list[Figures]:
    bench = over_http.Bench(folder, url, processes)
    setting = f"Jalon over HTTP, {database}, {processes} web process{'es' if processes > 1 else ''}"
    with bench.open():
        print(f"{setting}, at rest: {', '.join(f'{size:.0f} MB' for size in bench.idle_memory())}", flush=True)
        for way in WAYS:
            bench.measure("warm-up", 2 * processes, WARM_UP, way)  # each process compiles its own statements
        bench.look_at_tables()
        return [
            show(bench.measure(f"{setting}, {said}", clients, seconds, way))
            for way, said in WAYS.items()
            for clients in CLIENTS
        ]


def show(figures: Figures) -> Figures:
    figures.note(loop_ms=loop())
    print(json.dumps(figures.row(), ensure_ascii=False), flush=True)
    return figures


def keep(rows: list[Row]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"machine": machine(), **row}, ensure_ascii=False) for row in rows]
    path = RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"\nkept in build/bench/{path.name}")


def table(found: list[Figures]) -> str:
    """Milliseconds as median / 95th percentile."""
    columns = [name.replace("_", " ") for name in COLUMNS]
    busy = [f"{side} cpu/case" for side in SIDES]
    heads = ["setting", "clients", "cases/s", *columns, *busy, "rows/case", "bytes/case", "loop"]
    lines = [heads, *(line(figures) for figures in found)]
    widths = [max(len(row[place]) for row in lines) for place in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in lines)


def line(figures: Figures) -> list[str]:
    row = figures.row()
    cells = [
        f"{row[f'{name}_median_ms']:.1f} / {row[f'{name}_p95_ms']:.1f}" if f"{name}_median_ms" in row else "–"
        for name in COLUMNS
    ]
    busy = [f"{row[f'{side}_cpu_ms_per_case']} ms" if f"{side}_cpu_ms_per_case" in row else "–" for side in SIDES]
    sizes = [f"{row.get('rows_per_case', 0):.0f}", f"{row.get('bytes_per_case', 0):.0f}", f"{row['loop_ms']} ms"]
    return [str(row["setting"]), str(row["clients"]), str(row["cases_per_second"]), *cells, *busy, *sizes]


def machine() -> str:
    load = f"load {os.getloadavg()[0]:.1f}"
    version = f"Python {platform.python_version()}, {platform.system()}"
    return f"{os.cpu_count()} cores, {platform.machine()}, {version}, {load}, a loop {loop():.0f} ms"


def loop() -> float:
    """Milliseconds of a loop that is always the same: a machine that others share is up to three times slower."""
    began = time.perf_counter()
    found: dict[int, int] = {}
    for turn in range(1_000_000):
        found[turn % 1000] = turn * 2
    return 1000 * (time.perf_counter() - began)


PARTS: dict[str, Callable[[float], list[Row]]] = {
    "feel": feel_and_decisions,
    "engine": engine_alone,
    "floor": storages,
    "growth": growing,
    "timers": falling_due,
    "inbox": lists,
    "jobs": background_work,
    "http": over_http_and_plain,
    "crowd": crowds,
}


if __name__ == "__main__":
    main()
