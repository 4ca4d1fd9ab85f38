"""Keras' activations, and layers that join tensors or lay them out anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import channels, layers
from costcalc.importers.folding import constant_of
from costcalc.importers.keras_fields import axes_of, axis_of, named, one, whole
from costcalc.importers.onnx_layout import HANDLERS as ONNX_LAYOUT
from costcalc.importers.onnx_layout import reshape
from costcalc.importers.onnx_math import HANDLERS as ONNX_MATH
from costcalc.importers.program import Operation
from costcalc.importers.sizes import fixed
from costcalc.importers.tensors import Tensor
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]
ONNX = {**ONNX_LAYOUT, **ONNX_MATH}
ACTIVATIONS = {
    "relu": "Relu", "sigmoid": "Sigmoid", "hard_sigmoid": "HardSigmoid", "hard_swish": "HardSwish",
    "hard_silu": "HardSwish", "tanh": "Tanh", "gelu": "Gelu", "mish": "Mish", "elu": "Elu", "selu": "Selu",
    "celu": "Celu", "softplus": "Softplus", "leaky_relu": "LeakyRelu", "swish": "Swish", "silu": "Swish",
    "softmax": "Softmax", "log_softmax": "LogSoftmax", "exponential": "Exp", "softsign": "Softsign",
    "hard_tanh": "Clip", "log_sigmoid": "Softplus", "soft_shrink": "Shrink", "hard_shrink": "Shrink",
}  # fmt: skip
"""ONNX's word for each of Keras' activations."""
_CLASSES = {
    "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax", "Swish": "swish", "ThresholdedReLU": "leaky_relu",
}  # fmt: skip
_NOTHING = (
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout",
    "GaussianNoise", "ActivityRegularization", "Identity", "Masking", "StochasticDepth", "InputSpec", "RandomFlip",
    "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomErasing",
    "RandomShear", "RandomHue", "RandomSaturation", "RandomColorJitter", "RandomSharpness", "RandomGrayscale",
    "RandomInvert", "RandomGaussianBlur", "RandomPerspective", "AutoContrast",
)  # fmt: skip
"""What does nothing when the network is used."""


def as_onnx(w: Walker, op: Operation, word: str, x: Values, **attributes: Any) -> Any:
    """What an operator of ONNX makes of the same inputs."""
    return ONNX[word](w, op._replace(op=word, attributes=attributes), x)


def activation(w: Walker, op: Operation, x: Tensor, value: Any) -> Tensor:
    """An activation as a layer's field names it: a word, or a function or a layer written out."""
    if isinstance(value, dict):
        config = value.get("config")
        if value.get("class_name") in HANDLERS and isinstance(config, dict):
            found: Tensor = HANDLERS[value["class_name"]](w, op._replace(attributes=config), [x])
            return found
        value = config if isinstance(config, str) else value.get("registered_name") or value.get("class_name")
    word = str(value or "linear").rpartition(">")[2]
    if word == "linear":
        return x
    if word == "relu6":
        return layers.elementwise(w, x, "relu6")
    if word not in ACTIVATIONS:
        raise OperatorError(f"unknown activation '{word[:40]}'", expected=", ".join(sorted(ACTIVATIONS)))
    result: Tensor = as_onnx(w, op, ACTIVATIONS[word], [x])
    return result


def activated(w: Walker, op: Operation, y: Tensor) -> Tensor:
    """What a layer with an activation of its own puts out."""
    return activation(w, op, y, op.attributes.get("activation"))


def _activation(w: Walker, op: Operation, x: Values) -> Any:
    return activated(w, op, one(x))


def _by_class(w: Walker, op: Operation, x: Values) -> Any:
    value = one(x)
    if op.op == "Softmax":
        axes = axes_of(op.attributes.get("axis", -1), value)
        if len(axes) != 1:
            raise OperatorError(f"softmax over {len(axes)} dimensions", expected="one")
        return as_onnx(w, op, "Softmax", [value], axis=axes[0])
    return activation(w, op, value, _CLASSES[op.op])


def _relu(w: Walker, op: Operation, x: Values) -> Any:
    """A rectifier with a bound, a slope below zero, or a threshold."""
    value, most = one(x), op.attributes.get("max_value")
    slope = op.attributes.get("negative_slope") or op.attributes.get("alpha") or 0
    if slope and most is None:
        return layers.elementwise(w, value, "leaky_relu")
    if slope or op.attributes.get("threshold"):
        return layers.elementwise(w, value, "elementwise", comparisons=2, multiplications=int(bool(slope)))
    if most is None:
        return layers.elementwise(w, value, "relu")
    return as_onnx(w, op, "Clip", [value], min=0, max=most)


