"""TensorFlow Lite's operators on each value, and those that lay tensors out anew: as ONNX has them, in other words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import channels, layers
from costcalc.importers.folding import constant_of, ints, numbers
from costcalc.importers.onnx_constants import HANDLERS as ONNX_CONSTANTS
from costcalc.importers.onnx_resize import HANDLERS as ONNX_RESIZE
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Constant, fixed
from costcalc.importers.tensors import Tensor
from costcalc.importers.tflite_layers import activated, as_onnx
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]
_SAME_INPUTS = {
    "ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "MAXIMUM": "Max", "MINIMUM": "Min", "POW": "Pow",
    "ADD_N": "Sum", "FLOOR_MOD": "Mod", "EQUAL": "Equal", "NOT_EQUAL": "Equal", "LESS": "Less",
    "LESS_EQUAL": "LessOrEqual", "GREATER": "Greater", "GREATER_EQUAL": "GreaterOrEqual", "LOGICAL_AND": "And",
    "LOGICAL_OR": "Or", "LOGICAL_NOT": "Not", "SELECT": "Where", "SELECT_V2": "Where", "PRELU": "PRelu",
    "LOGISTIC": "Sigmoid", "TANH": "Tanh", "RELU": "Relu", "HARD_SWISH": "HardSwish", "LEAKY_RELU": "LeakyRelu",
    "ELU": "Elu", "GELU": "Gelu", "EXP": "Exp", "LOG": "Log", "SQRT": "Sqrt", "ABS": "Abs", "NEG": "Neg",
    "FLOOR": "Floor", "CEIL": "Ceil", "ROUND": "Round", "SIN": "Sin", "COS": "Cos", "SIGN": "Sign",
    "TILE": "Tile", "BROADCAST_TO": "Expand", "L2_NORMALIZATION": "LpNormalization", "SCATTER_ND": "Scatter",
    "GATHER_ND": "GatherND",
}  # fmt: skip
"""ONNX's word for operators that take the same inputs."""


def _as_it_is(w: Walker, op: Operation, x: Values) -> Any:
    return activated(w, op, as_onnx(w, op, _SAME_INPUTS[op.op], [value for value in x if value is not None]))


def _relu6(w: Walker, op: Operation, x: Values) -> Any:
    return layers.elementwise(w, x[0], "relu6")


def _clip(w: Walker, op: Operation, x: Values) -> Any:
    return layers.elementwise(w, x[0], "elementwise", comparisons=2)


def _floor_div(w: Walker, op: Operation, x: Values) -> Any:
    y = as_onnx(w, op, "Div", x)
    return as_onnx(w, op, "Floor", [y]) if isinstance(y, Constant) and not y.is_whole else y


