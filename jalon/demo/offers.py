"""What the demo's professionals say of themselves in the directory: places, communes, skills, what they accept."""

from random import Random

from sqlalchemy.orm import Session

from base.clock import Clock
from jalon.demo.names import COMMUNES, STREETS, finess, phone
from people.directory import groups, profiles, structures
from people.directory.profiles import Commune, Practice, Profile
from people.directory.structures import Structure
from people.persons import Person

SEED = 47
HOUSES = (("Maison de santé des Sucs (démo)", 0), ("Maison de santé de la Loire (démo)", 2))
SKILLS = {
    "10": ("Suites d’AVC", "Gériatrie", "Soins palliatifs"),
    "60": ("Plaies", "ETP AVC", "Perfusion"),
    "70": ("Rééducation neurologique", "Vestibulaire"),
    "91": ("Aphasie", "Dysphagie"),
    "21": ("Bilan partagé de médication", "Vaccination"),
}
GROUPS = (("Suites d’AVC", "groupe", "Faire vivre le parcours"), ("Collège des patients", "college", ""))


def describe(session: Session, clock: Clock, tenant: str, people: list[Person]) -> None:
    """Give everybody an entry, the same at each start; found two houses and two groups, name referents."""
    draw = Random(SEED)
    houses = [_house(session, tenant, rank, name, place) for rank, (name, place) in enumerate(HOUSES)]
    for person in people:
        profiles.save(session, clock, tenant, _profile(draw, person, houses))
    for name, kind, purpose in GROUPS:
        group = groups.add(session, tenant, name=name, kind=kind, purpose=purpose)
        for person in draw.sample([one for one in people if one.profession_code], 6):
            groups.join(session, clock, tenant, group, person.id)
    for code in ("10", "60", "21"):
        first = next(one for one in people if one.profession_code == code)
        groups.name_referent(session, clock, tenant, code, first.id)


def _house(session: Session, tenant: str, rank: int, name: str, place: int) -> Structure:
    commune = COMMUNES[place]
    made = Structure(
        "", name, "msp", finess(50 + rank), None, f"{rank + 1} place du Marché, {commune.postal}", commune.insee,
        commune.name, f"04 65 71 50 0{rank}",
    )  # fmt: skip
    return structures.save(session, tenant, made)


def _profile(draw: Random, person: Person, houses: list[Structure]) -> Profile:
    doctor, nurse = person.profession_code == "10", person.profession_code == "60"
    if not person.profession_code:
        return Profile(person.id, member=True)
    offered = SKILLS.get(person.profession_code, ())
    visited = draw.sample(COMMUNES, draw.randrange(2, 5)) if doctor or nurse else []
    return Profile(
        person.id,
        languages=("fr", *draw.choice(((), (), ("en",), ("lsf",), ("ar",), ("pt",)))),
        home_visits=bool(visited),
        unscheduled=doctor and draw.random() < 0.5,
        new_patients=draw.choice((0, 0, 2, 4)) if doctor else 0,
        member=draw.random() < 0.4,
        visited=tuple(Commune(one.insee, one.name) for one in visited),
        skills=tuple(draw.sample(offered, min(len(offered), draw.randrange(3)))),
        practices=(_place(draw, houses),),
    )


def _place(draw: Random, houses: list[Structure]) -> Practice:
    if draw.random() < 0.3:
        house = draw.choice(houses)
        commune = Commune(house.commune_code, house.commune)
        return Practice(house.finess or "", house.name, house.id, house.address, commune, house.phone)
    place = draw.choice(COMMUNES)
    address = f"{draw.randrange(1, 60)} {draw.choice(STREETS)}, {place.postal}"
    return Practice(f"cabinet {place.insee}", "Cabinet", None, address, Commune(place.insee, place.name), phone(draw))
