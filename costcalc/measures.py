"""The table of measures: everything that can be asked of a layer or of a network, one entry each.

A measure says what it is of one node (an expression over the names of `NAMES`) and how the nodes of a layer, and the
layers of a network, make one figure of it: their sum, their peak, or a ratio of two other measures. Reports, sweeps,
comparisons, budgets, formulas, lists and plots take measures by name; none of them knows a particular one. To add
one, add an entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from costcalc.counting import Convention
from costcalc.errors import UsageError, nearest, one_of
from costcalc.operators import STORED, WORK

NAMES = {
    **{name: f"the counter `{name}`, for the whole batch" for name in WORK},
    **{name: f"stored numbers: the counter `{name}`" for name in STORED},
    "total": "what the convention counts, for the whole batch",
    "params": "the parameters that the convention counts",
    "read": "elements that it reads, for the whole batch; views and what runs in place read nothing",
    "written": "elements that it writes, for the whole batch: those of the map that it owns",
    "read_bytes": "bytes of what it reads, each map in its own format",
    "written_bytes": "bytes of what it writes",
    "live_bytes": "bytes of the maps that are alive while it runs, each in its own format",
    "accumulated": "elements of partial sums, for the whole batch: of its output, if it multiplies and accumulates",
    "workspace": "elements of one sample's windows, copied into the columns of a matrix (im2col)",
    "batch": "samples at a time",
    "weight_bits": "bits of a weight",
    "input_bits": "bits of an element of the first map that it reads",
    "accumulator_bits": "bits of a partial sum",
}
"""What the expression of a measure may speak of, each for one node."""


class Unit(StrEnum):
    """What a measure is counted in."""

    COUNT = "count"
    BYTES = "bytes"
    RATIO = "ratio"


class Sum(NamedTuple):
    """The nodes' values added up."""

    of: str

    def __str__(self) -> str:
        return f"sum of {self.of}"


class Peak(NamedTuple):
    """The largest value of any node."""

    of: str

    def __str__(self) -> str:
        return f"largest {self.of}"


class Ratio(NamedTuple):
    """One measure over another, of a layer and of the network alike."""

    over: str
    under: str

    def __str__(self) -> str:
        return f"{self.over} / {self.under}"


How: TypeAlias = Sum | Peak | Ratio


def summed(of: str) -> Sum:
    """A measure that is the sum of its nodes' values."""
    return Sum(of)


def peak(of: str) -> Peak:
    """A measure that is the largest of its nodes' values."""
    return Peak(of)


def ratio(over: str, under: str) -> Ratio:
    """A measure that divides one measure by another."""
    return Ratio(over, under)


class Measure(NamedTuple):
    """One thing that can be asked: its title, how it is computed, its definition in a sentence, its unit.

    `less_is_better` is None where the measure is a part of others, and neither is better by itself. `old_names` are
    read as well. `label` is what to write along an axis, the title if empty.
    """

    title: str
    how: How
    about: str = ""
    unit: Unit | None = None
    less_is_better: bool | None = True
    old_names: tuple[str, ...] = ()
    label: str = ""

    @property
    def counted_in(self) -> Unit:
        """The unit: a ratio's is Unit.RATIO, others count unless they say what."""
        return self.unit or (Unit.RATIO if isinstance(self.how, Ratio) else Unit.COUNT)

    @property
    def is_bytes(self) -> bool:
        """Whether it is measured in bytes."""
        return self.counted_in is Unit.BYTES

    @property
    def is_ratio(self) -> bool:
        """Whether it is a ratio of two other measures."""
        return isinstance(self.how, Ratio)


_WEIGHT_BYTES = "bytes(params, weight_bits)"
BYTES_OF = {"weight_bytes": _WEIGHT_BYTES, "read_bytes": "read_bytes", "written_bytes": "written_bytes"}
"""The bytes that a convention may speak of, as expressions over `NAMES`; none of them needs the convention's total."""

MEASURES: dict[str, Measure] = {
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
        "weight bytes", summed(_WEIGHT_BYTES), "Bytes of the parameters, without running statistics.", Unit.BYTES
    ),
    "input_bytes": Measure(
        "input bytes",
        summed("read_bytes"),
        "Bytes of feature maps that the layers read.",
        Unit.BYTES,
        less_is_better=None,
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
        summed(f"{_WEIGHT_BYTES} + read_bytes + written_bytes"),
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
        "Most bytes of feature maps that are alive at once, in the written order, the network's input included.",
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
    "macs": Measure(
        "MACs", summed("macs"), "Multiply-accumulates, whatever the convention counts.", less_is_better=None
    ),
    **{
        name: Measure(name, summed(name), f"{name.capitalize()} outside multiply-accumulates.", less_is_better=None)
        for name in WORK
        if name != "macs"
    },
}
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


def todays_name(word: str) -> str:
    """A column's name, that of a measure for a name that it had before."""
    plain = word.replace("-", "_")
    return next((name for name, measure in MEASURES.items() if plain in measure.old_names), plain)


def expressions() -> Iterable[str]:
    """The expressions of all measures, for whoever checks them."""
    return (measure.how.of for measure in MEASURES.values() if not isinstance(measure.how, Ratio))


__all__ = [
    "BYTES_OF",
    "MEASURES",
    "NAMES",
    "TOTALS",
    "Measure",
    "Peak",
    "Ratio",
    "Sum",
    "Unit",
    "known_measures",
    "measure_name",
    "measure_of",
    "peak",
    "ratio",
    "summed",
    "todays_name",
]
