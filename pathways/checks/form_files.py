"""Every user task has a form that Jalon can show, and every form serves there or at a start."""

from collections.abc import Iterator

from base.errors import PathwayError
from engine.findings import Finding, finding
from pathways.checks.subject import Subject
from pathways.forms import Form


def check(subject: Subject) -> Iterator[Finding]:
    starts = (one.extension("formDefinition") for one in subject.each("startEvent"))
    used = {form.get("formId") for form in starts if form is not None}
    for task in subject.each("userTask"):
        form = task.extension("formDefinition")
        wanted = "" if form is None else form.get("formId") or form.get("formKey") or ""
        used.add(wanted)
        if not wanted:
            yield task.find(
                "task-without-form",
                f"La tâche {task.title} n’a pas de formulaire\u00a0: on ne pourra que la déclarer faite.",
                "Choisissez-le sous « Formulaire », dans les réglages de la tâche.",
                "warning",
            )
    for form_id, (path, content) in subject.forms.items():
        yield from _readable(path, content)
        if form_id not in used and path in subject.package.files:
            yield finding(
                "form-unused",
                f"Le formulaire « {form_id} » ne sert à aucune tâche ni à aucun début.",
                file=path,
                severity="warning",
                hint="Retirez-le, ou choisissez-le dans une tâche.",
            )


def _readable(path: str, content: bytes) -> Iterator[Finding]:
    try:
        form = Form.read(content, path)
    except PathwayError as cause:
        yield finding(cause.code, cause.message, hint=cause.hint, file=path, element=cause.element)
        return
    seen: set[str] = set()
    for field in form.walk():
        if field.key and field.key in seen:
            yield finding(
                "form-key-twice",
                f"Deux champs portent le nom « {field.key} ».",
                file=path,
                element=field.id,
                hint="Donnez un nom propre à chaque champ.",
            )
        if field.is_answered and not field.label:
            yield finding(
                "form-label-missing",
                f"Le champ « {field.key} » n’a pas d’intitulé.",
                file=path,
                element=field.id,
                hint="Écrivez la question telle que le professionnel la lira.",
            )
        seen.add(field.key)
