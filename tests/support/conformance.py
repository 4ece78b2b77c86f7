"""Adapters of public BPMN suites: plays files from the database and back after every step, imports and exports them."""

import queue
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import SystemClock
from base.database import Database
from base.settings import Settings
from engine import rows, spiff, steps
from engine.definition import Definition
from engine.effects import Asked, Noted, Sent, Stuck
from engine.elements.node import Node
from engine.environment import World
from engine.expressions import to_plain, to_values
from engine.findings import Refused
from engine.inspection import inspect
from engine.propagation import UNCAUGHT, BpmnError
from engine.refusals import EXECUTABLE
from engine.run import Run
from jalon.schema import metadata
from pathways import catalogue, library
from tests.engine import library_loop
from tests.support import renaming
from tests.support.contexts import make_context
from tests.support.keys import SECRETS

Result = dict[str, Any]
Stepper = Callable[[Run], object]


def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{file}", synchronous="OFF")
        metadata.create_all(database.engine)
        database.dispose()
        return file.read_bytes()


EMPTY = _empty()
"""A database with every table and no row: made before the runner forks, each case begins with a copy."""


class DeploymentError(Exception):
    """The file was refused."""


class RunFailed(Exception):
    """A run is stuck; `result` holds how far it came."""

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result


class Post:
    """The runs of one file, saved and reloaded after every step, and the messages between them."""

    def __init__(
        self, definition: Definition, operations: Mapping[str, Any], database: Database, step: Stepper
    ) -> None:
        self.definition, self.operations, self.database, self.step = definition, operations, database, step
        self.keys: list[str] = []
        self.runs: dict[str, Run] = {}
        self.done: queue.Queue[tuple[str, int, Mapping[str, Any]]] = queue.Queue()
        self.history: list[str] = []
        self.kept: list[Sent] = []
        self.stuck: list[Stuck] = []
        self.by_error = False
        self.busy = 0

    def world(self, session: Session) -> World:
        return World(SystemClock().now(), "test", Calendar(), {}, session, "test")

    def start(self, process: str, variables: Mapping[str, Any], node: Node | None = None) -> None:
        key = f"run{len(self.keys)}"
        self.keys.append(key)
        with self.database.begin() as session:
            run = rows.Run(self.definition, process, self.world(session), key)
            steps.start(run, to_values(variables), node)
            self.runs[key] = run
            effects = self.save(session, run)
        self.carry_out(key, effects)
        self.go_on(key)

    def go_on(self, key: str) -> None:
        """One step, saved and reloaded, until nothing is ready."""
        while steps_left(self.runs[key]):
            with self.database.begin() as session:
                run = self.load(session, key)
                self.step(run)
                effects = self.save(session, run)
                self.runs[key] = self.load(session, key)
            self.carry_out(key, effects)

    def input(self, key: str, act: Any) -> Any:
        with self.database.begin() as session:
            run = self.load(session, key)
            answer = act(run)
            effects = self.save(session, run)
            self.runs[key] = self.load(session, key)
        self.carry_out(key, effects)
        self.go_on(key)
        return answer

    def load(self, session: Session, key: str) -> Run:
        header = rows.header(session, "test", key)
        assert header is not None
        return rows.load(session, header, self.definition, self.world(session), key)

    def save(self, session: Session, run: Run) -> list[Any]:
        effects = run.effects
        rows.save_header(session, run)
        rows.save_parts(session, run)
        return effects

    def carry_out(self, key: str, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Noted) and effect.kind == "element_completed":
                self.history.append(effect.element)
            elif isinstance(effect, Stuck):
                if effect.kind == UNCAUGHT:
                    self.by_error = True
                elif effect.kind != steps.DEADLOCK:  # in plain BPMN such a run just waits
                    self.stuck.append(effect)
            elif isinstance(effect, Asked):
                self.busy += 1
                threading.Thread(target=self.work, args=(key, effect), daemon=True).start()
        self.by_error = self.by_error or self.runs[key].state == "failed"
        for effect in effects:
            if isinstance(effect, Sent):
                self.deliver(effect, key)

    def work(self, key: str, asked: Asked) -> None:
        operation = self.operations.get(asked.type)
        self.done.put((key, asked.token, operation(asked.headers) if operation else {}))

    def deliver(self, sent: Sent, sender: str) -> None:
        heard = False
        for key in list(self.keys):
            if self.runs[key].completed or (sent.kind == "signal" and key == sender):
                continue
            if sent.kind == "signal":
                heard = bool(self.input(key, lambda run: steps.broadcast(run, sent.name, sent.payload))) or heard
            elif self.input(key, lambda run: steps.deliver(run, sent.name, sent.key or "", sent.payload)):
                return
        if sent.kind == "signal" or not heard:
            for process, node, trigger in self.definition.events():
                if trigger.kind == sent.kind and trigger.name == sent.name:
                    self.start(process, sent.payload, node)
                    heard = True
        if not heard and sent.kind == "message":
            self.kept.append(sent)

    def tick(self) -> None:
        now = SystemClock().now()
        for key in list(self.keys):
            due = self.runs[key].register.due()
            if due is not None and due <= now:
                self.input(key, lambda run: steps.fire_timers(run, now))
        while not self.done.empty():
            key, token, result = self.done.get()
            self.busy -= 1
            if token in self.runs[key].tokens:
                self.input(key, lambda run, t=token, r=result: self.report(run, t, r))
        waiting, self.kept = self.kept, []
        for sent in waiting:
            self.deliver(sent, "")

    @staticmethod
    def report(run: Run, token: int, result: Mapping[str, Any]) -> None:
        if result.get("error"):
            steps.fail(run, run.tokens[token], BpmnError(result["error"]))
        else:
            steps.finish(run, run.tokens[token], {})

    @property
    def idle(self) -> bool:
        return not self.busy and not any(run.register.timers for run in self.runs.values() if not run.completed)


