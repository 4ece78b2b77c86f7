"""Random block-structured pathways with every kind of element; the same seed makes the same model.

Each block has its own variables and counts in them, so that the order of parallel branches seldom matters; choices look
at k0…k3, which the answers of people change.
"""

import random

from tests.engine.random_large import Large
from tests.engine.random_parts import Block
from tests.support.models import catch, chain, document, element, end, gateway, message, process, start

LEAVES = ("user", "user", "script", "plain")
SMALL = (
    *LEAVES,
    "guarded",
    "throw",
    "timer",
    "fail",
    "choose_event",
    "message",
    "several",
    "condition",
    "link",
    "quantities",
    "turns",
    "receive",
)
LARGE = (
    "sequence",
    "and",
    "or",
    "xor",
    "complex",
    "split",
    "sub",
    "object",
    "many",
    "loop",
    "call",
    "undo",
    "transaction",
    "ad_hoc",
    "choice",
    "race",
)
WITHIN = (
    "complex again",
    "conditional boundary",
    "conditional event sub-process",
    "dynamic call",
    "multiple",
    "multiple throw",
    "output mapping",
    "parallel multiple",
)
"""Kinds that other blocks hold."""
BEGINNINGS = ("start", "start", "multiple start", "parallel start", "event gateway", "parallel event gateway")


class Generator(Large):
    """Makes one model from one seed, or from a source of chance; `only` plays one kind more often than the others."""

    def __init__(self, chance: int | random.Random, depth: int = 3, only: str = "") -> None:
        super().__init__(chance)
        self.depth, self.only = depth, only
        self.first_message: str | None = None

    def model(self) -> bytes:
        body, first, last = self.block(self.depth)
        body += self.begins(first)
        body += "" if "parallel start" in self.kinds else self.listeners("p")  # its keys are known only when all came
        main = process("p", body, end("e"), chain(last, "e"))
        roots = [element("signal", f"S{n}", name=f"S{n}") for n in range(2)]
        roots += [element("error", "E", errorCode="E"), element("escalation", "X", escalationCode="X")]
        roots += [message(f"m_{name}", name) for name in self.messages]
        return document(*roots, main, *self.processes)

    def block(self, depth: int) -> Block:
        kind = self.random.choice(LARGE if depth > 1 else (*SMALL, *LARGE) if depth else SMALL)
        if depth < 0:
            kind = self.random.choice(LEAVES)
        elif self.only in (SMALL if depth < 1 else (*SMALL, *LARGE)) and self.chance(0.4):
            kind = self.only
        self.count += 1
        self.kinds.add(kind)
        made: Block = getattr(self, f"a_{kind}")(f"{kind}{self.count}", depth - 1)
        return made

    def begins(self, first: str) -> str:
        """How the process begins: by itself, or by the message `first_message`, perhaps with more to come."""
        kind = self.only if self.only in BEGINNINGS else self.random.choice(BEGINNINGS)
        self.kinds.add(kind)
        if kind == "start":
            return start("s") + chain("s", first)
        self.first_message = "Mbegin"
        news = self.news("begin")
        other = self.news("more")
        if kind.endswith("start"):
            together = {"parallelMultiple": "true"} if kind == "parallel start" else {}
            return start("s", news + other, **together) + chain("s", first)
        together = {"eventGatewayType": "Parallel"} if kind == "parallel event gateway" else {}
        made = gateway("eventBased", "s", instantiate="true", **together) + catch("sa", news) + catch("sb", other)
        made += gateway("parallel" if together else "exclusive", "sj")
        return made + chain("s", "sa", "sj", first) + chain("s", "sb", "sj")
