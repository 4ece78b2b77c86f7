"""`jalon play`: a diagram in memory, told step by step, with answers taken line by line from the keyboard or a pipe."""

import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import click
import orjson

from base.clock import ManualClock, SystemClock
from base.errors import Invalid, JalonError, NotFound
from engine.definition import Definition
from engine.rehearsal import Rehearsal
from jalon.given import Values, read_values, said_values
from jalon.played_files import PlayedFiles, gather
from jalon.scratch import scratch_engine
from jalon.telling import Teller

COMMANDS = (
    'complete TÂCHE {"nom": valeur}, choose ACTIVITÉ, message NOM {"nom": valeur}, wait [P2D], show, variables, quit'
)


def play(file: Path, values: Path | None, process: str | None, message: str | None) -> None:
    """Play a file to its waiting points, then answer by answer; leaves with an error when it stays stuck."""
    played = gather(file)
    clock = ManualClock(SystemClock().now())
    definition = inspected(played, clock)
    chosen = choose_process(definition, played, process)
    start = choose_message(definition, chosen, message)
    given = {**played.parameters, **(read_values(values, clock.now()) if values else {})}
    rehearsal = scratch_engine(clock).play(definition, chosen, given, message=start, clock=clock)
    teller = Teller(rehearsal, click.echo)
    click.echo(f"{definition.process_name(chosen) or chosen} ({file.name}, processus {chosen})")
    teller.tell()
    listen(rehearsal, teller)
    if rehearsal.incidents() and not rehearsal.ended:
        raise click.ClickException("Le parcours reste bloqué.")


def inspected(played: PlayedFiles, clock: ManualClock) -> Definition:
    """The definition; every finding is said, and an error among them refuses it."""
    definition, findings = scratch_engine(clock).examine(played.files)
    for finding in findings:
        sign = "Erreur" if finding.severity == "error" else "Remarque"
        click.echo(f"{sign} : {finding}{f' {finding.hint}' if finding.hint else ''}", err=True)
    if definition is None:
        raise click.ClickException("Ce diagramme ne peut pas être joué : corrigez les erreurs ci-dessus.")
    return definition


def choose_process(definition: Definition, played: PlayedFiles, asked: str | None) -> str:
    """The process asked for, else the pathway's main one, else the only one of the file."""
    own = [key for key in definition.processes if any(one.file == played.main for one in definition.elements(key))]
    chosen = asked or played.process
    if chosen is None and len(own) == 1:
        return own[0]
    if chosen in definition.processes:
        return str(chosen)
    known = ", ".join(own or definition.processes)
    raise NotFound(f"Quel processus jouer ? Donnez --process, parmi : {known}.")


def choose_message(definition: Definition, process: str, asked: str | None) -> str | None:
    """The message asked for, else the only way in."""
    ways = [name for key, _, name in definition.starts() if key == process]
    if asked or not ways or None in ways:
        return asked
    if len(ways) == 1:
        return ways[0]
    raise NotFound(f"Par quel message commencer ? Donnez --message, parmi : {', '.join(str(way) for way in ways)}.")


def listen(rehearsal: Rehearsal, teller: Teller) -> None:
    """Take commands until the end of the run, of the input, or `quit`; a refused one says why and changes nothing."""
    prompts = sys.stdin.isatty()
    if prompts and not rehearsal.ended:
        click.echo(f"Que faire ? {COMMANDS}")
    while not rehearsal.ended:
        if prompts:
            click.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not line or line.strip() in ("quit", "quitter"):
            return
        if line.strip() and not line.startswith("#"):
            _obey(line.strip(), rehearsal, teller, strict=not prompts)


def _obey(line: str, rehearsal: Rehearsal, teller: Teller, *, strict: bool) -> None:
    """At a keyboard a mistake is said and forgotten; in a pipe it stops everything, or a script would play on askew."""
    word, _, rest = line.partition(" ")
    try:
        DEEDS.get(word, _unknown)(rehearsal, teller, rest.strip())
    except JalonError as error:
        if strict:
            raise
        click.echo(f"  {error.message}", err=True)


def _complete(rehearsal: Rehearsal, teller: Teller, rest: str) -> None:
    task, values = _target(rest, rehearsal.clock)
    rehearsal.complete(teller.task(task), values)
    teller.tell()


def _choose(rehearsal: Rehearsal, teller: Teller, rest: str) -> None:
    rehearsal.choose(_target(rest, rehearsal.clock)[0])
    teller.tell()


def _message(rehearsal: Rehearsal, teller: Teller, rest: str) -> None:
    name, values = _target(rest, rehearsal.clock)
    if not rehearsal.correlate(name, values):
        awaited = ", ".join(sorted({one.name for one in rehearsal.messages()})) or "aucun"
        raise NotFound(f"Le message « {name} » n’est pas attendu. Messages attendus : {awaited}.")
    teller.tell()


def _wait(rehearsal: Rehearsal, teller: Teller, rest: str) -> None:
    rehearsal.advance(rehearsal.calendar.add(rehearsal.clock.now(), rest) if rest else None)
    teller.tell()


def _show(_rehearsal: Rehearsal, teller: Teller, _rest: str) -> None:
    teller.show_waiting()


def _variables(rehearsal: Rehearsal, _teller: Teller, _rest: str) -> None:
    shown = orjson.dumps(rehearsal.variables, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=_plain)
    click.echo(shown.decode())


def _plain(value: object) -> object:
    """Exact numbers as JSON's."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _unknown(_rehearsal: Rehearsal, _teller: Teller, _rest: str) -> None:
    raise Invalid(f"Commande inconnue. Commandes : {COMMANDS}.")


def _target(rest: str, clock: ManualClock) -> tuple[str, Values]:
    """« TÂCHE {…} »: whom it is for, and the values."""
    name, _, text = rest.partition(" ")
    if not name:
        raise Invalid(f"Il manque un nom. Commandes : {COMMANDS}.")
    try:
        content = orjson.loads(text) if text.strip() else {}
    except orjson.JSONDecodeError as error:
        raise Invalid(f"Après « {name} », un objet JSON est attendu (colonne {error.colno}).") from error
    return name, said_values(content, clock.now(), name)


DEEDS: Mapping[str, Callable[[Rehearsal, Teller, str], None]] = {
    "complete": _complete,
    "choose": _choose,
    "message": _message,
    "wait": _wait,
    "show": _show,
    "variables": _variables,
}
