"""The kinds of notices and their words: never anything of a patient, only that something waits, and until when."""

from dataclasses import dataclass

WAITING, HANDED, TO_PREPARE, RETURNED = "waiting", "handed", "to_prepare", "returned"
MENTION, QUESTION, CORRECTION = "mention", "question", "correction"
REPLY, CORRECTED = "reply", "corrected"
REMINDER, ASKED_AGAIN, OVERDUE = "reminder", "asked_again", "overdue"
UNREACHED, STUCK, SENT_FOR, OFF_DUTY = "unreached", "stuck", "sent_for", "off_duty"
STANDS_IN, STOPPED, EMERGENCY, THANKS = "stands_in", "stopped", "emergency", "thanks"
INVITATION = "invitation"


@dataclass(frozen=True)
class Kind:
    """`one` and `many` are said in a message and on the page; `waits` when it counts among what is still to be done."""

    one: str
    many: str
    waits: bool = True


KINDS = {
    WAITING: Kind("Une tâche vous attend", "{n} tâches vous attendent"),
    HANDED: Kind("Une tâche vous est confiée", "{n} tâches vous sont confiées"),
    TO_PREPARE: Kind("Une tâche est à préparer pour un collègue", "{n} tâches sont à préparer pour un collègue"),
    RETURNED: Kind("Une tâche déléguée vous revient", "{n} tâches déléguées vous reviennent"),
    MENTION: Kind("Un message vous nomme", "{n} messages vous nomment", False),
    QUESTION: Kind("Une question vous est posée", "{n} questions vous sont posées", False),
    CORRECTION: Kind("Une correction vous est demandée", "{n} corrections vous sont demandées", False),
    REPLY: Kind("Votre question a reçu une réponse", "{n} de vos questions ont reçu une réponse", False),
    CORRECTED: Kind(
        "Une correction que vous demandiez est faite", "{n} corrections que vous demandiez sont faites", False
    ),
    REMINDER: Kind("Rappel : une tâche arrive à échéance", "Rappel : {n} tâches arrivent à échéance"),
    ASKED_AGAIN: Kind("La coordination vous rappelle une tâche", "La coordination vous rappelle {n} tâches"),
    UNREACHED: Kind("Une tâche attend quelqu’un sans compte", "{n} tâches attendent quelqu’un sans compte"),
    OVERDUE: Kind("Une tâche est en retard", "{n} tâches sont en retard", False),
    STUCK: Kind("Un dossier est bloqué", "{n} dossiers sont bloqués", False),
    SENT_FOR: Kind(
        "Une tâche que vous aviez déléguée a reçu sa réponse",
        "{n} tâches que vous aviez déléguées ont reçu leur réponse",
        False,
    ),
    OFF_DUTY: Kind("Une garde tombe pendant une absence", "{n} gardes tombent pendant des absences", False),
    STANDS_IN: Kind("Vous remplacez un collègue", "Vous remplacez {n} collègues", False),
    STOPPED: Kind("Une tâche qui vous attendait est annulée", "{n} tâches qui vous attendaient sont annulées", False),
    EMERGENCY: Kind("Un accès exceptionnel est à relire", "{n} accès exceptionnels sont à relire", False),
    THANKS: Kind(
        "Pourvu, merci. Un membre de l’équipe a répondu",
        "Pourvu, merci. L’équipe a répondu à {n} tâches",
        False,
    ),
    INVITATION: Kind("Un compte Jalon vous attend", "Un compte Jalon vous attend", False),
}
REMINDERS = frozenset({REMINDER, ASKED_AGAIN})
OF_TASK = frozenset({WAITING, HANDED, TO_PREPARE, RETURNED, UNREACHED}) | REMINDERS
"""Told only as long as the task is open and waits for this very person."""
OF_CASE = frozenset({MENTION, QUESTION, CORRECTION, REPLY, CORRECTED})
"""Told only as long as this person may open the case."""
OF_COORDINATION = frozenset({OVERDUE, STUCK, EMERGENCY})
QUIET = frozenset({THANKS})
"""Told with what leaves anyway, and else only shown: no message is made of it alone."""
SOLICITATIONS = frozenset({WAITING, HANDED, TO_PREPARE})
"""What asks somebody for work: what the load of a week is counted by."""


def said(kind: str, count: int = 1) -> str:
    """One sentence, without its full stop."""
    known = KINDS[kind]
    return known.one if count == 1 else known.many.replace("{n}", str(count))
