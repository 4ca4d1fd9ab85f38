"""What two sequences have in common, in order, in a time that their length bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MOST_WORK = 10_000_000
"""So many pairs of equal words, times the shorter length, may be seen where the longest runs are looked for."""
STRETCH = 200
"""So many words of each are held against each other where there are more pairs."""


class Block(NamedTuple):
    """A run of equal words: where it starts in either sequence, and how long it is."""

    a: int
    b: int
    size: int


def matching(first: Sequence[Hashable], second: Sequence[Hashable]) -> Iterator[Block]:
    """Runs of equal words, in order, and an empty one where both end.

    The longest first, as difflib looks for them, whose time grows with the cube of what repeats. Sequences of very
    many equal words, which only a file made for it has, are cut into stretches of the same places.
    """
    counts = Counter(second)
    work = sum(counts[word] for word in first) * min(len(first), len(second))
    length = STRETCH if work > MOST_WORK else max(len(first), len(second), 1)
    for start in range(0, max(len(first), len(second)), length):
        one, other = first[start : start + length], second[start : start + length]
        for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
            if block.size:
                yield Block(start + block.a, start + block.b, block.size)
    yield Block(len(first), len(second), 0)


def likeness(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """The share of all words that lie in such runs."""
    return 2 * sum(block.size for block in matching(first, second)) / max(len(first) + len(second), 1)
