"""The measured pathways, each as text for our engine (FEEL) and for plain SpiffWorkflow (Python)."""

from tests.support.models import (
    call,
    chain,
    document,
    element,
    end,
    extensions,
    flow,
    gateway,
    many,
    process,
    start,
    sub,
    user,
    zeebe,
)


def task(name: str, ours: bool, loop: str = "") -> str:
    return user(name, loop, role="infirmier") if ours else element("userTask", name, loop)


def count(name: str, ours: bool) -> str:
    if ours:
        return element("scriptTask", name, extensions(zeebe("script", expression="=n + 1", resultVariable="n")))
    return element("scriptTask", name, element("script", "", "n = n + 1"))


def condition(text: str, ours: bool) -> str:
    return f"={text}" if ours else text


def thirty_nodes(*, ours: bool) -> bytes:
    return blocks(4, ours=ours)


def hundred_nodes(*, ours: bool) -> bytes:
    """102 nodes: `sortie-hospitalisation` has 104, `post-avc` 118."""
    return blocks(16, ours=ours)


def blocks(number: int, *, ours: bool) -> bytes:
    """So many times a task, a calculation and a choice between two more; then two tasks side by side."""
    made, last = start("start"), "start"
    for n in range(number):
        names = [f"{kind}{n}" for kind in ("task", "count", "choice", "left", "right", "meet")]
        asked, counted, choice, left, right, meet = names
        made += task(asked, ours) + count(counted, ours) + gateway("exclusive", choice, default=f"d{n}")
        made += count(left, ours) + count(right, ours) + gateway("exclusive", meet)
        made += chain(last, asked, counted, choice) + flow(choice, left, condition("n > 2", ours))
        made += flow(choice, right, id=f"d{n}") + chain(left, meet) + chain(right, meet)
        last = meet
    made += gateway("parallel", "both") + task("one", ours) + task("other", ours) + gateway("parallel", "again")
    made += chain(last, "both", "one", "again", "end") + chain("both", "other", "again") + end("end")
    return document(process("p", made))


def endless(*, ours: bool) -> bytes:
    """A task that comes back again and again."""
    return document(process("p", turning(ours=ours)))


def endless_within() -> bytes:
    """The same in a sub-process of a called process."""
    called = process("q", start("s"), sub("inner", turning(ours=True)), end("e"), chain("s", "inner", "e"))
    return document(
        process("p", start("begin"), call("called", "q"), end("stop"), chain("begin", "called", "stop")), called
    )


def turning(*, ours: bool) -> str:
    made = start("start") + gateway("exclusive", "in") + task("ask", ours) + count("count", ours) + end("end")
    made += gateway("exclusive", "out", default="back") + chain("start", "in", "ask", "count", "out")
    return made + flow("out", "end", condition("n < 0", ours)) + flow("out", "in", id="back")


def side_by_side(turns: int, *, ours: bool) -> bytes:
    """So many tasks at once."""
    loop = many(f"=for i in 1..{turns} return i", "it", output=("results", "=it"))
    if not ours:
        loop = element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", str(turns)))
    made = start("start") + task("ask", ours, loop) + end("end") + chain("start", "ask", "end")
    return document(process("p", made))
