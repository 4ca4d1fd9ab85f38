"""Each convolution with a window in two forms: standard, and depthwise separable in either order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.compare import Load, ratio, written
from costcalc.conventions import Convention
from costcalc.engine import walk
from costcalc.errors import UsageError
from costcalc.graph import INPUT, Builder, Graph
from costcalc.operators import Operator, Shape
from costcalc.operators.base import extent_word, spread
from costcalc.operators.conv import Conv
from costcalc.quantity import product
from costcalc.transform.base import dimensions, followers, has_window, users_of
from costcalc.transform.name import Applied, called
from costcalc.transform.separable import Pair, as_depthwise, joined, pairs_of, parted, swapped


class Form(StrEnum):
    """How a convolution can be made."""

    STANDARD = "standard"
    SEPARABLE = "separable"
    POINTWISE_FIRST = "pointwise_first"


class Cost(NamedTuple):
    """What one form of a convolution costs: the convention's total, parameters, and weights of kernels alone."""

    total: int
    params: int
    weights: int


class Place(NamedTuple):
    """A convolution with a window, or a depthwise-separable pair, and what it costs in each form.

    `form` is the one that the network has. `theory` is the cost of the separable form in units of the standard one:
    g / N + 1 / k^2 with N output channels, g groups (of the pointwise) and a window of k^2 positions; it holds for
    multiply-adds and for weights.  Source: arXiv:1704.04861, section 3.1.
    """

    layer: str
    form: Form
    input: Shape
    output: Shape
    kernel: str
    stride: str
    costs: dict[Form, Cost]
    theory: Fraction

    def as_dict(self, total: str) -> dict[str, Any]:
        """Column to value."""
        standard, separable = self.costs[Form.STANDARD], self.costs[Form.SEPARABLE]
        return {
            "name": self.layer,
            "form": str(self.form),
            "input": str(self.input),
            "output": str(self.output),
            "kernel": self.kernel,
            "stride": self.stride,
            **{f"{form}_{total}": cost.total for form, cost in self.costs.items()},
            "ratio": ratio(separable.total, standard.total),
            "theory": float(self.theory),
            "order_ratio": ratio(self.costs[Form.POINTWISE_FIRST].total, separable.total),
            **{f"{form}_weights": cost.weights for form, cost in self.costs.items()},
            **{f"{form}_params": cost.params for form, cost in self.costs.items()},
        }


@dataclass(frozen=True)
class Separable:
    """The convolutions of a network in each form, and the network's totals with all of them in one form.

    `settings` are those that were asked for beside the name. `alone` counts depthwise convolutions that have no
    pointwise behind them: they are no pair and stay as they are. `transforms` have changed the network; `left_out` are
    the operators that the convention has no rule for.
    """

    network: str
    settings: dict[str, str]
    convention: Convention
    places: tuple[Place, ...] = field(repr=False)
    as_it_is: Cost
    alone: int
    transforms: tuple[Applied, ...]
    left_out: tuple[str, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dictionary of plain values per convolution."""
        return [place.as_dict(self.convention.total) for place in self.places]

    @property
    def totals(self) -> dict[str, Cost]:
        """The network's cost as it is, and with every convolution of the table standard, separable, pointwise first."""
        found = {"as_it_is": self.as_it_is}
        for form in Form:
            changes = [(place.costs[form], place.costs[place.form]) for place in self.places]
            found[str(form)] = Cost(
                *(was + sum(new[index] - old[index] for new, old in changes) for index, was in enumerate(self.as_it_is))
            )
        return found


def separable_forms(load: Load, network: str, settings: Mapping[str, Any], convention: str) -> Separable:
    """The convolutions of a network; see `costcalc.separable`. Raises UsageError as that does."""
    loaded = load(network, **settings)
    report = loaded.report(convention=convention)
    places, alone = forms_of(loaded.graph, report.convention, loaded.binding.batch)
    return Separable(
        called(network, loaded.binding.name),
        written(settings),
        report.convention,
        places,
        Cost(report.totals.total, report.totals.params, report.totals.weights),
        alone,
        report.transforms,
        report.left_out,
    )


def forms_of(graph: Graph, convention: Convention, batch: int) -> tuple[tuple[Place, ...], int]:
    """Every convolution with a window in each form, and how many depthwise ones stand alone.

    A form is built as the transforms build it, norms and activations included, and counted by the engine.
    Raises UsageError if the network has no such convolution.
    """
    users = users_of(graph)
    pairs = {pair.depthwise: pair for pair in pairs_of(graph)}
    places = []
    alone = 0
    for index, node in enumerate(graph.nodes):
        operator = node.operator
        if index in pairs:
            between = [graph.nodes[i].operator for i in pairs[index].between]
            chains = _of_pair(pairs[index], between)
            places.append(_place(graph, index, pairs[index].pointwise, Form.SEPARABLE, chains, convention, batch))
        elif as_depthwise(graph, index) is not None:
            alone += 1
        elif isinstance(operator, Conv) and has_window(operator, dimensions(graph, index)):
            between = [graph.nodes[i].operator for i in followers(graph, users, index)]
            chains = _of_standard(operator, between)
            places.append(_place(graph, index, index, Form.STANDARD, chains, convention, batch))
    if not places:
        raise UsageError(
            "the network has no convolution to compare",
            expected="a convolution with a window above 1x1, or a depthwise one with a pointwise behind it",
        )
    return tuple(places), alone


_Chains = dict[Form, list[Operator]]


def _of_pair(pair: Pair, between: Sequence[Operator]) -> _Chains:
    first, last = swapped(pair.first, pair.second)
    return {
        Form.STANDARD: [joined(pair.first, pair.second)],
        Form.SEPARABLE: [pair.first, *between, pair.second],
        Form.POINTWISE_FIRST: [first, *between, last],
    }


def _of_standard(conv: Conv, between: Sequence[Operator]) -> _Chains:
    depthwise, pointwise = parted(conv)
    first, last = swapped(depthwise, pointwise)
    return {
        Form.STANDARD: [conv],
        Form.SEPARABLE: [depthwise, *between, pointwise],
        Form.POINTWISE_FIRST: [first, *between, last],
    }


def _place(
    graph: Graph, start: int, end: int, form: Form, chains: _Chains, convention: Convention, batch: int
) -> Place:
    node = graph.nodes[start]
    x, y = graph.shape(node.inputs[0]), graph.nodes[end].output
    (conv,) = chains[Form.STANDARD]
    assert isinstance(conv, Conv)
    count = len(x.spatial)
    return Place(
        layer=node.layer,
        form=form,
        input=x,
        output=y,
        kernel=extent_word(conv.k, count),
        stride=extent_word(conv.stride, count),
        costs={form: _cost(_chained(x, chain, graph, start), convention, batch) for form, chain in chains.items()},
        theory=Fraction(conv.groups, y.channels) + Fraction(1, product(spread(conv.k, count, "k"))),
    )


def _chained(x: Shape, chain: Sequence[Operator], graph: Graph, like: int) -> Graph:
    """A graph of its own for operators one behind the other."""
    node = graph.nodes[like]
    builder = Builder(x)
    end = INPUT
    for operator in chain:
        end = builder.add(operator, (end,), node.layer, node.block, node.stage, node.row, node.place)
    return builder.finish()


def _cost(graph: Graph, convention: Convention, batch: int) -> Cost:
    costs = walk(graph)
    return Cost(
        total=sum(convention.count(cost) for cost in costs) * batch,
        params=sum(convention.count_params(cost) for cost in costs),
        weights=sum(cost.counters.weights for cost in costs),
    )
