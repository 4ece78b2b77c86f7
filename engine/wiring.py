"""What the engine's verbs work with: the environment that it was given, its definitions, and who moves the runs."""

from sqlalchemy.orm import Session

from engine.advance import Mover
from engine.bundles import Library
from engine.definition import Definition
from engine.environment import Environment
from engine.refusals import RULES
from engine.refusals.care import only_message_starts


class Wiring:
    """The parts of an engine, for one CPTS."""

    def __init__(self, environment: Environment, tenant: str) -> None:
        self.environment, self.tenant = environment, tenant
        self.rules = tuple(rule for rule in RULES if environment.opens is None or rule is not only_message_starts)
        self.library = Library(tenant, environment.clock, environment.calendar, self.rules)
        self.mover = Mover(environment, tenant, self.library)

    def definition(self, session: Session, digest: str) -> Definition:
        """The definition of that digest. Raises NotFound."""
        return self.library.definition(session, digest)
