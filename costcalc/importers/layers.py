"""What every format's operators come to: convolutions, matrix products, norms, joins and reductions on tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers.sizes import Constant, fixed
from costcalc.importers.tensors import Atom, Atoms, Tensor, aligned, fresh, size_of
from costcalc.importers.walker import Walker, formats_of
from costcalc.operators import REGISTRY, Operator


def alike(values: Sequence[Any]) -> Any:
    """One number for all dimensions where they agree."""
    return values[0] if values and all(value == values[0] for value in values) else tuple(values)


def operator(name: str, **fields: Any) -> Operator:
    """An operator of the registry."""
    return REGISTRY[name](**fields)


def after_map(w: Walker, x: Tensor, node: int, channel: int = 1, batch: int = 0, kept: bool = False) -> Tensor:
    """The tensor that a node over positions puts out, in the order of `x`, which lies as a map (`as_map`)."""
    sides = list(w.sides(node))
    extra = x.without_batch(x.dims[batch])
    if extra:
        sides = sides[1:]
    spatial = [axis for axis in range(len(x.dims)) if axis not in (channel % len(x.dims), batch)]
    dims = list(x.dims)
    for axis, side in zip(spatial, sides, strict=True):
        dims[axis] = fresh(side)
    if not kept:
        dims[channel] = fresh(w.width(node))
    groups = [*([extra] if extra else []), *(dims[axis] for axis in spatial)]
    return Tensor(node, tuple(dims), tuple(groups), dims[channel])


def with_unit(values: Any, x: Tensor, unit: int, per_side: int = 1) -> Any:
    """A field per dimension, with `unit` for what lies among the positions from the batch's dimension."""
    extra = bool(x.without_batch(x.dims[0]))
    if not extra or not isinstance(values, tuple | list):
        if extra and not isinstance(values, str):
            values = (values,) * (len(x.spatial) - 1) * per_side
        else:
            return values
    return (unit,) * per_side + tuple(values)


