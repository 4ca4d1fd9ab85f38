"""The table of measures: everything that can be asked of a layer or of a network, one entry each.

A measure says what it is of one node (an expression over the names of `NAMES`) and how the nodes of a layer, and the
layers of a network, make one figure of it: their sum, their peak, or a ratio of two other measures. Reports, sweeps,
comparisons, budgets, formulas, lists and plots take measures by name; none of them knows a particular one. To add
one, add an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from costcalc.counting import Convention
from costcalc.errors import UsageError, nearest, one_of
from costcalc.measure import Measure, Measures, Peak, Ratio, Sum, Together, Unit, peak, ratio, summed, together
from costcalc.operators import STORED, WORK
from costcalc.stored import DENSE_BYTES, STORAGE, STORED_NAMES

NAMES = {
    **{name: f"the counter `{name}`, for the whole batch" for name in WORK},
    **{name: f"stored numbers: the counter `{name}`" for name in STORED},
    "total": "what the convention counts, for the whole batch",
    "params": "the parameters that the convention counts",
    "parameter_bytes": "bytes of those parameters, kernels as a recipe stores them if one does",
    "read": "elements that it reads, for the whole batch; views and what runs in place read nothing",
    "written": "elements that it writes, for the whole batch: those of the map that it owns",
    "least_moved": "elements that it reads and writes, for the whole batch; of a 1x1 convolution the least at its "
    "Mult-Adds and groups: 2 sqrt(read x written) of one sample, rounded up",
    "read_bytes": "bytes of what it reads, each map in its own format",
    "written_bytes": "bytes of what it writes",
    "live_bytes": "bytes of the maps that are alive while it runs, each in its own format",
    "accumulated": "elements of partial sums, for the whole batch: of its output, if it multiplies and accumulates",
    "workspace": "elements of one sample's windows, copied into the columns of a matrix (im2col)",
    "weight_bits": "bits of a weight",
    "input_bits": "bits of an element of the first map that it reads",
    "accumulator_bits": "bits of a partial sum",
    "gradients": "products as large as its own that the backward pass takes: of its weights, of each input's gradient",
    "reruns": "how often it runs forward again: once if checkpoints have freed what it keeps",
    "kept_bytes": "bytes that stay from the forward to the backward pass and that it is the first to need",
    "recomputed_bytes": "bytes that its whole segment keeps when it is computed again",
    **STORED_NAMES,
    "optimizer_values": "numbers of the optimiser's state for each parameter",
}
"""What the expression of a measure may speak of, each for one node."""

BYTES_OF = {"weight_bytes": "parameter_bytes", "read_bytes": "read_bytes", "written_bytes": "written_bytes"}
"""The bytes that a convention may speak of, as expressions over `NAMES`; none of them needs the convention's total."""

