"""Taking a file of professionals over: planned line by line, looked at, then written bit by bit, with a report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Invalid, NotFound
from base.ids import new_id
from base.rows import made
from people import persons
from people.directory import bundles, profiles, sheets, structures, words
from people.directory.completion import SAID, completed, keys, match, other_name, retold, unchanged
from people.directory.entries import Entry, Site, load, merged
from people.directory.structures import Structure
from people.directory.tables import directory_import as rows
from people.directory.tables import import_line, person_word
from people.persons import Person
from people.tables import person

LARGEST = 40_000_000
AT_ONCE = 100
ADD, COMPLETE, SAME, REFUSE = "add", "complete", "same", "refuse"
ACTIONS = {ADD: "à ajouter", COMPLETE: "à compléter", SAME: "sans changement", REFUSE: "refusée"}
URGENCY = case((import_line.c.action == REFUSE, 0), (import_line.c.remark != "", 1), else_=2)
"""What somebody must look at stands first."""
Name = tuple[str, ...]
PREVIEWED, QUEUED, DONE, DROPPED = "previewed", "queued", "done", "dropped"


@dataclass(frozen=True)
class Import:
    """An import: its state (`previewed`, `queued`, `done`, `dropped`), and how many of its lines are written."""

    id: str
    name: str
    asked_by: str
    asked_at: datetime
    state: str
    total: int
    done: int


@dataclass(frozen=True)
class Line:
    """One row of the report: where in the file, who, what is done, and what is odd about it."""

    line: int
    label: str
    action: str
    remark: str


def plan(session: Session, clock: Clock, tenant: str, *, name: str, content: bytes, asked_by: str) -> Import:
    """Read a file and keep what would be done with each of its professionals; nothing else changes. Raises Invalid."""
    if not content:
        raise Invalid("Ce fichier est vide.")
    if len(content) > LARGEST:
        raise Invalid(f"Ce fichier dépasse {LARGEST // 1_000_000} Mo. Envoyez-le en plusieurs parties.")
    reads = bundles.read if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" else sheets.read
    found = merged(reads(content))
    if not found:
        raise Invalid("Ce fichier ne nomme personne. Il faut une ligne par personne, sous celle des titres.")
    asked = Import(new_id(), name[:240], asked_by, clock.now(), PREVIEWED, len(found), 0)
    session.execute(insert(rows).values(tenant=tenant, **vars(asked)))
    known = _known(session, tenant, found)
    taken, same = _names(session, tenant, found), unchanged(session, tenant, found, known)
    lines = _first_lines(found)
    planned = [_line(tenant, asked.id, n, entry, known, taken, same, lines) for n, entry in enumerate(found)]
    session.execute(insert(import_line), planned)
    return asked


def confirm(session: Session, tenant: str, import_id: str) -> Import:
    """What was looked at may be written. Raises NotFound, Conflict when that was said before."""
    return _move(session, tenant, import_id, QUEUED)


def drop(session: Session, tenant: str, import_id: str) -> Import:
    """What was looked at is not wanted. Raises NotFound, Conflict when it is being written."""
    return _move(session, tenant, import_id, DROPPED)


def write_some(session: Session, clock: Clock, tenant: str, import_id: str) -> bool:
    """Write the next lines of a confirmed import; whether some are left. Safe to be asked again after a crash."""
    asked = read(session, tenant, import_id)
    if asked.state != QUEUED:
        return False
    query = _lines(tenant, import_id).where(import_line.c.n >= asked.done).order_by(import_line.c.n).limit(AT_ONCE)
    found = session.execute(query).all()
    for row in found:
        if row.action != REFUSE:
            _write(session, clock, tenant, row)
    done = asked.done + len(found)
    state = QUEUED if done < asked.total else DONE
    session.execute(update(rows).where(rows.c.tenant == tenant, rows.c.id == import_id).values(done=done, state=state))
    return state == QUEUED


def read(session: Session, tenant: str, import_id: str) -> Import:
    """Raises NotFound."""
    for row in session.execute(_imports(tenant).where(rows.c.id == import_id)):
        return _import(row)
    raise NotFound("Cet import n’existe pas.")


def imports(session: Session, tenant: str, limit: int = 20) -> list[Import]:
    """The last imports, the latest first."""
    query = _imports(tenant).order_by(rows.c.asked_at.desc(), rows.c.id.desc()).limit(limit)
    return [_import(row) for row in session.execute(query)]


def report(session: Session, tenant: str, import_id: str, action: str = "", limit: int = 500) -> list[Line]:
    """The lines of an import, or those of one action: what was refused first, what has a remark, then the others."""
    query = _lines(tenant, import_id).order_by(URGENCY, import_line.c.n).limit(limit)
    query = query.where(import_line.c.action == action) if action else query
    return [Line(row.line, row.label, row.action, row.remark) for row in session.execute(query)]


def remarked(session: Session, tenant: str, import_id: str) -> int:
    """How many lines have a remark without being refused: several lines made one, somebody who left."""
    query = _lines(tenant, import_id).where(import_line.c.action != REFUSE, import_line.c.remark != "")
    return session.scalars(select(func.count()).select_from(query.subquery())).one()


def counts(session: Session, tenant: str, import_id: str) -> dict[str, int]:
    """How many lines there are of each action."""
    query = select(import_line.c.action).where(import_line.c.tenant == tenant, import_line.c["import"] == import_id)
    counted = Counter(session.scalars(query))
    return {action: counted[action] for action in ACTIONS}


def _line(
    tenant: str,
    import_id: str,
    n: int,
    entry: Entry,
    known: dict[str, Person],
    taken: frozenset[Name],
    same: frozenset[Entry],
    lines: Mapping[Name, int],
) -> dict[str, Any]:
    found = match(entry, known)
    action = REFUSE if entry.fault else ADD if found is None else SAME if entry in same else COMPLETE
    remarks = [entry.fault, entry.remark, "" if entry.active else "n’exerce plus : désactivez cette personne vous-même"]
    several = f"{len(entry.lines)} lignes réunies" if len(entry.lines) > 1 else ""
    if not entry.active and found is None and not entry.fault:
        action = REFUSE
        remarks[2] = "n’exerce plus"
    held = {"tenant": tenant, "import": import_id, "n": n, "line": entry.lines[0], "label": entry.label}
    remarks.append(_doubt(entry, found, known, taken, lines) if action != REFUSE else "")
    said = " ; ".join(part for part in (*remarks, several) if part)
    return {**held, "action": action, "remark": said, "entry": entry.dump()}


def _first_lines(found: Sequence[Entry]) -> dict[Name, int]:
    """Where the file first gives each name to somebody without a number."""
    return {_name(entry): entry.lines[0] for entry in reversed(found) if not entry.fault and not entry.rpps}


def _name(entry: Entry) -> Name:
    return tuple(words.words(entry.label))


def _doubt(
    entry: Entry, found: Person | None, known: dict[str, Person], taken: frozenset[Name], lines: Mapping[Name, int]
) -> str:
    """Why the person of the file may be somebody else than the directory will take them for."""
    if found is not None:
        return f"l’annuaire nomme {found.name} sous ce numéro RPPS, à vérifier" if other_name(entry, found) else ""
    if _name(entry) in taken:
        return "quelqu’un porte déjà ce nom dans l’annuaire, à vérifier"
    first = lines.get(_name(entry), entry.lines[0])
    if first != entry.lines[0]:
        return f"même nom qu’à la ligne {first}, à vérifier"
    other = known.get(entry.email.casefold()) if entry.email else None
    return "" if other is None else f"cette adresse est aussi celle de {other.name}, à vérifier"


def _known(session: Session, tenant: str, found: Sequence[Entry]) -> dict[str, Person]:
    """Those of the directory whom the file may speak of, by RPPS number and by address."""
    by_key: dict[str, Person] = {}
    for start in range(0, len(found), 500):
        part = found[start : start + 500]
        numbers_ = [entry.rpps for entry in part if entry.rpps]
        mails = {mail for entry in part if entry.email for mail in (entry.email, entry.email.casefold())}
        query = select(person.c.id).where(
            person.c.tenant == tenant, person.c.rpps.in_(numbers_) | person.c.email.in_(mails)
        )
        for one in persons.persons(session, list(session.scalars(query))).values():
            by_key |= dict.fromkeys(keys(one), one)
    return by_key


def _names(session: Session, tenant: str, found: Sequence[Entry]) -> frozenset[Name]:
    """The names of the directory that the file may give to somebody else, folded as the search folds them."""
    families, names = sorted({entry.family_name for entry in found}), set()
    for start in range(0, len(families), 500):
        part = families[start : start + 500]
        folded = {max(words.words(family), key=len, default="") for family in part}
        alike = select(person_word.c.person).where(person_word.c.tenant == tenant, person_word.c.word.in_(folded))
        query = select(person.c.family_name, person.c.given_name).where(
            person.c.tenant == tenant, person.c.family_name.in_(part) | person.c.id.in_(alike)
        )
        names |= {tuple(words.words(" ".join(row))) for row in session.execute(query)}
    return frozenset(names)


def _write(session: Session, clock: Clock, tenant: str, row: Any) -> None:
    entry = load(row.entry)
    found = match(entry, _known(session, tenant, [entry]))
    who = _added(session, tenant, entry) if found is None else _completed(session, found, entry)
    before = profiles.profile(session, tenant, who.id)
    after = completed(before, entry, lambda site: _structure(session, tenant, site))
    action = ADD if found is None else SAME if after == before and who == found else COMPLETE
    if action != SAME:
        profiles.save(session, clock, tenant, after)
    mine = (import_line.c.tenant == tenant, import_line.c["import"] == row._mapping["import"], import_line.c.n == row.n)
    session.execute(update(import_line).where(*mine).values(action=action))


def _added(session: Session, tenant: str, entry: Entry) -> Person:
    told, names = (
        asdict(entry),
        ("family_name", "given_name", "title", "profession_code", "profession_name", "phone", "email"),
    )
    return persons.add(session, tenant, rpps=entry.rpps or None, **{name: told[name] for name in names})


def _completed(session: Session, who: Person, entry: Entry) -> Person:
    told = retold(who, entry)
    named = {"profession_name": told.profession, **{name: vars(told)[name] for name in SAID}}
    session.execute(update(person).where(person.c.tenant == who.tenant, person.c.id == who.id).values(named))
    return persons.person(session, who.id)


def _structure(session: Session, tenant: str, site: Site) -> str | None:
    """The structure of a place, founded when its number is new; a place without a number has none."""
    if not site.finess and not site.siret:
        return None
    known = structures.by_number(session, tenant, site.finess, site.siret)
    if known is None:
        founded = Structure(
            "", site.name or site.place, "autre", site.finess, site.siret, site.address, site.commune_code,
            site.commune, site.phone, site.mssante,
        )  # fmt: skip
        known = structures.save(session, tenant, founded)
    return known.id


def _move(session: Session, tenant: str, import_id: str, state: str) -> Import:
    asked = read(session, tenant, import_id)
    mine = (rows.c.tenant == tenant, rows.c.id == import_id, rows.c.state == PREVIEWED)
    if not session.execute(update(rows).where(*mine).values(state=state).returning(rows.c.id)).all():
        raise Conflict("Cet import est déjà en cours, ou terminé.")
    return replace(asked, state=state)


def _imports(tenant: str) -> Select[Any]:
    return select(rows).where(rows.c.tenant == tenant)


def _lines(tenant: str, import_id: str) -> Select[Any]:
    mine = (import_line.c.tenant == tenant, import_line.c["import"] == import_id)
    return select(import_line).where(*mine)


def _import(row: Any) -> Import:
    return made(Import, row)
