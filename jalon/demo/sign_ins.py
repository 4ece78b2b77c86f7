"""The demo's sign-ins: one address for each role, one password for all, only ever made in a demo."""

from jalon.demo.professionals import professionals

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
}


def accounts() -> list[tuple[str, str]]:
    """(role, address) of everybody who may sign in."""
    return [(_role(one.login), one.login) for one in professionals() if one.login]


def table() -> str:
    """The sign-ins, one a line, then the password."""
    members = [(one, one.login) for one in professionals() if one.login]
    width = max(len(login) for _, login in members)
    lines = [f"  {login:<{width}}  {_role(login):<36}  {one.display}" for one, login in members]
    return "\n".join([*lines, f"  Mot de passe de tous : {PASSWORD}"])


def _role(login: str) -> str:
    return ROLES[login.partition("@")[0]]


