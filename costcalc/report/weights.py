"""Measured weights, as a table and as a recipe."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import PurePath

from costcalc.analysis.compress.tensor import Tensor, bits_of
from costcalc.analysis.compress.tensors import Measured
from costcalc.escape import yaml_quoted
from costcalc.recipes import Kind
from costcalc.report.files import write_whole
from costcalc.report.formats import render_records
from costcalc.report.tables.units import short_bytes
from costcalc.spec.read import as_name

_FINE = 10_000
_OPTIONAL = (
    "shape", "distinct", "value_entropy", "index_entropy", "codebook_bytes", "scale_bytes", "index_bits", "value_bits"
)  # fmt: skip
"""Columns that go where there is no room, the first first."""


def render_measured(found: Measured, format: str, width: int | None = None, terminal: bool = False) -> str:
    """The table of the tensors, with what they take together."""
    weights = sum(tensor.weights for tensor in found.tensors)
    stored = sum(-(-tensor.stored_bits // 8) for tensor in found.tensors)
    sources = " and ".join(dict.fromkeys(tensor.source for tensor in found.tensors))
    raw = sum(-(-tensor.weights * bits_of(tensor.source) // 8) for tensor in found.tensors)
    codes = " in Huffman codes" if any(any(tensor.is_coded) for tensor in found.tensors) else ""
    notes = [
        f"{weights:,} weights, {100 * sum(t.nonzero for t in found.tensors) / weights:.2f} % of them not zero; "
        f"{short_bytes(raw)} of {sources} -> {short_bytes(stored)}{codes}, codebooks and scales included",
        "bits are means for each stored entry, fillers among them",
    ]
    notes += unusual(found)
    return render_records(found.rows, format, f"{found.file}: measured weights", notes, width, terminal, _OPTIONAL)


def recipe_text(found: Measured, name: str) -> str:
    """A recipe with the measured rates, layer by layer."""
    lines = ["costcalc: 1", f"recipe: {as_name(name, 'recipe')}"]
    lines += [f"title: {yaml_quoted(f'Rates measured in {found.file}')}", "steps:"]
    for step, texts in _steps(found).items():
        if texts:
            lines += [f"- {step}:", *(f"    {yaml_quoted(layer)}: {text}" for layer, text in texts.items())]
    return "\n".join(lines) + "\n"


def write_recipe(found: Measured, file: str) -> str:
    """Write a recipe with the measured rates, called after its file, and give its text.

    Raises UsageError for a file that cannot be written.
    """
    text = recipe_text(found, PurePath(file).stem)
    write_whole(text.encode(), file)
    return text


def unusual(found: Measured) -> list[str]:
    """A line for each tensor with values that are no numbers, or with nothing else than zeros."""
    return [
        f"{tensor.layer}: {tensor.not_finite:,} values are no finite numbers, and are taken as 0"
        for tensor in found.tensors
        if tensor.not_finite
    ] + [
        f"{tensor.layer}: all {tensor.weights:,} weights are 0, a recipe keeps one"
        for tensor in found.tensors
        if not tensor.nonzero
    ]


def _steps(found: Measured) -> dict[str, dict[str, str]]:
    """Each step's texts by the names of layers, in the order in which steps follow."""
    tensors = found.tensors
    steps = {"factorise": found.ranks, "prune": {t.layer: t.groups or _density(t) for t in tensors}}
    for step in (Kind.QUANTISE, Kind.SHARE, Kind.BINARISE):
        steps[str(step)] = {t.layer: t.values for t in tensors if t.step == step}
    return {
        **steps,
        "encode": {t.layer: t.places for t in tensors if t.places},
        "huffman": {t.layer: _means(t) for t in tensors if any(t.is_coded)},
    }


def _means(tensor: Tensor) -> str:
    """Mean bits of its values, and of its indices where those are coded."""
    values, indices = tensor.is_coded
    first = _bits(tensor.value_mean) if values and tensor.value_mean is not None else str(tensor.value_bits)
    return f"{first}:{_bits(tensor.index_mean)}" if indices and tensor.index_mean is not None else first


def _density(tensor: Tensor) -> str:
    """The density in six decimals, rounded up: exact in whole weights for a layer of up to a million."""
    density = Fraction(max(tensor.nonzero, 1), tensor.weights)
    return str(density) if density.denominator <= 10**6 else f"{ceil(density * 10**6) / 10**6:.6f}"


def _bits(mean: Fraction) -> str:
    return f"{max(1, ceil(mean * _FINE)) / _FINE:.4f}"
