"""The shape of the repository: names, tables of modules, and what no committed file may hold."""

import importlib
import pkgutil
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from jalon.schema import TABLE_MODULES, metadata

ROOT = Path(__file__).parents[1]
OURS = ("base", "engine", "people", "care", "pathways", "webhooks", "inbox", "admin", "jalon", "bpmn")
LISTED_FOLDERS = ("engine.elements", "pathways.checks", "pathways.operations", "webhooks.formats")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|tmp/jalon)(?:/|\b)(?!\.\.\.)")
ADDRESSES = re.compile(r"https?://[^\s\"]*(?:pypi|npm|registry)[^\s\"]*|\"resolved\"|--index-url")
TEXTS = {".py", ".md", ".toml", ".html", ".js", ".mjs", ".json", ".css", ".bpmn", ".dmn", ".form", ".svg", ".lock", ""}


def committed_texts() -> Iterator[tuple[str, str]]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listing.split("\0")):
        path = ROOT / name
        if path.suffix in TEXTS and path.is_file():
            yield name, path.read_text("utf-8", "replace")


def test_no_other_installed_distribution_claims_one_of_our_names() -> None:
    claims = defaultdict(set)
    for distribution in distributions():
        name = distribution.metadata["Name"]
        for line in (distribution.read_text("RECORD") or "").splitlines():
            claims[line.partition(",")[0].partition("/")[0].removesuffix(".py")].add(name)
    assert {ours: sorted(claims[ours] - {"jalon"}) for ours in OURS if claims[ours] - {"jalon"}} == {}


def test_every_module_of_tables_is_known_to_the_schema() -> None:
    files = (path for name in OURS for path in (ROOT / name).rglob("*tables.py") if "metadata" in path.read_text())
    found = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    assert found == {module.__name__ for module in TABLE_MODULES}


def test_every_row_of_every_table_begins_with_its_tenant() -> None:
    assert [table.name for table in metadata.sorted_tables if next(iter(table.columns)).name != "tenant"] == []


def test_no_committed_file_names_a_path_of_somebody_s_machine() -> None:
    found = [(name, match[0]) for name, text in committed_texts() if (match := MACHINE_PATHS.search(text))]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "jalon/browser/package-lock.json"])
def test_a_lock_names_no_registry(name: str) -> None:
    assert ADDRESSES.findall((ROOT / name).read_text()) == []


@pytest.mark.parametrize("folder", LISTED_FOLDERS)
def test_every_module_of_a_listed_folder_is_in_its_table_or_serves_one_that_is(folder: str) -> None:
    package = importlib.import_module(folder)
    modules = {name for _, name, _ in pkgutil.iter_modules(package.__path__)}
    texts = {path.stem: path.read_text() for path in Path(next(iter(package.__path__))).glob("*.py")}

    def is_named(module: str) -> bool:
        return any(re.search(rf"\b{module}\b", text) for stem, text in texts.items() if stem != module)

    assert [name for name in sorted(modules - {"table"}) if not is_named(name)] == []
