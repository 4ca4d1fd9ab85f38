"""What blocks hand to one another: which of their fields are channel counts, and which blocks never end."""

from __future__ import annotations

from collections.abc import Set
from typing import TypeAlias

from costcalc.operators import SCHEMAS
from costcalc.spec.model import Block, Scope, Statement

_Key: TypeAlias = tuple[int, str]
"""A block, by its file's scope and its name: what stays the same when it is copied."""
_OUT = frozenset({"out"})
_OTHERWISE = frozenset(
    "concat split slice matmul rbf reshape permute select stretch reduce channel_conv constant transpose".split()
)
"""Operators that put out another number of channels than arrives, without a field that says how many."""
_MOST_DEEP = 16
"""Blocks in one another through which a width is followed."""


def _key(block: Block) -> _Key:
    return id(block.scope), block.name


def _all_blocks(scope: Scope) -> dict[_Key, Block]:
    """Every block that a file's blocks can use, those of other files with them."""
    found: dict[_Key, Block] = {}
    scopes = {id(scope): scope}
    waiting = [scope]
    while waiting:
        for block in waiting.pop().blocks.values():
            found[_key(block)] = block
            if id(block.scope) not in scopes:
                scopes[id(block.scope)] = block.scope
                waiting.append(block.scope)
    return found


class ChannelFields:
    """Which fields of an operator, or arguments of a block, are channel counts.

    An argument of a block is one if it reaches some operator's `out` as it is, through whatever blocks.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.found: dict[_Key, set[str]] = {}
        handed: dict[tuple[_Key, str], list[tuple[_Key, str]]] = {}  # argument of an inner block -> of outer ones
        reached: list[tuple[_Key, str]] = []
        for key, block in _all_blocks(scope).items():
            self.found[key] = set()
            for statement in block.body:
                inner = block.scope.blocks.get(statement.op.text)
                for field, cell in statement.args.items():
                    if cell.final or cell.text not in block.args:
                        continue
                    if inner is not None:
                        handed.setdefault((_key(inner), field), []).append((key, cell.text))
                    elif field == "out":
                        reached.append((key, cell.text))
        while reached:
            key, argument = reached.pop()
            if argument not in self.found[key]:
                self.found[key].add(argument)
                reached.extend(handed.get((key, argument), ()))

    def of(self, op: str) -> Set[str]:
        """The fields of an operator or block that the file itself can see."""
        block = self.scope.blocks.get(op)
        if block is not None:
            return self.found[_key(block)]
        return _OUT if "out" in SCHEMAS.get(op, {}) else frozenset()

    def put_out(self, rows: tuple[Statement, ...]) -> tuple[int, str] | None:
        """The row and the field that say how many channels leave the last row; None if no cell says it."""
        return _put_out(rows, self.scope, {}, 0)


def _put_out(
    rows: tuple[Statement, ...], scope: Scope, known: dict[_Key, tuple[int, str] | None], depth: int
) -> tuple[int, str] | None:
    for index in reversed(range(len(rows))):
        op, args = rows[index].op.text, rows[index].args
        block = scope.blocks.get(op)
        if block is None:
            if "out" in SCHEMAS.get(op, {}):
                return (index, "out") if "out" in args else None
            if op in _OTHERWISE:
                return None
            continue
        if _key(block) not in known and depth < _MOST_DEEP:
            known[_key(block)] = None  # of a block that contains itself
            known[_key(block)] = _put_out(block.body, block.scope, known, depth + 1)
        inner = known.get(_key(block))
        if inner is None:
            return None
        text = block.body[inner[0]].args[inner[1]].text
        if text != f"{block.inputs[0]}.c":  # else what arrives leaves
            return (index, text) if text in args else None
    return None


def endless(scope: Scope) -> list[Block]:
    """The blocks that contain themselves."""
    blocks = _all_blocks(scope)
    inside: dict[_Key, set[_Key]] = {}
    users: dict[_Key, set[_Key]] = {key: set() for key in blocks}
    for key, block in blocks.items():
        ops = {statement.op.text for statement in block.body}
        inside[key] = {_key(block.scope.blocks[op]) for op in ops if op in block.scope.blocks}
        for other in inside[key]:
            users[other].add(key)
    left = _without_ends(inside, users)  # those from which one comes to a block that contains itself
    left &= _without_ends(users, inside)  # and those that one comes to from such a block
    return [block for key, block in blocks.items() if key in left]


def _without_ends(to: dict[_Key, set[_Key]], back: dict[_Key, set[_Key]]) -> set[_Key]:
    """What is left when all that leads nowhere is taken away, again and again."""
    left = set(to)
    count = {key: len(others) for key, others in to.items()}
    ends = [key for key, others in count.items() if not others]
    while ends:
        end = ends.pop()
        left.discard(end)
        for key in back[end]:
            count[key] -= 1
            if not count[key]:
                ends.append(key)
    return left
