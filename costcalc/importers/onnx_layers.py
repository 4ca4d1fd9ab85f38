"""ONNX's operators with weights, and windows: convolutions, linear layers, norms, pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import folding, fuse, layers
from costcalc.importers.onnx_math import like
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Constant
from costcalc.importers.tensors import Tensor, size_of
from costcalc.importers.walker import Handler, Walker, formats_of

Values = Sequence[Any]


def _pads(op: Operation, count: int) -> str | tuple[int, ...]:
    """(before, after) per dimension, or `same` or `valid`."""
    word = op.attributes.get("auto_pad", "NOTSET")
    if word in ("SAME_UPPER", "SAME_LOWER"):
        return "same"
    if word == "VALID":
        return "valid"
    pads = op.attributes.get("pads") or (0,) * 2 * count
    if len(pads) != 2 * count or min(pads) < 0:
        raise OperatorError(f"{len(pads)} paddings for {count} dimensions")
    return tuple(side for i in range(count) for side in (pads[i], pads[count + i]))


def _sizes(op: Operation, key: str, count: int) -> tuple[int, ...]:
    found = op.attributes.get(key) or (1,) * count
    if len(found) != count or min(found) < 1:
        raise OperatorError(f"{key} {found} for {count} dimensions")
    return tuple(found)


def conv(w: Walker, op: Operation, x: Values) -> Any:
    value, weight, bias = x[0], x[1], x[2] if len(x) > 2 else None
    if isinstance(value, Constant):
        value = w.constant(value, len(value.dims), learned=False)
    if not isinstance(weight, Constant):
        return _dynamic(w, op, value, weight)
    out, inner, *kernel = weight.own
    count = len(kernel)
    groups = op.attributes.get("group", 1)
    if len(value.dims) != count + 2 or groups < 1 or out % groups or out < 1 or inner < 1:
        raise OperatorError(f"the weight {'x'.join(map(str, weight.own))} does not fit {len(value.dims)} dimensions")
    if "kernel_shape" in op.attributes and tuple(op.attributes["kernel_shape"]) != tuple(kernel):
        raise OperatorError(f"kernel_shape {op.attributes['kernel_shape']}, but the weight has {kernel}")
    strides, dilations = _sizes(op, "strides", count), _sizes(op, "dilations", count)
    if bias is not None:
        w.learns(bias)
    named = _named(weight, bias)
    return layers.conv(
        w, value, named, bias is not None, strides, _pads(op, count), dilations, groups, kernel, out, inner
    )


def _named(weight: Constant, bias: Any) -> Constant:
    """The weight, under its bias's name if that alone tells the layer."""
    from costcalc.importers.finish import layer_name

    if isinstance(bias, Constant) and layer_name(bias.name) and not layer_name(weight.name):
        return weight._replace(name=bias.name)
    return weight


def _dynamic(w: Walker, op: Operation, value: Tensor, weight: Any) -> Any:
    """A convolution with a kernel that the network computes."""
    out, _, *kernel = weight.own
    count = len(kernel)
    x = w.as_map(value)
    flat = w.feed(weight, ((),) * len(x.spatial), weight.inner)
    pads = _pads(op, count)
    made = layers.operator(
        "dynamic_conv",
        out=out,
        k=layers.alike(kernel),
        stride=layers.alike(_sizes(op, "strides", count)),
        pad=pads if isinstance(pads, str) else layers.pads(pads),
        groups=op.attributes.get("group", 1),
    )
    return layers.after_map(w, x, w.emit(made, (x.node, flat.node)))


def _conv_transpose(w: Walker, op: Operation, x: Values) -> Any:
    weight, bias = x[1], x[2] if len(x) > 2 else None
    if not isinstance(weight, Constant):
        raise OperatorError("a transposed convolution's kernel is computed by the network")
    inner, out, *kernel = weight.own
    count, groups = len(kernel), op.attributes.get("group", 1)
    value = w.as_map(x[0])
    w.require(size_of(value.dims[1]), inner, "the convolution's weight")
    pads = _pads(op, count)
    extra = op.attributes.get("output_padding") or (0,) * count
    if len(set(extra)) > 1:
        raise OperatorError(f"output_padding {extra}", expected="the same in every dimension")
    fields = {"k": kernel, "stride": _sizes(op, "strides", count), "dilation": _sizes(op, "dilations", count)}
    fixed_fields = {key: layers.alike(layers.with_unit(list(size), value, 1)) for key, size in fields.items()}
    made = layers.operator(
        "conv_transpose",
        out=out * groups,
        pad=pads if isinstance(pads, str) else layers.pads(layers.with_unit(list(pads), value, 0, 2)),
        output_pad=extra[0],
        groups=groups,
        bias=bias is not None,
        **fixed_fields,
    )
    node = w.emit(made, (value.node,), name=_named(weight, bias).name, formats=formats_of(weight.dtype))
    w.learns(weight)
    return layers.after_map(w, value, node)._replace(made=("product", value, bias is not None))


