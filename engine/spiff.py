"""The only module that imports SpiffWorkflow: its object model, with types, and with its own execution out of reach.

A process is a `BpmnProcessSpec`, an element a `BpmnTaskSpec`, a token a `Task`, a run a `BpmnWorkflow`, an open
sub-process a `BpmnSubWorkflow`. Its prediction, joins, event manager, script engine and serializer are never reached.
The library is pinned; tests/engine/test_engine_spiff.py holds one test per private name that is relied on.
"""

from types import MappingProxyType
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
ERROR: int = TaskState.ERROR
CANCELLED: int = TaskState.CANCELLED


class NoScripts:
    """Stands where the library keeps its script engine, which is a bare `eval`: reaching it is a fault of ours."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"script engine reached: {name}")


class TokenBase(Task):  # type: ignore[misc] # the library has no types
    """The library's task. A token inherits no data: variables live in scopes."""

    def _inherit_data(self) -> None:
        pass

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        return dct or {}


class NodeBase(BpmnTaskSpec):  # type: ignore[misc] # the library has no types
    """The library's task spec, which neither predicts nor tests itself while it runs."""

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: Any = None) -> None:
        pass

    def test(self) -> None:
        pass

    def _on_ready(self, my_task: Any) -> None:
        pass

    def _run(self, my_task: Any) -> Any:
        return self._run_hook(my_task)

    def tighten(self) -> None:
        """The element's neighbours are fixed."""
        self._inputs: Any = tuple(self._inputs)
        self._outputs: Any = tuple(self._outputs)


class ContainerBase(BpmnProcessSpec):  # type: ignore[misc] # the library has no types
    """The library's process spec; its own Start, End and EndJoin make room for the diagram's ids."""

    def __init__(self, name: str, description: str, filename: str) -> None:
        super().__init__(name=name, description=description, filename=filename)
        own = list(self.task_specs.values())
        for spec in own:
            spec.name = f"${spec.name}"
            spec._inputs, spec._outputs = [], []
        self.task_specs: Any = {spec.name: spec for spec in own}

    def freeze(self) -> None:
        """No element comes or goes any more, and none gets another neighbour."""
        for spec in self.task_specs.values():
            if not isinstance(spec, NodeBase):
                spec._inputs, spec._outputs = tuple(spec._inputs), tuple(spec._outputs)
        self.task_specs = MappingProxyType(self.task_specs)


class ScopeBase(BpmnSubWorkflow):  # type: ignore[misc] # the library has no types
    """The library's open sub-process."""

    def __init__(self, spec: Any, owner: Any, run: Any) -> None:
        super().__init__(spec, owner.id, run, deserializing=True)

    def _calculate_depth(self) -> int:
        depth: int = self.owner.workflow.depth + 1
        return depth


class RunBase(BpmnWorkflow):  # type: ignore[misc] # the library has no types
    """The library's workflow; its public calls (`do_engine_steps`, `get_tasks`, `is_completed`…) work on our runs."""

    def __init__(self, spec: Any, subprocess_specs: Any) -> None:
        super().__init__(spec, subprocess_specs, script_engine=NoScripts(), deserializing=True)

    def refresh_timers(self) -> None:
        """Timers fire as inputs, never as a side effect of a step."""
