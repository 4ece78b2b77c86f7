"""The static check of decision tables: what no rule covers, rules that clash, rules that can never fire."""

from engine.decisions.coverage.check import remarks
from engine.decisions.coverage.remark import Remark

__all__ = ["Remark", "remarks"]
