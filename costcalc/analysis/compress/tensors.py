"""Real tensors under a recipe: how dense they are, how long their codes get, and what they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.analysis.compress.factors import factors_of
from costcalc.compression.huffman import entropy_bits, lengths_of
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, nearest, one_of
from costcalc.recipes import Kind, Recipe, RecipeStep, Rule
from costcalc.recipes.match import ALL, matches_name, overlap
from costcalc.recipes.rates import PARTS

if TYPE_CHECKING:
    import numpy as np

USUAL_BITS = 4
"""Bits of a relative index where the recipe names none."""
MOST_DISTINCT = 2**16
"""With more distinct values than this a layer has no code book."""
ROUNDS = 10
"""Of k-means in one dimension, from centres spread evenly."""
_SIGNIFICANDS = {
    Dtype.FLOAT16: 11, Dtype.BFLOAT16: 8, Dtype.FLOAT8_E4M3: 4, Dtype.FLOAT8_E5M2: 3, Dtype.FLOAT4_E2M1: 2,
}  # fmt: skip
"""Binary digits of short floats, the leading one among them."""


class Tensor(NamedTuple):
    """One layer's weights, measured: bits are means for each stored entry, fillers among them.

    `format` is that of values without a code, as a recipe says it; "" for float32. `not_finite` are values that are no
    numbers, taken as zeros.
    """

    layer: str
    shape: str
    weights: int
    nonzero: int
    distinct: int
    index_bits: int
    fillers: int
    value_bits: int
    value_entropy: Fraction | None
    value_mean: Fraction | None
    index_entropy: Fraction
    index_mean: Fraction
    stored_bits: int
    format: str = ""
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
            "fillers": self.fillers,
            "index_bits": self.index_bits,
            "index_entropy": shown(self.index_entropy),
            "index_huffman": shown(self.index_mean),
            "stored_bytes": -(-self.stored_bits // 8),
        }


class Measured(NamedTuple):
    """A file of weights, measured; `ranks` are those of layers that have become factors, as a recipe says them."""

    file: str
    tensors: tuple[Tensor, ...]
    ranks: dict[str, str]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A record for each layer."""
        return [tensor.as_dict() for tensor in self.tensors]


def measured(
    file: str,
    tensors: Iterable[tuple[str, np.ndarray]],
    recipe: Recipe | None = None,
    advance: Callable[[int, int], object] = lambda done, of: None,
) -> Measured:
    """The tensors of a file, each factorised, pruned, shared or quantised as the recipe says, and then measured.

    Factors come first; what other steps say of a layer's name is for its last. Pruning keeps the largest magnitudes;
    sharing clusters what is kept by k-means (arXiv:1510.00149, section 3). `advance` hears how many tensors are done,
    of 0, since nobody knows of how many.
    Raises UsageError for a file without kernels, or a pattern of the recipe that matches none of them.
    """
    for step in recipe.steps if recipe else ():
        for asked in step.rules:
            wanted = step.target(asked)
            if wanted.channels or wanted.rates.get("block"):
                raise step.refused(asked, "tensors are pruned weight by weight", "a density, as 0.1")
            if asked.pattern == "" and wanted.rates.get("binary"):
                message = f"{file} does not say which layers are the first and the last, which stay as they are"
                raise step.refused(asked, message, f"patterns, as {{conv1: none, fc8: none, '*': {asked.text}}}")
    found = []
    used: set[Rule] = set()
    ranks: dict[str, str] = {}
    for done, (whole, kernel) in enumerate(tensors):
        advance(done, 0)
        finite, not_finite = _finite(kernel)
        for layer, array in _factored(whole, finite, recipe, ranks, used):
            rates: dict[str, Any] = {}
            format = str(array.dtype) if str(array.dtype) in list(Dtype) and array.dtype != "f4" else ""
            for step in recipe.steps if recipe else ():
                if step.kind is not Kind.FACTORISE and (rule := _rule(step, layer, array.ndim)):
                    used.add(rule)
                    rates |= (own := step.target(rule).rates)
                    format = rule.text if step.kind is Kind.QUANTISE and "bits" in own else format
            found.append(_measured(layer, array, rates, format)._replace(not_finite=not_finite))
    if not found:
        raise UsageError(f"{file}: no kernels or matrices", expected="arrays of two or more dimensions")
    for step in recipe.steps if recipe else ():
        for rule in step.rules:
            is_named = rule.pattern not in ("", "*") and not rule.pattern.startswith(ALL)
            if is_named and step.kind is not Kind.HUFFMAN and rule not in used:
                names = [tensor.layer for tensor in found]
                message = f"no layer of {file} matches '{rule.pattern[:40]}'"
                raise step.refused(rule, message, one_of(names), nearest(rule.pattern, names))
    return Measured(file, tuple(found), ranks)


