"""What torch's operators take: their arguments by name, and ONNX's rules for what both have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from costcalc.errors import OperatorError
from costcalc.importers import onnx_constants, onnx_layers, onnx_layout, onnx_math, onnx_resize
from costcalc.importers.program import Operation, Ref
from costcalc.importers.sizes import Constant, Size, constant_of, exact_number, fixed
from costcalc.importers.tensors import Tensor
from costcalc.importers.walker import Handler, Walker

_ONNX: dict[str, Handler] = {
    **onnx_math.HANDLERS,
    **onnx_constants.HANDLERS,
    **onnx_layout.HANDLERS,
    **onnx_resize.HANDLERS,
    **onnx_layers.HANDLERS,
}


class Args:
    """The arguments of an operator by name; one that is left out has its default."""

    def __init__(self, w: Walker, operation: Operation) -> None:
        self.values = w.values
        self.operation = operation
        self.given: Mapping[str, Any] = operation.attributes

    def __call__(self, name: str, default: Any = None) -> Any:
        """A tensor, a number, a text, or a tuple of them."""
        found = self.given.get(name)
        return default if found is None else self._resolved(found)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return self.values.get(value.name)
        return tuple(map(self._resolved, value)) if isinstance(value, tuple) else value

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None

    @property
    def x(self) -> Any:
        """The tensor that the operator works on."""
        for name in ("self", "input", "x", "tensor", "0"):
            if name in self:
                return self(name)
        return None

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number, as the file has it."""
        return _own(size_from(self(name, default)))

    def wholes(self, name: str, default: Sequence[int] | int = ()) -> tuple[int, ...]:
        """Whole numbers, as the file has them."""
        return tuple(map(_own, self.sizes(name, default)))

    def sizes(self, name: str, default: Sequence[int] | int = ()) -> tuple[Size, ...]:
        """Sizes: numbers, or what the file computes."""
        found = self(name, default)
        return tuple(map(size_from, found if isinstance(found, tuple | list) else (found,)))

    def all(self) -> list[Any]:
        """Every argument, in order."""
        return [self._resolved(value) for value in self.given.values()]


Rule: TypeAlias = Callable[[Walker, Args], Any]
"""Takes the walker and an operator's arguments; gives its output, or a list of them."""


def handlers(rules: Mapping[str, Rule]) -> dict[str, Handler]:
    """The rules as handlers of a walk."""
    return {name: _handler(rule) for name, rule in rules.items()}


def _handler(rule: Rule) -> Handler:
    def handle(w: Walker, operation: Operation, inputs: Sequence[Any]) -> Any:
        return rule(w, Args(w, operation))

    return handle


def named(table: Mapping[str, Rule]) -> dict[str, Rule]:
    """Rules under `aten.NAME`, for each of several names parted by spaces, and for the form that works in place."""
    found: dict[str, Rule] = {}
    for names, rule in table.items():
        for name in names.split():
            found[f"aten.{name}"] = rule
            found[f"aten.{name}_"] = _in_place(rule)
    return found


def _in_place(rule: Rule) -> Rule:
    """The tensor that is overwritten is the new one for all that read it later."""

    def run(w: Walker, a: Args) -> Any:
        y = rule(w, a)
        ref = a.given.get("self", a.given.get("input"))
        if isinstance(ref, Ref) and isinstance(y, Tensor | Constant):
            w.values[ref.name] = y
        return y

    return run


def by_onnx(w: Walker, word: str, inputs: Sequence[Any], **attributes: Any) -> Any:
    """What ONNX's operator of this name does with some inputs."""
    assert w.operation is not None
    operation = w.operation._replace(op=word, attributes=attributes)
    return _ONNX[word](w, operation, [value_of(one) if one is not None else None for one in inputs])


def value_of(value: Any) -> Any:
    """A tensor or a constant as it is; a number or several as a constant."""
    if isinstance(value, bool):
        return constant_of([int(value)], (), "bool")
    if isinstance(value, Size):
        return constant_of([value], ())
    if isinstance(value, int):
        return constant_of([value], ())
    if isinstance(value, float):
        return constant_of([exact_number(value)], (), "float32")
    if isinstance(value, list | tuple) and not isinstance(value, Tensor | Constant):
        return constant_of([size_from(one) for one in value])
    return value


def size_from(value: Any) -> Size:
    """A size from a number, or from what the file computes. Raises OperatorError for what is none."""
    if isinstance(value, Size):
        return value
    if isinstance(value, Constant):
        if value.values is None or len(value.values) != 1:
            raise OperatorError("a size depends on what the network computes", expected="sizes that the file knows")
        return value.values[0]
    if isinstance(value, bool | int):
        return fixed(int(value))
    if isinstance(value, float) and math.isfinite(value):
        return fixed(int(value)) if value.is_integer() else fixed(exact_number(value))
    raise OperatorError("a whole number is missing", expected="sizes that the file knows")


def _own(size: Size) -> int:
    if type(size.own) is not int:
        raise OperatorError(f"{size.own} is no whole number")
    return size.own


def sizes_of(x: Any) -> tuple[Size, ...]:
    """The sizes of a tensor or a constant."""
    found: tuple[Size, ...] = x.sizes if isinstance(x, Tensor) else x.dims
    return found


def axis_of(x: Any, axis: int) -> int:
    """A dimension counted from the first. Raises OperatorError if there is none."""
    rank = max(1, len(x.dims))
    if not -rank <= axis < rank:
        raise OperatorError(f"dimension {axis} of {rank}")
    return axis % rank


def repeated(values: Sequence[int], count: int) -> tuple[int, ...]:
    """A number for each dimension; one stands for all."""
    found = tuple(values) * count if len(values) == 1 else tuple(values)
    if len(found) != count:
        raise OperatorError(f"{len(values)} numbers for {count} dimensions")
    return found
