"""Random block-structured pathways, and a person who answers at random: the same seed makes the same choices."""

import random
from typing import Any

from engine.propagation import BpmnError
from tests.engine.driver import Driver
from tests.support.models import (
    boundary,
    call,
    catch,
    chain,
    definition,
    document,
    element,
    end,
    extensions,
    flow,
    gateway,
    io,
    many,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)

LEAVES = ("user", "script")
BLOCKS = (
    *LEAVES,
    "sequence",
    "and",
    "or",
    "xor",
    "sub",
    "many",
    "loop",
    "throw",
    "timer",
    "fail",
    "call",
    "undo",
    "message",
)
LARGE = ("sequence", "and", "or", "xor", "sub", "many", "loop", "call", "undo")
ROOTS = (
    '<bpmn:signal id="S" name="S"/><bpmn:error id="E" errorCode="E"/>'
    + element("message", "M", name="news")
    + element("escalation", "X", escalationCode="X")
)
Block = tuple[str, str, str]
"""(XML, first id, last id)"""


class Generator:
    """Makes one model from one seed."""

    def __init__(self, seed: int, depth: int = 3) -> None:
        self.random, self.depth, self.count = random.Random(seed), depth, 0
        self.processes: list[str] = []

    def model(self) -> bytes:
        body, first, last = self.block(self.depth)
        main = process("p", start("s"), body, end("e"), chain("s", first), chain(last, "e"))
        return document(ROOTS, main, *self.processes)

    def block(self, depth: int) -> Block:
        kind = self.random.choice(LARGE if depth > 1 else BLOCKS if depth else LEAVES)
        self.count += 1
        name = f"{kind}{self.count}"
        made: Block = getattr(self, f"a_{kind}")(name, depth - 1)
        return made

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def a_user(self, name: str, _: int) -> Block:
        return user(name), name, name

    def a_script(self, name: str, _: int) -> Block:
        return script(name, f'=append(log, "{name}")', "log"), name, name

    def a_throw(self, name: str, _: int) -> Block:
        return throw(name, definition("signal", "S")), name, name

    def a_timer(self, name: str, _: int) -> Block:
        return catch(name, timer("timeDuration", "PT1H")), name, name

    def a_message(self, name: str, _: int) -> Block:
        """A message or, when none comes, an hour and a half."""
        made = gateway("eventBased", name) + catch(f"{name}m", definition("message", "M"))
        made += catch(f"{name}t", timer("timeDuration", "PT90M")) + gateway("exclusive", f"{name}j")
        return made + chain(name, f"{name}m", f"{name}j") + chain(name, f"{name}t", f"{name}j"), name, f"{name}j"

    def a_fail(self, name: str, _: int) -> Block:
        made = service(name, "maybe") + boundary(f"{name}b", name, definition("error", "E")) + user(f"{name}u")
        made += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}b", f"{name}u", f"{name}m")
        return made, name, f"{name}m"

    def a_sequence(self, _: str, depth: int) -> Block:
        one, other = self.block(depth), self.block(depth)
        return one[0] + other[0] + chain(one[2], other[1]), one[1], other[2]

    def a_and(self, name: str, depth: int) -> Block:
        return self._branches("parallel", name, depth)

    def a_or(self, name: str, depth: int) -> Block:
        return self._branches("inclusive", name, depth)

    def a_xor(self, name: str, depth: int) -> Block:
        return self._branches("exclusive", name, depth)

    def _branches(self, kind: str, name: str, depth: int) -> Block:
        choice = kind != "parallel"
        made = gateway(kind, name, **({"default": f"{name}d"} if choice else {})) + gateway(kind, f"{name}j")
        for n in range(self.random.randint(2, 3)):
            inner, first, last = self.block(depth)
            condition = f"=modulo(count(log), {self.random.randint(1, 3)}) = 0" if choice and n else None
            made += inner + flow(last, f"{name}j") + flow(name, first, condition, id=None if n else f"{name}d")
        return made, name, f"{name}j"

    def a_loop(self, name: str, depth: int) -> Block:
        """Three turns."""
        inner, first, last = self.block(depth)
        made = (
            gateway("exclusive", name)
            + inner
            + script(f"{name}c", f"=(if n{name} = null then 0 else n{name}) + 1", f"n{name}")
        )
        made += gateway("exclusive", f"{name}x") + script(f"{name}z", "=0", f"n{name}")
        made += chain(name, first) + chain(last, f"{name}c", f"{name}x")
        made += flow(f"{name}x", name, f"=modulo(n{name}, 3) != 0") + flow(
            f"{name}x", f"{name}z", f"=modulo(n{name}, 3) = 0"
        )
        return made, name, f"{name}z"

    def a_many(self, name: str, depth: int) -> Block:
        repeated = many("=[1,2,3]", "it", output=("res", "=it"), sequential=self.chance(0.5))
        return self._scope(name, depth, extensions(io({"private": "=1"})) + repeated)

    def a_sub(self, name: str, depth: int) -> Block:
        return self._scope(name, depth, extensions(io({"private": "=1"})) if self.chance(0.5) else "")

    def _scope(self, name: str, depth: int, more: str) -> Block:
        inner, first, last = self.block(depth)
        if self.chance(0.4):
            heard = script(f"{name}Hc", '=append(log, "H")', "log")
            inner += on_event(
                f"{name}H",
                definition("signal", "S"),
                heard,
                end(f"{name}He"),
                chain(f"{name}H_start", f"{name}Hc", f"{name}He"),
                interrupting=False,
            )
        if self.chance(0.3):
            inner += throw(f"{name}X", definition("escalation", "X")) + chain(last, f"{name}X")
            last = f"{name}X"
        made = sub(
            name, more, start(f"{name}s"), inner, end(f"{name}e"), chain(f"{name}s", first), chain(last, f"{name}e")
        )
        made += gateway("exclusive", f"{name}m") + chain(name, f"{name}m")
        return (made + self._boundary(name) if self.chance(0.5) else made), name, f"{name}m"

    def _boundary(self, name: str) -> str:
        cancels = self.chance(0.5)
        cycle = timer("timeDuration", "PT3H") if cancels else timer("timeCycle", "R2/PT50M")
        event = self.random.choice(
            [
                timer("timeDuration", "PT2H"),
                cycle,
                definition("signal", "S"),
                definition("escalation", "X"),
                definition("message", "M"),
            ]
        )
        made = boundary(f"{name}b", name, event, cancels=cancels) + script(f"{name}bc", '=append(log, "B")', "log")
        made += chain(f"{name}b", f"{name}bc")
        return made + (
            chain(f"{name}bc", f"{name}m") if cancels else chain(f"{name}bc", f"{name}be") + end(f"{name}be")
        )

    def a_call(self, name: str, depth: int) -> Block:
        inner, first, last = self.block(depth)
        called = process(
            f"{name}q", start(f"{name}s"), inner, end(f"{name}e"), chain(f"{name}s", first), chain(last, f"{name}e")
        )
        self.processes.append(called)
        return call(name, f"{name}q"), name, name

    def a_undo(self, name: str, depth: int) -> Block:
        """Something that is done, and undone at once."""
        inner, first, last = self.block(depth)
        undo = boundary(f"{name}cb", f"{name}u", definition("compensate")) + user(f"{name}h", isForCompensation="true")
        undo += element("association", f"{name}a", sourceRef=f"{name}cb", targetRef=f"{name}h")
        made = sub(
            name,
            start(f"{name}s"),
            user(f"{name}u"),
            undo,
            inner,
            throw(f"{name}t", definition("compensate")),
            end(f"{name}e"),
            chain(f"{name}s", f"{name}u", first),
            chain(last, f"{name}t", f"{name}e"),
        )
        return made, name, name


def maybe(call: Any) -> dict[str, Any]:
    """Fails when the log is odd."""
    if len(call.variables["log"]) % 2:
        raise BpmnError("E")
    return {}


LONG = 300


def drive(driver: Driver, seed: int) -> tuple[list[str], dict[str, Any], int]:
    """Play to the end with random answers, timers and messages: (trail, variables, last token)."""
    chosen = random.Random(seed)
    driver.start({"log": []})
    for _ in range(LONG):
        assert not driver.incidents, driver.incidents
        if driver.ended:
            return driver.trail, dict(driver.run.data.visible()), driver.run.seq
        tasks, timers = driver.open_tasks(), driver.run.register.due()
        if ("message", "news", "") in driver.run.register.subscriptions and chosen.random() < 0.3:
            driver.message("news")
        elif tasks and (timers is None or chosen.random() < 0.8):
            key = chosen.choice(tasks).id
            driver.answer(key)
        elif timers is not None:
            driver.clock.instant = max(driver.clock.instant, timers)
            driver.after(seconds=0)
        else:
            raise AssertionError(f"stuck: {[(t.task_spec.name, t._state) for t in driver.run.tokens.values()]}")
    return driver.trail, {}, 0
