"""feelin, the browser's FEEL, asked beside ours: the same texts, the same contexts, answers that can be compared."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.decisions import model, read
from engine.decisions.reader import read_model
from engine.feel import Budget, FeelError, FeelSyntaxError, FeelValue, Function, Names, compile, compile_unary
from engine.feel.expression import KNOWN
from engine.feel.numbers import CONTEXT
from engine.feel.storage import dump, load
from tests.support.absent import lacking
from tests.support.decisions import NOW, entering

CHECKOUT = Path(__file__).parents[2]
PACKAGE = CHECKOUT / "jalon" / "browser" / "node_modules" / "feelin"
GENEROUS = Budget(steps=1_000_000, size=5_000_000, seconds=10)
CASES = 2
"""How many contexts of a kit's file are tried."""
ABSENT = object()
ERROR = "error"


@dataclass(frozen=True, slots=True)
class Question:
    """An expression, or a cell when it has an input; `context` as `engine.feel.storage` writes values."""

    text: str
    context: str = "{}"
    input: str = ""
    names: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        given = {"text": self.text, "context": json.loads(self.context)}
        return json.dumps(given | ({"input": json.loads(self.input)} if self.input else {}))


@dataclass(frozen=True, slots=True)
class Difference:
    """What ours and theirs answered; a text that fails is `error`."""

    question: Question
    ours: Any
    theirs: Any


def differences(questions: Iterable[Question]) -> list[Difference]:
    asked = list(dict.fromkeys(questions))
    pairs = zip(asked, map(ours, asked), theirs(asked), strict=True)
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def ours(question: Question) -> Any:
    context = entering_from(question.context)
    names = known(*every_name(context), *question.names)
    try:
        if question.input:
            tests = compile_unary(question.text, names)
            value = entering_from(question.input)
            return tests.accept(value, {**context, "?": value}, budget=GENEROUS, now=NOW)
        return plain(compile(question.text, names).evaluate(context, budget=GENEROUS, now=NOW))
    except (FeelSyntaxError, FeelError):
        return ERROR


def theirs(questions: list[Question]) -> list[Any]:
    """One Node process answers them all."""
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        lacking("feelin", "make bundles l’installe avec les paquets du navigateur")
    script = Path(__file__).with_suffix(".mjs")
    lines = "\n".join(question.line for question in questions)
    command = [node, str(script), str(PACKAGE / "dist" / "index.js")]
    ran = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=120)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    return [ERROR if "error" in answer else normal(answer["value"]) for answer in answers]