_TABLE: dict[str, Measure] = {
    "mult_adds": Measure(
        "Mult-Adds",
        summed("total"),
        "The total of a convention that counts multiply-adds: under `paper`, those of convolutions, linear layers and "
        "matrix products.",
    ),
    "flops": Measure(
        "FLOPs",
        summed("total"),
        "The total of a convention that counts operations: under `flops`, every one, a multiply-add as two.",
    ),
    "params": Measure(
        "params",
        summed("params"),
        "Learned numbers: weights, biases, the scale and shift of norms, unless the convention counts others.",
        label="parameters",
    ),
    "weights": Measure(
        "weights", summed("weights"), "Kernels and matrices alone, without biases and norms.", less_is_better=None
    ),
    "buffers": Measure(
        "buffers",
        summed("norm_statistics"),
        "Stored numbers that are not learned: running means and variances.",
        less_is_better=None,
    ),
    "weight_bytes": Measure(
        "weight bytes",
        summed("parameter_bytes"),
        "Bytes of the parameters, as a recipe stores them if one does; without running statistics.",
        Unit.BYTES,
    ),
    "input_bytes": Measure(
        "input bytes", summed("read_bytes"), "Bytes of feature maps that the layers read.", Unit.BYTES, None
    ),
    "output_bytes": Measure(
        "output bytes",
        summed("written_bytes"),
        "Bytes of feature maps that the layers write: the maps that they own.",
        Unit.BYTES,
        less_is_better=None,
    ),
    "traffic_bytes": Measure(
        "traffic",
        summed("parameter_bytes + read_bytes + written_bytes"),
        "Bytes that cross the memory's border if every layer reads its weights and inputs and writes its output once.",
        Unit.BYTES,
    ),
    "activation_bytes": Measure(
        "activations",
        summed("written_bytes"),
        "Bytes of all feature maps together, each once, where it is owned; the network's input is not one of them.",
        Unit.BYTES,
    ),
    "peak_activation_bytes": Measure(
        "peak",
        peak("live_bytes"),
        "Most bytes of feature maps that are alive at once, in the order of execution, the network's input included.",
        Unit.BYTES,
        old_names=("peak_bytes",),
        label="peak activations",
    ),
    "live_bytes": Measure(
        "live",
        peak("live_bytes"),
        "Bytes of feature maps that are alive while a layer runs: what it reads, what it writes, and what waits for "
        "layers after it. Of a network, the most: its peak.",
        Unit.BYTES,
        less_is_better=None,
        label="live activations",
    ),
    "workspace_bytes": Measure(
        "workspace",
        peak("bytes(workspace, input_bits)"),
        "Bytes beside the maps if a convolution is lowered to a matrix product by im2col, one sample at a time: k x k "
        "copies of its input. 1x1 convolutions with stride 1 are one already; depthwise ones run as they are.",
        Unit.BYTES,
    ),
    "accumulator_bytes": Measure(
        "accumulators",
        peak("bytes(accumulated, accumulator_bits)"),
        "Bytes of partial sums if a layer that multiplies and accumulates holds one for each value that it puts out.",
        Unit.BYTES,
    ),
    "intensity": Measure(
        "Mult-Adds per byte",
        ratio("macs", "traffic_bytes"),
        "Arithmetic intensity: multiply-accumulates for each byte that crosses the memory's border.",
        less_is_better=False,
    ),
    "memory_access": Measure(
        "memory access",
        summed("read + written + weights"),
        "Memory access cost: elements of feature maps that are read and written, and kernel weights, each once. Of a "
        "1x1 convolution h w (c1 + c2) + c1 c2 / g (arXiv:1807.11164, section 2).",
    ),
    "memory_access_bound": Measure(
        "access bound",
        summed("least_moved + weights"),
        "The least memory access at the same Mult-Adds and groups: of a 1x1 convolution 2 sqrt(g h w B) + B / (h w), "
        "reached where it reads as much as it writes; of all else its own memory access.",
        less_is_better=None,
        label="bound of memory access",
    ),
    "memory_access_ratio": Measure(
        "access / bound",
        ratio("memory_access", "memory_access_bound"),
        "How far memory access is from its bound: 1 where every 1x1 convolution is as wide before as after it.",
        label="memory access / bound",
    ),
    "backward_mult_adds": Measure(
        "backward",
        summed("gradients * macs"),
        "Multiply-accumulates of the backward pass, whatever the convention counts: for each layer those of the "
        "gradient of its weights, and of the gradient of each input that depends on something learned.",
        less_is_better=None,
    ),
    "recomputed_mult_adds": Measure(
        "recomputed",
        summed("reruns * macs"),
        "Multiply-accumulates that run forward a second time because of `checkpoint`: those of all segments but the "
        "last.",
        less_is_better=None,
    ),
    "training_mult_adds": Measure(
        "training MACs",
        together("macs", "backward_mult_adds", "recomputed_mult_adds"),
        "Multiply-accumulates of a step of training: forward, backward, and what checkpoints run forward again.",
    ),
    "gradient_bytes": Measure(
        "gradients",
        summed(DENSE_BYTES),
        "Bytes of the parameters' gradients, in the format of the weights.",
        Unit.BYTES,
        less_is_better=None,
    ),
    "optimizer_bytes": Measure(
        "optimizer",
        summed("bytes(optimizer_values * params, weight_bits)"),
        "Bytes of the optimiser's state, in the format of the weights: none with `sgd`, a number for each parameter "
        "with `momentum`, two with `adam` and `adamw`. Step counters, one a tensor, are left out.",
        Unit.BYTES,
        less_is_better=None,
    ),
    "kept_activation_bytes": Measure(
        "kept",
        summed("kept_bytes"),
        "Bytes that stay from the forward pass until the backward pass: what autograd saves, each storage once; with "
        "`checkpoint`, the maps that enter a segment.",
        Unit.BYTES,
        less_is_better=None,
    ),
    "segment_activation_bytes": Measure(
        "segment",
        peak("recomputed_bytes"),
        "Bytes that autograd saves in one segment between checkpoints beside the kept maps: of a layer, in its "
        "segment; of the network, in the largest.",
        Unit.BYTES,
        less_is_better=None,
    ),
    "saved_activation_bytes": Measure(
        "saved",
        together("kept_activation_bytes", "segment_activation_bytes"),
        "Bytes that autograd saves of the forward pass for the backward pass, each storage once: feature maps, the "
        "network's input, masks, indices and statistics; parameters and buffers are not among them. With "
        "`checkpoint`, the kept maps and the largest segment.",
        Unit.BYTES,
        label="saved activations",
    ),
    "training_bytes": Measure(
        "training",
        together("dense_weight_bytes", "gradient_bytes", "optimizer_bytes", "saved_activation_bytes"),
        "Bytes that a step of training needs: weights, gradients, optimiser state and saved activations. Maps and "
        "gradients of maps that are alive for a moment only, and workspaces, are left out.",
        Unit.BYTES,
        label="training memory",
    ),
    **STORAGE,
    "macs": Measure(
        "MACs", summed("macs"), "Multiply-accumulates, whatever the convention counts.", less_is_better=None
    ),
    **{
        name: Measure(name, summed(name), f"{name.capitalize()} outside multiply-accumulates.", less_is_better=None)
        for name in WORK
        if name != "macs"
    },
}

