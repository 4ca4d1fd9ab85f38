"""Keras' attention, recurrent layers, and layers around a layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import layers, moves
from costcalc.importers.channels import weight
from costcalc.importers.keras_config import Ref, kind_of
from costcalc.importers.keras_fields import named, one, whole
from costcalc.importers.keras_layers import HANDLERS as LAYERS
from costcalc.importers.keras_layers import dense
from costcalc.importers.keras_math import HANDLERS as MATH
from costcalc.importers.keras_math import as_onnx
from costcalc.importers.onnx_layout import reshape
from costcalc.importers.program import Operation
from costcalc.importers.sizes import fixed
from costcalc.importers.tensors import Tensor, fresh
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]


def _arguments(op: Operation, x: Values, *names: str) -> list[Any]:
    """Tensors among a call's arguments, by the names of its parameters; None for those left out."""
    args, kwargs = op.attributes.get("args", ()), op.attributes.get("kwargs", {})
    if len(args) == 1 and isinstance(args[0], tuple):  # Keras 2: one list of tensors
        args = args[0]
    given = [*args, *(None,) * len(names)][: len(names)]
    found = [kwargs.get(name, value) for name, value in zip(names, given, strict=True)]
    return [x[value.number] if isinstance(value, Ref) else None for value in found]


def _heads(w: Walker, x: Tensor, heads: int, size: int) -> Tensor:
    """The last dimension cut into heads, which come before the positions: (batch, heads, positions, size)."""
    y = reshape(w, x, [*x.sizes[:-1], fixed(heads), fixed(size)], zero_copies=False)
    return as_onnx_order(y, (0, 2, 1, 3))


def as_onnx_order(x: Tensor, order: Sequence[int]) -> Tensor:
    """The dimensions in another order."""
    return x._replace(dims=tuple(x.dims[place] for place in order), made=())


def _multi_head(w: Walker, op: Operation, x: Values) -> Any:
    """Source: arXiv:1706.03762, section 3.2.2."""
    fields = op.attributes
    query, value, key = _arguments(op, x, "query", "value", "key")
    query, value = query or one(x), value or query or one(x)
    key = key or value
    if any(len(each.dims) != 3 for each in (query, value, key)):
        raise OperatorError(f"attention over {len(query.dims) - 2} dimensions", expected="one")
    grouped = op.op != "MultiHeadAttention"
    heads = whole(fields["num_query_heads" if grouped else "num_heads"], "num_heads")
    size = whole(fields["head_dim" if grouped else "key_dim"], "key_dim")
    few = whole(fields["num_key_value_heads"], "num_key_value_heads") if grouped else heads
    if few != heads:
        raise OperatorError("attention with fewer heads of keys than of queries", expected="as many")
    deep = whole(fields.get("value_dim") or size, "value_dim")
    bias = bool(fields.get("use_bias", True))
    out = fields.get("output_shape")
    out = out[0] if isinstance(out, list | tuple) and len(out) == 1 else out
    width = whole(out, "output_shape") if out else query.own[-1]
    q = _heads(w, dense(w, query, named(op, "query/kernel"), heads * size, bias), heads, size)
    k = _heads(w, dense(w, key, named(op, "key/kernel"), heads * size, bias), heads, size)
    v = _heads(w, dense(w, value, named(op, "value/kernel"), heads * deep, bias), heads, deep)
    y = _weighted(w, op, layers.elementwise(w, q, "elementwise", multiplications=1), k, v)
    y = as_onnx_order(y, (0, 2, 1, 3))
    y = y._replace(dims=(*y.dims[:2], (*y.dims[2], *y.dims[3])))
    y = dense(w, y, named(op, "attention_output/kernel"), width, bias)
    return [y, y]


