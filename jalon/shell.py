"""The French face of the command line: headings of the help, and errors that are one clear line."""

import inspect
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError
from sqlalchemy.exc import DatabaseError

from base.errors import JalonError, PathwayError, RequestError, SettingsError
from base.settings import Settings
from jalon import causes
from pathways.context import Context as Jalon
from pathways.context import build

HEADINGS = {"Options": "Options", "Commands": "Commandes", "Positional arguments": "Arguments"}
FAILED, MISUSED = 1, 2


class Formatter(click.HelpFormatter):
    """Writes the help under French headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "Usage : ")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{HEADINGS.get(heading, heading)} :\n")


class Context(click.Context):
    """A call of one command, whose help is French."""

    formatter_class = Formatter


class Spoken(click.Command):
    """What commands and groups share: a French help option, and a summary that is never cut short."""

    context_class = Context

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Montrer cette aide."
        return option

    def get_short_help_str(self, limit: int = 45) -> str:
        return " ".join(inspect.cleandoc(self.help or "").split("\n\n")[0].split())


class Command(Spoken):
    """One command."""


class Group(Spoken, click.Group):
    """A command that holds others."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("subcommand_metavar", "COMMANDE [ARGUMENTS]...")
        super().__init__(*args, **kwargs)


def opened(settings: Settings) -> Jalon:
    """What a command works with; its database is let go when the command ends."""
    built = build(settings)
    click.get_current_context().call_on_close(built.database.dispose)
    return built


def run(command: click.Command, arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code: 0, 1 (could not be done), 2 (was asked wrongly)."""
    try:
        outcome = command.main(args=arguments, prog_name="jalon", standalone_mode=False)
    except NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return MISUSED
    except click.UsageError as misuse:
        return _say(f"{_misuse(misuse)} {_where_help_is(misuse)}", MISUSED)
    except click.ClickException as failure:
        return _say(failure.format_message(), FAILED)
    except click.exceptions.Abort:
        return _say("Interrompu.", FAILED)
    except JalonError as error:
        return _say(complaint(error), FAILED)
    except DatabaseError as error:
        return _say(f"La base de données n’a pas répondu comme attendu : {causes.of_database(error)}", FAILED)
    except OSError as error:
        return _say(_system(error), FAILED)
    return outcome if isinstance(outcome, int) else 0


def complaint(error: JalonError) -> str:
    """What went wrong, for a person at a terminal."""
    if isinstance(error, SettingsError):
        problems = "".join(f"  - {problem}\n" for problem in error.problems)
        return f"Réglages à revoir :\n{problems}Pour essayer Jalon sur cette machine, `jalon up` crée ce qui manque."
    if isinstance(error, PathwayError):
        return " ".join(part for part in (str(error), error.hint) if part)
    if isinstance(error, RequestError) and (fields := getattr(error, "fields", None)):
        return error.message + "\n" + "\n".join(f"  - {field} : {hint}" for field, hint in fields.items())
    return error.message


def _say(message: str, code: int) -> int:
    click.echo(f"jalon : {message}", err=True)
    return code


def _system(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"Fichier introuvable : {error.filename}"
    if isinstance(error, PermissionError):
        return f"Accès refusé par le système : {error.filename}"
    place = error.filename2 or error.filename
    return f"Le système a refusé : {causes.of_system(error)}{f' ({place})' if place else ''}"


def _misuse(error: click.UsageError) -> str:
    for kind, phrase in MISUSES.items():
        if isinstance(error, kind):
            return phrase(error)
    return error.format_message()


def _missing(error: Any) -> str:
    return f"Il manque {error.param.get_error_hint(error.ctx) if error.param else 'un argument'}."


def _unknown_command(error: Any) -> str:
    near = f" Vouliez-vous dire {' ou '.join(error.possibilities)} ?" if error.possibilities else ""
    return f"La commande « {error.command_name} » n’existe pas.{near}"


def _unknown_option(error: Any) -> str:
    near = f" Vouliez-vous dire {' ou '.join(error.possibilities)} ?" if error.possibilities else ""
    return f"L’option « {error.option_name} » n’existe pas.{near}"


def _bad_value(error: Any) -> str:
    where = f"{error.param.get_error_hint(error.ctx)} : valeur refusée. " if error.param else ""
    return f"{where}{error.message}"


MISUSES: dict[type[click.UsageError], Callable[[Any], str]] = {
    click.MissingParameter: _missing,
    click.NoSuchCommand: _unknown_command,
    click.NoSuchOption: _unknown_option,
    click.BadParameter: _bad_value,
    click.BadOptionUsage: lambda error: f"L’option « {error.option_name} » attend une valeur.",
    click.BadArgumentUsage: lambda _error: "Le nombre d’arguments ne convient pas.",
}


def _where_help_is(error: click.UsageError) -> str:
    return f"Aide : {error.ctx.command_path} --help" if error.ctx else "Aide : jalon --help"


def end(command: click.Command) -> None:
    """Run a command from the process's arguments and leave with its exit code; what nobody foresaw is one line too."""
    sys.excepthook = _unforeseen
    sys.exit(run(command))


def _unforeseen(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """Where it broke, for whoever mends it; its text may quote a value, so it stays out."""
    frames = traceback.extract_tb(trace)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "lieu inconnu"
    _say(f"Quelque chose s’est cassé de notre côté ({kind.__name__}, {place}). Signalez-le avec cette ligne.", FAILED)
