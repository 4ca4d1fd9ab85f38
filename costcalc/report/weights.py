"""Measured weights, as a table and as a recipe."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil

from costcalc.analysis.compress.tensors import Measured, Tensor
from costcalc.escape import yaml_quoted
from costcalc.report.formats import render_records
from costcalc.report.tables.units import short_bytes

_FINE = 10_000


def render_measured(found: Measured, format: str, width: int | None = None, terminal: bool = False) -> str:
    """The table of the tensors, with what they take together."""
    weights = sum(tensor.weights for tensor in found.tensors)
    stored = sum(-(-tensor.stored_bits // 8) for tensor in found.tensors)
    notes = [
        f"{weights:,} weights, {100 * sum(t.nonzero for t in found.tensors) / weights:.2f} % of them not zero; "
        f"{short_bytes(4 * weights)} of float32 -> {short_bytes(stored)} in Huffman codes, codebooks included",
        "bits are means for each stored entry, fillers among them",
    ]
    notes += [
        f"{tensor.layer}: {tensor.not_finite:,} values are no finite numbers, and are taken as 0"
        for tensor in found.tensors
        if tensor.not_finite
    ]
    optional = ("shape", "distinct", "value_entropy", "index_entropy", "index_bits", "value_bits")
    return render_records(found.rows, format, f"{found.file}: measured weights", notes, width, terminal, optional)


def recipe_text(found: Measured, name: str) -> str:
    """A recipe with the measured rates, layer by layer."""
    safe = re.sub("[^A-Za-z0-9_]", "_", name)
    coded = [tensor for tensor in found.tensors if tensor.value_mean is not None]
    lines = ["costcalc: 1", f"recipe: {safe if safe[:1].isalpha() else f'recipe_{safe}'}"]
    lines += [f"title: {yaml_quoted(f'Rates measured in {found.file}')}", "steps:"]
    if found.ranks:
        lines += ["- factorise:", *(f"    {yaml_quoted(layer)}: {text}" for layer, text in found.ranks.items())]
    lines += ["- prune:", *(f"    {yaml_quoted(t.layer)}: {_density(t)}" for t in found.tensors)]
    formats = [tensor for tensor in found.tensors if tensor.format]
    if formats:
        lines += ["- quantise:", *(f"    {yaml_quoted(t.layer)}: {t.format}" for t in formats)]
    if coded:
        lines += ["- share:", *(f"    {yaml_quoted(t.layer)}: {t.value_bits}" for t in coded)]
    places = {t.layer: f"relative:{t.index_bits}" if _has_places(t) else "dense" for t in found.tensors}
    lines += ["- encode:", *(f"    {yaml_quoted(layer)}: {text}" for layer, text in places.items())]
    means = [tensor for tensor in found.tensors if tensor.value_mean is not None or _has_places(tensor)]
    if means:
        lines += ["- huffman:", *(f"    {yaml_quoted(t.layer)}: {_means(t)}" for t in means)]
    return "\n".join(lines) + "\n"


def _has_places(tensor: Tensor) -> bool:
    """Whether it is stored where its weights stand: of a dense one, in no bits, it is not."""
    return tensor.index_mean > 0 or tensor.nonzero == 0


def _means(tensor: Tensor) -> str:
    """Mean bits of its values, and of its indices where it has any."""
    values = str(tensor.value_bits) if tensor.value_mean is None else _bits(tensor.value_mean)
    return f"{values}:{_bits(tensor.index_mean)}" if _has_places(tensor) else values


def _density(tensor: Tensor) -> str:
    """The density in six decimals, rounded up: exact in whole weights for a layer of up to a million."""
    density = Fraction(max(tensor.nonzero, 1), tensor.weights)
    return str(density) if density.denominator <= 10**6 else f"{ceil(density * 10**6) / 10**6:.6f}"


def _bits(mean: Fraction) -> str:
    return f"{max(1, ceil(mean * _FINE)) / _FINE:.4f}"
