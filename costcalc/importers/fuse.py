"""Puts together what exporters scatter: activations and norms written out in small steps.

Each tensor tells what it was made from. Where the last step of a known formula arrives, the whole is emitted from its
input; the steps before it go at the end of the walk if nothing else needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.importers import layers
from costcalc.importers.sizes import Constant
from costcalc.importers.tensors import Tensor, size_of
from costcalc.importers.walker import Walker


def _is(value: Any, word: str) -> bool:
    return isinstance(value, Tensor) and bool(value.made) and value.made[0] == word


def _near(value: Any, number: float) -> bool:
    known = value.number if isinstance(value, Constant) else None
    return known is not None and abs(float(known) - number) < 1e-3 * max(1.0, abs(number))


def _parts(value: Any, word: str) -> tuple[Any, ...]:
    """The operands of a step, () if the value is not made by it."""
    return tuple(value.made[1:]) if _is(value, word) else ()


def _with_number(value: Any, word: str, number: float) -> Any:
    """The other operand of a step with a constant, None if it is not that step."""
    parts = _parts(value, word)
    if len(parts) == 2:
        for one, other in (parts, parts[::-1]):
            if _near(other, number) and isinstance(one, Tensor):
                return one
    return None


def _same(a: Any, b: Any) -> bool:
    return isinstance(a, Tensor) and isinstance(b, Tensor) and a.node == b.node and a.dims == b.dims


def step(w: Walker, word: str, a: Any, b: Any) -> Tensor | None:
    """What a step (add, sub, mul, div) with its operands completes: an activation or a norm; None if nothing."""
    if word == "mul":
        found = _gated(w, a, b) or _gated(w, b, a) or _scaled(w, a, b) or _scaled(w, b, a)
        return found or _normalised(w, a, b) or _normalised(w, b, a)
    if word == "div":
        return _by_root(w, a, b) or _sixth(w, a, b)
    return None


def _activation(w: Walker, x: Tensor, name: str) -> Tensor:
    return layers.elementwise(w, x, name)


def _gated(w: Walker, x: Any, gate: Any) -> Tensor | None:
    """x times a function of x."""
    if not isinstance(x, Tensor) or not isinstance(gate, Tensor):
        return None
    for inner, outer in (("sigmoid", "swish"), ("hsigmoid", "hswish")):
        if _is(gate, inner) and _same(gate.made[1], x):
            return _activation(w, x, outer)
    if _is(gate, "tanh") and _is(gate.made[1], "softplus") and _same(_parts(gate.made[1], "softplus")[0], x):
        return _activation(w, x, "mish")
    clipped = _with_number(gate, "div", 6.0) or _with_number(gate, "mul", 1 / 6)
    if clipped is not None and _is(clipped, "relu6") and _same(_with_number(clipped.made[1], "add", 3.0), x):
        return _activation(w, x, "hswish")
    # x * (0.5 * (1 + erf(x / sqrt 2)))
    if (whole := _with_number(gate, "mul", 0.5)) is not None and _same(_gelu_input(whole), x):
        return _activation(w, x, "gelu")
    # (x * (1 + erf)) is completed by the factor 0.5 (`_scaled`); (0.5 x) * (1 + erf)
    half = _with_number(x, "mul", 0.5)
    if half is not None and _same(_gelu_input(gate), half):
        return _activation(w, half, "gelu")
    return None


def _gelu_input(value: Any) -> Any:
    """The x of 1 + erf(x / sqrt 2), or of 1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))."""
    inner = _with_number(value, "add", 1.0)
    if _is(inner, "Erf"):
        of = inner.made[1]
        x = _with_number(of, "div", 2**0.5)
        return x if x is not None else _with_number(of, "mul", 0.5**0.5)
    if _is(inner, "tanh"):
        total = _with_number(inner.made[1], "mul", 0.7978845608)
        for one in _parts(total, "add"):
            cubed = next((other for other in _parts(total, "add") if other is not one), None)
            if isinstance(one, Tensor) and _with_number(cubed, "mul", 0.044715) is not None:
                return one
    return None


def _scaled(w: Walker, x: Any, factor: Any) -> Tensor | None:
    """A constant factor that completes gelu, hard-swish or a hard sigmoid."""
    if _near(factor, 0.5):
        for one, other in (_parts(x, "mul"), _parts(x, "mul")[::-1]) if len(_parts(x, "mul")) == 2 else ():
            if _same(_gelu_input(other), one):
                return _activation(w, one, "gelu")
    return _sixth(w, x, factor) if _near(factor, 1 / 6) else None


def _sixth(w: Walker, x: Any, by: Any) -> Tensor | None:
    """A sixth of relu6(x + 3), or of x times that."""
    if not (_near(by, 6.0) or _near(by, 1 / 6)):
        return None
    if _is(x, "relu6"):
        inner = _with_number(x.made[1], "add", 3.0)
        return _activation(w, inner, "hsigmoid") if inner is not None else None
    for one, other in (_parts(x, "mul"), _parts(x, "mul")[::-1]) if len(_parts(x, "mul")) == 2 else ():
        if _is(other, "relu6") and _same(_with_number(other.made[1], "add", 3.0), one):
            return _activation(w, one, "hswish")
    return None


def _centred(value: Any) -> tuple[Tensor, frozenset[int]] | None:
    """x and the dimensions of x - mean(x)."""
    parts = _parts(value, "sub")
    if (
        len(parts) == 2
        and _is(parts[1], "reduced")
        and parts[1].made[1] == "mean"
        and _same(parts[1].made[2], parts[0])
    ):
        return parts[0], parts[1].made[3]
    return None


def _spread(value: Any) -> tuple[Any, Any] | None:
    """The values whose squares' mean is taken, and its dimensions, of sqrt(mean(y^2) + eps)."""
    if not _is(value, "Sqrt"):
        return None
    parts = _parts(value.made[1], "add")
    mean = next((part for part in parts if _is(part, "reduced") and part.made[1] == "mean"), None)
    if mean is None:
        return None
    squared = mean.made[2]
    if _is(squared, "Pow"):
        return squared.made[1], mean.made[3]
    parts = _parts(squared, "mul")
    return (parts[0], mean.made[3]) if len(parts) == 2 and _same(parts[0], parts[1]) else None


