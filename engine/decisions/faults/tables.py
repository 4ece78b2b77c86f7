"""Decision tables: a hit policy that exists, columns and cells that fit together."""

from collections.abc import Iterator

from engine.decisions import model
from engine.decisions.library import Library
from engine.decisions.problem import Problem

POLICIES = ("UNIQUE", "ANY", "PRIORITY", "FIRST", "OUTPUT ORDER", "RULE ORDER", "COLLECT")
RANKED = ("PRIORITY", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")


def problems(table: model.DecisionTable, library: Library) -> Iterator[Problem]:
    yield from _policy(table)
    if table.hit_policy in RANKED and not any(library.values_of(output) for output in table.outputs):
        hint = "Écrivez les valeurs de la sortie, de la plus à la moins prioritaire."
        yield _said(table, f"La politique {table.hit_policy} demande les valeurs permises de la sortie", hint)
    yield from _columns(table)
    yield from _rules(table)


def _policy(table: model.DecisionTable) -> Iterator[Problem]:
    policy, aggregation = table.hit_policy, table.aggregation
    if policy not in POLICIES:
        yield _said(table, f"Politique de table inconnue : {policy}", f"Choisissez parmi : {', '.join(POLICIES)}.")
    if aggregation and aggregation not in AGGREGATIONS:
        yield _said(table, f"Agrégation inconnue : {aggregation}", f"Choisissez parmi : {', '.join(AGGREGATIONS)}.")
    if aggregation and policy != "COLLECT":
        hint = "Choisissez la politique COLLECT, ou retirez l’agrégation."
        yield _said(table, f"La politique {policy} n’agrège pas ses résultats ({aggregation})", hint)
    if aggregation and len(table.outputs) > 1:
        hint = "Gardez une seule sortie, ou retirez l’agrégation."
        yield _said(table, f"{aggregation} ne s’applique qu’à une table d’une seule sortie", hint)


def _columns(table: model.DecisionTable) -> Iterator[Problem]:
    if not table.outputs:
        yield _said(table, "La table n’a aucune sortie", "Ajoutez une colonne de sortie.")
    for number, found in enumerate(table.inputs, 1):
        if not found.text:
            label = f"« {found.label} »" if found.label else "sans nom"
            message = f"La colonne d’entrée {number} ({label}) ne dit pas quelle donnée elle lit"
            yield Problem(found.id or table.id, found.line, message, "Écrivez le nom de la donnée en tête de colonne.")
    if len(table.outputs) > 1:
        yield from _output_names(table)


def _output_names(table: model.DecisionTable) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, found in enumerate(table.outputs, 1):
        if not found.name:
            message = f"La sortie {number} n’a pas de nom"
            yield Problem(found.id or table.id, found.line, message, "Nommez chaque sortie.")
        elif found.name in seen:
            message = f"Deux sorties portent le même nom : « {found.name} »"
            yield Problem(found.id or table.id, found.line, message, "Renommez l’une des deux.")
        seen.add(found.name)


def _rules(table: model.DecisionTable) -> Iterator[Problem]:
    for number, rule in enumerate(table.rules, 1):
        if len(rule.inputs) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            message = f"La règle {number} n’a pas autant de cellules que la table"
            hint = f"Il en faut {len(table.inputs)} en entrée et {len(table.outputs)} en sortie."
            yield Problem(rule.id or table.id, rule.line, message, hint)


def _said(table: model.DecisionTable, message: str, hint: str) -> Problem:
    return Problem(table.id, table.line, message, hint)
