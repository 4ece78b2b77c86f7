"""Every sentence that FEEL says about a failure: its code, its French and its English."""

from string import Formatter
from typing import Literal, Self

Language = Literal["fr", "en"]
LONGEST = 300
TEXTS: dict[str, tuple[str, str]] = {
    # the text is not FEEL
    "text-too-long": ("expression trop longue : plus de {limit} caractères", "text too long: over {limit} characters"),
    "missing-quote": ("guillemet fermant manquant", "closing quote missing"),
    "broken-character": ("caractère Unicode incomplet", "incomplete Unicode character"),
    "nested-text": ("expression trop imbriquée", "expression nested too deep"),
    "long-chain": ("enchaînement trop long", "too many operators in a row"),
    "expected": ("« {what} » attendu", '"{what}" expected'),
    "expected-expression": ("expression attendue", "expression expected"),
    "expected-name": ("nom attendu", "name expected"),
    "expected-end": ("fin de l’expression attendue", "end of the expression expected"),
    "expected-range-end": ("fin d’intervalle attendue", "end of a range expected"),
    "expected-at-text": ("texte entre guillemets attendu après « @ »", 'text in quotes expected after "@"'),
    "external-function": ("les fonctions externes sont refusées", "external functions are refused"),
    "number-too-large": ("nombre impossible", "impossible number"),
    # the budget is spent
    "too-many-steps": ("calcul trop long : plus de {limit} étapes", "takes too long: over {limit} steps"),
    "too-much-time": ("calcul trop long : plus de {limit} s", "takes too long: over {limit} s"),
    "too-large": (
        "calcul trop volumineux : plus de {limit} éléments ou caractères",
        "makes too much: over {limit} items or characters",
    ),
    "too-deep": (
        "calcul trop profond : plus de {limit} appels imbriqués",
        "goes too deep: over {limit} calls within each other",
    ),
    "recursion": ("calcul trop imbriqué", "nested too deep"),
    # between the host and FEEL
    "foreign-value": (
        "valeur étrangère à FEEL : {type} (passer par to_feel)",
        "not a FEEL value: {type} (use to_feel)",
    ),
    "no-equivalent": ("valeur sans équivalent en FEEL : {type}", "no FEEL value stands for {type}"),
    "nested-value": ("valeur imbriquée sur plus de {limit} niveaux", "value nested over {limit} levels deep"),
    "no-number": ("nombre impossible : {value}", "impossible number: {value}"),
    "unreadable-variable": (
        "la variable « {name} » ne se lit pas : {cause}",
        'variable "{name}" is unreadable: {cause}',
    ),
    "function-sent": ("une fonction ne se transmet pas", "a function cannot be sent"),
    "function-kept": ("une fonction ne se garde pas", "a function cannot be stored"),
    "host-failed": ("la fonction « {name} » a échoué : {cause}", 'function "{name}" failed: {cause}'),
    "host-names": (
        "la fonction « {name} » ne prend pas d’arguments nommés",
        'function "{name}" takes no named arguments',
    ),
    "no-clock": (
        "now() et today() ne sont pas permis ici : l’heure n’est pas donnée",
        "now() and today() are not allowed here: no time was given",
    ),
    "not-repeatable": (
        "{name}() est refusé : rejoué, le même calcul donnerait une autre valeur",
        "{name}() is refused: run again, the same expression would give another value",
    ),
    "not-for-care": (
        "{name}() est refusé : un parcours ne demande pas de valeur à une IA",
        "{name}() is refused: a pathway asks no value of an AI",
    ),
    "assertion": ("assert() : la condition n’est pas vraie ({found})", "assert(): the condition is not true ({found})"),
    "assertion-cause": ("{cause}", "{cause}"),
    # what becomes null
    "unknown-variable": ("variable inconnue « {name} »", 'unknown variable "{name}"'),
    "unknown-function": ("fonction inconnue « {name} »", 'unknown function "{name}"'),
    "unknown-type": ("type inconnu « {name} »", 'unknown type "{name}"'),
    "no-entry": ("« {name} » n’existe pas dans ce contexte", 'this context has no "{name}"'),
    "no-part": ("{value} n’a pas de « {name} »", '{value} has no "{name}"'),
    "not-callable": ("{value} ne s’appelle pas comme une fonction", "{value} cannot be called like a function"),
    "argument-count": ("{expected} arguments attendus, {given} donnés", "{expected} arguments expected, {given} given"),
    "argument-names": ("arguments attendus : {expected}", "expected arguments: {expected}"),
    "argument-type": (
        "l’argument « {name} » n’est pas du type {type} : {value}",
        'argument "{name}" is not of type {type}: {value}',
    ),
    "arguments": ("{name}() ne prend pas ces arguments : {given}", "{name}() does not take these arguments: {given}"),
    "no-result": ("{name}() ne donne rien pour : {given}", "{name}() has no result for: {given}"),
    "function-failed": ("{name}() : {cause}", "{name}(): {cause}"),
    "overflow": ("nombre ou date hors de toute mesure", "number or date beyond all measure"),
    "condition": (
        "la condition de « if » donne {value} : c’est « else » qui vaut",
        'the condition of "if" gives {value}: "else" holds',
    ),
    "incomparable": ("comparaison impossible entre {a} et {b}", "{a} and {b} cannot be compared"),
    "not-boolean": ("« {word} » attend vrai ou faux, et non {value}", '"{word}" expects true or false, not {value}'),
    "in": ("« in » ne peut rien comparer à {value}", '"in" has nothing to compare with {value}'),
    "operation": ("« {sign} » impossible entre {a} et {b}", '"{sign}" is impossible between {a} and {b}'),
    "division-by-zero": ("division par zéro", "division by zero"),
    "negation": ("« - » impossible devant {value}", '"-" is impossible before {value}'),
    "range-ends": (
        "les bornes de l’intervalle ne se comparent pas : {a} et {b}",
        "the ends of the range cannot be compared: {a} and {b}",
    ),
    "not-iterable": ("{value} ne se parcourt pas", "one cannot iterate over {value}"),
    "steps": ("aucun pas à pas possible entre {a} et {b}", "no steps lead between {a} and {b}"),
    "satisfies": (
        "« satisfies » attend vrai ou faux, et non {value}",
        '"satisfies" expects true or false, not {value}',
    ),
    "filter": (
        "un filtre doit donner vrai, faux ou un rang, et non {value}",
        "a filter gives true, false or an index, not {value}",
    ),
    "index": ("rang absent de la liste : {index} sur {count}", "index not in the list: {index} of {count}"),
    "fraction-index": ("un rang est un nombre entier, et non {index}", "an index is a whole number, not {index}"),
    "same-entry": ("« {name} » est donné deux fois dans le contexte", '"{name}" comes twice in the context'),
    "unreadable": (
        "« {text} » n’est ni une date, ni une heure, ni une durée",
        '"{text}" is no date, no time and no duration',
    ),
    # why a built-in function has no result
    "impossible-date": ("date impossible : {text}", "no such date: {text}"),
    "impossible-time": ("heure impossible : {text}", "no such time: {text}"),
    "duration-too-large": ("durée trop grande", "duration too large"),
    "impossible-offset": ("décalage horaire impossible : {text}", "no such offset: {text}"),
    "unknown-zone": ("fuseau horaire inconnu : {name}", "unknown time zone: {name}"),
    "separators": (
        "séparateurs refusés : le premier est une espace, une virgule ou un point, le second un point ou une virgule",
        "separators refused: the first is a blank, a comma or a point, the second a point or a comma",
    ),
    "not-whole": ("un nombre entier est attendu, et non {value}", "a whole number is expected, not {value}"),
    "scale": ("un nombre de décimales entre -6111 et 6176 est attendu", "a scale between -6111 and 6176 is expected"),
    "rounding-mode": ("mode d’arrondi inconnu : {mode}", "unknown rounding mode: {mode}"),
    "positive": ("un nombre positif est attendu, et non {value}", "a positive number is expected, not {value}"),
    "position": ("il n’y a pas de position {position} sur {count}", "there is no position {position} among {count}"),
    "length": (
        "la longueur {length} n’est pas possible à partir de {position} sur {count}",
        "the length {length} is impossible from {position} among {count}",
    ),
    "numbers-only": ("une liste de nombres est attendue, et non {value}", "a list of numbers is expected, not {value}"),
    "list-expected": ("une liste est attendue, et non null", "a list is expected, not null"),
    "empty-list": ("la liste est vide", "the list is empty"),
    "one-number": ("un seul nombre n’a pas d’écart", "one number has no deviation"),
    "no-order": ("{a} et {b} n’ont pas d’ordre", "{a} and {b} have no order"),
    "texts-only": ("une liste de textes est attendue, et non {value}", "a list of texts is expected, not {value}"),
    "entries": (
        "chaque entrée est un contexte {{key, value}} dont « key » est un texte qui ne vient qu’une fois",
        'each entry is a context {{key, value}} whose "key" is a text that comes once',
    ),
    "no-inner-context": ("« {name} » n’est pas un contexte", '"{name}" is no context'),
    "keys": ("une liste de clés (des textes) est attendue", "a list of keys (texts) is expected"),
    "contexts-only": (
        "une liste de contextes est attendue, et non {value}",
        "a list of contexts is expected, not {value}",
    ),
    "two-parameters": (
        "la fonction doit prendre deux arguments, et non {count}",
        "the function must take two arguments, not {count}",
    ),
    "match-answer": (
        "la fonction doit répondre vrai ou faux, et non {value}",
        "the function must answer true or false, not {value}",
    ),
    "range-text": (
        "« {text} » n’est pas un intervalle de valeurs ordonnées",
        '"{text}" is no range between ordered values',
    ),
    "json": ("ce texte n’est pas du JSON", "this text is no JSON"),
    "no-json": ("{value} ne s’écrit pas en JSON", "{value} cannot be written in JSON"),
    "pattern-flags": ("options inconnues : {flags}", "unknown flags: {flags}"),
    "pattern-long": ("expression régulière trop longue ou trop lourde", "regular expression too long or too heavy"),
    "pattern-syntax": (
        "écriture inattendue au caractère {at}",
        "unexpected notation at character {at}",
    ),
    "pattern-end": ("il manque la fin", "its end is missing"),
    "pattern-escape": ("« \\{escape} » n’existe pas", '"\\{escape}" does not exist'),
    "pattern-category": ("catégorie ou bloc Unicode inconnu : {name}", "unknown Unicode category or block: {name}"),
    "pattern-range": ("intervalle de caractères à l’envers", "range of characters upside down"),
    "pattern-reference": ("le groupe {number} n’est pas encore fermé", "group {number} is not closed yet"),
    "pattern-empty": (
        "l’expression régulière accepte le texte vide",
        "the regular expression matches the empty text",
    ),
    "replacement": (
        "texte de remplacement refusé : « $ » est suivi d’un numéro, « \\ » de « $ » ou de « \\ »",
        'replacement refused: "$" precedes a number, "\\" precedes "$" or "\\"',
    ),
    # where
    "place-end": ("à la fin", "at the end"),
    "place-before": ("devant « {found} »", 'before "{found}"'),
    "place": ("(caractère {column}, {where}, dans « {text} »)", '(character {column}, {where}, in "{text}")'),
    "place-line": (
        "(ligne {line}, caractère {column}, {where}, dans « {text} »)",
        '(line {line}, character {column}, {where}, in "{text}")',
    ),
    "place-text": ("(expression : « {text} »)", '(expression: "{text}")'),
}


