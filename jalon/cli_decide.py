"""`jalon decide`: one decision of a DMN file, with which rule applied and why the others did not."""

from collections.abc import Iterable
from pathlib import Path

import click

from base.clock import SystemClock
from base.errors import NotFound, PathwayError
from engine import decisions
from engine.decisions import DecisionError, Decisions, Evaluation
from engine.feel import from_feel
from jalon import shell
from jalon.cli_feel import as_plain, written
from jalon.explaining import explained
from jalon.given import read_values
from pathways.library import LARGEST_FILE


@click.command("decide", cls=shell.Command)
@click.argument("file", type=click.Path(path_type=Path), metavar="FICHIER.dmn")
@click.argument("decision", required=False, metavar="[DÉCISION]")
@click.option("--input", "place", type=click.Path(path_type=Path), metavar="x.json",
              help="Les données d’entrée : un objet JSON, ou « - » pour l’entrée standard.")  # fmt: skip
@click.option("--explain", is_flag=True, help="Montrer chaque table : les valeurs lues, la règle retenue, les refus.")
@click.option("--json", "as_json", is_flag=True, help="Répondre en JSON.")
def decide_command(file: Path, decision: str | None, place: Path | None, *, explain: bool, as_json: bool) -> None:
    """Prendre une décision d’un fichier DMN.

    La DÉCISION se donne par son identifiant ou son nom ; sans elle, la liste s’affiche, avec les données que chacune
    attend. Les fichiers DMN importés sont cherchés dans le même dossier. Dans les données, un texte qui commence par
    « = » est une expression FEEL : {"sortie": "=date(now())"}. Code de sortie 1 si la décision ne peut pas être prise.
    """
    model = opened(file)
    if decision is None:
        _list(model)
        return
    key = chosen(model, decision)
    given = read_values(place, SystemClock().now()) if place else {}
    absent = sorted(model.inputs(key) - given.keys())
    if absent:
        click.echo(f"Données absentes : {', '.join(absent)}.", err=True)
    try:
        found = model.evaluate(key, given, now=SystemClock().now(), explain=explain)
    except DecisionError as error:
        if explain and error.table is not None:
            click.echo("\n".join(explained(error.table, model)))
        raise
    click.echo(_as_json(key, found) if as_json else "\n".join(_told(model, key, found, explain=explain)))


def opened(file: Path) -> Decisions:
    """The file with those beside it that it may import; what is wrong inside is said."""
    if not file.is_file():
        raise NotFound(f"Fichier introuvable : {file}")
    beside = (other for other in sorted(file.parent.glob("*.dmn")) if other.name != file.name)
    model = decisions.read(file.read_bytes(), list(_readable(beside)))
    for problem in model.problems:
        place = f"ligne {problem.line}" if problem.line else problem.element
        click.echo(f"Erreur ({place}) : {problem.message}", err=True)
    return model


def _readable(files: Iterable[Path]) -> Iterable[bytes]:
    """A file beside that is no DMN is nobody's import."""
    for file in files:
        if file.stat().st_size > LARGEST_FILE:
            continue
        content = file.read_bytes()
        try:
            decisions.read(content)
        except PathwayError:
            continue
        yield content


def chosen(model: Decisions, wanted: str) -> str:
    """The id of a decision, from its id or its name."""
    named = [key for key, name in model.names.items() if wanted in (key, name)]
    if not named:
        known = ", ".join(f"{name} ({key})" for key, name in model.names.items())
        raise NotFound(f"La décision « {wanted} » n’existe pas. Décisions du fichier : {known or 'aucune'}.")
    return wanted if wanted in named else named[0]


def _list(model: Decisions) -> None:
    width = max((len(key) for key in model.ids), default=0)
    for key, name in model.names.items():
        click.echo(f"{key:<{width}}  {name}")
        click.echo(f"{'':<{width}}  lit : {', '.join(sorted(model.inputs(key))) or 'rien'}")


def _told(model: Decisions, key: str, found: Evaluation, *, explain: bool) -> Iterable[str]:
    if explain:
        for table in found.trace:
            yield from explained(table, model)
            yield ""
        yield from (f"Remarque : {warning}" for warning in found.warnings)
    yield f"{model.names[key]} = {written(found.value)}" if explain else written(found.value)


def _as_json(key: str, found: Evaluation) -> str:
    tables = [
        {
            "decision": table.table,
            "inputs": {label: from_feel(value) for label, value in table.inputs},
            "rules": [
                {
                    "number": rule.number,
                    "id": rule.id,
                    "matched": rule.matched,
                    "annotation": rule.annotation,
                    "refused": [{"input": cell.label, "cell": cell.cell} for cell in rule.refused],
                }
                for rule in table.rules
            ],
            "output": from_feel(table.output),
        }
        for table in found.trace
    ]
    return as_plain(
        {
            "decision": key,
            "value": from_feel(found.value),
            "inputs": {name: from_feel(value) for name, value in found.inputs.items()},
            "tables": tables,
            "warnings": [str(warning) for warning in found.warnings],
        }
    )
