"""Channels in pieces, each so many times one width: what must stay equal when the widths of a network change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from costcalc.errors import OperatorError


class Width:
    """A number of channels that a layer decides; `own` is the file's. Bound, it stands for the pieces of others.

    One channel alone is no width: a mask, a score. `parts` of the same width are always put together (two ghosts).
    """

    __slots__ = ("bound", "is_free", "own", "parts")

    def __init__(self, own: int, is_free: bool = True) -> None:
        self.own = own
        self.is_free = is_free and own > 1
        self.bound: Pieces | None = None
        self.parts = 1


Pieces: TypeAlias = list[tuple[Width, int]]


def resolved(pieces: Sequence[tuple[Width, int]]) -> Pieces:
    """The pieces in widths that stand for no others."""
    found: Pieces = []
    waiting = list(reversed(pieces))
    while waiting:
        width, times = waiting.pop()
        if width.bound is None:
            found.append((width, times))
        else:
            waiting.extend((inner, count * times) for inner, count in reversed(width.bound))
    return found


def total(pieces: Pieces) -> int:
    """The channels in the file."""
    return sum(width.own * times for width, times in pieces)


def fix(pieces: Pieces) -> None:
    """Let these widths stay as they are in the file."""
    for width, _ in resolved(pieces):
        width.is_free = False


def unify(x: Pieces, y: Pieces) -> None:
    """Let two maps have equal channels. Raises OperatorError where their pieces do not match."""
    left, right = resolved(x)[::-1], resolved(y)[::-1]
    if left == right:
        return
    if total(x) != total(y):
        raise OperatorError(f"{total(x)} and {total(y)} channels meet: alpha cannot follow")
    if not any(width.is_free for width, _ in (*left, *right)):
        return
    while left and right:
        (u, f), (v, g) = left.pop(), right.pop()
        if u is v and f == g:
            continue
        if u.own * f == v.own * g:
            _equal(u, f, v, g)
        elif u.own * f < v.own * g:
            _spread(v, g, u, f, left, right)
        else:
            _spread(u, f, v, g, right, left)
        left, right = resolved(left[::-1])[::-1], resolved(right[::-1])[::-1]


def _equal(u: Width, f: int, v: Width, g: int) -> None:
    """f times u is g times v."""
    if u is v:
        return
    if not (u.is_free and v.is_free):
        u.is_free = v.is_free = False
    elif g % f == 0:
        u.bound = [(v, g // f)]
    elif f % g == 0:
        v.bound = [(u, f // g)]
    else:
        common = Width(u.own // g if u.own % g == 0 else 0)
        if common.own * g != u.own or common.own * f != v.own:
            raise OperatorError(f"{f} times {u.own} and {g} times {v.own} channels meet: alpha cannot follow")
        u.bound, v.bound = [(common, g)], [(common, f)]


def _spread(large: Width, times: int, small: Width, count: int, others: Pieces, rest: Pieces) -> None:
    """A large piece is the sum of a small one and of the `others` that follow it; what is over goes to `rest`."""
    whole = large.own * times
    if times > 1 and small.own * count % large.own == 0:
        share = small.own * count // large.own
        rest.append((large, times - share))
        _equal(small, count, large, share)
        return
    parts, reached = [(small, count)], small.own * count
    while reached < whole and others:
        parts.append(others.pop())
        reached += parts[-1][0].own * parts[-1][1]
    misfit = OperatorError(f"{whole} channels meet others that are cut elsewhere: alpha cannot follow")
    if reached != whole or any(width is large for width, _ in parts):
        raise misfit
    if not large.is_free:
        fix(parts)
    elif times == 1:
        large.bound = parts
    else:
        raise misfit


def cut(pieces: Pieces, parts: int) -> Pieces:
    """One of so many equal parts. Raises OperatorError if the widths cannot be cut so."""
    whole = total(pieces)
    if parts < 1 or whole % parts:
        raise OperatorError(f"{whole} channels in {parts} parts: alpha cannot follow")
    flat, share = resolved(pieces), whole // parts
    if len(flat) == 1:
        width, times = flat[0]
        if times % parts == 0:
            return [(width, times // parts)]
        if times == 1:
            part = Width(share, width.is_free)
            width.bound = [(part, parts)]
            return [(part, 1)]
    groups: list[Pieces] = [[]]
    for width, times in flat:
        if total(groups[-1]) == share:
            groups.append([])
        groups[-1].append((width, times))
    if any(total(group) != share for group in groups):
        raise OperatorError(f"{whole} channels of several layers in {parts} parts: alpha cannot follow")
    for other in groups[1:]:
        unify(groups[0], other)
    return groups[0]


def taken(pieces: Pieces, channels: int) -> Pieces:
    """So many of the channels: all, an equal part, or what whole pieces from the first on make up."""
    whole = total(pieces)
    if whole == channels:
        return pieces
    if whole % channels == 0:
        return cut(pieces, whole // channels)
    reached = 0
    for index, (width, times) in enumerate(flat := resolved(pieces)):
        reached += width.own * times
        if reached == channels:
            return flat[: index + 1]
    raise OperatorError(f"{channels} of {whole} channels are taken: alpha cannot follow")
