"""The real tensors of a file under a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.analysis.compress.factors import factors_of
from costcalc.analysis.compress.tensor import Asked, Tensor, measure
from costcalc.compression.rates import Index
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, nearest, one_of
from costcalc.recipes import Kind, Recipe, RecipeStep, Rule
from costcalc.recipes.match import ALL, matches_name, overlap, too_few_weights, too_long_rows, too_many_entries

if TYPE_CHECKING:
    import numpy as np


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
    tensors: Iterable[tuple[str, np.ndarray, str]],
    recipe: Recipe | None = None,
    advance: Callable[[int, int], object] = lambda done, of: None,
) -> Measured:
    """The tensors of a file with their formats, each factorised, pruned, shared or quantised as a recipe says.

    Factors come first; what other steps say of a layer's name is for its last. Pruning keeps the largest magnitudes;
    sharing clusters what is kept by k-means (arXiv:1510.00149, section 3). `advance` hears how many tensors are done,
    of 0, since nobody knows of how many. What is stored is what the recipe says: Huffman codes where it has them, or
    without a recipe.
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
    for done, (whole, kernel, source) in enumerate(tensors):
        advance(done, 0)
        finite, not_finite = _finite(kernel)
        for layer, array in _factored(whole, finite, recipe, ranks, used):
            asked_here = _asked(layer, array, source, recipe, used)
            made = measure(layer, array, source, asked_here)._replace(not_finite=not_finite)
            _check_pointers(made, array.ndim, asked_here.rates, recipe)
            found.append(made)
    if not found:
        raise UsageError(f"{file}: no kernels or matrices", expected="arrays of two or more dimensions")
    for step in recipe.steps if recipe else ():
        for rule in step.rules:
            is_named = rule.pattern not in ("", "*") and not rule.pattern.startswith(ALL)
            if is_named and rule not in used:
                names = [tensor.layer for tensor in found]
                message = f"no layer of {file} matches '{rule.pattern[:40]}'"
                raise step.refused(rule, message, one_of(names), nearest(rule.pattern, names))
    return Measured(file, tuple(found), ranks)


def _asked(layer: str, array: np.ndarray, source: str, recipe: Recipe | None, used: set[Rule]) -> Asked:
    """What the steps of a recipe say of a tensor; their rules join `used`.

    Raises what a step refuses: a codebook larger than the layer, columns that a number of csr is too short for.
    """
    rates: dict[str, Any] = {}
    kind, text = (str(Kind.QUANTISE), source) if source in list(Dtype) and source != Dtype.FLOAT32 else ("", "")
    for step in recipe.steps if recipe else ():
        rule = _rule(step, layer, array.ndim) if step.kind is not Kind.FACTORISE else None
        if rule is None:
            continue
        used.add(rule)
        target = step.target(rule)
        own = target.rates
        if own.get("entries", 0) > array.size and target.is_fitting:
            own = {"is_small": True}
        elif own.get("entries", 0) > array.size:
            raise step.refused(rule, *too_few_weights(layer, array.size, own["entries"]))
        columns = array.size // array.shape[0]
        if own.get("places") is Index.CSR and columns > 2 ** own["index_bits"]:
            raise step.refused(rule, *too_long_rows(layer, columns, own["index_bits"]))
        rates |= own
        if "bits" in own:
            kind, text = str(step.kind), rule.text
    has_codes = recipe is None or ("value_mean" in rates and not rates.get("is_small"))
    return Asked(rates, kind, text, (has_codes, recipe is None or "index_mean" in rates))


def _check_pointers(tensor: Tensor, dimensions: int, rates: dict[str, Any], recipe: Recipe | None) -> None:
    """Raise what a step refuses if pointers are too short for the entries, real fillers among them."""
    if rates.get("places") not in (Index.CSR, Index.COLUMNS):
        return
    elements, bits = rates["elements"], rates["pointer_bits"]
    entries = -(-(tensor.nonzero + tensor.fillers) // elements)
    for step in recipe.steps[::-1] if recipe else ():
        rule = _rule(step, tensor.layer, dimensions) if step.kind is Kind.ENCODE else None
        if rule is not None and entries >= 2**bits:
            raise step.refused(rule, *too_many_entries(tensor.layer, entries, bits, elements))


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
    family = "all linear" if dimensions == 2 else "all conv"
    named = [rule for rule in step.rules if rule.pattern not in ("", "*")]
    matching = [rule for rule in named if rule.pattern == family or matches_name(rule.pattern, layer)]
    if len(matching) > 1:
        first, second, *_ = matching
        raise step.refused(second, *overlap(first.pattern, second.pattern, layer))
    return next((rule for rule in (*matching, *step.rules) if rule in matching or rule.pattern in ("", "*")), None)
