"""Large blocks of random pathways: those that hold other blocks."""

from tests.engine.random_parts import ESCALATION, Block
from tests.engine.random_small import Small
from tests.support.models import (
    boundary,
    call,
    chain,
    definition,
    element,
    end,
    extensions,
    flow,
    gateway,
    io,
    many,
    process,
    script,
    start,
    sub,
    throw,
    user,
    zeebe,
)


class Large(Small):
    """One method for each kind."""

    def a_sequence(self, _: str, depth: int) -> Block:
        one, other = self.block(depth), self.block(depth)
        return one[0] + other[0] + chain(one[2], other[1]), one[1], other[2]

    # --- gateways ----------------------------------------------------------------------------------------------------

    def a_and(self, name: str, depth: int) -> Block:
        return self._branches("parallel", name, depth)

    def a_or(self, name: str, depth: int) -> Block:
        return self._branches("inclusive", name, depth)

    def a_xor(self, name: str, depth: int) -> Block:
        return self._branches("exclusive", name, depth)

    def _branches(self, kind: str, name: str, depth: int) -> Block:
        default = {"default": f"{name}d"} if kind != "parallel" else {}
        return self._spread(kind, name, depth, gateway(kind, name, **default), gateway(kind, f"{name}j"))

    def a_split(self, name: str, depth: int) -> Block:
        """Several flows out of an activity, some with a condition."""
        head = element("task", name, default=f"{name}d")
        return self._spread("inclusive", name, depth, head, gateway("inclusive", f"{name}j"))

    def a_complex(self, name: str, depth: int) -> Block:
        """As many of three branches as a key says, at least one; perhaps again, while a branch is still on its way."""
        enough = element("activationCondition", "", f"=activationCount >= {self.random.randint(1, 3)}")
        join = element("complexGateway", f"{name}j", enough)
        outside, self.overlap = self.overlap, True
        made = gateway("parallel", name) + join + "".join(self._branch(name, n, depth) for n in range(3))
        self.overlap = outside
        if self.chance(0.5):
            return made, name, f"{name}j"
        self.kinds.add("complex again")
        return self._twice(f"{name}w", made, name, f"{name}j")

    def _branch(self, name: str, n: int, depth: int) -> str:
        """A sub-process, so that rounds that overlap meet at the complex gateway alone."""
        inner, first, last = self.a_sub(f"{name}b{n}", depth - 1)
        return inner + chain(name, first) + chain(last, f"{name}j")

    def _spread(self, kind: str, name: str, depth: int, head: str, join: str) -> Block:
        made = head + join
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
        return self._twice(name, *self.block(depth))

    @staticmethod
    def _twice(name: str, inner: str, first: str, last: str) -> Block:
        made = start(f"{name}st") + gateway("exclusive", name) + inner
        made += script(f"{name}c", f"=if n{name} = null then 1 else n{name} + 1", f"n{name}") + end(f"{name}e")
        made += gateway("exclusive", f"{name}x") + chain(f"{name}st", name, first) + chain(last, f"{name}c", f"{name}x")
        made += flow(f"{name}x", name, f"=n{name} < 2") + flow(f"{name}x", f"{name}e", f"=n{name} >= 2")
        return sub(f"{name}s", extensions(io({f"n{name}": "=0"})), made), f"{name}s", f"{name}s"

    # --- scopes ------------------------------------------------------------------------------------------------------

    def a_many(self, name: str, depth: int) -> Block:
        until = f"=numberOfCompletedInstances >= {self.random.randint(1, 3)}" if self.chance(0.4) else None
        repeated = many("=[1, 2, 3]", "it", output=("res", "=it"), sequential=self.chance(0.5), until=until)
        if self.chance(0.3):
            return user(name, repeated, more=self.maps(name)), name, name
        return self._scope(name, depth, repeated)

    def a_sub(self, name: str, depth: int) -> Block:
        return self._scope(name, depth, "")

    def a_object(self, name: str, depth: int) -> Block:
        """A data object: what is counted in it ends with its sub-process."""
        inner, first, last = self.block(depth)
        made = (
            start(f"{name}s") + element("dataObject", f"v{name}c") + self.counts(f"{name}c") + user(f"{name}u") + inner
        )
        made += end(f"{name}e") + chain(f"{name}s", f"{name}c", first) + chain(last, f"{name}u", f"{name}e")
        mapped = extensions(io(outputs={f"o{name}": f"=v{name}c"})) if self.chance(0.5) else ""
        repeated = many("=[1, 2]", "it", sequential=True) if self.chance(0.3) else ""
        return sub(name, mapped, repeated, made), name, name

    def _scope(self, name: str, depth: int, more: str) -> Block:
        body = self._body(name, depth)
        return self.guarded(name, sub(name, self.extended(self.maps(name)), more, body), thrown=True)

    def _body(self, name: str, depth: int) -> str:
        """What stands in a sub-process or a called process."""
        inner, first, last = self.block(depth)
        inner += self.listeners(name)
        if self.chance(0.3):
            inner += throw(f"{name}X", ESCALATION) + chain(last, f"{name}X")
            last = f"{name}X"
        return start(f"{name}s") + inner + self.ends(name, last) + chain(f"{name}s", first)

    def a_call(self, name: str, depth: int) -> Block:
        called = self._process(f"{name}q", depth)
        if self.chance(0.4):
            self.kinds.add("dynamic call")
            called = (
                f'{self.test().replace("=", "=if ", 1)} then "{called}" else "{self._process(f"{name}r", depth - 1)}"'
            )
        kept = {"propagateAllChildVariables": "false"} if self.overlap or self.chance(0.2) else {}
        return self.guarded(name, call(name, called, self.maps(name), **kept), thrown=True)

    def _process(self, name: str, depth: int) -> str:
        self.processes.append(process(name, self._body(f"{name}_", depth)))
        return name

    # --- what can be undone ------------------------------------------------------------------------------------------

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
        made = start(f"{name}s") + self.done(f"{name}u") + inner + end(f"{name}e")
        made += end(f"{name}f", definition("cancel")) + gateway("exclusive", f"{name}y", default=f"{name}yd")
        made += chain(f"{name}s", f"{name}u", first) + chain(last, f"{name}y")
        made += flow(f"{name}y", f"{name}e", id=f"{name}yd") + flow(f"{name}y", f"{name}f", self.test())
        whole = element("transaction", name, made) + boundary(f"{name}b", name, definition("cancel"))
        whole += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}b", f"{name}m")
        return whole, name, f"{name}m"

    # --- ad-hoc sub-processes ----------------------------------------------------------------------------------------

    def a_ad_hoc(self, name: str, depth: int) -> Block:
        """An expression says what is to be done."""
        parts = [f"{name}p{n}" for n in range(3)]
        chosen = self.random.sample(parts, self.random.randint(1, 3))
        listed = "=[" + ", ".join(f'"{part}"' for part in chosen) + "]"
        return self._ad_hoc(name, depth, parts, extensions(zeebe("adHoc", activeElementsCollection=listed))), name, name

    def a_choice(self, name: str, depth: int) -> Block:
        """People of a lane say what is to be done, and when that is enough."""
        inside = f"{name}a"
        self.choices[inside] = [f"{inside}p{n}" for n in range(3)]
        made = self._ad_hoc(inside, depth, self.choices[inside], "")
        nodes = "".join(element("flowNodeRef", "", node) for node in (f"{name}s", inside, f"{name}e"))
        lane = element("laneSet", f"{name}l", element("lane", f"{name}n", nodes, name="Coordination"))
        made += start(f"{name}s") + end(f"{name}e") + chain(f"{name}s", inside, f"{name}e")
        return sub(name, lane, made), name, name

    def _ad_hoc(self, name: str, depth: int, parts: list[str], said: str) -> str:
        inner, first, last = self.block(depth - 1)
        third = sub(
            parts[2], start(f"{name}s"), inner, end(f"{name}e"), chain(f"{name}s", first), chain(last, f"{name}e")
        )
        made = user(parts[0]) + self.counts(parts[1]) + third + self.listeners(name)
        until = element("completionCondition", "", self.test().replace("<", "&lt;")) if self.chance(0.4) else ""
        order, rest = self.random.choice(("Parallel", "Sequential")), str(self.chance(0.5)).lower()
        return element("adHocSubProcess", name, said, made, until, ordering=order, cancelRemainingInstances=rest)
