"""French spaces: nothing that the product says to people breaks a line before « : » or inside « »."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from jinja2 import Environment

from jalon.typography import Spacing, spaced

ROOT = Path(__file__).parents[2]
ROOMS = ("admin", "base", "care", "engine", "inbox", "jalon", "pathways", "people", "webhooks")
TERMINAL = (
    "base/migrations/*", "base/settings.py", "care/sharing/visibility.py", "jalon/backup.py", "jalon/causes.py",
    "jalon/checkup.py", "jalon/cli*.py", "jalon/copies.py", "jalon/demo/load.py", "jalon/demo/sign_ins.py",
    "jalon/explaining.py", "jalon/given.py", "jalon/installation.py", "jalon/partner_call.py", "jalon/play*.py",
    "jalon/server.py", "jalon/shell.py", "jalon/start.py", "jalon/telling.py", "pathways/scenarios.py",
)  # fmt: skip
"""What whoever keeps a server reads on a terminal, which knows no other space."""
TEXT_MESSAGES = ("inbox/links/messages.py", "inbox/notices/sms.py")
"""U+00A0 is no character of a plain text message: with one, it costs twice."""
ELSEWHERE = (*TERMINAL, *TEXT_MESSAGES)


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Texts of a module with their lines, « … » for what is filled in; docstrings are for readers of the code."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def is_elsewhere(path: str) -> bool:
    return any(fnmatch(path, known) for known in ELSEWHERE)


def breaks(text: str) -> bool:
    """Whether a line could break where none should; what begins with a space goes on from something."""
    return spaced(f"…{text}") != f"…{text}"


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_says_holds_together(room: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in sorted((ROOT / room).rglob("*.py"))
        if not is_elsewhere(file.relative_to(ROOT).as_posix())
        for line, text in texts(file.read_text())
        if breaks(text)
    ]
    assert not found, "\n".join(["A space is U+00A0 before « : ; ? ! » and inside « »:", *found])


def test_the_search_finds_what_breaks_and_leaves_code_alone() -> None:
    assert [text for _, text in texts('"""Rien : rien."""\nSAID = f"Non {1} : « {2} »"')][:1] == ["Non … : « … »"]
    assert spaced("Qui ? « Moi » : oui ; 8:00 !") == "Qui\u00a0? «\u00a0Moi\u00a0»\u00a0: oui\u00a0; 8:00\u00a0!"
    assert breaks(" ; et trois autres")
    for code in ("name = ?", "tenant = :tenant", "a != b", "https://exemple.fr/?q=a"):
        assert spaced(code) == code


def test_a_template_is_spaced_and_what_it_is_given_is_left_as_it_was_written() -> None:
    page = Environment(autoescape=True, extensions=[Spacing]).from_string("« {{ said }} » : {{ 'oui ?' if said }}")
    assert page.render(said="12 : 30") == "«\u00a012 : 30\u00a0»\u00a0: oui\u00a0?"
