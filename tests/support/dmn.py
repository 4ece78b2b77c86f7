"""Small DMN files for tests."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:t" name="test" id="m">'


def model(logic: str = "", *, elements: str = "", requires: str = "") -> bytes:
    """One decision `d` around a logic, or any elements."""
    decision = f'<decision id="d" name="D"><variable name="D"/>{requires}{logic}</decision>' if logic else ""
    return f"{HEAD}{elements}{decision}</definitions>".encode()


def table(
    rules: Sequence[tuple[str, str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: str = "",
    default: str = "",
    allowed: str = "",
    input_type: str = "",
    type_: str = "",
) -> str:
    """A table of one input `n` and one output `o`."""
    shape = f' aggregation="{aggregation}"' if aggregation else ""
    lines = "\n".join(
        f'<rule id="r{number}"><inputEntry><text>{escape(cell)}</text></inputEntry>'
        f"<outputEntry><text>{escape(output)}</text></outputEntry></rule>"
        for number, (cell, output) in enumerate(rules, 1)
    )
    of_output = said("outputValues", values) + said("defaultOutputEntry", default)
    return f"""<decisionTable id="t" hitPolicy={quoteattr(policy)}{shape}>
      <input id="i"><inputExpression typeRef="{input_type}"><text>n</text></inputExpression>
        {said("inputValues", allowed)}</input>
      <output id="o" name="o" typeRef="{type_}">{of_output}</output>
      {lines}</decisionTable>"""


def said(tag: str, text: str) -> str:
    return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def grid(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: Sequence[str] = (),
    defaults: Sequence[str] = (),
) -> str:
    """A table of any number of inputs and outputs; a rule is its cells, then its outputs."""
    shape = f' aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(
        f'<input id="i{at}"><inputExpression><text>{escape(text)}</text></inputExpression></input>'
        for at, text in enumerate(inputs, 1)
    )
    answers = "".join(
        f'<output id="o{at}" name={quoteattr(name)}>{said("outputValues", values[at - 1] if values else "")}'
        f"{said('defaultOutputEntry', defaults[at - 1] if defaults else '')}</output>"
        for at, name in enumerate(outputs, 1)
    )
    lines = "\n".join(rule(at, cells, answers) for at, (cells, answers) in enumerate(rules, 1))
    return f'<decisionTable id="t" hitPolicy={quoteattr(policy)}{shape}>{columns}{answers}\n{lines}</decisionTable>'


def rule(number: int, cells: Sequence[str], outputs: Sequence[str]) -> str:
    tested = "".join(f"<inputEntry><text>{escape(text)}</text></inputEntry>" for text in cells)
    answered = "".join(f"<outputEntry><text>{escape(text)}</text></outputEntry>" for text in outputs)
    return f'<rule id="r{number}">{tested}{answered}</rule>'


def given(names: Sequence[str]) -> tuple[str, str]:
    """Input data, and what a decision says to require them."""
    data = "".join(
        f'<inputData id="in{at}" name={quoteattr(name)}><variable name={quoteattr(name)}/></inputData>'
        for at, name in enumerate(names, 1)
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#in{at}"/></informationRequirement>'
        for at in range(1, len(names) + 1)
    )
    return data, needs


def file(elements: str, *, namespace: str = "urn:t", name: str = "test", attributes: str = "") -> bytes:
    """A whole file of one's own elements."""
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="{namespace}" '
        f'name="{name}" {attributes}>{elements}</definitions>'
    ).encode()


def decision(id_: str, logic: str, *, name: str = "", requires: str = "", type_: str = "") -> str:
    shape = f' typeRef="{type_}"' if type_ else ""
    own = name or id_
    return f'<decision id="{id_}" name="{own}"><variable name="{own}"{shape}/>{requires}{logic}</decision>'


def input_data(id_: str, *, name: str = "", type_: str = "") -> str:
    shape = f' typeRef="{type_}"' if type_ else ""
    own = name or id_
    return f'<inputData id="{id_}" name="{own}"><variable name="{own}"{shape}/></inputData>'


def needs(**hrefs: str) -> str:
    """`needs(requiredInput="#i", requiredKnowledge="#b")`; several hrefs of one kind stand with a space between."""
    return "".join(
        f'<{RELATIONS[kind]}><{kind} href="{href}"/></{RELATIONS[kind]}>'
        for kind, found in hrefs.items()
        for href in found.split()
    )


RELATIONS = {
    "requiredInput": "informationRequirement",
    "requiredDecision": "informationRequirement",
    "requiredKnowledge": "knowledgeRequirement",
    "requiredAuthority": "authorityRequirement",
}
