"""What blocks hand to one another: which cells are widths, and which blocks never end."""

from __future__ import annotations

from collections.abc import Set
from typing import TypeAlias

from costcalc.operators import SCHEMAS
from costcalc.spec.model import EVERY_WIDTH, Block, Cell, Scope, Spec, Statement, Variant, WidthRule

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


STANDARD_ROUND = "w if alpha == 1 else round8(w)"
"""How a network without a width rule of its own rounds: not at all as published, else to multiples of 8."""


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


def mark_widths(spec: Spec) -> Spec:
    """Mark each cell that is a width, but for the one that the table puts out; without a rule the standard holds."""
    every = (spec.widths, *(variant.sections.widths or {} for variant in spec.every_variant))
    listed = {"c"}.union(*every) - {EVERY_WIDTH}
    fields = {id(scope): ChannelFields(scope) for scope in spec.scopes}
    for scope in spec.scopes:
        for name, block in scope.blocks.items():
            if block.scope is scope:
                body = tuple(_mark(statement, fields[id(scope)]) for statement in block.body)
                scope.blocks[name] = block._replace(body=body)
    rule = WidthRule(Cell("alpha", spec.input.place), Cell(STANDARD_ROUND, spec.input.place))
    marked: dict[int, tuple[Statement, ...]] = {}

    def marked_variant(variant: Variant) -> Variant:
        rows = variant.sections.layers
        if rows is None:
            return variant
        if id(rows) not in marked:
            marked[id(rows)] = _mark_rows(rows, fields[id(variant.sections.scope or spec.scope)], listed)
        return variant._replace(sections=variant.sections._replace(layers=marked[id(rows)]))

    return spec._replace(
        layers=_mark_rows(spec.layers, fields[id(spec.scope)], listed),
        variants={name: marked_variant(variant) for name, variant in spec.variants.items()},
        also={name: marked_variant(variant) for name, variant in spec.also.items()},
        widths=spec.widths or {EVERY_WIDTH: rule},
    )


def _mark_rows(rows: tuple[Statement, ...], fields: ChannelFields, listed: set[str]) -> tuple[Statement, ...]:
    marked = [_mark(row, fields, listed) for row in rows]
    if last := fields.put_out(rows):  # the number of classes; one written as final says so itself
        index, field = last
        marked[index] = marked[index]._replace(args={**marked[index].args, field: rows[index].args[field]})
    return tuple(marked)


def _mark(statement: Statement, fields: ChannelFields, columns: Set[str] = frozenset()) -> Statement:
    """Mark a row's cells in channel columns (`columns` names more of them), or a body's plain numbers."""
    own = fields.of(statement.op.text)
    args = {}
    for key, cell in statement.args.items():
        if (key not in own and key not in columns) or cell.final or not cell.applies or cell.items is not None:
            continue
        if columns:
            args[key] = Cell(cell.text, cell.place, width="c" if key == "out" else key)
        elif cell.text.isdecimal():
            args[key] = Cell(cell.text, cell.place, width=EVERY_WIDTH)
    return statement._replace(args={**statement.args, **args}) if args else statement
