"""The verbs that look: where a run stands, what a task sees, what happened, and whether the journal tells it all."""

from typing import Any

from sqlalchemy.orm import Session

from base.database import only_reads
from base.errors import NotFound
from engine import journal, rows, tasks
from engine.look import definition_of, look
from engine.pictures import Entry, RunPicture
from engine.replay import Replay, Unlike, unlike
from engine.scopes import view
from engine.wiring import Wiring


class LookVerbs(Wiring):
    """None writes anything."""

    def look(self, session: Session, run: str) -> RunPicture:
        """Where a run stands. Raises NotFound."""
        found = self.definition(session, definition_of(session, self.tenant, run))
        return look(session, self.tenant, run, found)

    def variables(self, session: Session, *, task: str) -> dict[str, Any]:
        """What an open task sees: its own inputs, then its scopes outwards. Raises NotFound, Conflict.

        Within a transaction that writes it takes the run's lock, so that what is read belongs together.
        """
        run, token = tasks.find(session, self.tenant, task)
        header = rows.header(session, self.tenant, run, lock=not only_reads(session))
        if header is None:
            raise NotFound("Ce dossier n’existe pas.")
        found = self.definition(session, header.definition)
        held = rows.load(session, header, found, self.mover.world(session, ""), run).tokens.get(token)
        if held is None or held.internal_data.get("task") != task:
            raise tasks.taken()
        seen = view(held)
        return {name: seen[name] for name in seen}

    def history(self, session: Session, run: str, *, whole: bool = False) -> list[Entry]:
        """The journal of a run, oldest first; answers that were taken back, and what had followed from them, only as
        a `whole`. Raises NotFound.
        """
        if rows.header(session, self.tenant, run, lock=False) is None:
            raise NotFound("Ce dossier n’existe pas.")
        found = journal.read(session, self.tenant, run)
        return found if whole else journal.standing(found)

    def replay(self, session: Session, run: str) -> Replay:
        """A run built again from its journal, input by input; writes nothing. Raises NotFound."""
        if rows.header(session, self.tenant, run, lock=False) is None:
            raise NotFound("Ce dossier n’existe pas.")
        given, entries = self.environment, journal.stored(session, self.tenant, run)
        return Replay(run, entries, lambda digest: self.definition(session, digest), given.calendar, given.operations)

    def unlike(self, session: Session, replay: Replay) -> Unlike | None:
        """In what a replay that came to its end is not what is stored. Raises NotFound."""
        header = rows.header(session, self.tenant, replay.key, lock=False)
        if header is None:
            raise NotFound("Ce dossier n’existe pas.")
        found = self.definition(session, header.definition)
        stored = rows.load(session, header, found, self.mover.world(session, ""), replay.key)
        return unlike(replay.run, stored, tasks.open_ones(session, self.tenant, replay.key))