MEASURES = Measures(_TABLE)
"""Every measure by its name."""

TOTALS = ("mult_adds", "flops")
"""The measures that are a convention's total: one of them at a time, as the convention says."""


def measure_name(word: str, convention: Convention | None = None) -> str:
    """The name of a measure that a person asks for, under `convention` if the total matters.

    Raises UsageError for an unknown one with the nearest, and for the total of another convention.
    """
    plain = str(word).strip().replace("-", "_")
    total = convention.total if convention else ""
    for name, measure in MEASURES.items():
        if plain == name or plain in measure.old_names:
            if convention and name in TOTALS and name != total:
                raise UsageError(
                    f"{name}: the convention {convention.name} counts {total}",
                    expected=f"{total}, or a convention that counts {name}",
                )
            return name
    if convention and plain == total:
        return total
    known = known_measures(convention)
    old = [name for measure in MEASURES.values() for name in measure.old_names]
    raise UsageError(
        f"unknown measure '{str(word)[:40]}'", expected=one_of(known, 30), nearest=nearest(plain, [*known, *old])
    )


def measure_of(name: str) -> Measure:
    """A measure by its name; the total of a convention may have a name that is not in the table."""
    return MEASURES.get(name) or Measure(name, summed("total"), "The convention's total.")


def known_measures(convention: Convention | None = None) -> tuple[str, ...]:
    """The names of all measures; under a convention, with its total and without those of others."""
    if convention is None:
        return tuple(MEASURES)
    return tuple(dict.fromkeys([convention.total, *(name for name in MEASURES if name not in TOTALS)]))


def is_of_the_order(name: str) -> bool:
    """Whether a measure depends on the order in which the layers run."""
    how = measure_of(name).how
    if isinstance(how, Ratio):
        return is_of_the_order(how.over) or is_of_the_order(how.under)
    if isinstance(how, Together):
        return any(map(is_of_the_order, how.measures))
    return "live_bytes" in how.of


def is_of_bytes(name: str) -> bool:
    """Whether a measure is one of bytes, or a ratio of some: number formats matter to it."""
    one = measure_of(name)
    if isinstance(one.how, Ratio):
        return is_of_bytes(one.how.over) or is_of_bytes(one.how.under)
    return one.is_bytes


def todays_name(word: str) -> str:
    """A column's name, that of a measure for a name that it had before."""
    plain = word.replace("-", "_")
    return next((name for name, measure in MEASURES.items() if plain in measure.old_names), plain)


def with_todays_names(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows whose columns have today's names, for what draws them."""
    return [{todays_name(key): value for key, value in row.items()} for row in rows]


def expressions() -> Iterable[str]:
    """The expressions of all measures, for whoever checks them."""
    return (measure.how.of for measure in MEASURES.values() if isinstance(measure.how, Sum | Peak))


__all__ = [
    "BYTES_OF", "MEASURES", "NAMES", "TOTALS", "Measure", "Peak", "Ratio", "Sum", "Together", "Unit", "is_of_bytes",
    "is_of_the_order", "known_measures", "measure_name", "measure_of", "peak", "ratio", "summed", "todays_name",
    "together",
]  # fmt: skip
