"""ONNX's operators that change the number of positions without weights: padding, resizing, pixel shuffles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from costcalc import quantity
from costcalc.importers import layers, moves
from costcalc.importers.folding import ints, numbers
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Size, both, exact_number, fixed
from costcalc.importers.tensors import Tensor, fresh, reshaped
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]


def _pad(w: Walker, op: Operation, x: Values) -> Any:
    pads = op.attributes.get("pads") or op.attributes.get("paddings") or ints(x[1])
    value: Tensor = x[0]
    rank = len(value.dims)
    axes = [axis % rank for axis in ints(x[3])] if len(x) > 3 and x[3] is not None else list(range(rank))
    half = len(pads) // 2
    by_axis = dict(zip(axes, zip(pads[:half], pads[half:], strict=True), strict=True))
    return _padded(w, value, by_axis)


def _padded(w: Walker, value: Tensor, by_axis: Mapping[int, tuple[int, int]]) -> Tensor:
    """Zeros before and after along some dimensions; negative numbers take away."""
    padded = {axis for axis, sides in by_axis.items() if any(sides)}
    if not padded:
        return value
    inside = [i for i, dim in enumerate(value.dims) if dim and set(dim) <= set(value.channels)]
    channels = inside[0] if len(inside) == 1 else None
    before, after = by_axis.get(channels, (0, 0)) if channels is not None else (0, 0)
    if channels is not None and min(before, after) < 0:
        count = both(lambda size: size + min(0, before) + min(0, after), value.sizes[channels])
        value = moves.picked(w, value, channels, count, fixed(max(0, -before)))
        return _padded(w, value, {**by_axis, channels: (max(0, before), max(0, after))})
    kept = [i for i in inside if i not in padded or i == channels]
    groups = [
        i for i, dim in enumerate(value.dims) if i not in kept and (i in padded or value.without_batch(dim) or i > 1)
    ]
    value = w.feed(value, [value.dims[i] for i in groups], tuple(atom for i in kept for atom in value.dims[i]))
    sides = [side for i in groups for side in by_axis.get(i, (0, 0))]
    node = value.node
    if min(sides, default=0) < 0:
        node = w.emit(layers.operator("crop", size=tuple(max(0, -side) for side in sides)), (node,))
        sides = [max(0, side) for side in sides]
    if any(sides) or before or after:
        node = w.emit(layers.operator("pad", size=tuple(sides), channels=before + after), (node,))
    dims = list(value.dims)
    for i, side in zip(groups, w.sides(node), strict=True):
        dims[i] = fresh(side) if any(by_axis.get(i, (0, 0))) else dims[i]
    if channels is not None and (before or after):
        dims[channels] = fresh(w.width(node))
    return Tensor(node, tuple(dims), tuple(dims[i] for i in groups), tuple(a for i in kept for a in dims[i]))


def _resize(w: Walker, op: Operation, x: Values) -> Any:
    value: Tensor = x[0]
    sizes = value.sizes
    given = x[3] if len(x) > 3 else None
    scales = x[2] if op.op == "Resize" and len(x) > 2 else x[1] if len(x) > 1 else None
    mode = str(op.attributes.get("mode", "nearest"))
    word = {"linear": "bilinear", "bilinear": "bilinear", "cubic": "bicubic"}.get(mode, "nearest")
    axes = op.attributes.get("axes") or range(len(sizes))
    wanted = list(sizes)
    factors: list[Any] = [1] * len(sizes)
    if given is not None and given.values:
        for axis, size in zip(axes, numbers(given), strict=True):
            wanted[axis] = size
            factors[axis] = None if size != sizes[axis] else 1
    else:
        items = op.attributes.get("scales") or [size.own for size in numbers(scales)]
        for axis, scale in zip(axes, map(exact_number, map(float, items)), strict=True):
            factors[axis] = scale
            wanted[axis] = both(lambda n, s=scale: quantity.floor(n * s), sizes[axis])
    value = w.as_map(value)
    spatial = list(range(2, len(sizes)))
    if all(isinstance(factors[i], int) and factors[i] >= 1 for i in spatial):
        node = w.emit(
            layers.operator("upsample", scale=layers.alike([factors[i] for i in spatial]), mode=word), (value.node,)
        )
    else:
        now, own = (tuple(wanted[i][which] for i in spatial) for which in (1, 0))
        node = w.emit(
            layers.operator("upsample", size=now, mode=word),
            (value.node,),
            layers.operator("upsample", size=own, mode=word),
        )
    return layers.after_map(w, value, node, kept=True)


def _fold(w: Walker, op: Operation, x: Values) -> Any:
    """Columns of windows added up to an image."""
    value = w.as_map(x[0])
    window = ints(x[2])
    sides = numbers(x[1])
    channels = _divided(value.sizes[1], math.prod(window))
    now, own = (
        layers.operator("reduce", size=tuple(side[which] for side in sides), channels=channels[which])
        for which in (1, 0)
    )
    dims = (value.dims[0], fresh(channels), *map(fresh, sides))
    return Tensor(w.emit(now, (value.node,), own), dims, dims[2:], dims[1])


def _depth_to_space(w: Walker, op: Operation, x: Values) -> Any:
    value: Tensor = x[0]
    block = op.attributes["blocksize"]
    n, c, h, width = value.sizes
    if op.op == "DepthToSpace":
        inner = both(lambda a: quantity.exact_div(a, block * block), c)
        cut = reshaped(value, [n, fixed(block), fixed(block), inner, h, width])
        dims = (cut.dims[0], cut.dims[3], cut.dims[4] + cut.dims[1], cut.dims[5] + cut.dims[2])
    else:
        cut = reshaped(value, [n, c, _divided(h, block), fixed(block), _divided(width, block), fixed(block)])
        dims = (cut.dims[0], cut.dims[3] + cut.dims[5] + cut.dims[1], cut.dims[2], cut.dims[4])
    return cut._replace(dims=dims, made=())


def _divided(size: Size, by: int) -> Size:
    return both(lambda a: quantity.exact_div(a, by), size)


HANDLERS: dict[str, Handler] = {
    "Col2Im": _fold,
    "Pad": _pad,
    "Resize": _resize,
    "Upsample": _resize,
    "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _depth_to_space,
}
"""Each takes the walker, the operator and its inputs."""
