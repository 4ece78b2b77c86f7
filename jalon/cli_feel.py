"""`jalon feel`: one FEEL expression, or one cell of a decision table, tried on the values of a file."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from base.clock import SystemClock
from base.errors import Invalid
from engine import feel
from engine.feel.budget import Meter
from engine.feel.expression import KNOWN
from engine.feel.text import text_of
from engine.feel.values import kind
from jalon import shell
from jalon.given import STDIN, Values, read_values


@click.command("feel", cls=shell.Command)
@click.argument("expression", metavar="EXPRESSION")
@click.option("--context", "place", type=click.Path(path_type=Path), metavar="x.json",
              help="Les valeurs que l’expression lit : un objet JSON, ou « - » pour l’entrée standard.")  # fmt: skip
@click.option("--unary", "tested", metavar="VALEUR", help="L’EXPRESSION est une cellule ; dire si VALEUR y passe.")
@click.option("--json", "as_json", is_flag=True, help="Répondre en JSON : valeur, type et avertissements.")
@click.option("--explain", is_flag=True, help="Dire aussi pourquoi une partie de l’expression vaut null.")
def feel_command(expression: str, place: Path | None, tested: str | None, *, as_json: bool, explain: bool) -> None:
    """Calculer une expression FEEL.

    L’EXPRESSION peut venir de l’entrée standard : écrivez « - ». Dans le contexte, un texte qui commence par « = » est
    lui-même du FEEL. La valeur s’affiche comme FEEL l’écrit. Code de sortie 1 si l’expression ne se lit pas ou ne
    peut pas être calculée.

    \b
      jalon feel '(tension - 10) / 2' --context x.json
      jalon feel '< 18, > 75' --unary 80
      echo '{"nom": "Ada"}' | jalon feel 'upper case(nom)' --context -
    """
    text = _expression(expression, place)
    known = read_values(place, SystemClock().now()) if place else {}
    try:
        value, warnings = _tried(text, known, tested)
    except feel.FeelError as error:
        raise click.ClickException(_complaint(error)) from error
    if as_json:
        click.echo(as_plain({"value": feel.from_feel(value), "type": kind(value), "warnings": list(warnings)}))
        return
    click.echo(written(value))
    _warn(warnings, explain=explain, is_null=value is None)


def written(value: feel.FeelValue) -> str:
    """A value as FEEL writes it: texts between quotes."""
    return text_of([value], Meter())[1:-1]


def as_plain(content: dict[str, Any]) -> str:
    """JSON for people and programs."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def _expression(given: str, place: Path | None) -> str:
    if given != STDIN:
        return given
    if place is not None and str(place) == STDIN:
        raise Invalid("L’expression et le contexte ne peuvent pas venir tous deux de l’entrée standard.")
    return sys.stdin.read().strip()


def _tried(text: str, known: Values, tested: str | None) -> tuple[feel.FeelValue, tuple[str, ...]]:
    now, names = SystemClock().now(), feel.Names(known, KNOWN)
    if tested is None:
        found = feel.compile(text, names).explain(known, now=now)
        return found.value, tuple(str(warning) for warning in found.warnings)
    value = feel.compile(tested, names).evaluate(known, now=now)
    return feel.compile_unary(text, names).accept(value, known, now=now), ()


def _complaint(error: feel.FeelError) -> str:
    """What is wrong, and the place with a caret below it."""
    return f"{error.message}\n\n{error.excerpt()}" if error.excerpt() else error.message


def _warn(warnings: tuple[str, ...], *, explain: bool, is_null: bool) -> None:
    if explain:
        for warning in warnings:
            click.echo(f"  parce que : {warning}", err=True)
    elif warnings and is_null:
        click.echo("  (--explain dit pourquoi c’est null)", err=True)
