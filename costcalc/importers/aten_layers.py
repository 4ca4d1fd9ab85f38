"""torch's operators with weights: convolutions, linear layers, norms, attention, recurrent layers, embeddings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import layers, moves
from costcalc.importers.aten import Args, Rule, axis_of, by_onnx, named, repeated, value_of
from costcalc.importers.sizes import Constant, Size, both, fixed
from costcalc.importers.tensors import Tensor, fresh, reshaped
from costcalc.importers.walker import Walker


def _conv(w: Walker, a: Args) -> Any:
    x, weight = a.x, a("weight")
    count = len(weight.dims) - 2
    if len(x.dims) == count + 1:  # without a batch
        y = _conv_of(w, a, x._replace(dims=((), *x.dims)), weight, count)
        return y._replace(dims=y.dims[1:])
    return _conv_of(w, a, x, weight, count)


def _conv_of(w: Walker, a: Args, x: Any, weight: Any, count: int) -> Any:
    fields: dict[str, Any] = {
        "strides": repeated(a.wholes("stride", 1), count),
        "dilations": repeated(a.wholes("dilation", 1), count),
        "group": a.whole("groups", 1),
    }
    padding = a("padding", 0)
    if isinstance(padding, str):
        fields["auto_pad"] = {"same": "SAME_UPPER", "valid": "VALID"}.get(padding, padding)
    else:
        fields["pads"] = repeated(a.wholes("padding", 0), count) * 2
    inputs = [x, weight, a("bias")]
    inputs = inputs if inputs[2] is not None else inputs[:2]
    if a("transposed") or "conv_transpose" in a.operation.op:
        fields["output_padding"] = repeated(a.wholes("output_padding", 0), count)
        return by_onnx(w, "ConvTranspose", inputs, **fields)
    y = by_onnx(w, "Conv", inputs, **fields)
    if isinstance(weight, Constant) and weight.stored == math.prod(weight.own) + weight.own[0]:
        # of a weight that is normalised while the network runs, the learned length: at an output as at a weight
        node = w.emit(layers.operator("affine", shift=False), (y.node,))
        return y._replace(node=node, made=())
    return y


def _linear(w: Walker, a: Args) -> Any:
    x, weight, bias = a.x, a("weight"), a("bias")
    if isinstance(weight, Constant) and isinstance(x, Tensor) and len(weight.dims) == 2:
        y = layers.linear(w, x, weight, weight.own[1], weight.own[0], False)
    else:
        y = by_onnx(w, "MatMul", [x, by_onnx(w, "Transpose", [weight])])
    return y if bias is None else with_bias(w, y, bias)


def with_bias(w: Walker, y: Any, bias: Any) -> Any:
    """A product and what is added to it: its bias where that is learned."""
    found = layers.with_bias(w, y, bias) if isinstance(bias, Constant) and isinstance(y, Tensor) else None
    return by_onnx(w, "Add", [y, bias]) if found is None else found


def _matmul(w: Walker, a: Args) -> Any:
    x, y = a.x, a("other", a("mat2", a("vec", a("tensor"))))
    vector = len(y.dims) == 1
    if vector:
        y = by_onnx(w, "Unsqueeze", [y, [1]])
    found = by_onnx(w, "MatMul", [x, y])
    return by_onnx(w, "Squeeze", [found, [len(found.dims) - 1]]) if vector else found


def _addmm(w: Walker, a: Args) -> Any:
    first, second = ("batch1", "batch2") if "batch1" in a else ("mat1", "mat2")
    y = by_onnx(w, "MatMul", [a(first), a(second)])
    bias = a("self")
    return y if a("beta", 1) == 0 else with_bias(w, y, bias)


def _einsum(w: Walker, a: Args) -> Any:
    tensors = list(a("tensors"))
    equation = a("equation").replace(" ", "")
    if "..." in equation:
        equation = _spelled(equation, [len(one.dims) for one in tensors])
    if "->" not in equation:
        letters = sorted(set(equation) - {","})
        equation += "->" + "".join(letter for letter in letters if equation.count(letter) == 1)
    if len(tensors) == 1:
        left, _, right = equation.partition("->")
        if sorted(left) != sorted(right):
            raise OperatorError(f"einsum '{equation[:40]}' of one tensor", expected="its dimensions in another order")
        return by_onnx(w, "Transpose", tensors, perm=tuple(left.index(letter) for letter in right))
    return by_onnx(w, "Einsum", tensors, equation=equation)


def _spelled(equation: str, ranks: Sequence[int]) -> str:
    """An equation whose three points are letters; those of different lengths end alike."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    counts = [rank - len(term.replace("...", "")) for rank, term in zip(ranks, terms, strict=True)]
    free = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in equation][: max(0, *counts)]
    spelled = [
        term.replace("...", "".join(free[len(free) - count :])) if "..." in term else term
        for term, count in zip(terms, counts, strict=True)
    ]
    return ",".join(spelled) + arrow + right.replace("...", "".join(free))


