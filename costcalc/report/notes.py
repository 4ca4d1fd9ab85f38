"""The lines under a report's table: totals, the convention, its status, and the memory."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.ledger import Ledger
from costcalc.measures import measure_of
from costcalc.report.order import order_notes
from costcalc.report.tables.units import grouped, short, short_bytes
from costcalc.transform.steps import Applied

_STORED = {
    "weights": "weights",
    "biases": "biases",
    "norm_affine": "scale and shift of norms",
    "norm_statistics": "running statistics",
}
"""The counters of stored numbers, in words."""


def report_notes(ledger: Ledger, transforms: Sequence[Applied], training: bool) -> list[str]:
    """What a reader must know to reproduce the figures of a report; with `training`, of a step of training."""
    whole, convention = ledger.whole, ledger.counting.convention
    weights, maps = ledger.formats
    weights = weights or maps
    work = "" if training else f"{short(whole[convention.total])} {measure_of(convention.total).title}, "
    beside = ", ".join(f"{_STORED[name]} {grouped(count)}" for name, count in ledger.beside_params.items())
    lines = [
        f"{work}{short(whole['params'])} parameters, {_weight_words(ledger, listed(weights), training)}",
        *([f"not in the parameters: {beside}"] if beside else []),
        f"convention {convention.name}: {convention.title}",
        *map(str, transforms),
    ]
    if ledger.left_out:
        lines.append(f"partial: the convention has no rule for {', '.join(ledger.left_out)}")
    if training:
        from costcalc.report.training import training_notes

        return [*lines, *training_notes(ledger, listed(maps))]
    peak = f"peak {short_bytes(whole['peak_activation_bytes'])} at {whole.peak_at}"
    formats = "" if weights == maps else f"{listed(maps)} "
    lines.append(
        f"{formats}activations {short_bytes(whole['activation_bytes'])}, {peak}, "
        f"traffic {short_bytes(whole['traffic_bytes'])}; 1 MB = 10^6 bytes"
    )
    return [*lines, *order_notes(ledger)]


def _weight_words(ledger: Ledger, formats: str, training: bool) -> str:
    """What the weights take: in `formats`, and as a recipe stores them if one does (not while they are trained)."""
    dense = f"{short_bytes(ledger['dense_weight_bytes'])} of {formats} weights"
    if training or not ledger.graph.is_compressed:
        return dense
    return f"{dense}, stored in {short_bytes(ledger['weight_bytes'])}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
