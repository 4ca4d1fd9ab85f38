"""The network of the catalogue, and its settings, that a network is; or the nearest ones.

Those with the same layers but for widths and sizes are found in the index; only they are built, at the resolution, the
classes and the width that fit, and compared layer by layer. If none fits, the most alike are built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc import network as networks
from costcalc.analysis.compare.matching import likeness as shared
from costcalc.analysis.compare.side_by_side import Aligned, align
from costcalc.analysis.identify.index import Known, known_of, likeness, read_index
from costcalc.analysis.identify.signature import Layer, signature, skeleton
from costcalc.counting import counting_of
from costcalc.errors import CostcalcError
from costcalc.ledger import ledger_of
from costcalc.network import Network
from costcalc.quantity import as_text
from costcalc.typed.columns import columns_named

MOST_BUILT = 12
"""So many networks of the same structure are built at most; those with the nearest weights first."""
NEAREST = 6
"""So many networks of other structure are built."""
SHOWN = 3
_ALPHAS = tuple(map(Fraction, "1 1/4 7/20 2/5 1/2 3/5 3/4 4/5 7/8 9/10 11/10 6/5 5/4 13/10 7/5 3/2 8/5 2".split()))


class Match(NamedTuple):
    """A network of the catalogue beside the one asked for; differences are this one's less the asked one's.

    `same_layers` of `layers` with Mult-Adds are in both; it `is` the network if all are. `also` are further names.
    """

    network: str
    settings: dict[str, str]
    same_layers: int
    layers: int
    mult_adds_difference: int
    params_difference: int
    also: tuple[str, ...]

    @property
    def called(self) -> str:
        """Its name with the settings, as it can be typed."""
        return "@".join([self.network, *(f"{key}={value}" for key, value in self.settings.items())])

    @property
    def is_it(self) -> bool:
        """Whether all layers are the same."""
        return self.same_layers == self.layers

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**self._asdict(), "also": list(self.also), "is": self.is_it}


@dataclass(frozen=True)
class Identified:
    """What a network is: `matches`, the best first; `aligned` are its layers beside the best one's, unless it is it."""

    name: str
    input: str
    mult_adds: int
    params: int
    layers: int
    matches: tuple[Match, ...]
    aligned: tuple[Aligned, ...] = field(default=(), repr=False)

    @property
    def network(self) -> str | None:
        """The name in the catalogue, None if no network of it is the same."""
        return self.matches[0].network if self.matches and self.matches[0].is_it else None

    @property
    def settings(self) -> dict[str, str]:
        """The settings at which it is that network; those that are not its defaults."""
        return self.matches[0].settings if self.network else {}

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        columns = columns_named(["mult_adds", "params"])
        return {
            "network": self.name,
            "input": self.input,
            "layers": self.layers,
            "mult_adds": self.mult_adds,
            "params": self.params,
            "is": self.network,
            "settings": self.settings,
            "matches": [match.as_dict() for match in self.matches],
            "differences": [pair.as_dict(columns) for pair in self.differences],
        }

    @property
    def differences(self) -> list[Aligned]:
        """The layers with Mult-Adds that differ from those of the nearest network."""
        found = []
        for pair in self.aligned:
            costs = [entry["mult_adds"] for entry in (pair.first, pair.second) if entry is not None]
            if any(costs) and not pair.is_equal(()) and not pair.is_alike:
                found.append(pair)
        return found


class _Built(NamedTuple):
    network: Network
    layers: tuple[Layer, ...]
    settings: dict[str, str]
    also: tuple[str, ...]


def identify_network(name: str, network: Network) -> Identified:
    """What a network (as it was called) is in the catalogue."""
    layers = signature(network.graph)
    own = known_of(name, layers)
    index = list(read_index())
    built = list(_same_structure(own, layers, network, index))
    if not any(Counter(one.layers) == Counter(layers) for one in built):
        built += _alike(own, layers, network, index)
    ledger = ledger_of(network.graph, counting_of())
    matches = sorted(
        ((_match(one, layers, ledger["params"]), place) for place, one in enumerate(built)),
        key=lambda pair: (
            not pair[0].is_it, -_share(pair[0]), abs(pair[0].params_difference), len(pair[0].settings), pair[1],
        ),
    )  # fmt: skip
    near = [pair for pair in matches if pair[0].same_layers or skeleton(built[pair[1]].layers) == own.skeleton]
    shown = [pair for pair in matches if pair[0].is_it] or near[:SHOWN]
    aligned: tuple[Aligned, ...] = ()
    if shown and not shown[0][0].is_it:
        best = ledger_of(built[shown[0][1]].network.graph, counting_of())
        aligned = tuple(align(tuple(ledger.layers.values()), tuple(best.layers.values()), "mult_adds"))
    found = tuple(match for match, _ in shown)
    return Identified(name, str(network.input), own.macs, ledger["params"], len(layers), found, aligned)