def _batch_norm(w: Walker, a: Args) -> Any:
    x, weight, bias = a.x, a("weight"), a("bias")
    if isinstance(x, Constant):  # a weight that is standardised while the network runs
        learned = weight.stored if isinstance(weight, Constant) and w.learns(weight) else 0
        return [x._replace(values=None, stored=x.stored + learned), None, None]
    if weight is not None:
        return [by_onnx(w, "BatchNormalization", [x, weight, bias]), None, None]
    x = w.as_map(x) if len(x.dims) > 2 else w.as_rows(x)
    node = w.emit(layers.operator("bn", scale=False, shift=bias is not None), (x.node,))
    if bias is not None:
        w.learns(bias)
    return [x._replace(node=node, made=()), None, None]


def _layer_norm(w: Walker, a: Args) -> Any:
    x = a.x
    word = "RMSNormalization" if "rms" in a.operation.op else "LayerNormalization"
    axis = -len(a.sizes("normalized_shape"))
    return [by_onnx(w, word, [x, a("weight"), a("bias")], axis=axis), None, None]


def _group_norm(w: Walker, a: Args) -> Any:
    x, weight = a.x, a("weight")
    groups = a.whole("num_groups", a("group", 1))
    if weight is not None:
        return [by_onnx(w, "GroupNormalization", [x, weight, a("bias")], num_groups=groups), None, None]
    x = w.as_map(x)
    return [x._replace(node=w.emit(layers.operator("gn", groups=groups, affine=False), (x.node,)), made=()), None, None]


def _instance_norm(w: Walker, a: Args) -> Any:
    x, weight = w.as_map(a.x), a("weight")
    for constant in (weight, a("bias")):
        if constant is not None:
            w.learns(constant)
    made = layers.operator("instance_norm", affine=weight is not None)
    return x._replace(node=w.emit(made, (x.node,), name=weight.name if weight is not None else ""), made=())


def _attention(w: Walker, a: Args) -> Any:
    query, key, value = a("query"), a("key"), a("value")
    if a("enable_gqa"):
        query, key, value = _grouped(query, key, value)
    scaled = layers.elementwise(w, w.tensor(query), "elementwise", multiplications=1)
    rank = len(key.dims)
    across = by_onnx(w, "Transpose", [key], perm=(*range(rank - 2), rank - 1, rank - 2))
    scores = by_onnx(w, "MatMul", [scaled, across])
    mask = a("attn_mask", a("attn_bias"))
    if mask is not None:
        scores = by_onnx(w, "Add", [scores, mask])
    y = by_onnx(w, "MatMul", [by_onnx(w, "Softmax", [scores], axis=-1), value])
    if a("enable_gqa"):
        y = y._replace(dims=(*y.dims[:-4], (*y.dims[-4], *y.dims[-3]), *y.dims[-2:]))
    return [y, *[None] * 8]


