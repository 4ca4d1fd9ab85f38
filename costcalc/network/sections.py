"""Stretches of a network through which everything goes: one map arrives, one leaves."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from costcalc.network.entries import Entry
from costcalc.operators import Shape

_APART = ("gap", "global_maxpool", "flatten", "linear", "maxpool", "dropout")
"""What stands between parts of a network, whatever a file calls it."""
MOST_PERIOD = 13
X = -1
"""A section's input, among the sources of its entries."""


class Section(NamedTuple):
    """Entries from `first` on; each entry's sources are X or places within the section."""

    first: int
    entries: tuple[Entry, ...]
    sources: tuple[tuple[int, ...], ...]
    width: int  # channels that arrive
    sides: tuple[int, ...]  # positions that arrive

    @property
    def channels(self) -> int:
        """The channels that it puts out."""
        return self.entries[-1].channels

    @property
    def end(self) -> int:
        """The entry after its last one."""
        return self.first + len(self.entries)

    @property
    def input(self) -> str:
        """The shape that arrives."""
        return str(Shape(self.sides, self.width))


def sections(entries: Sequence[Entry], width: int) -> list[Section] | None:
    """The shortest sections that make the network up; None if it has several outputs."""
    taken = {source for entry in entries for source in entry.sources}
    if any(index not in taken for index in range(len(entries) - 1)):
        return None
    crossed = [0] * (len(entries) + 1)  # where maps pass by: each adds 1 where it begins to, and takes it where it ends
    for user, entry in enumerate(entries):
        for source in entry.sources:
            crossed[min(source + 1, user)] += 1
            crossed[user] -= 1
    found: list[Section] = []
    first = passing = 0
    for index, entry in enumerate(entries):
        passing += crossed[index]
        if not passing:
            found.append(_section(entries, first, index, width))
            first, width = index + 1, entry.channels
    return found


def _section(entries: Sequence[Entry], first: int, last: int, width: int) -> Section:
    inside = tuple(entries[first : last + 1])
    sources = tuple(tuple(source - first if source >= first else X for source in entry.sources) for entry in inside)
    sides = next((entry.sides for entry, several in zip(inside, sources, strict=True) if X in several), ())
    return Section(first, inside, sources, width, sides)


def joined(parts: Sequence[Section]) -> Section:
    """Sections that follow one another as one."""
    entries: list[Entry] = []
    sources: list[tuple[int, ...]] = []
    for part in parts:
        shift = len(entries)
        entries.extend(part.entries)
        sources.extend(tuple(shift - 1 if one == X else one + shift for one in several) for several in part.sources)
    return Section(parts[0].first, tuple(entries), tuple(sources), parts[0].width, parts[0].sides)


def named(found: Sequence[Section], level: int) -> list[list[Section]]:
    """Neighbours whose entries belong to one part of the network: of level 0, the file's block; of another one, what
    comes up to that number in the names of their layers (`features.3`, `layer1.0`)."""
    groups: list[list[Section]] = []
    name = None
    for section in found:
        own = {_part(entry, level) for entry in section.entries}
        stands_apart = len(section.entries) == 1 and section.entries[0].op in _APART
        mine = own.pop() if len(own) == 1 and not stands_apart else None
        if groups and mine is not None and mine == name:
            groups[-1].append(section)
        else:
            groups.append([section])
        name = mine
    return groups


def _part(entry: Entry, level: int) -> str:
    if not level:
        return entry.block
    parts = entry.layer.split(".")
    numbered = [place for place, part in enumerate(parts) if part[-1:].isdigit()][:level]
    return ".".join(parts[: numbered[-1] + 1]) if numbered else entry.layer


def runs(found: Sequence[Section], kinds: Sequence[Hashable]) -> list[list[Section]]:
    """Sections in the groups that repeat: at least three times the same kinds one after the other."""
    groups: list[list[Section]] = []
    place = 0
    while place < len(found):
        length = next((n for n in range(2, MOST_PERIOD) if _repeats(kinds, place, n)), 1)
        copies = 1
        while length > 1 and kinds[place : place + length] == kinds[place + copies * length :][:length]:
            copies += 1
        for _ in range(copies):
            groups.append(list(found[place : place + length]))
            place += length
    return groups


def _repeats(kinds: Sequence[Hashable], place: int, length: int) -> bool:
    """Whether three groups of so many follow one another, that are no shorter ones repeated."""
    first = kinds[place : place + length]
    return len(set(first)) > 1 and all(
        kinds[place + copy * length :][:length] == first for copy in (1, 2)
    )  # fmt: skip