def _pool(w: Walker, op: Operation, x: Values) -> Any:
    kernel = op.attributes["kernel_shape"]
    count = len(kernel)
    if len(x[0].dims) != count + 2:
        raise OperatorError(f"a window of {count} dimensions over a tensor of {len(x[0].dims)}")
    if any(size != 1 for size in op.attributes.get("dilations", ())):
        raise OperatorError("a dilated pooling window", expected="dilations of 1")
    value = w.as_map(x[0])
    pads = _pads(op, count)
    made = layers.operator(
        "maxpool" if op.op == "MaxPool" else "avgpool",
        k=layers.alike(layers.with_unit(list(kernel), value, 1)),
        stride=layers.alike(layers.with_unit(list(_sizes(op, "strides", count)), value, 1)),
        pad=pads if isinstance(pads, str) else layers.pads(layers.with_unit(list(pads), value, 0, 2)),
        ceil=bool(op.attributes.get("ceil_mode", 0)),
    )
    y = layers.after_map(w, value, w.emit(made, (value.node,)), kept=True)
    return [y, y._replace(dtype="int64")]


def _lrn(w: Walker, op: Operation, x: Values) -> Any:
    value = w.as_map(x[0])
    return value._replace(node=w.emit(layers.operator("lrn", size=op.attributes["size"]), (value.node,)), made=())


def _linear(w: Walker, x: Tensor, weight: Constant, out_axis: int, bias: Any) -> Any:
    own = weight.own
    named = _named(weight, bias)
    y = layers.linear(w, x, named, own[1 - out_axis], own[out_axis], False)
    if bias is None:
        return y
    found = layers.with_bias(w, y, bias) if isinstance(bias, Constant) else None
    if found is not None:
        return found
    return layers.join(w, "add", [y, like(w, bias, y)])


def _gemm(w: Walker, op: Operation, x: Values) -> Any:
    a, b, bias = x[0], x[1], x[2] if len(x) > 2 else None
    if isinstance(bias, Constant) and op.attributes.get("beta", 1.0) == 0:
        bias = None
    if op.attributes.get("transA"):
        a = a._replace(dims=a.dims[::-1])
    if isinstance(b, Constant) and isinstance(a, Tensor):
        if len(b.dims) != 2:
            raise OperatorError("a weight that is no matrix")
        return _linear(w, a, b, 0 if op.attributes.get("transB") else 1, bias)
    a, b = w.tensor(a, 2), w.tensor(b, 2)
    if op.attributes.get("transB"):
        b = b._replace(dims=b.dims[::-1])
    y = layers.matmul(w, a, b)
    if bias is None:
        return y
    return layers.join(w, "add", [y, like(w, bias, y)])


def matmul(w: Walker, op: Operation, x: Values) -> Any:
    a, b = x[0], x[1]
    if isinstance(a, Constant) and isinstance(b, Constant) and b.stored and len(b.dims) == 2 and len(a.dims) >= 2:
        a = w.constant(a, len(a.dims), learned=False)
    if isinstance(a, Constant) and isinstance(b, Constant):
        lead = folding.broadcast([a.dims[:-2], b.dims[:-2]])
        dims = (*lead, a.dims[-2], b.dims[-1])
        return Constant(dims)
    if isinstance(b, Constant) and math.prod(b.own[:-2]) == 1 and len(b.dims) >= 2:
        return _linear(w, a, b._replace(dims=b.dims[-2:]), 1, None)
    if isinstance(a, Constant) and math.prod(a.own[:-2]) == 1 and len(a.dims) >= 2:
        dims = (*b.dims[:-2], b.dims[-1], b.dims[-2])
        y = _linear(w, b._replace(dims=dims), a._replace(dims=a.dims[-2:]), 0, None)
        return y._replace(dims=(*y.dims[:-2], y.dims[-1], y.dims[-2]), made=())
    a, b = w.tensor(a), w.tensor(b)
    if len(a.dims) < 2 or len(b.dims) < 2:
        a = a if len(a.dims) > 1 else a._replace(dims=((), *a.dims))
        b = b if len(b.dims) > 1 else b._replace(dims=(*b.dims, ()))
    return layers.matmul(w, a, b)


