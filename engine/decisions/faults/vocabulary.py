"""What is wrong with the words of a file, before anything is linked: unknown elements, languages, identifiers."""

from collections.abc import Iterator

from lxml import etree

from engine.decisions.boxes import BOXES
from engine.decisions.language import is_feel
from engine.decisions.problem import Problem
from engine.decisions.xml import attribute, child, children, line, tag, text

Element = etree._Element
WORDS = """
    definitions import itemDefinition itemComponent typeRef allowedValues typeConstraint functionItem parameters
    decision businessKnowledgeModel inputData knowledgeSource decisionService variable description
    informationRequirement requiredDecision requiredInput knowledgeRequirement requiredKnowledge authorityRequirement
    requiredAuthority question allowedAnswers supportedObjective impactedPerformanceIndicator decisionMaker
    decisionOwner usingProcess usingTask type owner locationURI outputDecision encapsulatedDecision inputDecision
    encapsulatedLogic formalParameter text importedValues importedElement contextEntry column row binding parameter
    input inputExpression inputValues output outputValues defaultOutputEntry annotation rule inputEntry outputEntry
    annotationEntry if then else in match return satisfies textAnnotation association sourceRef targetRef group
    elementCollection drgElement performanceIndicator impactingDecision organizationUnit decisionMade decisionOwned
    businessContextElement
"""
KNOWN = frozenset(WORDS.split()) | BOXES.keys()
HOLDERS = "decision encapsulatedLogic functionDefinition contextEntry binding invocation if then else in match return"
SINGLE = frozenset([*HOLDERS.split(), "satisfies"])
REFERRED = ("decision", "inputData", "businessKnowledgeModel", "decisionService", "rule")  # by links or by the journal
TYPE_LANGUAGES = ("", "http://www.w3.org/2001/xmlschema")
WRITE_FEEL = "Réécrivez ce texte en FEEL, ou choisissez le langage FEEL dans le logiciel de modélisation."


def problems(root: Element) -> Iterator[Problem]:
    """All that can be said of a file by itself."""
    if not attribute(root, "namespace"):
        yield Problem(attribute(root, "id"), line(root), "Le fichier n’a pas d’espace de noms (attribut « namespace »)")
    seen: dict[str, int] = {}
    for element in own(root):
        yield from _of_words(element)
        yield from _of_languages(element)
        yield from _of_identity(element, seen)
        yield from _of_places(element)


def own(element: Element) -> Iterator[Element]:
    """An element and all those of DMN within it; what vendors add is left alone."""
    todo = [element]
    while todo:
        found = todo.pop()
        yield found
        todo += [one for one in reversed(children(found)) if tag(one) != "extensionElements"]


def _of_words(element: Element) -> Iterator[Problem]:
    if tag(element) not in KNOWN:
        hint = "Retirez cet élément, ou dites-le autrement."
        yield Problem(attribute(element, "id"), line(element), f"Élément DMN inconnu : « {tag(element)} »", hint)
    if tag(element) == "importedValues":
        message = "Un texte gardé dans un autre fichier (« importedValues ») n’est pas lu"
        yield Problem(_holder(element), line(element), message, "Écrivez ce texte dans le fichier lui-même.")


def _of_languages(element: Element) -> Iterator[Problem]:
    language = attribute(element, "expressionLanguage")
    if not is_feel(language):
        message = f"Langage d’expression refusé : {language}"
        yield Problem(_holder(element), line(element), message, WRITE_FEEL)
    types = attribute(element, "typeLanguage")
    if not is_feel(types) and types.casefold().rstrip("/") not in TYPE_LANGUAGES:
        hint = "Utilisez les types de FEEL (number, string, date…)."
        yield Problem(_holder(element), line(element), f"Langage de types refusé : {types}", hint)


def _of_identity(element: Element, seen: dict[str, int]) -> Iterator[Problem]:
    id_ = attribute(element, "id") if tag(element) in REFERRED else ""
    if id_ in seen:
        message = f"L’identifiant « {id_} » est déjà pris, ligne {seen[id_]}"
        yield Problem(id_, line(element), message, "Donnez à chaque élément un identifiant à lui.")
    elif id_:
        seen[id_] = line(element)
    if tag(element) in ("itemDefinition", "itemComponent") and not attribute(element, "name"):
        yield Problem(_holder(element), line(element), "Ce type n’a pas de nom", "Donnez-lui un nom.")


def _of_places(element: Element) -> Iterator[Problem]:
    boxed = [found for found in children(element) if tag(found) in BOXES] if tag(element) in SINGLE else []
    if len(boxed) > 1:
        message = f"Une seule expression est attendue ici, {len(boxed)} sont écrites"
        yield Problem(_holder(element), line(boxed[1]), message, "Gardez celle qui décide, retirez les autres.")
    if tag(element) == "contextEntry":
        variable = child(element, "variable")
        if variable is not None and not attribute(variable, "name"):
            yield Problem(_holder(element), line(element), "Cette ligne du contexte n’a pas de nom", "Nommez-la.")
    if tag(element) == "itemDefinition" and text(element, "typeRef") and children(element, "itemComponent"):
        message = "Un type ne peut pas avoir à la fois un type de base et des composants"
        yield Problem(_holder(element), line(element), message, "Retirez l’un des deux.")


def _holder(element: Element | None) -> str:
    """The id of the element, else that of the nearest one around it."""
    while element is not None and not attribute(element, "id"):
        element = element.getparent()
    return attribute(element, "id")
