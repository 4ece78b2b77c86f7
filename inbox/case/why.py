"""Why a decision came out as it did: the values it read, the rule that applied, the cells that refused the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from base.errors import JalonError
from engine.decided import again
from engine.decisions import RuleTrace, TableTrace
from engine.definition import Definition
from engine.engine import Engine
from engine.feel import FeelValue, from_feel
from engine.migration import followed
from engine.pictures import Entry
from inbox import vocabulary
from inbox.case.cells import answered, spoken
from inbox.case.values import readable

ANYTHING = ("", "-")
SHOWN = 30
UNSEEN = "Non lue : une règle avant elle a répondu.", "Non lues : une règle avant elles a répondu."


@dataclass(frozen=True)
class Line:
    """A rule of the table; `state` is fired, refused or unseen (an earlier rule had answered)."""

    rule: str
    state: str
    conditions: Sequence[str]
    answer: str
    note: str = ""


@dataclass(frozen=True)
class Board:
    """One table: what it read, what it answered, and its rules, those that applied first."""

    title: str
    values: Sequence[tuple[str, str]]
    answer: str
    lines: Sequence[Line]


def explained(
    engine: Engine, session: Session, history: Sequence[Entry], digest: str
) -> Callable[[Entry], Sequence[Board]]:
    """What explains each entry of a run that now follows `digest`: the files that it followed then."""
    return lambda entry: boards(engine, engine.definition(session, followed(history, entry, digest)), entry)


def boards(engine: Engine, definition: Definition, entry: Entry) -> list[Board]:
    """The tables that a journalled decision passed, its own before those that it asked; none when the journal of an
    older program does not keep enough."""
    if entry.kind != "decision_made":
        return []
    try:
        model = definition.model(str(entry.detail.get("decision")))
        found = again(model, entry, engine.environment.calendar)
    except JalonError:
        return []
    return [_board(table, model.names.get(table.table) or table.table) for table in reversed(found.trace)]


def _board(table: TableTrace, title: str) -> Board:
    values = [(label, readable(from_feel(value))) for label, value in table.inputs]
    return Board(title, values, _answer(table.output), list(_lines(table)))


def _lines(table: TableTrace) -> Iterator[Line]:
    rules = table.rules
    yield from (_fired(rule, table) for rule in rules if rule.matched)
    refused = [rule for rule in rules if rule.matched is False]
    yield from (_refused(rule) for rule in refused[:SHOWN])
    yield from _left_out(refused[SHOWN:], ("Refusée elle aussi.", "Refusées elles aussi."))
    yield from _left_out([rule for rule in rules if rule.matched is None], UNSEEN)


def _fired(rule: RuleTrace, table: TableTrace) -> Line:
    cells = table.source.rules[rule.number - 1].inputs
    asked = [spoken(label, cell) for (label, _), cell in zip(table.inputs, cells, strict=False) if cell not in ANYTHING]
    return Line(f"Règle {rule.number}", "fired", asked or ["Dans tous les cas"], _written(rule), rule.annotation)


def _refused(rule: RuleTrace) -> Line:
    asked = [spoken(cell.label, cell.cell) for cell in rule.refused]
    return Line(f"Règle {rule.number}", "refused", asked, _written(rule), rule.annotation)


def _left_out(rules: Sequence[RuleTrace], words: tuple[str, str]) -> Iterator[Line]:
    """Several rules in one line, told in the singular or the plural."""
    if not rules:
        return
    one, several = words
    first, last = rules[0].number, rules[-1].number
    name, why = (f"Règles {first} à {last}", several) if last > first else (f"Règle {first}", one)
    yield Line(name, "unseen", [why], "")


def _written(rule: RuleTrace) -> str:
    """What a rule answers, as its cells write it."""
    return ", ".join(answered(text) for text in rule.outputs if text not in ANYTHING)


def _answer(value: FeelValue) -> str:
    plain = from_feel(value)
    if isinstance(plain, dict):
        return ", ".join(f"{vocabulary.key(name)} : {readable(one)}" for name, one in plain.items())
    return readable(plain)