def _finite(array: np.ndarray) -> tuple[np.ndarray, int]:
    """A tensor with zeros for what is no finite number, and how often that is."""
    import numpy as np

    good = np.isfinite(array)
    wrong = int(array.size - np.count_nonzero(good))
    return (np.where(good, array, array.dtype.type(0)) if wrong else array), wrong


def _factored(
    layer: str, kernel: np.ndarray, recipe: Recipe | None, ranks: dict[str, str], used: set[Rule]
) -> list[tuple[str, np.ndarray]]:
    """A layer's kernel, or its factors by the names that they have in a network; their ranks join `ranks`."""
    for step in recipe.steps if recipe else ():
        rule = _rule(step, layer, kernel.ndim) if step.kind is Kind.FACTORISE else None
        if rule is None:
            continue
        used.add(rule)
        if made := factors_of(layer, kernel, step, rule):
            ranks[layer] = made.text
            names = [f"{layer}.factor{number}" for number in range(1, len(made.arrays))]
            return list(zip([*names, layer], made.arrays, strict=True))
    return [(layer, kernel)]


def _rule(step: RecipeStep, layer: str, dimensions: int) -> Rule | None:
    """The rule of a step for a layer; matrices are linear layers, all others convolutions.

    Raises what the step refuses: two patterns for one layer.
    """
    if step.kind is Kind.HUFFMAN:  # what the recipe declares is measured here
        return None
    family = "all linear" if dimensions == 2 else "all conv"
    named = [rule for rule in step.rules if rule.pattern not in ("", "*")]
    matching = [rule for rule in named if rule.pattern == family or matches_name(rule.pattern, layer)]
    if len(matching) > 1:
        first, second, *_ = matching
        raise step.refused(second, *overlap(first.pattern, second.pattern, layer))
    return next((rule for rule in (*matching, *step.rules) if rule in matching or rule.pattern in ("", "*")), None)


def _measured(layer: str, array: np.ndarray, rates: dict[str, Any], format: str) -> Tensor:
    import numpy as np

    flat = array.reshape(-1).astype(np.float64)
    weights = int(flat.size)
    density = Fraction(rates.get("density", 1))
    group = rates.get("group", 0)
    flat = pruned_in_groups(flat, int(density * group), group) if group else pruned(flat, ceil(weights * density))
    places = np.flatnonzero(flat)
    values = flat[places]
    bits = rates.get("bits")
    scaled = bits is not None and rates.get("scales") is not None
    if entries := rates.get("entries", 0):
        values = clustered(values, entries)
    elif bits is not None and bits < 32:
        values = _rounded(values, bits) if scaled else _shortened(values, _SIGNIFICANDS[Dtype(PARTS.split(format)[0])])
    index_bits = rates.get("index_bits") or USUAL_BITS
    is_dense = values.size == weights and "places" not in rates
    indices, fillers = (places[:0], 0) if is_dense else relative(places, index_bits)
    _, counts = np.unique(values, return_counts=True)
    distinct = int(counts.size)
    stored = [*map(int, counts), *([fillers] if fillers else [])]  # fillers share one code: the zero
    numbers = int(values.size) + fillers
    raw = 8 * array.dtype.itemsize if bits is None or entries else bits
    code = max(1, (distinct - 1).bit_length())
    value_total, is_coded = numbers * raw + 32 * scaled, False
    if 0 < distinct <= MOST_DISTINCT and 2**code <= weights:
        coded = _coded_bits(stored)
        is_coded = coded + 32 * distinct < value_total
        value_total = coded if is_coded else value_total
    value_bits = code if is_coded else raw
    gaps = np.unique(indices, return_counts=True)[1].tolist()
    index_total = _coded_bits(gaps)
    return Tensor(
        layer=layer,
        shape="x".join(map(str, array.shape)),
        weights=weights,
        nonzero=int(values.size),
        distinct=distinct,
        index_bits=index_bits,
        fillers=fillers,
        value_bits=value_bits,
        value_entropy=entropy_bits(stored) if is_coded else None,
        value_mean=Fraction(value_total, numbers) if is_coded else None,
        format="" if is_coded or entries else format,
        index_entropy=entropy_bits(gaps) if gaps else Fraction(0),
        index_mean=Fraction(index_total, numbers) if numbers else Fraction(0),
        stored_bits=value_total + index_total + (32 * distinct if is_coded else 0),
    )


