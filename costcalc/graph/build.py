"""The graph: nodes in the order in which they run, each with its operator, its inputs and its output shape."""

from __future__ import annotations

from typing import NamedTuple

from costcalc.compression.rates import Compression
from costcalc.dtypes import UNDECLARED, Formats
from costcalc.errors import OperatorError, Place, QuantityError
from costcalc.operators import REGISTRY, SCHEMAS, Operator, Shape, Written, usually
from costcalc.quantity import Quantity, at_least, holds, within

INPUT = -1
"""The index that stands for the network's input."""
MAX_NODES = 10_000
_LARGEST = 2**40


class Node(NamedTuple):
    """One operator of the network, and where it comes from.

    Nodes that share a `layer` came from one row or entry of the spec: an operator and the norm and activation
    after it. `block` names the copy of the table's row, `stage` the row. `parts` are the nodes that a transform has
    merged into this one. `formats` are the number formats that the row declares, `declared` how it is written there.
    `compression` is how a recipe stores its weights, None if none does.
    """

    operator: Operator
    inputs: tuple[int, ...]
    output: Shape
    layer: str
    block: str
    stage: str
    row: str  # the word under `op` in the table's row
    place: Place
    parts: tuple[Node, ...] = ()
    formats: Formats = UNDECLARED
    declared: Written | None = None
    compression: Compression | None = None

    @property
    def written(self) -> Written:
        """How the library writes it."""
        return self.declared or usually(self.operator.name)


class Graph(NamedTuple):
    """Nodes in running order; inputs point backwards only. Shapes are of one sample, `batch` of which run at a time."""

    input: Shape
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    batch: Quantity = 1

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes, input {self.input}>"

    def shape(self, index: int) -> Shape:
        """The shape that a node, or the input, puts out."""
        return self.input if index == INPUT else self.nodes[index].output

    @property
    def layers(self) -> set[str]:
        """The names of its layers."""
        return {node.layer for node in self.nodes}

    @property
    def is_compressed(self) -> bool:
        """Whether a recipe says how weights are stored."""
        return any(node.compression and not node.compression.is_as_built for node in self.nodes)

    @property
    def declares_formats(self) -> str:
        """Who says that some tensors have number formats of their own: a recipe, a row, "" if nobody does."""
        if self.is_compressed:
            return "recipe"
        return "row" if any(node.formats != UNDECLARED for node in self.nodes) else ""


class Builder:
    """Appends nodes, running each operator's shape rule once."""

    def __init__(self, input_shape: Shape, batch: Quantity = 1) -> None:
        self.input = input_shape
        self.batch = batch
        self.nodes: list[Node] = []

    def shape(self, index: int) -> Shape:
        """The shape that a node, or the input, puts out."""
        return self.input if index == INPUT else self.nodes[index].output

    def add(
        self,
        operator: Operator,
        inputs: tuple[int, ...],
        layer: str,
        block: str,
        stage: str,
        row: str,
        place: Place,
        parts: tuple[Node, ...] = (),
        formats: Formats = UNDECLARED,
        declared: Written | None = None,
        compression: Compression | None = None,
    ) -> int:
        """Append a node and return its index. Raises OperatorError if the operator cannot take its inputs."""
        if len(self.nodes) >= MAX_NODES:
            raise OperatorError(f"the network has more than {MAX_NODES} nodes")
        wanted = operator.inputs
        if len(inputs) != wanted if wanted is not None else len(inputs) < 2:
            count = "1 input" if wanted == 1 else "two or more inputs"
            raise OperatorError(f"{operator.name} takes {count}, {len(inputs)} arrive", expected="names after `from`")
        try:
            output = operator.shape(*map(self.shape, inputs))
        except QuantityError as error:
            field = next((name for name, rule in SCHEMAS[operator.name].items() if rule.divides), "")
            raise OperatorError(f"{operator.name}: {error}", field=field) from None
        if not inputs or output is not self.shape(inputs[0]):  # a shape that has come in has been looked at
            self._check_size(output, inputs)
        node = Node(operator, inputs, output, layer, block, stage, row, place, parts, formats, declared, compression)
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _check_size(self, output: Shape, inputs: tuple[int, ...]) -> None:
        unsure = [size for size in (*output.spatial, output.channels) if type(size) is not int or not 0 < size < 2**20]
        if not unsure:
            return
        arriving = map(self.shape, inputs)
        known = {id(size) for shape in arriving for size in (*shape.spatial, shape.channels)}
        for size in unsure:
            if id(size) not in known and not within(size, 1, _LARGEST):
                small = not holds(at_least(size, 1))
                message = "nothing is left: the output" if small else "the output"
                raise OperatorError(f"{message} would be {output}", expected="" if small else "sizes below 2^40")

    def resume(self, shape: Shape, place: Place) -> int:
        """A stand-in that puts out `shape`, to go on after a problem; the graph is not used then."""
        self.nodes.append(Node(REGISTRY["identity"](), (INPUT,), shape, "", "", "", "", place))
        return len(self.nodes) - 1

    def finish(self) -> Graph:
        """The graph; its outputs are the nodes that nothing takes."""
        taken = {index for node in self.nodes for index in node.inputs}
        outputs = tuple(index for index in range(len(self.nodes)) if index not in taken)
        return Graph(self.input, tuple(self.nodes), outputs, self.batch)
