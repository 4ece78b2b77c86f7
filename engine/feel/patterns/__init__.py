"""Regular expressions as FEEL writes them (XPath's), none of which can take longer than its budget."""

import re
from collections.abc import Callable
from functools import lru_cache

from engine.feel.errors import Impossible
from engine.feel.patterns.backtracking import Backtracking
from engine.feel.patterns.linear import Linear
from engine.feel.patterns.matching import Match, Meter, Pattern
from engine.feel.patterns.notation import Notation

FLAGS = frozenset("smixq")
GROUP = re.compile(r"\$(\d+)|\\([\\$])", re.ASCII)
TEMPLATE = re.compile(r"(?:[^\\$]|\$\d+|\\[\\$])*", re.ASCII)
Filling = Callable[[Match], str]

__all__ = ["Match", "Meter", "Pattern", "pattern", "replacement"]


@lru_cache(maxsize=64)  # one may weigh as much as linear.MEMORY
def pattern(expression: str, flags: str = "") -> Pattern:
    """Raises Impossible for what XPath refuses."""
    unknown = "".join(sorted(set(flags) - FLAGS))
    if unknown:
        raise Impossible("pattern-flags", flags=unknown)
    notation = Notation(expression, flags)
    tree = notation.tree()
    return (Backtracking if notation.refers else Linear)(tree, notation.groups)


def replacement(template: str, groups: int, flags: str = "") -> Filling:
    """What a match is replaced by: `$0` is all of it, `$1`… its groups; raises Impossible for what XPath refuses."""
    if "q" in flags:
        return lambda match: template
    if not TEMPLATE.fullmatch(template):
        raise Impossible("replacement")

    def group(found: re.Match[str], match: Match) -> str:
        if found[2]:
            return found[2]
        digits = found[1]
        while len(digits) > 1 and int(digits) > groups:
            digits = digits[:-1]
        said = match.group(int(digits)) if int(digits) <= groups else ""
        return (said or "") + found[1][len(digits) :]

    return lambda match: GROUP.sub(lambda found: group(found, match), template)
