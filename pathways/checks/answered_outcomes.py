"""No task says by itself how it came out: what decides the way is answered by somebody, never by a default alone."""

import re
from collections.abc import Iterable, Iterator

from base.errors import Invalid, PathwayError
from engine.findings import Finding, finding
from pathways.checks.subject import BPMN, ZEEBE, Node, Subject
from pathways.checks.variables import names_in
from pathways.forms import Field, Form

PATHS = re.compile(r"\w+(?:\.\w+)*")
CHOICES = frozenset({"radio", "select", "checkbox", "checklist"})


def check(subject: Subject) -> Iterator[Finding]:
    """A form that asks for something else besides cannot be sent untouched: it may begin with the usual answer."""
    conditions = [(one.xml.text or "").strip() for one in subject.each("conditionExpression")]
    for task in subject.each("userTask"):
        shown = task.extension("formDefinition")
        path, content = subject.forms.get("" if shown is None else shown.get("formId") or "", ("", b""))
        for field in _begun(content, path) if path in subject.package.files else ():
            if any(_decides(task, field.key, text) for text in conditions):
                yield finding(
                    "outcome-answered-beforehand",
                    f"La tâche {task.title} s’ouvre avec une réponse à «\u00a0{field.label or field.key}\u00a0»\u00a0: "
                    "on peut l’envoyer sans avoir dit ce qui s’est passé.",
                    file=path,
                    element=field.id,
                    severity="warning",
                    hint="Retirez la valeur par défaut de ce champ\u00a0: sa réponse décide de la suite du parcours.",
                )


def _begun(content: bytes, path: str) -> Iterable[Field]:
    """The choices that stand in the form before anybody types, when it could be sent as it is."""
    try:
        form = Form.read(content, path)
        untouched = form.prefill({})
        form.check(untouched, {})
    except (Invalid, PathwayError):
        return []
    return [field for field in form.walk() if field.type in CHOICES and untouched.get(field.key) not in (None, "false")]


def _decides(task: Node, key: str, condition: str) -> bool:
    """Whether a condition reads this answer, by its own name or by that under which the task hands it on."""
    outputs = list(task.xml.iterfind(f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}output"))
    if not outputs:
        return _reads(condition, key)
    first = key.partition(".")[0]
    handed = [one.get("target") or "" for one in outputs if first in names_in(one.get("source") or "")]
    return any(_reads(condition, name) or _reads(condition, f"{name}.{key}") for name in handed)


def _reads(condition: str, name: str) -> bool:
    return name.partition(".")[0] in names_in(condition) and name in PATHS.findall(condition)
