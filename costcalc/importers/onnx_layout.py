"""ONNX's operators that lay tensors out: reshapes, slices, joins, resizing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc import quantity
from costcalc.errors import OperatorError
from costcalc.importers import folding, layers, moves
from costcalc.importers.folding import ints, numbers
from costcalc.importers.program import MOST_VALUES, Operation
from costcalc.importers.sizes import Constant, Size, both, constant_of, fixed, times
from costcalc.importers.tensors import Tensor, fresh, reshaped
from costcalc.importers.walker import Handler, Walker

_FAR = 2**31 - 2
Values = Sequence[Any]


def _same(w: Walker, op: Operation, x: Values) -> Any:
    return [x[0], *[constant_of([], (0,))] * (len(op.outputs) - 1)]


def reshape(w: Walker, x: Any, targets: Sequence[Size], zero_copies: bool = True) -> Any:
    """A reshape by ONNX's rules: 0 keeps a dimension, one -1 takes what is left."""
    own = x.sizes if isinstance(x, Tensor) else x.dims
    wanted: list[Size] = []
    for place, target in enumerate(targets):
        wanted.append(own[place] if target.own == 0 and zero_copies else target)
    open_ = [place for place, target in enumerate(wanted) if target.own == -1]
    if len(open_) > 1 or any(target.own < -1 for target in wanted):
        raise OperatorError("a reshape leaves more than one size open")
    if open_:
        known = math.prod(target.own for target in wanted if target.own != -1)
        total = math.prod(size.own for size in own)
        if known == 0 or total % known:
            raise OperatorError(f"{total} values are laid out in parts of {known}")
        rest = total // known
        wanted[open_[0]] = Size(rest, rest)
    if isinstance(x, Constant):
        return folding.rearranged(x, wanted)
    try:
        return reshaped(x, wanted)._replace(made=())
    except OperatorError:
        return reshaped(layers.laid_flat(w, x), wanted)


def _reshape(w: Walker, op: Operation, x: Values) -> Any:
    targets = numbers(x[1]) if len(x) > 1 and x[1] is not None else tuple(map(fixed, op.attributes["shape"]))
    return reshape(w, x[0], targets, not op.attributes.get("allowzero"))


def _flatten(w: Walker, op: Operation, x: Values) -> Any:
    axis = op.attributes.get("axis", 1)
    if isinstance(x[0], Constant):
        raise OperatorError("a constant is flattened")
    dims = x[0].dims
    axis = axis + len(dims) if axis < 0 else axis
    merged = [tuple(a for dim in part for a in dim) for part in (dims[:axis], dims[axis:])]
    return x[0]._replace(dims=tuple(merged), made=())


def _transpose(w: Walker, op: Operation, x: Values) -> Any:
    rank = len(x[0].dims)
    order = op.attributes.get("perm") or tuple(range(rank))[::-1]
    if sorted(order) != list(range(rank)):
        raise OperatorError(f"{order} is no order of {rank} dimensions")
    if isinstance(x[0], Constant):
        return folding.transposed(x[0], order)
    return x[0]._replace(dims=tuple(x[0].dims[i] for i in order), made=())


def _axes(op: Operation, x: Values, place: int = 1) -> tuple[int, ...] | None:
    if "axes" in op.attributes:
        found: tuple[int, ...] = op.attributes["axes"]
        return found
    return ints(x[place]) if len(x) > place and x[place] is not None else None


def _unsqueeze(w: Walker, op: Operation, x: Values) -> Any:
    axes = _axes(op, x) or ()
    rank = len(x[0].dims) + len(axes)
    chosen = {axis % rank for axis in axes}
    if len(chosen) < len(axes):
        raise OperatorError(f"{axes} names a dimension twice")
    rest = iter(x[0].dims)
    blank: Any = fixed(1) if isinstance(x[0], Constant) else ()
    dims = tuple(blank if place in chosen else next(rest) for place in range(rank))
    return x[0]._replace(dims=dims)


def _squeeze(w: Walker, op: Operation, x: Values) -> Any:
    axes, rank = _axes(op, x), len(x[0].dims)
    own = x[0].own
    chosen = {axis % rank for axis in axes} if axes is not None else {i for i in range(rank) if own[i] == 1}
    if any(own[place] != 1 for place in chosen):
        raise OperatorError("a dimension that is not 1 is squeezed")
    return x[0]._replace(dims=tuple(dim for place, dim in enumerate(x[0].dims) if place not in chosen))


