"""Random block-structured pathways with every kind of element; the same seed makes the same model.

Each block has its own variables and counts in them, so that the order of parallel branches seldom matters; choices look
at k0…k3, which the answers of people change.
"""

import random

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
    message,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
    zeebe,
)

LEAVES = ("user", "user", "script", "plain")
SMALL = (
    *LEAVES,
    "throw",
    "timer",
    "fail",
    "choose_event",
    "message",
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
    "split",
    "sub",
    "many",
    "loop",
    "call",
    "undo",
    "transaction",
    "ad_hoc",
    "race",
)
KEYS = ("k0", "k1", "k2", "k3")
Block = tuple[str, str, str]
"""(XML, first id, last id)"""


class Generator:
    """Makes one model from one seed, or from a source of chance."""

    def __init__(self, chance: int | random.Random, depth: int = 3) -> None:
        self.random = random.Random(chance) if isinstance(chance, int) else chance
        self.depth, self.count = depth, 0
        self.processes: list[str] = []
        self.messages: list[str] = []
        self.kinds: set[str] = set()

    def model(self) -> bytes:
        body, first, last = self.block(self.depth)
        more = self.listeners("p")
        main = process("p", start("s"), body, more, end("e"), chain("s", first), chain(last, "e"))
        roots = [element("signal", f"S{n}", name=f"S{n}") for n in range(2)]
        roots += [element("error", "E", errorCode="E"), element("escalation", "X", escalationCode="X")]
        roots += [message(f"m_{name}", name) for name in self.messages]
        return document(*roots, main, *self.processes)

    def block(self, depth: int) -> Block:
        kind = self.random.choice(LARGE if depth > 1 else (*SMALL, *LARGE) if depth else SMALL)
        if depth < 0:
            kind = self.random.choice(LEAVES)
        self.count += 1
        self.kinds.add(kind)
        made: Block = getattr(self, f"a_{kind}")(f"{kind}{self.count}", depth - 1)
        return made

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def test(self) -> str:
        return f"={self.random.choice(KEYS)} {self.random.choice('<>=')} {self.random.randint(0, 3)}"

    def minutes(self, least: int = 1) -> str:
        """Hardly ever the same twice."""
        return f"PT{self.random.randint(least, 100 * least)}M"

    def news(self, name: str) -> str:
        self.messages.append(f"M{name}")
        return definition("message", f"m_M{name}")

    def signal(self) -> str:
        return definition("signal", f"S{self.random.randint(0, 1)}")

    # --- small blocks ------------------------------------------------------------------------------------------------

    def a_user(self, name: str, _: int) -> Block:
        return user(name), name, name

    def a_script(self, name: str, _: int) -> Block:
        return self.counts(name), name, name

    def a_plain(self, name: str, _: int) -> Block:
        return element(self.random.choice(("task", "manualTask")), name), name, name

    def a_throw(self, name: str, _: int) -> Block:
        return throw(name, self.signal()), name, name

    def a_timer(self, name: str, _: int) -> Block:
        return catch(name, timer("timeDuration", self.minutes())), name, name

    def a_message(self, name: str, _: int) -> Block:
        return catch(name, self.news(name)), name, name

    def a_receive(self, name: str, _: int) -> Block:
        self.news(name)
        return element("receiveTask", name, messageRef=f"m_M{name}"), name, name

    def a_condition(self, name: str, _: int) -> Block:
        """A condition or, when it never turns true, some hours."""
        said = element("conditionalEventDefinition", "", element("condition", "", self.test().replace("<", "&lt;")))
        return self.either(name, said, timer("timeDuration", self.minutes(60)))

    def a_choose_event(self, name: str, _: int) -> Block:
        """A message, a signal or, when none comes, some time."""
        kinds = [self.news(name), self.signal(), timer("timeDuration", self.minutes(60))]
        return self.either(name, *kinds)

    def either(self, name: str, *events: str) -> Block:
        made = gateway("eventBased", name) + gateway("exclusive", f"{name}j")
        for n, event in enumerate(events):
            made += catch(f"{name}c{n}", event) + chain(name, f"{name}c{n}", f"{name}j")
        return made, name, f"{name}j"

    def a_link(self, name: str, _: int) -> Block:
        said = definition("link", name=name)
        made = throw(name, said) + catch(f"{name}c", said) + self.counts(f"{name}s") + chain(f"{name}c", f"{name}s")
        return made, name, f"{name}s"

    def a_quantities(self, name: str, _: int) -> Block:
        made = element("task", name, completionQuantity="2") + element("task", f"{name}t", startQuantity="2")
        return made + chain(name, f"{name}t"), name, f"{name}t"

    def a_turns(self, name: str, _: int) -> Block:
        """A standard loop."""
        until = element("loopCondition", "", f"=loopCounter &lt; {self.random.randint(0, 3)}")
        before = str(self.chance(0.5)).lower()
        top = {"loopMaximum": str(self.random.randint(1, 3))} if self.chance(0.5) else {}
        loop = element("standardLoopCharacteristics", "", until, testBefore=before, **top)
        return user(name, loop), name, name

    def a_fail(self, name: str, _: int) -> Block:
        made = service(name, "maybe") + boundary(f"{name}b", name, definition("error", "E")) + user(f"{name}u")
        made += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}b", f"{name}u", f"{name}m")
        return made, name, f"{name}m"

    @staticmethod
    def counts(name: str) -> str:
        return script(name, f"=if v{name} = null then 1 else v{name} + 1", f"v{name}")

    # --- large blocks ------------------------------------------------------------------------------------------------

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
        default = {"default": f"{name}d"} if kind != "parallel" else {}
        return self._spread(kind, name, depth, gateway(kind, name, **default))

    def a_split(self, name: str, depth: int) -> Block:
        """Several flows out of an activity, some with a condition."""
        return self._spread("inclusive", name, depth, element("task", name, default=f"{name}d"))

    def _spread(self, kind: str, name: str, depth: int, head: str) -> Block:
        made = head + gateway(kind, f"{name}j")
        for n in range(self.random.randint(2, 3)):
            inner, first, last = self.block(depth)
            condition = self.test() if kind != "parallel" and n else None
            made += inner + chain(last, f"{name}j") + flow(name, first, condition, id=None if n else f"{name}d")
        return made, name, f"{name}j"

    def a_race(self, name: str, depth: int) -> Block:
        """An activity whose flows meet at an exclusive gateway: what follows happens once for each."""
        one, other = self.block(depth - 1), self.block(depth - 1)
        made = start(f"{name}s") + element("task", f"{name}t") + one[0] + other[0] + gateway("exclusive", f"{name}x")
        made += chain(f"{name}s", f"{name}t", one[1]) + chain(f"{name}t", other[1]) + chain(one[2], f"{name}x")
        made += chain(other[2], f"{name}x") + self.counts(f"{name}c") + end(f"{name}e")
        return sub(name, made, chain(f"{name}x", f"{name}c", f"{name}e")), name, name

    def a_loop(self, name: str, depth: int) -> Block:
        """Two turns along the flows, inclusive gateways and all."""
        inner, first, last = self.block(depth)
        made = start(f"{name}st") + gateway("exclusive", name) + inner
        made += script(f"{name}c", f"=if n{name} = null then 1 else n{name} + 1", f"n{name}") + end(f"{name}e")
        made += gateway("exclusive", f"{name}x") + chain(f"{name}st", name, first) + chain(last, f"{name}c", f"{name}x")
        made += flow(f"{name}x", name, f"=n{name} < 2") + flow(f"{name}x", f"{name}e", f"=n{name} >= 2")
        return sub(f"{name}s", extensions(io({f"n{name}": "=0"})), made), f"{name}s", f"{name}s"

    def a_many(self, name: str, depth: int) -> Block:
        until = f"=numberOfCompletedInstances >= {self.random.randint(1, 3)}" if self.chance(0.4) else None
        repeated = many("=[1, 2, 3]", "it", output=("res", "=it"), sequential=self.chance(0.5), until=until)
        if self.chance(0.3):
            return user(name, repeated), name, name
        return self._scope(name, depth, repeated)

    def a_sub(self, name: str, depth: int) -> Block:
        return self._scope(name, depth, "")

    def _scope(self, name: str, depth: int, more: str) -> Block:
        inner, first, last = self.block(depth)
        inner += self.listeners(name)
        if self.chance(0.3):
            inner += throw(f"{name}X", definition("escalation", "X")) + chain(last, f"{name}X")
            last = f"{name}X"
        made = sub(name, more, start(f"{name}s"), inner, self.ends(name, last), chain(f"{name}s", first))
        caught = self.random.choice(("nothing", "interrupts", "goes on"))
        if caught == "nothing":
            return made, name, name
        made += self._boundary(name, cancels=caught == "interrupts")
        if caught == "goes on":
            return made + chain(f"{name}bc", f"{name}be") + end(f"{name}be"), name, name
        made += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}bc", f"{name}m")
        return made, name, f"{name}m"

    def ends(self, name: str, last: str) -> str:
        """One end, or a choice between two of which one throws or stops everything."""
        if not self.chance(0.3):
            return end(f"{name}e") + chain(last, f"{name}e")
        kind = self.random.choice(
            (definition("terminate"), definition("escalation", "X"), self.signal(), definition("error", "E"))
        )
        made = gateway("exclusive", f"{name}y", default=f"{name}yd") + end(f"{name}e") + end(f"{name}f", kind)
        made += chain(last, f"{name}y") + flow(f"{name}y", f"{name}e", id=f"{name}yd")
        return made + flow(f"{name}y", f"{name}f", self.test())

    def listeners(self, name: str) -> str:
        """Perhaps an event sub-process."""
        if not self.chance(0.4):
            return ""
        kinds = (self.signal(), definition("escalation", "X"), timer("timeDuration", self.minutes(60)))
        kind = self.random.choice((*kinds, self.news(f"{name}H"), definition("error", "E")))
        catches_error = kind == definition("error", "E")
        body = self.counts(f"{name}Hc") + user(f"{name}Hu") + end(f"{name}He")
        flows = chain(f"{name}H_start", f"{name}Hc", f"{name}Hu", f"{name}He")
        return on_event(f"{name}H", kind, body, flows, interrupting=catches_error or self.chance(0.4))

    def _boundary(self, name: str, cancels: bool) -> str:
        kinds = [timer("timeDuration", self.minutes(30)), self.signal(), self.news(f"{name}b")]
        kinds += [definition("escalation", "X")] * 2 + [definition("error", "E")] * cancels
        kinds += [timer("timeCycle", f"R2/{self.minutes(30)}")] * (not cancels)
        made = boundary(f"{name}b", name, self.random.choice(kinds), cancels=cancels)
        return made + self.counts(f"{name}bc") + chain(f"{name}b", f"{name}bc")

    def a_call(self, name: str, depth: int) -> Block:
        inner, first, last = self.block(depth)
        body = start(f"{name}s") + inner + self.listeners(f"{name}q") + self.ends(name, last) + chain(f"{name}s", first)
        self.processes.append(process(f"{name}q", body))
        return call(name, f"{name}q"), name, name

    def done(self, name: str) -> str:
        """Something that was done and can be undone, by a person or at once."""
        handler = user(f"{name}h", isForCompensation="true")
        if self.chance(0.5):
            handler = self.counts(f"{name}h").replace(f'id="{name}h"', f'id="{name}h" isForCompensation="true"')
        link = element(
            "association", f"{name}a", sourceRef=f"{name}cb", targetRef=f"{name}h", associationDirection="One"
        )
        return user(name) + boundary(f"{name}cb", name, definition("compensate")) + handler + link

    def a_undo(self, name: str, depth: int) -> Block:
        """Two things are done, the second perhaps in a sub-process, and undone at once."""
        inner, first, last = self.block(depth)
        second = self.done(f"{name}v")
        if self.chance(0.5):
            within = start(f"{name}ws") + second + end(f"{name}we") + chain(f"{name}ws", f"{name}v", f"{name}we")
            second, second_id = sub(f"{name}w", within), f"{name}w"
        else:
            second_id = f"{name}v"
        undoing = throw(f"{name}t", definition("compensate")) + end(f"{name}e") + chain(last, f"{name}t", f"{name}e")
        made = start(f"{name}s") + self.done(f"{name}u") + second + inner + undoing
        return sub(name, made, chain(f"{name}s", f"{name}u", second_id, first)), name, name

    def a_transaction(self, name: str, depth: int) -> Block:
        """What is done inside is undone when it is cancelled."""
        inner, first, last = self.block(depth)
        made = (
            start(f"{name}s") + self.done(f"{name}u") + inner + end(f"{name}e") + end(f"{name}f", definition("cancel"))
        )
        made += gateway("exclusive", f"{name}y", default=f"{name}yd") + chain(f"{name}s", f"{name}u", first)
        made += (
            chain(last, f"{name}y")
            + flow(f"{name}y", f"{name}e", id=f"{name}yd")
            + flow(f"{name}y", f"{name}f", self.test())
        )
        whole = element("transaction", name, made) + boundary(f"{name}b", name, definition("cancel"))
        whole += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}b", f"{name}m")
        return whole, name, f"{name}m"

    def a_ad_hoc(self, name: str, _: int) -> Block:
        parts = [f"{name}p{n}" for n in range(3)]
        made = user(parts[0]) + self.counts(parts[1]) + user(parts[2])
        chosen = self.random.sample(parts, self.random.randint(1, 3))
        listed = "=[" + ", ".join(f'"{part}"' for part in chosen) + "]"
        until = element("completionCondition", "", self.test().replace("<", "&lt;")) if self.chance(0.4) else ""
        order = self.random.choice(("Parallel", "Sequential"))
        said = extensions(zeebe("adHoc", activeElementsCollection=listed))
        return element("adHocSubProcess", name, said, made, until, ordering=order), name, name
