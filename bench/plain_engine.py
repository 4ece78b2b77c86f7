"""Plain SpiffWorkflow in the same measures: its parser, its own loop, its serializer, one row of JSON a run."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())


def parse(content: bytes) -> Any:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(content))
    return parser.get_spec("p")


def begin(spec: Any) -> BpmnWorkflow:
    workflow = BpmnWorkflow(spec)
    workflow.task_tree.data["n"] = 0
    workflow.do_engine_steps()
    return workflow


def step(workflow: BpmnWorkflow) -> None:
    """Answer one task and go on to the next."""
    workflow.get_next_task(state=TaskState.READY, manual=True).run()
    workflow.do_engine_steps()


def dump(workflow: BpmnWorkflow) -> str:
    return str(SERIALIZER.serialize_json(workflow))


def load(state: str) -> BpmnWorkflow:
    return SERIALIZER.deserialize_json(state)


class Store:
    """One table, one JSON text a run, every commit on the disk."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE run (id INTEGER PRIMARY KEY, state TEXT)")

    def add(self, run: int, workflow: BpmnWorkflow) -> None:
        self.database.execute("INSERT INTO run VALUES (?, ?)", (run, dump(workflow)))

    def durable_step(self, run: int) -> bool:
        """Load, step, save; whether the run goes on."""
        (state,) = self.database.execute("SELECT state FROM run WHERE id = ?", (run,)).fetchone()
        workflow = load(state)
        step(workflow)
        self.database.execute("UPDATE run SET state = ? WHERE id = ?", (dump(workflow), run))
        return not workflow.is_completed()


@contextmanager
def stored() -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
        store = Store(Path(folder) / "plain.db")
        yield store
        store.database.close()
