"""Declared rates of one layer's weights, and what they take: in bytes, on any kind of number."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from costcalc.errors import UsageError
from costcalc.quantity import Quantity, ceil, ceil_div, concrete, floor_div, holds, is_open, minimum, same, whole_bytes

Rate: TypeAlias = Quantity
"""int | Fraction, or a symbol where a formula leaves it open."""


class Index(StrEnum):
    """How it is stored where the kept weights stand."""

    RELATIVE = "relative"
    COLUMNS = "columns"
    CSR = "csr"
    BITMAP = "bitmap"
    GROUP = "group"
    DENSE = "dense"


class Binary(StrEnum):
    """What of a layer is -1 or 1: its weights, or its weights and its input."""

    BWN = "bwn"
    XNOR = "xnor"


class Scales(NamedTuple):
    """Numbers that turn codes into values: of a tensor or of each output channel, of so many bits, with zero points."""

    per_channel: bool
    bits: int = 32
    zero_bits: int = 0


class Compression(NamedTuple):
    """What is declared of one layer; as built, nothing is compressed.

    `density` is the share of weights that are kept, `input_density` that of input values that are not zero; `group` the
    M of N:M; `block` the rows and columns that are kept or go together, in a matrix of output channels by all else.
    `bits` are those of a stored value, `arithmetic_bits` those that are multiplied: None for the weights' own format.
    `entries` of `entry_bits` make the codebook; a layer that `is_small` for one keeps its
    values, whatever codes others have. `elements` hold a column between them (EIE). `value_mean` and
    `index_mean` are mean bits after coding. `dense` are the weights of what it stands for, where a recipe has changed
    the graph: of its layer before it became factors, all on the last, or had more channels.
    """

    density: Rate = 1
    input_density: Rate = 1
    group: int = 0
    block: tuple[int, int] | None = None
    bits: Rate | None = None
    arithmetic_bits: Rate | None = None
    entries: Rate = 0
    entry_bits: int = 32
    is_small: bool = False
    scales: Scales | None = None
    places: Index | None = None
    index_bits: Rate = 0
    pointer_bits: Rate = 0
    elements: int = 1
    value_mean: Rate | None = None
    index_mean: Rate | None = None
    binary: Binary | None = None
    dense: Quantity | None = None

    @property
    def is_as_built(self) -> bool:
        """Whether weights are stored as the graph has them, be it that of factors or of fewer channels."""
        return self._replace(dense=None) == DENSE

    @property
    def indexed_by(self) -> Index:
        """How places are stored: as declared, else in a group by numbers, others by one bit for each weight."""
        if self.places is not None:
            return self.places
        if holds(same(self.density, 1)):
            return Index.DENSE
        return Index.GROUP if self.group else Index.BITMAP

    @property
    def bits_of_index(self) -> Rate:
        """Bits of one kept weight's place, before coding."""
        if self.indexed_by is Index.GROUP:
            return max(1, (self.group - 1).bit_length()) if self.group > 1 else 0
        return self.index_bits if self.indexed_by in (Index.RELATIVE, Index.COLUMNS, Index.CSR) else 0


DENSE = Compression()


class Tensor(NamedTuple):
    """What the figures of a node depend on: its weights, its output channels, the bits of a weight, its work."""

    weights: Quantity
    channels: Quantity
    weight_bits: int
    macs: Quantity


def figure(name: str, rates: Compression, tensor: Tensor) -> Quantity:
    """One figure of a compressed node by its name; bytes are whole, each part rounded up by itself;
    fillers, an expectation, to the nearest whole number.

    Source of relative indices, fillers and codebooks: arXiv:1510.00149, section 2 and 3; of CSR's 2a + n + 1 numbers,
    the same, section 2, and of blocks likewise; of columns with pointers, over several processing elements:
    arXiv:1602.01528, section III.
    """
    match name:
        case "kept_weights":
            return _kept(rates, tensor)
        case "dense_weights":
            return tensor.weights if rates.dense is None else rates.dense
        case "value_bytes":
            is_dense = rates.indexed_by is Index.DENSE
            entries = tensor.weights if is_dense else _kept_places(rates, tensor) * _place_size(rates)
            return _bytes(entries, _value_bits(rates, tensor))
        case "index_bytes":
            return _index_bytes(rates, tensor)
        case "filler_bytes":
            fillers = _times(_kept_places(rates, tensor), _fillers(rates, tensor))
            return _bytes(fillers, _place_size(rates) * _value_bits(rates, tensor) + _index_bits(rates))
        case "codebook_bytes":
            return whole_bytes(rates.entries, rates.entry_bits) if _is_any(tensor.weights) else 0
        case "scale_bytes":
            if rates.scales is None or not _is_any(tensor.weights):
                return 0
            count = tensor.channels if rates.scales.per_channel else 1
            return whole_bytes(count, rates.scales.bits) + whole_bytes(count, rates.scales.zero_bits)
        case "arithmetic_bits":
            return tensor.weight_bits if rates.arithmetic_bits is None else rates.arithmetic_bits
        case "binary":
            return int(rates.binary is Binary.XNOR)
        case "signs":
            return int(rates.binary is not None)
        case "xnor_words":
            return ceil_div(tensor.macs, 64)
        case "weight_sparse_macs":
            return _scaled(tensor.macs, rates.density)
        case "sparse_macs":
            return _scaled(tensor.macs, rates.density * rates.input_density)
    raise KeyError(name)


