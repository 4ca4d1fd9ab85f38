"""Networks side by side: totals, and the layers of two of them aligned."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.compare.distillation import Distillation, distillation
from costcalc.analysis.compare.matching import matching
from costcalc.analysis.records import ALL, Arrangement, plain
from costcalc.counting import Counting
from costcalc.errors import UsageError
from costcalc.ledger import Entry, Ledger, ledger_of
from costcalc.network import Network
from costcalc.quantity import as_text
from costcalc.spec.settings import exact
from costcalc.typed.columns import IMAGENET, PUBLISHED, USUAL, Column, columns_named

LAYER_FIGURES = ("params", "weight_bytes")
"""What is compared of layers beside the convention's total, unless other columns are asked for."""


class Side(NamedTuple):
    """One of the networks that are compared, as it was called, and what it costs."""

    name: str
    network: Network
    ledger: Ledger

    def figure(self, column: Column) -> Any:
        """Its figure in a column, as a plain value; of a published one, None where nobody publishes it."""
        if column.is_published:
            return self.network.published_figure(column.name)
        return plain(self.ledger[column.name])

    @property
    def data(self) -> Any:
        """What an accuracy of it is of: the number of classes, as far as a spec tells."""
        classes = self.network.settings.get("classes")
        return IMAGENET if classes in IMAGENET else classes


class Aligned(NamedTuple):
    """A layer of the first network and the one of the second that stands for it; None where only one has it."""

    first: Entry | None
    second: Entry | None
    total: str

    def is_equal(self, columns: Sequence[Column]) -> bool:
        """Whether both have the layer, of the same kind, output, cost and figures, under whatever name."""
        first, second = self.first, self.second
        if first is None or second is None or _content(first, self.total) != _content(second, self.total):
            return False
        return all(first[column.name] == second[column.name] for column in columns)

    @property
    def is_alike(self) -> bool:
        """Whether both have the layer, with the same kernels in the same format, and other norms or biases alone."""
        first, second = self.first, self.second
        if first is None or second is None or first["params"] == second["params"]:
            return False
        same_format = first["weight_bytes"] * second["params"] == second["weight_bytes"] * first["params"]
        return bool(same_format) and _kernels(first, self.total) == _kernels(second, self.total)

    def difference(self, name: str) -> Any:
        """How much more the second one has of a measure than the first; a layer that is not there has none."""
        return ((self.second and self.second[name]) or 0) - ((self.first and self.first[name]) or 0)

    def as_dict(self, columns: Sequence[Column]) -> dict[str, Any]:
        """Column to value; the costs of a layer that is not there are None, its share of the difference is whole."""
        is_equal = self.is_equal(columns)
        record: dict[str, Any] = {"equal": is_equal, "alike": is_equal or self.is_alike}
        sides = {"first": self.first, "second": self.second}
        for key in ("name", "op"):
            record |= {f"{side}_{key}": getattr(entry, key) if entry else None for side, entry in sides.items()}
        record |= {f"{side}_output": str(entry.output) if entry else None for side, entry in sides.items()}
        for word, name in columns:
            costs = {side: plain(entry[name]) if entry else None for side, entry in sides.items()}
            record |= {f"{side}_{word}": cost for side, cost in costs.items()}
            record[f"{word}_difference"] = (costs["second"] or 0) - (costs["first"] or 0)
        record |= {f"{word}_ratio": ratio(record[f"second_{word}"], record[f"first_{word}"]) for word, _ in columns}
        return record