def _by_root(w: Walker, x: Any, root: Any) -> Tensor | None:
    """A layer norm, (x - mean) / sqrt(mean((x - mean)^2) + eps), or x / sqrt(mean(x^2) + eps)."""
    spread = _spread(root)
    if spread is None or not isinstance(x, Tensor):
        return None
    of, axes = spread
    centred = _centred(x)
    if centred is not None and _same(of, x):
        return norm(w, centred[0], sorted(axes), "ln", affine=False)
    if centred is None and _same(of, x):
        return norm(w, x, sorted(axes), "rms_norm", scale=False)
    return None


def _normalised(w: Walker, x: Any, inverse: Any) -> Tensor | None:
    if _is(inverse, "Reciprocal"):
        return _by_root(w, x, inverse.made[1])
    parts = _parts(inverse, "div")
    return _by_root(w, x, parts[1]) if len(parts) == 2 and _near(parts[0], 1.0) else None


def norm(w: Walker, x: Tensor, axes: Sequence[int], word: str, name: str = "", **fields: Any) -> Tensor:
    """A norm over some dimensions, which lie as channels for it."""
    x = w.as_rows(x, axes)
    node = w.emit(layers.operator(word, **fields), (x.node,), name=name)
    return x._replace(node=node, made=("norm", x, word, fields))


def with_affine(w: Walker, y: Tensor, word: str, constant: Constant) -> Tensor | None:
    """A norm without scale or shift, and the constant of its channels that follows: the norm with it.

    After a scale a norm has both, since its shift comes next; a scale alone is `rms_norm`.
    """
    if not _is(y, "norm") or constant.is_whole or constant.stored != w.width(y.node).own:
        return None
    _, x, name, fields = y.made
    assert isinstance(fields, dict)
    if name == "rms_norm" and word == "mul" and not fields.get("scale", True):
        more: dict[str, Any] = {"scale": True}
        made = layers.operator("rms_norm", scale=True)
    elif name in ("ln", "gn", "instance_norm") and word == "mul" and not fields.get("affine", True):
        made, more = layers.operator(name, **{**fields, "affine": True}), {**fields, "affine": True, "shift": None}
    elif name in ("ln", "gn", "instance_norm") and word == "add" and "shift" in fields:
        w.learns(constant)
        more = {key: value for key, value in fields.items() if key != "shift"}
        return y._replace(made=("norm", x, name, more))
    else:
        return None
    own = [size.own for size in constant.dims if size.own != 1]
    if own != [w.width(y.node).own] or size_of(y.channels).own != own[0]:
        return None
    rest = layers.operator("affine", shift=name != "rms_norm")
    node = w.complete(y.node, made, rest, w.name_of(y.node) or constant.name)
    w.learns(constant)
    return y._replace(node=node, made=("norm", x, name, more))
