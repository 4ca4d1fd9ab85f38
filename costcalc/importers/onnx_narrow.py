"""ONNX's recurrent layers and quantised operators: narrow numbers are a layer's format, not work of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.dtypes import Dtype, Formats
from costcalc.importers import layers, moves
from costcalc.importers.onnx_layers import conv, matmul
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Constant, fixed
from costcalc.importers.tensors import Tensor, fresh
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]


def _recurrent(w: Walker, op: Operation, x: Values) -> Any:
    value, weight, recurrence = x[0], x[1], x[2]
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op.op]
    directions, rows, inner = weight.own
    hidden = rows // gates
    axis = 1 if op.attributes.get("layout") else 0
    w.require(value.sizes[-1], inner, "the layer")
    value = w.as_rows(value)
    bias = len(x) > 3 and x[3] is not None
    made = layers.operator(op.op.lower(), out=hidden, directions=directions, bias=bias)
    node = w.emit(made, (value.node,), name=weight.name)
    for constant in (weight, recurrence, *([x[3]] if bias else [])):
        w.learns(constant)
    across, states = fresh(fixed(directions)), fresh(fixed(hidden))
    length, batch = value.dims[axis], value.dims[1 - axis]
    whole = Tensor(node, (length, across, batch, states), value.spatial, (*across, *states))
    if axis:
        whole = whole._replace(dims=(batch, length, across, states))
    last = moves.picked(w, whole, axis, fixed(1), drop=True)
    return [whole, last, last]


def _dtype_of(*values: Any) -> str:
    known = [value.dtype for value in values if isinstance(value, Constant)]
    return known[0] if known else "uint8"


def _quantize(w: Walker, op: Operation, x: Values) -> Any:
    """Values as narrow integers: no work of the network's, but the format of the map."""
    dtype = _dtype_of(*x[2:3])
    if isinstance(x[0], Constant):
        return x[0]._replace(dtype=dtype)
    _declare(w, x[0], dtype)
    y = x[0]._replace(dtype=dtype)
    return [y, Constant((), (fixed(1),)), Constant((), (fixed(0),), dtype=dtype)] if len(op.outputs) > 1 else y


def _declare(w: Walker, x: Tensor, dtype: str) -> None:
    """The format of the map that a node puts out."""
    narrow = {str(one): one for one in Dtype if "int" in str(one)}.get(dtype)
    if narrow is not None and x.node >= 0:
        node = w.builder.nodes[x.node]
        w.builder.nodes[x.node] = node._replace(formats=Formats(node.formats.weights, narrow))


def _dequantize(w: Walker, op: Operation, x: Values) -> Any:
    if isinstance(x[0], Constant):
        for constant in x[1:]:
            if isinstance(constant, Constant):
                w.counted.add(constant.name)
        dtype = x[0].dtype
        return x[0]._replace(values=None, dtype=f"float of {dtype}" if "int" in dtype else dtype)
    return x[0]._replace(dtype="float32")


def _qlinear_conv(w: Walker, op: Operation, x: Values) -> Any:
    bias = x[8] if len(x) > 8 else None
    y = conv(w, op, [x[0], _as_weight(x[3]), bias])
    _declare(w, y, _dtype_of(*x[7:8]))
    return y


def _as_weight(value: Any) -> Any:
    return value._replace(dtype=f"float of {value.dtype}") if isinstance(value, Constant) else value


def _conv_integer(w: Walker, op: Operation, x: Values) -> Any:
    return conv(w, op, [x[0], _as_weight(x[1])])


def _qlinear_matmul(w: Walker, op: Operation, x: Values) -> Any:
    y = matmul(w, op, [x[0], _as_weight(x[3])])
    _declare(w, y, _dtype_of(*x[7:8]))
    return y


def _matmul_integer(w: Walker, op: Operation, x: Values) -> Any:
    return matmul(w, op, [x[0], _as_weight(x[1])])


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    "QuantizeLinear": _quantize,
    "DynamicQuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    "QLinearConv": _qlinear_conv,
    "ConvInteger": _conv_integer,
    "QLinearMatMul": _qlinear_matmul,
    "MatMulInteger": _matmul_integer,
}
"""Each takes the walker, the operator and its inputs."""
