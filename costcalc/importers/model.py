"""A model file as a network: its settings, and its graph at given ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from costcalc import quantity
from costcalc.errors import UsageError, nearest, one_of
from costcalc.graph import Graph
from costcalc.importers import folding
from costcalc.importers.program import Declared, Program
from costcalc.importers.sizes import Size, fixed
from costcalc.importers.tensors import Tensor, fresh
from costcalc.importers.walker import Handler, Walker, input_layout, opened
from costcalc.importers.widths import ROUND, widened
from costcalc.operators import Shape
from costcalc.quantity import is_open

SIDE = 224
"""The side of an image that a file leaves open, until it is set."""
LENGTH = 128
"""Any other size that a file leaves open, until it is set."""
_OWN = ("batch", "resolution", "beta")


class Format(NamedTuple):
    """A format of model files: `read` makes the program of a file's bytes, `handlers` know its operators.

    `constant` makes a constant of what the file stores.
    """

    read: Callable[[str, Any], Program]
    handlers: Mapping[str, Handler]
    constant: Callable[[Any], Any]


class Model:
    """A program with its main input, the settings that it leaves open, and their values in the file."""

    def __init__(self, program: Program, format: Format, allow_unknown: bool = False) -> None:
        self.program, self.format, self.allow_unknown = program, format, allow_unknown
        if not program.inputs:
            raise program.wrong(None, "the model has no input", "a network with an input")
        floats = [one for one in program.inputs if "int" not in one.dtype and one.dtype != "bool" and len(one.dims) > 1]
        self.input = max(floats or program.inputs[:1], key=lambda one: len(one.dims))
        self.names = {dim: name for one in program.inputs for place, dim in enumerate(one.dims)
                      if isinstance(dim, str) and (name := self._name(one, place, dim))}  # fmt: skip
        first = self.input.dims[0] if self.input.dims else 1
        self.batch = first if isinstance(first, int) and len(self.input.dims) > 1 and first > 0 else 1

    def _name(self, one: Declared, place: int, dim: str) -> str:
        """The setting that an open size is; "" of the batch."""
        if (place == 0 and len(one.dims) > 1) or not self._positions(one, place):
            return ""
        return re.sub(r"\W+", "_", dim).strip("_").lower() or f"size{place}"

    def _positions(self, one: Declared, place: int) -> bool:
        return True

    @cached_property
    def open(self) -> dict[str, int]:
        """The sizes that the file leaves open, by setting, with their values until they are set."""
        found: dict[str, int] = {}
        for one in self.program.inputs:
            positions, channel = input_layout(one, [fixed(dim if isinstance(dim, int) else 0) for dim in one.dims])
            image = one is self.input and self.is_image
            for place, dim in enumerate(one.dims):
                if isinstance(dim, str) and (name := self._name(one, place, dim)):
                    own = 3 if place == channel else SIDE if place in positions[-2:] else LENGTH
                    found.setdefault(name, own if image else LENGTH)
        return found

    @property
    def is_image(self) -> bool:
        """Whether the input has a height and a width, which `resolution` and `beta` set."""
        return len(self.input.dims) >= 4

    def sizes(self, one: Declared, settings: Mapping[str, Any]) -> list[Size]:
        """The sizes of an input: in the file, and at the settings."""
        found: list[Size] = []
        opened_ = self.open
        for place, dim in enumerate(one.dims):
            if isinstance(dim, str):
                name = self._name(one, place, dim)
                value = settings.get(name, opened_.get(name)) if name else 1
                own = value if type(value) is int else opened_.get(name, 1)
                found.append(Size(own, value))
            else:
                found.append(fixed(dim))
        if one is self.input and self.is_image:
            self._resized(found, settings)
        return found

    def _resized(self, sizes: list[Size], settings: Mapping[str, Any]) -> None:
        positions, _ = input_layout(self.input, sizes)
        asked, beta = settings.get("resolution"), settings.get("beta", 1)
        plane = positions[-2:]
        if asked is not None:
            wanted = [int(side) for side in asked.split("x")] if isinstance(asked, str) else [asked]
            for place, side in zip(plane, wanted * 2 if len(wanted) == 1 else wanted, strict=True):
                sizes[place] = Size(self._own(place, side, sizes), side)
        if not (type(beta) is int and beta == 1):
            for place in plane:
                side = quantity.floor_div(2 * sizes[place].size * beta + 1, 2)
                sizes[place] = Size(self._own(place, side, sizes), side)

    def _own(self, place: int, side: Any, sizes: list[Size]) -> int:
        """The file's own side; of one that it leaves open, the one asked for."""
        dim = self.input.dims[place]
        return dim if isinstance(dim, int) else side if type(side) is int else sizes[place].own

    def shape(self, settings: Mapping[str, Any]) -> Shape:
        """The shape of one sample."""
        sizes = self.sizes(self.input, settings)
        return opened(sizes, input_layout(self.input, sizes))[1]

    def graph(self, settings: Mapping[str, Any]) -> Graph:
        """The graph at the settings. Raises SpecError at the operator that cannot be."""
        walker = Walker(self.program, self.format.handlers, settings["batch"], self.allow_unknown)
        sizes = self.sizes(self.input, settings)
        tensor, shape, own = opened(sizes, input_layout(self.input, sizes))
        every = [size for one in self.program.inputs for size in self.sizes(one, settings)]
        walker.begin(shape, own, all(size.is_fixed for size in every))
        if not shape_is_sane(shape):
            raise UsageError(f"{self.program.file}: the input would be {shape}", expected="sizes from 1 to 2^40")
        for name, stored in self.program.stored.items():
            walker.values[name] = self.format.constant(stored)
        walker.values[self.input.name] = tensor._replace(dtype=self.input.dtype)
        for other in self.program.inputs:
            if other is not self.input:
                walker.values[other.name] = self._other(walker, other, settings)
        walker.run()
        graph = walker.result()
        alpha = settings.get("alpha", 1)
        return graph if type(alpha) is int and alpha == 1 else widened(graph, alpha, settings.get("round", ROUND))

    def _other(self, w: Walker, other: Declared, settings: Mapping[str, Any]) -> Any:
        """A further input: a map that nothing of the network makes, and that learns nothing."""
        from costcalc.importers.program import Operation

        sizes = self.sizes(other, settings)
        positions, channel = input_layout(other, sizes)
        if not sizes:
            return folding.filled((), 0, other.dtype, "")._replace(values=None, stored=0)
        dims = tuple(map(fresh, sizes))
        spatial = tuple(dims[i] for i in positions) or ((),)
        channels = dims[channel] if channel is not None else dims[0] if len(sizes) == 1 else ()
        w.operation = Operation("input", other.name, (), (other.name,), {}, 0)
        from costcalc.importers.layers import operator
        from costcalc.importers.tensors import size_of

        now, own = (
            operator(
                "constant",
                size=tuple(size_of(group)[which] for group in spatial),
                channels=size_of(channels)[which],
                learned=0,
            )
            for which in (1, 0)
        )
        return Tensor(w.emit(now, (), own, name=other.name), dims, spatial, channels, dtype=other.dtype)


def shape_is_sane(shape: Shape) -> bool:
    """Whether every size of the input is within reason."""
    return all(is_open(size) or (type(size) is int and 0 < size < 2**40) for size in (*shape.spatial, shape.channels))


def unknown_setting(name: str, key: str, known: Mapping[str, Any]) -> UsageError:
    """The error for a setting that a model file does not leave open."""
    return UsageError(
        f"{name} has no setting '{key[:40]}'",
        expected=one_of(known),
        nearest=nearest(key, known),
    )
