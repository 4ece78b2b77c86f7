"""`jalon pathways`: list what is published, check files, import and export."""

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound
from engine.findings import Finding
from inbox import dates
from jalon import shell
from jalon.installation import load_settings
from jalon.scratch import scratch_engine
from jalon.shipped import pathway_files
from pathways import catalogue, drafts, hands, scenarios
from pathways.checks import check as check_package
from pathways.context import Context
from pathways.hands import Hand, Overtaken
from pathways.library import read_diagram, read_folder, read_zip
from pathways.packages import MANIFEST, Package
from people.persons import persons
from webhooks import receptions

OPERATOR = "jalon"
SIGNS = {"error": "erreur", "warning": "remarque"}


@click.group(cls=shell.Group)
def pathways() -> None:
    """S’occuper des parcours : les lister, les contrôler, les importer, les exporter."""


@pathways.command("list")
def list_pathways() -> None:
    """Donner les parcours connus : clé, version en service, brouillon, titre."""
    context = shell.opened(load_settings())
    with context.database.read() as session:
        lines = catalogue.listing(session, context.tenant)
    if not lines:
        click.echo("Aucun parcours. Pour en importer un : jalon pathways import DOSSIER")
    width = max((len(line.key) for line in lines), default=0)
    for line in lines:
        number = f"version {line.number}" if line.number else "non publié"
        click.echo(f"{line.key:<{width}}  {number:<11}  {'brouillon' if line.has_draft else '':<9}  {line.title}")


@pathways.command()
@click.argument("places", nargs=-1, metavar="[DOSSIER|ZIP|BPMN|CLÉ]...")
@click.pass_context
def check(ctx: click.Context, places: tuple[str, ...]) -> None:
    """Contrôler des fichiers de parcours et rejouer leurs scénarios, sans base ni réglages.

    Un dossier, un zip, un diagramme, ou la clé d’un parcours livré ; sans rien, tous les parcours livrés. Code de
    sortie 1 s’il reste une erreur.
    """
    packages = [read(place) for place in places] if places else [read_folder(folder) for folder in shipped()]
    counts = [_tell(package, check_package(scratch_engine(), package)) or _rehearse(package) for package in packages]
    if any(counts):
        ctx.exit(shell.FAILED)


@pathways.command("import")
@click.argument("place", metavar="DOSSIER|ZIP|BPMN|CLÉ")
@click.option("--note", default="Import", metavar="TEXTE", help="Ce qui change, gardé avec la version.")
@click.option("--draft", is_flag=True, help="Garder comme brouillon, sans publier.")
@click.option("--replace", is_flag=True, help="Remplacer le brouillon que quelqu’un a dans l’atelier.")
def import_pathway(place: str, note: str, draft: bool, replace: bool) -> None:
    """Prendre un parcours dans la base et le publier pour les nouveaux dossiers.

    Les parcours qu’il appelle, rangés à côté de lui, sont publiés d’abord s’ils ne le sont pas. Un diagramme seul
    (.bpmn) devient un parcours qui porte son nom ; avec --draft, il est gardé tel quel même s’il n’est pas exécutable.
    Le brouillon de quelqu’un d’autre n’est remplacé qu’avec --replace.
    """
    context, package = shell.opened(load_settings()), read(place)
    with context.database.begin() as session:
        if draft:
            spare_draft(session, context, package, replace)
            catalogue.import_draft(session, context, package, OPERATOR)
            click.echo(f"Brouillon gardé : {package.manifest.title} ({package.key})")
            return
        publish(session, context, package, note, replace=replace)
        receptions.wake_all(session, context)


@pathways.command()
@click.argument("key", metavar="CLÉ")
@click.option("--version", "number", type=click.IntRange(1), metavar="N", help="Sans elle : la version en service.")
@click.option("--draft", is_flag=True, help="Le brouillon au lieu d’une version.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FICHIER.zip", help="Sans lui : CLÉ.zip, ici.")
def export(key: str, number: int | None, draft: bool, output: Path | None) -> None:
    """Écrire une version publiée, ou le brouillon, dans un fichier zip, que `import` reprend."""
    context = shell.opened(load_settings())
    with context.database.read() as session:
        if draft:
            content = catalogue.export_draft(session, context.tenant, key)
        else:
            content = catalogue.export(session, context.tenant, key, number)
    target = output or Path(f"{key}.zip")
    target.write_bytes(content)
    click.echo(f"Écrit : {target}")


