"""torch's operators that work on each value, join tensors, or reduce them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costcalc.importers.aten import Args, Rule, axis_of, by_onnx, named, size_from, value_of
from costcalc.importers.sizes import Constant
from costcalc.importers.tensors import Tensor
from costcalc.importers.walker import Walker


def _each(word: str) -> Rule:
    """An operator of one tensor that ONNX has as well."""

    def run(w: Walker, a: Args) -> Any:
        return by_onnx(w, word, [a.x])

    return run


def _pair(word: str) -> Rule:
    """One of two values, `self` and `other`, the second maybe a number."""

    def run(w: Walker, a: Args) -> Any:
        x, y = a.x, a("other", a("exponent"))
        return by_onnx(w, word, [x, y])

    return run


def _sum(word: str, turned: bool = False) -> Rule:
    """self + alpha other, self - alpha other, or the second less the first."""

    def run(w: Walker, a: Args) -> Any:
        x, y = a.x, a("other")
        if a("alpha", 1) != 1:
            y = by_onnx(w, "Mul", [y, a("alpha")])
        return by_onnx(w, word, [y, x] if turned else [x, y])

    return run


def _divided(w: Walker, a: Args) -> Any:
    x, y, mode = value_of(a.x), value_of(a("other")), a("rounding_mode")
    if mode is None and isinstance(x, Constant) and x.is_whole and isinstance(y, Constant):
        return by_onnx(w, "Div", [x._replace(dtype="float32"), y])
    found = by_onnx(w, "Div", [x, y])
    return by_onnx(w, "Floor", [found]) if mode == "floor" else found


def _square(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Pow", [a.x, 2])


def _rsqrt(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Reciprocal", [by_onnx(w, "Sqrt", [a.x])])


def _hardtanh(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Clip", [a.x, a("min_val", -1.0), a("max_val", 1.0)])


def _clamp(w: Walker, a: Args) -> Any:
    low, high = a("min"), a("max")
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        x = a.x
        for bound in (low, high):
            x = x if bound is None else by_onnx(w, "Max", [x, bound])
        return x
    return by_onnx(w, "Clip", [a.x, low, high])


def _relu6(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Clip", [a.x, 0.0, 6.0])


def _softmax(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Softmax", [a.x], axis=axis_of(a.x, a.whole("dim", -1)))


def _where(w: Walker, a: Args) -> Any:
    if "other" not in a:  # the places where it holds
        return by_onnx(w, "Identity", [a("condition")])
    return by_onnx(w, "Where", [a("condition"), a("self"), a("other")])


def _masked_fill(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Where", [a("mask"), a("value"), a.x])


def _reduce(word: str) -> Rule:
    """Over the dimensions `dim`, or over all."""

    def run(w: Walker, a: Args) -> Any:
        x = a.x
        axes = tuple(axis_of(x, axis) for axis in a.wholes("dim")) if "dim" in a else ()
        return by_onnx(w, word, [x], axes=axes or tuple(range(len(x.dims))), keepdims=int(bool(a("keepdim"))))

    return run


def _with_places(word: str) -> Rule:
    """The largest (smallest) values of a dimension and their places; of all, or of two tensors, without a dimension."""
    reduce = _reduce(word)

    def run(w: Walker, a: Args) -> Any:
        if "other" in a:
            return by_onnx(w, "Max", [a.x, a("other")])
        y = reduce(w, a)
        return [y, y._replace(dtype="int64")]

    return run


def _with_mean(w: Walker, a: Args) -> Any:
    return [_reduce("ReduceL2")(w, a), _reduce("ReduceMean")(w, a)]


def _arg(w: Walker, a: Args) -> Any:
    x = a.x
    if "dim" not in a:
        return by_onnx(w, "ReduceMax", [x], axes=tuple(range(len(x.dims))), keepdims=0)._replace(dtype="int64")
    return by_onnx(w, "ArgMax", [x], axis=axis_of(x, a.whole("dim")), keepdims=int(bool(a("keepdim"))))


def _top(w: Walker, a: Args) -> Any:
    return by_onnx(w, "TopK", [a.x, size_from(a("k"))], axis=axis_of(a.x, a.whole("dim", -1)))


def _sort(w: Walker, a: Args) -> Any:
    return [a.x, a.x._replace(dtype="int64")]


def _scaled_sum(word: str) -> Rule:
    """self + value * tensor1 * tensor2 (or / tensor2)."""

    def run(w: Walker, a: Args) -> Any:
        y = by_onnx(w, word, [a("tensor1"), a("tensor2")])
        if a("value", 1) != 1:
            y = by_onnx(w, "Mul", [y, a("value")])
        return by_onnx(w, "Add", [a.x, y])

    return run


def _lerp(w: Walker, a: Args) -> Any:
    step = by_onnx(w, "Sub", [a("end"), a.x])
    return by_onnx(w, "Add", [a.x, by_onnx(w, "Mul", [step, a("weight")])])


def _log_sigmoid(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Log", [by_onnx(w, "Sigmoid", [a.x])])


def _distance(w: Walker, a: Args) -> Any:
    return by_onnx(w, "ReduceL2", [by_onnx(w, "Sub", [a("x1"), a("x2")])], axes=(-1,), keepdims=0)


_SAME_NAME = {
    "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "hardswish": "HardSwish", "hardsigmoid": "HardSigmoid",
    "silu": "Swish", "gelu": "Gelu", "mish": "Mish", "elu": "Elu", "selu": "Selu", "celu": "Celu",
    "softplus": "Softplus", "leaky_relu rrelu threshold": "LeakyRelu", "sqrt": "Sqrt", "exp expm1 exp2": "Exp",
    "log log1p log2 log10": "Log", "erf": "Erf", "reciprocal": "Reciprocal", "neg": "Neg", "abs": "Abs",
    "floor": "Floor", "ceil": "Ceil", "round trunc": "Round", "sign sgn": "Sign", "logical_not bitwise_not": "Not",
    "sin": "Sin", "cos": "Cos", "tan": "Tan", "atan asin acos": "Atan", "isnan": "IsNaN", "isinf": "IsInf",
    "softsign": "Softsign", "cumsum cumprod": "CumSum", "tril triu": "Trilu", "sinh": "Sinh", "cosh": "Cosh",
    "hardshrink softshrink": "Shrink", "nan_to_num": "IsNaN",
}  # fmt: skip
_PAIRS = {
    "mul multiply": "Mul", "maximum": "Max", "minimum": "Min", "pow": "Pow", "eq": "Equal", "ne": "Equal", "lt": "Less",
    "le": "LessOrEqual", "gt": "Greater", "ge": "GreaterOrEqual", "logical_and bitwise_and __and__": "And",
    "logical_or bitwise_or __or__": "Or", "logical_xor bitwise_xor": "Xor", "remainder fmod": "Mod", "atan2": "Div",
}  # fmt: skip
_REDUCTIONS = {
    "mean": "ReduceMean", "sum nansum": "ReduceSum", "amax": "ReduceMax", "amin": "ReduceMin", "var std": "ReduceL2",
    "norm linalg_vector_norm": "ReduceL2", "logsumexp": "ReduceLogSumExp", "prod": "ReduceProd", "any all": "ReduceMax",
}  # fmt: skip


def _table(words: dict[str, str], kind: Callable[[str], Rule]) -> dict[str, Rule]:
    return {names: kind(word) for names, word in words.items()}


RULES: dict[str, Rule] = named(
    {
        **_table(_SAME_NAME, _each),
        **_table(_PAIRS, _pair),
        **_table(_REDUCTIONS, _reduce),
        "add": _sum("Add"),
        "sub subtract": _sum("Sub"),
        "rsub": _sum("Sub", turned=True),
        "div divide true_divide floor_divide": _divided,
        "square": _square,
        "rsqrt": _rsqrt,
        "hardtanh": _hardtanh,
        "clamp clip clamp_min clamp_max": _clamp,
        "relu6": _relu6,
        "softmax _softmax log_softmax _log_softmax _safe_softmax": _softmax,
        "where": _where,
        "masked_fill": _masked_fill,
        "max": _with_places("ReduceMax"),
        "min": _with_places("ReduceMin"),
        "var_mean std_mean": _with_mean,
        "argmax argmin": _arg,
        "topk": _top,
        "sort": _sort,
        "addcmul": _scaled_sum("Mul"),
        "addcdiv": _scaled_sum("Div"),
        "lerp": _lerp,
        "log_sigmoid": _log_sigmoid,
        "cdist pairwise_distance": _distance,
    }
)
"""Each takes the walker and the operator's arguments."""
