"""Huffman codes: how long they are, and the codes themselves, checked by decoding.

Source: Huffman, Proc. IRE 40(9), 1952.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, log2
from typing import TypeVar

from costcalc.compression.fillers import PRECISION

_S = TypeVar("_S", bound=Hashable)


def lengths_of(weights: Mapping[_S, int | Fraction]) -> dict[_S, int]:
    """The bits of each symbol's code word, shortest in the mean; a symbol that never occurs has no word.

    A single symbol takes one bit.
    """
    present = [(weight, symbol) for symbol, weight in weights.items() if weight]
    if len(present) == 1:
        return {present[0][1]: 1}
    heap: list[tuple[int | Fraction, int]] = [(weight, number) for number, (weight, _) in enumerate(present)]
    heapq.heapify(heap)
    above = [0] * (2 * len(present) - 1)
    for number in range(len(present), len(above)):
        (a, first), (b, second) = heapq.heappop(heap), heapq.heappop(heap)
        above[first] = above[second] = number
        heapq.heappush(heap, (a + b, number))
    depths = [0] * len(above)
    for number in range(len(above) - 2, -1, -1):  # from the root down: what is above a pair has a higher number
        depths[number] = depths[above[number]] + 1
    return {symbol: depths[number] for number, (_, symbol) in enumerate(present)}


def mean_bits(weights: Sequence[int | Fraction]) -> Fraction:
    """The mean bits of a symbol under its Huffman code; `weights` are how often each occurs."""
    lengths = lengths_of(dict(enumerate(weights)))
    return sum((Fraction(weights[i]) * bits for i, bits in lengths.items()), Fraction(0)) / sum(map(Fraction, weights))


def entropy_bits(weights: Sequence[int | Fraction]) -> Fraction:
    """The entropy of a distribution in bits, which no code goes below, rounded up to a millionth."""
    whole = float(sum(weights))
    bits = -sum(share * log2(share) for weight in weights if (share := float(weight) / whole) > 0)
    return Fraction(ceil(round(bits * PRECISION, 3)), PRECISION)


def code_of(lengths: Mapping[_S, int]) -> dict[_S, str]:
    """The canonical code words of such lengths, as text of 0 and 1."""
    words: dict[_S, str] = {}
    code = before = 0
    for symbol, bits in sorted(lengths.items(), key=lambda item: item[1]):
        code <<= bits - before
        words[symbol] = format(code, f"0{bits}b")
        code, before = code + 1, bits
    return words


def encoded(symbols: Iterable[_S], code: Mapping[_S, str]) -> str:
    """Symbols as one run of 0 and 1."""
    return "".join(code[symbol] for symbol in symbols)


def decoded(bits: str, code: Mapping[_S, str]) -> list[_S]:
    """The symbols of a run of 0 and 1. Raises ValueError if it ends within a word."""
    symbol_of = {word: symbol for symbol, word in code.items()}
    found, word = [], ""
    for bit in bits:
        word += bit
        if word in symbol_of:
            found.append(symbol_of[word])
            word = ""
    if word:
        raise ValueError(word)
    return found
