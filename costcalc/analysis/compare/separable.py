"""Each convolution with a window in two forms: standard, and depthwise separable in either order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from costcalc.analysis.compare.side_by_side import ratio, written
from costcalc.analysis.records import plain
from costcalc.counting import Counting
from costcalc.errors import UsageError
from costcalc.graph import INPUT, Builder, Graph
from costcalc.ledger import Ledger, ledger_of
from costcalc.measures import Sum
from costcalc.network import Network
from costcalc.operators import Operator, Shape
from costcalc.operators.base import extent_word, spread
from costcalc.operators.conv import Conv
from costcalc.quantity import product
from costcalc.transform.base import dimensions, has_window, post_ops, users_of
from costcalc.transform.separable import Pair, as_depthwise, merged, pairs_of, split, swapped
from costcalc.typed.columns import Column, columns_named


class Form(StrEnum):
    """How a convolution can be made."""

    STANDARD = "standard"
    SEPARABLE = "separable"
    POINTWISE_FIRST = "pointwise_first"


FIGURES = ("weights", "params")
"""What is compared beside the convention's total, unless other columns are asked for."""

Cost: TypeAlias = dict[str, Any]
"""Figures by the name of their measure."""


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

    def as_dict(self, columns: Sequence[Column]) -> dict[str, Any]:
        """Column to value: each form's figures, and the ratios of separable to standard; `ratio` is the first's."""
        standard, separable, swapped_pair = (self.costs[form] for form in Form)
        first, *others = columns
        return {
            "name": self.layer,
            "form": str(self.form),
            "input": str(self.input),
            "output": str(self.output),
            "kernel": self.kernel,
            "stride": self.stride,
            **{f"{form}_{first.word}": plain(cost[first.name]) for form, cost in self.costs.items()},
            "ratio": ratio(separable[first.name], standard[first.name]),
            "theory": float(self.theory),
            "order_ratio": ratio(swapped_pair[first.name], separable[first.name]),
            **{f"{form}_{c.word}": plain(cost[c.name]) for c in others for form, cost in self.costs.items()},
            **{f"{c.word}_ratio": ratio(separable[c.name], standard[c.name]) for c in others},
        }


@dataclass(frozen=True)
class Separable:
    """The convolutions of a network in each form, and the network's totals with all of them in one form.

    `name` is the network as it was called, `settings` those that were asked for beside the name. `alone` counts
    depthwise convolutions that have no pointwise after them: they are no pair and stay as they are.
    """

    name: str
    network: Network
    settings: dict[str, str]
    counting: Counting
    columns: tuple[Column, ...]
    places: tuple[Place, ...] = field(repr=False)
    ledger: Ledger = field(repr=False)
    alone: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dictionary of plain values per convolution."""
        return [place.as_dict(self.columns) for place in self.places]

    @property
    def totals(self) -> dict[str, Cost]:
        """The network's cost as it is, and with every convolution of the table standard, separable, pointwise first.

        Of measures that add up: a peak or a ratio is not made of its layers' differences.
        """
        summed = [column.name for column in self.columns if isinstance(column.measure.how, Sum)]
        as_it_is = {name: self.ledger[name] for name in summed}
        found = {"as_it_is": as_it_is}
        for form in Form:
            found[str(form)] = {
                name: was + sum(place.costs[form][name] - place.costs[place.form][name] for place in self.places)
                for name, was in as_it_is.items()
            }
        return found


def separable_forms(
    name: str, network: Network, settings: Mapping[str, Any], counting: Counting, columns: Sequence[Column] = ()
) -> Separable:
    """The convolutions of a network (as called); see `costcalc.separable`. Raises UsageError as that does."""
    shown = tuple(columns) or columns_named([counting.convention.total, *FIGURES])
    for column in shown:
        if column.is_published:
            raise UsageError(f"{column.word} is a figure of whole networks", expected="a measure of layers")
    places, alone = forms_of(network.graph, counting, [column.name for column in shown])
    ledger = ledger_of(network.graph, counting)
    return Separable(name, network, written(settings), counting, shown, places, ledger, alone)


def forms_of(graph: Graph, counting: Counting, measures: Sequence[str]) -> tuple[tuple[Place, ...], int]:
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
            places.append(_place(graph, index, pairs[index].pointwise, Form.SEPARABLE, chains, counting, measures))
        elif as_depthwise(graph, index) is not None:
            alone += 1
        elif isinstance(operator, Conv) and has_window(operator, dimensions(graph, index)):
            between = [graph.nodes[i].operator for i in post_ops(graph, users, index)]
            chains = _of_standard(operator, between)
            places.append(_place(graph, index, index, Form.STANDARD, chains, counting, measures))
    if not places:
        raise UsageError(
            "the network has no convolution to compare",
            expected="a convolution with a window above 1x1, or a depthwise one with a pointwise after it",
        )
    return tuple(places), alone


_Chains = dict[Form, list[Operator]]


def _of_pair(pair: Pair, between: Sequence[Operator]) -> _Chains:
    first, last = swapped(pair.first, pair.second)
    return {
        Form.STANDARD: [merged(pair.first, pair.second)],
        Form.SEPARABLE: [pair.first, *between, pair.second],
        Form.POINTWISE_FIRST: [first, *between, last],
    }


def _of_standard(conv: Conv, between: Sequence[Operator]) -> _Chains:
    depthwise, pointwise = split(conv)
    first, last = swapped(depthwise, pointwise)
    return {
        Form.STANDARD: [conv],
        Form.SEPARABLE: [depthwise, *between, pointwise],
        Form.POINTWISE_FIRST: [first, *between, last],
    }


def _place(
    graph: Graph, start: int, end: int, form: Form, chains: _Chains, counting: Counting, measures: Sequence[str]
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
        costs={form: _cost(_chained(x, chain, graph, start), counting, measures) for form, chain in chains.items()},
        theory=Fraction(conv.groups, y.channels) + Fraction(1, product(spread(conv.k, count, "k"))),
    )


def _chained(x: Shape, chain: Sequence[Operator], graph: Graph, like: int) -> Graph:
    """A graph of its own for operators one after the other."""
    node = graph.nodes[like]
    builder = Builder(x, graph.batch)
    end = INPUT
    for operator in chain:
        end = builder.add(
            operator,
            (end,),
            node.layer,
            node.block,
            node.stage,
            node.row,
            node.place,
            formats=node.formats,
            declared=None,
        )
    return builder.finish()


def _cost(graph: Graph, counting: Counting, measures: Sequence[str]) -> Cost:
    ledger = Ledger(graph, counting)
    return {name: ledger[name] for name in measures}
