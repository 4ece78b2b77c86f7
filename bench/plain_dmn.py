"""Plain SpiffWorkflow's conditions and decision tables: Python behind `eval`, what Jalon's FEEL is compared with."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

from lxml import etree
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

Work = Callable[[Mapping[str, object]], object]


def condition(text: str) -> Work:
    engine = PythonScriptEngine()
    return lambda case: engine.evaluate(SimpleNamespace(data=case), text)


def table(content: bytes) -> Work:
    """The library reads files of one decision, without input data, and cells that are Python."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    namespace = str(etree.QName(root).namespace)
    for other in root.findall(f"{{{namespace}}}inputData"):
        root.remove(other)
    for number, entry in enumerate(root.iter(f"{{{namespace}}}inputEntry", f"{{{namespace}}}outputEntry")):
        entry.set("id", f"e{number}")
    parser = DMNParser(None, root, {"dmn": namespace}, filename="bench.dmn")
    parser.parse()
    engine, workflow = DMNEngine(parser.decision.decisionTables[0]), SimpleNamespace(script_engine=PythonScriptEngine())
    return lambda case: engine.result(SimpleNamespace(data=dict(case), workflow=workflow))["suite"]


def band(low: int, high: int) -> str:
    """`[low..high)` as its cells say it."""
    return f"{low} <= ? < {high}"
