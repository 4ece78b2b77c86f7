"""No variable of a run holds who the patient is: identity stays in the vault, the run knows a number and an age."""

import re
from collections.abc import Iterator

from base.errors import PathwayError
from engine.findings import Finding, finding
from pathways.checks.subject import ZEEBE, Subject
from pathways.forms import Form

IDENTITY = re.compile(
    r"(?:patient\.)?(?:nom|prenom|prenoms|nom_naissance|nom_usuel|date_naissance|ins|nir|num_secu|telephone|tel|adresse|email)"
)
HINT = "L’identité est déjà affichée au professionnel\u00a0: ne la redemandez pas, ne la copiez pas."


def check(subject: Subject) -> Iterator[Finding]:
    for path, content in subject.package.texts(".form").items():
        for element, key in _keys(content, path):
            if IDENTITY.fullmatch(key):
                yield finding(
                    "identity-in-form",
                    f"Le champ « {key} » recueille l’identité du patient.",
                    hint=HINT,
                    file=path,
                    element=element,
                )
    for file, root in subject.diagrams.items():
        for mapping in root.iter(f"{ZEEBE}input", f"{ZEEBE}output"):
            if IDENTITY.fullmatch(mapping.get("target") or ""):
                node = subject.owner(file, mapping)
                yield node.find(
                    "identity-in-variable",
                    f"{node.title} écrit « {mapping.get('target')} », qui identifie le patient.",
                    HINT,
                )


def _keys(content: bytes, path: str) -> list[tuple[str, str]]:
    try:
        return [(field.id, field.key) for field in Form.read(content, path).walk() if field.key]
    except PathwayError:
        return []
