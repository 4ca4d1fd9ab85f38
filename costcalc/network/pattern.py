"""What sections have in common: a block with arguments, of which each section is one use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from costcalc.network.arguments import Arguments, Unwritten
from costcalc.network.entries import Entry, default_of
from costcalc.network.sections import Section, X
from costcalc.operators import REGISTRY

MOST_TRIES = 2000


class Slot(NamedTuple):
    """An entry of the block as written. `condition` is "" if it is always there.

    With `by_pass`, the block's input goes on in its place where it is not there.
    """

    op: str
    fields: dict[str, str]
    sources: tuple[int, ...] | None  # None: the entry before it
    condition: str
    by_pass: bool


class Pattern(NamedTuple):
    """A block: its entries, and the arguments of each section that uses it, by name."""

    slots: tuple[Slot, ...]
    arguments: dict[str, list[Any]]


def key_of(entry: Entry) -> tuple[Any, ...]:
    """What two entries must share to be one entry of a block: all but numbers and the activation's word."""
    kinds = []
    for name in getattr(REGISTRY[entry.op], "__dataclass_fields__", {}):
        default = default_of(REGISTRY[entry.op], name)
        if type(default) is not int and name in entry.fields:
            kinds.append((name, type(entry.fields[name])))
    return entry.op, entry.norm, bool(entry.act), entry.dtype, tuple(kinds)


def skeleton(section: Section) -> tuple[Any, ...]:
    """What two sections share that differ in numbers alone."""
    return tuple(map(key_of, section.entries)), section.sources


def patterns(sections: Sequence[Section]) -> list[tuple[Pattern, list[int]]]:
    """The blocks that some sections are uses of, each with the places of its sections, in order."""
    kinds: dict[Any, list[int]] = {}
    for place, section in enumerate(sections):
        kinds.setdefault(skeleton(section), []).append(place)
    waiting = sorted(kinds.values(), key=lambda places: (-len(sections[places[0]].entries), places[0]))
    found: list[tuple[Pattern, list[int]]] = []
    for places in waiting:
        for index, (_, others) in enumerate(found):
            both = sorted([*others, *places])
            pattern = _pattern([sections[place] for place in both])
            if pattern is not None:
                found[index] = (pattern, both)
                break
        else:
            alone = _pattern([sections[place] for place in places])
            if alone is not None:
                found.append((alone, places))
            else:
                found.extend((one, [place]) for place in places if (one := _pattern([sections[place]])))
    return found


def _pattern(uses: Sequence[Section]) -> Pattern | None:
    """One block for all these sections; None if there is none that says plainly what differs."""
    largest = max(uses, key=lambda section: len(section.entries))
    placed = [_embedded(largest, section) for section in uses]
    if any(one is None for one in placed):
        return None
    size = len(largest.entries)
    slots: list[list[Entry | None]] = [[None] * len(uses) for _ in range(size)]
    for use, (section, where) in enumerate(zip(uses, placed, strict=True)):
        for entry, slot in zip(section.entries, where or (), strict=True):
            slots[slot][use] = entry
    if len(uses) > 1 and sum(None not in slot for slot in slots) < 2:
        return None
    passed = {
        slot for section, where in zip(uses, placed, strict=True) for slot in _passed(largest, section, where or ())
    }
    try:
        return _written(largest, uses, slots, passed)
    except Unwritten:
        return None


def _embedded(largest: Section, section: Section) -> list[int] | None:
    """For each entry of a section its place in the largest one, with sources that agree."""
    keys = [list(map(key_of, one.entries)) for one in (largest, section)]
    tries = 0

    def place(index: int, found: list[int]) -> list[int] | None:
        nonlocal tries
        tries += 1
        if index == len(keys[1]):
            return found
        if tries > MOST_TRIES:
            return None
        for slot in range(found[-1] + 1 if found else 0, len(keys[0]) - (len(keys[1]) - index) + 1):
            if keys[0][slot] == keys[1][index] and _agrees(largest, section, slot, index, found):
                whole = place(index + 1, [*found, slot])
                if whole is not None:
                    return whole
        return None

    return place(0, [])


def _agrees(largest: Section, section: Section, slot: int, index: int, found: Sequence[int]) -> bool:
    if is_next(largest, slot) and is_next(section, index):
        return True
    theirs, mine = largest.sources[slot], section.sources[index]
    return len(theirs) == len(mine) and all(
        (found[one] if one != X else X) == other
        or (one == X and other != X and other not in found and largest.sources[other] == (X,))
        for one, other in zip(mine, theirs, strict=True)
    )


def is_next(section: Section, index: int) -> bool:
    """Whether an entry takes just the one before it; the first, the section's input."""
    return section.sources[index] == (index - 1,) or not section.sources[index]


def _written(
    largest: Section, uses: Sequence[Section], slots: Sequence[Sequence[Entry | None]], passed: set[int]
) -> Pattern:
    arguments = Arguments(uses)
    fields = [dict(_fields(arguments, slot)) for slot in slots]
    arguments.fill()
    found = []
    for index, uses_of in enumerate(slots):
        present = [entry is not None for entry in uses_of]
        condition = "" if all(present) else arguments.condition(present, fields[index], largest.entries[index].op)
        by_pass = bool(condition) and index in passed
        sources = None if is_next(largest, index) else largest.sources[index]
        found.append(Slot(largest.entries[index].op, fields[index], sources, condition, by_pass))
    return Pattern(tuple(found), arguments.used())


def _passed(largest: Section, section: Section, where: Sequence[int]) -> Iterator[int]:
    """The entries in whose place the input of a section goes on."""
    for mine, user in zip(section.sources, where, strict=True):
        if user != where[0] or not is_next(largest, user):
            yield from (slot for one, slot in zip(mine, largest.sources[user], strict=True) if one == X != slot)


def _fields(arguments: Arguments, slot: Sequence[Entry | None]) -> Iterator[tuple[str, str]]:
    """The fields of a block's entry as written, from those of its uses."""
    some = next(entry for entry in slot if entry is not None)
    for name in dict.fromkeys(name for entry in slot if entry is not None for name in entry.fields):
        default = default_of(REGISTRY[some.op], name)
        values = [None if entry is None else entry.fields.get(name, default) for entry in slot]
        yield name, arguments.width(values) if name in ("out", "channels") else arguments.number(name, values)
    if some.norm:
        yield "norm", some.norm
    if some.act:
        yield "act", arguments.number("act", [None if entry is None else entry.act for entry in slot])
    if some.dtype:
        yield "dtype", some.dtype
