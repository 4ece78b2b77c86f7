"""« Ouvrir un dossier »: a professional chooses a pathway, says for whom, and answers its first questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from base.errors import Forbidden, Invalid
from base.ids import new_id
from care.case import beginning as rights
from care.identity.identity import Identity
from inbox.desk import Desk
from inbox.lists.statements import statements
from inbox.patient import Who, describe
from inbox.request import desk, finish, require_sign_in
from inbox.task.fields import Boxes, Field, Sheet, flat, hidden_by, lay_out
from pathways import beginning
from pathways.beginning import Entrance
from pathways.forms import Form
from pathways.forms.answers import read_day
from pathways.forms.words import summary
from people.persons import Person
from people.roles import label

blueprint = Blueprint("starting", __name__, url_prefix="/dossiers/ouvrir", template_folder="../templates")
blueprint.before_request(require_sign_in)

OWN = "personne."
"""Before the names of our own fields: those of a start's form never begin so."""
BORN = f"{OWN}naissance"
WHO = Form.read(
    orjson.dumps(
        {
            "id": "personne",
            "components": [
                {
                    "type": "textfield", "id": "nom", "key": f"{OWN}nom", "label": "Nom de naissance",
                    "layout": {"columns": 8}, "validate": {"required": True, "maxLength": 100},
                },
                {
                    "type": "textfield", "id": "prenom", "key": f"{OWN}prenom", "label": "Premier prénom",
                    "layout": {"columns": 8}, "validate": {"required": True, "maxLength": 80},
                },
                {
                    "type": "datetime", "subtype": "date", "id": "naissance", "key": BORN,
                    "dateLabel": "Date de naissance", "layout": {"columns": 8}, "validate": {"required": True},
                },
                {
                    "type": "radio", "id": "sexe", "key": f"{OWN}sexe", "label": "Sexe", "layout": {"columns": 8},
                    "validate": {"required": True},
                    "values": [
                        {"value": "F", "label": "Femme"}, {"value": "M", "label": "Homme"},
                        {"value": "I", "label": "Non précisé"},
                    ],
                },
            ],
        }
    )
)  # fmt: skip
"""The four traits by which somebody known is found again; whoever is new gets a provisional identity."""


@dataclass(frozen=True)
class Page:
    """The page of one pathway: for whom, when it is known already, and what is asked."""

    entrance: Entrance
    key: str
    patient: Who | None
    who: Sequence[Field]
    fields: Sequence[Field]
    roles: Mapping[str, str]
    role: str
    summary: str = ""
    refusal: str = ""

    @property
    def errors(self) -> list[Field]:
        """The fields to look at again, in the order of the page."""
        return [field for field in flat([*self.who, *self.fields]) if field.error]


@blueprint.get("")
def choose() -> ResponseReturnValue:
    """The pathways that the person may begin."""
    rights.role_of(desk().person, next(iter(rights.roles(desk().person)), ""))
    found = beginning.entrances(desk().session, desk().context)
    return render_template("inbox/starting_choice.html", entrances=found, patient=request.args.get("pour", "")[:16])


@blueprint.get("/<pathway>")
def ask(pathway: str) -> ResponseReturnValue:
    """The questions that come before the case."""
    rights.role_of(desk().person, next(iter(rights.roles(desk().person)), ""))
    chosen = beginning.entrance(desk().session, desk().context, pathway)
    return render_template("inbox/starting.html", page=_page(desk(), chosen, {}, {}))


@blueprint.post("/<pathway>")
def open_case(pathway: str) -> ResponseReturnValue:
    """Open the case, then show the first task that waits for the person, or the case itself."""
    boxes = _boxes()
    try:
        case = beginning.begin(desk().session, desk().context, asked(desk(), pathway, boxes))
    except (Invalid, Forbidden) as error:
        finish(commit=False)
        return _again(pathway, boxes, error)
    begun()
    task = first_task(desk(), case)
    finish(commit=True)
    if task is not None:
        return redirect(url_for("inbox.task", task_id=task), 303)
    return redirect(url_for("inbox.case", case_id=case), 303)


@blueprint.post("/<pathway>/champs")
def fields(pathway: str) -> ResponseReturnValue:
    """The fields that another answer has just shown or hidden; nothing is kept."""
    shown = set(request.form.getlist("_shown"))
    chosen = beginning.entrance(desk().session, desk().context, pathway)
    laid_out = flat(_page(desk(), chosen, _boxes(), {}).fields, hidden=True)
    moved = [field for field in laid_out if field.conditional and field.hidden == (field.id in shown)]
    return render_template("inbox/moved.html", fields=moved)


