"""Which variables a pathway writes and which it reads, as far as its files tell."""

from functools import lru_cache

from base.errors import PathwayError
from engine import feel
from engine.feel import FeelError
from pathways.checks.subject import BPMN, XML, ZEEBE, Subject
from pathways.forms import Form

GIVEN = frozenset(
    {
        "dossier", "parcours", "message_id", "partenaire", "parametres", "patient", "sejour", "service", "mt_connu",
        "mt_motif", "lettre_recue", "clinique", "document", "admission", "clinique_recue", "loopCounter", "item",
    }
)  # fmt: skip


def writable(subject: Subject) -> frozenset[str]:
    """The first names of all that may be written: at the start, by forms, mappings, decisions, loops and calls."""
    found = set(GIVEN)
    for path, content in subject.package.bundle.items():
        if path.endswith(".form"):
            found |= _form_keys(content, path)
    for root in subject.diagrams.values():
        found |= _written(root)
    return frozenset(name.split(".")[0] for name in found if name)


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The first names of the variables that an expression reads; empty when it does not compile."""
    try:
        return frozenset(name.split(".")[0] for name in feel.compile(text.removeprefix("=").strip()).names)
    except FeelError:
        return frozenset()


def _written(root: XML) -> set[str]:
    found = {mapping.get("target") or "" for mapping in root.iter(f"{ZEEBE}input", f"{ZEEBE}output")}
    found |= {one.get("resultVariable") or "" for one in root.iter(f"{ZEEBE}calledDecision", f"{ZEEBE}script")}
    for loop in root.iter(f"{ZEEBE}loopCharacteristics"):
        found |= {loop.get("inputElement") or "", loop.get("outputCollection") or ""}
    found |= {one.get("name") or "" for one in root.iter(f"{BPMN}dataObject", f"{BPMN}property")}
    return found


def _form_keys(content: bytes, path: str) -> set[str]:
    try:
        return {field.key for field in Form.read(content, path).walk() if field.key}
    except PathwayError:
        return set()
