"""Who may come through this door: the clinical lead and, to follow the cases, the coordinator and the operator."""

from base.errors import Forbidden
from care.sharing.visibility import PROTECTION
from inbox.request import person
from people.persons import Person

CLINICAL_LEAD = "coordonnateur_medical"
COORDINATOR = "coordinateur"
OPERATOR = "admin"
AUTHORS = frozenset({CLINICAL_LEAD})
COCKPIT = frozenset({CLINICAL_LEAD, COORDINATOR})
FOLLOWERS = COCKPIT | {OPERATOR}
VERSIONS = AUTHORS | {OPERATOR}
REGISTER = FOLLOWERS | {PROTECTION}


def author() -> Person:
    """The person asking, who may change pathways; raises Forbidden otherwise."""
    return _holding(AUTHORS, "Les parcours se modifient avec le rôle de coordonnateur médical.")


def follower() -> Person:
    """The person asking, who may follow the cases of all; raises Forbidden otherwise."""
    return _holding(FOLLOWERS, "Le suivi des dossiers est réservé à la coordination et à la responsabilité médicale.")


def sees_patients(asking: Person) -> bool:
    """Whether they may know whose the cases are."""
    return bool(COCKPIT & asking.roles)


def coordinating() -> Person:
    """The person asking, who runs the territory's cases; raises Forbidden otherwise. An operator sees no patient."""
    return _holding(COCKPIT, "Le pilotage est réservé à la coordination et à la responsabilité médicale.")


def coordination() -> Person:
    """The person asking, who may change when a case goes on; raises Forbidden otherwise."""
    return _holding(AUTHORS | {COORDINATOR}, "Une échéance se déplace avec le rôle de coordination.")


def watcher() -> Person:
    """The person asking, who may look at accesses in an emergency; raises Forbidden otherwise."""
    return _holding(COCKPIT | {PROTECTION}, "Les accès en urgence se relisent par la coordination.")


def register_reader() -> Person:
    """The person asking, who may read the register of erasures; raises Forbidden otherwise."""
    return _holding(REGISTER, "Le registre des effacements est tenu pour la protection des données et la coordination.")


def may_read_register(asking: Person) -> bool:
    """Whether the register of erasures is theirs to read."""
    return bool(REGISTER & asking.roles)


def corrector() -> Person:
    """The person asking, who may correct a value where a case is stuck; raises Forbidden otherwise."""
    return _holding(AUTHORS | {COORDINATOR}, "Une valeur se corrige avec le rôle de coordination.")


def may_move_version(asking: Person) -> bool:
    """Whether they may let a case go on with another version of its pathway."""
    return bool(VERSIONS & asking.roles)


def mover() -> Person:
    """The person asking, who may let a case go on with another version; raises Forbidden otherwise."""
    return _holding(VERSIONS, "La version d’un dossier se change avec le rôle de coordonnateur médical.")


def directory_keeper() -> Person:
    """The person asking, who may keep the directory; raises Forbidden otherwise."""
    return _holding(frozenset({COORDINATOR, OPERATOR}), "L’annuaire est tenu par la coordination.")


def _holding(roles: frozenset[str], refusal: str) -> Person:
    asking = person()
    if not roles & asking.roles:
        raise Forbidden(refusal)
    return asking
