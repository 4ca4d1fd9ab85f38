"""ONNX's operators that work on each value, join tensors, or reduce them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import folding, fuse, layers, moves
from costcalc.importers.folding import ints, numbers
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Constant, both, fixed
from costcalc.importers.tensors import Tensor, aligned, size_of
from costcalc.importers.walker import Handler, Walker, formats_of

Values = Sequence[Any]
_JOINS = {"Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Sum": "add", "Max": "maximum", "Min": "maximum"}
ACTIVATIONS = {
    "Relu": "relu", "Sigmoid": "sigmoid", "HardSigmoid": "hsigmoid", "HardSwish": "hswish", "Tanh": "tanh",
    "Gelu": "gelu", "Mish": "mish", "Elu": "elu", "Selu": "elu", "Celu": "elu", "Softplus": "softplus",
    "LeakyRelu": "leaky_relu", "Swish": "swish", "com.microsoft.Gelu": "gelu", "com.microsoft.FastGelu": "gelu",
    "com.microsoft.QuickGelu": "swish", "ThresholdedRelu": "leaky_relu",
}  # fmt: skip
EACH: dict[str, dict[str, int]] = {
    "Sqrt": {"exponentials": 1}, "Exp": {"exponentials": 1}, "Log": {"exponentials": 1}, "Pow": {"exponentials": 1},
    "Erf": {"exponentials": 1, "multiplications": 1}, "Reciprocal": {"divisions": 1}, "Neg": {},
    "Abs": {"comparisons": 1},
    "Floor": {}, "Ceil": {}, "Round": {}, "Sign": {"comparisons": 1}, "Not": {}, "Sin": {"exponentials": 1},
    "Cos": {"exponentials": 1}, "Tan": {"exponentials": 1}, "Atan": {"exponentials": 1}, "IsNaN": {"comparisons": 1},
    "IsInf": {"comparisons": 1}, "Softsign": {"divisions": 1, "additions": 1, "comparisons": 1},
    "Shrink": {"comparisons": 2, "additions": 1}, "CumSum": {"additions": 1}, "Trilu": {}, "Sinh": {"exponentials": 2},
    "Cosh": {"exponentials": 2}, "Asin": {"exponentials": 1}, "Acos": {"exponentials": 1}, "BitwiseNot": {},
    "ReverseSequence": {}, "LpNormalization": {"multiplications": 2, "additions": 1},
    "MeanVarianceNormalization": {"multiplications": 2, "additions": 3},
}  # fmt: skip
"""The work for each value of functions that have no operator of their own."""
PAIRS: dict[str, dict[str, int]] = {
    "Equal": {"comparisons": 1}, "Less": {"comparisons": 1}, "LessOrEqual": {"comparisons": 1},
    "Greater": {"comparisons": 1}, "GreaterOrEqual": {"comparisons": 1}, "And": {"comparisons": 1},
    "Or": {"comparisons": 1}, "Xor": {"comparisons": 1}, "Where": {"comparisons": 1}, "Mod": {"divisions": 1},
    "Div": {"divisions": 1}, "Pow": {"exponentials": 1}, "BitShift": {}, "BitwiseAnd": {}, "BitwiseOr": {},
    "PRelu": {"comparisons": 1, "multiplications": 1},
}  # fmt: skip
_REDUCTIONS = {
    "ReduceMean": "mean", "ReduceSum": "sum", "ReduceMax": "max", "ReduceMin": "min", "ReduceL2": "norm",
    "ReduceL1": "sum", "ReduceSumSquare": "norm", "ReduceProd": "sum", "ReduceLogSumExp": "norm", "ReduceLogSum": "sum",
}  # fmt: skip


def _constants(x: Values) -> bool:
    return all(isinstance(value, Constant) for value in x if value is not None)


def _activation(w: Walker, op: Operation, x: Values) -> Any:
    if isinstance(x[0], Constant):
        return x[0]._replace(values=None)
    return layers.elementwise(w, x[0], ACTIVATIONS[op.op])


def _each(w: Walker, op: Operation, x: Values) -> Any:
    if isinstance(x[0], Constant):
        known = op.op in folding.ARITHMETIC or op.op in folding.DECIDED
        return folding.elementwise(op.op, [x[0]]) if known else x[0]._replace(values=None)
    y = layers.elementwise(w, x[0], "elementwise", **EACH[op.op])
    return y._replace(made=(op.op, x[0]))


def _clip(w: Walker, op: Operation, x: Values) -> Any:
    bounds = [op.attributes.get("min"), op.attributes.get("max")]
    for place in (1, 2):
        if len(x) > place and isinstance(x[place], Constant):
            bounds[place - 1] = x[place].number
    if isinstance(x[0], Constant):
        return x[0]
    low, high = (None if bound is None or not math.isfinite(bound) or abs(bound) > 1e30 else bound for bound in bounds)
    if low == 0 and high == 6:
        return layers.elementwise(w, x[0], "relu6")
    if low == 0 and high is None:
        return layers.elementwise(w, x[0], "relu")
    return layers.elementwise(w, x[0], "elementwise", comparisons=2)._replace(made=("clip", x[0], low, high))


def _join(w: Walker, op: Operation, x: Values) -> Any:
    values = [value for value in x if value is not None]
    if _constants(values):
        return folding.elementwise("Add" if op.op == "Sum" else op.op, values)
    if len(values) == 1:
        return values[0]
    word = _JOINS[op.op]
    if len(values) == 2 and (found := fuse.step(w, word, *values)) is not None:
        return found
    constants = [value for value in values if isinstance(value, Constant)]
    if len(values) == 2 and constants:
        x0 = next(value for value in values if isinstance(value, Tensor))
        y = with_constant(w, op, x0, constants[0], word)
        return y if y.made and y.made[0] in ("product", "norm") else y._replace(made=(word, *values))
    lead = max((value for value in values if isinstance(value, Tensor)), key=lambda value: len(value.dims))
    tensors = [like(w, value, lead) for value in values]
    work = {"sub": {"additions": 1}, "div": {"divisions": 1}}
    y = layers.join(w, "combine" if word in work else word, tensors, **work.get(word, {}))
    return y._replace(made=(word, *values))


def like(w: Walker, value: Any, lead: Tensor) -> Tensor:
    """A value as a tensor; a constant lies as the tensor `lead` does."""
    if isinstance(value, Tensor):
        return value
    return w.constant(value, max(len(lead.dims), len(value.dims)), lead if len(value.dims) <= len(lead.dims) else None)


def with_constant(w: Walker, op: Operation, x: Tensor, constant: Constant, word: str) -> Tensor:
    """A tensor with a constant: a bias, a norm's scale or shift, a learned map, or a plain number."""
    is_learned = bool(constant.stored) and not constant.is_whole and (constant.values is None or not constant.is_scalar)
    is_learned = is_learned and math.prod(constant.own) > 1
    work = {"add": {"additions": 1}, "sub": {"additions": 1}, "mul": {"multiplications": 1}, "div": {"divisions": 1}}
    if not is_learned and constant.is_scalar:
        return layers.elementwise(w, x, "elementwise", **work.get(word, {"comparisons": 1}))
    if word == "add" and (found := layers.with_bias(w, x, constant)) is not None:
        return found
    if (found := fuse.with_affine(w, x, word, constant)) is not None:
        return found
    if word in ("add", "mul") and _is_per_channel(x, constant) and is_learned and constant.name not in w.counted:
        fields = {"scale": word == "mul", "shift": word == "add"}
        before = w.operator(x.node)
        if word == "add" and before == layers.operator("affine", scale=True, shift=False):
            rest = layers.operator("affine", **fields)
            node = w.complete(x.node, layers.operator("affine"), rest, w.name_of(x.node))
        else:
            node = w.emit(layers.operator("affine", **fields), (x.node,), name=constant.name)
        w.learns(constant)
        return x._replace(node=node)
    lead = like(w, constant, x)
    two = {"sub": {"additions": 1}, "div": {"divisions": 1}}
    return layers.join(w, "combine" if word in two else word, [x, lead], **two.get(word, {}))