class Spoken:
    """A part of a sentence that differs between languages."""

    def text(self, language: Language) -> str:
        raise NotImplementedError


class Told(str):
    """A French sentence that knows its code, its English and the character (from 0) that it is about."""

    __slots__ = ("code", "position", "values")
    code: str
    values: dict[str, object]
    position: int | None

    def __new__(cls, french: str, code: str = "", values: dict[str, object] | None = None) -> Self:
        made = super().__new__(cls, french)
        made.code, made.values, made.position = code, values or {}, None
        return made

    def text(self, language: Language = "fr") -> str:
        """The sentence in a language; one that is not of the table is the same in both."""
        return sentence(self.code, self.values, language) if self.code else str(self)

    def placed(self, position: int | None) -> "Told":
        self.position = position
        return self


def told(code: str, **values: object) -> Told:
    """The sentence of a code, with the values that it names."""
    return Told(sentence(code, values, "fr"), code, values)


def sentence(code: str, values: dict[str, object], language: Language) -> str:
    said = FORMATTERS[language].vformat(TEXTS[code][language == "en"], (), values)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


class _Sentence(Formatter):
    """Fills a template with values, each said in the language of the sentence."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def format_field(self, value: object, format_spec: str) -> str:
        return value.text(self.language) if isinstance(value, Spoken | Told) else format(value, format_spec)


FORMATTERS: dict[Language, _Sentence] = {"fr": _Sentence("fr"), "en": _Sentence("en")}