def _coded_bits(counts: list[int]) -> int:
    """All bits of a stream whose symbols occur so often, under its own Huffman code."""
    weights = dict(enumerate(counts))
    return sum(counts[symbol] * bits for symbol, bits in lengths_of(weights).items())


def pruned(flat: np.ndarray, kept: int) -> np.ndarray:
    """Values with all but the `kept` of largest magnitude set to zero."""
    import numpy as np

    if kept >= np.count_nonzero(flat):
        return flat
    result = np.zeros_like(flat)
    places = np.argpartition(np.abs(flat), flat.size - kept)[flat.size - kept :]
    result[places] = flat[places]
    return result


def pruned_in_groups(flat: np.ndarray, kept: int, group: int) -> np.ndarray:
    """Values with all but the `kept` of largest magnitude of each `group` in a row set to zero."""
    import numpy as np

    rows = np.pad(flat, (0, -flat.size % group)).reshape(-1, group)
    order = np.argsort(-np.abs(rows), axis=1, kind="stable")
    result = np.where(np.argsort(order, axis=1) < kept, rows, 0)
    return np.asarray(result.reshape(-1)[: flat.size])


def clustered(values: np.ndarray, entries: int) -> np.ndarray:
    """Each value's centre: k-means in one dimension, from centres spread evenly between the extremes."""
    import numpy as np

    if values.size == 0:
        return values
    centres = np.linspace(values.min(), values.max(), entries)
    for _ in range(ROUNDS):
        nearest = np.searchsorted((centres[1:] + centres[:-1]) / 2, values)
        sums = np.bincount(nearest, values, entries)
        counts = np.bincount(nearest, minlength=entries)
        centres = np.sort(np.where(counts > 0, sums / np.maximum(counts, 1), centres))
    return np.asarray(centres[np.searchsorted((centres[1:] + centres[:-1]) / 2, values)])


def _rounded(values: np.ndarray, bits: int) -> np.ndarray:
    """Values as multiples of one scale, -2^(bits-1) to 2^(bits-1) - 1 times; of one bit, their signs."""
    import numpy as np

    if values.size == 0:
        return values
    if bits == 1:
        return np.asarray(np.sign(values))
    most = 2 ** (bits - 1) - 1
    scale = float(np.abs(values).max()) / most or 1  # the least float has no smaller one
    return np.asarray(np.clip(np.rint(values / scale), -most - 1, most))


def _shortened(values: np.ndarray, digits: int) -> np.ndarray:
    """Values as floats of so many binary digits, of any exponent."""
    import numpy as np

    significands, exponents = np.frexp(values)
    return np.asarray(np.ldexp(np.rint(np.ldexp(significands, digits)), exponents - digits))


def relative(places: np.ndarray, bits: int) -> tuple[np.ndarray, int]:
    """The stored indices of sorted places, those of fillers among them, and how many fillers there are."""
    import numpy as np

    reach = 2**bits
    gaps = np.diff(places, prepend=-1) - 1
    fillers = int((gaps // reach).sum())
    return np.concatenate([gaps % reach, np.full(fillers, reach - 1)]), fillers
