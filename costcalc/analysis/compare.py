"""Networks side by side: totals, and the layers of two of them aligned."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from costcalc.analysis.summary import Dtype, Row, Totals
from costcalc.conventions import Convention, load_convention
from costcalc.errors import UsageError, word_of
from costcalc.quantity import as_text
from costcalc.spec.catalogue import STANDARD_INPUT
from costcalc.spec.settings import exact
from costcalc.transform.name import Applied, called, read_name

if TYPE_CHECKING:
    from costcalc.api import Network

Load: TypeAlias = "Callable[..., Network]"

MEASURES = ("params", "weight_bytes", "activation_bytes", "peak_activation_bytes", "traffic_bytes")
"""What is compared beside the convention's total: less is better in each."""


class Side(NamedTuple):
    """One of the networks that are compared: what it is called, its input, its layers and totals.

    `transforms` have changed it; `left_out` are the operators that the convention has no rule for.
    """

    network: str
    input: str
    layers: tuple[Row, ...]
    totals: Totals
    transforms: tuple[Applied, ...]
    left_out: tuple[str, ...]


class Aligned(NamedTuple):
    """A layer of the first network and the one of the second that stands for it; None where only one has it."""

    first: Row | None
    second: Row | None

    @property
    def is_equal(self) -> bool:
        """Whether both have the layer, of the same kind, output and cost, under whatever name."""
        return self.first is not None and self.second is not None and _content(self.first) == _content(self.second)

    def as_dict(self, total: str) -> dict[str, Any]:
        """Column to value; the costs of a layer that is not there are None, its share of the difference is whole."""
        record: dict[str, Any] = {"equal": self.is_equal}
        sides = {"first": self.first, "second": self.second}
        for key in ("name", "op", "output"):
            record |= {f"{side}_{key}": getattr(row, key) if row else None for side, row in sides.items()}
        for key, name in (("total", total), ("params", "params"), ("weight_bytes", "weight_bytes")):
            costs = {side: getattr(row, key) if row else None for side, row in sides.items()}
            record |= {f"{side}_{name}": cost for side, cost in costs.items()}
            record[f"{name}_difference"] = (costs["second"] or 0) - (costs["first"] or 0)
        return record


@dataclass(frozen=True)
class Comparison:
    """Totals of networks, one row each, with the ratio to the first; `aligned` are the layers of two, if asked for.

    `settings` are those that were asked of all networks alike.
    """

    convention: Convention
    dtype: Dtype
    settings: dict[str, str]
    sides: tuple[Side, ...] = field(repr=False)
    aligned: tuple[Aligned, ...] | None = field(default=None, repr=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dictionary of plain values per network."""
        first = self.sides[0].totals
        return [
            {
                "network": side.network,
                "input": side.input,
                self.convention.total: side.totals.total,
                **{key: getattr(side.totals, key) for key in MEASURES},
                f"{self.convention.total}_ratio": ratio(side.totals.total, first.total),
                "params_ratio": ratio(side.totals.params, first.params),
            }
            for side in self.sides
        ]

    @property
    def layers(self) -> list[dict[str, Any]]:
        """One dictionary per aligned pair of layers; the differences (second less first) add up to the totals'."""
        return [pair.as_dict(self.convention.total) for pair in self.aligned or ()]


def compare_networks(
    load: Load, networks: Sequence[str], settings: Mapping[str, Any], aligned: bool, convention: str, dtype: str
) -> Comparison:
    """The networks side by side; see `costcalc.compare`. Raises UsageError as that does."""
    if len(networks) < 2:
        raise UsageError(f"{len(networks) or 'no'} network to compare", expected="two networks or more")
    if aligned and len(networks) > 2:
        raise UsageError(f"layers of {len(networks)} networks to align", expected="two networks")
    if sum(read_name(network).network == STANDARD_INPUT for network in networks) > 1:
        raise UsageError("- stands twice: standard input holds one spec", expected="a path for the other one")
    chosen, number = load_convention(convention), word_of(Dtype, dtype, "dtype")
    sides = []
    for network in networks:
        loaded = load(network, **settings)
        report = loaded.report(dtype=dtype, convention=convention)
        sides.append(
            Side(
                called(network, loaded.binding.name),
                str(loaded.binding.input),
                report.layers,
                report.totals,
                report.transforms,
                report.left_out,
            )
        )
    matched = tuple(align(sides[0].layers, sides[1].layers)) if aligned else None
    return Comparison(chosen, number, written(settings), tuple(sides), matched)


def written(settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that were asked for, as a person writes them."""
    return {key: as_text(exact(value)) for key, value in settings.items() if value is not None}


def ratio(part: int, whole: int) -> float | None:
    """How many times the whole; None of nothing."""
    return part / whole if whole else None


def align(first: Sequence[Row], second: Sequence[Row]) -> list[Aligned]:
    """The layers of two networks in running order, matched.

    Networks with the same names are matched by name. Otherwise what both have is found first, as in a diff of two
    texts: layers equal in name, kind, output and cost, then, between those, layers equal but for the name (names with
    numbers shift where a layer is put in), then those of the same name, then those of the same kind at the same
    positions. What is left stands alone.
    """
    if [row.name for row in first] == [row.name for row in second]:
        return [Aligned(*pair) for pair in zip(first, second, strict=True)]
    return list(_aligned(first, second, _KEYS))


def _content(row: Row) -> Hashable:
    return row.op, row.output, row.total, row.params


_KEYS: tuple[Callable[[Row], Hashable], ...] = (
    lambda row: (row.name, _content(row)),
    _content,
    lambda row: row.name,
    lambda row: (row.op, row.output.rpartition("x")[0]),
)


def _aligned(
    first: Sequence[Row], second: Sequence[Row], keys: Sequence[Callable[[Row], Hashable]]
) -> Iterator[Aligned]:
    """Match by the first key; what lies between the matches by the others."""
    if not keys or not first or not second:
        yield from (Aligned(row, None) for row in first)
        yield from (Aligned(None, row) for row in second)
        return
    key = keys[0]
    matcher = SequenceMatcher(None, [*map(key, first)], [*map(key, second)], autojunk=False)
    here = there = 0
    for block in matcher.get_matching_blocks():
        yield from _aligned(first[here : block.a], second[there : block.b], keys[1:])
        here, there = block.a + block.size, block.b + block.size
        yield from map(Aligned, first[block.a : here], second[block.b : there])
