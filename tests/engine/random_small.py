"""Small blocks of random pathways: one activity or event, or a few that belong together."""

from tests.engine.random_parts import ERROR, ESCALATION, Block, Parts
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    element,
    end,
    gateway,
    many,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)


class Small(Parts):
    """One method for each kind."""

    def a_user(self, name: str, _: int) -> Block:
        return user(name, more=self.maps(name)), name, name

    def a_guarded(self, name: str, _: int) -> Block:
        return self.guarded(name, user(name, more=self.maps(name)), thrown=False)

    def a_script(self, name: str, _: int) -> Block:
        return self.counts(name), name, name

    def a_plain(self, name: str, _: int) -> Block:
        kind = self.random.choice(("task", "manualTask"))
        return element(kind, name, self.extended(self.maps(name))), name, name

    def a_throw(self, name: str, _: int) -> Block:
        if self.chance(0.6):
            self.kinds.add("multiple throw")
            return throw(name, self.signal() + ESCALATION), name, name
        return throw(name, self.signal()), name, name

    def a_timer(self, name: str, _: int) -> Block:
        return catch(name, timer("timeDuration", self.minutes())), name, name

    def a_message(self, name: str, _: int) -> Block:
        return catch(name, self.news(name)), name, name

    def a_several(self, name: str, _: int) -> Block:
        """Several events in one, beside some time: what is awaited may never come."""
        kinds, said = self.several(name)
        made = gateway("eventBased", name) + gateway("exclusive", f"{name}j") + catch(f"{name}c", kinds, **said)
        made += catch(f"{name}t", timer("timeDuration", self.minutes(60)))
        made += chain(name, f"{name}c", f"{name}j") + chain(name, f"{name}t", f"{name}j")
        if "parallelMultiple" in said or self.chance(0.5):
            return made, name, f"{name}j"
        return catch(name, kinds + timer("timeDate", "2026-12-24T09:00:00Z") * ("timer" not in kinds)), name, name

    def a_receive(self, name: str, _: int) -> Block:
        self.news(name)
        return element("receiveTask", name, messageRef=f"m_M{name}"), name, name

    def a_condition(self, name: str, _: int) -> Block:
        """A condition or, when it never turns true, some hours."""
        return self.either(name, self.condition(), timer("timeDuration", self.minutes(60)))

    def a_choose_event(self, name: str, _: int) -> Block:
        """A message, a signal or, when none comes, some time."""
        return self.either(name, self.news(name), self.signal(), timer("timeDuration", self.minutes(60)))

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
        """An activity gives several tokens, another takes several at a time; what is left goes on apart."""
        need, rounds = self.random.randint(1, 3), self.random.randint(1, 2)
        gives = {"completionQuantity": str(need * rounds)}
        parts = many("=[1, 2]", "it") if self.chance(0.3) else ""
        head = user(f"{name}g", parts, **gives) if self.chance(0.5) else element("task", f"{name}g", parts, **gives)
        tail = user(f"{name}t", startQuantity=str(need))
        made = start(f"{name}s") + head + tail + self.counts(f"{name}c") + end(f"{name}e")
        return sub(name, made, chain(f"{name}s", f"{name}g", f"{name}t", f"{name}c", f"{name}e")), name, name

    def a_turns(self, name: str, _: int) -> Block:
        """A standard loop."""
        until = element("loopCondition", "", f"=loopCounter &lt; {self.random.randint(0, 3)}")
        before = str(self.chance(0.5)).lower()
        top = {"loopMaximum": str(self.random.randint(1, 3))} if self.chance(0.5) else {}
        loop = element("standardLoopCharacteristics", "", until, testBefore=before, **top)
        return user(name, loop, more=self.maps(name)), name, name

    def a_fail(self, name: str, _: int) -> Block:
        made = service(name, "maybe") + boundary(f"{name}b", name, ERROR) + user(f"{name}u")
        made += gateway("exclusive", f"{name}m") + chain(name, f"{name}m") + chain(f"{name}b", f"{name}u", f"{name}m")
        return made, name, f"{name}m"
