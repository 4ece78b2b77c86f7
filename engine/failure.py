"""The only place where a failure becomes a BPMN error or an incident: the failed step is taken back whole."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from base.errors import JalonError, RunError
from engine import spiff
from engine.effects import Noted, Stuck
from engine.expressions import to_stored, to_values
from engine.propagation import BpmnError, foreseen, raised

if TYPE_CHECKING:
    from engine.run import Run
    from engine.token import Token

log = structlog.get_logger()
INTERNAL = "Une erreur interne a arrêté cette étape."


def guarded(run: Run, token: Token, act: Callable[..., object], *arguments: object) -> None:
    """Do one step of a token; whatever fails leaves nothing half done.

    A lost database connection or lock is not the diagram's failure: it is raised, and the transaction with it.
    """
    mark = run.mark()
    try:
        act(*arguments)
    except BpmnError as error:
        run.take_back(mark)
        values = to_values(error.values)
        told = {"code": error.code, "message": error.message, "variables": to_stored(values)}
        run.noted("operation_failed", token.task_spec.name, **told)
        guarded(run, token, raised, token, error, values)
    except RunError as error:
        run.take_back(mark)
        if not foreseen(token, error):
            stick(token, error.code, error.message, type(error).__name__)
    except JalonError as error:
        run.take_back(mark)
        stick(token, error.code, error.message, type(error).__name__)
    except DBAPIError as error:
        run.take_back(mark)
        if not isinstance(error, IntegrityError):
            raise
        stick(token, "internal", INTERNAL, where(error))
    except Exception as error:
        run.take_back(mark)
        log.exception("step_failed", run=run.key, element=token.task_spec.name)
        stick(token, "internal", INTERNAL, where(error))


def where(error: Exception) -> str:
    """What failed and on which line of ours; never the error's own text, which may name a patient."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} ({Path(last.filename).name}:{last.lineno})"


def stick(token: Token, kind: str, message: str, detail: str) -> None:
    """The token stops here and says why, until a retry."""
    run = token.host
    token.note(stuck={"state": token._state})
    token.become(spiff.ERROR)
    run.rewired.add(token.id)
    element = token.task_spec.name
    run.effects.append(Stuck(token.id, element, kind, message, detail))
    run.effects.append(Noted("incident_raised", element, {"kind": kind, "message": message}))


def retry(token: Token) -> None:
    """The token goes back to where it stood, and does the same again."""
    run = token.host
    state = token.internal_data["stuck"]["state"]
    token.note(stuck=None)
    token.become(state)
    run.rewired.add(token.id)
    run.doubtful[token.workflow] = None
    if state != spiff.WAITING or "todo" in token.internal_data:
        run.enqueue(token)
