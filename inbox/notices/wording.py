"""The words of a message: only that something waits, how much of it, and until when."""

from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from inbox import dates
from inbox.notices.ways import Message
from pathways import standing_in
from pathways.context import Context
from people import persons
from people.notices.kinds import (
    EMERGENCY,
    KINDS,
    OF_TASK,
    OFF_DUTY,
    OVERDUE,
    REMINDER,
    REMINDERS,
    STANDS_IN,
    STUCK,
    said,
)
from people.notices.rows import Notice

LISTS = {OFF_DUTY: "/gardes", OVERDUE: "/pilotage/taches/en-retard", EMERGENCY: "/acces-en-urgence"}
"""Where the kinds lead that speak of no task of one's own."""


def message(session: Session, context: Context, notices: Sequence[Notice]) -> Message:
    """One message for all of them; a reminder of a task says all that its opening would."""
    reminded = {one.task for one in notices if one.kind in REMINDERS}
    shown = [one for one in notices if one.kind not in OF_TASK or one.kind in REMINDERS or one.task not in reminded]
    urgent = sum(one.urgent for one in shown)
    if len(shown) == 1:
        line = sentence(session, context, shown[0])
        return Message(_subject(shown), [line], context.settings.public_url + address(shown[0]), urgent > 0)
    url = f"{context.settings.public_url}/{'taches' if any(one.kind in OF_TASK for one in shown) else 'notifications'}"
    return Message(_subject(shown), _lines(session, context, shown, urgent), url, urgent > 0)


def sentence(session: Session, context: Context, one: Notice) -> str:
    """One notice by itself: « Une tâche vous attend, réponse avant 16:00. »"""
    zone, now = ZoneInfo(context.settings.timezone), context.clock.now()
    if one.kind == STANDS_IN:
        return _replacing(session, context, one, zone)
    if one.due is None or one.kind not in OF_TASK:
        return f"{said(one.kind)}."
    if one.kind == REMINDER:
        when = dates.delay(one.due, now, zone) if one.due > now else "en retard"
        return f"{said(one.kind)} {when}." if one.due > now else "Rappel : une tâche qui vous attend est en retard."
    when = f"réponse {dates.before(one.due, now, zone)}" if one.due > now else dates.delay(one.due, now, zone)
    return f"{said(one.kind)}, {when}."


def address(one: Notice) -> str:
    """The page of ours where it leads to."""
    if one.kind in OF_TASK and one.task:
        return f"/taches/{one.task}"
    if one.kind == STUCK:
        return f"/suivi/{one.case}"
    return LISTS.get(one.kind, "/notifications")


def _subject(shown: Sequence[Notice]) -> str:
    """No name in it: it stands in lists of mails and on locked screens."""
    tasks = {one.task for one in shown if one.kind in OF_TASK}
    if len(tasks) > 1:
        return f"Jalon : {len(tasks)} tâches vous attendent"
    return f"Jalon : {said(shown[0].kind).lower()}" if len(shown) == 1 else "Jalon : du nouveau pour vous"


def _lines(session: Session, context: Context, shown: Sequence[Notice], urgent: int) -> list[str]:
    tasks = len({one.task for one in shown if one.kind in OF_TASK})
    told = f", dont {urgent} urgente{'s' if urgent > 1 else ''}" if urgent else ""
    lines = [f"Vous avez {tasks} tâches à faire{told}."] if tasks > 1 else []
    counted = Counter(one.kind for one in shown if one.kind != STANDS_IN)
    lines += [f"{said(kind, counted[kind])}." for kind in KINDS if counted[kind]]
    return lines + [sentence(session, context, one) for one in shown if one.kind == STANDS_IN]


def _replacing(session: Session, context: Context, one: Notice, zone: ZoneInfo) -> str:
    """« Vous remplacez Dr DEMO-FAURE jusqu’au ven. 27 nov. : 4 tâches vous arrivent. »"""
    known = persons.persons(session, [one.other] if one.other else [])
    who = next((f"{each.title or each.given_name} {each.family_name}" for each in known.values()), "un collègue")
    today = context.clock.now().astimezone(zone).date()
    until = f" jusqu’au {dates.short_day(one.due.astimezone(zone).date(), today)}" if one.due else ""
    count = standing_in.arriving(session, context.tenant, one.person).get(one.other or "", 0)
    arrive = f"{count} tâches vous arrivent" if count > 1 else "une tâche vous arrive"
    return f"Vous remplacez {who}{until}{f' : {arrive}' if count else ''}."
