"""A network before and after a recipe: what each layer stores after each step, and of what it is made."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.records import plain
from costcalc.counting import Counting
from costcalc.errors import UsageError
from costcalc.ledger import Entry, Ledger, ledger_of
from costcalc.network import Network
from costcalc.recipes import Recipe
from costcalc.stored import PARTS
from costcalc.transform.steps import Step, recipe_steps, rewrite

NO_RECIPE = "a recipe in the name, as NETWORK@recipe=deep_compression or NETWORK@prune=0.1@quantise=int8, or --recipe"


class Row(NamedTuple):
    """A layer, or the network: its weights, its kernels' bytes as a share of the dense ones after each step, and what
    it stores in the end, in bytes, by what they are."""

    layer: str
    weights: int
    dense_bytes: int
    kept: int
    bits_per_weight: Fraction | None
    rates: dict[str, Fraction | None]
    parts: dict[str, int]

    @property
    def stored_bytes(self) -> int:
        """All that it stores."""
        return sum(self.parts.values())

    def as_dict(self) -> dict[str, Any]:
        """Column to value, for every format: rates in per cent."""
        kept = Fraction(100 * self.kept, self.weights) if self.weights else None
        rates = {key: None if rate is None else 100 * rate for key, rate in self.rates.items()}
        return {
            "layer": self.layer,
            "weights": self.weights,
            "kept_%": _rounded(kept),
            **{f"{key}_%": _rounded(rate) for key, rate in rates.items()},
            "bits_per_weight": _rounded(self.bits_per_weight),
            **self.parts,
            "stored_bytes": self.stored_bytes,
        }


class Compressed(NamedTuple):
    """A network under a recipe: its layers with weights, the whole, and layers too small for a codebook."""

    network: str
    layers: tuple[Row, ...]
    total: Row
    small: tuple[str, ...] = ()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The layers and the total, as records."""
        return [row.as_dict() for row in (*self.layers, self.total._replace(layer="total"))]


def _rounded(value: Fraction | None) -> float | None:
    return None if value is None else round(plain(value), 2)


def single_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps with each recipe taken apart."""
    found: list[Step] = []
    for step in steps:
        if isinstance(step.argument, Recipe):
            found.extend(Step(str(one.kind), one) for one in step.argument.steps)
        else:
            found.append(step)
    return tuple(found)


def compressed(network: Network, name: str, counting: Counting) -> Compressed:
    """A network with a recipe in its name, by layer and step. Raises UsageError if there is no recipe."""
    steps = single_steps(network.filled_steps)
    compressing = {*recipe_steps(), "rank"}
    first = next((index for index, step in enumerate(steps) if step.name in compressing), None)
    if first is None:
        raise UsageError(f"{name[:80]}: nothing is compressed", expected=NO_RECIPE)
    graph = network.bound.graph()
    ledgers = {"": ledger_of(rewrite(graph, steps[:first], is_whole=False)[0], counting)}
    for end in range(first + 1, len(steps) + 1):
        word = steps[end - 1].name
        number = sum(step.name == word for step in steps[first:end])
        key = word if number == 1 else f"{word}_{number}"
        ledgers[key] = ledger_of(rewrite(graph, steps[:end], is_whole=end == len(steps))[0], counting)
    base, last = ledgers.pop(""), [*ledgers.values()][-1]
    layers = [
        _row(entry, last.with_factors(layer), base.layers.get(layer), _after(ledgers, layer))
        for layer, entry in last.layers.items()
        if entry["weights"] or entry["bias_bytes"]
    ]
    small = [node.layer for node in last.graph.nodes if node.compression and node.compression.is_small]
    return Compressed(name, tuple(layers), _total(base, last, ledgers), tuple(dict.fromkeys(small)))


def _after(ledgers: dict[str, Ledger], layer: str) -> dict[str, Entry | None]:
    """A layer after each step."""
    return {key: one.with_factors(layer) if layer in one.layers else None for key, one in ledgers.items()}


def _total(base: Ledger, last: Ledger, ledgers: dict[str, Ledger]) -> Row:
    return _row(last.whole, last.whole, base.whole, {key: one.whole for key, one in ledgers.items()})


def _row(entry: Entry, together: Entry, dense: Entry | None, after: dict[str, Entry | None]) -> Row:
    """A row, of what an entry stores; its shares of the dense layer are those of its factors `together`."""
    whole = dense["dense_kernel_bytes"] if dense else 0
    rates = {
        key: Fraction(one["kernel_bytes"], whole) if one is not None and whole else None for key, one in after.items()
    }
    weights = dense["weights"] if dense else 0  # those of a factor are its layer's
    parts = {part: entry[part] for part in PARTS}
    bits = Fraction(together["kernel_bits"], weights) if weights else None  # of each weight before the first step
    return Row(entry.name, weights, whole, together["kept_weights"], bits, rates, parts)