def _grouped(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries whose heads share the heads of keys, with a dimension for those that share one."""
    heads, shared = query.sizes[-3], key.sizes[-3]
    each = both(lambda n, m: n // m, heads, shared)
    query = reshaped(query, [*query.sizes[:-3], shared, each, *query.sizes[-2:]])
    key, value = (one._replace(dims=(*one.dims[:-2], (), *one.dims[-2:])) for one in (key, value))
    return query, key, value


def _embedding(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Gather", [a("weight"), a("indices")], axis=0)


def _recurrent(w: Walker, a: Args) -> Any:
    kind = next(word for word in ("lstm", "gru", "rnn") if word in a.operation.op)
    x, params = a("input"), a("params")
    directions = 2 if a("bidirectional") else 1
    biased = bool(a("has_biases"))
    each = 4 if biased else 2
    if len(params) != a.whole("num_layers") * directions * each:
        raise OperatorError(f"a recurrent layer with {len(params)} weights", expected="no projections")
    axis = 1 if a("batch_first") and len(x.dims) == 3 else 0
    whole: Tensor = x
    lasts: list[Any] = []
    for start in range(0, len(params), directions * each):
        own = params[start : start + directions * each]
        whole = _one_recurrent(w, kind, whole, own, directions, biased)
        lasts.append(moves.picked(w, whole, axis, fixed(1), drop=True))
    last = lasts[-1]._replace(dims=((), *lasts[-1].dims))
    return [whole, last, last] if kind == "lstm" else [whole, last]


def _one_recurrent(w: Walker, kind: str, x: Tensor, own: Sequence[Any], directions: int, biased: bool) -> Tensor:
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[kind]
    rows, inner = own[0].own
    w.require(x.sizes[-1], inner, "the layer")
    x = w.as_rows(x)
    made = layers.operator(kind, out=rows // gates, directions=directions, bias=biased)
    node = w.emit(made, (x.node,), name=own[0].name.rpartition(".")[0] + ".weight")
    for constant in own:
        w.learns(constant)
    channels = fresh(w.width(node))
    return Tensor(node, (*x.dims[:-1], channels), x.spatial, channels)


def _prelu(w: Walker, a: Args) -> Any:
    return by_onnx(w, "PRelu", [a.x, a("weight")])


def _weight_norm(w: Walker, a: Args) -> Any:
    """A weight as direction and length: both are learned."""
    v, g = a("v"), a("g")
    return v._replace(stored=v.stored + g.stored, values=None)


def _glu(w: Walker, a: Args) -> Any:
    x, axis = a.x, axis_of(a.x, a.whole("dim", -1))
    half = both(lambda n: n // 2, x.sizes[axis])
    first = moves.picked(w, x, axis, half, fixed(0))
    second = moves.picked(w, x, axis, Size(x.sizes[axis].own - half.own, half.size), half)
    return by_onnx(w, "Mul", [first, by_onnx(w, "Sigmoid", [second])])


def _bilinear_sample(w: Walker, a: Args) -> Any:
    """Values between positions: of four of them each, weighted."""
    x, grid = w.as_map(a.x), a("grid")
    sides = (grid.sizes if isinstance(grid, Tensor) else grid.dims)[1:-1]
    dims = (x.dims[0], x.dims[1], *map(fresh, sides))
    made = layers.operator("upsample", size=tuple(side.size for side in sides), mode="bilinear")
    own = layers.operator("upsample", size=tuple(side.own for side in sides), mode="bilinear")
    return Tensor(w.emit(made, (x.node,), own), dims, tuple(dims[2:]), dims[1])


def _dot(w: Walker, a: Args) -> Any:
    product = by_onnx(w, "Mul", [a.x, a("tensor")])
    return by_onnx(w, "ReduceSum", [product], keepdims=0)


def _bilinear(w: Walker, a: Args) -> Any:
    """A similarity of two tensors along one dimension, or a distance: a product and a sum."""
    product = by_onnx(w, "Mul", [value_of(a("x1")), value_of(a("x2"))])
    return by_onnx(w, "ReduceSum", [product], axes=(a.whole("dim", 1),), keepdims=0)


RULES: dict[str, Rule] = named(
    {
        "conv1d conv2d conv3d convolution _convolution conv_transpose1d conv_transpose2d conv_transpose3d": _conv,
        "linear": _linear,
        "matmul mm bmm mv": _matmul,
        "dot": _dot,
        "addmm baddbmm": _addmm,
        "einsum": _einsum,
        "batch_norm _native_batch_norm_legit_no_training native_batch_norm _native_batch_norm_legit "
        "cudnn_batch_norm": _batch_norm,
        "layer_norm native_layer_norm rms_norm _fused_rms_norm": _layer_norm,
        "group_norm native_group_norm": _group_norm,
        "instance_norm": _instance_norm,
        "scaled_dot_product_attention _scaled_dot_product_flash_attention_for_cpu "
        "_scaled_dot_product_flash_attention _scaled_dot_product_efficient_attention "
        "_scaled_dot_product_fused_attention_overrideable _scaled_dot_product_attention_math "
        "_scaled_dot_product_cudnn_attention": _attention,
        "embedding": _embedding,
        "lstm gru rnn_tanh rnn_relu": _recurrent,
        "prelu _prelu_kernel": _prelu,
        "_weight_norm": _weight_norm,
        "glu": _glu,
        "grid_sampler grid_sampler_2d": _bilinear_sample,
        "cosine_similarity": _bilinear,
    }
)
"""Each takes the walker and the operator's arguments."""
