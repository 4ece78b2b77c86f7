"""Everything held about a person, for that person: one document that a program reads, and a page for a reader."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from base.errors import Forbidden, NotFound
from care.case import attachments, cases, thread
from care.case.cases import Case
from care.identity import identity_log
from care.identity.identifiers import mask_ins
from care.identity.identity import Identity
from care.identity.identity_log import KINDS
from care.identity.patients import Patient, known_as, patient
from care.identity.status import NAMES
from care.sharing import access, circle, consents
from care.sharing.consents import Consent
from care.sharing.visibility import ALL
from engine.pictures import Entry
from inbox.case import authors
from inbox.case.said import said
from pathways import documents
from pathways.context import Context
from people import persons
from people.persons import Person
from webhooks.tables import delivery, reception

EXPORTERS = frozenset({"coordonnateur_medical"})
"""The document holds what is clinical: neither the operator nor a coordinator who is no carer may have it."""
MOST_LOOKS = 100_000


def export(session: Session, context: Context, person: Person, patient_id: str) -> dict[str, Any]:
    """Everything held about a person, as plain values; noted in the log. Raises Forbidden and NotFound."""
    if not person.roles & EXPORTERS:
        raise Forbidden("L’export contient des données de santé : il est réservé à la responsabilité médicale.")
    known = patient(session, context.vault, patient_id)
    if known.tenant != person.tenant or known.is_erased:
        raise NotFound("Ce patient n’existe pas.", code="patient-unknown")
    identity_log.note(session, context.clock, context.tenant, person.id, patient_id, "exported")
    return Gathering(session, context, known).everything()


class Gathering:
    """Gathers what is held about one person, with professionals by their names."""

    def __init__(self, session: Session, context: Context, known: Patient) -> None:
        self.session, self.context, self.known = session, context, known
        self.tenant, self.vault, self.clock = context.tenant, context.vault, context.clock
        self.names: dict[str, str] = {}

    def everything(self) -> dict[str, Any]:
        return {
            "exporte_le": self.clock.now().isoformat(),
            "identite": self._identity(),
            "dossiers": [self._case(one) for one in cases.by_patient(self.session, self.known.id)],
            "cercle_de_soins": self._circle(),
            "consentements": self._rights("consent", consents.consents),
            "oppositions": self._rights("opposition", consents.oppositions),
            "consultations": self._looks(),
            "journal_de_l_identite": self._deeds(),
        }

    def _identity(self) -> dict[str, Any]:
        """The INS itself only of a qualified identity; of another, enough to recognise it."""
        held = [_traits(one) for one in known_as(self.session, self.vault, self.known)]
        ins = self.known.ins or mask_ins(self.known.identity.ins or "")
        status = NAMES[self.known.status]
        return {"numero": self.known.id, "statut": status, "ins": ins, **held[0], "identites_fusionnees": held[1:]}

    def _case(self, one: Case) -> dict[str, Any]:
        entries = self.context.engine.history(self.session, one.id)
        return {
            "numero": one.id,
            "parcours": one.title,
            "ouvert_le": one.opened_at.isoformat(),
            "termine_le": one.closed_at.isoformat() if one.closed_at else None,
            "issue": one.outcome,
            "sejour": cases.venue(self.session, self.vault, one.id),
            "reponses": self._answers(one, entries),
            "commentaires": self._comments(one),
            "pieces_jointes": self._attachments(one),
            "documents_recus": self._documents(one),
            "messages_recus": self._messages(one),
            "messages_envoyes": self._deliveries(one),
        }

    def _answers(self, one: Case, entries: Iterable[Entry]) -> list[dict[str, Any]]:
        given = [entry for entry in entries if entry.kind == "task_completed"]
        engine = self.context.engine
        definition = engine.definition(self.session, engine.look(self.session, one.id).definition)
        people = persons.persons(self.session, authors.ids(given))
        return [
            {"le": answer.at.isoformat(), "par": answer.by, "etape": answer.title, "reponses": dict(answer.lines)}
            for answer in said(definition, given, people, ALL)
        ]

    def _comments(self, one: Case) -> list[dict[str, Any]]:
        found = thread.thread(self.session, self.vault, self.tenant, one.id)
        return [{"le": line.at.isoformat(), "par": self._who(line.author), "texte": line.text} for line in found]

    def _attachments(self, one: Case) -> list[dict[str, Any]]:
        found = attachments.attachments(self.session, self.vault, self.tenant, one.id)
        return [
            {"nom": file.name, "type": file.type, "par": self._who(file.author), "le": file.at.isoformat(),
             "contenu_base64": _text(attachments.content_of(self.session, self.vault, self.tenant, file.id))}
            for file in found
        ]  # fmt: skip

    def _documents(self, one: Case) -> list[dict[str, Any]]:
        found = documents.listing(self.session, self.vault, self.tenant, one.id)
        return [
            {"titre": file.title, "type": file.mime, "recu_le": file.received_at.isoformat(),
             "contenu_base64": _text(documents.content(self.session, self.vault, self.tenant, file.id))}
            for file in found
        ]  # fmt: skip

    def _messages(self, one: Case) -> list[dict[str, Any]]:
        mine = (reception.c.tenant == self.tenant, reception.c["case"] == one.id)
        found = self.session.execute(select(reception).where(*mine).order_by(reception.c.received_at)).all()
        return [
            {"de": row.partner, "type": row.type, "recu_le": row.received_at.isoformat(),
             "texte": self.vault.open_bytes(row.body, f"reception.body:{row.id}").decode("utf-8", "replace")}
            for row in found
        ]  # fmt: skip

    def _deliveries(self, one: Case) -> list[dict[str, Any]]:
        mine = (delivery.c.tenant == self.tenant, delivery.c["case"] == one.id)
        found = self.session.execute(select(delivery).where(*mine).order_by(delivery.c.created_at)).all()
        return [
            {"a": row.partner, "etape": row.milestone, "le": row.created_at.isoformat(),
             "texte": self.vault.open(row.body, f"delivery.body:{row.id}")}
            for row in found
        ]  # fmt: skip

    def _circle(self) -> list[dict[str, Any]]:
        found = [*circle.members(self.session, self.known.id), *circle.former(self.session, self.known.id)]
        return [
            {"qui": self._who(one.person), "role": one.role, "depuis": one.since.isoformat(),
             "jusqu_au": one.until.isoformat() if one.until else None, "motif": one.basis}
            for one in found
        ]  # fmt: skip

    def _rights(self, kind: str, read: Any) -> list[dict[str, Any]]:
        return [
            {"portee": one.scope, "destinataires": one.audience, "finalite": one.purpose, "mode": one.mode,
             "depuis": (one.at if isinstance(one, Consent) else one.since).isoformat(),
             "jusqu_au": one.until.isoformat() if one.until else None,
             "recueilli_par": self._who(one.recorded_by or ""),
             "preuve": consents.proof(self.session, self.vault, self.known.id, kind, one.id)}
            for one in read(self.session, self.clock, self.known.id, over=True)
        ]  # fmt: skip

    def _looks(self) -> list[dict[str, Any]]:
        found = access.looks_at(self.session, self.tenant, self.known.id, limit=MOST_LOOKS)
        return [
            {"le": one.at.isoformat(), "par": self._who(one.person), "dossier": one.case, "quoi": one.what}
            for one in found
        ]

    def _deeds(self) -> list[dict[str, Any]]:
        found = identity_log.deeds(self.session, self.tenant, self.known.id)
        return [
            {"le": one.at.isoformat(), "par": self._who(one.by), "quoi": KINDS[one.kind], "detail": one.detail}
            for one in found
        ]

    def _who(self, key: str) -> str:
        """A professional by their name; a partner or a program as it is called."""
        if key not in self.names:
            known = persons.persons(self.session, {key}).get(key)
            self.names[key] = key if known is None else known.display
        return self.names[key]


def _traits(identity: Identity) -> dict[str, Any]:
    return {
        "nom_de_naissance": identity.nom_naissance,
        "prenoms": list(identity.prenoms),
        "prenom_utilise": identity.prenom_usuel,
        "sexe": identity.sex,
        "date_de_naissance": identity.date_naissance.isoformat(),
        "commune_de_naissance": identity.insee_naissance,
        "telephone": identity.tel,
        "adresse": identity.adresse,
    }


def _text(content: bytes) -> str:
    return b64encode(content).decode()
