"""Who may see what, said once more in plain Python from the sentences of the rules, without any SQL."""

from dataclasses import dataclass, field

LEAD, COORDINATOR = "coordonnateur_medical", "coordinateur"
RUNNING = {LEAD, COORDINATOR}
WHO = {"identite", "administratif"}
EVERYTHING = WHO | {"clinique", "traitements", "constantes", "soins", "fonction", "social", "deplacement"}
LANES = {
    "medecin_traitant": EVERYTHING, LEAD: EVERYTHING, "coordinateur": WHO, "secretaire": WHO,
    "ide_liberale": WHO | {"soins", "constantes", "traitements", "deplacement"},
    "pharmacien_officine": WHO | {"traitements", "constantes"}, "assistant_social": WHO | {"fonction", "social"},
    "transporteur": WHO | {"deplacement"}, "admin": set(), "president": set(), "dpo": set(),
}  # fmt: skip
HEALTH = {"medecin_traitant", LEAD, "ide_liberale", "pharmacien_officine"}


def kind_of(roles: set[str]) -> str:
    return "sante" if roles & HEALTH else "social" if "assistant_social" in roles else "autre"


@dataclass
class Someone:
    """A professional: `roles` are those in which they act, `others` those that they hold besides.

    `replaces` and `serves` are those for whom they act, as substitute or as delegate.
    """

    id: str
    roles: set[str]
    professional: bool
    active: bool = True
    absent: bool = False
    replaces: set[str] = field(default_factory=set)
    serves: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    @property
    def held(self) -> set[str]:
        return self.roles | self.others

    @property
    def acts_for(self) -> set[str]:
        return {self.id} | self.replaces | self.serves

    @property
    def kind(self) -> str:
        """What kind of recipient they are."""
        return kind_of(self.roles)


@dataclass
class Word:
    """What a patient said: an agreement or a refusal."""

    patient: str
    scope: str
    audience: str
    recipient: str | None
    case: str = ""
    over: bool = False
    purpose: str = "soins"


@dataclass
class Glass:
    case: str
    person: str
    over_opposition: bool
    expired: bool


@dataclass
class Work:
    name: str
    case: str
    roles: set[str]
    assignee: str | None


