"""What stands in deploy/: every setting is told, systemd takes every unit, every command is the program's."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from dataclasses import MISSING, fields
from pathlib import Path

import click
import pytest

from base import migrations
from base.settings import SECRETS as SECRET_NAMES
from base.settings import Settings
from jalon import security
from jalon.cli import cli
from people.directory import imports
from tests.support.keys import SECRETS

FOLDER = Path(__file__).parents[2] / "deploy"
UNITS = sorted((FOLDER / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROJECT = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
SETTING = re.compile(r"^(#?)(JALON_[A-Z_]+)=(.*)$", re.MULTILINE)
PROGRAM = "/opt/jalon/bin/jalon"
HARDENED = {
    "User": "jalon", "NoNewPrivileges": "true", "ProtectSystem": "strict", "ProtectHome": "true", "PrivateTmp": "true",
    "CapabilityBoundingSet": "",
}  # fmt: skip


def told() -> dict[str, tuple[bool, str]]:
    """Setting -> (whether it is only a default, value)."""
    found = SETTING.findall((FOLDER / "jalon.env").read_text("utf-8"))
    assert len({name for _, name, _ in found}) == len(found)
    return {name: (mark == "#", value) for mark, name, value in found}


def field_of(name: str) -> str:
    """The field of `Settings` that a line gives, itself or by a file."""
    plain = name.removeprefix("JALON_").lower()
    return plain.removesuffix("_file") if plain.removesuffix("_file") in SECRET_NAMES else plain


def unit(path: Path) -> ConfigParser:
    """As systemd reads it, but that a name given twice counts once."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text("utf-8"))
    return parser


def test_every_setting_is_told_and_no_other() -> None:
    names = {f"JALON_{one.name.upper()}{'_FILE' if one.name in SECRET_NAMES else ''}" for one in fields(Settings)}
    assert set(told()) == names


def test_a_default_that_is_shown_is_the_programs() -> None:
    shown = {field_of(name): value for name, (default, value) in told().items() if default}
    plain = {"": "", "True": "1", "False": "0", "None": ""}
    defaults = {one.name: str(one.default) for one in fields(Settings) if one.default is not MISSING}
    assert shown == {name: plain.get(defaults[name], defaults[name]) for name in shown}
    assert len(shown) >= 10


def test_the_settings_load_with_their_secrets_in_files(tmp_path: Path) -> None:
    given = {**SECRETS, "JALON_DATABASE_URL": "postgresql://jalon@localhost/jalon"}
    environ = {name: value for name, (default, value) in told().items() if not default}
    for name, value in environ.items():
        if name.endswith("_FILE"):
            environ[name] = str(tmp_path / Path(value).name)
            Path(environ[name]).write_text(given[name.removesuffix("_FILE")] + "\n")
    loaded = Settings.load(environ)
    assert (loaded.public_url, loaded.tenant, loaded.demo) == ("https://jalon.example.fr", "cpts", False)


def commands() -> list[tuple[str, list[str]]]:
    """(file, arguments) of every call of the program in the units, the image and compose."""
    lines = [(path.name, unit(path)["Service"].get(key)) for path in SERVICES for key in ("ExecStart", "ExecStartPre")]
    found = [(name, shlex.split(line)) for name, line in lines if line is not None]
    called = [(name, words[1:]) for name, words in found if words[0] == PROGRAM]
    assert len(called) == len(found)
    for name in ("Containerfile", "compose.yaml"):
        lists = re.findall(r'(?m)^(?:CMD|\s+command:) \["jalon", ([^\]]*)\]$', (FOLDER / name).read_text("utf-8"))
        called += [(name, shlex.split(words.replace(",", " "))) for words in lists]
    return called


def test_every_command_is_one_of_the_program() -> None:
    assert {name for name, _ in commands()} == {*(path.name for path in SERVICES), "Containerfile", "compose.yaml"}
    for name, words in commands():
        command: click.Command | None = cli
        for word in words:
            assert isinstance(command, click.Group), (name, words)
            command = command.get_command(click.Context(command), word)
            assert command is not None, (name, words)
        assert not isinstance(command, click.Group), (name, words)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_every_service_runs_with_few_rights_and_secrets_in_files(path: Path) -> None:
    service = unit(path)["Service"]
    assert {name: service[name] for name in HARDENED} == HARDENED
    assert service["EnvironmentFile"] == "/etc/jalon/jalon.env"
    assert "Environment" not in service


def test_a_service_has_longer_to_stop_than_its_requests_and_jobs() -> None:
    for name in ("jalon-web.service", "jalon-worker@.service"):
        assert int(unit(FOLDER / "systemd" / name)["Service"]["TimeoutStopSec"]) == 30
    assert (FOLDER / "compose.yaml").read_text("utf-8").count("stop_grace_period: 30s") == 2


