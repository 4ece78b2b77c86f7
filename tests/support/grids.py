"""Decision tables of several columns, written short, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from tests.support.dmn import model, said


@dataclass(frozen=True)
class Input:
    """A column: the variable that it reads, its type and its allowed values."""

    name: str
    type: str = ""
    values: str = ""


def grid(
    inputs: Sequence[Input],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    values: str = "",
    default: str = "",
    elements: str = "",
) -> bytes:
    """A decision `d` with one table; the last cell of each rule is its answer. Rule `n` stands on line `n + 1`."""
    columns = "".join(
        f'<input id="i{place}" label={quoteattr(one.name)}><inputExpression typeRef="{one.type}">'
        f"<text>{escape(one.name)}</text></inputExpression>{said('inputValues', one.values)}</input>"
        for place, one in enumerate(inputs)
    )
    lines = "".join(f"\n{_rule(number, cells)}" for number, cells in enumerate(rules, 1))
    output = f'<output id="o" name="o">{said("outputValues", values)}{said("defaultOutputEntry", default)}</output>'
    logic = f'<decisionTable id="t" hitPolicy="{policy}">{columns}{output}{lines}</decisionTable>'
    return model(logic, elements=elements)


def _rule(number: int, cells: Sequence[str]) -> str:
    entries = "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells[:-1])
    return f'<rule id="r{number}">{entries}<outputEntry><text>{escape(cells[-1])}</text></outputEntry></rule>'
