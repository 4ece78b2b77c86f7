"""Plausible answers to any form of a pathway, so that the demo's cases move without a person."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pathways.forms import Field, Form
from pathways.forms.fields import Option
from pathways.forms.nesting import Values
from pathways.forms.prefilled import HOUR

PARIS = ZoneInfo("Europe/Paris")
NUMBERS = {
    "pa_sys": "142", "pa_dia": "84", "fc": "76", "temperature": "36,8", "spo2": "96", "eva": "2", "poids": "71",
    "nihss": "2", "rankin": "2", "barthel": "85", "phq2": "1", "fatigue": "4", "inr": "2,4", "ldl": "0,9",
    "nb_lignes": "7", "hba1c": "6,1", "gir": "5", "zarit": "2",
}  # fmt: skip
TEXTS = {
    "motif": "Situation stable au domicile.",
    "comment": "Rien de particulier.",
    "observ": "Ordonnance comprise, pilulier préparé pour la semaine.",
    "synthese": "Bonne récupération. Poursuite de la rééducation et du suivi tensionnel.",
    "traitement": "Traitement de sortie repris à l’identique.",
    "lieu": "Cabinet médical, Yssingeaux",
    "adresse": "Cabinet médical, Yssingeaux",
    "tel": "04 65 71 20 20",
}
ORDINARY = "Rien à signaler."
AVOIDED = (
    "inconnu", "refus", "non", "autre", "deces", "décès", "rehosp", "réhosp", "impossible", "absent", "perdu", "echec",
    "échec", "pas_concerne", "ne_peut", "injoignable", "hospit", "urgence", "oppos", "contre",
)  # fmt: skip


def boxes(form: Form, known: Values, now: datetime) -> dict[str, str | list[str]]:
    """What a person would type, box by box; what the form fills in beforehand is left as it is."""
    filled = form.prefill(known)
    for field in form.walk():
        if field.is_answered and not filled.get(field.key):
            filled |= _box(form, field, known, now)
    return filled


def _box(form: Form, field: Field, known: Values, now: datetime) -> dict[str, str | list[str]]:
    if field.type in ("select", "radio"):
        return {field.key: _chosen(form.options(field, known))}
    if field.type in ("checklist", "taglist"):
        return {field.key: [option.text for option in form.options(field, known)[:1]] if field.required else []}
    if field.type == "number":
        return {field.key: _number(field)}
    if field.type == "checkbox":
        return {field.key: "true"} if field.required or not _is_bad(field.key) else {}
    if field.type == "datetime":
        return _moment(field, now)
    return {field.key: _words(field)} if field.required or field.type == "textarea" else {}


def _chosen(options: tuple[Option, ...]) -> str:
    """The first choice that lets the case go on; the first of all when none does."""
    good = [option for option in options if not _is_bad(option.text)]
    return (good or list(options))[0].text if options else ""


def _is_bad(text: str) -> bool:
    return text.casefold() == "false" or any(text.casefold().startswith(word) for word in AVOIDED)


def _number(field: Field) -> str:
    name = field.key.rpartition(".")[2]
    low, high = _bound(field, "min"), _bound(field, "max")
    usual = next((value for key, value in NUMBERS.items() if name.startswith(key)), None)
    if usual and _is_between(Decimal(usual.replace(",", ".")), low, high):
        return usual
    if not field.required:
        return ""
    return str(low if low is not None else 1)


def _bound(field: Field, name: str) -> Decimal | None:
    value = field.validate.get(name)
    try:
        return Decimal(str(value)) if value is not None else None
    except ArithmeticError:
        return None


def _is_between(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _moment(field: Field, now: datetime) -> dict[str, str | list[str]]:
    """A visit already made is today's; an appointment to come is in three days."""
    ahead = any(word in field.key for word in ("rdv", "prochain", "rendez", "creneau", "prevu"))
    when = (now + timedelta(days=3 if ahead else 0)).astimezone(PARIS)
    if field.subtype == "time":
        return {field.key: "10:30"}
    if field.subtype == "datetime":
        return {field.key: when.date().isoformat(), field.key + HOUR: "10:30"}
    return {field.key: when.date().isoformat()}


def _words(field: Field) -> str:
    return next((text for key, text in TEXTS.items() if key in field.key.casefold()), ORDINARY)
