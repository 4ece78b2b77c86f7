"""What a service task of a pathway can call: one module per operation, one line here."""

from collections.abc import Mapping

from engine.environment import Operation
from pathways.operations.record_consent import record
from pathways.operations.register_circle import register
from pathways.operations.remind_task import remind

OPERATIONS: Mapping[str, Operation] = {
    "cercle.inscrire": register,
    "consentement.enregistrer": record,
    "tache.relancer": remind,
}
