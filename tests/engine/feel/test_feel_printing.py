"""Parse, print, parse: the same tree."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from engine.feel import FeelSyntaxError, Names, compile, syntax
from engine.feel.cells import parse_tests
from engine.feel.expression import KNOWN
from engine.feel.parser import parse_expression
from engine.feel.printing import Printer, print_tree
from tests.support.absent import lacking
from tests.support.feel_texts import cells, shape, trees

ROOT = Path(__file__).parents[3]
KIT = ROOT.parent / "shared" / "dmn-tck"


@settings(max_examples=700, deadline=None)
@given(trees)
def test_a_tree_comes_back_from_its_text(tree):
    text = print_tree(tree, KNOWN)
    assert shape(parse_expression(text, KNOWN)) == shape(tree), text


@settings(max_examples=200, deadline=None)
@given(cells)
def test_a_cell_comes_back_from_its_text(cell):
    text = print_tree(cell, KNOWN)
    assert shape(parse_tests(text, KNOWN)) == shape(cell), text


def test_every_kind_of_node_is_printed():
    kinds = {kind for kind in vars(syntax).values() if isinstance(kind, type) and issubclass(kind, syntax.Node)}
    find = vars(Printer)["text"].dispatcher.dispatch
    assert {kind.__name__ for kind in kinds if find(kind) is find(syntax.Node)} == {"Node"}


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a+b))*c", "(a + b) * c"),
        ("a-(b-c)-d", "a - (b - c) - d"),
        ("- - a", "-(-a)"),
        ("-(5)**2", "-5 ** 2"),
        ("(-5)[1]", "(-5)[1]"),
        ("a or (b and c)", "a or b and c"),
        ("(a or b)and c", "(a or b) and c"),
        ("]1..5[", "(1..5)"),
        ("x in(<5,[1..2])", "x in (< 5, [1..2])"),
        ("x in (5)", "x in 5"),
        ("1+(if a then b else c)", "1 + (if a then b else c)"),
        ("(date) and time", "(date) and time"),
        ("(x.date)and(y)", "(x.date) and y"),
        ("{a-b:1,c:(a)-b}", '{"a-b": 1, c: (a) - b}'),
        ('{"âge":1.50}', "{âge: 1.50}"),
        ('"l\\u0027été\\n"', '"l\'été\\n"'),
        ('@"PT90M"', '@"PT1H30M"'),
        ("(x instance of list)<5", "(x instance of list) < 5"),
        ("f(x instance of context<a:number>)", "f(x instance of context<a: number>)"),
        ("for i in 1..n return partial", "for i in 1..n return partial"),
    ],
)
def test_the_canonical_text_has_no_parenthesis_too_many(text, canonical):
    assert compile(text).print() == canonical
    assert compile(canonical).print() == canonical


def test_known_names_are_kept_apart_from_what_only_looks_like_them():
    names = Names(["plan d'aide", "pré-requis"])
    assert compile("plan d'aide + (pré) - requis", names).print() == "plan d'aide + (pré) - requis"
    assert compile("(pré)-requis", names).print() == "(pré) - requis"


# ---- the texts of real files


def texts_of(path: Path) -> Iterator[str]:
    """What may be FEEL in a diagram, a form or a decision file."""
    if path.suffix == ".form":
        yield from strings(json.loads(path.read_text("utf-8")))
        return
    for element in etree.parse(path).iter(etree.Element):
        yield from (text.strip() for text in [element.text, *element.attrib.values()] if text and text.strip())


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value if isinstance(value, list) else value.values():
            yield from strings(item)


def trees_of(path: Path) -> Iterator[tuple[str, syntax.Node]]:
    """Each text of a file that the parser can read, as an expression or as a cell."""
    decisions = path.suffix == ".dmn"
    for text in texts_of(path):
        if not decisions and not text.startswith("="):
            continue
        for read in (parse_expression, parse_tests) if decisions else (parse_expression,):
            try:
                yield text, read(text.removeprefix("=") if not decisions else text, KNOWN)
            except FeelSyntaxError:
                continue


def check_files(paths: list[Path]) -> int:
    count = 0
    for path in paths:
        for text, tree in trees_of(path):
            read = parse_tests if isinstance(tree, syntax.Tests) else parse_expression
            assert shape(read(print_tree(tree, KNOWN), KNOWN)) == shape(tree), f"{path.name}: {text}"
            count += 1
    return count


def test_every_expression_of_the_pathways_comes_back_from_its_text():
    paths = [path for kind in ("bpmn", "dmn", "form") for path in sorted((ROOT / "bpmn").rglob(f"*.{kind}"))]
    assert check_files(paths) > 500


def test_every_expression_of_the_kit_comes_back_from_its_text():
    if not KIT.is_dir():
        lacking("Le jeu d’essai DMN de l’OMG", "le poser dans ../shared/dmn-tck")
    assert check_files(sorted(KIT.rglob("*.dmn"))) > 1_000
