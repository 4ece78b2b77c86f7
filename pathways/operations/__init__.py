"""What a service task of a pathway can call: one module per operation, one line here."""

from collections.abc import Mapping

from engine.environment import Operation
from pathways.operations import close_case, record_consent, register_circle

OPERATIONS: Mapping[str, Operation] = {
    "cercle.inscrire": register_circle.register,
    "consentement.enregistrer": record_consent.record,
    "dossier.clore": close_case.close,
}
