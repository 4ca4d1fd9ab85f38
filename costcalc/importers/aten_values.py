"""torch's operators that make constants, and the sizes that an exported program computes with."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from costcalc.importers import folding
from costcalc.importers.aten import Args, Rule, axis_of, by_onnx, named, size_from, sizes_of, value_of
from costcalc.importers.sizes import Constant, constant_of, exact_number, fixed
from costcalc.importers.walker import Walker


def _size(w: Walker, a: Args) -> Any:
    return constant_of([sizes_of(a.x)[axis_of(a.x, a.whole("dim", 0))]], ())


def _numel(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Size", [a.x])


def _nothing(w: Walker, a: Args) -> Any:
    return []


def _like(number: Any) -> Rule:
    """A tensor of one number, of given sizes or those of another tensor."""

    def run(w: Walker, a: Args) -> Any:
        sizes = a.sizes("size") if "size" in a else sizes_of(a.x)
        value = a("fill_value", number)
        known = value.number if isinstance(value, Constant) else value
        dtype = a("dtype") or ("int64" if type(known) is int and "fill_value" in a else "float32")
        item = exact_number(known) if isinstance(known, float) else known
        found = folding.filled(sizes, item, dtype, "")
        return found._replace(stored=0, values=None if item is None else found.values)

    return run


def _range(w: Walker, a: Args) -> Any:
    start, stop, step = value_of(a("start", 0)), value_of(a("end")), value_of(a("step", 1))
    return by_onnx(w, "Range", [start, stop, step])


def _spaced(w: Walker, a: Args) -> Any:
    return Constant((size_from(a("steps")),), None)


def _scalar(w: Walker, a: Args) -> Any:
    return value_of(a("s", a("fill_value", 0)))


def _grid(w: Walker, a: Args) -> Any:
    values = [value_of(one) for one in a("tensors")]
    dims = tuple(sizes_of(one)[0] if sizes_of(one) else fixed(1) for one in values)
    return [Constant(dims, None, "", one.dtype) for one in values]


def _eye(w: Walker, a: Args) -> Any:
    rows = size_from(a("n"))
    return Constant((rows, size_from(a("m")) if "m" in a else rows), None)


def _bool(w: Walker, a: Args) -> Any:
    return value_of(a.x)


def _item(w: Walker, a: Args) -> Any:
    """One number of a tensor: what the network computes is not known."""
    x = a.x
    return x._replace(dims=()) if isinstance(x, Constant) else Constant((), None)


def _python(word: str) -> Rule:
    """Python's arithmetic of sizes."""

    def run(w: Walker, a: Args) -> Any:
        values = [value_of(one) for one in a.all()]
        if any(value.values is None for value in values):
            return Constant((), None)
        if word == "TrueDiv":
            return folding.elementwise("Div", [values[0]._replace(dtype="float32"), *values[1:]])
        return folding.elementwise(word, values)

    return run


def _whole(function: Callable[[float], int]) -> Rule:
    def run(w: Walker, a: Args) -> Any:
        value = size_from(a.all()[0])
        if value.is_fixed:
            return constant_of([function(value.own)], ())
        return by_onnx(w, "Floor" if function is math.floor else "Ceil", [value])

    return run


def _listed(w: Walker, a: Args) -> Any:
    """An entry of a list of results."""
    found, index = a.all()[:2]
    return found[index] if isinstance(found, list | tuple) else found


_ARITHMETIC = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "floordiv": "Div", "truediv": "TrueDiv", "mod": "Mod", "neg": "Neg",
    "pow": "Pow", "eq": "Equal", "ne": "Equal", "lt": "Less", "le": "LessOrEqual", "gt": "Greater",
    "ge": "GreaterOrEqual", "and_": "And", "or_": "Or", "not_": "Not",
}  # fmt: skip

RULES: dict[str, Rule] = {
    **named(
        {
            "sym_size": _size,
            "sym_numel numel": _numel,
            "_assert_scalar _assert_async _assert_tensor_metadata sym_constrain_range_for_size sym_constrain_range "
            "is_nonzero": _nothing,
            "zeros zeros_like new_zeros": _like(0.0),
            "ones ones_like new_ones": _like(1.0),
            "full full_like new_full": _like(None),
            "empty empty_like new_empty new_empty_strided empty_strided empty_permuted rand randn rand_like "
            "randn_like randint bernoulli": _like(None),
            "arange": _range,
            "linspace": _spaced,
            "scalar_tensor": _scalar,
            "meshgrid": _grid,
            "eye": _eye,
            "item _local_scalar_dense sym_is_contiguous": _item,
        }
    ),
    **{f"_operator.{name}": _python(word) for name, word in _ARITHMETIC.items()},
    "_operator.getitem": _listed,
    "math.floor": _whole(math.floor),
    "math.ceil": _whole(math.ceil),
    "math.trunc": _whole(math.trunc),
    "torch.sym_max": _python("Max"),
    "torch.sym_min": _python("Min"),
    "torch.sym_int": _bool,
    "torch.sym_float": _bool,
    "torch.sym_not": _python("Not"),
}
"""Each takes the walker and the operator's arguments."""
