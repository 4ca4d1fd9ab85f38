"""The width multiplier on a network whose file fixes its widths: every free width times alpha, rounded once.

A width is free if neither the input nor an output has it. Widths that meet in a join, a depthwise layer or a part
stay equal, or a sum: a map's channels are pieces, each so many times one width. Which widths there are is found on
the file's own numbers; then the same layers are built anew with those that alpha gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from costcalc import expression
from costcalc.errors import CostcalcError, OperatorError, Problem, QuantityError, SpecError, UsageError
from costcalc.graph import INPUT, Builder, Graph, Node
from costcalc.importers.expansions import expansions
from costcalc.importers.pieces import Pieces, Width, cut, fix, resolved, taken, total, unify
from costcalc.quantity import Quantity, as_text, exact_div, floor_div, is_exact, named, whole

ROUND = "round8"
"""The rule that rounds a width unless another is asked for; where alpha is 1, none is used."""


def checked_rule(text: str) -> str:
    """A rule as in a spec's `widths`: a function's name, or an expression in w. Raises UsageError if it is none."""
    rule = f"{text}(w)" if text in expression.FUNCTIONS else text
    try:
        value = expression.parse(rule).evaluate({"w": Fraction(32), "alpha": Fraction(1, 2)})
        is_whole = is_exact(value) and whole(value) > 0
    except (CostcalcError, ArithmeticError):
        is_whole = False
    if not is_whole:
        raise UsageError(
            f"round: '{text[:40]}' is no rule for a width", expected="one as round8, floor, ceil(w / 4) * 4"
        )
    return text


def widened(graph: Graph, alpha: Quantity, rule: str) -> Graph:
    """The graph with its free widths times alpha, rounded by a rule (see `checked_rule`) except where alpha is 1.

    Raises SpecError at the layer whose widths cannot follow.
    """
    found = _widths(graph)
    text = f"{rule}(w)" if rule in expression.FUNCTIONS else f"({rule})"
    rounded = expression.parse(f"w if alpha == 1 else {text}")
    known: dict[int, Quantity] = {}

    def size(pieces: Pieces) -> Quantity:
        whole: Quantity = 0
        for width, times in resolved(pieces):
            if id(width) not in known:
                known[id(width)] = _size(width, alpha, rounded)
            whole = whole + known[id(width)] * times
        return whole

    builder = Builder(graph.input, graph.batch)
    for index, node in enumerate(graph.nodes):
        channels = size(found[index])
        try:
            _append(builder, node, channels, graph.nodes[index].output.channels)
        except (OperatorError, QuantityError) as error:
            message = getattr(error, "message", str(error))
            note = f"the widths are those of the file, times alpha {as_text(alpha)}, by the rule {rule}"
            wanted = getattr(error, "expected", "") or "another alpha, or another rule, as --set round=floor"
            raise SpecError([Problem(node.place, f"{node.layer}: {message}", wanted, note=note)]) from None
    return Graph(graph.input, tuple(builder.nodes), graph.outputs, graph.batch)


def _size(width: Width, alpha: Quantity, rounded: expression.Expression) -> Quantity:
    """A width at alpha; of equal parts that are always put together, the whole is rounded."""
    if not width.is_free:
        return width.own
    value = rounded.evaluate({"w": width.own * width.parts * alpha, "alpha": alpha})
    value = value if type(value) is int else named(value)
    return value if width.parts == 1 else floor_div(value, width.parts)


def _append(builder: Builder, node: Node, channels: Quantity, own: Quantity) -> None:
    """The node once more, with these channels where its operator says how many there are."""
    operator: Any = node.operator
    names = getattr(operator, "__dataclass_fields__", {})
    changed: dict[str, Any] = {}
    if "out" in names:
        changed["out"] = exact_div(channels * operator.out, own)
    elif operator.name in ("constant", "select", "stretch", "permute", "reduce"):
        changed["channels"] = channels
        if operator.name == "constant" and operator.learned:
            changed["learned"] = exact_div(operator.learned * channels, own)
    index = builder.add(
        replace(operator, **changed) if changed else operator,
        node.inputs, node.layer, node.block, node.stage, node.row, node.place, node.parts, node.formats,
    )  # fmt: skip
    arrived = builder.shape(index).channels
    if type(arrived) is int and type(channels) is int and arrived != channels:
        raise OperatorError(f"{arrived} channels, where the layers after it take {channels}")


def _widths(graph: Graph) -> list[Pieces]:
    """The channels of every node in pieces. Raises SpecError at a node whose widths alpha cannot follow."""
    own = Width(graph.input.channels, is_free=False)
    found: list[Pieces] = []
    for node in graph.nodes:
        inputs = [[(own, 1)] if source == INPUT else found[source] for source in node.inputs]
        try:
            found.append(_at_end(graph, len(found), inputs) or _of_node(graph, node, inputs))
            if total(found[-1]) != node.output.channels:
                raise OperatorError("alpha cannot follow its channels")
        except OperatorError as error:
            message = f"{node.layer}: {error.message}"
            raise SpecError([Problem(node.place, message, "alpha 1: this network's widths are its own")]) from None
    expansions(graph, found)
    for node, pieces in zip(graph.nodes, found, strict=True):
        if node.operator.name == "concat" and len({id(width) for width, _ in resolved(pieces)}) == 1:
            width = resolved(pieces)[0][0]
            width.parts = max(width.parts, sum(times for _, times in resolved(pieces)))
    for output in graph.outputs:
        fix(found[output])
    return found


def _of_node(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    rule = _RULES.get(node.operator.name)
    if rule is not None:
        return rule(graph, node, inputs)
    if hasattr(node.operator, "out"):
        return _made(graph, node, inputs)
    return _kept(graph, node, inputs)


def _at_end(graph: Graph, index: int, inputs: Sequence[Pieces]) -> Pieces:
    """The channels of a node that lays the result out anew, after the last layer with widths: they stay; else []."""
    node = graph.nodes[index]
    if len(inputs) != 1 or node.operator.name not in ("permute", "transpose", "reduce", "softmax"):
        return []
    if total(inputs[0]) == node.output.channels or any(hasattr(one.operator, "out") for one in graph.nodes[index:]):
        return []
    fix(inputs[0])
    return [(Width(node.output.channels, is_free=False), 1)]


def _kept(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    if total(inputs[0]) != node.output.channels:
        raise OperatorError(f"{node.operator.name} mixes channels and positions: alpha cannot follow")
    return inputs[0]


def _made(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    """Channels that the layer itself decides."""
    operator: Any = node.operator
    times, rest = divmod(node.output.channels, operator.out)
    if rest:
        raise OperatorError("alpha cannot follow its channels")
    return [(Width(operator.out), times)]


def _fresh(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    return [(Width(node.output.channels), 1)]


def _times(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    """Each channel so many times: a depthwise multiplier, a flattened map."""
    times = exact_div(node.output.channels, total(inputs[0]))
    if type(times) is not int:
        raise OperatorError("its positions are open: alpha cannot follow", expected="a resolution")
    return [(width, count * times) for width, count in inputs[0]]


def _joined(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    """Maps of equal channels, or of one channel that stretches."""
    wide = [pieces for pieces in inputs if total(pieces) != 1] or list(inputs)
    for pieces in wide[1:]:
        unify(wide[0], pieces)
    return wide[0]


def _concat(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    pieces = [piece for pieces in inputs for piece in pieces]
    return pieces if total(pieces) == node.output.channels else _joined(graph, node, inputs)


def _part(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    """Some of the channels: all, one of several equal parts, or those of the layers that were concatenated."""
    return taken(inputs[0], node.output.channels)


def _stretched(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    whole = total(inputs[0])
    return inputs[0] if whole == node.output.channels else _fresh(graph, node, inputs)


def _shuffled(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    groups: Any = getattr(node.operator, "groups", 1)
    try:
        part: Pieces = cut(inputs[0], groups)
        return part * int(groups)
    except OperatorError:
        return inputs[0]  # of other parts: their sum must then fit the groups


def _product(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    """Attention: scores have as many channels as there are positions; values keep theirs."""
    a, b = inputs
    if getattr(node.operator, "transpose", False):
        unify(a, b)
        return [(Width(node.output.channels, is_free=False), 1)]
    fix(a)
    return b


def _reduced(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    if node.output.channels == 1:
        return [(Width(1), 1)]
    return _kept(graph, node, inputs)


def _padded(graph: Graph, node: Node, inputs: Sequence[Pieces]) -> Pieces:
    if getattr(node.operator, "channels", 0):
        raise OperatorError("zero channels are appended: alpha cannot follow")
    return inputs[0]


_Rule = Callable[[Graph, Node, Sequence[Pieces]], Pieces]
_RULES: dict[str, _Rule] = {
    "dwconv": _times,
    "channel_conv": _times,
    "flatten": _times,
    "add": _joined,
    "mul": _joined,
    "maximum": _joined,
    "combine": _joined,
    "concat": _concat,
    "select": _part,
    "split": _part,
    "slice": _part,
    "stretch": _stretched,
    "constant": _fresh,
    "shuffle": _shuffled,
    "matmul": _product,
    "reduce": _reduced,
    "pad": _padded,
}
"""How channels go through an operator; through another one with `out` they are new, through the rest they stay."""