def _batch_norm(w: Walker, op: Operation, x: Values) -> Any:
    if isinstance(x[0], Constant):  # a weight that is standardised while the network runs
        return [x[0]._replace(values=None)] * len(op.outputs)
    value = w.as_map(x[0]) if len(x[0].dims) > 2 else w.as_rows(x[0])
    w.require(size_of(value.dims[1]), x[1].own[0], "the norm")
    node = w.emit(layers.operator("bn"), (value.node,), name=x[1].name)
    for constant in x[1:3]:
        w.learns(constant)
    return value._replace(node=node, made=())


def _layer_norm(w: Walker, op: Operation, x: Values) -> Any:
    rank = len(x[0].dims)
    first = op.attributes.get("axis", -1) % rank
    word = "rms_norm" if "RMS" in op.op or "Simplified" in op.op else "ln"
    scale = x[1] if len(x) > 1 else None
    shift = x[2] if len(x) > 2 else None
    values = [constant for constant in (scale, shift) if isinstance(constant, Constant)]
    fields = {"scale": bool(values)} if word == "rms_norm" else {"affine": bool(values)}
    if isinstance(scale, Constant):
        wanted = math.prod(x[0].own[first:])
        if math.prod(scale.own) != wanted:
            raise OperatorError(f"the norm takes {math.prod(scale.own)} values, {wanted} arrive")
        w.require(size_of(tuple(a for dim in x[0].dims[first:] for a in dim)), wanted, "the norm")
    for constant in values:
        w.learns(constant)
    return fuse.norm(w, x[0], range(first, rank), word, scale.name if isinstance(scale, Constant) else "", **fields)


def _instance_norm(w: Walker, op: Operation, x: Values) -> Any:
    """Over the positions of each channel; of channels that the file cuts into groups it is a group norm.

    PyTorch writes a group norm so, with scales of 1; where they are others, they are the channels' own.
    """
    value: Tensor = x[0]
    outer = value.without_batch(value.dims[1])
    rest = tuple(atom for dim in value.dims[2:] for atom in value.without_batch(dim))
    may_be_groups = set(outer) <= set(value.channels) and set(x[1].values or ()) <= {1}
    inner = [atom for atom in rest if may_be_groups and atom in value.channels]
    name, learned = x[1].name, not inner and x[1].stored == size_of(outer).own
    if inner:
        groups = size_of(outer)
        node = w.emit(
            layers.operator("gn", groups=groups.size, affine=False),
            (value.node,),
            layers.operator("gn", groups=groups.own, affine=False),
        )
        fields = {"groups": groups.size, "affine": False}
        return value._replace(node=node, made=("norm", value, "gn", fields))
    value = w.as_map(value)
    for constant in x[1:3]:
        w.learns(constant)
    node = w.emit(layers.operator("instance_norm", affine=learned), (value.node,), name=name)
    return value._replace(node=node, made=())


def _group_norm(w: Walker, op: Operation, x: Values) -> Any:
    value = w.as_map(x[0])
    for constant in x[1:3]:
        w.learns(constant)
    made = layers.operator("gn", groups=op.attributes["num_groups"])
    return value._replace(node=w.emit(made, (value.node,), name=x[1].name), made=())


HANDLERS: dict[str, Handler] = {
    "Conv": conv,
    "ConvTranspose": _conv_transpose,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "LRN": _lrn,
    "Gemm": _gemm,
    "MatMul": matmul,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _layer_norm,
    "SimplifiedLayerNormalization": _layer_norm,
    "com.microsoft.SimplifiedLayerNormalization": _layer_norm,
    "InstanceNormalization": _instance_norm,
    "GroupNormalization": _group_norm,
}
"""Each takes the walker, the operator and its inputs."""
