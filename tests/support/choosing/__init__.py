"""A small pathway in which nurses choose what to do, and a case that waits for their choice."""

from datetime import date
from pathlib import Path

from base.ids import new_id
from care.case import cases
from care.identity import patients
from care.identity.identity import Identity
from pathways.context import Context

FILES = {
    "choix.bpmn": Path(__file__).with_name("choix.bpmn").read_bytes(),
    "parcours.json": (
        b'{"key": "choix", "titre": "Soutien", "mission": "acces_soins", "statut": "essai", "process": "p_choix",'
        b' "parametres": {}}'
    ),
}
IDENTITY = Identity(
    "PAT-CHOIX", ("Camille",), "F", date(1951, 6, 2), tel="+33639981250", adresse="2 rue du Puy, 43590 Beauzac"
)


def open_case(context: Context, pathway: str = "choix") -> str:
    """A case of the pathway; `pathway` is the catalogue's key that it goes by."""
    case = new_id()
    with context.database.begin() as session:
        definition = context.engine.deploy(session, FILES)
        patient = patients.admit(session, context.vault, context.clock, context.tenant, IDENTITY, "VALI")
        cases.open_case(
            session, context.vault, context.clock, context.tenant, patient=patient.id, pathway=pathway,
            pathway_version=1, title="Soutien à domicile", id=case,
        )  # fmt: skip
        context.engine.start(
            session, run=case, definition=definition, process="p_choix", message=None,
            variables={"dossier": case, "complet": False}, actor="partner:essai",
        )  # fmt: skip
    return case