def _concat(w: Walker, op: Operation, x: Values) -> Any:
    axis = op.attributes.get("axis", 1)
    if len(x) == 1:
        return x[0]
    if all(isinstance(value, Constant) for value in x):
        return folding.joined(x, axis)
    lead = next(value for value in x if isinstance(value, Tensor))
    values = [value if isinstance(value, Tensor) else w.constant(value, len(lead.dims), lead) for value in x]
    return moves.concat(w, values, axis)


def _split(w: Walker, op: Operation, x: Values) -> Any:
    axis = op.attributes.get("axis", 0) % max(1, len(x[0].dims))
    total = (x[0].sizes if isinstance(x[0], Tensor) else x[0].dims)[axis]
    count = len(op.outputs)
    if "split" in op.attributes or (len(x) > 1 and x[1] is not None):
        given = op.attributes.get("split")
        sizes = list(numbers(x[1], max(count, 1)) if given is None else map(fixed, given))
        if not total.is_fixed and all(size.is_fixed for size in sizes):
            raise OperatorError(f"the file splits {total.own} into {[size.own for size in sizes]}; {total.size} arrive")
    else:
        parts = op.attributes.get("num_outputs", count)
        each = both(lambda n: quantity.ceil_div(n, parts), total)
        sizes = [each] * (parts - 1)
        sizes.append(both(lambda n, e: n - e * (parts - 1), total, each))
    found: list[Any] = []
    start = fixed(0)
    for size in sizes:
        if isinstance(x[0], Constant):
            found.append(folding.taken(x[0], axis, range(start.own, start.own + size.own), False))
        else:
            found.append(moves.picked(w, x[0], axis, size, start))
        start = both(lambda a, b: a + b, start, size)
    if start.own != total.own:
        raise OperatorError(f"{start.own} of {total.own} entries are handed out")
    return found


def _slice(w: Walker, op: Operation, x: Values) -> Any:
    if "starts" in op.attributes:
        starts, stops = (list(map(fixed, op.attributes[key])) for key in ("starts", "ends"))
        axes = list(op.attributes.get("axes", range(len(starts))))
        steps = [1] * len(starts)
    else:
        starts, stops = list(numbers(x[1])), list(numbers(x[2]))
        axes = list(ints(x[3])) if len(x) > 3 and x[3] is not None else list(range(len(starts)))
        steps = list(ints(x[4])) if len(x) > 4 and x[4] is not None else [1] * len(starts)
    value = x[0]
    for start, stop, axis, step in zip(starts, stops, axes, steps, strict=True):
        sizes = value.sizes if isinstance(value, Tensor) else value.dims
        length = sizes[axis]
        first, last = _bound(start, length, step), _bound(stop, length, step)
        count = both(lambda a, b, s=step: quantity.maximum(0, quantity.ceil_div(b - a, s)), first, last)
        if count.own <= 0 and isinstance(value, Tensor):
            raise OperatorError("nothing is left of a slice")
        if isinstance(value, Constant):
            places = range(first.own, first.own + step * count.own, step)
            value = folding.taken(value, axis, places, False, (count,))
        else:
            value = moves.picked(w, value, axis, count, first if step == 1 else None)
    return value


def _bound(place: Size, length: Size, step: int) -> Size:
    """A slice's bound as a place from 0: negative ones count from the end, far ones are the end."""
    if not step:
        raise OperatorError("a slice needs a step")
    low, high = (0, length) if step > 0 else (-1, both(lambda n: n - 1, length))
    if place.own < -_FAR:
        return fixed(low) if step < 0 else fixed(0)
    if place.own < 0:
        moved = both(lambda a, b: a + b, place, length)
        return moved if moved.own >= 0 else fixed(low)
    if place.own >= (high if isinstance(high, int) else high.own):
        return length if step > 0 else both(lambda n: n - 1, length)
    return place


