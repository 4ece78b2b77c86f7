"""Our elements, tokens and scopes, stepped by SpiffWorkflow's own unchanged loop: our runs are its workflows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow

from engine import rehearsal, rows, spiff, steps
from engine.elements.node import Node
from engine.failure import guarded
from engine.run import Run
from engine.token import Token
from engine.waiting import perform


class Gone:
    """The loop asks for owners of sub-processes that have left meanwhile."""

    class task_spec:  # noqa: N801 - the library's name
        @staticmethod
        def _update(_token: Any) -> None:
            pass


class LibraryRun(Run):
    """A token that arrives is updated at once, as the library does with the children of a completed task."""

    settling = False

    def enqueue(self, token: Token) -> None:
        self.ticks += 1
        token.place = self.ticks
        if token._state == spiff.FUTURE or "todo" in token.internal_data:
            guarded(self, token, perform, token)

    def resume(self, token: Token) -> None:
        token.note(todo=["resume", None])
        guarded(self, token, perform, token)

    _do_engine_steps = BpmnWorkflow._do_engine_steps

    def get_task_from_id(self, task_id: int) -> Any:
        return self.tokens.get(task_id, Gone)

    def settle(self, _task: object = None) -> None:
        if not self.settling:
            self.settling = True
            try:
                settle(self)
            finally:
                self.settling = False

    def take_over(self) -> None:
        """A reload fills the queue, which this loop does not know."""
        waiting = list(self.queue)
        self.queue.clear()
        for token in waiting:
            self.enqueue(token)

    def go_on(self) -> None:
        while any(t._state == spiff.READY and not t.task_spec.manual for t in self.tokens.values()):
            self.undo.clear()
            BpmnWorkflow.do_engine_steps(self, did_complete_task=self.settle)
            self.settle()


update, run_token, settle = Node._update, Token.run, steps.settle


def update_once(self: Node, token: Token) -> None:
    """The loop also updates the owners of sub-processes: only arriving tokens count."""
    if token._state == spiff.FUTURE:
        update(self, token)


def run_guarded(self: Token) -> Any:
    if self._state == spiff.READY and not self.gone:
        guarded(self.host, self, run_token, self)


@contextmanager
def library_loop() -> Iterator[None]:
    """Runs that are begun or loaded within are stepped by the library."""
    Node._update, Token.run = update_once, run_guarded  # type: ignore[method-assign]
    rehearsal.Run = rows.Run = LibraryRun  # type: ignore[misc]
    steps.settle = lambda run: run.settle() if isinstance(run, LibraryRun) else settle(run)
    try:
        yield
    finally:
        Node._update, Token.run, steps.settle = update, run_token, settle  # type: ignore[method-assign]
        rehearsal.Run = rows.Run = Run  # type: ignore[misc]


def advance(run: Run) -> None:
    assert isinstance(run, LibraryRun)
    run.take_over()
    run.settle()
    run.go_on()