def version() -> str:
    return str(json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"])


# ---- values


def entering_from(kept: str) -> Any:
    return load(json.loads(kept))


def plain(value: FeelValue) -> Any:
    return normal(functions_named(value))


def functions_named(value: FeelValue) -> Any:
    """As `dump`, with a word for functions, which it refuses."""
    if isinstance(value, Function):
        return "function"
    if isinstance(value, list):
        return [functions_named(item) for item in value]
    if isinstance(value, dict):
        inside = {key: functions_named(item) for key, item in value.items()}
        return {"\\": inside} if len(inside) == 1 else inside
    return dump(value)


def normal(kept: Any) -> Any:
    """Numbers by their value, whatever way they are written."""
    if isinstance(kept, bool) or kept is None or isinstance(kept, str):
        return kept
    if isinstance(kept, int):
        return ("#", Decimal(kept))
    if isinstance(kept, list):
        return [normal(item) for item in kept]
    if kept.keys() == {"#"}:
        return ("#", CONTEXT.normalize(Decimal(kept["#"])))
    return {key: normal(item) for key, item in kept.items()}


@cache
def known(*names: str) -> Names:
    return Names(names, KNOWN)


def every_name(context: Any) -> Iterator[str]:
    if isinstance(context, list):
        for item in context:
            yield from every_name(item)
    elif isinstance(context, dict):
        for key, item in context.items():
            yield key
            yield from every_name(item)


# ---- the repository's own tables

LITERAL = re.compile(r'"[^"]*"|\d+(?:\.\d+)?|true|false')


def cell_questions(files: Iterable[Path]) -> Iterator[Question]:
    """Each cell of the decision tables, asked about all the values that its column names."""
    for file in files:
        for table in every_table(read_model(file.read_bytes())):
            for column in zip(*(rule.inputs for rule in table.rules), strict=True):
                values = {"null", *(value for cell in column for value in LITERAL.findall(cell))}
                yield from (Question(cell, input=value) for cell in {*column} - {""} for value in sorted(values))


def every_table(part: Any) -> Iterator[model.DecisionTable]:
    if isinstance(part, model.DecisionTable):
        yield part
    elif isinstance(part, tuple | dict):
        for item in part.values() if isinstance(part, dict) else part:
            yield from every_table(item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from every_table(getattr(part, field.name))


# ---- the kit


def kit_questions(kit: Path) -> Iterator[Question]:
    """Every literal expression and cell of the kit's files, in the contexts of their first test cases."""
    for file in sorted(kit.glob("TestCases/*/*/*.dmn")):
        content = file.read_bytes()
        written = read_model(content)
        names = tuple(element.name for element in written.elements.values())
        for context in contexts(kit, file, content):
            for text, input in texts(written, context):
                every = tuple(dict.fromkeys([*names, *every_name(context)]))
                read = {name: context[name] for name in reads(text, every) & context.keys()}
                yield Question(text, json.dumps(dump_known(read)), input, every)


def reads(text: str, names: tuple[str, ...]) -> frozenset[str]:
    """The variables of an expression: others could only hide built-in functions."""
    try:
        expression = compile(text, known(*names))
    except FeelSyntaxError:
        return frozenset()
    return expression.names | expression.possible_names


def contexts(kit: Path, file: Path, content: bytes) -> list[dict[str, Any]]:
    runner = kit_runner(kit)
    given = [
        {name: entering(value) for name, value in case["inputs"].items()}
        for tests in sorted(file.parent.glob("*.xml"))
        for case in runner.cases(tests)
        if Path(case["dmn"]) == file
    ]
    kept = list({json.dumps(dump_known(context), sort_keys=True): context for context in given}.values())[:CASES]
    return [context | decided(file, content, context) for context in kept or [{}]]


def decided(file: Path, content: bytes, context: dict[str, Any]) -> dict[str, Any]:
    """What the file's decisions answer, so that an expression finds the decisions that it reads."""
    decisions = read(content, [other.read_bytes() for other in file.parent.glob("*.dmn") if other != file])
    found: dict[str, Any] = {}
    for id_, name in decisions.names.items():
        try:
            value = decisions.evaluate(id_, context, strict=False, budget=GENEROUS, now=NOW).value
            dump(value)
        except FeelError:
            continue
        found[name] = value
    return found


def texts(part: Any, context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each text with the value of its input, if it is a cell, as JSON."""
    if isinstance(part, model.LiteralExpression) and part.text:
        yield part.text, ""
    elif isinstance(part, model.DecisionTable):
        yield from table_texts(part, context)
    elif isinstance(part, tuple):
        for item in part:
            yield from texts(item, context)
    elif isinstance(part, dict):
        for item in part.values():
            yield from texts(item, context)
    elif is_dataclass(part):
        for field in fields(part):
            yield from texts(getattr(part, field.name), context)


def table_texts(table: model.DecisionTable, context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    values = []
    for column in table.inputs:
        yield column.text, ""
        value = compile(column.text, known(*every_name(context))).evaluate(context, now=NOW)
        values.append(json.dumps(dump(value)))
    for rule in table.rules:
        yield from zip(rule.inputs, values, strict=True)
        yield from ((text, "") for text in rule.outputs if text)


def dump_known(context: dict[str, Any]) -> Any:
    return {key: dump(value) for key, value in context.items()}


@cache
def kit_runner(kit: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_tck", kit / "run_tck.py")
    runner = importlib.util.module_from_spec(spec)
    sys.modules["run_tck"] = runner
    spec.loader.exec_module(runner)
    return runner
