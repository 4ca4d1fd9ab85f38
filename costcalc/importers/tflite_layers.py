"""TensorFlow Lite's operators with weights, and windows: convolutions, linear layers, pooling, quantisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.dtypes import Dtype, Formats
from costcalc.errors import OperatorError
from costcalc.importers import channels, layers
from costcalc.importers.folding import ints
from costcalc.importers.onnx_layers import matmul
from costcalc.importers.onnx_layout import HANDLERS as ONNX_LAYOUT
from costcalc.importers.onnx_layout import reshape
from costcalc.importers.onnx_math import HANDLERS as ONNX_MATH
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Constant, fixed
from costcalc.importers.tensors import Tensor, fresh, size_of
from costcalc.importers.tflite_schema import FUSED
from costcalc.importers.walker import Handler, Walker, formats_of

Values = Sequence[Any]
ONNX = {**ONNX_LAYOUT, **ONNX_MATH}
_NARROW = {str(one): one for one in Dtype if "int" in str(one)}


def as_onnx(w: Walker, op: Operation, word: str, x: Values, **attributes: Any) -> Any:
    """What an operator of ONNX makes of the same inputs."""
    return ONNX[word](w, op._replace(op=word, attributes=attributes), x)


def activated(w: Walker, op: Operation, y: Any) -> Any:
    """What an operator with a fused activation puts out."""
    number = op.attributes.get("fused", 0)
    word = FUSED[number] if 0 <= number < len(FUSED) else "?"
    if word == "?":
        raise OperatorError(f"fused activation {number}", expected=f"0 to {len(FUSED) - 1}")
    if not word or isinstance(y, Constant):
        return y
    return layers.elementwise(w, y, "elementwise", comparisons=2) if word == "clip" else layers.elementwise(w, y, word)


def typed(handler: Handler) -> Handler:
    """A handler whose nodes put out maps in the narrow format that the file gives them, and have the layer's name."""

    def work(w: Walker, op: Operation, x: Values) -> Any:
        before = len(w.builder.nodes)
        found = handler(w, op, x)
        for index in range(before, len(w.builder.nodes)):
            if op.name and w.builder.nodes[index].operator.family in ("conv", "linear"):
                w.made[index] = w.made[index]._replace(name=f"{op.name}/kernel")
        for dtype in op.attributes.get("types", ()):
            if dtype in _NARROW:
                for index in range(before, len(w.builder.nodes)):
                    declare(w, index, _NARROW[dtype])
        return found

    return work


def declare(w: Walker, index: int, dtype: Dtype) -> None:
    """The format of the map that a node puts out."""
    node = w.builder.nodes[index]
    w.builder.nodes[index] = node._replace(formats=Formats(node.formats.weights, dtype))


def _strides(op: Operation, *keys: str) -> tuple[int, ...]:
    found = tuple(op.attributes[key] for key in keys)
    if min(found) < 1:
        raise OperatorError(f"{keys[0]} and others are {found}", expected="1 or more")
    return found


def _padding(op: Operation) -> str:
    return "valid" if op.attributes["padding"] else "same"


def _tensor(w: Walker, value: Any) -> Tensor:
    return w.constant(value, len(value.dims), learned=False) if isinstance(value, Constant) else value


