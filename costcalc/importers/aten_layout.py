"""torch's operators that lay tensors out: views, slices, joins, padding, resizing, pooling."""

from __future__ import annotations

import math
from typing import Any

from costcalc import quantity
from costcalc.errors import OperatorError
from costcalc.importers import layers, moves, onnx_layout
from costcalc.importers.aten import Args, Rule, axis_of, by_onnx, named, size_from, sizes_of, value_of
from costcalc.importers.sizes import Constant, Size, both, fixed, times
from costcalc.importers.tensors import Tensor, reshaped
from costcalc.importers.walker import Walker


def _same(w: Walker, a: Args) -> Any:
    return value_of(a.x)


def _view(w: Walker, a: Args) -> Any:
    if "other" in a:
        return onnx_layout.reshape(w, a.x, sizes_of(a("other")), False)
    if "size" not in a and "shape" not in a:
        return a.x  # other numbers, the same sizes
    return onnx_layout.reshape(w, a.x, a.sizes("size" if "size" in a else "shape"), False)


def _as_strided(w: Walker, a: Args) -> Any:
    """A view by strides, where it is a plain one: the dimensions as they are, or one after the other."""
    x, sizes, strides = a.x, a.wholes("size"), a.wholes("stride")
    if tuple(x.own) == sizes:
        return x
    step, plain = 1, []
    for size in reversed(sizes):
        plain.append(step)
        step *= size
    if strides != tuple(plain[::-1]) or step != math.prod(x.own):
        raise OperatorError("a view by strides that is no reshape")
    return onnx_layout.reshape(w, x, list(map(fixed, sizes)), False)


def _flatten(w: Walker, a: Args) -> Any:
    x = a.x
    first, last = axis_of(x, a.whole("start_dim", 0)), axis_of(x, a.whole("end_dim", -1))
    sizes = sizes_of(x)
    return onnx_layout.reshape(w, x, [*sizes[:first], times(sizes[first : last + 1]), *sizes[last + 1 :]], False)


def _unflatten(w: Walker, a: Args) -> Any:
    x, sizes = a.x, sizes_of(a.x)
    axis = axis_of(x, a.whole("dim"))
    parts = list(a.sizes("sizes"))
    known = times(part for part in parts if part.own != -1)
    parts = [both(quantity.exact_div, sizes[axis], known) if p.own == -1 else p for p in parts]
    return onnx_layout.reshape(w, x, [*sizes[:axis], *parts, *sizes[axis + 1 :]], False)


