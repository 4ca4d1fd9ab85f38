"""Walks a program: hands each operator to its format's table, and puts nodes of costcalc's graph in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from costcalc.dtypes import UNDECLARED, Dtype, Formats
from costcalc.errors import OperatorError, QuantityError, SpecError, nearest
from costcalc.graph import INPUT, Builder, Graph
from costcalc.importers.effort import Effort
from costcalc.importers.finish import Completed, Made, finished, hierarchy
from costcalc.importers.program import Declared, Operation, Program
from costcalc.importers.sizes import Constant, Size, fixed, times
from costcalc.importers.tensors import Atom, Atoms, Tensor, aligned, fresh, size_of
from costcalc.operators import REGISTRY, Operator, Shape
from costcalc.quantity import Quantity, holds, same

Value: TypeAlias = Tensor | Constant | None
Handler: TypeAlias = Callable[["Walker", Operation, Sequence[Any]], Any]
"""Takes the walker, an operator and its input values (None for one that is left out); gives its outputs."""

_MISFITS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError,
)  # fmt: skip
"""What a handler raises where an operator's inputs are not what it takes."""


class Walker:
    """The walk of a program at given sizes. Handlers call `emit`, and `feed` for an input of a graph's node."""

    def __init__(self, program: Program, handlers: Mapping[str, Handler], batch: Quantity, allow_unknown: bool) -> None:
        self.program, self.handlers, self.allow_unknown = program, handlers, allow_unknown
        self.batch = batch
        self.operation: Operation | None = None
        self.values: dict[str, Any] = {}
        self.counted: set[str] = set()
        self.parts: dict[str, int] = {}
        self.unknown: dict[str, int] = {}
        self.effort = Effort()

    def begin(self, shape: Shape, own: Shape, is_own: bool) -> None:
        """Start with the network's input: its shape as asked for, and in the file; `is_own` if nothing else differs."""
        self.builder = Builder(shape, self.batch)
        self.is_own = is_own
        self.own: dict[int, Shape] = {INPUT: own}
        self.made: list[Made] = []
        self.completed: dict[int, Completed] = {}

    def run(self) -> None:
        """Walk every operator. Raises SpecError at the operator that cannot be."""
        for operation in self.program.operations:
            self.step(operation)

    def step(self, operation: Operation) -> None:
        self.operation = operation
        inputs = [self.values.get(name) if name else None for name in operation.inputs]
        handler = self.handlers.get(operation.op)
        try:
            found = handler(self, operation, inputs) if handler else self._unknown(operation, inputs)
        except (OperatorError, QuantityError) as error:
            expected = getattr(error, "expected", "")
            raise self.program.wrong(operation, f"{error}{self._fixed(operation)}", expected) from None
        except _MISFITS:
            raise self.program.wrong(
                operation, f"{operation.op} cannot take what arrives", self._arriving(inputs)
            ) from None
        outputs = found if isinstance(found, list) else [found]
        self.effort.spend(self.program, operation, inputs, outputs)
        for name, value in zip(operation.outputs, outputs, strict=False):
            if name:
                self.values[name] = value

    def _fixed(self, operation: Operation) -> str:
        """The stored tensors of an operator, whose sizes the file fixes, if another size than its own is asked."""
        if self.is_own:
            return ""
        stored = [self.program.stored[name] for name in operation.inputs if name in self.program.stored]
        told = [f"'{one.name[:60]}' is {'x'.join(map(str, one.dims))}" for one in stored if one.dims]
        return f"; {' and '.join(told)} in the file" if told else ""

    def _arriving(self, inputs: Sequence[Any]) -> str:
        sizes = ["x".join(str(size) for size in value.own) or "1" if value else "nothing" for value in inputs]
        return f"its inputs to fit; {', '.join(sizes) or 'nothing'} arrives" if sizes else ""

    def _unknown(self, operation: Operation, inputs: Sequence[Any]) -> Any:
        if not self.allow_unknown:
            raise OperatorError(
                f"unknown operator '{operation.op[:60]}'",
                expected="one that docs/model-files.md lists, or --allow-unknown"
                + (f"; did you mean '{near}'?" if (near := nearest(operation.op, self.handlers)) else ""),
            )
        self.unknown[operation.op] = self.unknown.get(operation.op, 0) + 1
        x = next((value for value in inputs if isinstance(value, Tensor)), None)
        if x is None:
            return [Constant((), None)] * len(operation.outputs)
        y = x._replace(node=self.emit(REGISTRY["unknown"](), (x.node,)), made=())
        return [y] * len(operation.outputs)

    # -- nodes of the graph ------------------------------------------------------------------------------------------

    def emit(
        self,
        operator: Operator,
        inputs: Sequence[int],
        own: Operator | None = None,
        name: str = "",
        formats: Formats = UNDECLARED,
    ) -> int:
        """Append a node; `own` is the operator with the file's own sizes where they differ. Names come at the end."""
        assert self.operation is not None
        place = self.program.place(self.operation)
        index = self.builder.add(operator, tuple(inputs), "", "", "", operator.name, place, formats=formats)
        self.made.append(Made(name, self.operation))
        if not self.is_own:
            self.own[index] = (own or operator).shape(*(self.own[i] for i in inputs))
        return index

    def complete(self, index: int, whole: Operator, rest: Operator, name: str, formats: Formats = UNDECLARED) -> int:
        """Emit `whole` for a node and what follows it, the operator `rest`; the node goes unless others take it too."""
        node = self.emit(whole, self.inputs(index), name=name, formats=formats)
        self.completed[node] = Completed(index, rest)
        return node

    def own_shape(self, index: int) -> Shape:
        """The shape that a node puts out in the file's own sizes."""
        return self.builder.shape(index) if self.is_own else self.own[index]

    def sides(self, index: int) -> tuple[Size, ...]:
        """The positions of a node, per dimension."""
        own, now = self.own_shape(index), self.builder.shape(index)
        return tuple(Size(a, b) for a, b in zip(own.spatial, now.spatial, strict=True))

    def width(self, index: int) -> Size:
        """The channels of a node."""
        return Size(self.own_shape(index).channels, self.builder.shape(index).channels)

    def operator(self, index: int) -> Operator | None:
        """The operator of a node; None for the network's input."""
        return None if index == INPUT else self.builder.nodes[index].operator

    def inputs(self, index: int) -> tuple[int, ...]:
        """What a node takes."""
        return self.builder.nodes[index].inputs

    def name_of(self, index: int) -> str:
        """The name that a node was emitted with."""
        return "" if index == INPUT else self.made[index].name

    # -- layouts -----------------------------------------------------------------------------------------------------

    def feed(self, x: Tensor, spatial: Sequence[Atoms], channels: Atoms) -> Tensor:
        """The tensor in a feature map with just these positions and channels; a node is put in where it is not so."""
        spatial = tuple(map(tuple, spatial))
        if x.spatial == spatial and x.channels == channels:
            return x
        positions = tuple(atom for group in spatial for atom in group)
        sizes = [size_of(group) for group in spatial]
        width = size_of(channels)

        def laid(operator: type[Operator], **fields: Any) -> Tensor:
            now = {key: _picked(value, 1) for key, value in fields.items()}
            own = {key: _picked(value, 0) for key, value in fields.items()}
            node = self.emit(operator(**now), (x.node,), operator(**own))
            return x._replace(node=node, spatial=spatial, channels=channels, made=())

        if x.channels == channels and x.positions == positions:
            return laid(REGISTRY["reshape"], size=tuple(sizes))
        if x.channels == channels and spatial and set(x.positions) == set(positions):
            return laid(REGISTRY["permute"], size=tuple(sizes), channels=width)
        if x.positions == positions and len(channels) == 2 and x.channels == channels[::-1] and x.spatial == spatial:
            return laid(REGISTRY["shuffle"], groups=size_of(x.channels[:1]))
        if not positions and len(spatial) == len(x.spatial):
            return laid(REGISTRY["flatten"])
        return laid(REGISTRY["permute"], size=tuple(sizes) or (fixed(1),), channels=width)

    def as_map(self, x: Tensor, channel: int = 1, batch: int = 0) -> Tensor:
        """As convolutions take it: channels in one dimension, positions in each of the others.

        What lies in the batch's dimension but the batch itself comes first among the positions.
        """
        extra = x.without_batch(x.dims[batch])
        groups = [dim for i, dim in enumerate(x.dims) if i not in (channel % len(x.dims), batch)]
        return self.feed(x, [*([extra] if extra else []), *groups], x.dims[channel])

    def as_rows(self, x: Tensor, axes: Sequence[int] = (-1,)) -> Tensor:
        """The dimensions `axes` as channels, all others as positions, grouped as they are where that is possible."""
        chosen = {axis % len(x.dims) for axis in axes} if x.dims else set()
        channels = tuple(atom for i in sorted(chosen) for atom in x.dims[i])
        channels = x.without_batch(channels)
        rest = [x.without_batch(dim) for i, dim in enumerate(x.dims) if i not in chosen]
        positions = tuple(atom for group in rest for atom in group)
        if x.channels == channels and set(positions) == set(x.positions):
            return x
        if not positions:
            return self.feed(x, ((),) * max(1, len(x.spatial)), channels)
        return self.feed(x, [group for group in rest if group], channels)

    def like(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Two tensors of one rank, the second laid out as the first; where it has size 1 it may stretch."""
        if (x.dims, x.spatial, x.channels) == (y.dims, y.spatial, y.channels):
            return x, y
        x, y = aligned(x, y, [(i, i) for i in range(len(x.dims))])
        have = {atom for dim in y.dims for atom in dim}
        spatial = tuple(tuple(atom for atom in group if atom in have) for group in x.spatial)
        channels = tuple(atom for atom in x.channels if atom in have)
        return x, self.feed(y, spatial, channels)

    def constant(self, constant: Constant, rank: int, like: Tensor | None = None, learned: bool = True) -> Tensor:
        """A constant as a tensor of the graph: a learned one is counted once.

        With `like`, its dimensions are channels where they are in that tensor; else the last one is.
        """
        dims = (fixed(1),) * (rank - len(constant.dims)) + constant.dims
        atoms = tuple(map(fresh, dims))
        if like is not None:
            is_channel = [bool(set(dim) & set(like.channels)) for dim in like.dims]
            groups = [
                i for group in like.spatial for i, dim in enumerate(like.dims) if group and set(group) <= set(dim)
            ]
        else:
            is_channel = [i == rank - 1 for i in range(rank)]
            groups = []
        channels = tuple(atom for dim, yes in zip(atoms, is_channel, strict=True) if yes for atom in dim)
        rest = [dim for dim, yes in zip(atoms, is_channel, strict=True) if not yes and dim]
        del groups
        spatial = tuple(rest) or ((),)
        count = self._rest(constant) if learned else 0
        now = {"size": tuple(size_of(one).size for one in spatial), "channels": size_of(channels).size}
        own = {"size": tuple(size_of(one).own for one in spatial), "channels": size_of(channels).own}
        operator: Any = REGISTRY["constant"]
        node = self.emit(operator(**now, learned=count), (), operator(**own, learned=count), constant.name)
        return Tensor(node, atoms, spatial, channels, dtype=constant.dtype)

    def learns(self, constant: Constant) -> bool:
        """Whether a constant holds values that were learned and are not counted yet; then they are.

        Parts of one stored tensor are counted each by itself, together never more than the whole.
        """
        name, key = constant.name, f"{constant.name}{constant.part}"
        if not constant.stored or constant.is_whole or (name and not self.counted.isdisjoint((name, key))):
            return False
        so_far = self.parts.get(name, 0)
        self.counted.add(key)
        if not name or not constant.part:
            return not (name and so_far)
        count = math.prod(constant.own)
        if so_far + count > constant.stored:
            return False
        self.parts[name] = so_far + count
        return True

    def _rest(self, constant: Constant) -> int:
        """How many learned values of the stored tensor are not counted yet; then they are."""
        if not constant.stored or constant.is_whole or (constant.name and constant.name in self.counted):
            return 0
        self.counted.add(constant.name)
        return constant.stored - self.parts.get(constant.name, 0)

    def tensor(self, value: Any, rank: int = 0) -> Tensor:
        """A value as a tensor of the graph."""
        if isinstance(value, Tensor):
            return value
        if isinstance(value, Constant):
            return self.constant(value, max(rank, len(value.dims)))
        raise OperatorError("an input is missing")

    def require(self, x: Size, wanted: int, what: str) -> None:
        """Raise OperatorError unless a size that arrives is the one that the file fixes."""
        if x.own != wanted or not holds(same(x.size, wanted)):
            raise OperatorError(f"{what} takes {wanted}, {x.size} arrive")

    def result(self) -> Graph:
        """The graph, named by the file, without what no output needs."""
        outputs = []
        for name in self.program.outputs:
            value = self.values.get(name)
            if isinstance(value, Tensor) and value.node != INPUT:
                outputs.append(value.node)
        if not outputs:
            raise self.program.wrong(None, "no output depends on the input by an operator", "a network")
        return finished(self.builder, self.made, outputs, self.program.hierarchy or hierarchy, self.completed)


def _picked(value: Any, which: int) -> Any:
    if isinstance(value, Size):
        return value[which]
    return tuple(_picked(one, which) for one in value) if isinstance(value, tuple) else value


def formats_of(dtype: str) -> Formats:
    """The formats of a layer whose weights are in one of the file's formats; floats leave it to the person."""
    narrow = {str(one): one for one in Dtype if "int" in str(one)}
    return Formats(weights=narrow.get(dtype.rpartition(" ")[2]))


def input_layout(declared: Declared, sizes: Sequence[Size]) -> tuple[tuple[int, ...], int | None]:
    """Which dimensions of an input are positions, and which is the channels; None if there are none."""
    rank = len(sizes)
    if declared.layout is not None:
        return declared.layout
    if rank < 2:
        return (), None
    if "int" in declared.dtype and rank == 2:
        return (1,), None
    if rank == 4 and sizes[1].own not in (1, 3, 4) and sizes[3].own in (1, 3, 4):
        return (1, 2), 3
    if rank >= 4:
        return tuple(range(2, rank)), 1
    return ((1,), 2) if rank == 3 else ((), 1)


def opened(sizes: Sequence[Size], layout: tuple[tuple[int, ...], int | None]) -> tuple[Tensor, Shape, Shape]:
    """The network's input as a tensor, and its shapes as asked for and in the file."""
    positions, channel = layout
    dims = [fresh(size) for size in sizes]
    spatial = tuple(dims[i] for i in positions) or ((), ())
    channels = dims[channel] if channel is not None else ()
    if len(sizes) == 1:
        channels = dims[0]
    tensor = Tensor(INPUT, tuple(dims), spatial, channels)
    shapes = [
        Shape(tuple(getattr(size_of(group), which) for group in spatial), getattr(size_of(channels), which))
        for which in ("size", "own")
    ]
    return tensor, shapes[0], shapes[1]


__all__ = ["Atom", "Handler", "SpecError", "Value", "Walker", "formats_of", "input_layout", "opened", "times"]
