"""The words that a patient is found by: blind, so that the database never holds a name, and by their beginnings.

Accents, case, hyphens and apostrophes do not count; particles («de», «la») only in a name that has nothing else. « Le
Goff » and « LEGOFF » find each other: a name of several words is kept in one as well, and words typed side by side are
also looked for in one. A birth date and an INS count as one word each.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from base.conditions import Texts, has_row, is_one_of
from base.prepared import Prepared, Query
from base.vault import Vault, normalise
from care.identity.identifiers import INS
from care.identity.identity import Identity
from care.identity.tables import patient_word as rows
from care.search import communes

SHORTEST = 3
LONGEST = 24
MOST = 6
TOGETHER = 3
"""How many words that stand together may be one name."""
KIND = "word"
PARTICLES = {
    "d", "da", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "et",
    "l", "la", "las", "le", "les", "los", "van", "vom", "von",
}  # fmt: skip
DAY = re.compile(r"\b(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})\b|\b(\d{4})-(\d{2})-(\d{2})\b", re.ASCII)
NUMBER = re.compile(r"(?<!\w)[1-478](?:[\s.]?[0-9AaBb]){14}(?!\w)", re.ASCII)
Words = tuple[str, ...]
"""What one word that was typed may be: any of them will do."""
Blinds = tuple[str, ...]
"""The same, as the database knows them."""
Word = BindParameter[Sequence[str]]
"""The blinds of one word, in a statement."""
other = rows.alias("other_word")

FORGET = Prepared(delete(rows).where(rows.c.tenant == bindparam("b_tenant"), rows.c.patient == bindparam("b_patient")))
ADD = Prepared(insert(rows))


def index(session: Session, vault: Vault, tenant: str, patient: str, *identities: Identity) -> None:
    """Make a patient findable by their identity, and those of whom is one with them, and by no former one."""
    forget(session, tenant, patient)
    add(session, vault, tenant, patient, *identities)


def add(session: Session, vault: Vault, tenant: str, patient: str, *identities: Identity) -> None:
    """Make a patient findable who was not so far."""
    said = {word for identity in identities for word in words_of(identity)}
    found = {vault.blind(word, KIND) for word in said} | {names_blind(vault, identity) for identity in identities}
    ADD.write(session, [{"tenant": tenant, "word_blind": blind, "patient": patient} for blind in sorted(found)])
    for name in {identity.commune for identity in identities}:
        communes.note(session, tenant, name)


def forget(session: Session, tenant: str, patient: str) -> None:
    """The patient is found by no word any more."""
    FORGET.write(session, [{"b_tenant": tenant, "b_patient": patient}])


def blinds(vault: Vault, text: str) -> list[Blinds]:
    """What to look for: a patient answers to a text when they have one of each. Empty when nothing is said."""
    return [tuple(vault.blind(word, KIND) for word in meant) for meant in asked(text)]


def said(found: Sequence[Blinds]) -> list[Word]:
    """The words in a statement that is asked once."""
    return [literal(blinds, Texts()) for blinds in found]


def named(number: int) -> list[Word]:
    """So many words in a statement that is kept ready: they are given to it as `values`."""
    return [named_at(n) for n in range(number)]


def named_at(n: int) -> Word:
    return bindparam(f"word_{n}", type_=Texts())


def values(found: Sequence[Blinds]) -> dict[str, Blinds]:
    return {f"word_{n}": blinds for n, blinds in enumerate(found)}


def answering(tenant: str, found: Sequence[Word]) -> Select[tuple[str]]:
    """The patients who have one of each of these words, for use inside any statement; nobody when there is none."""
    if not found:
        return select(rows.c.patient).where(false())
    first, *others = found
    ids = select(rows.c.patient).where(rows.c.tenant == tenant, is_one_of(rows.c.word_blind, first)).distinct()
    return ids.where(*(_answered(tenant, word) for word in others))


def answers(tenant: str, patient: ColumnElement[str], found: Sequence[Word]) -> ColumnElement[bool]:
    """The patient of the row at hand has one of each of these words; looked up for that row alone."""
    mine = select(other.c.patient).where(other.c.tenant == tenant, other.c.patient == patient)
    asked = (mine.where(is_one_of(other.c.word_blind, word)) for word in found)
    return and_(*(has_row(one.correlate_except(other)) for one in asked))


def _answered(tenant: str, word: Word) -> ColumnElement[bool]:
    """On a word of a patient: it stands for this one too, as names written in one do, or the patient has another."""
    return or_(is_one_of(rows.c.word_blind, word), answers(tenant, rows.c.patient, [word]))


def borne(session: Session, tenant: str, found: Sequence[Blinds], most: int) -> list[tuple[int, Blinds]]:
    """The words without what nobody is called, each with how many patients at most have it; counted to `most` and on.

    What a word may be together with those beside it is seldom a name: every patient would be asked for it in vain.
    """
    known = list(dict.fromkeys(blind for word in found for blind in word))
    if not known:
        return []
    (numbers,) = _numbers(tenant, len(known)).all(session, {**values([(blind,) for blind in known]), "most": most + 1})
    number = dict(zip(known, numbers, strict=True))
    return [(sum(map(number.__getitem__, word)), tuple(filter(number.get, word))) for word in found]


@lru_cache(maxsize=64)
def _numbers(tenant: str, number: int) -> Query:
    most = bindparam("most", type_=Integer())
    listed = (
        select(rows.c.patient).where(rows.c.tenant == tenant, is_one_of(rows.c.word_blind, word))
        for word in named(number)
    )
    counted = (select(func.count()).select_from(one.limit(most).subquery()).scalar_subquery() for one in listed)
    return Query(select(*(one.label(f"word_{n}") for n, one in enumerate(counted))))


def words_of(identity: Identity) -> set[str]:
    """Every word and beginning of word by which this identity is found."""
    names = [identity.nom_naissance, *identity.prenoms, identity.prenom_usuel or "", identity.commune]
    found = {part for name in names for word in [*split(name), *run_together(name)] for part in beginnings(word)}
    found.add(day_word(identity.date_naissance))
    return found | {identity.ins.lower()} if identity.ins else found


def asked(text: str) -> list[Words]:
    """The words of what somebody looks for, at most six, each with what it may be together with those beside it; longer
    ones say more and come first.
    """
    rest, found = text, list[Words]()
    for number in NUMBER.findall(text):
        bare = re.sub(r"[\s.]", "", number).upper()
        if INS.fullmatch(bare):
            rest = rest.replace(number, " ")
            found.append((bare.lower(),))
    for match in DAY.finditer(rest):
        day = _day(match)
        if day is not None:
            rest = rest.replace(match[0], " ")
            found.append((day_word(day),))
    found += sorted(_typed(rest), key=lambda meant: len(meant[0]), reverse=True)
    return list(dict.fromkeys(found))[:MOST]


def names_blind(vault: Vault, identity: Identity) -> str:
    """What namesakes have in common, whoever wrote their names in one word or in two."""
    return vault.blind(f"{joined(identity.nom_naissance)} {joined(identity.first_name)}", "names")


def split(name: str) -> list[str]:
    """The words of a name; particles only when it has nothing else."""
    words = normalise(name).split()
    return [word for word in words if word not in PARTICLES] or words


def joined(name: str) -> str:
    """A name written in one word: « LE GOFF » as « legoff »."""
    return "".join(normalise(name).split())


def run_together(name: str) -> list[str]:
    """What follows each word, written in one: « DEMO-LE GOFF » as « demolegoff » and « legoff »."""
    words = normalise(name).split()
    return ["".join(words[n:]) for n in range(len(words) - 1)]


def beginnings(word: str) -> list[str]:
    """The word and its beginnings of three letters and more."""
    cut = word[:LONGEST]
    return [cut[:length] for length in range(SHORTEST, len(cut))] + [cut] if cut else []


def _typed(text: str) -> Iterator[Words]:
    """Each word that counts, then what it is in one with one or two of its neighbours."""
    words = normalise(text).split()
    counted = set(split(text))
    for n, word in enumerate(words):
        if word in counted:
            spans = [(start, start + size) for size in range(2, TOGETHER + 1) for start in range(n - size + 1, n + 1)]
            joined_up = ["".join(words[start:end]) for start, end in spans if start >= 0 and end <= len(words)]
            yield tuple(dict.fromkeys(one[:LONGEST] for one in (word, *joined_up)))


def day_word(day: date) -> str:
    return day.isoformat()


def _day(match: re.Match[str]) -> date | None:
    day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
