"""What authors of pathways write for the machine, keys, codes and durations, as people read it."""

import re
from datetime import timedelta

from base.calendars import Duration, read_duration
from base.errors import Invalid

MINUTE = timedelta(minutes=1)
SIGLES = frozenset(
    {"apa", "avc", "dac", "eva", "fc", "had", "ide", "ins", "ipa", "lace", "mt", "nihss", "pa", "smr", "uf"}
)
WORDS = {
    "age": "âge",
    "autorise": "autorisé",
    "cloture": "clôture",
    "debut": "début",
    "decision": "décision",
    "deglutition": "déglutition",
    "delai": "délai",
    "duree": "durée",
    "echeances": "échéances",
    "eleve": "élevé",
    "entree": "entrée",
    "etat": "état",
    "identite": "identité",
    "infirmiere": "infirmière",
    "medecin": "médecin",
    "medicaments": "médicaments",
    "modere": "modéré",
    "numero": "numéro",
    "parametres": "paramètres",
    "perimetre": "périmètre",
    "priorite": "priorité",
    "qualite": "qualité",
    "rdv": "rendez-vous",
    "recu": "reçu",
    "recue": "reçue",
    "reeducation": "rééducation",
    "reponse": "réponse",
    "sante": "santé",
    "sejour": "séjour",
    "spo2": "SpO2",
}
PHRASES = {"decision_partage": "décision de partage", "plan_retour": "plan de retour", "rendez_vous": "rendez-vous"}
"""Keys in which accents, hyphens or small words are missing; all others lose their underscores only."""

CODE = re.compile(r"[^\W_]+(?:_[^\W_]+)+|[A-ZÀ-Ý]{5,}")


def key(name: str) -> str:
    """« delai_max_mt » is said « délai max MT »."""
    return PHRASES.get(name) or " ".join(_word(part) for part in name.split("_") if part)


def heading(name: str) -> str:
    """A key that stands above others: « plan_avc » is said « Plan AVC »."""
    words = key(name)
    return words[:1].upper() + words[1:]


def text(written: str) -> str:
    """A duration or a code in words; any other text as it is."""
    if CODE.fullmatch(written):
        return " ".join(_word(part) for part in written.split("_"))
    return WORDS.get(written) or duration(written) or written


def duration(written: str) -> str:
    """« P7D » is said « 7 jours », « PT4HO » « 4 heures ouvrées »; nothing for what is no duration."""
    try:
        return _said(read_duration(written)) if written.startswith("P") else ""
    except Invalid:
        return ""


def _said(span: Duration) -> str:
    if span.exact % MINUTE or span.working % (60 * MINUTE):
        return ""
    minutes = int(span.exact.total_seconds() // 60)
    parts = (
        _counted(span.months, "mois", "mois"),
        _counted(span.days, "jour", "jours"),
        _counted(minutes // 60, "heure", "heures"),
        _counted(minutes % 60, "minute", "minutes"),
        _counted(span.working_days, "jour ouvré", "jours ouvrés"),
        _counted(int(span.working.total_seconds() // 3600), "heure ouvrée", "heures ouvrées"),
    )
    return " ".join(part for part in parts if part)


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {several if number > 1 else one}" if number else ""


def _word(part: str) -> str:
    low = part.casefold()
    if low in SIGLES:
        return part.upper()
    if len(part) > 3 and part.isupper() and part.isalpha():
        part = low
    return WORDS.get(low, part)
