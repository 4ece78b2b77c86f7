"""What the sources never do with a text from outside: run it, follow it as a name, trust it as a pattern."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ("base", "engine", "people", "care", "pathways", "webhooks", "inbox", "admin", "jalon")
EVALUATION = {"eval", "exec", "compile", "__import__", "globals", "locals", "delattr", "breakpoint", "input"}
BY_NAME = {
    "getattr",
    "setattr",
    "hasattr",
    "attrgetter",
    "methodcaller",
    "__getattribute__",
    "__setattr__",
    "__getattr__",
}
PATTERN_CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
FORMATTING = {"format", "format_map", "vformat"}
UNSAFE_MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "yaml",
    "dill",
    "code",
    "codeop",
    "importlib",
    "runpy",
    "imp",
    "builtins",
}
OWN_FIELDS = {  # these follow the names of the fields of a class of ours, written in the source
    "base/settings.py",
    "care/case/cases.py",
    "engine/elements/node.py",
    "engine/feel/dependencies.py",
    "engine/findings.py",
    "engine/openings.py",
    "inbox/api.py",
    "pathways/checks/manifest_words.py",
}
OWN_PATTERNS = {"webhooks/formats/section.py"}  # each format writes there the patterns of its own fields
OWN_TEMPLATES = {"admin/chronicle.py", "engine/refusals/rule.py", "jalon/sealed.py"}  # sentences of their tables


def sources() -> list[Path]:
    return [
        path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts
    ]


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in sources()}


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Each call, the name that is called, and that of what it is called on (`re` in `re.compile`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node, node.func.id, ""
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func.attr, node.func.value.id if isinstance(node.func.value, ast.Name) else "…"


def is_written(node: ast.expr | None) -> bool:
    """A text that stands in the source: a literal, a constant of the module, or several put together."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | bytes)
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.Subscript):
        return is_written(node.value)
    if isinstance(node, ast.BinOp):
        return is_written(node.left) and is_written(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(is_written(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values)
    return False


def own_names(tree: ast.AST) -> set[str]:
    """The names that a module imports or defines: those no longer mean Python's own."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    return imported | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def evaluations(tree: ast.AST) -> Iterator[str]:
    own = own_names(tree)
    for node, called, on in calls(tree):
        if called in EVALUATION and (on == "builtins" or (on == "" and called not in own)):
            yield f"{node.lineno}: {called}"


def unsafe_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (f"{node.lineno}: {name}" for name in names if name.partition(".")[0] in UNSAFE_MODULES)


def followed_names(tree: ast.AST) -> Iterator[str]:
    for node, called, on in calls(tree):
        place = 0 if called in ("attrgetter", "methodcaller") else 1
        if called in BY_NAME and not (len(node.args) > place and is_written(node.args[place])):
            yield f"{node.lineno}: {on}.{called}"


def outside_patterns(tree: ast.AST) -> Iterator[str]:
    for node, called, on in calls(tree):
        if on == "re" and called in PATTERN_CALLS and not is_written(node.args[0] if node.args else None):
            yield f"{node.lineno}: re.{called}"


def outside_templates(tree: ast.AST) -> Iterator[str]:
    for node, called, on in calls(tree):
        target = node.func.value if isinstance(node.func, ast.Attribute) else None
        template = node.args[0] if called == "vformat" and node.args else target
        if called in FORMATTING and on != "" and not is_written(template):
            yield f"{node.lineno}: {called}"
        if called == "Template":
            yield f"{node.lineno}: Template"


RULES = {
    "Python is evaluated": (evaluations, set()),
    "an unsafe module is imported": (unsafe_imports, set()),
    "a name that is no literal is followed": (followed_names, OWN_FIELDS),
    "a pattern that is no literal reaches Python's re": (outside_patterns, OWN_PATTERNS),
    "a text that is no literal is filled": (outside_templates, OWN_TEMPLATES),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_nowhere_in_the_product(rule: str) -> None:
    find, allowed = RULES[rule]
    found = {name: [*find(tree)] for name, tree in trees().items()}
    assert {name: lines for name, lines in found.items() if lines and name not in allowed} == {}
    assert {name for name in allowed if not found.get(name)} == set(), "no longer needs its exception"


@pytest.mark.parametrize(
    ("find", "bad", "good"),
    [
        (evaluations, "eval(text)", "from engine.feel import compile\ncompile(text)"),
        (evaluations, "compile(text, '', 'exec')", "evaluate(text)"),
        (unsafe_imports, "import pickle", "import json"),
        (unsafe_imports, "from importlib import import_module", "from engine import feel"),
        (followed_names, "getattr(value, name)", "getattr(value, 'line', 0)"),
        (followed_names, "object.__getattribute__(value, name)", "value.name"),
        (outside_patterns, "re.compile(text)", "re.compile(rf'{PART}+' + END)"),
        (outside_patterns, "re.sub(pattern, 'a', text)", "re.sub(r'a', by, text)"),
        (outside_patterns, "re.search(f'{name}', text)", "re2.compile(text)"),
        (outside_templates, "text.format(name=1)", "'{name}'.format(name=1)"),
        (outside_templates, "Template(text)", "TEXTS[code].format(name=1)"),
    ],
)
def test_a_rule_finds_what_it_forbids_and_lets_pass_the_rest(find, bad: str, good: str) -> None:
    assert list(find(ast.parse(bad)))
    assert not list(find(ast.parse(good)))


def test_only_one_module_hands_patterns_to_a_regular_expression_engine() -> None:
    users = {str(path.relative_to(ROOT)) for path in sources() if "re2.compile" in path.read_text("utf-8")}
    assert users == {"engine/feel/patterns/linear.py"}
