"""What a service task of a pathway can call: one module per operation, one line here."""

from collections.abc import Mapping

from engine.environment import Operation
from pathways.operations import record_consent, register_circle, remind_task

OPERATIONS: Mapping[str, Operation] = {
    "cercle.inscrire": register_circle.register,
    "consentement.enregistrer": record_consent.record,
    "tache.relancer": remind_task.remind,
}
