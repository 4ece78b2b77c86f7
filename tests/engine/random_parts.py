"""What the blocks of random pathways share: chance, tests, events and what hangs on an activity or a scope."""

import random

from tests.support.models import (
    chain,
    definition,
    element,
    end,
    extensions,
    flow,
    gateway,
    io,
    script,
    sub,
    timer,
    user,
)

KEYS = ("k0", "k1", "k2", "k3")
Block = tuple[str, str, str]
"""(XML, first id, last id)"""
Events = tuple[str, dict[str, str]]
"""(event definitions, attributes of the event that has them)"""
ERROR, ESCALATION = definition("error", "E"), definition("escalation", "X")


class Parts:
    """Small pieces; what is made is noted in `kinds`."""

    def __init__(self, chance: int | random.Random) -> None:
        self.random = random.Random(chance) if isinstance(chance, int) else chance
        self.count = 0
        self.overlap = False  # rounds of a loop may overlap: a call that brings back all it was told would lose count
        self.processes: list[str] = []
        self.messages: list[str] = []
        self.choices: dict[str, list[str]] = {}
        self.kinds: set[str] = set()

    def block(self, depth: int) -> Block:
        raise NotImplementedError

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def test(self) -> str:
        return f"={self.random.choice(KEYS)} {self.random.choice('<>=')} {self.random.randint(0, 3)}"

    def minutes(self, least: int = 1) -> str:
        """Hardly ever the same twice."""
        return f"PT{self.random.randint(least, 100 * least)}M"

    def news(self, name: str) -> str:
        if f"M{name}" not in self.messages:
            self.messages.append(f"M{name}")
        return definition("message", f"m_M{name}")

    def signal(self) -> str:
        return definition("signal", f"S{self.random.randint(0, 1)}")

    def condition(self) -> str:
        said = self.test().replace("<", "&lt;")
        return element("conditionalEventDefinition", "", element("condition", "", said))

    @staticmethod
    def counts(name: str) -> str:
        return script(name, f"=if v{name} = null then 1 else v{name} + 1", f"v{name}")

    def maps(self, name: str, *, inputs: bool = True) -> str:
        """Perhaps mappings: a key of its own going in, a variable or a key coming out."""
        given = {self.random.choice(KEYS): f"={self.random.randint(0, 3)}"} if inputs and self.chance(0.2) else {}
        taken = {}
        if self.chance(0.25):
            target = f"o{name}" if self.chance(0.7) else self.random.choice(KEYS)
            taken = {target: f"={self.random.choice(KEYS)}"}
            self.kinds.add("output mapping")
        return io(given, taken) if given or taken else ""

    # --- events ------------------------------------------------------------------------------------------------------

    def awaited(self, name: str, least: int) -> dict[str, str]:
        """One event definition of each kind that can be waited for anywhere."""
        return {
            "message": self.news(name),
            "signal": self.signal(),
            "timer": timer("timeDuration", self.minutes(least)),
            "conditional": self.condition(),
        }

    def several(self, name: str, least: int = 30) -> Events:
        """A multiple or a parallel multiple event."""
        together = self.chance(0.5)
        self.kinds.add("parallel multiple" if together else "multiple")
        kinds = self.random.sample(list(self.awaited(name, least).values()), self.random.randint(2, 3))
        return "".join(kinds), {"parallelMultiple": "true"} if together else {}

    def listeners(self, name: str) -> str:
        """Perhaps an event sub-process."""
        if not self.chance(0.4):
            return ""
        stops = self.chance(0.4)
        kinds = [self.several(f"{name}H", 60)] * 2 + [(self.random.choice((ERROR, ESCALATION, ESCALATION)), {})]
        kinds += [(one, {}) for one in self.awaited(f"{name}H", 60).values()]
        kind, said = self.random.choice(kinds)
        if "conditional" in kind:
            self.kinds.add("conditional event sub-process")
        said["isInterrupting"] = str(stops or kind == ERROR).lower()
        body = element("startEvent", f"{name}H_start", kind, **said)
        body += self.counts(f"{name}Hc") + user(f"{name}Hu") + end(f"{name}He")
        return sub(
            f"{name}H", body, chain(f"{name}H_start", f"{name}Hc", f"{name}Hu", f"{name}He"), triggeredByEvent="true"
        )

    def guarded(self, name: str, made: str, *, thrown: bool) -> Block:
        """An activity, perhaps with a boundary event; `thrown`: something inside may throw."""
        caught = self.random.choice(("nothing", "interrupts", "goes on"))
        if caught == "nothing":
            return made, name, name
        made += self._boundary(name, caught == "interrupts", thrown)
        if caught == "goes on":
            return made + chain(f"{name}bc", f"{name}be") + end(f"{name}be"), name, name
        made += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}bc", f"{name}m")
        return made, name, f"{name}m"

    def _boundary(self, name: str, cancels: bool, thrown: bool) -> str:
        kinds: list[Events] = [(one, {}) for one in self.awaited(f"{name}b", 30).values()]
        kinds += [self.several(f"{name}b")] * 2
        kinds += [(ESCALATION, {})] * 3 * thrown + [(ERROR, {})] * (thrown and cancels)
        kinds += [] if cancels else [(timer("timeCycle", f"R2/{self.minutes(30)}"), {})]
        kind, said = self.random.choice(kinds)
        if "conditional" in kind:
            self.kinds.add("conditional boundary")
        said = {**said, "attachedToRef": name, "cancelActivity": str(cancels).lower()}
        return (
            element("boundaryEvent", f"{name}b", kind, **said)
            + self.counts(f"{name}bc")
            + chain(f"{name}b", f"{name}bc")
        )

    def ends(self, name: str, last: str) -> str:
        """One end, or a choice between two of which one throws or stops everything."""
        if not self.chance(0.4):
            return end(f"{name}e") + chain(last, f"{name}e")
        kind = self.random.choice(
            (definition("terminate"), ESCALATION, self.signal(), ERROR, ESCALATION + self.signal())
        )
        made = gateway("exclusive", f"{name}y", default=f"{name}yd") + end(f"{name}e") + end(f"{name}f", kind)
        made += chain(last, f"{name}y") + flow(f"{name}y", f"{name}e", id=f"{name}yd")
        return made + flow(f"{name}y", f"{name}f", self.test())

    def done(self, name: str) -> str:
        """Something that was done and can be undone, by a person or at once."""
        handler = user(f"{name}h", isForCompensation="true")
        if self.chance(0.5):
            handler = self.counts(f"{name}h").replace(f'id="{name}h"', f'id="{name}h" isForCompensation="true"')
        event = element("boundaryEvent", f"{name}cb", definition("compensate"), attachedToRef=name)
        said = {"sourceRef": f"{name}cb", "targetRef": f"{name}h", "associationDirection": "One"}
        return user(name) + event + handler + element("association", f"{name}a", **said)

    @staticmethod
    def extended(*parts: str) -> str:
        return extensions(*parts) if any(parts) else ""