def _weighted(w: Walker, op: Operation, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T) v."""
    rank = len(k.dims)
    scores = layers.matmul(w, q, as_onnx_order(k, (*range(rank - 2), rank - 1, rank - 2)))
    return layers.matmul(w, as_onnx(w, op, "Softmax", [scores], axis=-1), v)


def _attention(w: Walker, op: Operation, x: Values) -> Any:
    """softmax(q k^T) v without weights, but for a scale."""
    if op.attributes.get("use_scale") or op.attributes.get("score_mode", "dot") != "dot" or len(x) not in (2, 3):
        raise OperatorError(
            "attention with a learned scale or another score", expected="score_mode dot, use_scale false"
        )
    query, value = x[0], x[1]
    return _weighted(w, op, query, x[2] if len(x) == 3 else value, value)


def _recurrent(w: Walker, op: Operation, x: Values, directions: int = 1, merge: Any = "concat") -> Any:
    fields, value = op.attributes, one(x)
    if len(value.dims) != 3:
        raise OperatorError(f"a recurrent layer over {len(value.dims)} dimensions", expected="samples, steps, values")
    units, bias = whole(fields["units"], "units"), bool(fields.get("use_bias", True))
    word = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}[op.op.removeprefix("CuDNN")]
    two = op.op.startswith("CuDNN") or (word == "gru" and bool(fields.get("reset_after", False)))
    value = w.as_rows(value)
    made = layers.operator(word, out=units, directions=directions, bias=bias, biases=2 if two else 1)
    if not w.learns(weight(named(op), (value.own[-1], units))):
        raise OperatorError("a recurrent layer that is called twice", expected="one call")
    node = w.emit(made, (value.node,), name=named(op))
    across, states = fresh(fixed(directions)), fresh(fixed(units))
    whole_ = Tensor(node, (value.dims[0], value.dims[1], across, states), value.spatial, (*across, *states))
    if merge == "concat":
        y = whole_._replace(dims=(*whole_.dims[:2], (*across, *states)))
    else:
        y = moves.reduced(w, whole_, [2], False, "sum")
    last = y if fields.get("return_sequences") else moves.picked(w, y, 1, fixed(1), drop=True)
    state = moves.picked(w, y, 1, fixed(1), drop=True) if fields.get("return_state") else last
    return [last, state, state]


def _inner(op: Operation) -> Operation:
    """The operator that is the layer within a layer."""
    layer: Mapping[str, Any] = op.attributes["layer"]
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        raise OperatorError("no layer in a layer")
    attributes = {**layer["config"], "args": op.attributes.get("args", ()), "kwargs": op.attributes.get("kwargs", {})}
    return op._replace(op=kind_of(layer), attributes=attributes)


def _bidirectional(w: Walker, op: Operation, x: Values) -> Any:
    inner = _inner(op)
    if inner.op not in _RECURRENT:
        raise OperatorError(f"a {inner.op[:40]} in both directions", expected=", ".join(_RECURRENT))
    return _recurrent(w, inner, x, 2, op.attributes.get("merge_mode", "concat"))


def _time_distributed(w: Walker, op: Operation, x: Values) -> Any:
    """A layer applied at each step: the steps lie beside the samples for it."""
    inner, value = _inner(op), one(x)
    handler = {**MATH, **LAYERS}.get(inner.op)
    if handler is None:
        raise OperatorError(f"a {inner.op[:40]} at each step", expected="a layer that docs/model-files.md lists")
    if inner.op == "Dense":
        return handler(w, inner, x)
    batch, steps = value.dims[0], value.dims[1]
    y = handler(w, inner, [value._replace(dims=((*batch, *steps), *value.dims[2:]))])
    if not isinstance(y, Tensor) or math.prod(atom.own for atom in y.dims[0]) != math.prod(
        atom.own for atom in (*batch, *steps)
    ):
        raise OperatorError(f"a {inner.op[:40]} at each step changes the steps")
    after = y.dims[0][len(batch) :]
    return y._replace(dims=(y.dims[0][: len(batch)], after, *y.dims[1:]))


_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU")
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_RECURRENT, _recurrent),
    **dict.fromkeys(("MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention"), _multi_head),
    "Attention": _attention,
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
}
"""Each takes the walker, the layer and its inputs."""
