"""What a measure is: how the figures of nodes make one of a layer, or of a network, and in which unit."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from costcalc.escape import html_table


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


class Together(NamedTuple):
    """Some measures added up, of a layer and of the network alike."""

    measures: tuple[str, ...]

    def __str__(self) -> str:
        return " + ".join(self.measures)


How: TypeAlias = Sum | Peak | Ratio | Together


def summed(of: str) -> Sum:
    """A measure that is the sum of its nodes' values."""
    return Sum(of)


def peak(of: str) -> Peak:
    """A measure that is the largest of its nodes' values."""
    return Peak(of)


def ratio(over: str, under: str) -> Ratio:
    """A measure that divides one measure by another."""
    return Ratio(over, under)


def together(*measures: str) -> Together:
    """A measure that adds up other measures."""
    return Together(measures)


_HEADINGS = ("unit", "of a network", "about")


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

    def __repr__(self) -> str:
        return f"<Measure {self.title}: {self.how}>"

    def _repr_html_(self) -> str:
        return html_table(self.title, _HEADINGS, [self.words])

    @property
    def words(self) -> tuple[str, str, str]:
        """Its unit, how a network has it, and what it is."""
        return str(self.counted_in), str(self.how), self.about

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


class Measures(dict[str, Measure]):
    """The measures by name: a mapping, and one line where it is shown."""

    def __repr__(self) -> str:
        return f"<{len(self)} measures: {', '.join([*self][:4])} ...>"

    def _repr_html_(self) -> str:
        rows = ((name, *measure.words) for name, measure in self.items())
        return html_table(f"{len(self)} measures", ("measure", *_HEADINGS), rows)
