"""Operations that a Keras model has beside its layers: `ops.*` of Keras 3, functions of TensorFlow in Keras 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import channels, layers
from costcalc.importers.folding import constant_of
from costcalc.importers.keras_config import Ref
from costcalc.importers.keras_fields import axes_of, axis_of, one, whole
from costcalc.importers.keras_layers import padded
from costcalc.importers.keras_math import as_onnx, as_onnx_matmul
from costcalc.importers.onnx_layout import reshape
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Constant, exact_number, fixed
from costcalc.importers.tensors import Tensor
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]
_FAR = 2**62
Work = Callable[[Walker, Operation, list[Any], dict[str, Any]], Any]
"""Takes the walker, the operation, its tensors and numbers in their order, and its other fields by name."""


def _value(value: Any, x: Values) -> Any:
    if isinstance(value, Ref):
        return x[value.number]
    if isinstance(value, tuple) and value and all(isinstance(item, Ref) for item in value):
        return [x[item.number] for item in value]
    return value


def _call(work: Work) -> Handler:
    def handler(w: Walker, op: Operation, x: Values) -> Any:
        args = [_value(value, x) for value in op.attributes.get("args", ())]
        fields = {key: value for key, value in op.attributes.items() if key not in ("args", "kwargs")}
        fields |= {key: _value(value, x) for key, value in op.attributes.get("kwargs", {}).items()}
        return work(w, op, args, fields)

    return handler


def _operands(args: list[Any], fields: dict[str, Any]) -> list[Any]:
    """The tensors and numbers that an operation takes."""
    found = args + [fields[key] for key in ("x1", "x", "a", "x2", "y", "b") if key in fields]
    values: list[Tensor | Constant] = []
    for value in found[0] if len(found) == 1 and isinstance(found[0], list) else found:
        if isinstance(value, Tensor | Constant):
            values.append(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            values.append(constant_of([exact_number(float(value))], (), "float32"))
        else:
            break
    return values


def _elementwise(word: str) -> Work:
    def work(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
        return as_onnx(w, op, word, _operands(args, fields))

    return work


def _named(name: str) -> Work:
    """An operator of costcalc's own on each value."""

    def work(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
        return layers.elementwise(w, one(_operands(args, fields)), name)

    return work


def _square(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    return as_onnx(w, op, "Pow", [one(_operands(args, fields)), constant_of([2], (), "float32")])


def _inverse_root(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    return as_onnx(w, op, "Reciprocal", [as_onnx(w, op, "Sqrt", [one(_operands(args, fields))])])


def _reduce(word: str) -> Work:
    def work(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
        x = one(args or [fields.get("input_tensor")])
        axis = fields.get("axis", args[1] if len(args) > 1 else None)
        return as_onnx(w, op, word, [x], axes=axes_of(axis, x), keepdims=int(bool(fields.get("keepdims", False))))

    return work


def _softmax(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x = one(args or [fields.get("logits")])
    axis = fields.get("axis")
    return as_onnx(w, op, "Softmax", [x], axis=axis_of(-1 if axis is None else axis, x))


def _matmul(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    a, b = _operands(args, fields)[:2]
    if fields.get("transpose_a"):
        a = channels.moved(a, -1, -2)
    if fields.get("transpose_b"):
        b = channels.moved(b, -1, -2)
    return as_onnx_matmul(w, op, a, b)


def _given(args: list[Any], fields: dict[str, Any], *keys: str) -> Any:
    """An operation's further argument, by one of its names, or the one after the tensor."""
    for key in keys:
        if key in fields:
            return fields[key]
    if len(args) > 1:
        return args[1]
    raise OperatorError(f"the operation does not say its {keys[0]}")


def _reshape(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x = one(args)
    target = [whole(size, "shape", -1) for size in _given(args, fields, "newshape", "shape")]
    if target and target[0] == -1 and x.own[0] == 1 and not x.dims[0]:
        return reshape(w, x, [x.sizes[0], *map(fixed, target[1:])], zero_copies=False)
    return reshape(w, x, [fixed(size) for size in target], zero_copies=False)


def _transpose(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x = one(args)
    order = fields.get("axes", fields.get("perm", args[1] if len(args) > 1 else None))
    return as_onnx(w, op, "Transpose", [x], perm=tuple(axes_of(order, x)) if order is not None else ())


def _expand(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    axis = _given(args, fields, "axis")
    return as_onnx(w, op, "Unsqueeze", [one(args)], axes=tuple(axis) if isinstance(axis, list | tuple) else (axis,))


def _squeeze(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x, axis = one(args), fields.get("axis")
    chosen = axes_of(axis, x) if axis is not None else [i for i, n in enumerate(x.own) if n == 1 and i]
    return as_onnx(w, op, "Squeeze", [x], axes=tuple(chosen))


def _concat(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    values = args[0] if args else fields.get("values", fields.get("xs"))
    values = values if isinstance(values, list) else [values]
    return as_onnx(w, op, "Concat", values, axis=axis_of(fields.get("axis", -1), one(values)))


def _split(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x, parts = one(args or [fields.get("value")]), fields.get("indices_or_sections", fields.get("num_or_size_splits"))
    axis = axis_of(fields.get("axis", 0), x)
    if isinstance(parts, int):
        count = whole(parts, "parts")
        if count > 4096 or x.own[axis] % count:
            raise OperatorError(f"{x.own[axis]} entries in {count} parts")
        sizes = [x.own[axis] // count] * count
    elif "indices_or_sections" in fields:
        stops = [*(whole(stop, "parts", 0) for stop in parts or ()), x.own[axis]]
        sizes = [stop - start for start, stop in zip([0, *stops], stops, strict=False)]
    else:
        sizes = [whole(size, "parts") for size in parts or ()]
    outputs = (*op.outputs, *("",) * len(sizes))[: len(sizes)]
    return as_onnx(w, op._replace(outputs=outputs), "Split", [x], axis=axis, split=tuple(sizes))


def _get_item(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    """Entries by slices, numbers, None for a new dimension."""
    x = one(args)
    key = _given(args, fields, "slice_spec", "key")
    items = list(key) if isinstance(key, list | tuple) else [key]
    if Ellipsis in items:
        place = items.index(Ellipsis)
        missing = len(x.dims) - sum(item is not None and item is not Ellipsis for item in items)
        items[place : place + 1] = [slice(None)] * max(0, missing)
    axis = 0
    for item in items:
        if item is None:
            x = as_onnx(w, op, "Unsqueeze", [x], axes=(axis,))
        elif isinstance(item, slice):
            step = 1 if item.step is None else item.step
            if item != slice(None, None, None) and (item.start, item.stop, step) != (None, None, 1):
                first = 0 if step > 0 else _FAR
                start = first if item.start is None else item.start
                stop = (_FAR if step > 0 else -_FAR) if item.stop is None else item.stop
                x = as_onnx(w, op, "Slice", [x, *(constant_of([n]) for n in (start, stop, axis, step))])
        else:
            index = whole(item, "index", -(2**40))
            x = as_onnx(w, op, "Gather", [x, constant_of([index], ())], axis=axis)
            continue
        axis += 1
    return x


def _pad(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x = one(args)
    pairs = _given(args, fields, "pad_width", "paddings")
    return padded(w, op, x, {i: (whole(a, "pad", 0), whole(b, "pad", 0)) for i, (a, b) in enumerate(pairs)})


def _clip(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    numbers = [value for value in args[1:] if isinstance(value, int | float)]
    low = fields.get("x_min", fields.get("clip_value_min", numbers[0] if numbers else None))
    high = fields.get("x_max", fields.get("clip_value_max", numbers[1] if len(numbers) > 1 else None))
    return as_onnx(w, op, "Clip", [one(args)], min=low, max=high)


def _resize(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    x, size = one(args), _given(args, fields, "size")
    sides = tuple(whole(side, "size") for side in size)
    mode = str(fields.get("interpolation", fields.get("method", "bilinear")))
    made = layers.operator(
        "upsample", size=sides, mode=mode if mode in ("nearest", "bilinear", "bicubic") else "bilinear"
    )
    return channels.resized(w, x, 1 if fields.get("data_format") == "channels_first" else 3, made)


def _blocks(word: str) -> Work:
    def work(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
        x, size = one(args), whole(_given(args, fields, "block_size"), "block_size")
        y = as_onnx(w, op, word, [channels.moved(x, -1, 1)], blocksize=size)
        return channels.moved(y, 1, -1)

    return work


def _same(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    return one(args)


def _einsum(w: Walker, op: Operation, args: list[Any], fields: dict[str, Any]) -> Any:
    equation = fields.get("subscripts", fields.get("equation", args[0] if args else ""))
    tensors = [value for value in _flat(args) if isinstance(value, Tensor)]
    return as_onnx(w, op, "Einsum", tensors, equation=str(equation))


def _flat(args: list[Any]) -> list[Any]:
    return [one for value in args for one in (value if isinstance(value, list) else [value])]


WORK: dict[str, Work] = {
    "Add add": _elementwise("Add"), "Subtract subtract sub": _elementwise("Sub"),
    "Multiply multiply mul": _elementwise("Mul"), "Divide TrueDivide truediv divide": _elementwise("Div"),
    "Maximum maximum": _elementwise("Max"), "Minimum minimum": _elementwise("Min"), "Power pow": _elementwise("Pow"),
    "Relu relu": _elementwise("Relu"), "Relu6 relu6": _named("relu6"), "Sigmoid sigmoid": _elementwise("Sigmoid"),
    "Silu Swish silu swish": _elementwise("Swish"), "HardSigmoid hard_sigmoid": _elementwise("HardSigmoid"),
    "HardSilu HardSwish hard_swish hard_silu": _elementwise("HardSwish"), "Tanh tanh": _elementwise("Tanh"),
    "Gelu gelu": _elementwise("Gelu"), "Elu elu": _elementwise("Elu"), "Selu selu": _elementwise("Selu"),
    "LeakyRelu leaky_relu": _named("leaky_relu"), "Softplus softplus": _elementwise("Softplus"),
    "Mish mish": _named("mish"), "Exp exp": _elementwise("Exp"), "Log log": _elementwise("Log"),
    "Sqrt sqrt": _elementwise("Sqrt"), "Abs Absolute abs": _elementwise("Abs"),
    "Negative negative neg": _elementwise("Neg"),
    "Erf erf": _elementwise("Erf"), "Sin sin": _elementwise("Sin"), "Cos cos": _elementwise("Cos"),
    "Square square": _square, "Rsqrt rsqrt": _inverse_root, "Mean reduce_mean mean": _reduce("ReduceMean"),
    "Sum reduce_sum": _reduce("ReduceSum"), "Max reduce_max": _reduce("ReduceMax"),
    "Min reduce_min": _reduce("ReduceMin"),
    "Softmax softmax": _softmax, "Matmul matmul Dot": _matmul, "Reshape reshape": _reshape,
    "Transpose transpose": _transpose, "ExpandDims expand_dims": _expand, "Squeeze squeeze": _squeeze,
    "Concatenate concat concatenate": _concat, "Split split": _split, "GetItem getitem slice": _get_item,
    "Pad pad": _pad, "Clip clip_by_value": _clip, "Resize resize": _resize, "Einsum einsum": _einsum,
    "Cast cast StopGradient stop_gradient identity": _same, "depth_to_space": _blocks("DepthToSpace"),
    "space_to_depth": _blocks("SpaceToDepth"),
}  # fmt: skip
"""The work of each operation, by its names: those of Keras 3 are classes, those of TensorFlow functions."""
HANDLERS: dict[str, Handler] = {
    f"{'ops' if name[0].isupper() else 'tf'}.{name}": _call(work)
    for names, work in WORK.items()
    for name in names.split()
}
"""Each takes the walker, the operation and its inputs."""
