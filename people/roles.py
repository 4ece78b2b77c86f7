"""The roles that lanes name, with the words that screens use for them."""

ROLES = {
    "patient": "Patient",
    "aidant": "Aidant",
    "medecin_traitant": "Médecin traitant",
    "medecin_effecteur": "Médecin effecteur",
    "medecin_regulateur": "Médecin régulateur",
    "osnp": "Opérateur de soins non programmés",
    "ide_liberale": "Infirmier libéral",
    "ipa": "Infirmier en pratique avancée",
    "pharmacien_officine": "Pharmacien d’officine",
    "kinesitherapeute": "Masseur-kinésithérapeute",
    "orthophoniste": "Orthophoniste",
    "ergotherapeute": "Ergothérapeute",
    "psychologue": "Psychologue",
    "dieteticien": "Diététicien",
    "sage_femme": "Sage-femme",
    "secretaire": "Secrétaire",
    "assistant_medical": "Assistant médical",
    "coordinateur": "Coordination",
    "coordonnateur_medical": "Coordonnateur médical",
    "referent_profession": "Référent de la profession",
    "president": "Président",
    "referent_crise": "Référent de crise",
    "membre_cellule_crise": "Membre de la cellule de crise",
    "assistant_social": "Assistant social",
    "dac": "Dispositif d’appui à la coordination",
    "ems": "Service hospitalier",
    "ide_coordination_hosp": "Infirmier de coordination hospitalière",
    "had_coordination": "Coordination de l’hospitalisation à domicile",
    "emg": "Équipe mobile de gériatrie",
    "emsp": "Équipe mobile de soins palliatifs",
    "cmp": "Centre médico-psychologique",
    "ehpad": "Ehpad",
    "prado_cam": "Conseiller de l’assurance maladie",
    "transporteur": "Transporteur",
    "auditeur": "Auditeur",
    "dpo": "Délégué à la protection des données",
    "admin": "Administrateur",
}


def label(role: str) -> str:
    """The role in French, or its key when it is not one of ours."""
    return ROLES.get(role, role)
