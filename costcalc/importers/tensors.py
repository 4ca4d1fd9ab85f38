"""Tensors between the operators of a model file, and how they lie in a feature map.

A tensor's dimensions are made of atoms. A reshape splits atoms or puts them together, a transposition moves them:
neither costs anything. Each atom is a part of the positions, of the channels, or of the batch, in the feature map of
the graph's node that holds the tensor. Only where an operator needs another division into positions and channels is
a node put in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from costcalc.errors import OperatorError, QuantityError
from costcalc.importers.sizes import Size, times
from costcalc.quantity import exact_div, holds, same


class Atom:
    """A stretch of a dimension that no reshape has yet cut; each is itself alone."""

    __slots__ = ("size",)

    def __init__(self, size: Size) -> None:
        self.size = size

    @property
    def own(self) -> int:
        return int(self.size.own)


Atoms = tuple[Atom, ...]


def fresh(size: Size) -> Atoms:
    """A new dimension; of size 1 it needs no atom."""
    return () if size.own == 1 and size.is_fixed else (Atom(size),)


def size_of(atoms: Iterable[Atom]) -> Size:
    """The size of a dimension."""
    atoms = tuple(atoms)
    return atoms[0].size if len(atoms) == 1 else times(atom.size for atom in atoms)


class Tensor(NamedTuple):
    """A tensor that the network computes: `node` of the graph holds it.

    `dims` are its dimensions in the file's order. `spatial` and `channels` say of what the node's feature map is made;
    an atom in neither is of the batch. `made` tells what it was computed from, for what exporters scatter.
    """

    node: int
    dims: tuple[Atoms, ...]
    spatial: tuple[Atoms, ...]
    channels: Atoms
    made: tuple[object, ...] = ()
    dtype: str = "float32"

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The size of each dimension."""
        return tuple(map(size_of, self.dims))

    @property
    def own(self) -> tuple[int, ...]:
        """The size of each dimension in the file."""
        return tuple(size.own for size in self.sizes)

    @property
    def positions(self) -> Atoms:
        """The atoms of its positions."""
        return tuple(atom for group in self.spatial for atom in group)

    @property
    def inner(self) -> Atoms:
        """The atoms of one sample, in the order of the dimensions."""
        one = {*self.positions, *self.channels}
        return tuple(atom for dim in self.dims for atom in dim if atom in one)

    def without_batch(self, atoms: Iterable[Atom]) -> Atoms:
        """Those of some atoms that are of one sample."""
        one = {*self.positions, *self.channels}
        return tuple(atom for atom in atoms if atom in one)

    def refined(self, parts: dict[Atom, Atoms]) -> Tensor:
        """The same tensor with some atoms cut."""
        if not parts:
            return self

        def cut(atoms: Atoms) -> Atoms:
            return tuple(part for atom in atoms for part in parts.get(atom, (atom,)))

        return self._replace(
            dims=tuple(map(cut, self.dims)), spatial=tuple(map(cut, self.spatial)), channels=cut(self.channels)
        )


def split(atom: Atom, sizes: Sequence[Size]) -> Atoms:
    """An atom cut in parts of given sizes. Raises OperatorError if they do not make the whole."""
    if not holds(same(times(sizes).size, atom.size.size)):
        wanted = " x ".join(str(size.size) for size in sizes)
        raise OperatorError(f"the file fixes {wanted} where {atom.size.size} arrive")
    return tuple(Atom(size) for size in sizes)