def _gather(w: Walker, op: Operation, x: Values) -> Any:
    axis = op.attributes.get("axis", 0)
    data, index = x[0], x[1]
    if isinstance(data, Constant) and isinstance(index, Tensor):
        return _embedding(w, data, index, axis)
    if isinstance(data, Constant):
        if index.values is None:
            axis %= len(data.dims)
            return data._replace(dims=(*data.dims[:axis], *index.dims, *data.dims[axis + 1 :]), values=None)
        return folding.taken(data, axis, ints(index, MOST_VALUES), not index.dims, index.dims)
    if isinstance(index, Tensor):
        rank = len(data.dims)
        axis %= rank
        return moves.picked(w, data, axis, data.sizes[axis])
    if not index.dims:
        start = index.values[0] if index.values else None
        if start is not None and start.own < 0:
            start = both(lambda a, b: a + b, start, data.sizes[axis])
        return moves.picked(w, data, axis, fixed(1), start, drop=True)
    count = math.prod(index.own)
    found = moves.picked(w, data, axis, Size(count, quantity.product(size.size for size in index.dims)))
    if len(index.dims) == 1:
        return found
    axis %= len(data.dims)
    sizes = found.sizes
    return reshaped(found, [*sizes[:axis], *index.dims, *sizes[axis + 1 :]])


def _embedding(w: Walker, table: Constant, index: Tensor, axis: int) -> Tensor:
    if axis or len(table.dims) != 2:
        raise OperatorError("a stored tensor is indexed by what the network computes, not along its first dimension")
    entries, out = table.own
    made = layers.operator("embedding", entries=entries, out=out, shared=not w.learns(table))
    node = w.emit(made, (index.node,), name=table.name)
    channel = fresh(fixed(out))
    return Tensor(node, (*index.dims, channel), index.spatial, (*index.channels, *channel))


def _expand(w: Walker, op: Operation, x: Values) -> Any:
    wanted = numbers(x[1])
    if op.op == "Tile":
        sizes = x[0].sizes if isinstance(x[0], Tensor) else x[0].dims
        wanted = tuple(both(lambda a, b: a * b, a, b) for a, b in zip(sizes, wanted, strict=True))
        if isinstance(x[0], Constant):
            return x[0]._replace(dims=wanted, values=None)
    if isinstance(x[0], Constant):
        return folding.spread(x[0], wanted)
    rank = max(len(wanted), len(x[0].dims))
    dims = [*((),) * (rank - len(x[0].dims)), *x[0].dims]
    sizes = [fixed(1)] * (rank - len(wanted)) + list(wanted)
    y = x[0]._replace(dims=tuple(dims))
    if all(size.own in (1, have) for size, have in zip(sizes, y.own, strict=True)):
        return y
    stretch = [fresh(size) if not dim and size.own > 1 else dim for size, dim in zip(sizes, dims, strict=True)]
    if op.op == "Tile":
        stretch = [fresh(size) if size.own != have else dim for size, have, dim in zip(sizes, y.own, dims, strict=True)]
    new = [atom for old, dim in zip(dims, stretch, strict=True) if dim is not old for atom in dim]
    gone = {atom for old, dim in zip(dims, stretch, strict=True) if dim is not old for atom in old}
    channels = tuple(atom for atom in y.channels if atom not in gone)
    spatial = tuple(group for group in (tuple(a for a in g if a not in gone) for g in y.spatial) if group)
    target = Tensor(y.node, tuple(stretch), (*spatial, tuple(new)), channels)
    return layers.expanded(w, y, target)


def _gather_nd(w: Walker, op: Operation, x: Values) -> Any:
    """Entries at places that a tensor of indices names, one by one."""
    data, index = x[0], x[1]
    dims = data.dims if isinstance(data, Constant) else data.sizes
    where = index.dims if isinstance(index, Constant) else index.sizes
    same = op.attributes.get("batch_dims", 0) if op.op == "GatherND" else 0
    shape = where if op.op == "GatherElements" else (*where[:-1], *dims[same + where[-1].own :])
    if isinstance(data, Constant):
        return Constant(tuple(shape), None, data.name, data.dtype, data.stored)
    flat = layers.laid_flat(w, data)
    sizes = [size for size in shape if size.own != 1] or [fixed(1)]
    count = times(sizes)
    picked = moves.picked(w, flat._replace(dims=(flat.inner,)), 0, count)
    return reshaped(picked, list(shape))


def _scatter(w: Walker, op: Operation, x: Values) -> Any:
    """Some entries overwritten: nothing is computed."""
    if isinstance(x[0], Constant) and isinstance(x[2], Tensor):
        return w.constant(x[0]._replace(stored=0), len(x[0].dims))
    return x[0]._replace(values=None) if isinstance(x[0], Constant) else x[0]._replace(made=())


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("GatherND", "GatherElements"), _gather_nd),
    **dict.fromkeys(("ScatterND", "ScatterElements", "Scatter"), _scatter),
    "Identity": _same,
    "Dropout": _same,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Expand": _expand,
    "Tile": _expand,
}
"""Each takes the walker, the operator and its inputs."""