def _is_per_channel(x: Tensor, constant: Constant) -> bool:
    """Whether a constant has one value for each channel, in the dimensions that the channels lie in."""
    if len(constant.dims) > len(x.dims) or not x.channels:
        return False
    own = (1,) * (len(x.dims) - len(constant.dims)) + constant.own
    wanted = tuple(
        size.own if dim and set(dim) <= set(x.channels) else 1 for size, dim in zip(x.sizes, x.dims, strict=True)
    )
    return own == wanted and constant.stored == math.prod(own)


def _pair(w: Walker, op: Operation, x: Values) -> Any:
    if op.op == "Where":
        return _where(w, x)
    if _constants(x):
        if op.op in folding.DECIDED or op.op in folding.ARITHMETIC:
            return folding.elementwise(op.op, list(x))
        return Constant(folding.broadcast([value.dims for value in x]))
    if op.op == "Pow" and isinstance(x[1], Constant) and x[1].is_scalar:
        square = x[1].number == 2
        work = {"multiplications": 1} if square else {"exponentials": 1}
        y = layers.elementwise(w, x[0], "elementwise", **work)
        if square:
            return y._replace(made=("Pow", x[0]))
        return y._replace(made=("Sqrt" if x[1].number == 0.5 else "power", x[0]))
    if isinstance(x[1], Constant) and op.op == "PRelu":
        made = layers.operator("prelu", shared=x[1].stored != w.width(x[0].node).own)
        node = w.emit(made, (x[0].node,), name=x[1].name, formats=formats_of(x[1].dtype))
        w.learns(x[1])
        return x[0]._replace(node=node, made=())
    if any(isinstance(value, Constant) and value.is_scalar for value in x):
        x0 = next(value for value in x if isinstance(value, Tensor))
        return layers.elementwise(w, x0, "elementwise", **PAIRS[op.op])._replace(made=())
    lead = max((value for value in x if isinstance(value, Tensor)), key=lambda value: len(value.dims))
    return layers.join(w, "combine", [like(w, value, lead) for value in x], **PAIRS[op.op])._replace(made=())


