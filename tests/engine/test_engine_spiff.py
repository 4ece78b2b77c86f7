"""What is relied on of SpiffWorkflow: its object model, its public calls on our runs, and each private name by name."""

import ast
import inspect
from collections.abc import Iterable
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

import engine
from engine import steps
from engine.rehearsal import Rehearsal
from engine.spiff import NoScripts
from tests.engine.driver import CALENDAR, MORNING, ManualClock, define
from tests.support.models import chain, document, end, process, script, start, sub, user

MODEL = document(
    process(
        "p",
        start(),
        sub("s", start("is"), user("u"), end("ie"), chain("is", "u", "ie")),
        script("x", "=1", "x"),
        end(),
        chain("start", "s", "x", "end"),
    )
)


@pytest.fixture
def play() -> Rehearsal:
    return Rehearsal(define(MODEL), CALENDAR, process="p", clock=ManualClock(MORNING)).start()


def test_a_run_is_a_workflow_of_the_library(play: Rehearsal) -> None:
    scope = next(iter(play.run.subprocesses.values()))
    assert isinstance(play.run, BpmnWorkflow)
    assert isinstance(scope, BpmnSubWorkflow)
    assert isinstance(scope.spec, BpmnProcessSpec)
    assert all(isinstance(token, Task) for token in play.run.tokens.values())
    assert all(isinstance(token.task_spec, BpmnTaskSpec) for token in play.run.tokens.values())


def test_the_public_calls_of_the_library_work_on_our_runs(play: Rehearsal) -> None:
    waiting = play.run.get_tasks(state=TaskState.READY, manual=True)
    assert [task.task_spec.name for task in waiting] == ["u"]
    assert play.run.get_next_task(state=TaskState.READY).task_spec.name == "u"
    assert not play.run.is_completed()
    steps.finish(play.run, play.run.tokens[waiting[0].id], {})
    play.run.do_engine_steps()
    assert play.run.is_completed()
    assert play.run.data["x"] == 1


def test_the_script_engine_of_the_library_is_out_of_reach(play: Rehearsal) -> None:
    with pytest.raises(AssertionError, match="script engine"):
        play.run.script_engine.evaluate(None, "1")
    assert isinstance(play.run.script_engine, NoScripts)


def test_only_one_module_imports_the_library() -> None:
    folder = Path(engine.__file__).parent
    importers = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.startswith("SpiffWorkflow") for name in names):
                importers.add(path.name)
    assert importers == {"spiff.py"}


TASK = (
    "_set_state", "_ready", "_child_added_notify", "_inherit_data", "_add_child", "run", "complete",
    "collect_log_extras",
)  # fmt: skip
TASK_KEEPS = ("_state", "_parent", "_children", "internal_data", "workflow", "task_spec", "data")
SPEC = ("_predict", "_update", "_run", "_run_hook", "_on_ready", "_on_complete", "test", "connect")
SPEC_KEEPS = ("_inputs", "_outputs", "_wf_spec", "name", "manual", "lane")
WORKFLOW = ("_do_engine_steps", "refresh_timers", "get_task_from_id")
DEPTH = "_calculate_depth"


@pytest.mark.parametrize("name", TASK)
def test_a_task_still_has(name: str) -> None:
    assert name in Task.__dict__


@pytest.mark.parametrize("name", TASK_KEEPS)
def test_a_task_still_keeps(name: str, play: Rehearsal) -> None:
    assert name in next(iter(play.run.tokens.values())).__dict__


@pytest.mark.parametrize("name", SPEC)
def test_a_task_spec_still_has(name: str) -> None:
    assert any(name in parent.__dict__ for parent in BpmnTaskSpec.__mro__)


@pytest.mark.parametrize("name", SPEC_KEEPS)
def test_a_task_spec_still_keeps(name: str, play: Rehearsal) -> None:
    assert name in play.definition.containers["p"].task_specs["x"].__dict__


@pytest.mark.parametrize("name", WORKFLOW)
def test_a_workflow_still_has(name: str) -> None:
    assert name in BpmnWorkflow.__dict__


def private_names(paths: Iterable[Path]) -> set[str]:
    """What these modules define, read or write that begins with one underscore."""
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.FunctionDef):
                found.add(node.name)
    return {name for name in found if name.startswith("_") and not name.startswith("__")}


def test_no_other_private_name_of_the_library_is_touched() -> None:
    bases = (Task, BpmnTaskSpec, BpmnWorkflow, BpmnSubWorkflow, BpmnProcessSpec)
    modules = {inspect.getsourcefile(parent) for base in bases for parent in base.__mro__ if parent is not object}
    folder = Path(engine.__file__).parent
    ours = private_names([*folder.glob("*.py"), *(folder / "elements").glob("*.py")])
    theirs = private_names(Path(module) for module in modules if module)
    assert ours & theirs <= {*TASK, *TASK_KEEPS, *SPEC, *SPEC_KEEPS, *WORKFLOW, DEPTH}


def test_a_sub_workflow_still_computes_its_depth() -> None:
    assert DEPTH in BpmnSubWorkflow.__dict__


def test_a_process_spec_still_makes_its_own_start_and_ends(play: Rehearsal) -> None:
    own = {name for name in play.definition.containers["p"].task_specs if name.startswith("$")}
    assert own == {"$Start", "$p.EndJoin", "$End"}
