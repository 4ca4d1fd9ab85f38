"""Rows of the layer table and bodies of blocks: both become statements."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from functools import cache, partial
from itertools import count, islice

from costcalc.errors import nearest, one_of
from costcalc.operators import REGISTRY, SCHEMAS
from costcalc.spec import read
from costcalc.spec.model import Block, Cell, Scope, Statement
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence
from costcalc.spec.written import AS

SHORT = {"c": "out", "s": "stride", "g": "groups", "d": "dilation", "p": "pad"}
"""The papers' column words, for the operators' fields."""
SPECIAL = ("in", "op", "n", "name", "from", "when", "output")
"""Columns that belong to every row, whatever its operator."""
POST_OPS = ("norm", "act")
"""Fields that put a node of their own after an operator."""
DTYPE = "dtype"
"""The field that says in which number format a row's weights and the map that it puts out are."""
LONG = {long: short for short, long in SHORT.items()}
"""The short words, by the fields."""


def numbered(word: str, taken: Container[str]) -> Iterator[str]:
    """The automatic names of what has none of its own: a word and the next number that makes no name that is taken."""
    return (name for number in count(1) if (name := f"{word}{number}") not in taken)


def fields_of(op: str, scope: Scope) -> Collection[str]:
    """The fields that a row of this operator, or the arguments that a row of this block, can have."""
    return scope.blocks[op].args.keys() if op in scope.blocks else _operator_fields(op)


@cache
def _operator_fields(op: str) -> Collection[str]:
    return dict.fromkeys((*SCHEMAS[op], *POST_OPS, DTYPE, AS)).keys()


def field_for(column: str, fields: Collection[str]) -> str:
    """The field that a column of the table, or a key of a row, stands for, "" if none."""
    if column in fields:
        return column
    other = SHORT.get(column) or LONG.get(column) or ""
    return other if other in fields else ""


def read_blocks(node: Node | None, scope: Scope, problems: Problems) -> None:
    """Read the section `blocks` into the scope. Headers first, so that a block may use one that stands below it."""
    bodies: list[tuple[Block, Node | None]] = []
    for name, (scalar, entry) in read.mapping(node, problems, "`blocks`").entries.items():
        if not read.word(scalar, problems, "a block"):
            continue
        if name in REGISTRY:
            problems.add(scalar, f"the block '{name}' has the name of an operator", "another name")
            continue
        content = read.mapping(entry, problems, f"block '{name}'")
        read.known_keys(content, ("about", "args", "inputs", "body"), problems, "block")
        inputs = tuple(
            read.word(item, problems, "an input") for item in read.sequence(content.get("inputs"), problems, "inputs")
        )
        args: dict[str, Cell | None] = {}
        for item in read.sequence(content.get("args"), problems, "args"):
            if isinstance(item, Mapping) and len(item.entries) == 1:
                (key, (key_scalar, default)) = next(iter(item.entries.items()))
                args[read.word(key_scalar, problems, "an argument") and key] = read.cell(default, problems)
            else:
                args[read.word(item, problems, "an argument")] = None
        for clash in set(args) & {*SPECIAL, *inputs}:
            problems.add(content, f"the argument '{clash}' has the name of an input or a column of every row")
        about = read.text(content.get("about"), problems, "about")
        named = {key: default for key, default in args.items() if key}
        needed = tuple(key for key, default in named.items() if default is None)
        block = Block(name, inputs or ("x",), named, needed, (), scope, scalar.place, about)
        scope.blocks[name] = block
        bodies.append((block, content.get("body")))
        if content.get("body") is None:
            problems.add(scalar, f"block '{name}' has no body", "`body:` with a list of operators")
    for block, body_node in bodies:
        items = read.sequence(body_node, problems, f"the body of '{block.name}'")
        body = tuple(s for s in (read_entry(item, scope, problems) for item in items) if s)
        scope.blocks[block.name] = block._replace(body=body)
        if body_node is not None and not items:
            problems.add(body_node, f"the body of '{block.name}' is empty")


def read_entry(node: Node, scope: Scope, problems: Problems) -> Statement | None:
    """An entry of a body: `{op: ...}` or `name: {op: ...}`."""
    name = ""
    if isinstance(node, Mapping) and len(node.entries) == 1 and "op" not in node.entries:
        (scalar, inner) = next(iter(node.entries.values()))
        name = read.word(scalar, problems, "a node")
        node = inner
    if not isinstance(node, Mapping):
        problems.add(node, "an operator is expected here", "{op: conv, k: 3, ...} or name: {op: ...}")
        return None
    return _statement(dict(node.entries), node, name, scope, problems)


