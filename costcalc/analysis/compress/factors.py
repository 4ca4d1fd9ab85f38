"""Real kernels as products of smaller ones, of a rank or of as many terms as keep a share of their energy."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from costcalc.recipes import RecipeStep, Rule
from costcalc.recipes.words import rank_of

if TYPE_CHECKING:
    import numpy as np


NOISE = 1e-13
"""Squares of singular values below this share of the largest are the rounding of floats."""


class Factors(NamedTuple):
    """What became of a kernel: its ranks, as a recipe says them, and the smaller kernels in their order."""

    text: str
    arrays: tuple[np.ndarray, ...]


class Spectrum(NamedTuple):
    """Singular values of a matrix in units of its largest entry, largest first, and singular vectors of one side, a
    column each."""

    values: list[float]
    vectors: np.ndarray


def factors_of(layer: str, array: np.ndarray, step: RecipeStep, rule: Rule) -> Factors | None:
    """The factors of a layer's kernel, output channels first, then inputs, then the window; None if it stays as it is.

    Singular vectors of the kernel as a matrix, as its scheme cuts it, give each factor; Tucker's ranks are those of the
    matrices by inputs and by outputs (HOSVD, arXiv:1511.06530). Energy is the sum of the squares of singular values.
    Raises what the step refuses: a CP decomposition, or a rank above the full one of a layer named.
    """
    target = step.target(rule)
    windowed = prod(array.shape[2:]) > 1
    if target.scheme == "svd" and windowed:
        if rule.pattern != layer:
            return None
        raise step.refused(rule, f"{layer} has a window: CP has no singular values", "filters, spatial or tucker")
    if target.scheme != "svd" and (not windowed or (target.scheme == "spatial" and array.ndim < 4)):
        if rule.pattern != layer:
            return None
        raise step.refused(rule, f"{target.scheme} is not for {layer}", "a convolution with a window")
    matrices = _matrices(array, target.scheme)
    for rank, matrix in zip(target.ranks if target.energy is None else (), matrices, strict=False):
        if rank > min(matrix.shape):
            if rule.pattern != layer:
                return None
            message = f"rank {rank} is above the full rank of {layer}"
            raise step.refused(rule, message, f"at most {min(matrix.shape)}")
    ranks = [int(rank) for rank in target.ranks]
    if target.energy is None and size_of(array.shape, target.scheme, ranks) >= array.size:
        return None
    spectra = [_spectrum(matrix, by_rows=target.scheme == "tucker") for matrix in matrices]
    if target.energy is not None:
        ranks = [rank_of(target.energy, spectrum.values) for spectrum in spectra]
        if size_of(array.shape, target.scheme, ranks) >= array.size:
            return None
    halves = list(zip(matrices, [one.vectors[:, :rank] for one, rank in zip(spectra, ranks, strict=True)], strict=True))
    stored = array.dtype if array.dtype.kind == "f" else "f4"
    arrays = tuple(one.astype(stored) for one in _arrays(array, halves, target.scheme))
    words = [] if target.scheme == "svd" else [target.scheme]
    return Factors(":".join([*words, *map(str, ranks)]), arrays)


def size_of(shape: tuple[int, ...], scheme: str, ranks: list[int]) -> int:
    """The weights of all factors together."""
    out, source, *window = shape
    match scheme:
        case "spatial":
            *lead, last = window
            return ranks[0] * (source * prod(lead) + out * last)
        case "tucker":
            return source * ranks[0] + ranks[0] * ranks[1] * prod(window) + ranks[1] * out
    return ranks[0] * (source * prod(window) + out)


def _matrices(array: np.ndarray, scheme: str) -> list[np.ndarray]:
    """The matrices whose ranks a scheme cuts."""
    import numpy as np

    out, source = array.shape[:2]
    kernel = array.astype(np.float64)
    match scheme:
        case "spatial":
            cut = kernel.reshape(out, source, -1, array.shape[-1])
            return [cut.transpose(1, 2, 0, 3).reshape(-1, out * array.shape[-1])]
        case "tucker":
            return [np.moveaxis(kernel, 1, 0).reshape(source, -1), kernel.reshape(out, -1)]
    return [kernel.reshape(out, -1)]


def _spectrum(matrix: np.ndarray, by_rows: bool) -> Spectrum:
    """Singular values, largest first, and the singular vectors of the shorter side, or of the rows."""
    import numpy as np

    shorter = matrix if by_rows or matrix.shape[0] <= matrix.shape[1] else matrix.T
    shorter = shorter / (np.abs(shorter).max() or 1)  # squares stay within the floats
    squares, vectors = np.linalg.eigh(shorter @ shorter.T)
    squares = np.where(squares > NOISE * squares[-1], squares, 0)[::-1]
    return Spectrum([float(square) ** 0.5 for square in squares], vectors[:, ::-1])


def _arrays(array: np.ndarray, halves: list[tuple[np.ndarray, np.ndarray]], scheme: str) -> tuple[np.ndarray, ...]:
    """The factors: of each matrix that a scheme cuts its singular vectors, and the matrix in their terms."""
    import numpy as np

    out, source, *window = array.shape
    ones = [1] * len(window)
    matrix, vectors = halves[0]
    rank = vectors.shape[1]
    if scheme == "tucker":
        outer = halves[1][1]
        core = np.tensordot(outer.T, array.astype(np.float64), 1)
        core = np.moveaxis(np.tensordot(vectors.T, core, (1, 1)), 0, 1)
        return vectors.T.reshape(rank, source, *ones), core, outer.reshape(out, -1, *ones)
    is_wide = len(vectors) == matrix.shape[0]
    left, right = (vectors, vectors.T @ matrix) if is_wide else (matrix @ vectors, vectors.T)
    if scheme == "spatial":
        *lead, last = window
        second = right.reshape(rank, out, last).transpose(1, 0, 2)
        return left.T.reshape(rank, source, *lead, 1), second.reshape(out, rank, *ones[:-1], last)
    return right.reshape(rank, source, *window), left.reshape(out, rank, *ones)