def _where(w: Walker, x: Values) -> Any:
    condition = x[0]
    if _constants(x):
        dims = folding.broadcast([value.dims for value in x])
        if any(value.values is None for value in x):
            return Constant(dims, None, "", x[1].dtype)
        parts = [folding.spread(value, dims).values for value in x]
        return Constant(dims, tuple(b if a.own else c for a, b, c in zip(*parts, strict=True)), "", x[1].dtype)
    if isinstance(condition, Constant) and condition.is_number:
        return x[1] if condition.number else x[2]
    tensors = [value for value in x if not (isinstance(value, Constant) and value.is_scalar)]
    lead = max((value for value in tensors if isinstance(value, Tensor)), key=lambda value: len(value.dims))
    if len(tensors) == 1:
        return layers.elementwise(w, lead, "elementwise", comparisons=1)._replace(made=())
    return layers.join(w, "combine", [like(w, value, lead) for value in tensors], comparisons=1)._replace(made=())


def _reduce(w: Walker, op: Operation, x: Values) -> Any:
    rank = len(x[0].dims)
    axes = op.attributes.get("axes")
    if axes is None:
        axes = ints(x[1]) if len(x) > 1 and x[1] is not None else None
    if axes is None or (not axes and not op.attributes.get("noop_with_empty_axes")):
        axes = range(rank)
    keep = bool(op.attributes.get("keepdims", 1))
    if isinstance(x[0], Constant):
        return _reduced_constant(op, x[0], [axis % rank for axis in axes] if rank else [], keep)
    return moves.reduced(w, x[0], list(axes), keep, _REDUCTIONS[op.op])


def _reduced_constant(op: Operation, x: Constant, axes: Sequence[int], keep: bool) -> Constant:
    dims = tuple(fixed(1) if i in axes else size for i, size in enumerate(x.dims) if keep or i not in axes)
    if x.values is None or (len(dims) > 0 and math.prod(size.own for size in dims) != 1):
        return Constant(dims, None, x.name, x.dtype)
    total, *rest = x.values
    for value in rest:
        step = {"ReduceProd": "Mul", "ReduceMax": "Max", "ReduceMin": "Min"}.get(op.op, "Add")
        total = folding.short(both(folding.ARITHMETIC[step], total, value), x)
    return Constant(dims, (total,), "", x.dtype)


