"""The uniform density, bits or rank with which a network fits into a size: exact on its grid."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from costcalc.compression.rates import Compression
from costcalc.counting import Counting
from costcalc.errors import UsageError
from costcalc.ledger import Ledger, ledger_of
from costcalc.network import Network
from costcalc.stored import PARTS, STORAGE
from costcalc.transform.steps import read_steps, rewrite, transforms

MOST_BITS = 32


class Vary(StrEnum):
    """What is varied to reach a size."""

    DENSITY = "density"
    BITS = "bits"
    RANK = "rank"


class Point(NamedTuple):
    """One value of what is varied, the step that says it, and what is stored then."""

    value: str
    step: str
    stored_bytes: int
    largest: str
    """The layer and the part that take most."""


class Reached(NamedTuple):
    """The best point within a size, None if there is none; the first beyond it, None if all are within; where none is
    within, the smallest. `network` is what it was asked for as, with a recipe."""

    vary: Vary
    target: int
    best: Point | None
    beyond: Point | None
    grid: str
    network: str = ""


def reach(
    network: Network,
    target: int,
    vary: Vary,
    counting: Counting,
    advance: Callable[[int, int], object] = lambda done, of: None,
) -> Reached:
    """The largest density, number of bits or rank whose stored bytes are within `target`.

    Densities are tried in whole per cents and bits from 32 down, one after the other: where weights stand may take
    more than zeros save. Ranks are bisected: a layer that a rank would not make smaller stays as it is.
    `advance` hears how many values of at most how many are tried.
    Raises UsageError for bits of a layer that has codes.
    """
    base = network.graph
    if vary is Vary.RANK:
        return _rank(network, target, counting)
    is_density = vary is Vary.DENSITY
    coded = next((node.layer for node in base.nodes if node.compression and _has_codes(node.compression)), None)
    if coded is not None and not is_density:
        message = f"{coded} has codes of its own, which plain numbers of so many bits would replace"
        raise UsageError(message, expected="density or rank to vary, or a network without share and binarise")
    values = [f"{n / 100:g}" for n in range(100, 0, -1)] if is_density else [*map(str, range(MOST_BITS, 0, -1))]
    word = "prune" if is_density else "quantise"
    beyond: Point | None = None
    least: Point | None = None
    for done, value in enumerate(values):
        advance(done, len(values))
        point = _point(value, ledger_of(rewrite(base, read_steps(f"{word}={value}"))[0], counting), f"{word}={value}")
        if point.stored_bytes <= target:
            return Reached(vary, target, point, beyond, _GRIDS[vary])
        beyond = point
        least = point if least is None or point.stored_bytes < least.stored_bytes else least
    return Reached(vary, target, None, least, _GRIDS[vary])


def _has_codes(rates: Compression) -> bool:
    """Whether its values are codes of a codebook, or signs."""
    return rates.binary is not None or rates.entries != 0


_GRIDS = {
    Vary.DENSITY: "densities of 1 to 100 %",
    Vary.BITS: f"1 to {MOST_BITS} bits, a scale for each layer",
    Vary.RANK: "every rank that makes some layer smaller",
}


def _rank(network: Network, target: int, counting: Counting) -> Reached:
    base = network.graph
    whole = _point("full", ledger_of(base, counting), "")
    if whole.stored_bytes <= target:
        return Reached(Vary.RANK, target, whole, None, _GRIDS[Vary.RANK])

    def at(rank: int) -> Point:
        graph, _ = transforms()["rank"].function(base, rank)
        return _point(str(rank), ledger_of(graph, counting), f"rank={rank}")

    low, high = 0, max(node.output.channels for node in base.nodes) + 1
    best, beyond = None, whole
    while high - low > 1:
        middle = (low + high) // 2
        point = at(middle)
        if point.stored_bytes <= target:
            low, best = middle, point
        else:
            high, beyond = middle, point
    return Reached(Vary.RANK, target, best, beyond, _GRIDS[Vary.RANK])


def _point(value: str, ledger: Ledger, step: str) -> Point:
    parts = [
        (entry[part], f"{layer}, {STORAGE[part].title}") for layer, entry in ledger.layers.items() for part in PARTS
    ]
    return Point(value, step, ledger["stored_bytes"], max(parts, key=lambda part: part[0])[1])