def _permute(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Transpose", [a.x], perm=tuple(axis_of(a.x, axis) for axis in a.wholes("dims")))


def _transpose(w: Walker, a: Args) -> Any:
    order = list(range(len(a.x.dims)))
    first, second = (axis_of(a.x, a.whole(*given)) for given in _exchanged(a, len(order)))
    if order:
        order[first], order[second] = order[second], order[first]
    return by_onnx(w, "Transpose", [a.x], perm=tuple(order))


def _exchanged(a: Args, rank: int) -> list[tuple[str, int]]:
    first, second = ("axis0", "axis1") if "axis0" in a else ("dim0", "dim1")
    return [(first, 0), (second, min(1, rank - 1))]


def _movedim(w: Walker, a: Args) -> Any:
    x = a.x
    sources = [axis_of(x, axis) for axis in a.wholes("source")]
    targets = [axis_of(x, axis) for axis in a.wholes("destination")]
    order: list[int] = [-1] * len(x.dims)
    for source, target in zip(sources, targets, strict=True):
        order[target] = source
    rest = iter([axis for axis in range(len(x.dims)) if axis not in sources])
    return by_onnx(w, "Transpose", [x], perm=tuple(next(rest) if axis < 0 else axis for axis in order))


def _unsqueeze(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Unsqueeze", [a.x], axes=a.wholes("dim"))


def _squeeze(w: Walker, a: Args) -> Any:
    x = a.x
    own = x.own
    chosen = [axis_of(x, axis) for axis in a.wholes("dim")] if "dim" in a else list(range(len(own)))
    return by_onnx(w, "Squeeze", [x], axes=tuple(axis for axis in chosen if own[axis] == 1))


def _expand(w: Walker, a: Args) -> Any:
    x, other = a.x, a("other")
    if isinstance(x, Tensor) and isinstance(other, Tensor) and len(x.dims) == len(other.dims):
        other, laid = w.like(other, x)
        return layers.expanded(w, laid, other)
    have = sizes_of(a.x)
    wanted = list(sizes_of(a("other")) if "other" in a else a.sizes("size"))
    offset = len(wanted) - len(have)
    wanted = [have[i - offset] if size.own == -1 else size for i, size in enumerate(wanted)]
    return by_onnx(w, "Expand", [a.x, wanted])


def _repeat(w: Walker, a: Args) -> Any:
    x, times_ = a.x, list(a.sizes("repeats" if "repeats" in a else "dims"))
    more = len(times_) - len(x.dims)
    if more > 0:
        x = by_onnx(w, "Unsqueeze", [x], axes=tuple(range(more)))
    return by_onnx(w, "Tile", [x, [*[fixed(1)] * -more, *times_]])


def _repeat_interleave(w: Walker, a: Args) -> Any:
    x, axis = a.x, axis_of(a.x, a.whole("dim", 0))
    return by_onnx(w, "Tile", [x, [fixed(a.whole("repeats")) if i == axis else fixed(1) for i in range(len(x.dims))]])


def _select(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Gather", [a.x, size_from(a("index"))], axis=axis_of(a.x, a.whole("dim")))


def _slice(w: Walker, a: Args) -> Any:
    start, stop = size_from(a("start", 0)), size_from(a("end", 2**63 - 1))
    axis = axis_of(a.x, a.whole("dim", 0))
    return by_onnx(w, "Slice", [a.x, [start], [stop], [axis], [a.whole("step", 1)]])


def _narrow(w: Walker, a: Args) -> Any:
    start = size_from(a("start"))
    stop = both(lambda n, m: n + m, start, size_from(a("length")))
    return by_onnx(w, "Slice", [a.x, [start], [stop], [axis_of(a.x, a.whole("dim"))]])


def _split(w: Walker, a: Args) -> Any:
    x, axis = a.x, axis_of(a.x, a.whole("dim", 0))
    total = sizes_of(x)[axis]
    given = a("split_sizes", a("split_size"))
    if isinstance(given, tuple):
        return by_onnx(w, "Split", [x, list(map(size_from, given))], axis=axis)
    if given is not None:
        return _parted(w, x, axis, size_from(given))
    count = a.whole("chunks", a("sections", 1))
    if count < 1:
        raise OperatorError(f"{count} parts")
    return _parted(w, x, axis, both(lambda n: quantity.ceil_div(n, count), total))


def _parted(w: Walker, x: Any, axis: int, each: Size) -> Any:
    """Parts of equal size, the last one of what is left."""
    total = sizes_of(x)[axis]
    if each.own < 1:
        raise OperatorError(f"parts of {each.own}")
    count = max(1, -(-total.own // each.own))
    if count > 4096:
        raise OperatorError(f"{count:,} parts", expected="at most 4,096")
    if count == 1:
        return [x]
    rest = both(lambda n, m: n - (count - 1) * m, total, each)
    return by_onnx(w, "Split", [x, [*[each] * (count - 1), rest]], axis=axis)


def _unbind(w: Walker, a: Args) -> Any:
    axis = axis_of(a.x, a.whole("dim", 0))
    count = sizes_of(a.x)[axis].own
    if count > 4096:
        raise OperatorError(f"{count:,} parts", expected="at most 4,096")
    return [by_onnx(w, "Gather", [a.x, i], axis=axis) for i in range(count)]


def _cat(w: Walker, a: Args) -> Any:
    values = [one for one in a("tensors") if not (isinstance(one, Constant) and one.own == (0,))]
    return by_onnx(w, "Concat", values, axis=axis_of(values[0], a.whole("dim", 0)))


def _stack(w: Walker, a: Args) -> Any:
    values = a("tensors")
    axis = a.whole("dim", 0) % (len(values[0].dims) + 1)
    return by_onnx(w, "Concat", [by_onnx(w, "Unsqueeze", [one], axes=(axis,)) for one in values], axis=axis)


def _index(w: Walker, a: Args) -> Any:
    """Entries at given places: along one dimension, or of several at once."""
    x, indices = a.x, a("indices")
    given = [(axis, one) for axis, one in enumerate(indices) if one is not None]
    if len(given) == 1:
        ((axis, one),) = given
        return by_onnx(w, "Gather", [x, one], axis=axis)
    first, last = given[0][0], given[-1][0]
    sizes = sizes_of(x)
    shape = max((sizes_of(one) for _, one in given), key=lambda dims: (len(dims), math.prod(size.own for size in dims)))
    dims = (*sizes[:first], *shape, *sizes[last + 1 :])
    if isinstance(x, Constant):
        return Constant(dims, None, x.name, x.dtype, x.stored)
    flat = layers.laid_flat(w, x)
    found = moves.picked(w, flat._replace(dims=(flat.inner,)), 0, times([size for size in dims if size.own != 1]))
    return reshaped(found, list(dims))


def _index_select(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Gather", [a.x, a("index")], axis=axis_of(a.x, a.whole("dim")))


def _gather(w: Walker, a: Args) -> Any:
    return by_onnx(w, "GatherElements", [a.x, a("index")])


def _roll(w: Walker, a: Args) -> Any:
    """Values that go round: laid out anew, as many."""
    x = a.x
    if isinstance(x, Constant):
        return x._replace(values=None)
    made = layers.operator("permute", size=w.builder.shape(x.node).spatial, channels=w.builder.shape(x.node).channels)
    own = w.own_shape(x.node)
    return x._replace(
        node=w.emit(made, (x.node,), layers.operator("permute", size=own.spatial, channels=own.channels)), made=()
    )


def _unfold(w: Walker, a: Args) -> Any:
    """Windows along one dimension, their places in a new last one."""
    x, axis, size, step = a.x, axis_of(a.x, a.whole("dimension")), a.whole("size"), a.whole("step")
    if step != size:
        raise OperatorError(f"windows of {size} at steps of {step}", expected="windows side by side")
    count = both(lambda n: quantity.exact_div(n, size), x.sizes[axis])
    cut = reshaped(x, [*x.sizes[:axis], count, fixed(size), *x.sizes[axis + 1 :]])
    dims = list(cut.dims)
    last = dims.pop(axis + 1)
    return cut._replace(dims=(*dims, last), made=())


def _overwritten(w: Walker, a: Args) -> Any:
    """Some entries overwritten, or all: nothing is computed."""
    source = a("src", a("source"))
    if a.operation.op.startswith("aten.copy") and isinstance(source, Tensor):
        return source if len(source.dims) == len(a.x.dims) and source.own == a.x.own else a.x
    return a.x._replace(values=None) if isinstance(a.x, Constant) else a.x


RULES: dict[str, Rule] = named(
    {
        "clone contiguous alias detach dropout feature_dropout alpha_dropout native_dropout to _to_copy type_as "
        "lift_fresh_copy lift_fresh float half flip resolve_conj view_as_real _conj requires_grad": _same,
        "view reshape view_as reshape_as _unsafe_view _reshape_alias view_copy": _view,
        "as_strided": _as_strided,
        "flatten ravel": _flatten,
        "unflatten": _unflatten,
        "permute": _permute,
        "transpose t swapaxes swapdims numpy_T adjoint mT": _transpose,
        "movedim moveaxis": _movedim,
        "unsqueeze": _unsqueeze,
        "squeeze": _squeeze,
        "expand expand_as broadcast_to": _expand,
        "repeat tile": _repeat,
        "repeat_interleave": _repeat_interleave,
        "select": _select,
        "slice": _slice,
        "narrow": _narrow,
        "split split_with_sizes chunk tensor_split unsafe_split unsafe_chunk": _split,
        "unbind": _unbind,
        "cat concat concatenate": _cat,
        "stack": _stack,
        "index": _index,
        "index_select": _index_select,
        "gather": _gather,
        "roll": _roll,
        "unfold": _unfold,
        "copy zero index_put scatter slice_scatter select_scatter fill masked_scatter": _overwritten,
    }
)
"""Each takes the walker and the operator's arguments."""