def _arg(w: Walker, op: Operation, x: Values) -> Any:
    axis, keep = op.attributes.get("axis", 0), bool(op.attributes.get("keepdims", 1))
    return moves.reduced(w, x[0], [axis], keep, "max")._replace(dtype="int64", made=())


def _top(w: Walker, op: Operation, x: Values) -> Any:
    count = numbers(x[1])[0] if len(x) > 1 else fixed(op.attributes["k"])
    y = moves.picked(w, x[0], op.attributes.get("axis", -1), count)
    return [y, y._replace(dtype="int64")]


def _global_pool(w: Walker, op: Operation, x: Values) -> Any:
    how = "max" if "Max" in op.op else "mean"
    value = w.as_map(x[0])
    return moves.reduced(w, value, range(2, len(value.dims)), True, how)


def _softmax(w: Walker, op: Operation, x: Values) -> Any:
    value: Tensor = x[0]
    if isinstance(value, Constant):
        return value._replace(values=None)
    axis = op.attributes.get("axis", -1)
    dim = value.dims[axis]
    if not dim or not set(value.without_batch(dim)) <= set(value.channels):
        value = w.as_rows(value, [axis])
    heads = tuple(atom for atom in value.channels if atom not in value.dims[axis])
    count = size_of(heads)
    node = w.emit(
        layers.operator("softmax", heads=count.size), (value.node,), layers.operator("softmax", heads=count.own)
    )
    return value._replace(node=node, made=())


def _einsum(w: Walker, op: Operation, x: Values) -> Any:
    equation = op.attributes["equation"].replace(" ", "")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if not arrow or len(terms) != 2 or len(x) != 2 or "." in equation:
        raise OperatorError(f"einsum '{equation[:40]}'", expected="two terms and a result, as bhid,bhjd->bhij")
    if isinstance(x[0], Constant):
        terms, x = terms[::-1], x[::-1]
    a, b = (w.tensor(value, len(term)) for value, term in zip(x, terms, strict=True))
    for term, value in zip(terms, (a, b), strict=True):
        if len(term) != len(value.dims) or len(set(term)) != len(term):
            raise OperatorError(f"einsum '{equation[:40]}' does not fit its inputs")
    first, second = (dict(zip(term, value.dims, strict=True)) for term, value in zip(terms, (a, b), strict=True))
    shared = [letter for letter in terms[0] if letter in second]
    a, b = aligned(a, b, [(terms[0].index(letter), terms[1].index(letter)) for letter in shared])
    first, second = (dict(zip(term, value.dims, strict=True)) for term, value in zip(terms, (a, b), strict=True))
    batch = [letter for letter in shared if letter in right]
    inner = [letter for letter in shared if letter not in right]
    rows = [letter for letter in terms[0] if letter not in second and letter in right]
    columns = [letter for letter in terms[1] if letter not in first and letter in right]

    def merged(dims: dict[str, Any], letters: Sequence[str]) -> Any:
        return tuple(atom for letter in letters for atom in dims[letter])

    lead = [first[letter] for letter in batch]
    y = layers.matmul(
        w,
        a._replace(dims=(*lead, merged(first, rows), merged(first, inner))),
        b._replace(dims=(*(second[letter] for letter in batch), merged(second, inner), merged(second, columns))),
    )
    dims = {letter: first[letter] for letter in (*batch, *rows)}
    last = iter(y.dims[-1])  # not those of `b` where rows and columns are the same positions
    dims |= {letter: tuple(next(last) for _ in second[letter]) for letter in columns}
    return y._replace(dims=tuple(dims[letter] for letter in right))


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS, _activation),
    **dict.fromkeys(EACH, _each),
    **dict.fromkeys(PAIRS, _pair),
    **dict.fromkeys(_JOINS, _join),
    **dict.fromkeys(_REDUCTIONS, _reduce),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"), _global_pool),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _softmax),
    **dict.fromkeys(("ArgMax", "ArgMin"), _arg),
    "Hardmax": _softmax,
    "Clip": _clip,
    "TopK": _top,
    "Einsum": _einsum,
}
"""Each takes the walker, the operator and its inputs."""