def conv(
    w: Walker,
    x: Tensor,
    weight: Constant,
    bias: bool,
    stride: Sequence[int],
    pad: str | Sequence[int],
    dilation: Sequence[int],
    groups: int,
    kernel: Sequence[int],
    out: int,
    inner: int,
) -> Tensor:
    """A convolution of a map whose dimensions are batch, channels, positions. `pad`: (before, after) per dimension.

    `inner` is the number of input channels of each group in the weight.
    """
    x = w.as_map(x)
    arriving = size_of(x.dims[1])
    w.require(arriving, inner * groups, "the convolution's weight")
    fields: dict[str, Any] = {
        "k": alike(with_unit(list(kernel), x, 1)),
        "stride": alike(with_unit(list(stride), x, 1)),
        "pad": pad if isinstance(pad, str) else pads(with_unit(list(pad), x, 0, 2)),
        "dilation": alike(with_unit(list(dilation), x, 1)),
        "bias": bias,
        "shared": not w.learns(weight),
    }
    if groups > 1 and inner == 1 and out % groups == 0:
        made = operator("dwconv", multiplier=out // groups, **fields)
    else:
        made = operator("conv", out=out, groups=groups, **fields)
    node = w.emit(made, (x.node,), name=weight.name, formats=formats_of(weight.dtype))
    y = after_map(w, x, node)
    return y._replace(made=("product", x, bias))


def pads(pad: Sequence[int]) -> Any:
    pairs = list(zip(pad[::2], pad[1::2], strict=True))
    if all(before == after for before, after in pairs):
        return alike([before for before, _ in pairs])
    return tuple(pad)


def linear(w: Walker, x: Tensor, weight: Constant, inner: int, out: int, bias: bool, name: str = "") -> Tensor:
    """A linear map of the last dimension: `linear` on a flat input, a 1x1 convolution at each of several positions."""
    if not x.dims:
        raise OperatorError("a linear layer takes a vector, a single number arrives")
    w.require(size_of(x.dims[-1]), inner, f"the weight '{weight.name[:80]}'" if weight.name else "the weight")
    x = w.as_rows(x)
    word = "conv" if x.positions else "linear"
    made = operator(word, out=out, bias=bias, shared=not w.learns(weight))
    node = w.emit(made, (x.node,), name=name or weight.name, formats=formats_of(weight.dtype))
    channels = fresh(w.width(node))
    return Tensor(node, (*x.dims[:-1], channels), x.spatial, channels, ("product", x, bias))


def with_bias(w: Walker, y: Tensor, bias: Constant) -> Tensor | None:
    """A product without a bias and a constant of its channels: the product with that bias; None if it does not fit."""
    if not (y.made and y.made[0] == "product" and y.made[2] is False) or bias.is_whole:
        return None
    made = w.operator(y.node)
    assert made is not None
    dims = (fixed(1),) * (len(y.dims) - len(bias.dims)) + bias.dims
    own = [size.own for size in dims]
    channel = [size.own if set(dim) & set(y.channels) else 1 for size, dim in zip(y.sizes, y.dims, strict=True)]
    held = math.prod(bias.own) if bias.part else bias.stored
    if len(bias.dims) > len(y.dims) or own != channel or w.width(y.node).own != held:
        return None
    import dataclasses

    name = bias.name if _is_named(bias.name) and not _is_named(w.name_of(y.node)) else w.name_of(y.node)
    node = w.builder.nodes[y.node]
    fields = dataclasses.replace(made, bias=True)  # type: ignore[type-var]
    index = w.complete(y.node, fields, operator("affine", scale=False), name, node.formats)
    w.learns(bias)
    return y._replace(node=index, made=("product", y.made[1], True))


def _is_named(name: str) -> bool:
    from costcalc.importers.finish import layer_name

    return bool(layer_name(name))


def matmul(w: Walker, a: Tensor, b: Tensor) -> Tensor:
    """A product of two tensors that the network computes, over a's last and b's last but one dimension.

    What both share in the other dimensions are heads where it lies in a's channels, and windows where it lies in
    positions.
    """
    rank = max(len(a.dims), len(b.dims))
    a = a._replace(dims=((),) * (rank - len(a.dims)) + a.dims)
    b = b._replace(dims=((),) * (rank - len(b.dims)) + b.dims)
    a, b = aligned(a, b, [*((i, i) for i in range(rank - 2)), (rank - 1, rank - 2)])
    shared = [atom for dim in a.dims[:-2] for atom in a.without_batch(dim)]
    free = [atom for dim in b.dims[:-2] for atom in b.without_batch(dim) if atom not in shared]
    rows, inner, columns = a.without_batch(a.dims[-2]), a.dims[-1], b.without_batch(b.dims[-1])
    other = {atom for dim in b.dims[:-2] for atom in dim}
    rows = tuple(atom for atom in shared if atom not in other) + rows  # b is the same for all of these
    shared = [atom for atom in shared if atom in other]
    if free:  # a is the same for all of these: they are columns of b
        columns = (*free, *columns)
    heads = tuple(atom for atom in shared if atom in a.channels)
    windows = tuple(atom for atom in shared if atom not in heads)
    lead = [windows] if windows else []
    window_count = size_of(windows)
    head_count = size_of(heads)
    a = w.feed(a, *_layout(a, lead, rows, (*heads, *inner)))
    now: dict[str, Any] = {"heads": head_count.size, "windows": window_count.size}
    own: dict[str, Any] = {"heads": head_count.own, "windows": window_count.own}
    transposed = set(inner) <= set(b.channels) and not set(columns) & set(b.channels)
    if transposed:
        b = w.feed(b, *_layout(b, lead, columns, (*heads, *inner)))
    else:
        b = w.feed(b, *_layout(b, lead, inner, (*heads, *columns)))
    node = w.emit(
        operator("matmul", transpose=transposed, **now),
        (a.node, b.node),
        operator("matmul", transpose=transposed, **own),
    )
    mine = {*a.positions, *heads}
    renamed = {atom: Atom(atom.size) for atom in columns if atom in mine}  # rows and columns of one map are two things
    columns = tuple(renamed.get(atom, atom) for atom in columns)
    last = tuple(renamed.get(atom, atom) for atom in b.dims[-1])
    dims = [*(x if x else y for x, y in zip(a.dims[:-2], b.dims[:-2], strict=True)), a.dims[-2], last]
    return Tensor(node, tuple(dims), a.spatial, (*heads, *columns))


def _layout(x: Tensor, lead: list[Atoms], positions: Atoms, channels: Atoms) -> tuple[Sequence[Atoms], Atoms]:
    """Positions and channels as wanted, in the order in which they lie where only the order differs."""
    wanted = [*lead, *([positions] if positions else [])]
    flat = {atom for group in wanted for atom in group}
    same_channels = x.channels if set(x.channels) == set(channels) else channels
    if flat == set(x.positions):
        return x.spatial, same_channels
    return wanted or ((),), same_channels


def elementwise(w: Walker, x: Tensor, name: str, **fields: Any) -> Tensor:
    """An operator that works on each value by itself."""
    return x._replace(node=w.emit(operator(name, **fields), (x.node,)), made=(name, x, fields))


def join(w: Walker, word: str, values: Sequence[Tensor], **fields: Any) -> Tensor:
    """An operator of several tensors that stretch to one another: add, mul, maximum, combine."""
    rank = max(len(value.dims) for value in values)
    same_rank = [value._replace(dims=((),) * (rank - len(value.dims)) + value.dims) for value in values]
    widest = max(same_rank, key=elements)
    merged = widest
    for value in same_rank:
        merged = _stretched(w, merged, value)
    fed = []
    for value in same_rank:
        merged, laid = w.like(merged, value)
        if word in ("add", "maximum") or merged is not widest or _is_partial(laid, merged):
            laid = expanded(w, laid, merged)
        fed.append(laid)
    if word == "mul":
        fed.sort(key=lambda value: -elements(value))
        first = w.own_shape(fed[0].node)
        if any(size == 1 for size in (*first.spatial, first.channels)):
            fed[0] = expanded(w, fed[0], merged)
    node = w.emit(operator(word, **fields), [value.node for value in fed])
    return merged._replace(node=node, made=(word, *values))


def elements(value: Tensor) -> int:
    """Values of a tensor, in the file."""
    total = 1
    for size in value.own:
        total *= size
    return total


def _is_partial(x: Tensor, like: Tensor) -> bool:
    """Whether a tensor has some of the atoms of a size, and not others: then it does not stretch by itself."""
    pairs = [*zip(x.spatial, like.spatial, strict=False), (x.channels, like.channels)]
    return any(mine and mine != theirs for mine, theirs in pairs)


def _stretched(w: Walker, x: Tensor, y: Tensor) -> Tensor:
    """The dimensions and layout of `x` with those of `y` where x has size 1."""
    dims = list(x.dims)
    spatial, channels = [*x.spatial], x.channels
    for i, (a, b) in enumerate(zip(x.dims, y.dims, strict=True)):
        if a or not b:
            continue
        dims[i] = b
        inner = y.without_batch(b)
        if any(atom in y.channels for atom in inner):
            channels = (*channels, *inner)
        elif inner:
            empty = next((j for j, group in enumerate(spatial) if not group), None)
            if empty is None:
                spatial.append(inner)
            else:
                spatial[empty] = inner
    if tuple(dims) == x.dims:
        return x
    return Tensor(x.node, tuple(dims), tuple(spatial), channels)


def expanded(w: Walker, x: Tensor, like: Tensor) -> Tensor:
    """A tensor stretched to the layout of another one."""
    if x.spatial == like.spatial and x.channels == like.channels:
        return x
    sizes, width = [size_of(group) for group in like.spatial], size_of(like.channels)
    own = operator("stretch", size=tuple(size.own for size in sizes), channels=width.own)
    now = operator("stretch", size=tuple(size.size for size in sizes), channels=width.size)
    return like._replace(node=w.emit(now, (x.node,), own), made=())


def laid_flat(w: Walker, x: Tensor) -> Tensor:
    """A tensor whose neighbouring dimensions lie as one stretch, so that it can be cut in any other way.

    Neighbours of the same role become one; a tensor that mixes positions and channels has all of them as positions.
    """
    runs: list[tuple[bool, list[Any]]] = []
    for atom in x.inner:
        in_channels = atom in x.channels
        if runs and runs[-1][0] == in_channels:
            runs[-1][1].append(atom)
        else:
            runs.append((in_channels, [atom]))
    spatial = tuple(tuple(run) for in_channels, run in runs if not in_channels)
    channels = tuple(atom for in_channels, run in runs if in_channels for atom in run)
    x = w.feed(x, spatial or ((),), channels)
    whole = {id(run[0]): fresh(size_of(tuple(run))) for _, run in runs}
    groups = tuple(whole[id(run[0])] for in_channels, run in runs if not in_channels)
    merged = tuple(atom for in_channels, run in runs if in_channels for atom in whole[id(run[0])])
    outer = tuple(atom for dim in x.dims for atom in dim if atom not in x.inner)
    dims = (outer, *(whole[id(run[0])] for _, run in runs))
    return Tensor(x.node, dims, groups or ((),), merged, dtype=x.dtype)
