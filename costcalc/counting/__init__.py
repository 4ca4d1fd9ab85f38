"""How to count: under which convention, in which number formats, trained in which way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costcalc.counting.conventions import Convention
from costcalc.counting.formats import INPUT_LAYER, FormatRule, check_patterns, read_formats
from costcalc.counting.reading import convention_names, load_convention
from costcalc.counting.training import Checkpoint, Steps, read_steps
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, nearest, one_of, word_of
from costcalc.words import COUNTING_WORDS, Optimizer, Schedule

__all__ = [
    "COUNTING_WORDS",
    "INPUT_LAYER",
    "Checkpoint",
    "Convention",
    "Counting",
    "Dtype",
    "FormatRule",
    "Optimizer",
    "Schedule",
    "Steps",
    "convention_names",
    "counting_of",
    "load_convention",
    "read_counting",
    "read_formats",
]

_FLOAT32 = FormatRule(Dtype.FLOAT32)
_PLAIN = Steps()


@dataclass(frozen=True, slots=True)
class Counting:
    """What turns counters into figures: a convention, the formats of weights, activations and accumulators, and the
    order of execution.

    `steps` say how the network is trained, which matters to the measures of training alone.
    """

    convention: Convention
    weights: FormatRule = _FLOAT32
    activations: FormatRule = _FLOAT32
    accumulators: FormatRule = _FLOAT32
    schedule: Schedule = Schedule.WRITTEN
    steps: Steps = _PLAIN

    def __repr__(self) -> str:
        return f"<Counting: convention {self.convention.name}, {self.dtype}>"

    @classmethod
    def of(
        cls,
        convention: str = "paper",
        dtype: str = "float32",
        weights: str | None = None,
        activations: str | None = None,
        accumulators: str | None = None,
        schedule: str = "written",
        optimizer: str | None = None,
        checkpoint: str | None = None,
    ) -> Counting:
        """By the words that people use: `dtype` is the format of weights and activations unless they have their own.

        Raises UsageError for an unknown one, SpecError for a wrong convention.
        """
        number = word_of(Dtype, dtype, "dtype")
        stored = read_formats(weights, "weights", number)
        maps = read_formats(activations, "activations", number)
        sums = read_formats(accumulators, "accumulators", accumulator_of(maps.default))
        order = word_of(Schedule, schedule, "schedule")
        return cls(load_convention(convention), stored, maps, sums, order, read_steps(optimizer, checkpoint))

    @property
    def dtype(self) -> str:
        """The formats in words: one, or `int8 weights, float16 activations`; accumulators if not the usual."""
        same = str(self.weights) == str(self.activations)
        words = str(self.weights) if same else f"{self.weights} weights, {self.activations} activations"
        usual = accumulator_of(self.activations.default)
        return words if str(self.accumulators) == usual else f"{words}, {self.accumulators} accumulators"

    @property
    def is_reordered(self) -> bool:
        """Whether layers run in another order than the written one."""
        return self.schedule is not Schedule.WRITTEN

    def bytes_of(self, declared: str = "") -> str:
        """What a table says of its bytes: their formats, another order than the written one, and how it is trained.

        `declared` says who gives some tensors formats of their own: a row of a spec, a recipe.
        """
        rows = {"row": " where a row declares no dtype", "recipe": " where no recipe says otherwise"}.get(declared, "")
        order = "in the order with the least peak" if self.is_reordered else ""
        return ", ".join(filter(None, [f"bytes of {self.dtype}{rows}", order, str(self.steps)]))

    @property
    def is_uniform(self) -> bool:
        """Whether no format is asked for by the names of layers."""
        return not (self.weights.patterns or self.activations.patterns or self.accumulators.patterns)

    def check(self, layers: set[str], network: str = "") -> None:
        """Raise UsageError for a pattern that matches none of a network's layers; of several, `network` is this one."""
        check_patterns("weights", self.weights, layers, network)
        check_patterns("activations", self.activations, {*layers, INPUT_LAYER}, network)
        check_patterns("accumulators", self.accumulators, layers, network)


def accumulator_of(dtype: Dtype) -> Dtype:
    """The usual format of partial sums: float64 of float64, float32 of other floats, int32 of integers and below."""
    if dtype is Dtype.FLOAT64:
        return dtype
    return Dtype.FLOAT32 if "float" in dtype else Dtype.INT32


def counting_of(**words: Any) -> Counting:
    """How to count, by words alone. Raises UsageError for another word, and as Counting.of."""
    counting, others = read_counting(words)
    for word in others:
        raise UsageError(
            f"'{word[:40]}' says nothing of how to count",
            expected=one_of(COUNTING_WORDS),
            nearest=nearest(word, COUNTING_WORDS),
        )
    return counting


def read_counting(words: Mapping[str, Any]) -> tuple[Counting, dict[str, Any]]:
    """How to count, out of the words that a person gave, and the other words. Raises as Counting.of."""
    own = {key: words[key] for key in COUNTING_WORDS if words.get(key) is not None}
    return Counting.of(**own), {key: value for key, value in words.items() if key not in COUNTING_WORDS}