def publish(session: Session, context: Context, package: Package, note: str, *, replace: bool) -> None:
    """Publish a package; what it calls is published first when it is not, and left as it is when it is."""
    spare_draft(session, context, package, replace)
    known = {line.key for line in catalogue.listing(session, context.tenant) if line.number}
    for one in package.called:
        if one.key not in known:
            publish(session, context, one, note, replace=replace)
    called = (catalogue.published(session, context.tenant, key) for key in package.manifest.calls)
    whole = Package(package.files, tuple(catalogue.files(session, context.tenant, version) for version in called))
    number = catalogue.publish(session, context, whole, OPERATOR, note)
    click.echo(f"En service : {package.manifest.title} ({package.key}), version {number}")


def spare_draft(session: Session, context: Context, package: Package, replace: bool) -> None:
    """Say whose draft this import replaces. Raises Conflict unless told to, or when nothing of it is lost."""
    if drafts.files(session, context.tenant, package.key) in ({}, package.files):
        return
    try:
        hands.hold(session, context.tenant, package.key, None, OPERATOR)
    except Overtaken as overtaken:
        title, whose = package.manifest.title, _left_by(session, context, overtaken.hand)
        if not replace:
            raise Conflict(
                f"«\u00a0{title}\u00a0» a un brouillon de {whose}. Rien n’est importé\u00a0: faites-le publier ou "
                "abandonner dans l’atelier, ou ajoutez --replace pour le remplacer."
            ) from overtaken
        click.echo(f"Brouillon remplacé\u00a0: {title}, {whose}")


def _left_by(session: Session, context: Context, hand: Hand) -> str:
    """« Dr Hélène DEMO-FAURE, enregistré hier 10:47 »"""
    who = persons(session, {hand.by}).get(hand.by)
    when = dates.moment(hand.at, context.clock.now(), ZoneInfo(context.settings.timezone))
    return f"{who.display if who else 'quelqu’un'}, enregistré {when}"


def read(place: str) -> Package:
    """A package from a folder, a zip file, a lone diagram, or the key of one that came with the program."""
    path = Path(place)
    if path.is_dir():
        return read_folder(path)
    if path.suffix == ".bpmn" and path.is_file():
        return read_diagram(path.read_bytes(), path.stem)
    if path.is_file():
        return with_shipped_calls(read_zip(path.read_bytes()))
    if (pathway_files() / place / MANIFEST).is_file():
        return read_folder(pathway_files() / place)
    raise NotFound(f"« {place} » n’est ni un dossier, ni un zip, ni un diagramme, ni la clé d’un parcours livré.")


def with_shipped_calls(package: Package) -> Package:
    """A zip holds one pathway: those that it calls are taken from what came with the program."""
    called = (pathway_files() / key for key in package.manifest.calls)
    return Package(package.files, tuple(read_folder(folder) for folder in called if (folder / MANIFEST).is_file()))


def shipped() -> list[Path]:
    """The folders of the pathways that came with the program."""
    return sorted(path.parent for path in pathway_files().glob(f"*/{MANIFEST}"))


def _tell(package: Package, findings: Iterable[Finding]) -> int:
    """Print what was found in a package; returns how many errors."""
    found = list(findings)
    errors = sum(finding.severity == "error" for finding in found)
    counted = f"{len(found)} constat{'s' if len(found) > 1 else ''}" if found else "rien à corriger"
    click.echo(f"{package.key} : {counted}")
    for finding in found:
        click.echo(f"  {SIGNS.get(finding.severity, finding.severity)} : {finding}")
        if finding.hint:
            click.echo(f"      {finding.hint}")
    return errors


def _rehearse(package: Package) -> int:
    """Play the scenarios of a package that has no error; returns how many departed from what they say."""
    reports = scenarios.run_all(scratch_engine(), package)
    passed = sum(report.passed for report in reports)
    if reports:
        click.echo(f"  scénarios : {passed} réussi{'s' if passed > 1 else ''} sur {len(reports)}")
    for report in reports:
        if not report.passed:
            click.echo(f"  échec : {report.path}, étape {report.step} : {report.problem}")
    return len(reports) - passed
