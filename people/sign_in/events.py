"""What happened to somebody's ways in: kept for them to read, and logged without a secret or a name."""

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session
from structlog import get_logger

from base.clock import Clock
from base.ids import new_id
from people.tables import sign_in_event as rows

SHOWN = 30
KINDS = {
    "signed_in": "Connexion",
    "password_wrong": "Mot de passe refusé",
    "code_wrong": "Code refusé",
    "locked": "Accès fermé 15 minutes, après trop d’essais",
    "password_changed": "Mot de passe changé",
    "password_forgotten": "Lien demandé pour un mot de passe oublié",
    "password_renewed": "Mot de passe oublié, remplacé par un lien",
    "codes_set": "Code par téléphone ajouté",
    "codes_removed": "Code par téléphone retiré",
    "recovery_made": "Codes de secours créés",
    "recovery_used": "Code de secours utilisé",
    "passkey_added": "Clé d’accès ajoutée",
    "passkey_removed": "Clé d’accès retirée",
    "passkey_copied": "Clé d’accès refusée : elle semble avoir été copiée",
    "session_ended": "Appareil déconnecté",
    "sessions_ended": "Tous les autres appareils déconnectés",
    "invited": "Invitation créée",
    "account_opened": "Compte ouvert",
    "psc_linked": "Pro Santé Connect relié",
    "enrolment_asked": "Accès demandé",
    "enrolment_granted": "Accès accordé",
    "enrolment_refused": "Accès refusé",
    "charter_accepted": "Charte acceptée",
    "role_chosen": "Rôle choisi",
}


def note(
    session: Session, clock: Clock, tenant: str, person: str, kind: str, *, detail: str = "", device: str = ""
) -> None:
    """Write down one event; `detail` is for the person alone, the log does not get it."""
    if kind not in KINDS:
        raise ValueError(kind)
    row = {"tenant": tenant, "id": new_id(), "person": person, "kind": kind, "at": clock.now()}
    session.execute(insert(rows).values({**row, "detail": detail, "device": device}))
    get_logger().info("sign_in_event", tenant=tenant, person=person, kind=kind)


def latest(session: Session, tenant: str, person: str) -> list[Row[str, str, str, str]]:
    """The last events of a person, newest first."""
    query = select(rows.c.kind, rows.c.detail, rows.c.device, rows.c.at)
    mine = query.where(rows.c.tenant == tenant, rows.c.person == person)
    return list(session.execute(mine.order_by(rows.c.at.desc(), rows.c.id.desc()).limit(SHOWN)).all())