def test_a_service_is_started_again_for_as_long_as_its_database_is_away() -> None:
    for name in ("jalon-web.service", "jalon-worker@.service"):
        told = unit(FOLDER / "systemd" / name)
        assert (told["Service"]["Restart"], told["Unit"]["StartLimitIntervalSec"]) == ("always", "0")


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    """With the program where it is here; a machine without systemd reads them all the same."""
    program = Path(sys.executable).with_name("jalon")
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text("utf-8").replace(PROGRAM, str(program)))
        assert unit(path).sections()
    analyze = shutil.which("systemd-analyze")
    if analyze is not None:
        files = [str(tmp_path / path.name) for path in UNITS]
        done = subprocess.run([analyze, "verify", "--man=no", *files], capture_output=True, text=True, timeout=60)
        complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "jalon" in line]
        assert complaints == []


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    lines = (FOLDER / "Containerfile").read_text("utf-8").splitlines()
    last = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM")) :]
    assert any(re.fullmatch(r"USER [1-9]\d+", line) for line in last)
    assert any(line.startswith("HEALTHCHECK") for line in last)
    assert sum(line.startswith("FROM") for line in lines) == 2


def test_what_the_image_is_built_by_is_there() -> None:
    """Nobody builds it in a test: what its lines name is looked up instead."""
    root, text = FOLDER.parent, (FOLDER / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    steps = [shlex.split(step) for line in re.findall(r"(?m)^RUN (.*)$", text) for step in re.split("&&|;", line)]
    targets = [step[1] for step in steps if step[0] == "make"]
    makefile = (root / "Makefile").read_text("utf-8")
    assert targets == ["bundles"]
    assert all(re.search(rf"(?m)^{target}:", makefile) for target in targets)
    locked = set(re.findall(r"(?m)^([\w.-]+)==", (root / "requirements.lock").read_text("utf-8")))
    (dropped,) = [{word for word in step[4:] if word[0] != "-"} for step in steps if step[2:4] == ["pip", "uninstall"]]
    assert dropped <= locked
    required = {name.partition(">")[0].partition("=")[0] for name in PROJECT["build-system"]["requires"]}
    assert required <= locked, "the wheel is built without the network's help"
    assert len(set(re.findall(r"(?m)^FROM (\S+)", text))) == 1, "what was built for one image would not run on another"
    python = re.search(r"python:(\d+\.\d+)", text)
    assert python is not None
    assert PROJECT["project"]["requires-python"] == f">={python[1]}"
    ignored = (FOLDER / "Containerfile.dockerignore").read_text("utf-8").split()
    assert {".git", ".venv", "deploy/secrets"} <= set(ignored)
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert not {*packages, "Makefile", "requirements.lock", "pyproject.toml"} & set(ignored)


def test_address_and_health_are_the_same_everywhere() -> None:
    defaults = {one.name: one.default for one in fields(Settings)}
    image, compose = ((FOLDER / name).read_text("utf-8") for name in ("Containerfile", "compose.yaml"))
    nginx = (FOLDER / "nginx.conf").read_text("utf-8")
    port = defaults["port"]
    (socket,) = [unit(path)["Socket"]["ListenStream"] for path in UNITS if path.suffix == ".socket"]
    assert socket == f"127.0.0.1:{port}"
    assert f"EXPOSE {port}" in image
    assert f"http://127.0.0.1:{port}/health" in image
    assert f'ports: ["127.0.0.1:{port}:{port}"]' in compose
    assert re.findall(r"(?m)^    server (\S+)", nginx) == [socket]


def test_the_proxy_lets_through_what_the_program_takes() -> None:
    nginx = (FOLDER / "nginx.conf").read_text("utf-8")
    common, imports_ = (int(size) * 1024**2 for size in re.findall(r"client_max_body_size (\d+)m;", nginx))
    assert common >= max(security.MAX_BODY, security.MAX_UPLOAD)
    assert imports_ >= imports.LARGEST
    (place,) = re.findall(r"location ~ (\S+) {", nginx)
    assert all(re.search(place, address) for address in ("/annuaire/imports", "/api/directory/imports"))


def test_compose_gives_every_secret_and_no_password() -> None:
    text = (FOLDER / "compose.yaml").read_text("utf-8")
    files = {Path(value).name for name, (default, value) in told().items() if not default and "_FILE" in name}
    assert {name for name in files if f"{{source: {name}, target: /etc/jalon/{name}}}" in text} == files
    assert not re.search(r"(?i)(password|secret|key): *[^\s/\[{&*][^\s/]*$", text, re.MULTILINE)


def test_the_guide_says_of_each_migration_whether_the_older_program_may_go_on() -> None:
    guide = (FOLDER.parent / "docs" / "deployment.md").read_text("utf-8")
    said = dict(re.findall(r"(?m)^\| `(\d{4}_\w+)` \| (beside|alone) \|", guide))
    assert set(migrations.versions()[1:]) <= said.keys()
