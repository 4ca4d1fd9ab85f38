"""How it is stored where the weights of a tensor stand, counted in its own places."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.compression.rates import Index

if TYPE_CHECKING:
    import numpy as np

USUAL_BITS = 4
"""Bits of a relative index where nothing says how places are stored."""


class Places(NamedTuple):
    """Stored places: `entries` values are stored, `fillers` zeros among them; `text` says how, as a recipe does.

    `symbols` are the indices that a Huffman code takes, None where none does; `index_bits` those of one, or of a bitmap
    for each weight; `fixed_bits` what all take without a code, and `pointer_bits` what rows or columns take.
    """

    text: str
    entries: int
    fillers: int = 0
    symbols: np.ndarray | None = None
    index_bits: int = 0
    fixed_bits: int = 0
    pointer_bits: int = 0


def places_of(matrix: np.ndarray, rates: dict[str, Any]) -> Places:
    """The places of what is not zero in a matrix of output channels by all else, stored as `rates` say.

    Where they say nothing: a bit for each weight of a pruned tensor, the number within its group of one pruned in
    groups, and otherwise relative indices if there are zeros.
    Source: arXiv:1510.00149, section 2 (relative, csr); arXiv:1602.01528, section III (columns).
    """
    import numpy as np

    rows, columns = matrix.shape
    flat = np.flatnonzero(matrix)
    kept = int(flat.size)
    bits, pointer = rates.get("index_bits") or USUAL_BITS, rates.get("pointer_bits", 0)
    match said(rates, kept == matrix.size):
        case Index.DENSE:
            return Places("dense", matrix.size, matrix.size - kept)
        case Index.BITMAP:
            return Places("bitmap", kept, index_bits=1, fixed_bits=matrix.size)
        case Index.GROUP:
            wide = (rates["group"] - 1).bit_length()
            entries = max(kept, ceil(matrix.size * Fraction(rates["density"])))
            return Places("", entries, entries - kept, index_bits=wide, fixed_bits=wide * entries)
        case Index.CSR:
            text = f"csr:{bits}:{pointer}"
            return Places(text, kept, 0, None, bits, bits * kept, pointer * (rows + 1))
        case Index.COLUMNS:
            elements = rates["elements"]
            row, column = np.divmod(flat, columns)
            symbols, fillers = relative(row // elements, bits, column * elements + row % elements)
            text, pointers = f"columns:{bits}:{pointer}:{elements}", pointer * (columns + 1) * elements
        case _:
            symbols, fillers = relative(flat, bits)
            text, pointers = f"relative:{bits}", 0
    entries = kept + fillers
    return Places(text, entries, fillers, symbols, bits, bits * entries, pointers)


def said(rates: dict[str, Any], is_full: bool) -> Index:
    """How places are stored: as declared, or as the weights ask for."""
    if "places" in rates:
        return Index(rates["places"])
    if rates.get("group"):
        return Index.GROUP
    if is_full:
        return Index.DENSE
    return Index.RELATIVE if rates.get("density", 1) == 1 else Index.BITMAP


def relative(places: np.ndarray, bits: int, lines: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """The stored indices of places, those of fillers among them, and how many fillers there are.

    Places are sorted, unless `lines` says in which line each stands: counting begins anew in each line.
    """
    import numpy as np

    reach = 2**bits
    if lines is None:
        gaps = np.diff(places, prepend=-1) - 1
    else:
        order = np.lexsort((places, lines))
        places, lines = places[order], lines[order]
        is_first = np.diff(lines, prepend=-1) != 0
        gaps = places - np.where(is_first, -1, np.roll(places, 1)) - 1
    fillers = int((gaps // reach).sum())
    return np.concatenate([gaps % reach, np.full(fillers, reach - 1)]), fillers
