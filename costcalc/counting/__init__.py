"""How to count: under which convention, in which number formats."""

from __future__ import annotations

from dataclasses import dataclass

from costcalc.counting.conventions import Convention, convention_names, load_convention
from costcalc.counting.dtypes import Dtype
from costcalc.errors import word_of

__all__ = ["Convention", "Counting", "Dtype", "convention_names", "load_convention"]


@dataclass(frozen=True, slots=True)
class Counting:
    """What turns counters into figures: a convention, and the formats of weights and activations."""

    convention: Convention
    weights: Dtype = Dtype.FLOAT32
    activations: Dtype = Dtype.FLOAT32

    @classmethod
    def of(cls, convention: str = "paper", dtype: str = "float32") -> Counting:
        """By the words that people use. Raises UsageError for an unknown one, SpecError for a wrong convention."""
        number = word_of(Dtype, dtype, "dtype")
        return cls(load_convention(convention), number, number)

    @property
    def dtype(self) -> str:
        """The formats in words: one, or `int8 weights, float16 activations`."""
        if self.weights is self.activations:
            return str(self.weights)
        return f"{self.weights} weights, {self.activations} activations"
