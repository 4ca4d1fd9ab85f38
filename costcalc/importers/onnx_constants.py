"""ONNX's constants, and what its files compute shapes with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc import quantity
from costcalc.errors import OperatorError
from costcalc.importers import folding
from costcalc.importers.folding import numbers
from costcalc.importers.onnx import DTYPES
from costcalc.importers.program import Operation, Stored
from costcalc.importers.sizes import Constant, Known, both, constant_of, fixed
from costcalc.importers.tensors import Tensor
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]
_LEARNED = ("float", "bfloat", "int8", "uint8", "int4", "uint4", "int32")
"""The formats of numbers that may be learned; those of integers are where they are a layer's weights."""


def constant_from(stored: Stored) -> Constant:
    """A stored tensor as a constant."""
    count = math.prod(stored.dims)
    learned = count if stored.learned and stored.dtype.startswith(_LEARNED) else 0
    values = None if stored.values is None else Known(stored.values)
    return Constant(tuple(map(fixed, stored.dims)), values, stored.name, stored.dtype, learned)


def _constant(w: Walker, op: Operation, x: Values) -> Constant:
    for key, value in op.attributes.items():
        if isinstance(value, Stored):
            return constant_from(value._replace(name=value.name or op.outputs[0]))
        if key in ("value_int", "value_float"):
            return constant_of([value], (), "int64" if key == "value_int" else "float32")
        if key in ("value_ints", "value_floats"):
            return constant_of(value, None, "int64" if key == "value_ints" else "float32")
    raise OperatorError("the constant has no numbers")


def _constant_of_shape(w: Walker, op: Operation, x: Values) -> Constant:
    value = op.attributes.get("value")
    dtype = value.dtype if isinstance(value, Stored) else "float32"
    number = value.values[0] if isinstance(value, Stored) and value.values else 0
    return folding.filled(numbers(x[0]), number, dtype, op.outputs[0])


def _shape(w: Walker, op: Operation, x: Values) -> Constant:
    sizes = x[0].sizes if isinstance(x[0], Tensor) else x[0].dims
    return constant_of(sizes[op.attributes.get("start", 0) : op.attributes.get("end")])


def _size(w: Walker, op: Operation, x: Values) -> Constant:
    sizes = x[0].sizes if isinstance(x[0], Tensor) else x[0].dims
    return constant_of([both(lambda *all_: quantity.product(all_), *sizes) if sizes else fixed(1)], ())


def _range(w: Walker, op: Operation, x: Values) -> Constant:
    start, stop, step = (numbers(value)[0] for value in x)
    if not step.own:
        raise OperatorError("a range needs a step")
    count = max(0, math.ceil((stop.own - start.own) / step.own))
    length = both(lambda a, b, c: quantity.ceil_div(b - a, c), start, stop, step)
    values = tuple(fixed(start.own + i * step.own) for i in range(count)) if count <= 4096 and length.is_fixed else None
    return Constant((length,), values, "", x[0].dtype)


def _cast(w: Walker, op: Operation, x: Values) -> Any:
    if isinstance(x[0], Constant):
        dtype = DTYPES.get(op.attributes.get("to", 1), "float32") if op.op == "Cast" else x[0].dtype
        values = x[0].values
        if values is not None and "int" in dtype:
            values = tuple(
                both(quantity.floor, size) if not isinstance(size.own, float) or math.isfinite(size.own) else size
                for size in values
            )
        return x[0]._replace(dtype=dtype, values=values)
    return x[0]


HANDLERS: dict[str, Handler] = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Shape": _shape,
    "Size": _size,
    "Range": _range,
    "Cast": _cast,
    "CastLike": _cast,
}
"""Each takes the walker, the operator and its inputs."""