def _statement(
    entries: dict[str, tuple[Scalar, Node]], node: Node, name: str, scope: Scope, problems: Problems
) -> Statement | None:
    if "op" not in entries:
        problems.add(node, "no operator", "a key `op`")
        return None
    op = read.cell(entries.pop("op")[1], problems)
    if not known_op(op, scope, problems):
        return None
    args: dict[str, Cell] = {}
    special: dict[str, Node] = {}
    _take(entries, op.text, fields_of(op.text, scope), args, special, problems)
    return finish(op, args, special, name, problems)


def _take(
    entries: dict[str, tuple[Scalar, Node]],
    op: str,
    fields: Collection[str],
    args: dict[str, Cell],
    special: dict[str, Node],
    problems: Problems,
) -> None:
    """Add what `key: value` says to the arguments and special columns of a row."""
    for key, (scalar, value) in entries.items():
        field = field_for(key, fields)
        is_given = (field in args and args[field].applies) or (key in special and not read.is_blank(special[key]))
        if key == "op" or is_given:
            message = f"the key '{key}' gives '{field or key}' a second value{_said(key, field)}"
            problems.add(scalar, message, "one value for it")
        elif field:
            args[field] = read.cell(value, problems)
        elif key in SPECIAL:
            special[key] = value
        else:
            problems.add(scalar, f"{op} has no '{key[:60]}'", hint=partial(_field_hint, op, key, fields))


def known_op(op: Cell, scope: Scope, problems: Problems) -> bool:
    """Whether the cell names an operator or a block; a problem if not."""
    if op.text in REGISTRY or op.text in scope.blocks:
        return True

    def hint() -> tuple[str, str]:
        blocks = f" or a block of this file ({one_of(scope.blocks)})" if scope.blocks else ""
        if read.NAME.fullmatch(op.text) and problems.has_blocks(op.text):
            return f"`use: [{op.text}]`, which brings in the shared blocks of that name", ""
        return f"an operator ({one_of(REGISTRY, 6)}){blocks}", nearest(op.text, (*REGISTRY, *scope.blocks))

    problems.add(op.place, f"unknown operator '{op.text[:60]}'", hint=hint)
    return False


def finish(op: Cell, args: dict[str, Cell], special: dict[str, Node], name: str, problems: Problems) -> Statement:
    """A statement from its arguments and its special columns."""
    cells = {key: read.cell(value, problems) for key, value in special.items() if key not in ("name", "from")}
    sources: tuple[Cell, ...] = ()
    if "from" in special and not read.is_blank(special["from"]):
        origin = read.cell(special["from"], problems)
        sources = origin.items or (origin,)
    if "name" in special and not read.is_blank(special["name"]):
        name = read.word(special["name"], problems, "the name of a row")

    def given(key: str) -> Cell | None:
        return cells[key] if key in cells and cells[key].applies else None

    return Statement(op, args, name, sources, given("when"), given("n"), given("in"), given("output"))


def changed(row: Statement, change: Mapping, scope: Scope, problems: Problems) -> Statement:
    """A row with some of its fields and special columns said anew; `_` takes one away."""
    args: dict[str, Cell] = {}
    special: dict[str, Node] = {}
    _take(change.entries, row.op.text, fields_of(row.op.text, scope), args, special, problems)
    new = finish(row.op, args, special, row.name, problems)
    return Statement(
        row.op,
        {**row.args, **args},
        new.name,
        new.sources if "from" in special else row.sources,
        new.when if "when" in special else row.when,
        new.repeat if "n" in special else row.repeat,
        new.declared_input if "in" in special else row.declared_input,
        new.declared_output if "output" in special else row.declared_output,
    )


def _said(word: str, field: str) -> str:
    """What else says a field, where its own word does not show it."""
    other = LONG.get(field) or SHORT.get(field)
    return f": '{other}' is the same" if other and word == field else ""


def _field_hint(op: str, key: str, fields: Collection[str]) -> tuple[str, str]:
    own = f"{one_of(fields, 20)} (or {one_of(SPECIAL, 20)})" if fields else f"{op} has no fields of its own"
    long = SHORT.get(key, "")
    return own, long if long in fields else nearest(key, (*fields, *SPECIAL))


def _column_hint(name: str, fields: Collection[str], expected: str) -> tuple[str, str]:
    """For a column that a row has a cell under, and no field for."""
    known = (*fields, *SPECIAL)
    return expected or one_of(known, 24), nearest(name, known)


@cache
def _every_field() -> Collection[str]:
    """The fields that any operator has, by their long and short names."""
    return {*SHORT, *(field for op in REGISTRY for field in _operator_fields(op))}


