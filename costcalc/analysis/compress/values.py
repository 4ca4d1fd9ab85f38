"""What a recipe makes of a tensor's values: pruned by magnitude, clustered, or rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costcalc.compression.rates import Scales

if TYPE_CHECKING:
    import numpy as np

ROUNDS = 10
"""Of k-means in one dimension, from centres spread evenly."""


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


def rounded(matrix: np.ndarray, bits: int, scales: Scales) -> np.ndarray:
    """The whole numbers that stand for values: multiples of one scale, or of one for each row, an output channel.

    They go from -2^(bits-1) to 2^(bits-1) - 1, and of one bit are signs; with a zero point from 0 to 2^bits - 1, so
    that a range that is not symmetric is used whole.
    """
    import numpy as np

    if bits == 1 or matrix.size == 0:
        return np.asarray(np.sign(matrix))
    axis = 1 if scales.per_channel else None
    if scales.zero_bits:
        low = np.minimum(matrix.min(axis=axis, keepdims=True), 0)
        high = np.maximum(matrix.max(axis=axis, keepdims=True), 0)
        step = _step(high / (2**bits - 1) - low / (2**bits - 1))
        return np.asarray(np.clip(np.rint(matrix / step) + np.rint(-low / step), 0, 2**bits - 1))
    most = 2 ** (bits - 1) - 1
    step = _step(np.abs(matrix).max(axis=axis, keepdims=True) / most)
    return np.asarray(np.clip(np.rint(matrix / step), -most - 1, most))


def _step(scale: np.ndarray) -> np.ndarray:
    """Scales without zeros: of a row of zeros any will do, and the least float has no smaller one."""
    import numpy as np

    return np.asarray(np.where(scale > 0, scale, 1))


def shortened(values: np.ndarray, digits: int) -> np.ndarray:
    """Values as floats of so many binary digits, of any exponent."""
    import numpy as np

    significands, exponents = np.frexp(values)
    return np.asarray(np.ldexp(np.rint(np.ldexp(significands, digits)), exponents - digits))