def _conv(w: Walker, op: Operation, x: Values) -> Any:
    """Weights lie as output channels, window, input channels of a group."""
    weight = _weight(x[1])
    out, *window, inner = weight.own
    count = len(window)
    stride = _strides(op, "stride_h", "stride_w")[-count:]
    dilation = _strides(op, "dilation_h", "dilation_w")[-count:]
    value = _tensor(w, x[0])
    if inner < 1 or value.own[-1] % inner:
        raise OperatorError(f"the weight takes {inner} channels, {value.own[-1]} arrive")
    return activated(
        w, op, _convolved(w, op, value, weight, x[2:], window, stride, dilation, value.own[-1] // inner, out)
    )


def _depthwise(w: Walker, op: Operation, x: Values) -> Any:
    """Weights lie as 1, window, output channels."""
    weight = _weight(x[1])
    _, *window, out = weight.own
    stride = _strides(op, "stride_h", "stride_w")
    dilation = _strides(op, "dilation_h", "dilation_w")
    value = _tensor(w, x[0])
    return activated(w, op, _convolved(w, op, value, weight, x[2:], window, stride, dilation, value.own[-1], out))


def _weight(value: Any) -> Constant:
    if not isinstance(value, Constant):
        raise OperatorError("the weights are computed by the network", expected="weights that the file stores")
    return value


def _convolved(
    w: Walker, op: Operation, x: Tensor, weight: Constant, rest: Values, window: Sequence[int], stride: Sequence[int],
    dilation: Sequence[int], groups: int, out: int,
) -> Tensor:  # fmt: skip
    pad: Any = _padding(op)
    spread = x.made[:1] == ("space_to_batch",)
    if spread:  # a dilated convolution, taken apart: the positions of each block lie among the samples
        _, x, blocks, pad = x.made  # type: ignore[assignment]
        dilation = blocks  # type: ignore[assignment]
    bias = next((value for value in rest if isinstance(value, Constant)), None)
    if bias is not None:
        w.learns(bias)
    y = channels.conv(w, x, len(x.dims) - 1, weight, bias is not None, window, stride, pad, dilation, groups, out)
    return y._replace(made=("convolved",)) if spread else y


def _space_to_batch(w: Walker, op: Operation, x: Values) -> Any:
    blocks, pads = ints(x[1]), ints(x[2])
    if len(blocks) + 2 != len(x[0].dims) or len(pads) != 2 * len(blocks) or min(blocks) < 1:
        raise OperatorError("blocks of positions among the samples, but not of a map's")
    return x[0]._replace(made=("space_to_batch", x[0], blocks, tuple(pads)))


def _batch_to_space(w: Walker, op: Operation, x: Values) -> Any:
    value, crops = x[0], ints(x[2])
    if value.made != ("convolved",):
        raise OperatorError("blocks of positions among the samples, but not around a convolution")
    if not any(crops):
        return value._replace(made=())
    made = layers.operator("crop", size=tuple(crops))
    return channels.resized(w, value, len(value.dims) - 1, made)


def _conv_3d(w: Walker, op: Operation, x: Values) -> Any:
    weight = _weight(x[1])
    *window, inner, out = weight.own
    stride = _strides(op, "stride_d", "stride_h", "stride_w")
    dilation = _strides(op, "dilation_d", "dilation_h", "dilation_w")
    groups = x[0].own[-1] // max(1, inner)
    return activated(w, op, _convolved(w, op, x[0], weight, x[2:], window, stride, dilation, groups, out))


def _transposed(w: Walker, op: Operation, x: Values) -> Any:
    """Its inputs: the output's shape, the weights (output channels, window, input channels), the map, a bias."""
    weight, value = _weight(x[1]), _tensor(w, x[2])
    out, *window, inner = weight.own
    w.require(size_of(value.dims[-1]), inner, "the convolution's weight")
    stride, word = _strides(op, "stride_h", "stride_w"), _padding(op)
    bias = next((one for one in x[3:] if isinstance(one, Constant)), None)
    if bias is not None:
        w.learns(bias)
    extra = 0
    if word == "valid" and isinstance(x[0], Constant) and x[0].values is not None and len(x[0].values) == 4:
        wanted = ints(x[0])[1:3]
        more = [n - ((m - 1) * s + k) for n, m, s, k in zip(wanted, value.own[1:3], stride, window, strict=True)]
        if len(set(more)) > 1 or more[0] < 0:
            raise OperatorError(f"an output of {wanted[0]}x{wanted[1]} positions from {value.own[1]}x{value.own[2]}")
        extra = more[0]
    y = channels.transposed_conv(w, value, 3, weight, bias is not None, window, stride, word, (1, 1), extra, out)
    return activated(w, op, y)


def _fully_connected(w: Walker, op: Operation, x: Values) -> Any:
    """Weights lie as outputs, inputs; a map of another shape is laid out in rows of inputs."""
    value = _tensor(w, x[0])
    if not isinstance(x[1], Constant):
        return activated(w, op, matmul(w, op, [value, channels.moved(x[1], -1, -2)]))
    out, inner = x[1].own
    keep = bool(op.attributes.get("keep"))
    if value.own[-1] != inner:
        total = math.prod(value.own)
        if inner < 1 or total % inner:
            raise OperatorError(f"the weight takes {inner} values, {total} arrive")
        value = reshape(w, value, [fixed(total // inner), fixed(inner)], zero_copies=False)
    bias = next((one for one in x[2:] if isinstance(one, Constant)), None)
    y = layers.linear(w, value, x[1], inner, out, bias is not None)
    if bias is not None:
        w.learns(bias)
    if not keep and len(y.dims) > 2:
        y = y._replace(dims=(tuple(atom for dim in y.dims[:-1] for atom in dim), y.dims[-1]), made=())
    return activated(w, op, y)


def _pool(w: Walker, op: Operation, x: Values) -> Any:
    word = "maxpool" if op.op == "MAX_POOL_2D" else "avgpool"
    window, stride = _strides(op, "window_h", "window_w"), _strides(op, "stride_h", "stride_w")
    return activated(w, op, channels.pool(w, x[0], 3, word, window, stride, _padding(op)))


def _resize(w: Walker, op: Operation, x: Values) -> Any:
    if not isinstance(x[1], Constant) or x[1].values is None or len(x[1].values) != 2:
        raise OperatorError("a size that the network computes", expected="a size that the file stores")
    mode = "bilinear" if "BILINEAR" in op.op else "nearest"
    now, own = (layers.operator("upsample", size=tuple(size[which] for size in x[1].values), mode=mode)
                for which in (1, 0))  # fmt: skip
    return channels.resized(w, x[0], 3, now, own)


def _lrn(w: Walker, op: Operation, x: Values) -> Any:
    made = layers.operator("lrn", size=2 * op.attributes["radius"] + 1)
    return channels.mapped(w, x[0], len(x[0].dims) - 1, made)


def _lstm(w: Walker, op: Operation, x: Values) -> Any:
    """Its inputs: the sequence, four weights of it, four of the state, peepholes, four biases and more."""
    value, weight, recurrent = x[0], x[2], x[6]
    cells, inner = weight.own
    projected = x[16] if len(x) > 16 else None
    if recurrent.own[-1] != cells or isinstance(projected, Constant):
        raise OperatorError("an LSTM with a projection", expected="as many outputs as cells")
    w.require(value.sizes[-1], inner, "the layer")
    bias = isinstance(x[13], Constant)
    for constant in x[1:]:
        if isinstance(constant, Constant):
            w.learns(constant)
    value = w.as_rows(value)
    gates = layers.operator("lstm", out=cells, bias=bias, biases=1)
    node = w.emit(gates, (value.node,), name=weight.name,
                  formats=formats_of(weight.dtype))  # fmt: skip
    states = fresh(fixed(cells))
    return Tensor(node, (*value.dims[:-1], states), value.spatial, states)


def _quantize(w: Walker, op: Operation, x: Values) -> Any:
    """Values as narrow integers: no work of the network's, but the format of the map."""
    dtype = next((word for word in op.attributes.get("types", ()) if word in _NARROW), "")
    if isinstance(x[0], Tensor) and dtype and x[0].node >= 0:
        declare(w, x[0].node, _NARROW[dtype])
    return x[0]


def _dequantize(w: Walker, op: Operation, x: Values) -> Any:
    if isinstance(x[0], Constant) and x[0].dtype == "float16":
        return x[0]._replace(dtype="float32")
    return x[0]


def _mean(word: str) -> Handler:
    def work(w: Walker, op: Operation, x: Values) -> Any:
        keep = int(bool(op.attributes.get("keep")))
        return as_onnx(w, op, word, [x[0]], axes=ints(x[1]), keepdims=keep)

    return work


def _batch_matmul(w: Walker, op: Operation, x: Values) -> Any:
    a, b = x[0], x[1]

    def turned(value: Any) -> Any:
        if isinstance(value, Constant):
            order = (*range(len(value.dims) - 2), len(value.dims) - 1, len(value.dims) - 2)
            return as_onnx(w, op, "Transpose", [value], perm=order)
        return channels.moved(value, -1, -2)

    a = turned(a) if op.attributes.get("adj_x") else a
    b = turned(b) if op.attributes.get("adj_y") else b
    return matmul(w, op, [a, b])


HANDLERS: dict[str, Handler] = {
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
    "CONV_3D": _conv_3d,
    "TRANSPOSE_CONV": _transposed,
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _batch_matmul,
    "SPACE_TO_BATCH_ND": _space_to_batch,
    "BATCH_TO_SPACE_ND": _batch_to_space,
    **dict.fromkeys(("MAX_POOL_2D", "AVERAGE_POOL_2D", "L2_POOL_2D"), _pool),
    **dict.fromkeys(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), _resize),
    "LOCAL_RESPONSE_NORMALIZATION": _lrn,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
    "QUANTIZE": _quantize,
    "DEQUANTIZE": _dequantize,
    "MEAN": _mean("ReduceMean"),
    "SUM": _mean("ReduceSum"),
    "REDUCE_MAX": _mean("ReduceMax"),
    "REDUCE_MIN": _mean("ReduceMin"),
    "REDUCE_PROD": _mean("ReduceProd"),
    "REDUCE_ANY": _mean("ReduceMax"),
    "REDUCE_ALL": _mean("ReduceMin"),
}
"""Each takes the walker, the operator and its inputs."""