def load(path: str) -> None:
    """Import a file of any tool as a draft, and keep it."""
    imported(path)


def roundtrip(path: str) -> bytes:
    """Import a file, export it again: through the catalogue, the database and a zip file."""
    package = library.read_zip(imported(path))
    return package.files[package.diagram]


def imported(path: str) -> bytes:
    file = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load({**SECRETS, "JALON_DATABASE_URL": f"sqlite:///{folder}/j.db", "JALON_VAR_DIR": folder})
        Path(folder, "j.db").write_bytes(EMPTY)
        database = Database(settings.database_url, synchronous="OFF")
        context = make_context(settings, database, SystemClock())
        with database.begin() as session:
            key = catalogue.import_draft(session, context, library.read_diagram(file.read_bytes(), file.stem), "test")
        with database.read() as session:
            return catalogue.export_draft(session, context.tenant, key)


def steps_left(run: Run) -> bool:
    """Whether a token can go on without the world, in either loop."""
    return bool(run.queue) or any(
        token._state == spiff.READY and not token.task_spec.manual for token in run.tokens.values()
    )


def run(path: str, inputs: Mapping[str, Any]) -> Result:
    """Deploy a file, play it in the engine's own loop, tell what completed."""
    return deploy_and_play(path, inputs, one_step)


def run_by_library(path: str, inputs: Mapping[str, Any]) -> Result:
    """The same, stepped by SpiffWorkflow's unchanged `do_engine_steps`."""
    with library_loop.library_loop():
        return deploy_and_play(path, inputs, library_loop.advance)


def run_renamed(path: str, inputs: Mapping[str, Any]) -> Result:
    """The same as `run`, every id of the file being another."""
    return renamed(run, path, inputs)


def run_renamed_by_library(path: str, inputs: Mapping[str, Any]) -> Result:
    return renamed(run_by_library, path, inputs)


def renamed(played: Callable[[str, Mapping[str, Any]], Result], path: str, inputs: Mapping[str, Any]) -> Result:
    """Rename every id before the engine sees the file, and back in what it answers."""
    content, names = renaming.rename(Path(path).read_bytes())
    back = {new: old for old, new in names.items()}
    asked = {
        **inputs,
        "process_id": names.get(inputs["process_id"], inputs["process_id"]),
        "start_first": [names.get(process, process) for process in inputs["start_first"]],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "renamed.bpmn"
        file.write_bytes(content)
        try:
            return told_back(played(str(file), asked), back)
        except RunFailed as failed:
            raise RunFailed(str(failed), told_back(failed.result, back)) from failed


def told_back(result: Result, back: Mapping[str, str]) -> Result:
    variables = {back.get(name, name): value for name, value in result["variables"].items()}
    return {**result, "completed": [back[element] for element in result["completed"]], "variables": variables}


def one_step(run: Run) -> None:
    steps.advance(run, 1)


def deploy_and_play(path: str, inputs: Mapping[str, Any], step: Stepper) -> Result:
    file = Path(path)
    try:
        definition = inspect({file.name: file.read_bytes()}, Calendar(), EXECUTABLE)
        if not inputs["deploy_only"] and inputs["process_id"] not in definition.processes:
            raise DeploymentError(inputs["process_id"])
    except Refused as error:
        raise DeploymentError("; ".join(str(found) for found in error.findings)) from error
    if inputs["deploy_only"]:
        return {"completed": [], "variables": {}, "ended_by_error": False}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "runs.db").write_bytes(EMPTY)
        database = Database(f"sqlite:///{folder}/runs.db", synchronous="OFF")
        return play(Post(definition, inputs["operations"], database, step), inputs)


def play(post: Post, inputs: Mapping[str, Any]) -> Result:
    starts = {process for process, _, _ in post.definition.events()}
    for process in inputs["start_first"]:
        if process not in starts:
            post.start(process, inputs["variables"])
    main = f"run{len(post.keys)}"
    post.start(inputs["process_id"], inputs["variables"])
    end = time.monotonic() + inputs["observe_s"]
    while time.monotonic() < end:
        post.tick()
        if post.idle:
            break
        time.sleep(0.01)
    variables = to_plain(post.runs[main].data.visible())
    result = {"completed": post.history, "variables": variables, "ended_by_error": post.by_error}
    if post.stuck:
        raise RunFailed(post.stuck[0].message, result)
    return result
