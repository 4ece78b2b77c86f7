"""Sets of characters of XPath's regular expressions: categories, blocks, escapes such as `\\w`, and their algebra."""

import unicodedata
from bisect import bisect_right
from functools import cache

from engine.feel.errors import Impossible
from engine.feel.patterns.blocks import BLOCKS

Ranges = tuple[tuple[int, int], ...]
LAST = 0x10FFFF
MAJORS = {"L": "ultmo", "M": "nce", "N": "dlo", "P": "cdseifo", "Z": "slp", "S": "mcko", "C": "cfon"}
CATEGORIES = frozenset(major + minor for major, minors in MAJORS.items() for minor in ("", *minors))
BLANKS: Ranges = ((9, 10), (13, 13), (32, 32))
VARIED = (range(0x32400), range(0xE0000, 0xE1000))
UNIFORM: Ranges = (  # spans of one category each, far too long to look at every character
    *((0x32400, 0xDFFFF), (0xE1000, 0xEFFFF), (0xF0000, 0xFFFFD), (0xFFFFE, 0xFFFFF)),
    *((0x100000, 0x10FFFD), (0x10FFFE, LAST)),
)
NAME_START: Ranges = (
    *((0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF)),
    *((0x370, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF)),
    *((0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF)),
)
NAME_MORE: Ranges = ((0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))


def union(*sets: Ranges) -> Ranges:
    """One set, its ranges sorted and apart."""
    made: list[tuple[int, int]] = []
    for low, high in sorted(part for ranges in sets for part in ranges):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)


def complement(ranges: Ranges) -> Ranges:
    made, next_free = [], 0
    for low, high in ranges:
        if low > next_free:
            made.append((next_free, low - 1))
        next_free = high + 1
    return (*made, (next_free, LAST)) if next_free <= LAST else tuple(made)


def difference(kept: Ranges, taken: Ranges) -> Ranges:
    return complement(union(complement(kept), taken))


def holds(ranges: Ranges, point: int) -> bool:
    """Whether a sorted set has a character."""
    at = bisect_right(ranges, (point, LAST)) - 1
    return at >= 0 and ranges[at][0] <= point <= ranges[at][1]


def folded(ranges: Ranges) -> Ranges:
    """The set with the other cases of its letters."""
    others = {other for letter, cases in _cases().items() if holds(ranges, letter) for other in cases}
    return union(ranges, tuple((other, other) for other in others))


@cache
def escape(letter: str) -> Ranges:
    """What `\\d`, `\\w`, `\\s`, `\\i` or `\\c` stands for, and their capitals for all else."""
    if letter.isupper():
        return complement(escape(letter.lower()))
    if letter == "w":
        return complement(union(category("P"), category("Z"), category("C")))
    if letter == "d":
        return category("Nd")
    return {"s": BLANKS, "i": NAME_START, "c": union(NAME_START, NAME_MORE)}[letter]


@cache
def category(name: str) -> Ranges:
    """What stands in `\\p{…}`: a category, or a block behind `Is`; raises Impossible."""
    if name.startswith("Is") and name[2:] in BLOCKS:
        return (BLOCKS[name[2:]],)
    if name not in CATEGORIES:
        raise Impossible("pattern-category", name=name)
    return union(*(ranges for found, ranges in _categories().items() if found.startswith(name)))


@cache
def _categories() -> dict[str, Ranges]:
    """Each category's characters, from Python's own Unicode tables."""
    made: dict[str, list[tuple[int, int]]] = {}
    for first, last in (*UNIFORM, *((point, point) for span in VARIED for point in span)):
        ranges = made.setdefault(unicodedata.category(chr(first)), [])
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return {name: tuple(ranges) for name, ranges in made.items()}


@cache
def _cases() -> dict[int, frozenset[int]]:
    """Each letter that has cases, with its other ones; none is above U+1E943."""
    groups: dict[str, set[int]] = {}
    for point in range(0x1E944):
        letter = chr(point)
        for other in {letter.lower(), letter.upper()} - {letter}:
            if len(other) == 1:
                groups.setdefault(letter.lower(), set()).update((point, ord(other)))
    return {point: frozenset(group - {point}) for group in groups.values() for point in group}
