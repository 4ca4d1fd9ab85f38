"""One real tensor: how dense it is, how long its codes get, and what it takes."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.analysis.compress.places import places_of
from costcalc.analysis.compress.values import clustered, pruned, pruned_in_groups, rounded, shortened
from costcalc.compression.huffman import entropy_bits, lengths_of
from costcalc.dtypes import Dtype
from costcalc.recipes import Kind
from costcalc.recipes.rates import PARTS

if TYPE_CHECKING:
    import numpy as np

MOST_DISTINCT = 2**16
"""With more distinct values than this a layer has no code book."""
_SIGNIFICANDS = {
    Dtype.FLOAT16: 11, Dtype.BFLOAT16: 8, Dtype.FLOAT8_E4M3: 4, Dtype.FLOAT8_E5M2: 3, Dtype.FLOAT4_E2M1: 2,
}  # fmt: skip
"""Binary digits of short floats, the leading one among them."""


class Tensor(NamedTuple):
    """One layer's weights, measured: bits are means for each stored entry, fillers among them.

    `source` is the format of the file, `groups` the pruning in groups, and `places` how places are stored, as a recipe
    says it; `step` and `values` are the step of a recipe that stores such values ("" for float32) and its text, and
    `codebook` is how many values of how many bits codes stand for. `is_coded` says whether Huffman codes of values, and
    of indices, are what is stored; `not_finite` counts values that are no numbers, taken as zeros.
    """

    layer: str
    shape: str
    weights: int
    nonzero: int
    source: str
    groups: str
    distinct: int
    step: str
    values: str
    value_bits: int
    value_entropy: Fraction | None
    value_mean: Fraction | None
    places: str
    fillers: int
    index_bits: int
    index_entropy: Fraction | None
    index_mean: Fraction | None
    is_coded: tuple[bool, bool]
    codebook: tuple[int, int]
    scale_bits: int
    stored_bits: int
    not_finite: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Column to value, for every format."""

        def shown(value: Fraction | None) -> float | None:
            return None if value is None else round(float(value), 3)

        return {
            "layer": self.layer,
            "shape": self.shape,
            "weights": self.weights,
            "nonzero": self.nonzero,
            "density_%": round(100 * self.nonzero / self.weights, 2),
            "distinct": self.distinct,
            "value_bits": self.value_bits,
            "value_entropy": shown(self.value_entropy),
            "value_huffman": shown(self.value_mean),
            "places": self.places or self.groups,
            "fillers": self.fillers,
            "index_bits": self.index_bits,
            "index_entropy": shown(self.index_entropy),
            "index_huffman": shown(self.index_mean),
            "codebook_bytes": -(-self.codebook[0] * self.codebook[1] // 8),
            "scale_bytes": -(-self.scale_bits // 8),
            "stored_bytes": -(-self.stored_bits // 8),
        }


class Asked(NamedTuple):
    """What a recipe asks for one tensor: rates, and the step that says how values are stored, with its text."""

    rates: dict[str, Any]
    step: str
    text: str
    is_coded: tuple[bool, bool]

    @property
    def float_digits(self) -> int:
        """Binary digits of the short floats that values become; 0 if they become none."""
        word = PARTS.split(self.text)[0]
        return _SIGNIFICANDS[Dtype(word)] if self.step == Kind.QUANTISE and word in _SIGNIFICANDS else 0


def measure(layer: str, array: np.ndarray, source: str, asked: Asked) -> Tensor:
    """A tensor after the steps of a recipe but its factors: what is left of it, its codes, and what is stored."""
    import numpy as np

    rates = asked.rates
    weights = int(array.size)
    density, group = Fraction(rates.get("density", 1)), rates.get("group", 0)
    flat = array.reshape(-1).astype(np.float64)
    flat = pruned_in_groups(flat, int(density * group), group) if group else pruned(flat, ceil(weights * density))
    matrix = flat.reshape(array.shape[0], -1)
    places = places_of(matrix, rates)
    scales, entries = rates.get("scales"), rates.get("entries", 0)
    bits = rates.get("bits") or bits_of(source)
    kept = flat[flat != 0]
    if entries:
        symbols = clustered(kept, entries)
    elif scales and not asked.float_digits:
        symbols = rounded(matrix, bits, scales)[matrix != 0]
    else:
        symbols = shortened(kept, asked.float_digits) if asked.float_digits else kept
    distinct, stored = _counts(symbols, places.entries - kept.size, has_zero=not scales or not scales.zero_bits)
    codebook = (entries, rates.get("entry_bits", 32)) if entries else (0, 0)
    scale_bits = (array.shape[0] if scales.per_channel else 1) * (scales.bits + scales.zero_bits) if scales else 0
    has_codes = bool(entries or scales) and 0 < distinct <= MOST_DISTINCT
    if asked.is_coded[0] and not has_codes and 0 < distinct <= MOST_DISTINCT:
        code = max(1, (distinct - 1).bit_length())
        if 2**code <= weights and _coded_bits(stored) + 32 * 2**code < places.entries * bits:
            has_codes, bits, codebook = True, code, (2**code, 32)
            asked = asked._replace(step=str(Kind.SHARE), text=str(code))
    value_total = _coded_bits(stored) if has_codes else places.entries * bits
    gaps = [] if places.symbols is None else np.unique(places.symbols, return_counts=True)[1].tolist()
    index_total = _coded_bits(gaps)
    values_stored = value_total if asked.is_coded[0] else places.entries * bits
    places_stored = index_total if asked.is_coded[1] and gaps else places.fixed_bits
    return Tensor(
        layer=layer,
        shape="x".join(map(str, array.shape)),
        weights=weights,
        nonzero=int(kept.size),
        source=source,
        groups=f"{int(density * group)}:{group}" if group else "",
        distinct=distinct,
        step=asked.step,
        values=asked.text,
        value_bits=bits,
        value_entropy=entropy_bits(stored) if has_codes else None,
        value_mean=Fraction(value_total, places.entries) if has_codes else None,
        places=places.text,
        fillers=places.fillers,
        index_bits=places.index_bits,
        index_entropy=entropy_bits(gaps) if gaps else None,
        index_mean=Fraction(index_total, places.entries) if gaps else None,
        is_coded=(asked.is_coded[0] and has_codes, asked.is_coded[1] and bool(gaps)),
        codebook=codebook,
        scale_bits=scale_bits,
        stored_bits=values_stored + places_stored + places.pointer_bits + codebook[0] * codebook[1] + scale_bits,
    )


def bits_of(source: str) -> int:
    """The bits of a number of a file's format; of those that no recipe has a word for, as NumPy has them."""
    import numpy as np

    return Dtype(source).bits if source in list(Dtype) else 8 * np.dtype(source).itemsize


def _counts(symbols: np.ndarray, zeros: int, has_zero: bool) -> tuple[int, list[int]]:
    """How many values occur, and how often each value that is stored: zeros between them share the code of a zero."""
    import numpy as np

    values, counts = np.unique(symbols, return_counts=True)
    found = counts.tolist()
    if zeros and has_zero and (at := np.flatnonzero(values == 0)).size:
        found[int(at[0])] += zeros
    elif zeros:
        found.append(zeros)
    return len(counts), found


def _coded_bits(counts: list[int]) -> int:
    """All bits of a stream whose symbols occur so often, under its own Huffman code."""
    weights = dict(enumerate(counts))
    return sum(counts[symbol] * bits for symbol, bits in lengths_of(weights).items())
