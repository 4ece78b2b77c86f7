"""The parameters of a pathway: what a committee decides, kept beside the diagram and versioned with it."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True)
class Parameter:
    """A delay, a number or a word: its value, what it means, where it comes from."""

    value: object
    label: str
    source: str


def read_parameters(said: object) -> dict[str, Parameter]:
    """The `parametres` of `parcours.json`: `{name: {valeur, libelle, source}}`."""
    if not isinstance(said, dict):
        return {}
    return {str(name): _parameter(one) for name, one in said.items()}


def values(parameters: Mapping[str, Parameter]) -> dict[str, object]:
    """What the run knows of them."""
    return {name: parameter.value for name, parameter in parameters.items()}


def stored(parameters: Mapping[str, Parameter]) -> str:
    """The parameters as a version keeps them."""
    said = {name: {"valeur": one.value, "libelle": one.label, "source": one.source} for name, one in parameters.items()}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def _parameter(said: object) -> Parameter:
    if not isinstance(said, dict):
        return Parameter(said, "", "")
    return Parameter(said.get("valeur"), str(said.get("libelle") or ""), str(said.get("source") or ""))
