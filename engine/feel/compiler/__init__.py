"""The compiler: a syntax tree becomes closures, once; running them costs no parsing and no look at the tree."""

from engine.feel.compiler import calls, choices, collections, loops, operators, ranges
from engine.feel.compiler.emission import Code, TestCode, emit, emit_tests

__all__ = ["Code", "TestCode", "calls", "choices", "collections", "emit", "emit_tests", "loops", "operators", "ranges"]
