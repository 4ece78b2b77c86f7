"""From a proven identity to an open session: what is still missing is asked for, one page after the other."""

from dataclasses import asdict, dataclass, replace

from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.errors import Invalid, Unverified
from base.vault import Vault
from people import persons
from people.sign_in import (
    accounts,
    charters,
    enrolments,
    failures,
    one_time_codes,
    passkeys,
    recovery_codes,
    sessions,
    steps,
)
from people.sign_in import events as sign_in_events
from people.sign_in.charters import Charter
from people.sign_in.passkeys import Copied, Place
from people.sign_in.pro_sante_connect import Practitioner
from people.sign_in.sessions import Opening, SignedIn

OVERSEERS = frozenset({"coordinateur", "coordonnateur_medical", "admin"})
PASSKEY = "passkey"
SECOND_FACTOR, ENROLMENT, SITUATION, CHARTER = "second_factor", "enrolment", "situation", "charter"


@dataclass(frozen=True)
class Opened:
    """The session is open; `token` goes into the cookie."""

    token: str
    known: SignedIn


@dataclass(frozen=True)
class Pending:
    """Something is missing (`need`); `step` names the sign-in that waits for it."""

    step: str
    need: str


@dataclass(frozen=True)
class Entrance:
    """The rules by which people come in here."""

    database: Database
    clock: Clock
    vault: Vault
    tenant: str
    second_factor: str
    charter: Charter | None

    def by_password(
        self, login: str, password: str, *, device: str = "", address: str = "", previous: str | None = None
    ) -> Opened | Pending:
        """Raises Unverified with what to tell the person."""
        parts = (self.database, self.clock, self.tenant)
        found = accounts.check_password(*parts, login, password, address=address)
        return self.go_on(Opening(found.id, "password", device), previous)

    def go_on(self, opening: Opening, previous: str | None = None) -> Opened | Pending:
        """Open the session, or begin to ask for what is missing."""
        with self.database.begin() as session:
            need = self._need(session, opening)
            if need:
                notes = asdict(opening) | {"situations": list(opening.situations)}
                return Pending(steps.begin(session, self.clock, self.vault, self.tenant, need, notes), need)
            return self._open(session, opening, previous)

    def waiting(self, need: str, step: str) -> Opening:
        """The sign-in that waits for this. Raises Unverified."""
        with self.database.read() as session:
            return _opening(steps.look(session, self.clock, self.vault, self.tenant, need, step))

    def by_code(self, step: str, code: str, previous: str | None = None) -> Opened | Pending:
        """A code of the telephone, or one of recovery. Raises Unverified; the step stays for another try."""
        opening = self.waiting(SECOND_FACTOR, step)
        way = self.check_code(opening.account, code)
        return self._after(SECOND_FACTOR, step, replace(opening, way=way), previous)

    def check_code(self, account: str, code: str) -> str:
        """`code` or `recovery`. Raises Unverified: five wrong ones close the codes of this account for a while."""
        count = failures.of_codes(account)
        with self.database.begin() as session:
            failures.tries_left(session, self.clock, self.tenant, count)
            way = self._way(session, account, code)
            if way:
                failures.forget(session, self.clock, self.tenant, count)
                return way
            left = failures.count_one(session, self.clock, self.tenant, count)
            owner = accounts.account(session, account).person
            sign_in_events.note(session, self.clock, self.tenant, owner, "code_wrong" if left else "locked")
        raise Unverified(f"Ce code n’est pas le bon, ou il a déjà servi. {failures.said(left)}", code="code-wrong")

    def ask_for_passkey(self, place: Place) -> tuple[str, str]:
        """What the browser is asked with (JSON), and the step that waits for its answer."""
        options, challenge = passkeys.ask_for_known(place)
        with self.database.begin() as session:
            notes = {"challenge": challenge}
            return options, steps.begin(session, self.clock, self.vault, self.tenant, PASSKEY, notes)

    def by_passkey(
        self, place: Place, step: str, credential: object, *, device: str = "", previous: str | None = None
    ) -> Opened | Pending:
        """A passkey says who it is and is a second factor in itself. Raises Unverified."""
        with self.database.begin() as session:
            challenge = steps.take(session, self.clock, self.vault, self.tenant, PASSKEY, step)["challenge"]
        try:
            with self.database.begin() as session:
                account = passkeys.check(session, self.clock, self.tenant, place, challenge, credential)
        except Copied as copied:
            with self.database.begin() as session:
                owner = accounts.account(session, copied.account).person
                sign_in_events.note(session, self.clock, self.tenant, owner, "passkey_copied", device=device)
            raise
        return self.go_on(Opening(account, "passkey", device), previous)

    def by_practitioner(
        self, who: Practitioner, id_token: str, *, immediate: bool, device: str = "", previous: str | None = None
    ) -> Opened | Pending:
        """Pro Santé Connect says who it is, and is a second factor in itself. Raises Unverified to who must wait."""
        with self.database.begin() as session:
            found = enrolments.known_or_new(session, self.clock, self.tenant, who, immediate=immediate)
        if isinstance(found, str):
            raise Unverified(found, code="not-let-in")
        alone = who.situations[0] if len(who.situations) == 1 else ""
        return self.go_on(Opening(found.id, "psc", device, alone, who.situations, id_token), previous)

    def secret(self, step: str) -> tuple[str, str]:
        """The secret that a telephone must take before this sign-in goes on, and the login that it is for."""
        account = self.waiting(ENROLMENT, step).account
        with self.database.begin() as session:
            login = accounts.account(session, account).login
            return one_time_codes.begin(session, self.clock, self.vault, self.tenant, account), login

    def enrol(self, step: str, code: str, previous: str | None = None) -> tuple[Opened | Pending, list[str]]:
        """The telephone's first code; the recovery codes are to be shown once. Raises Unverified."""
        opening = self.waiting(ENROLMENT, step)
        codes = self.confirm_codes(opening.account, code)
        return self._after(ENROLMENT, step, replace(opening, way="code"), previous), codes

    def confirm_codes(self, account: str, code: str) -> list[str]:
        """The recovery codes that come with a telephone. Raises Unverified."""
        count = failures.of_codes(account)
        with self.database.begin() as session:
            failures.tries_left(session, self.clock, self.tenant, count)
            if one_time_codes.confirm(session, self.clock, self.vault, self.tenant, account, code):
                owner = accounts.account(session, account).person
                sign_in_events.note(session, self.clock, self.tenant, owner, "codes_set")
                return recovery_codes.make(session, self.tenant, account)
            left = failures.count_one(session, self.clock, self.tenant, count)
        raise Unverified(f"Ce code n’est pas le bon. {failures.said(left)}", code="code-wrong")

    def choose(self, step: str, situation: str, previous: str | None = None) -> Opened | Pending:
        """The situation of practice in which somebody comes. Raises Invalid, Unverified."""
        opening = self.waiting(SITUATION, step)
        if situation not in opening.situations:
            raise Invalid("Choisissez le lieu où vous exercez.", {"situation": "Choisissez l’un de ces lieux."})
        return self._after(SITUATION, step, replace(opening, situation=situation), previous)

    def accept(self, step: str, version: str, previous: str | None = None) -> Opened | Pending:
        """The charter is accepted, in the version that was shown. Raises Invalid, Unverified."""
        opening = self.waiting(CHARTER, step)
        if self.charter is None or version != self.charter.version:
            raise Invalid("La charte a changé. Relisez-la.", {"version": "La version affichée n’est plus en vigueur."})
        with self.database.begin() as session:
            owner = accounts.account(session, opening.account).person
            charters.accept(session, self.clock, self.tenant, owner, self.charter)
        return self._after(CHARTER, step, opening, previous)

    def _after(self, need: str, step: str, opening: Opening, previous: str | None) -> Opened | Pending:
        """What was missing is there: the step is used up, and the sign-in goes on."""
        with self.database.begin() as session:
            steps.take(session, self.clock, self.vault, self.tenant, need, step)
        return self.go_on(opening, previous)

    def _need(self, session: Session, opening: Opening) -> str:
        who = accounts.account(session, opening.account)
        if opening.way == "password" and self._has_factor(session, opening.account):
            return SECOND_FACTOR
        if opening.way == "password" and self._must_have_factor(session, who.person):
            return ENROLMENT
        if len(opening.situations) > 1 and not opening.situation:
            return SITUATION
        if self.charter and not charters.is_accepted(session, self.tenant, who.person, self.charter):
            return CHARTER
        return ""

    def _has_factor(self, session: Session, account: str) -> bool:
        coded = one_time_codes.is_set(session, self.tenant, account)
        return coded or passkeys.how_many(session, self.tenant, account) > 0

    def _must_have_factor(self, session: Session, person: str) -> bool:
        if self.second_factor == "overseers":
            return bool(persons.person(session, person).roles & OVERSEERS)
        return self.second_factor == "required"

    def _way(self, session: Session, account: str, code: str) -> str:
        if one_time_codes.check(session, self.clock, self.vault, self.tenant, account, code):
            return "code"
        if not recovery_codes.use(session, self.tenant, account, code):
            return ""
        owner = accounts.account(session, account).person
        sign_in_events.note(session, self.clock, self.tenant, owner, "recovery_used")
        return "recovery"

    def _open(self, session: Session, opening: Opening, previous: str | None) -> Opened:
        token, known = sessions.open_session(session, self.clock, self.vault, self.tenant, opening, previous=previous)
        how, place = sessions.WAYS[opening.way], (session, self.clock, self.tenant)
        sign_in_events.note(*place, known.person.id, "signed_in", detail=how, device=opening.device)
        return Opened(token, known)


def _opening(notes: steps.Notes) -> Opening:
    return Opening(**{**notes, "situations": tuple(notes["situations"])})
