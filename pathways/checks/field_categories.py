"""Every question of a form says what kind of answer it is: a lane sees only its own kinds."""

from collections.abc import Iterator

from base.errors import PathwayError
from care.sharing.visibility import CATEGORIES
from engine.findings import Finding, finding
from pathways.checks.subject import Subject
from pathways.forms import Form, categories


def check(subject: Subject) -> Iterator[Finding]:
    """One remark a form: what says nothing is held for clinical, so nothing is shown that should not be."""
    for path, content in subject.forms.values():
        if path not in subject.package.files:
            continue
        try:
            missing = categories.unmarked(Form.read(content, path))
        except PathwayError:
            continue  # the form rule says so
        if missing:
            names = ", ".join(f"« {field.label or field.key} »" for field in missing[:3])
            more = f" et {len(missing) - 3} autres" if len(missing) > 3 else ""
            yield finding(
                "form-category-missing",
                f"Sans catégorie, ces réponses sont tenues pour cliniques : {names}{more}.",
                file=path,
                element=missing[0].id,
                severity="warning",
                hint=f"Donnez à chaque champ la propriété « categorie » : {', '.join(CATEGORIES)}.",
            )
