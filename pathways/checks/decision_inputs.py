"""What a decision table reads can be known when it is asked."""

from collections.abc import Iterator

from engine.findings import Finding, finding
from pathways.checks.subject import XML, Subject, line_of
from pathways.checks.variables import names_in, writable

NAMED = ("decision", "inputData", "businessKnowledgeModel", "variable", "formalParameter")


def check(subject: Subject) -> Iterator[Finding]:
    known = writable(subject)
    for path, root in subject.decisions.items():
        if path in subject.package.files:
            yield from _unknown_inputs(path, root, known | _own_names(root))


def _unknown_inputs(path: str, root: XML, known: frozenset[str]) -> Iterator[Finding]:
    for clause in root.iter("{*}inputExpression"):
        text = " ".join((clause.findtext("{*}text") or "").split())
        cell = clause.getparent()
        for name in sorted(names_in(text) - known):
            yield finding(
                "decision-input-unknown",
                f"La table lit « {name} », que rien n’écrit dans ce parcours.",
                hint="Corrigez le nom, ou écrivez cette donnée avant la décision.",
                file=path,
                element=cell.get("id", "") if cell is not None else "",
                line=line_of(clause),
                severity="warning",
            )


def _own_names(root: XML) -> frozenset[str]:
    """Decisions, inputs and knowledge models of the file may be read by name."""
    return frozenset(xml.get("name", "") for kind in NAMED for xml in root.iter(f"{{*}}{kind}"))