@blueprint.app_template_global()
def may_open_a_case(person: Person | None) -> bool:
    """Whether « Ouvrir un dossier » is shown."""
    return person is not None and bool(rights.roles(person))


def begun() -> None:
    """The case stands: who writes on SQLite need not wait for our look at its tasks, which elsewhere is no wait."""
    if desk().context.database.is_sqlite:
        finish(commit=True)


def first_task(desk: Desk, case: str) -> str | None:
    """The open task of a case that the person sees first."""
    rows = statements(desk.person).expected.all(desk.session, {**desk.values, "id": case})
    return next((str(row.id) for row in rows if row.mine), None)


def asked(desk: Desk, pathway: str, boxes: Boxes) -> beginning.Request:
    """What a page or a program asks for. Raises Invalid naming every wrong field of the identity and of the form."""
    patient = _one(boxes, "_patient")
    problems = {} if patient else _problems(desk, pathway, boxes)
    if problems:
        raise Invalid(summary(len(problems)), problems, code="answers-invalid")
    return beginning.Request(
        person=desk.person,
        pathway=pathway,
        answers={key: value for key, value in boxes.items() if not key.startswith(("_", OWN))},
        key=_one(boxes, "_cle")[:120] or new_id(),
        role=_one(boxes, "_role"),
        patient=patient,
        identity=None if patient else _identity(desk, boxes),
    )


def _problems(desk: Desk, pathway: str, boxes: Boxes) -> dict[str, str]:
    """Of the identity, with those of the start's form when there is one: all that is wrong is said at once."""
    own = _wrong(desk, WHO, boxes)
    if not own and (born := read_day(_one(boxes, BORN))) is not None and born > desk.today:
        own = {BORN: "Cette date est à venir."}
    return own and own | _wrong(desk, beginning.entrance(desk.session, desk.context, pathway).form, boxes)


def _wrong(desk: Desk, form: Form, boxes: Boxes) -> dict[str, str]:
    try:
        form.check(boxes, {}, timezone=desk.zone.key, today=desk.today)
    except Invalid as error:
        return dict(error.fields)
    return {}


def _identity(desk: Desk, boxes: Boxes) -> Identity:
    """The four traits, which have been checked."""
    name, first, sex = (_one(boxes, f"{OWN}{trait}").strip() for trait in ("nom", "prenom", "sexe"))
    return Identity(name, (first,), sex, read_day(_one(boxes, BORN)) or desk.today)


def _again(pathway: str, boxes: Boxes, error: Invalid | Forbidden) -> ResponseReturnValue:
    """The page as it was filled in, with what is to be looked at again, or why it is refused."""
    chosen = beginning.entrance(desk().session, desk().context, pathway)
    wrong = error.fields if isinstance(error, Invalid) else {}
    page = replace(_page(desk(), chosen, boxes, wrong), summary=error.message)
    if not page.errors:
        page = replace(page, summary="", refusal=next(iter(wrong.values()), error.message))
    return render_template("inbox/starting.html", page=page), error.status


def _page(desk: Desk, chosen: Entrance, boxes: Boxes, errors: Mapping[str, str]) -> Page:
    known = beginning.known(desk.context, chosen)
    patient = _one(boxes, "_patient") or request.args.get("pour", "")[:16]
    hidden = hidden_by(chosen.form, boxes, known, desk.zone.key) if boxes else chosen.form.hidden(known)
    shown = boxes or chosen.form.prefill(known)
    return Page(
        entrance=chosen,
        key=_one(boxes, "_cle") or new_id(),
        patient=_who(desk, patient) if patient else None,
        who=() if patient else lay_out(Sheet(WHO, {}, boxes, errors, {}, frozenset())),
        fields=lay_out(Sheet(chosen.form, known, shown, errors, {}, hidden)),
        roles={role: label(role) for role in rights.roles(desk.person)},
        role=_one(boxes, "_role"),
    )


def _who(desk: Desk, patient: str) -> Who:
    return describe(rights.known_patient(desk.session, desk.context.vault, desk.person, patient), desk.today)


def _boxes() -> dict[str, str | list[str]]:
    return {key: values if len(values) > 1 else values[0] for key, values in request.form.lists()}


def _one(boxes: Boxes, name: str) -> str:
    value = boxes.get(name, "")
    return value if isinstance(value, str) else ""