def _as_row(columns: Collection[str]) -> str:
    shown = list(islice(columns, 20))
    return f"[{', '.join(shown)}{', ...' if len(columns) > len(shown) else ''}]"


def read_layers(node: Node | None, scope: Scope, problems: Problems) -> tuple[Statement, ...]:
    """The section `layers`: `columns` and `rows`, or a list of entries as in a block's body."""
    if isinstance(node, Sequence):
        entries = [read_entry(item, scope, problems) for item in node.items]
        if not entries:
            problems.add(node, "no layers", "at least one layer")
        return tuple(entry for entry in entries if entry)
    content = read.mapping(node, problems, "`layers`")
    if node is None:
        return ()
    read.known_keys(content, ("columns", "rows"), problems, "layers")
    columns: dict[str, Node] = {}
    listed = read.sequence(content.get("columns"), problems, "columns")
    for item in listed:
        if name := read.word(item, problems, "a column"):
            if name in columns:
                problems.add(item, f"duplicate column '{name}'")
            columns[name] = item
    for key in ("columns", "rows"):
        if content.get(key) is None and isinstance(node, Mapping):
            problems.add(node, f"`layers` has no `{key}`", "`columns: [op, ...]` and `rows:` with a list of rows")
    if "op" not in columns and isinstance(content.get("columns"), Sequence):
        at = next(iter(columns.values()), content.get("columns") or node)
        problems.add(at, "no column `op`", "a column that names each row's operator")
    used: set[str] = set()
    names = columns if len(listed) == len(columns) else {}  # cells under wrong columns mean nothing
    rows = [
        _row(row, names, used, scope, problems) for row in read.sequence(content.get("rows"), problems, "rows")
    ]  # fmt: skip
    if isinstance(content.get("rows"), Sequence) and not rows:
        problems.add(content.get("rows") or node, "no rows", "at least one layer")
    unused = next((name for name in columns if name not in SPECIAL and name not in used), None)
    if unused and not problems.found:
        known = {field for op in {row.op.text for row in rows if row} for field in fields_of(op, scope)}
        near = nearest(unused, sorted({*known, *SPECIAL}))
        problems.add(columns[unused], f"no row uses the column '{unused}'", one_of((*known, *SPECIAL), 40), near)
    return tuple(row for row in rows if row)


def _row(node: Node, columns: dict[str, Node], used: set[str], scope: Scope, problems: Problems) -> Statement | None:
    """A row of cells. It may end before the last column, and its last cell may say more in `{key: value}`."""
    if isinstance(node, Mapping):
        return read_entry(node, scope, problems)
    if not isinstance(node, Sequence):
        problems.add(node, "a row must be a list", hint=lambda: (f"{_as_row(columns)} or {{op: ...}}", ""))
        return None
    cells, more = node.items, node.items[-1] if node.items else None
    if isinstance(more, Mapping):
        cells = cells[:-1]
    if odd := next((cell for cell in cells if isinstance(cell, Mapping)), None):
        problems.add(odd, "{...} before the end of a row", "one {key: value, ...}, as the row's last cell")
        return None
    entries = dict(zip(columns, cells, strict=False))
    if len(cells) > len(columns) or "op" not in entries:
        if columns and (len(cells) > len(columns) or "op" in columns):
            message = f"the row has {len(cells)} cells, the table has {len(columns)} columns"
            missing = "the row ends before the column 'op'"
            problems.add(node, message if len(cells) > len(columns) else missing, hint=lambda: (_as_row(columns), ""))
        return None
    op = read.cell(entries.pop("op"), problems)
    if not known_op(op, scope, problems):
        return None
    fields = fields_of(op.text, scope)
    args: dict[str, Cell] = {}
    special: dict[str, Node] = {}
    for name, value in entries.items():
        field = field_for(name, fields)
        if field in args:
            message = f"the column '{name}' gives '{field}' a second value{_said(name, field)}"
            problems.add(value, message, "one column for it")
        elif field:
            used.add(name)
            args[field] = read.cell(value, problems)
        elif name in SPECIAL:
            special[name] = value
        elif not read.is_blank(value):
            if name in _every_field() or any(name in block.args for block in scope.blocks.values()):
                hint = partial(_column_hint, name, fields, "_ in this column")
                problems.add(value, f"{op.text} has no '{name[:60]}'", hint=hint)
            else:
                hint = partial(_column_hint, name, fields, "")
                problems.add(columns[name], f"unknown column '{name[:60]}'", hint=hint)
    if isinstance(more, Mapping):
        _take(more.entries, op.text, fields, args, special, problems)
    return finish(op, args, special, "", problems)
