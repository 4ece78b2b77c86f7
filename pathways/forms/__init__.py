"""The forms of tasks: read from form-js files, shown by the doors, checked here and only here."""

from pathways.forms.fields import Field, Option
from pathways.forms.form import Form

__all__ = ["Field", "Form", "Option"]