def _share(match: Match) -> float:
    return match.same_layers / max(1, match.layers)


def _match(one: _Built, layers: tuple[Layer, ...], params: int) -> Match:
    mine, theirs = Counter(layers), Counter(one.layers)
    same = (mine & theirs).total()
    macs = sum(layer.macs for layer in one.layers) - sum(layer.macs for layer in layers)
    other = ledger_of(one.network.graph, counting_of())["params"]
    whole = max(len(layers), len(one.layers))
    return Match(one.network.declaration.name, one.settings, same, whole, macs, other - params, one.also)


def _groups(rows: Sequence[Known]) -> list[list[Known]]:
    """Rows by their figures: names for one structure at one width."""
    groups: dict[Any, list[Known]] = {}
    for row in rows:
        groups.setdefault(row[1:], []).append(row)
    return list(groups.values())


def _same_structure(
    own: Known, layers: tuple[Layer, ...], network: Network, index: Sequence[Known]
) -> Iterator[_Built]:
    """Networks that are the same but for widths and sizes, at the settings that fit best."""
    rows = [row for row in index if row.skeleton == own.skeleton]
    groups = sorted(_groups(rows), key=lambda group: abs(group[0].weights - own.weights))[:MOST_BUILT]
    found = [built for group in groups for built in _fitting(group, layers, network, (Fraction(1),))]
    if not any(Counter(one.layers) == Counter(layers) for one in found):
        found += [built for group in groups[:SHOWN] for built in _fitting(group, layers, network, _ALPHAS[1:])]
    yield from found


def _alike(own: Known, layers: tuple[Layer, ...], network: Network, index: Sequence[Known]) -> Iterator[_Built]:
    """The networks that are most alike at first sight, in the order of how alike their layers are in turn."""
    rows = [row for row in index if row.skeleton != own.skeleton]
    groups = sorted(_groups(rows), key=lambda group: -likeness(own, group[0]))[:NEAREST]
    found = [built for group in groups for built in _fitting(group, layers, network, (Fraction(1),))]
    words = [layer.word for layer in layers]

    def in_turn(built: _Built) -> float:
        return shared(words, [layer.word for layer in built.layers])

    yield from sorted(found, key=in_turn, reverse=True)


def _fitting(
    group: Sequence[Known], layers: tuple[Layer, ...], asked: Network, alphas: Sequence[Fraction]
) -> Iterator[_Built]:
    """A network at the input and the classes of the one asked for: at the width that shares most layers with it."""
    network = networks.open(group[0].network)
    also = tuple(row.network for row in group[1:])
    best: _Built | None = None
    for alpha in alphas:
        built = _at(network, layers, asked, alpha, also)
        if built is not None and (best is None or _same(built, layers) > _same(best, layers)):
            best = built
    if best is not None and (alphas[0] == 1 or _same(best, layers) == len(layers)):
        yield best


def _same(built: _Built, layers: tuple[Layer, ...]) -> int:
    return (Counter(built.layers) & Counter(layers)).total()


def _at(
    network: Network, layers: tuple[Layer, ...], asked: Network, alpha: Fraction, also: tuple[str, ...]
) -> _Built | None:
    settings: dict[str, Any] = {}
    spatial = asked.input.spatial[-2:]
    if network.input.spatial != asked.input.spatial:
        settings["resolution"] = spatial[0] if len(set(spatial)) == 1 else "x".join(map(str, spatial))
    own = network.settings
    if layers and own.get("classes") not in (None, layers[-1].channels):
        settings["classes"] = layers[-1].channels
    if alpha != 1:
        settings["alpha"] = own["alpha"] * alpha
    for chosen in (settings, {key: value for key, value in settings.items() if key != "classes"}):
        try:
            there = network.with_settings(**chosen)
            texts = {key: as_text(value) for key, value in chosen.items()}
            return _Built(there, signature(there.graph), texts, also)
        except CostcalcError:
            continue
    return None
