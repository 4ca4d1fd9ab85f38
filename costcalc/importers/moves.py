"""Joining tensors along a dimension, picking entries of one, reducing some: what moves or gathers values."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.importers.layers import elements, operator
from costcalc.importers.sizes import Size, fixed, times
from costcalc.importers.tensors import Atoms, Tensor, aligned, fresh, size_of
from costcalc.importers.walker import Walker
from costcalc.operators.join import DIMENSIONS


def concat(w: Walker, values: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors one after the other along a dimension."""
    rank = len(values[0].dims)
    axis %= rank
    lead = max(values, key=lambda value: (bool(value.dims[axis]), elements(value)))
    inner = lead.without_batch(lead.dims[axis])
    along_channels = set(inner) <= set(lead.channels) if inner else not lead.positions or axis == 1
    if along_channels and set(lead.channels) - set(inner):
        pass  # one of several dimensions in the channels, as of each head
    elif along_channels:
        lead = w.as_rows(lead, [axis]) if set(inner) != set(lead.channels) else lead
    elif inner not in lead.spatial:
        groups = [lead.without_batch(dim) for dim in lead.dims]
        lead = w.feed(lead, [g for g in groups if g and not set(g) <= set(lead.channels)], lead.channels)
    others = [(i, i) for i in range(rank) if i != axis]
    fed = []
    for each in values:
        lead, value = aligned(lead, each, others)
        own = value.without_batch(value.dims[axis])
        mine = lead.without_batch(lead.dims[axis])
        if along_channels:
            rest = tuple(atom for atom in lead.channels if atom not in mine)
            channels = lead.channels if value.dims[axis] == lead.dims[axis] else (*rest, *own)
            fed.append(w.feed(value, lead.spatial, channels))
        else:
            spatial = tuple(own if mine and group == mine else group for group in lead.spatial)
            if not mine:
                spatial = (*lead.spatial, ())
            fed.append(w.feed(value, spatial, lead.channels))
    nodes = [value.node for value in fed]
    if len(nodes) == 1:
        return values[0]
    mine = lead.without_batch(lead.dims[axis])
    if along_channels:
        node = w.emit(operator("concat"), nodes)
        rest = tuple(atom for atom in lead.channels if atom not in mine)
        total = _sum([value.sizes[axis] for value in values])
        new = fresh(total)
        channels, spatial = (*rest, *new), lead.spatial
    else:
        place = lead.spatial.index(mine) if mine else len(fed[0].spatial) - 1
        node = w.emit(operator("concat", along=DIMENSIONS[place]), nodes)
        new = fresh(w.sides(node)[place])
        spatial = tuple(new if i == place else group for i, group in enumerate(fed[0].spatial))
        channels = lead.channels
    dims = tuple(new if i == axis else dim for i, dim in enumerate(lead.dims))
    return Tensor(node, dims, spatial, channels)


def _sum(sizes: Sequence[Size]) -> Size:
    total = sizes[0]
    for size in sizes[1:]:
        total = Size(total.own + size.own, total.size + size.size)
    return total


