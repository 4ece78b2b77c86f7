"""Zeebe's input and output mappings and the propagation of results."""

from __future__ import annotations

from collections.abc import Mapping as Values
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.dialect import Mapping
from engine.expressions import evaluate
from engine.scopes import Scopes, View, chain, propagate, put_all

if TYPE_CHECKING:
    from engine.elements.node import Node
    from engine.token import Token


def put_path(target: dict[str, Any], path: str, value: Any) -> None:
    """`a.b` as a target makes a nested context."""
    head, _, rest = path.partition(".")
    if not rest:
        target[head] = value
        return
    within = target.get(head)
    inner = dict(within) if isinstance(within, dict) else {}
    put_path(inner, rest, value)
    target[head] = inner


def value(mapping: Mapping, view: View) -> Any:
    """A mapping's source: FEEL, a static text, or the variable of a data association."""
    return view.get(mapping.source) if mapping.variable else evaluate(mapping.source, view)


def computed(mappings: Sequence[Mapping], view: View, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """The targets' values; a later mapping sees the targets of the earlier ones when they are in `known`."""
    values: dict[str, Any] = {} if known is None else known
    for mapping in mappings:
        put_path(values, mapping.target, value(mapping, view))
    return values


def take_in(node: Node, token: Token) -> None:
    """Input mappings make local variables; a later one sees the earlier ones."""
    if node.maps_in:
        known: dict[str, Any] = {}
        computed(node.maps_in, View(token.host, chain(token), known), known)
        put_all(token.own(), known)


def give_out(node: Node, token: Token, result: Values[str, Any] | None, inside: Scopes | None = None) -> None:
    """With output mappings only their targets leave; without, each result goes to the nearest scope with its name."""
    if node.maps_out:
        scopes = chain(token)
        values = computed(node.maps_out, View(token.host, inside or scopes, result))
        propagate(scopes[1:] if token.locals else scopes, values)
    elif result:
        propagate(chain(token), result)
