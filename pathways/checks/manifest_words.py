"""A pathway says who wrote it, when, on what grounds, and that a committee has still to agree."""

from collections.abc import Iterator

from engine.findings import Finding, finding
from pathways.checks.subject import Subject
from pathways.packages import MANIFEST

WORDS = {"status": "statut", "author": "auteur", "date": "date", "sources": "sources", "mission": "mission"}


def check(subject: Subject) -> Iterator[Finding]:
    for name, word in WORDS.items():
        if not getattr(subject.package.manifest, name):
            yield _missing(f"« {word} » manque dans la carte d’identité du parcours.")
    for name, parameter in subject.package.manifest.parameters.items():
        if not parameter.label:
            yield _missing(f"Le paramètre « {name} » n’a pas de libellé.")


def _missing(message: str) -> Finding:
    return finding(
        "manifest-incomplete",
        message,
        hint="Complétez parcours.json\u00a0: un comité ne peut valider que ce qui est dit.",
        file=MANIFEST,
        severity="warning",
    )