def _prelu(w: Walker, op: Operation, x: Values) -> Any:
    value = one(x)
    shared = {axis_of(axis, value) for axis in op.attributes.get("shared_axes") or ()}
    own = tuple(1 if place in shared else size for place, size in enumerate(value.own[1:], 1))
    slopes = channels.weight(named(op, "alpha"), own)
    count = math.prod(own)
    if count in (1, value.own[-1]) and (count == 1 or own[-1] == count):
        made = layers.operator("prelu", shared=count == 1)
        w.learns(slopes)
        return channels.mapped(w, value, len(value.dims) - 1, made, slopes.name)
    if any(not size.is_fixed for size in value.sizes[1:]):
        raise OperatorError(f"the slopes are for {'x'.join(map(str, own))} values, others arrive")
    lead = w.constant(slopes, len(value.dims), value)
    return layers.join(w, "combine", [value, lead], comparisons=1, multiplications=1)._replace(made=())


def _rescaling(w: Walker, op: Operation, x: Values) -> Any:
    offset = op.attributes.get("offset", 0)
    adds = any(offset) if isinstance(offset, list) else bool(offset)
    return layers.elementwise(w, one(x), "elementwise", multiplications=1, additions=int(adds))


def _merge(w: Walker, op: Operation, x: Values) -> Any:
    words = {"Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Average": "Add", "Maximum": "Max", "Minimum": "Min"}
    if len(x) < 2:
        raise OperatorError(f"{len(x)} tensors are joined", expected="two or more")
    y = as_onnx(w, op, words[op.op], x) if len(x) == 2 else _joined(w, op, words[op.op], x)
    return layers.elementwise(w, y, "elementwise", multiplications=1) if op.op == "Average" else y


def _joined(w: Walker, op: Operation, word: str, x: Values) -> Any:
    if word == "Sub":
        raise OperatorError(f"{len(x)} tensors are subtracted", expected="two")
    return as_onnx(w, op, word, x)


def _concatenate(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Concat", x, axis=axis_of(op.attributes.get("axis", -1), one(x)))


def _dot(w: Walker, op: Operation, x: Values) -> Any:
    """A product over one dimension of each of two tensors."""
    axes = op.attributes["axes"]
    first, second = axes if isinstance(axes, list | tuple) else (axes, axes)
    if len(x[0].dims) == len(x[1].dims) == 2:  # rows of one number
        pairs = [as_onnx(w, op, "Unsqueeze", [value], axes=(place,)) for value, place in zip(x, (1, 2), strict=True)]
        return as_onnx(w, op, "Squeeze", [as_onnx_matmul(w, op, *pairs)], axes=(2,))
    a, b = (channels.moved(value, axis_of(axis, value), to) for value, axis, to in
            ((x[0], first, -1), (x[1], second, 1)))  # fmt: skip
    return as_onnx_matmul(w, op, a, b)


def as_onnx_matmul(w: Walker, op: Operation, a: Any, b: Any) -> Any:
    """A matrix product, as ONNX has it."""
    from costcalc.importers.onnx_layers import matmul

    return matmul(w, op, [a, b])


def _reshape(w: Walker, op: Operation, x: Values) -> Any:
    value, target = one(x), op.attributes["target_shape"]
    wanted = [whole(size, "target_shape", -1) for size in target]
    if -1 not in wanted and math.prod(wanted) != math.prod(value.own[1:]):
        arriving = "x".join(map(str, value.own[1:]))
        raise OperatorError(f"target_shape is {'x'.join(map(str, wanted))}, {arriving} arrives")
    return reshape(w, value, [value.sizes[0], *map(fixed, wanted)], zero_copies=False)


def _flatten(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Flatten", x, axis=1)


def _permute(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "Transpose", x, perm=(0, *(whole(axis, "dims") for axis in op.attributes["dims"])))


def _repeat(w: Walker, op: Operation, x: Values) -> Any:
    value, count = one(x), whole(op.attributes["n"], "n")
    y = as_onnx(w, op, "Unsqueeze", [value], axes=(1,))
    return as_onnx(w, op, "Expand", [y, constant_of([1, count, 1])])


def _embedding(w: Walker, op: Operation, x: Values) -> Any:
    entries, out = (whole(op.attributes[key], key) for key in ("input_dim", "output_dim"))
    return as_onnx(w, op, "Gather", [channels.weight(named(op, "embeddings"), (entries, out)), one(x)], axis=0)


def _same(w: Walker, op: Operation, x: Values) -> Any:
    return one(x)


def _unit_norm(w: Walker, op: Operation, x: Values) -> Any:
    return as_onnx(w, op, "LpNormalization", [one(x)])


def _scaled_sum(w: Walker, op: Operation, x: Values) -> Any:
    """x + scale y, the joint of Inception-ResNet."""
    branch = layers.elementwise(w, x[1], "elementwise", multiplications=1)
    return as_onnx(w, op, "Add", [x[0], branch])


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_CLASSES, _by_class),
    **dict.fromkeys(_NOTHING, _same),
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _merge),
    "Activation": _activation,
    "ReLU": _relu,
    "PReLU": _prelu,
    "Rescaling": _rescaling,
    "Concatenate": _concatenate,
    "Dot": _dot,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Permute": _permute,
    "RepeatVector": _repeat,
    "Embedding": _embedding,
    "UnitNormalization": _unit_norm,
    "CustomScaleLayer": _scaled_sum,
}
"""Each takes the walker, the layer and its inputs."""
