"""What blocks hand to one another: which of their fields are channel counts, and which blocks never end."""

from __future__ import annotations

from collections.abc import Set
from typing import TypeAlias

from costcalc.operators import SCHEMAS
from costcalc.spec.model import Block, Scope

_Key: TypeAlias = tuple[int, str]
"""A block, by its file's scope and its name: what stays the same when it is copied."""
_OUT = frozenset({"out"})


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
