"""Notices leave: gathered by person at their hour into one message, handed over way by way, and noted.

A message is noted as begun before it is handed over. When the worker dies in between, nobody knows whether it left:
it is handed over once more, and not a third time.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import orjson
from sqlalchemy.orm import Session

from base.jobs import Handler, Work
from inbox.notices import mail, push, sms
from inbox.notices.standing import standing
from inbox.notices.ways import Message, Undelivered, is_open
from inbox.notices.wording import message
from pathways.context import Context
from people.notices import deliveries, preferences, rows, subscriptions
from people.notices.deliveries import Delivery
from people.notices.kinds import QUIET
from people.notices.preferences import CHANNELS, EMAIL, PUSH, SMS
from people.notices.rows import Notice
from people.persons import Person
from people.rosters.standing_in import away, stand_ins_of

GATHER, DELIVER = "notices.gather", "notices.deliver"
MOST_BEGUN, MOST_ATTEMPTS = 2, 6
ABSENT = "absent"


def handlers(context: Context) -> Mapping[str, Handler]:
    """The jobs by which notices leave."""
    return {GATHER: partial(gather, context), DELIVER: partial(deliver, context)}


def sweep(context: Context) -> int:
    """Ask for a message to everybody for whom something is new or due; how many."""
    with context.database.read() as session:
        due = rows.due_persons(session, context.tenant, context.clock.now())
    if due:
        with context.database.begin() as session:
            for person in due:
                context.queue.enqueue(session, GATHER, {"person": person}, dedupe_key=f"notices:{person}")
    return len(due)


def forget(context: Context) -> int:
    """Delete what was told long ago; how many notices. Not by a simulated clock."""
    if context.settings.clock_file is not None:
        return 0
    with context.database.begin() as session:
        return rows.forget(session, context.tenant, context.clock.now() - rows.KEPT)


def gather(context: Context, work: Work) -> None:
    """The job `notices.gather`: what may still be told to a person, as one message by each way that they chose."""
    person, now = work.payload["person"], context.clock.now()
    with work.finish() as session:
        new = [one for one in rows.waiting(session, context.tenant, person) if one.state == rows.NEW]
        if person in set(session.scalars(away(context.tenant), {"now": now})):
            _pass_on(session, context, person)
            return
        rows.schedule(session, context.calendar, context.tenant, new, now)
        waiting = rows.waiting(session, context.tenant, person)
        if not any(one.ready_at <= now for one in waiting):
            return
        found = standing(session, context, person, waiting)
        for reason, dropped in found.dropped.items():
            rows.settle(session, context.tenant, dropped, rows.WITHDRAWN, reason)
        leaving = _leaving(session, context, found.kept)
        if leaving:
            _send_off(session, context, found.person, leaving)


def deliver(context: Context, work: Work) -> None:
    """The job `notices.deliver`: hand one message over, if there is still something to tell."""
    with work.begin() as session:
        one = deliveries.delivery(session, context.tenant, work.payload["delivery"])
        told = _still_to_tell(session, context, one)
        if told is None:
            return
        noted = {"begun": one.begun + 1, "attempts": one.attempts + 1}
        deliveries.note(session, context.clock, context.tenant, one.id, noted)
    try:
        _hand_over(context, one, told)
    except Undelivered as error:
        with work.begin() as session:
            if not _note_refusal(session, context, one, error):
                return
        raise
    with work.finish() as session:
        done = {"state": deliveries.SENT, "reason": "", "begun": 0, "letter": None}
        deliveries.note(session, context.clock, context.tenant, one.id, done)


def post(session: Session, context: Context, person: str, address: str, told: Message) -> str:
    """A letter of its own to one address, whatever the person chose, such as a link; sealed until it left."""
    letter = deliveries.add(session, context.clock, context.tenant, person, EMAIL, deliveries.plain(address), ())
    content = orjson.dumps({"subject": told.subject, "lines": list(told.lines), "url": told.url})
    sealed = context.vault.seal_bytes(content, _context(letter))
    deliveries.note(session, context.clock, context.tenant, letter, {"letter": sealed})
    context.queue.enqueue(session, DELIVER, {"delivery": letter})
    return letter


def _pass_on(session: Session, context: Context, person: str) -> None:
    """Whoever is away is told nothing; those who stand in are, of the same."""
    waiting = rows.waiting(session, context.tenant, person)
    others = [one for one in stand_ins_of(session, context.clock, context.tenant, person) if one.because == "absence"]
    for one in waiting:
        for other in others:
            rows.tell(
                session, context.clock, context.tenant, other.stand_in, one.kind, task=one.task, case=one.case,
                about=one.about, other=one.other, due=one.due, urgent=one.urgent,
            )  # fmt: skip
    rows.settle(session, context.tenant, waiting, rows.WITHDRAWN, rows.PASSED_ON if others else ABSENT)


def _leaving(session: Session, context: Context, kept: Sequence[Notice]) -> list[Notice]:
    """What leaves now: what is urgent; with the first other whose hour has come, all that waits.

    What is quiet goes with what leaves anyway, and is else only shown.
    """
    now = context.clock.now()
    due = [one for one in kept if one.ready_at <= now]
    calm = [one for one in due if not one.urgent]
    if not calm:
        return due
    until = preferences.held_until(session, context.calendar, context.tenant, calm[0].person, now)
    if until > now:
        rows.put_off(session, context.tenant, calm, until)
        return [one for one in due if one.urgent]
    if any(one.kind not in QUIET for one in calm):
        return list(kept)
    if len(due) == len(calm):
        rows.settle(session, context.tenant, calm, rows.SHOWN)
        return []
    return due


def _send_off(session: Session, context: Context, who: Person, leaving: Sequence[Notice]) -> None:
    addresses = _addresses(session, context, who, urgent=any(one.urgent for one in leaving))
    for channel, address in addresses:
        ids = [one.id for one in leaving]
        made = deliveries.add(session, context.clock, context.tenant, who.id, channel, address, ids)
        context.queue.enqueue(session, DELIVER, {"delivery": made})
    rows.settle(session, context.tenant, leaving, rows.TOLD if addresses else rows.SHOWN)


def _addresses(session: Session, context: Context, who: Person, *, urgent: bool) -> list[tuple[str, str]]:
    """Each way that is set up, that the person wants, and that does not send back."""
    chosen = preferences.preference(session, context.tenant, who.id)
    wanted = [one for one in CHANNELS if is_open(context.settings, one) and chosen.wants(one, urgent=urgent)]
    known = {EMAIL: [deliveries.plain(who.email)], SMS: [sms.number(who.phone)]}
    if PUSH in wanted:
        own = subscriptions.of_person(session, context.vault, context.tenant, who.id)
        known[PUSH] = [one.id for one in own]
    found = [(channel, address) for channel in wanted for address in known[channel] if address]
    back = deliveries.bounced(session, context.tenant, [address for _, address in found])
    return [(channel, address) for channel, address in found if address not in back]


def _still_to_tell(session: Session, context: Context, one: Delivery) -> Message | None:
    """The message, put together anew; None when it is settled already, or has nothing to say any more."""
    if one.state != deliveries.QUEUED:
        return None
    if one.begun >= MOST_BEGUN:
        deliveries.note(session, context.clock, context.tenant, one.id, {"state": deliveries.UNSURE, "letter": None})
        return None
    if one.letter is not None:
        return Message(**orjson.loads(context.vault.open_bytes(one.letter, _context(one.id))))
    carried = rows.those(session, context.tenant, deliveries.notices_of(session, context.tenant, one.id))
    found = standing(session, context, one.person, carried)
    for reason, dropped in found.dropped.items():
        rows.settle(session, context.tenant, dropped, rows.WITHDRAWN, reason)
    if not found.kept or _is_away(session, context, one.person):
        deliveries.note(session, context.clock, context.tenant, one.id, {"state": deliveries.DROPPED})
        return None
    return message(session, context, found.kept)


def _is_away(session: Session, context: Context, person: str) -> bool:
    return person in set(session.scalars(away(context.tenant), {"now": context.clock.now()}))


def _hand_over(context: Context, one: Delivery, told: Message) -> None:
    """Raises Undelivered."""
    settings, now = context.settings, context.clock.now()
    if not is_open(settings, one.channel):
        raise Undelivered("Cette voie n’est plus réglée.", permanent=True)
    if one.channel == EMAIL:
        mail.send(settings, one.address, told, one.id, now)
    elif one.channel == SMS:
        sms.send(settings, one.address, told, one.id)
    else:
        with context.database.read() as session:
            own = subscriptions.of_person(session, context.vault, context.tenant, one.person)
        browser = next((each for each in own if each.id == one.address), None)
        if browser is None:
            raise Undelivered("Ce navigateur n’est plus abonné.", permanent=True)
        push.send(settings, browser, told, now)


def _note_refusal(session: Session, context: Context, one: Delivery, error: Undelivered) -> bool:
    """Whether to try again later."""
    again = not error.permanent and one.attempts + 1 < MOST_ATTEMPTS
    told = {"begun": 0, "reason": error.message, "state": deliveries.QUEUED if again else deliveries.REFUSED}
    deliveries.note(session, context.clock, context.tenant, one.id, told if again else {**told, "letter": None})
    if error.bounces and one.channel == PUSH:
        subscriptions.remove(session, context.tenant, one.person, one.address)
    elif error.bounces:
        deliveries.mark_bounced(session, context.clock, context.tenant, one.address, error.message)
    return again


def _context(letter: str) -> str:
    return f"notice_delivery.letter:{letter}"
