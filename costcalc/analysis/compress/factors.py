"""Real kernels as products of smaller ones, of a rank or of as many terms as keep a share of their energy."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from costcalc.recipes import RecipeStep, Rule, Target
from costcalc.recipes.words import rank_of

if TYPE_CHECKING:
    import numpy as np


NOISE = 1e-13
"""Squares of singular values below this share of the largest are the rounding of floats."""


class Factors(NamedTuple):
    """What became of a kernel: its ranks, as a recipe says them, and the smaller kernels in their order."""

    text: str
    arrays: tuple[np.ndarray, ...]


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
        return None
    matrices = _matrices(array, target.scheme)
    ranks = []
    for place, matrix in enumerate(matrices):
        full = min(matrix.shape)
        if target.energy is None and target.ranks[place] > full:
            if rule.pattern != layer:
                return None
            message = f"rank {target.ranks[place]} is above the full rank of {layer}"
            raise step.refused(rule, message, f"at most {full}")
        ranks.append(_rank(matrix, target, place))
    arrays = _arrays(array, matrices, target.scheme, ranks)
    if sum(one.size for one in arrays) >= array.size:
        return None
    words = [] if target.scheme == "svd" else [target.scheme]
    return Factors(":".join([*words, *map(str, ranks)]), arrays)


def _matrices(array: np.ndarray, scheme: str) -> list[np.ndarray]:
    """The matrices whose ranks a scheme cuts."""
    import numpy as np

    out, source = array.shape[:2]
    kernel = np.nan_to_num(array.astype(np.float64))
    match scheme:
        case "spatial":
            cut = kernel.reshape(out, source, -1, array.shape[-1])
            return [cut.transpose(1, 2, 0, 3).reshape(-1, out * array.shape[-1])]
        case "tucker":
            return [np.moveaxis(kernel, 1, 0).reshape(source, -1), kernel.reshape(out, -1)]
    return [kernel.reshape(out, -1)]


def _spectrum(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squares of singular values, largest first, and left singular vectors, from the products of rows."""
    import numpy as np

    squares, vectors = np.linalg.eigh(matrix @ matrix.T)
    return np.maximum(squares[::-1], 0), vectors[:, ::-1]


def _rank(matrix: np.ndarray, target: Target, place: int) -> int:
    if target.energy is None:
        return int(target.ranks[place])
    shorter = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    squares = _spectrum(shorter)[0]
    return rank_of(target.energy, [float(square) ** 0.5 if square > NOISE * squares[0] else 0 for square in squares])


def _arrays(array: np.ndarray, matrices: list[np.ndarray], scheme: str, ranks: list[int]) -> tuple[np.ndarray, ...]:
    import numpy as np

    out, source, *window = array.shape
    ones = [1] * len(window)
    if scheme == "tucker":
        inner, outer = (_spectrum(matrix)[1][:, :rank] for matrix, rank in zip(matrices, ranks, strict=True))
        core = np.tensordot(outer.T, np.nan_to_num(array.astype(np.float64)), 1)
        core = np.moveaxis(np.tensordot(inner.T, core, (1, 1)), 0, 1)
        return inner.T.reshape(ranks[0], source, *ones), core, outer.reshape(out, ranks[1], *ones)
    left, right = _halves(matrices[0], ranks[0])
    if scheme == "spatial":
        *lead, last = window
        second = right.reshape(ranks[0], out, last).transpose(1, 0, 2)
        return left.T.reshape(ranks[0], source, *lead, 1), second.reshape(out, ranks[0], *ones[:-1], last)
    return right.reshape(ranks[0], source, *window), left.reshape(out, ranks[0], *ones)


def _halves(matrix: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """The best product of two matrices of a rank: the vectors of the shorter side, and the matrix in their terms."""
    if matrix.shape[0] <= matrix.shape[1]:
        vectors = _spectrum(matrix)[1][:, :rank]
        return vectors, vectors.T @ matrix
    vectors = _spectrum(matrix.T)[1][:, :rank]
    return matrix @ vectors, vectors.T
