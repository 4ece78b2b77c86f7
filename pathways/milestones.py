"""The milestones that a diagram may throw to the partner who opened the case."""

from collections.abc import Mapping

MILESTONES: Mapping[str, str] = {
    "inclusion": "Inclusion confirmée",
    "rendez_vous_fixe": "Rendez-vous fixé",
    "compte_rendu_disponible": "Compte rendu disponible",
    "lettre_manquante": "Lettre de liaison attendue",
}
