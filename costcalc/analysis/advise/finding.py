"""What a guideline finds in a network: where, what it costs, and the figure behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.records import plain
from costcalc.counting import Counting
from costcalc.network import Network


class Guideline(StrEnum):
    """The guidelines of arXiv:1807.11164, section 2."""

    WIDTHS = "G1"
    GROUPS = "G2"
    FRAGMENTS = "G3"
    ELEMENTWISE = "G4"

    @property
    def sentence(self) -> str:
        """What the paper says."""
        return {
            "G1": "Equal channel width minimizes memory access cost",
            "G2": "Excessive group convolution increases memory access cost",
            "G3": "Network fragmentation reduces degree of parallelism",
            "G4": "Element-wise operations are non-negligible",
        }[self]

    @property
    def figure(self) -> str:
        """What the figure of its findings is."""
        return {
            "G1": "memory access / bound",
            "G2": "memory access / that without groups",
            "G3": "fragments",
            "G4": "% of memory access, unfused",
        }[self]


class Finding(NamedTuple):
    """A fact of some layers: their Mult-Adds (the convention's total) and memory access, and the guideline's figure.

    `where` names a layer, a block or a kind of operator; `details` are the numbers that the figure comes from.
    """

    guideline: Guideline
    where: str
    layers: tuple[str, ...]
    total: int
    memory_access: int
    figure: Fraction | float | int
    details: dict[str, Any]

    def as_dict(self, total: str) -> dict[str, Any]:
        """Column to value, the same for every guideline; `total` names the convention's total."""
        return {
            "guideline": str(self.guideline),
            "where": self.where,
            "layers": list(self.layers),
            total: self.total,
            "memory_access": self.memory_access,
            "figure": plain(self.figure),
            "figure_is": self.guideline.figure,
            "details": self.details,
        }


class Advice(NamedTuple):
    """What one guideline finds, the most memory access or fragments first, and the network in a sentence."""

    guideline: Guideline
    findings: tuple[Finding, ...]
    summary: str


@dataclass(frozen=True)
class Advised:
    """A network beside the four guidelines."""

    network: Network
    counting: Counting
    guidelines: tuple[Advice, ...]
    left_out: tuple[str, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dictionary of plain values per finding."""
        total = self.counting.convention.total
        return [finding.as_dict(total) for advice in self.guidelines for finding in advice.findings]