@dataclass
class World:
    """Everything there is; cases are (id, patient, pathway), parts of circles (patient, person, role, has left)."""

    people: dict[str, Someone] = field(default_factory=dict)
    cases: dict[str, tuple[str, str]] = field(default_factory=dict)
    parts: list[tuple[str, str, str, bool]] = field(default_factory=list)
    refusals: list[Word] = field(default_factory=list)
    agreements: list[Word] = field(default_factory=list)
    glasses: list[Glass] = field(default_factory=list)
    tasks: list[Work] = field(default_factory=list)

    def circle(self, case: str) -> list[tuple[Someone, str]]:
        patient, _ = self.cases[case]
        return [(self.people[who], role) for whose, who, role, left in self.parts if whose == patient and not left]

    def is_refused(self, who: Someone, case: str) -> bool:
        return any(self._is_towards(word, who, who.acts_for) for word in self.refusals if self._is_about(word, case))

    def is_named(self, who: Someone, case: str) -> bool:
        mine = [word for word in self.agreements if self._is_about(word, case)]
        return any(word.audience == "person" and word.recipient == who.id for word in mine)

    def is_told(self, who: Someone, case: str) -> bool:
        """The patient agreed that this person, or this kind of recipient, reads what is clinical."""
        mine = [word for word in self.agreements if self._is_about(word, case)]
        return any(word.audience != "all" and self._is_towards(word, who, {who.id}) for word in mine)

    def has_broken(self, who: Someone, case: str, *, over: bool = False) -> bool:
        mine = [glass for glass in self.glasses if (glass.case, glass.person, glass.expired) == (case, who.id, False)]
        return who.kind == "sante" and any(glass.over_opposition or not over for glass in mine)

    def is_there(self, who: Someone) -> bool:
        return who.active and not who.absent

    def is_unattended(self, who: Someone) -> bool:
        """Away, and nobody who is there replaces them."""
        return who.absent and not any(who.id in one.replaces and one.active for one in self.people.values())

    def is_looked_after(self, who: Someone) -> bool:
        """There, or replaced by somebody who is."""
        return who.active and not self.is_unattended(who)

    def sees_task(self, who: Someone, task: Work) -> bool:
        ends_the_case = bool(task.roles & who.roles & RUNNING)
        if self.is_refused(who, task.case) and not ends_the_case:
            return False
        if task.assignee in who.acts_for or any(self._is_offered(who, task.case, role) for role in task.roles):
            return True
        somebody = {role for one in self.people.values() if self.is_there(one) for role in one.held}
        waits = task.assignee is None or self.is_unattended(self.people[task.assignee])
        return COORDINATOR in who.roles and waits and not task.roles & somebody

    def sees_of_case(self, who: Someone, case: str, *, involved: bool) -> set[str] | None:
        """The categories, or None when the case is closed to them."""
        if self.is_refused(who, case):
            if self.has_broken(who, case, over=True):
                return set().union(*(LANES[role] for role in who.roles))
            return WHO if who.roles & RUNNING else None
        if LEAD in who.roles:
            return EVERYTHING
        own = {role for one, role in self.circle(case) if one is who} & who.roles
        for_others = any(one is not who and one.id in who.acts_for for one, _ in self.circle(case))
        if not (own or for_others or involved or self.is_named(who, case) or self.has_broken(who, case)):
            return WHO if COORDINATOR in who.roles else None
        lane = own or who.roles
        seen = set().union(*(LANES[role] for role in lane), WHO if COORDINATOR in who.roles else ())
        if self.is_told(who, case):
            seen = seen | {"clinique"}
        is_of_the_team = bool(own) and who.professional
        return EVERYTHING if is_of_the_team and COORDINATOR in lane else seen

    def reads_thread(self, who: Someone, case: str, *, involved: bool) -> bool:
        """Exchanges and files are for those who read as carers more than whose case it is."""
        seen = self.sees_of_case(who, case, involved=involved) or set()
        own = {role for one, role in self.circle(case) if one is who} & who.roles
        if self.is_refused(who, case):
            return self.has_broken(who, case, over=True) and who.kind == "sante" and bool(seen - WHO)
        reading = {LEAD} if LEAD in who.roles else own or who.roles
        return kind_of(reading) == "sante" and bool(seen - WHO)

    def keeps_rights(self, who: Someone, case: str) -> bool:
        """Who runs the cases, and who cares in the circle, keep the consents and read how they were proved."""
        if who.roles & RUNNING:
            return True
        own = {role for one, role in self.circle(case) if one is who} & who.roles
        for_others = any(one is not who and one.id in who.acts_for for one, _ in self.circle(case))
        return who.kind == "sante" and bool(own or for_others) and not self.is_refused(who, case)

    def _is_offered(self, who: Someone, case: str, role: str) -> bool:
        holders = [one for one, held in self.circle(case) if held == role]
        if (who in holders and role in who.roles) or any(one is not who and one.id in who.acts_for for one in holders):
            return True
        looked_after = any(self.is_looked_after(one) and role in one.held for one in holders)
        return role in who.roles and not who.absent and not looked_after

    def _is_about(self, word: Word, case: str) -> bool:
        patient, pathway = self.cases[case]
        covers = word.scope in ("all", pathway) or (word.scope == "case" and word.case == case)
        return word.patient == patient and covers and not word.over and word.purpose == "soins"

    def _is_towards(self, word: Word, who: Someone, persons: set[str]) -> bool:
        if word.audience == "all":
            return True
        return word.recipient in persons if word.audience == "person" else word.recipient == who.kind
