"""The rows that say what a drawn world says of absences, circles, words, emergencies; and their removal."""

from datetime import datetime, timedelta

from sqlalchemy import Table, delete, insert
from sqlalchemy.orm import Session

from base.vault import Vault
from care.sharing.tables import break_glass
from care.tables import circle_member, consent, opposition
from people.rosters.tables import absence, delegation, stand_in
from tests.support.rights_oracle import World

LATER, EARLIER = timedelta(hours=3), timedelta(hours=-3)
REASON, PROOF = "ZZMOTIFZZ", "ZZPREUVEZZ"
"""Why an emergency was opened, and how a word was proved."""


class Rows:
    """Written into one transaction, for one territory; what is not said holds since a while, and for a while."""

    def __init__(self, session: Session, vault: Vault, world: World, now: datetime) -> None:
        self.session, self.vault, self.world, self.now = session, vault, world, now

    def write_all(self) -> None:
        self._absences()
        self._circles()
        self._words()
        self._glasses()

    def remove_all(self) -> None:
        for table in (break_glass, consent, opposition, circle_member, delegation, stand_in, absence):
            self.session.execute(delete(table))

    def write(self, table: Table, **said: object) -> None:
        begun, ends = self.now + EARLIER, self.now + LATER
        usual = {"tenant": "demo", "since": begun, "at": begun, "until": ends, "planned_until": ends}
        usual |= {"declared_by": "x", "declared_at": begun, "granted_at": begun}
        values = {name: value for name, value in (usual | said).items() if name in table.c}
        self.session.execute(insert(table).values(values))

    def _absences(self) -> None:
        for one in self.world.people.values():
            if one.absent:
                self.write(absence, person=one.id, id=one.id, reason="conges", way="role", note="")
        for one in self.world.people.values():
            for other in one.replaces:
                self.write(stand_in, person=other, stand_in=one.id, absence=other)
            for n, other in enumerate(sorted(one.serves)):
                self.write(delegation, id=f"{n}{one.id}"[:16], person=other, delegate=one.id, granted_by=other)

    def _circles(self) -> None:
        for n, (patient, who, role, left) in enumerate(self.world.parts):
            until = self.now if left else None
            self.write(circle_member, id=f"m{n}", patient=patient, person=who, role=role, basis="", until=until)

    def _words(self) -> None:
        for table, said in ((opposition, self.world.refusals), (consent, self.world.agreements)):
            for n, word in enumerate(said):
                about = {"patient": word.patient, "case": word.case, "scope": word.scope, "purpose": word.purpose}
                towards = {"audience": word.audience, "recipient": word.recipient, "mode": "oral", "recorded_by": "x"}
                proof = self.vault.seal(PROOF, f"{table.name}.proof:w{n}")
                until = self.now if word.over else None
                self.write(table, id=f"w{n}", **about, **towards, proof=proof, until=until)

    def _glasses(self) -> None:
        for n, glass in enumerate(self.world.glasses):
            until = self.now if glass.expired else self.now + LATER
            self.write(
                break_glass, id=f"g{n}", case=glass.case, person=glass.person, role="medecin_traitant", vital=False,
                reason=self.vault.seal(REASON, f"break_glass.reason:g{n}"),
                over_opposition=glass.over_opposition, until=until,
            )  # fmt: skip