def _inverse_root(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Reciprocal", [as_onnx(w, op, "Sqrt", [x[0]])])


def _square(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Pow", [x[0], constant_of([2], (), "float32")])


def _squared_difference(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Pow", [as_onnx(w, op, "Sub", x), constant_of([2], (), "float32")])


def _softmax(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Softmax", [x[0]], axis=-1)


def _same(w: Walker, op: Operation, x: Values) -> Any:
    return x[0]


def _shape(w: Walker, op: Operation, x: Values) -> Any:
    return ONNX_CONSTANTS["Shape"](w, op._replace(op="Shape", attributes={}), x)


def _fill(w: Walker, op: Operation, x: Values) -> Any:
    sizes = numbers(x[0])
    return Constant(sizes, None, "", getattr(x[1], "dtype", "float32"))


def _range(w: Walker, op: Operation, x: Values) -> Any:
    return ONNX_CONSTANTS["Range"](w, op._replace(op="Range", attributes={}), x)


def _reshape(w: Walker, op: Operation, x: Values) -> Any:
    target = x[1] if len(x) > 1 and x[1] is not None else constant_of(op.attributes.get("shape") or ())
    return as_onnx(w, op, "Reshape", [x[0], target], allowzero=1)


def _squeeze(w: Walker, op: Operation, x: Values) -> Any:
    axes = op.attributes.get("axes")
    return as_onnx(w, op, "Squeeze", [x[0]], **({"axes": tuple(axes)} if axes else {}))


def _expand_dims(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Unsqueeze", [x[0]], axes=ints(x[1]))


def _transpose(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Transpose", [x[0]], perm=ints(x[1]))


def _concat(w: Walker, op: Operation, x: Values) -> Any:
    rank = len(x[0].dims)
    axis = op.attributes["axis"]
    if not -rank <= axis < rank:
        raise OperatorError(f"axis {axis} of {rank} dimensions")
    return activated(w, op, as_onnx(w, op, "Concat", x, axis=axis % rank))


def _pack(w: Walker, op: Operation, x: Values) -> Any:
    axis = op.attributes["axis"]
    return as_onnx(w, op, "Concat", [as_onnx(w, op, "Unsqueeze", [value], axes=(axis,)) for value in x], axis=axis)


def _unpack(w: Walker, op: Operation, x: Values) -> Any:
    axis = op.attributes["axis"]
    count = _length(x[0], axis)
    if count != len(op.outputs):
        raise OperatorError(f"{count} entries are handed out as {len(op.outputs)}")
    return [as_onnx(w, op, "Gather", [x[0], constant_of([i], ())], axis=axis) for i in range(count)]


def _length(value: Any, axis: int) -> int:
    found: int = value.own[axis]
    return found


def _split(w: Walker, op: Operation, x: Values) -> Any:
    """Its inputs: the dimension, the tensor; of SPLIT_V the tensor, the sizes, the dimension."""
    if op.op == "SPLIT":
        return as_onnx(w, op, "Split", [x[1]], axis=ints(x[0])[0])
    axis, sizes = ints(x[2])[0], list(ints(x[1]))
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = _length(x[0], axis) - sum(size for size in sizes if size != -1)
    return as_onnx(w, op, "Split", [x[0]], axis=axis, split=tuple(sizes))


def _slice(w: Walker, op: Operation, x: Values) -> Any:
    begin, count = ints(x[1]), ints(x[2])
    own = x[0].sizes if isinstance(x[0], Tensor) else x[0].dims
    stops = [total if n == -1 else fixed(start + n) for start, n, total in zip(begin, count, own, strict=True)]
    axes = constant_of(range(len(begin)))
    return as_onnx(w, op, "Slice", [x[0], x[1], constant_of(stops), axes])


def _strided_slice(w: Walker, op: Operation, x: Values) -> Any:
    begins, ends, steps = numbers(x[1]), numbers(x[2]), ints(x[3])
    masks = op.attributes
    value, axis = x[0], 0
    if len({len(begins), len(ends), len(steps)}) > 1 or masks["ellipsis_mask"]:
        raise OperatorError("a slice with an ellipsis", expected="a place for each dimension")
    for i, (begin, end, step) in enumerate(zip(begins, ends, steps, strict=True)):
        if masks["new_axis_mask"] >> i & 1:
            value = as_onnx(w, op, "Unsqueeze", [value], axes=(axis,))
        elif masks["shrink_mask"] >> i & 1:
            value = as_onnx(w, op, "Gather", [value, constant_of([begin], ())], axis=axis)
            continue
        else:
            total = (value.sizes if isinstance(value, Tensor) else value.dims)[axis]
            far = fixed(-(2**62))
            start = (fixed(0) if step > 0 else fixed(2**62)) if masks["begin_mask"] >> i & 1 else begin
            stop = (total if step > 0 else far) if masks["end_mask"] >> i & 1 else end
            if start.own != 0 or stop.own != total.own or step != 1:
                rest = [constant_of([item]) for item in (start, stop, axis, step)]
                value = as_onnx(w, op, "Slice", [value, *rest])
        axis += 1
    return value


def _gather(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Gather", x, axis=op.attributes["axis"])


def _embedding(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Gather", [x[1], x[0]], axis=0)


def _pad(w: Walker, op: Operation, x: Values) -> Any:
    pairs = ints(x[1])
    pads = (*pairs[::2], *pairs[1::2])
    if len(pairs) != 2 * len(x[0].dims):
        raise OperatorError(f"{len(pairs)} paddings for {len(x[0].dims)} dimensions")
    return ONNX_RESIZE["Pad"](w, op._replace(op="Pad", attributes={"pads": pads}), [x[0]])


def _blocks(word: str) -> Handler:
    def work(w: Walker, op: Operation, x: Values) -> Any:
        first = channels.moved(x[0], -1, 1)
        made = op._replace(op=word, attributes={"blocksize": op.attributes["block"]})
        return channels.moved(ONNX_RESIZE[word](w, made, [first]), 1, -1)

    return work


def _arg(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "ArgMax", [x[0]], axis=ints(x[1])[0], keepdims=0)


def _top(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "TopK", x, axis=-1)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_SAME_INPUTS, _as_it_is),
    **dict.fromkeys(("PAD", "PADV2", "MIRROR_PAD"), _pad),
    **dict.fromkeys(("SPLIT", "SPLIT_V"), _split),
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), _arg),
    **dict.fromkeys(("SOFTMAX", "LOG_SOFTMAX"), _softmax),
    **dict.fromkeys(("RELU_N1_TO_1", "RELU_0_TO_1"), _clip),
    **dict.fromkeys(("CAST", "ZEROS_LIKE", "REVERSE_V2", "FAKE_QUANT", "DENSIFY"), _same),
    "RELU6": _relu6,
    "FLOOR_DIV": _floor_div,
    "RSQRT": _inverse_root,
    "SQUARE": _square,
    "SQUARED_DIFFERENCE": _squared_difference,
    "SHAPE": _shape,
    "FILL": _fill,
    "RANGE": _range,
    "RESHAPE": _reshape,
    "SQUEEZE": _squeeze,
    "EXPAND_DIMS": _expand_dims,
    "TRANSPOSE": _transpose,
    "CONCATENATION": _concat,
    "PACK": _pack,
    "UNPACK": _unpack,
    "SLICE": _slice,
    "STRIDED_SLICE": _strided_slice,
    "GATHER": _gather,
    "EMBEDDING_LOOKUP": _embedding,
    "SPACE_TO_DEPTH": _blocks("SpaceToDepth"),
    "DEPTH_TO_SPACE": _blocks("DepthToSpace"),
    "TOPK_V2": _top,
}
"""Each takes the walker, the operator and its inputs."""
