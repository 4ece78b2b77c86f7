"""Processes a stored message: its whole effect and its mark «done» are one transaction, so a crash repeats nothing."""

from sqlalchemy.orm import Session

from base.errors import Conflict, PathwayError, RequestError
from base.jobs.claims import MAX_ATTEMPTS
from base.jobs.worker import Work
from pathways import closing, documents
from pathways.context import Context
from pathways.facts import Fact
from pathways.opening import feel_context, open_from_fact
from webhooks import receptions
from webhooks.receptions import DONE, ERASED, FAILED, RECEIVED, REFUSED, WAITING, Reception
from webhooks.routing import Feed, Forget, Note, Route, Start, Wait, route


def process(context: Context, work: Work) -> None:
    """The job `reception.process`. What the caller must mend is refused for good, anything else is tried again."""
    reception_id = work.payload["reception"]
    settled = False
    try:
        settled = _attempt(context, work, reception_id)
    finally:
        if not settled and work.attempt >= MAX_ATTEMPTS:
            with work.begin() as session:
                receptions.settle(session, context, reception_id, FAILED, code="not-processed", attempts=work.attempt)


def _attempt(context: Context, work: Work, reception_id: str) -> bool:
    try:
        with work.finish() as session:
            _process(session, context, reception_id, work.attempt)
    except Conflict:
        raise  # another hand was on the same run: the worker tries again at once
    except (RequestError, PathwayError) as refusal:
        with work.finish() as session:
            receptions.settle(
                session,
                context,
                reception_id,
                REFUSED,
                code=refusal.code,
                problem=refusal.message,
                attempts=work.attempt,
            )
    return True


def _process(session: Session, context: Context, reception_id: str, attempt: int) -> None:
    stored = receptions.stored(session, context.tenant, reception_id)
    reception = stored.reception
    if reception.state not in (RECEIVED, WAITING, FAILED):
        return
    fact = receptions.fact(context, stored)
    chosen = route(session, context, reception.partner, fact)
    state, case, told = _follow(session, context, reception, fact, chosen)
    opened = isinstance(chosen, Start)
    receptions.settle(session, context, reception_id, state, case=case, problem=told, attempts=attempt, opened=opened)


def _follow(
    session: Session, context: Context, reception: Reception, fact: Fact, chosen: Route
) -> tuple[str, str | None, str | None]:
    match chosen:
        case Forget():
            receptions.forget(session, context, reception.id)
            return ERASED, None, None
        case Wait():
            return WAITING, None, None
        case Note(case=case, detail=detail):
            _keep_documents(session, context, reception, fact, case)
            return DONE, case, detail
        case Start(version=version):
            opened = open_from_fact(session, context, fact, reception.partner, version)
            _keep_documents(session, context, reception, fact, opened)
            closing.close_if_ended(session, context, opened)
            receptions.wake(session, context, reception.partner, reception.venue_blind, reception.id)
            return DONE, opened, "Un dossier est ouvert."
        case Feed(cases=cases):
            taken = [_feed(session, context, reception, fact, one) for one in cases]
            return DONE, cases[0], _told(fact, any(taken))


def _told(fact: Fact, taken: bool) -> str:
    if taken:
        return "Le message est remis au dossier."
    if fact.type == "sortie":
        return "Un dossier est déjà ouvert pour cette venue\u00a0: rien n’est refait."
    return "Le message est gardé avec le dossier, où rien ne l’attend pour l’instant."


def _feed(session: Session, context: Context, reception: Reception, fact: Fact, case: str) -> bool:
    """The message of the Fact's type goes to the run, once per document; whether the run was waiting for it.

    What nobody waits for yet is kept by the engine.
    """
    _keep_documents(session, context, reception, fact, case)
    taken = [
        context.engine.correlate(
            session,
            message=fact.type,
            key=case,
            variables=feel_context(told, context.settings.timezone),
            actor=f"partner:{reception.partner}",
            message_id=f"{reception.id}:{case}:{number}",
        )
        for number, told in enumerate(_tellings(fact))
    ]
    closing.close_if_ended(session, context, case)
    return any(run is not None for run in taken)


def _tellings(fact: Fact) -> list[dict[str, object]]:
    """What the run learns, message by message; never who the person is, so no title and no free text."""
    told: dict[str, object] = {}
    if fact.type == "admission":
        told["admission"] = {"date": fact.stay.start or fact.instant, "service": fact.ward_name}
    if fact.type == "annulation":
        told["annulation"] = {"motif": fact.reason}
    if fact.clinical:
        told["clinique_recue"] = dict(fact.clinical)
    documents = [{"document": {"type_loinc": one.kind, "titre": None}} for one in fact.documents]
    return [{**told, **one} for one in documents] or [told]


def _keep_documents(session: Session, context: Context, reception: Reception, fact: Fact, case: str | None) -> None:
    if case is not None:
        for attachment in fact.documents:
            documents.keep(session, context.vault, context.clock, context.tenant, case, reception.partner, attachment)
