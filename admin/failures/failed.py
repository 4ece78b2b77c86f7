"""Work that has failed for good, in words: of which case, what it was to do, why it failed; tried again or given up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

from base.errors import Invalid
from base.jobs import DeadJob, log
from base.jobs.claims import ABANDONED
from engine.tables import outbox
from pathways.context import Context
from webhooks import deliver, receptions
from webhooks.tables import delivery, reception

SHOWN = 100
KINDS = {
    "reception.process": ("Traiter un message reçu", "Le message est gardé ; le dossier n’en tient pas compte."),
    "message.route": ("Remettre un message du parcours", "Personne ne l’a reçu."),
    "delivery.send": ("Prévenir l’établissement", "L’établissement n’a pas reçu cette nouvelle."),
    "notices.gather": ("Préparer des notifications", "La personne ne les voit que dans Jalon."),
    "notices.deliver": ("Envoyer une notification", "La personne ne la voit que dans Jalon."),
    "links.send": ("Envoyer un lien de réponse", "La personne n’a pas reçu son lien ou son code."),
    "password.send": ("Envoyer un lien pour un nouveau mot de passe", "La personne ne l’a pas reçu."),
    "directory.write": ("Écrire un import de l’annuaire", "L’import s’est arrêté en chemin."),
}
"""What each kind of job was to do, and what is missing as long as it is not done."""
UNKNOWN = ("Travail de fond", "Il n’a pas été fait.")
UNFORESEEN = "Une erreur imprévue du programme l’a arrêté."
STOPPED = "Le programme s’est arrêté chaque fois qu’il y travaillait."
REASONS = {
    "regle": "Réglé autrement",
    "inutile": "N’est plus utile",
    "erreur": "Envoyé ou demandé par erreur",
    "partenaire": "L’établissement ne le recevra pas",
    "autre": "Autre raison",
}
CODE = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Failure:
    """One piece of work that has failed for good; `detail` is for whoever helps, never shown first."""

    id: str
    kind: str
    title: str
    consequence: str
    why: str
    detail: str
    case: str | None
    partner: str | None
    attempts: int
    asked_at: datetime
    failed_at: datetime


def failures(session: Session, context: Context, limit: int = SHOWN) -> list[Failure]:
    """What has failed for good, the latest first."""
    return _told(session, context, context.queue.dead(session, limit))


def of_case(session: Session, context: Context, case: str) -> list[Failure]:
    """What has failed for good in one case, among what failed last."""
    return [one for one in failures(session, context) if one.case == case]


def count(session: Session, context: Context) -> int:
    """How many pieces of work have failed for good."""
    return context.queue.counts(session).get("dead", 0)


def retry(session: Session, context: Context, by: str, job_id: str) -> None:
    """Try it again, with all its attempts before it. Raises NotFound when it has not failed, or no longer."""
    (failure,) = _told(session, context, [context.queue.dead_job(session, job_id)])
    context.queue.revive(session, job_id)
    _note(session, context, by, failure, log.RETRIED, "")


def give_up(session: Session, context: Context, by: str, job_id: str, reason: str) -> None:
    """Drop it for good, for a reason of the list. Raises Invalid, NotFound."""
    if reason not in REASONS:
        raise Invalid("Dites pourquoi vous y renoncez.", {"raison": "Choisissez une raison de la liste."})
    job = context.queue.dead_job(session, job_id)
    (failure,) = _told(session, context, [job])
    context.queue.drop(session, job_id)
    _settle(session, context, job)
    _note(session, context, by, failure, log.GIVEN_UP, reason)


def why(error: str) -> str:
    """The reason that stands beside a job, as a sentence: what the program said on purpose, else nothing technical."""
    code, _, words = error.partition(": ")
    if error == ABANDONED:
        return STOPPED
    return words if words and CODE.fullmatch(code) else UNFORESEEN


def _settle(session: Session, context: Context, job: DeadJob) -> None:
    """What waited for the work waits no longer."""
    if job.kind == "reception.process":
        receptions.give_up(session, context, job.payload["reception"])
    elif job.kind == "message.route":
        deliver.withdraw(session, context, job.payload["outbox"])
    elif job.kind == "delivery.send":
        deliver.give_up(session, context, job.payload["delivery"])


def _note(session: Session, context: Context, by: str, failure: Failure, act: str, reason: str) -> None:
    said = {"job": failure.id, "kind": failure.kind, "case": failure.case, "act": act, "reason": reason}
    log.note(session, context.clock, context.tenant, by, **said)


def _told(session: Session, context: Context, jobs: Sequence[DeadJob]) -> list[Failure]:
    concerned = _concerned(session, context.tenant, jobs)
    return [_failure(job, *concerned.get(job.id, (None, None))) for job in jobs]


def _failure(job: DeadJob, case: str | None, partner: str | None) -> Failure:
    title, consequence = KINDS.get(job.kind, UNKNOWN)
    told = (job.id, job.kind, title, consequence, why(job.error), job.error)
    return Failure(*told, case, partner, job.attempt, asked_at=job.created_at, failed_at=job.failed_at)


Concerned = tuple[str | None, str | None]
"""(case, partner) of a job."""
PLACES: Mapping[str, tuple[str, Table, Column[str], bool]] = {
    "reception.process": ("reception", reception, reception.c["case"], True),
    "message.route": ("outbox", outbox, outbox.c.run, False),
    "delivery.send": ("delivery", delivery, delivery.c["case"], True),
}
"""Kind of job -> the name of the id in its payload, its table, where its case stands, whether it has a partner."""


def _concerned(session: Session, tenant: str, jobs: Sequence[DeadJob]) -> dict[str, Concerned]:
    """Which case and which partner each job is about, where it is about one."""
    found: dict[str, Concerned] = {}
    for kind, (name, table, case, has_partner) in PLACES.items():
        ids = {job.id: job.payload[name] for job in jobs if job.kind == kind}
        columns = [table.c.id, case.label("of"), *([table.c.partner] if has_partner else [])]
        rows = (
            session.execute(select(*columns).where(table.c.tenant == tenant, table.c.id.in_(set(ids.values()))))
            if ids
            else ()
        )
        of = {row.id: (row.of, row.partner if has_partner else None) for row in rows}
        found |= {job: of[one] for job, one in ids.items() if one in of}
    return found