def picked(w: Walker, x: Tensor, axis: int, count: Size, start: Size | None = None, drop: bool = False) -> Tensor:
    """`count` of the entries along a dimension, from `start` on if they lie side by side; it goes if `drop`."""
    axis %= len(x.dims)
    dim = x.dims[axis]
    if count.own == x.own[axis] and not drop:
        return x
    kept = () if drop else fresh(count)
    if not dim and count.own > 1:  # the single entry, several times
        spatial = (*(group for group in x.spatial if group), kept)
        dims = (*x.dims[:axis], kept, *x.dims[axis + 1 :])
        return Tensor(_select(w, x, spatial, x.channels), dims, spatial, x.channels, dtype=x.dtype)
    if not dim:
        return x._replace(dims=(*x.dims[:axis], *(() if drop else (dim,)), *x.dims[axis + 1 :]), made=())
    inner = x.without_batch(dim)
    if not inner:  # of the batch
        return x._replace(dims=(*x.dims[:axis], *(() if drop else (kept,)), *x.dims[axis + 1 :]), made=())
    if set(inner) <= set(x.channels):
        whole = inner == x.channels
        channels = kept if whole else tuple(atom for atom in x.channels if atom not in inner) + kept
        spatial = x.spatial
        share = size_of(inner)
        if whole and start is not None:
            stop = Size(start.own + count.own, start.size + count.size)
            node = w.emit(
                operator("slice", start=start.size, stop=stop.size),
                (x.node,),
                operator("slice", start=start.own, stop=stop.own),
            )
        elif x.channels[: len(inner)] == inner and count.own == 1 and start is not None and start.own < share.own:
            node = w.emit(
                operator("split", parts=share.size, part=start.own),
                (x.node,),
                operator("split", parts=share.own, part=start.own),
            )
        else:
            node = _select(w, x, spatial, channels)
    else:
        if not any(set(group) >= set(inner) for group in x.spatial) or set(inner) & set(x.channels):
            x = w.as_rows(x, [i for i, one in enumerate(x.dims) if one and set(one) <= set(x.channels) and i != axis])
        if not any(set(group) >= set(inner) for group in x.spatial):  # its parts lie in several positions
            groups = [tuple(atom for atom in x.without_batch(one) if atom not in x.channels) for one in x.dims]
            x = w.feed(x, [group for group in groups if group], x.channels)
        spatial = tuple(_replaced(group, inner, kept) for group in x.spatial)
        channels = x.channels
        node = _select(w, x, spatial, channels)
    dims = tuple(dim for i, dim in enumerate(x.dims) if i != axis or not drop)
    if not drop:
        dims = tuple(kept if i == axis else one for i, one in enumerate(dims))
    return Tensor(node, dims, spatial, channels, dtype=x.dtype)


def _replaced(group: Atoms, old: Atoms, new: Atoms) -> Atoms:
    if not set(old) & set(group):
        return group
    return tuple(atom for atom in group if atom not in old) + new


def _select(w: Walker, x: Tensor, spatial: Sequence[Atoms], channels: Atoms) -> int:
    sizes, width = [size_of(group) for group in spatial] or [fixed(1)], size_of(channels)
    more = times([*sizes, width]).own > w.own_shape(x.node).elements  # some are picked several times
    word = "stretch" if more else "select"
    return w.emit(
        operator(word, size=tuple(size.size for size in sizes), channels=width.size),
        (x.node,),
        operator(word, size=tuple(size.own for size in sizes), channels=width.own),
    )


def reduced(w: Walker, x: Tensor, axes: Sequence[int], keep: bool, how: str) -> Tensor:
    """The mean, sum, largest ... over some dimensions."""
    chosen = {axis % len(x.dims) for axis in axes} if x.dims else set()
    gone = {atom for i in chosen for atom in x.without_batch(x.dims[i])}
    dims = tuple(() if i in chosen else dim for i, dim in enumerate(x.dims) if keep or i not in chosen)
    if not gone:
        return x._replace(dims=dims, made=())
    names = {"mean": "gap", "max": "global_maxpool"}
    if gone == set(x.positions) and how in names:
        node = w.emit(operator(names[how]), (x.node,))
        return Tensor(node, dims, ((),) * len(x.spatial), x.channels, ("reduced", how, x, frozenset(chosen)))
    spatial = tuple(tuple(atom for atom in group if atom not in gone) for group in x.spatial)
    channels = tuple(atom for atom in x.channels if atom not in gone)
    sizes, width = [size_of(group) for group in spatial] or [fixed(1)], size_of(channels)
    word = {"mean": "mean", "max": "max", "min": "max", "sum": "sum"}.get(how, "norm")
    node = w.emit(
        operator("reduce", size=tuple(size.size for size in sizes), channels=width.size, how=word),
        (x.node,),
        operator("reduce", size=tuple(size.own for size in sizes), channels=width.own, how=word),
    )
    return Tensor(node, dims, spatial, channels, ("reduced", how, x, frozenset(chosen)))
