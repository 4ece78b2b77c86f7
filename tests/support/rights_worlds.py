"""Worlds drawn for the oracle of the guard: people, circles, consents, oppositions, absences, emergencies, tasks."""

from copy import deepcopy

from hypothesis import strategies as st

from tests.support.rights_oracle import HEALTH, LANES, Glass, Someone, Word, Work, World

ROLES = st.sampled_from(sorted(LANES))
PATHWAYS = ("avc", "sortie")
SAID = ("soins", "soins", "soins", "dmp")
KINDS = st.sampled_from(("sante", "social", "autre"))
often = st.sampled_from((True, True, False))
seldom = st.sampled_from((False, False, False, True))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One territory at one moment, small enough to be read when it fails."""
    world = World()
    _people(draw, world)
    _cases(draw, world)
    world = draw(surroundings(world))
    _tasks(draw, world)
    return world


@st.composite
def surroundings(draw: st.DrawFn, world: World) -> World:
    """The same people and cases, with absences, circles, words and emergencies drawn around them."""
    world = deepcopy(world)
    _absences(draw, world)
    _circles(draw, world)
    _words(draw, world)
    _glasses(draw, world)
    return world


def _people(draw: st.DrawFn, world: World) -> None:
    """Some hold two roles, and of those some act in one of them alone."""
    for n in range(draw(st.integers(2, 6))):
        first, second = draw(ROLES), draw(ROLES)
        held = {first, second} if draw(often) else {first}
        acts_in = {first} if draw(often) else held
        made = Someone(f"p{n}", acts_in, draw(st.booleans()), not draw(seldom), others=held - acts_in)
        world.people[made.id] = made


def _cases(draw: st.DrawFn, world: World) -> None:
    for n in range(draw(st.integers(1, 3))):
        world.cases[f"c{n}"] = (f"u{draw(st.integers(0, 1))}", draw(st.sampled_from(PATHWAYS)))


def _absences(draw: st.DrawFn, world: World) -> None:
    """Whoever replaces somebody is there; a delegate may be away."""
    known = list(world.people.values())
    for one in known[1:]:
        one.absent = draw(seldom)
    there = [one for one in known if not one.absent]
    for one in known:
        if one.absent and draw(often):
            draw(st.sampled_from(there)).replaces.add(one.id)
        if draw(seldom):
            draw(st.sampled_from([other for other in known if other is not one])).serves.add(one.id)


def _circles(draw: st.DrawFn, world: World) -> None:
    """Mostly in a role that they hold; sometimes in one that they no longer do, or they have left."""
    for _ in range(draw(st.integers(1, 6))):
        who = draw(st.sampled_from(list(world.people.values())))
        role = draw(st.sampled_from([*sorted(who.held), *sorted(who.held), "medecin_traitant"]))
        patient = draw(st.sampled_from(sorted({patient for patient, _ in world.cases.values()})))
        world.parts.append((patient, who.id, role, draw(seldom)))


def _words(draw: st.DrawFn, world: World) -> None:
    for said in (world.refusals, world.agreements):
        for _ in range(draw(st.integers(0, 3))):
            case = draw(st.sampled_from(sorted(world.cases)))
            patient, pathway = world.cases[case]
            audience = draw(st.sampled_from(("all", "person", "category")))
            recipients = {"all": st.none(), "person": st.sampled_from(sorted(world.people)), "category": KINDS}
            scopes = ("all", pathway, "autre-parcours", *(("case",) if said is world.agreements else ()))
            scope, over = draw(st.sampled_from(scopes)), draw(seldom)
            recipient, purpose = draw(recipients[audience]), draw(st.sampled_from(SAID))
            said.append(Word(patient, scope, audience, recipient, case, over, purpose))


def _glasses(draw: st.DrawFn, world: World) -> None:
    carers = [one.id for one in world.people.values() if one.held & HEALTH]
    for _ in range(draw(st.integers(1, 3)) if carers else 0):
        case, who = draw(st.sampled_from(sorted(world.cases))), draw(st.sampled_from(carers))
        world.glasses.append(Glass(case, who, draw(st.booleans()), draw(seldom)))


def _tasks(draw: st.DrawFn, world: World) -> None:
    for n in range(draw(st.integers(1, 5))):
        case, roles = draw(st.sampled_from(sorted(world.cases))), draw(st.sets(ROLES, min_size=1, max_size=2))
        assignee = draw(st.sampled_from([None, None, *sorted(world.people)]))
        world.tasks.append(Work(f"t{n}", case, roles, assignee))