def reshaped(x: Tensor, targets: Sequence[Size]) -> Tensor:
    """A tensor with other dimensions: parts and products of its own. Raises OperatorError where they are not."""
    waiting = [atom for dim in x.dims for atom in dim][::-1]
    parts: dict[Atom, Atoms] = {}
    origin: dict[Atom, Atom] = {}
    groups: list[list[Atom]] = []
    misfit = OperatorError(f"a tensor of {_listed(x.own)} values is laid out as {_listed(t.own for t in targets)}")
    for place, target in enumerate(targets):
        group: list[Atom] = []
        reached = 1
        while reached < target.own:
            if not waiting:
                raise misfit
            atom = waiting.pop()
            if target.own % (reached * atom.own) == 0:
                group.append(atom)
                reached *= atom.own
                continue
            need = target.own // reached
            if target.own % reached or atom.own % need or need == 1:
                raise misfit
            rest = atom.own // need
            first, second = _factors(atom, need, rest, target, targets[place + 1 : place + 2])
            cut = split(atom, (first, second))
            whole = origin.pop(atom, atom)
            so_far = parts.get(whole, (whole,))
            parts[whole] = tuple(part for one in so_far for part in (cut if one is atom else (one,)))
            origin.update(dict.fromkeys(cut, whole))
            group.append(cut[0])
            waiting.append(cut[1])
            reached *= need
        groups.append(group)
    if any(atom.own != 1 for atom in waiting):
        raise misfit
    if waiting:  # of size 1 in the file, of another as asked
        (groups or [[]])[-1].extend(reversed(waiting))
    return x.refined(parts)._replace(dims=tuple(map(tuple, groups)))


def _factors(atom: Atom, need: int, rest: int, target: Size, following: Sequence[Size]) -> tuple[Size, Size]:
    if atom.size.is_fixed:
        return Size(need, need), Size(rest, rest)
    try:
        if target.own == need and not target.is_fixed:
            return target, Size(rest, exact_div(atom.size.size, target.size))
        if following and following[0].own == rest and not following[0].is_fixed:
            return Size(need, exact_div(atom.size.size, following[0].size)), following[0]
    except QuantityError as error:
        raise OperatorError(str(error)) from None
    raise OperatorError(
        f"the file cuts {atom.own} positions in {need} x {rest}; {atom.size.size} positions arrive",
        expected="the file's own input size, or a file with dynamic sizes",
    )


def aligned(x: Tensor, y: Tensor, pairs: Iterable[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """Two tensors with the same atoms in some pairs of dimensions; a dimension of size 1 fits any other.

    Raises OperatorError if the sizes differ.
    """
    for i, j in pairs:
        if not x.dims[i] or not y.dims[j] or x.dims[i] == y.dims[j]:
            continue
        x_parts, y_parts, sizes = common(x.dims[i], y.dims[j])
        x, y = x.refined(x_parts), y.refined(y_parts)
        y = y.refined({old: (new,) for old, new in zip(y.dims[j], x.dims[i], strict=True)})
        del sizes
    return x, y


def common(a: Atoms, b: Atoms) -> tuple[dict[Atom, Atoms], dict[Atom, Atoms], int]:
    """How to cut the atoms of two equal dimensions into the same sizes. Raises OperatorError if it cannot be."""
    wrong = OperatorError(f"sizes {size_of(a).size} and {size_of(b).size} meet")
    if size_of(a).own != size_of(b).own:
        raise wrong
    left, right = list(a[::-1]), list(b[::-1])
    cuts: tuple[dict[Atom, list[Size]], dict[Atom, list[Size]]] = ({}, {})
    rest: list[Size | None] = [None, None]
    while left and right:
        one, two = rest[0] or left[-1].size, rest[1] or right[-1].size
        small = one if one.own <= two.own else two
        large = two if small is one else one
        if large.own % small.own:
            raise wrong
        if large.own == small.own:
            if not holds(same(one.size, two.size)):
                raise wrong
            over = None
        else:
            over = Size(large.own // small.own, _part(large, small))
        for side, stack in ((0, left), (1, right)):
            cuts[side].setdefault(stack[-1], []).append(small)
            mine = one if side == 0 else two
            if over is not None and mine is large:
                rest[side] = over
            else:
                stack.pop()
                rest[side] = None
    if left or right:
        raise wrong
    found = [{atom: split(atom, sizes) for atom, sizes in side.items() if len(sizes) > 1} for side in cuts]
    return found[0], found[1], 0


def _part(large: Size, small: Size) -> object:
    try:
        return exact_div(large.size, small.size)
    except QuantityError as error:
        raise OperatorError(str(error)) from None


def _listed(sizes: Iterable[int]) -> str:
    return "x".join(map(str, sizes)) or "1"
