"""Every rule and every operation stands in its table: none is forgotten."""

from pathlib import Path

import pathways.checks
import pathways.operations
from pathways.checks import RULES
from pathways.operations import OPERATIONS

NO_RULE = {"__init__", "subject", "variables"}


def modules(package: object) -> set[str]:
    folder = Path(str(getattr(package, "__file__", ""))).parent
    return {path.stem for path in folder.glob("*.py")}


def test_every_rule_is_in_the_table() -> None:
    tabled = {getattr(rule, "__module__", "").rpartition(".")[2] for rule in RULES}
    assert tabled == modules(pathways.checks) - NO_RULE


def test_every_operation_is_in_the_table() -> None:
    tabled = {getattr(operation, "__module__", "").rpartition(".")[2] for operation in OPERATIONS.values()}
    assert tabled == modules(pathways.operations) - {"__init__"}