@dataclass(frozen=True)
class Comparison:
    """Totals of networks, one row each, with the ratio to the first; `aligned` are the layers of two, if asked for.

    `settings` are those that were asked of all networks alike; `columns` those that were asked for, () the usual.
    `first` is the network that was named first, `sides` are those that are shown, by the column `order`. `arrangement`
    is that of layers, if they are aligned: those that differ most in a column first.
    """

    counting: Counting
    settings: dict[str, str]
    sides: tuple[Side, ...] = field(repr=False)
    first: Side = field(repr=False)
    aligned: tuple[Aligned, ...] | None = field(default=None, repr=False)
    columns: tuple[Column, ...] = ()
    arrangement: Arrangement = ALL
    order: Column | str | None = None
    distillation: Distillation | None = None

    @property
    def total(self) -> str:
        """The measure that the convention's total is."""
        return self.counting.convention.total

    @property
    def bytes_of(self) -> str:
        """What is said of its bytes."""
        return self.counting.bytes_of(max(side.ledger.graph.declares_formats for side in self.sides))

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of its rows."""
        return self.columns or columns_named([self.total, *USUAL, *PUBLISHED])

    def best(self, column: Column) -> Any:
        """The best figure in a column; None where it says nothing.

        Neither way may be better; all may be equal; a total may be partial, accuracies of different data.
        """
        figures = {side.name: side.figure(column) for side in self.sides}
        known = {figure for figure in figures.values() if figure is not None}
        if column.less_is_better is None or len(known) < 2:
            return None
        if column.is_published and len({side.data for side in self.sides if figures[side.name] is not None}) > 1:
            return None
        if column.name == self.total and any(side.ledger.left_out for side in self.sides):
            return None
        return min(known) if column.less_is_better else max(known)

    @property
    def ratios(self) -> dict[Column, str]:
        """The columns that have a ratio to the first network, and what it is called; a measure keeps its own name."""
        compared = [column for column in self.shown if not column.is_published]
        if not self.columns:
            compared = [column for column in compared if column.name in (self.total, "params")]
        measures = {column.word for column in self.shown}
        names = {column: f"{column.word}_ratio" for column in compared}
        return {column: f"{name}_to_first" if name in measures else name for column, name in names.items()}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dictionary of plain values per network."""
        ratios = self.ratios
        first = {column: self.first.figure(column) for column in ratios}
        rows = self.rows_of(self.shown)
        for row in rows:
            row |= {name: ratio(row[column.word], first[column]) for column, name in ratios.items()}
        return rows

    def rows_of(self, columns: Sequence[Column]) -> list[dict[str, Any]]:
        """One dictionary per network, with some columns."""
        return [
            {
                "network": side.name,
                "input": str(side.network.input),
                **{column.word: side.figure(column) for column in columns},
            }
            for side in self.sides
        ]

    @property
    def layer_columns(self) -> tuple[Column, ...]:
        """The columns in which layers are compared."""
        asked = tuple(column for column in self.columns if not column.is_published)
        return asked or columns_named([self.total, *LAYER_FIGURES])

    @property
    def layers(self) -> list[dict[str, Any]]:
        """One dictionary per aligned pair of layers; the differences (second less first) of sums add up to the
        totals', unless only the first ones are asked for."""
        shown = self.in_order(self.aligned or ())[: self.arrangement.top]
        return [pair.as_dict(self.layer_columns) for pair in shown]

    def in_order(self, pairs: Sequence[Aligned]) -> list[Aligned]:
        """Pairs of layers in the order that is asked for."""
        key = self.arrangement.sort
        if not isinstance(key, Column):
            return [*pairs]
        return sorted(pairs, key=lambda pair: -abs(pair.difference(key.name)))


def compare_networks(
    networks: Sequence[tuple[str, Network]],
    settings: Mapping[str, Any],
    aligned: bool,
    counting: Counting,
    columns: Sequence[Column] = (),
    arrangement: Arrangement = ALL,
    distils: bool = False,
) -> Comparison:
    """Networks (as called) side by side; the arrangement is that of the networks, or of the layers if aligned; with
    `distils` the last one learns from the others.

    Raises UsageError for fewer than two, and for more than two to align.
    """
    if len(networks) < 2:
        raise UsageError(f"{len(networks) or 'no'} network to compare", expected="two networks or more")
    if aligned and len(networks) > 2:
        raise UsageError(f"layers of {len(networks)} networks to align", expected="two networks")
    sides = tuple(Side(name, network, ledger_of(network.graph, counting, network=name)) for name, network in networks)
    of_layers = ALL
    if aligned:
        of_layers, arrangement = _of_layers(arrangement, columns, counting.convention.total), ALL
    if aligned and columns and all(column.is_published for column in columns):
        raise UsageError(
            f"--layers: {columns[0].word} is a figure of whole networks", expected="a measure of layers beside it"
        )
    matched = None
    if aligned:
        first, second = (tuple(side.ledger.layers.values()) for side in sides)
        matched = tuple(align(first, second, counting.convention.total))

    def value(side: Side, key: Column | str) -> Any:
        return side.figure(key) if isinstance(key, Column) else side.name

    shown = tuple(arrangement.of(sides, value))
    taught = distillation([(side.name, side.ledger) for side in sides]) if distils else None
    return Comparison(
        counting, written(settings), shown, sides[0], matched, tuple(columns), of_layers, arrangement.sort, taught
    )


