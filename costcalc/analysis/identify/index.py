"""The catalogue's networks in short, stored as `specs/index.csv`, so that few of them need to be built."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import NamedTuple

from costcalc import network as networks
from costcalc.analysis.identify.signature import Layer, counts_of, signature, skeleton
from costcalc.spec import catalogue

HEADER = ("network", "weights", "mult_adds", "skeleton")


class Known(NamedTuple):
    """A network of the catalogue at its own settings: kernels' weights, Mult-Adds, and how many layers of each kind."""

    network: str
    weights: int
    macs: int
    skeleton: str


def index_text() -> str:
    """The file `specs/index.csv`, made anew of the whole catalogue."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEADER)
    for network in networks.every():
        layers = signature(network.graph)
        writer.writerow(known_of(network.declaration.name, layers))
    return target.getvalue()


def known_of(name: str, layers: tuple[Layer, ...]) -> Known:
    """A network in short."""
    return Known(name, sum(one.weights for one in layers), sum(one.macs for one in layers), skeleton(layers))


def read_index() -> Iterator[Known]:
    """The stored rows."""
    for row in csv.DictReader(catalogue.index_lines()):
        yield Known(row["network"], int(row["weights"]), int(row["mult_adds"]), row["skeleton"])


def likeness(one: Known, other: Known) -> float:
    """How alike two networks are at first sight, from 0 to 1: layers of the same kinds, and weights."""
    mine, theirs = counts_of(one.skeleton), counts_of(other.skeleton)
    both, either = (mine & theirs).total(), (mine | theirs).total()
    apart = abs(math.log((one.weights + 1) / (other.weights + 1)))
    return both / max(1, either) - min(1.0, apart) / 8
