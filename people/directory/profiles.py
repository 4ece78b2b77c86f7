"""What a professional offers: speciality, languages, home visits, skills, new patients, and where they practise."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import Invalid
from people.directory import words
from people.directory.tables import person_word, practice, skill, visited_commune
from people.directory.tables import profile as rows
from people.persons import Person, person, persons
from people.tables import person as people

MOST_NEW_PATIENTS = 500
LANGUAGES = {
    "fr": "français", "en": "anglais", "ar": "arabe", "de": "allemand", "es": "espagnol", "it": "italien",
    "lsf": "langue des signes", "pl": "polonais", "pt": "portugais", "ru": "russe", "tr": "turc", "uk": "ukrainien",
}  # fmt: skip
"""What the codes of languages mean; another one is shown as it was written."""
MODES = {"L": "Libéral", "S": "Salarié", "B": "Bénévole"}


@dataclass(frozen=True)
class Commune:
    """A commune by its INSEE code."""

    code: str
    name: str


@dataclass(frozen=True)
class Practice:
    """A situation of practice: where, in which structure if any, how to be reached; `mode` is L, S or B."""

    place: str
    name: str = ""
    structure: str | None = None
    address: str = ""
    commune: Commune = Commune("", "")
    phone: str = ""
    mssante: str = ""
    mode: str = "L"


@dataclass(frozen=True)
class Profile:
    """What the directory says of one person; `new_patients` is how many a month they accept."""

    person: str
    speciality_code: str = ""
    speciality_name: str = ""
    mssante: str = ""
    languages: tuple[str, ...] = ()
    home_visits: bool = False
    unscheduled: bool = False
    new_patients: int = 0
    member: bool = False
    visited: tuple[Commune, ...] = ()
    skills: tuple[str, ...] = ()
    practices: tuple[Practice, ...] = field(default=())


OWN = ("speciality_code", "speciality_name", "mssante", "home_visits", "unscheduled", "new_patients", "member")


def profile(session: Session, tenant: str, person_id: str) -> Profile:
    """What the directory says of a person; empty when it says nothing yet."""
    return profiles(session, tenant, [person_id])[person_id]


def profiles(session: Session, tenant: str, ids: Collection[str]) -> dict[str, Profile]:
    """The profiles of these persons, by id, in five questions whatever their number."""
    found = {one: Profile(one) for one in ids}
    for row in _of(session, rows, tenant, ids):
        own = {name: value for name, value in row._asdict().items() if name in OWN}
        found[row.person] = Profile(row.person, languages=tuple(row.languages.split()), **own)
    for row in _of(session, visited_commune, tenant, ids):
        known = found[row.person]
        found[row.person] = replace(known, visited=(*known.visited, Commune(row.commune_code, row.commune)))
    for row in _of(session, skill, tenant, ids):
        found[row.person] = replace(found[row.person], skills=(*found[row.person].skills, row.name))
    for row in sorted(_of(session, practice, tenant, ids), key=lambda row: row.rank):
        found[row.person] = replace(found[row.person], practices=(*found[row.person].practices, _practice(row)))
    return found


def save(session: Session, clock: Clock, tenant: str, saved: Profile) -> None:
    """Replace what the directory says of a person, and what they are found by. Raises Invalid, NotFound."""
    who = person(session, saved.person)
    if not 0 <= saved.new_patients <= MOST_NEW_PATIENTS:
        told = f"Un nombre entre 0 et {MOST_NEW_PATIENTS}."
        raise Invalid("Une réponse à revoir.", {"new_patients": told})
    values = {name: value for name, value in vars(saved).items() if name in OWN}
    values |= {"languages": " ".join(saved.languages), "updated_at": clock.now()}
    written = insert_into(session, rows).values(tenant=tenant, person=saved.person, **values)
    session.execute(written.on_conflict_do_update(index_elements=["tenant", "person"], set_=values))
    communes = [{"commune_code": one.code, "commune": one.name} for one in dict.fromkeys(saved.visited)]
    _replace(session, visited_commune, tenant, saved.person, communes)
    _replace(session, skill, tenant, saved.person, [{"name": one} for one in dict.fromkeys(saved.skills)])
    places = {one.place: one for one in saved.practices}
    _replace(session, practice, tenant, saved.person, [_row(one, rank) for rank, one in enumerate(places.values())])
    words.index(session, tenant, saved.person, _texts(who, saved))


def index_missing(session: Session, tenant: str, limit: int = 500) -> int:
    """Let those be found who came into the directory by another way than `save`; returns how many there were."""
    known = select(person_word.c.person).where(person_word.c.tenant == tenant)
    missing = select(people.c.id).where(people.c.tenant == tenant, people.c.id.not_in(known)).limit(limit)
    found = persons(session, list(session.scalars(missing)))
    said = profiles(session, tenant, list(found))
    for one, who in found.items():
        words.index(session, tenant, one, _texts(who, said[one]))
    return len(found)


def _texts(who: Person, saved: Profile) -> list[str]:
    """All that a person may be looked for by."""
    places = [text for one in saved.practices for text in (one.name, one.commune.name)]
    visited = [one.name for one in saved.visited]
    return [who.name, who.profession, saved.speciality_name, *saved.skills, *places, *visited, *saved.languages]


def _of(session: Session, table: Table, tenant: str, ids: Collection[str]) -> Sequence[Any]:
    query = select(table).where(table.c.tenant == tenant, table.c.person.in_(ids))
    return session.execute(query.order_by(*table.primary_key.columns)).all()


def _replace(session: Session, table: Table, tenant: str, person_id: str, made: list[dict[str, Any]]) -> None:
    session.execute(delete(table).where(table.c.tenant == tenant, table.c.person == person_id))
    if made:
        session.execute(insert(table), [{"tenant": tenant, "person": person_id, **one} for one in made])


def _practice(row: Any) -> Practice:
    commune = Commune(row.commune_code, row.commune)
    return Practice(row.place, row.name, row.structure, row.address, commune, row.phone, row.mssante, row.mode)


def _row(one: Practice, rank: int) -> dict[str, Any]:
    values = {name: value for name, value in vars(one).items() if name != "commune"}
    return {**values, "commune_code": one.commune.code, "commune": one.commune.name, "rank": rank}
