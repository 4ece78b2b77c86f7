"""The schema library speaks English: what it says of a field, in the French that people read."""

import re

REQUIRED = "Ce champ est attendu."
SENTENCES = {
    "Missing data for required field.": REQUIRED,
    "Field may not be null.": REQUIRED,
    "Unknown field.": "Ce champ n’est pas connu.",
    "Not a valid string.": "Un texte est attendu.",
    "Not a valid integer.": "Un nombre entier est attendu.",
    "Not a valid number.": "Un nombre est attendu.",
    "Number too large.": "Ce nombre est trop grand.",
    "Not a valid boolean.": "true ou false.",
    "Not a valid list.": "Une liste est attendue.",
    "Not a valid mapping type.": "Un objet est attendu.",
    "Invalid input type.": "Un objet est attendu.",
    "Invalid type.": "Un objet est attendu.",
    "Not a valid date.": "Un jour est attendu, par exemple 2026-11-24.",
    "Not a valid datetime.": "Un instant est attendu, par exemple 2026-11-24T10:00:00+01:00.",
    "Not a valid aware datetime.": "Indiquez le décalage de l’heure, par exemple +01:00.",
    "String does not match expected pattern.": "Ce texte n’a pas la forme attendue.",
    "Invalid input.": "Cette valeur n’est pas prise.",
    "Invalid JSON body.": "Ce n’est pas du JSON.",
}
PATTERNS = {
    re.compile(r"Length must be between (\d+) and (\d+)\."): r"De \1 à \2.",
    re.compile(r"Longer than maximum length (\d+)\."): r"\1 au plus.",
    re.compile(r"Shorter than minimum length (\d+)\."): r"\1 au moins.",
    re.compile(r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\."): r"De \1 à \2.",
    re.compile(r"Must be greater than or equal to (\S+)\."): r"\1 au moins.",
    re.compile(r"Must be less than or equal to (\S+)\."): r"\1 au plus.",
    re.compile(r"Must be one of: (.*)\."): r"Attendu : \1.",
}


def in_french(sentence: str) -> str:
    """The same in French; what is French already, or unknown here, stays as it is."""
    if sentence in SENTENCES:
        return SENTENCES[sentence]
    for pattern, said in PATTERNS.items():
        if found := pattern.fullmatch(sentence):
            return found.expand(said)
    return sentence
