"""Plain SpiffWorkflow with its own JSON serializer, saved to SQLite at each step: what Jalon is compared with."""

import sqlite3
import time
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.figures import Figures

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ANSWER = {"systolique": 142, "commentaire": "RAS", "suite": "poursuivre"}


class PlainCases:
    """One table with one JSON text a case; every step loads it, completes a task and saves it whole."""

    def __init__(self, path: Path, diagram: Path, synchronous: str = "FULL") -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute(f"PRAGMA synchronous={synchronous}")
        self.database.execute("CREATE TABLE run (id INTEGER PRIMARY KEY, state TEXT)")
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        parser = BpmnParser()
        parser.add_bpmn_xml(_without_message_start(diagram))
        self.spec = parser.get_spec("trois_taches")

    def start(self, case: int) -> None:
        workflow = BpmnWorkflow(self.spec)
        workflow.do_engine_steps()
        self.database.execute("INSERT INTO run VALUES (?, ?)", (case, self.serializer.serialize_json(workflow)))

    def complete(self, case: int) -> bool:
        """Answer the waiting task; says whether the case has ended."""
        (state,) = self.database.execute("SELECT state FROM run WHERE id = ?", (case,)).fetchone()
        workflow = self.serializer.deserialize_json(state)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data.update(ANSWER)
        task.run()
        workflow.do_engine_steps()
        self.database.execute("UPDATE run SET state = ? WHERE id = ?", (self.serializer.serialize_json(workflow), case))
        return bool(workflow.is_completed())

    def bytes_per_case(self) -> float:
        (size,) = self.database.execute("SELECT avg(length(state)) FROM run").fetchone()
        return float(size)


def measure(folder: Path, diagram: Path, cases: int) -> Figures:
    """Milliseconds of a start and of a completion, cases per second and bytes per finished case."""
    plain = PlainCases(folder / "plain.db", diagram)
    figures = Figures("plain SpiffWorkflow, JSON to SQLite at each step", clients=1)
    began = time.perf_counter()
    for case in range(cases):
        with figures.timed("start"):
            plain.start(case)
        ended = False
        while not ended:
            with figures.timed("completion"):
                ended = plain.complete(case)
    figures.finish(cases, time.perf_counter() - began)
    figures.note(rows_per_case=1.0, bytes_per_case=plain.bytes_per_case())
    return figures


def _without_message_start(diagram: Path) -> etree._ElementTree:
    """The library cannot begin a case by a message from outside: its copy of the diagram starts by itself."""
    tree = etree.parse(diagram, etree.XMLParser(resolve_entities=False, no_network=True))
    for definition in list(tree.iter(f"{BPMN}messageEventDefinition")):
        parent = definition.getparent()
        if parent is not None:
            parent.remove(definition)
    return tree