def least_pointer(rates: Compression, tensor: Tensor) -> Quantity:
    """The largest number that a pointer must tell at the least: the entries of an array, without fillers."""
    return ceil_div(_kept_places(rates, tensor), rates.elements)


def _kept(rates: Compression, tensor: Tensor) -> Quantity:
    """Kept weights; blocks at an edge of the matrix hold fewer than others, but are stored whole."""
    kept = _kept_places(rates, tensor)
    return kept if rates.block is None else minimum(kept * _place_size(rates), tensor.weights)


def _kept_places(rates: Compression, tensor: Tensor) -> Quantity:
    return _scaled(_places(rates, tensor), rates.density)


def _places(rates: Compression, tensor: Tensor) -> Quantity:
    """What is kept or goes: weights, or blocks."""
    if rates.block is None or not _is_any(tensor.weights):
        return tensor.weights
    rows, columns = rates.block
    return ceil_div(tensor.channels, rows) * ceil_div(ceil_div(tensor.weights, tensor.channels), columns)


def _place_size(rates: Compression) -> int:
    return rates.block[0] * rates.block[1] if rates.block else 1


def _value_bits(rates: Compression, tensor: Tensor) -> Rate:
    if rates.value_mean is not None and not rates.is_small:
        return rates.value_mean
    return tensor.weight_bits if rates.bits is None else rates.bits


def _index_bits(rates: Compression) -> Rate:
    return rates.bits_of_index if rates.index_mean is None else rates.index_mean


def _fillers(rates: Compression, tensor: Tensor) -> Rate:
    """Fillers for each kept weight."""
    from costcalc.compression.fillers import filler_rate, interleaved_rate, open_filler_rate

    is_left_open = is_open(rates.density) or is_open(rates.index_bits)
    if rates.indexed_by is Index.RELATIVE:
        return (open_filler_rate if is_left_open else filler_rate)(rates.density, rates.index_bits)
    if rates.indexed_by is not Index.COLUMNS or not _is_any(tensor.weights):
        return 0
    if is_left_open:
        raise UsageError("no formula of fillers in columns with rates left open", expected="a value, or a sweep")
    rows = concrete(tensor.channels, "how many rows of a layer are interleaved")
    return interleaved_rate(rates.density, rates.index_bits, rows, rates.elements)


def _index_bytes(rates: Compression, tensor: Tensor) -> Quantity:
    if not _is_any(tensor.weights):
        return 0
    match rates.indexed_by:
        case Index.DENSE:
            return 0
        case Index.BITMAP:
            return whole_bytes(_places(rates, tensor), 1)
    places = _bytes(_kept_places(rates, tensor), _index_bits(rates))
    if rates.indexed_by is Index.CSR:
        rows = ceil_div(tensor.channels, rates.block[0]) if rates.block else tensor.channels
        return places + whole_bytes(rows + 1, rates.pointer_bits)
    if rates.indexed_by is Index.COLUMNS:
        columns = ceil_div(tensor.weights, tensor.channels)
        return places + whole_bytes((columns + 1) * rates.elements, rates.pointer_bits)
    return places


def _scaled(value: Quantity, factor: Rate) -> Quantity:
    """`value` times a factor, rounded up to a whole number."""
    if is_open(factor):
        return ceil(value * factor)
    exact = Fraction(factor)
    return value if exact == 1 else ceil_div(value * exact.numerator, exact.denominator)


def _times(value: Quantity, factor: Rate) -> Quantity:
    """`value` times a factor, to the nearest whole number."""
    if is_open(factor):
        return floor_div(2 * value * factor + 1, 2)
    exact = Fraction(factor)
    return floor_div(value * 2 * exact.numerator + exact.denominator, 2 * exact.denominator) if exact else 0


def _bytes(count: Quantity, bits: Rate) -> Quantity:
    if is_open(bits):
        return ceil_div(count * bits, 8)
    exact = Fraction(bits)
    if exact.denominator == 1:
        return whole_bytes(count, exact.numerator)
    return ceil_div(count * exact.numerator, 8 * exact.denominator)


def _is_any(weights: Quantity) -> bool:
    """Whether a node has weights at all."""
    return type(weights) is not int or weights > 0


KERNEL_BYTES = ("value_bytes", "index_bytes", "filler_bytes", "codebook_bytes", "scale_bytes")
"""What the stored bytes of a kernel are made of."""
STORED_FIGURES = (
    "kept_weights", "dense_weights", *KERNEL_BYTES, "arithmetic_bits", "binary", "signs", "xnor_words",
    "weight_sparse_macs", "sparse_macs",
)  # fmt: skip
"""What `figure` knows."""
