"""Every decision that a diagram calls exists, and what its tables read can be known."""

from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding, finding
from pathways.checks.subject import XML, Subject
from pathways.checks.variables import names_in, writable


def check(subject: Subject) -> Iterator[Finding]:
    for task in subject.each("businessRuleTask"):
        called = task.extension("calledDecision")
        wanted = "" if called is None else called.get("decisionId") or ""
        if called is None and task.extension("taskDefinition") is not None:
            continue
        if wanted not in subject.decision_ids and not wanted.startswith("="):
            yield task.find(
                "decision-missing",
                f"La décision « {wanted} » de {task.title} n’existe pas.",
                "Ajoutez la table (.dmn), ou choisissez-en une autre.",
            )
    known = writable(subject)
    for path, root in subject.decisions.items():
        if path in subject.package.files:
            yield from _unknown_inputs(path, root, known | _own_names(root))


def _unknown_inputs(path: str, root: XML, known: frozenset[str]) -> Iterator[Finding]:
    for clause in root.iter("{*}inputExpression"):
        text = " ".join("".join(clause.itertext()).split())
        for name in sorted(names_in(text) - known):
            yield finding(
                "decision-input-unknown",
                f"La table lit « {name} », que rien n’écrit dans ce parcours.",
                hint="Corrigez le nom, ou écrivez cette donnée avant la décision.",
                file=path,
                element=clause.getparent().get("id", "") if clause.getparent() is not None else "",
                line=int(clause.sourceline or 0),
                severity="warning",
            )


def _own_names(root: XML) -> frozenset[str]:
    """Decisions, inputs and knowledge models of the file may be read by name."""
    kinds = {"decision", "inputData", "businessKnowledgeModel", "variable", "formalParameter"}
    return frozenset(
        xml.get("name", "") for xml in root.iter() if isinstance(xml.tag, str) and etree.QName(xml).localname in kinds
    )