def _of_layers(asked: Arrangement, columns: Sequence[Column], total: str) -> Arrangement:
    """How layers are arranged: by a measure, that of the first column unless another one is asked for.

    Raises UsageError for what arranges networks alone.
    """
    if asked.pareto is not None:
        raise UsageError("--pareto with --layers: a frontier is of networks", expected="--sort NAME, --top N")
    if asked == ALL:
        return ALL
    measures = [column for column in columns if not column.is_published]
    key = asked.sort or next(iter(measures), Column(total, total))
    if not isinstance(key, Column) or key.is_published:
        word = key.word if isinstance(key, Column) else key
        raise UsageError(f"--layers: {word} is a word of whole networks", expected="a measure of layers to sort by")
    return Arrangement(key, None, asked.top)


def written(settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that were asked for, as a person writes them."""
    return {key: as_text(exact(value)) for key, value in settings.items() if value is not None}


def ratio(part: float | Fraction | None, whole: float | Fraction | None) -> float | None:
    """How many times the whole; None of nothing."""
    return float(part / whole) if whole and part is not None else None


def align(first: Sequence[Entry], second: Sequence[Entry], total: str) -> list[Aligned]:
    """The layers of two networks in running order, matched.

    Networks with the same names are matched by name. Otherwise what both have is found first, as in a diff of two
    texts: layers equal in name, kind, output and cost, then, between those, layers equal but for the name (names with
    numbers shift where a layer is put in), then those with the same kernels (norms may be folded, a 1x1 convolution be
    called linear), then those of the same name, then those of the same kind at the same positions. What is left stands
    alone. Of networks that name their layers otherwise, those with Mult-Adds are matched by their kernels before all.
    """
    if [entry.name for entry in first] == [entry.name for entry in second]:
        return [Aligned(*pair, total) for pair in zip(first, second, strict=True)]
    keys: list[Callable[[Entry], Hashable]] = [
        lambda entry: (entry.name, _content(entry, total)),
        lambda entry: _content(entry, total),
        lambda entry: (entry.output, entry[total], entry["weights"]) if entry[total] else (entry.op, entry.output),
        lambda entry: entry.name,
        lambda entry: (entry.op, entry.output.spatial if entry.output else None),
    ]
    if _are_strangers(first, second, total):
        return [Aligned(*pair, total) for pair in _by_kernels(first, second, total, keys)]
    return [Aligned(*pair, total) for pair in _aligned(first, second, keys)]


def _are_strangers(first: Sequence[Entry], second: Sequence[Entry], total: str) -> bool:
    """Whether most layers of the total have other names: then what costs nothing says little about the others."""
    names = [{entry.name for entry in side if entry[total]} for side in (first, second)]
    return 2 * len(names[0] & names[1]) < min(map(len, names))


def _by_kernels(
    first: Sequence[Entry], second: Sequence[Entry], total: str, keys: Sequence[Callable[[Entry], Hashable]]
) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Match the layers of the total by what they compute, in turn; what lies between the matches by the keys."""
    places = [[place for place, entry in enumerate(side) if entry[total]] for side in (first, second)]
    words = [
        [(side[place].output, side[place][total], side[place]["weights"]) for place in chosen]
        for side, chosen in zip((first, second), places, strict=True)
    ]
    here = there = 0
    for block in matching(*words):
        for step in range(block.size):
            a, b = places[0][block.a + step], places[1][block.b + step]
            yield from _aligned(first[here:a], second[there:b], keys)
            yield first[a], second[b]
            here, there = a + 1, b + 1
    yield from _aligned(first[here:], second[there:], keys)


def _content(entry: Entry | None, total: str) -> Hashable:
    return entry and (entry.op, entry.output, entry[total], entry["params"])


def _kernels(entry: Entry, total: str) -> Hashable:
    return (entry.op, entry.output, entry[total], entry["weights"])


def _aligned(
    first: Sequence[Entry], second: Sequence[Entry], keys: Sequence[Callable[[Entry], Hashable]]
) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Match by the first key; what lies between the matches by the others."""
    if not keys or not first or not second:
        yield from ((entry, None) for entry in first)
        yield from ((None, entry) for entry in second)
        return
    key = keys[0]
    here = there = 0
    for block in matching([*map(key, first)], [*map(key, second)]):
        yield from _aligned(first[here : block.a], second[there : block.b], keys[1:])
        here, there = block.a + block.size, block.b + block.size
        yield from zip(first[block.a : here], second[block.b : there], strict=True)
