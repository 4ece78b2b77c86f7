"""Import, check, export and publication of a diagram of another tool are four verdicts, each on its own."""

import pytest
from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.database import Database
from base.errors import PathwayError
from base.settings import Settings
from engine.findings import Refused
from pathways import catalogue
from pathways.context import Context
from pathways.library import read_diagram, read_zip
from tests.support.contexts import make_context

DRAWN = """<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>
<!-- drawn elsewhere -->
<sem:definitions xmlns:sem="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:v="urn:vendor" id="d" name="Procédure"
    xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    targetNamespace="urn:x" exporter="Autre outil">
  <sem:dataStore id="registre" name="Registre" capacity="3"/>
  <sem:collaboration id="c">
    <sem:participant id="hopital" name="Hôpital (boîte noire)"/>
    <sem:participant id="ville" name="Ville" processRef="p"/>
    <sem:messageFlow id="m" sourceRef="hopital" targetRef="t"/>
  </sem:collaboration>
  <sem:process id="p" isExecutable="false">
    <sem:documentation textFormat="text/html">&lt;b&gt;Lire&lt;/b&gt; d'abord</sem:documentation>
    <sem:extensionElements><v:couleur rgb="#ff0000"><v:nuance/></v:couleur></sem:extensionElements>
    <sem:dataStoreReference id="dr" dataStoreRef="registre"/>
    <sem:task id="t" name="Lire" v:cout="12"/>
    <sem:textAnnotation id="a"><sem:text>à voir</sem:text></sem:textAnnotation>
  </sem:process>
  <di:BPMNDiagram id="b"><di:BPMNPlane id="pl" bpmnElement="c"><di:BPMNShape id="t_di" bpmnElement="t">
    <dc:Bounds x="1.5" y="2" width="100" height="80"/></di:BPMNShape></di:BPMNPlane></di:BPMNDiagram>
</sem:definitions>""".encode("latin-1")


@pytest.fixture
def context(settings: Settings, database: Database, clock: ManualClock) -> Context:
    return make_context(settings, database, clock)


def keep(session: Session, context: Context, content: bytes = DRAWN, name: str = "Procédure 1.0") -> str:
    return catalogue.import_draft(session, context, read_diagram(content, name), "essai")


def test_a_diagram_that_does_not_run_is_imported_and_exported_as_it_is(context: Context) -> None:
    with context.database.begin() as session:
        key = keep(session, context)
        exported = read_zip(catalogue.export_draft(session, "demo", key))
    assert key == "procedure-1-0"
    assert exported.files[exported.diagram] == DRAWN
    assert (exported.manifest.title, exported.manifest.process) == ("Procédure", "p")


def test_the_checks_say_why_it_does_not_run_and_publication_refuses_it(context: Context) -> None:
    with context.database.begin() as session:
        key = keep(session, context)
        found = catalogue.check_draft(session, context, key)
        assert "main-process-not-executable" in {one.code for one in found if one.severity == "error"}
        with pytest.raises(Refused):
            catalogue.publish_draft(session, context, key, "essai")
        assert catalogue.listing(session, "demo")[0].has_draft


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"<a/>",
        DRAWN[:-20],
        DRAWN.replace(b"20100524/MODEL", b"2010/MODEL"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
)
def test_what_is_no_diagram_is_not_imported(content: bytes) -> None:
    with pytest.raises(PathwayError):
        read_diagram(content, "x")


def test_a_drawing_without_any_process_gets_a_manifest_too(context: Context) -> None:
    pools = DRAWN[: DRAWN.index(b"<sem:process")] + b"</sem:definitions>"
    with context.database.begin() as session:
        key = keep(session, context, pools, "«»")
        assert key == "parcours"
        assert any(one.severity == "error" for one in catalogue.check_draft(session, context, key))
