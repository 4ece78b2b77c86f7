"""The demo's sign-ins: one address for each role, one password for all, only ever made in a demo."""

from jalon.demo.professionals import Professional, professionals

PASSWORD = "sentier-balise-43"  # noqa: S105 – the demo's, printed at each start
ROLES = {
    "medecin": "médecin traitant",
    "medecin2": "médecin traitant",
    "infirmiere": "infirmière libérale",
    "pharmacienne": "pharmacienne",
    "kine": "kinésithérapeute",
    "orthophoniste": "orthophoniste",
    "ipa": "infirmière en pratique avancée",
    "coordinatrice": "coordination",
    "responsable": "responsable médical (atelier, suivi)",
    "hopital": "hôpital",
    "social": "service social, appui",
    "admin": "administration",
    "dpo": "protection des données",
}


def accounts() -> list[tuple[str, str]]:
    """(role, address) of everybody who may sign in."""
    return [(_role(one), one.email) for one in _members()]


def table() -> str:
    """The sign-ins, one a line, then the password."""
    width = max(len(one.email) for one in _members())
    lines = [f"  {one.email:<{width}}  {_role(one):<36}  {one.display}" for one in _members()]
    return "\n".join([*lines, f"  Mot de passe de tous : {PASSWORD}"])


def _members() -> list[Professional]:
    return [one for one in professionals() if one.login]


def _role(member: Professional) -> str:
    return ROLES[member.email.partition("@")[0]]
