"""What can be known of a spec before any number is put in: which cells are widths, and which names nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from costcalc import expression
from costcalc.errors import Place, SpecError, nearest, one_of
from costcalc.expression import ExpressionError
from costcalc.operators import ACTIVATIONS, NORMS, REGISTRY, SCHEMAS, FieldRule
from costcalc.spec.document import Problems
from costcalc.spec.fields import expected, fit, rule_of
from costcalc.spec.model import EVERY_WIDTH, Block, Cell, Scope, Spec, Statement, WidthRule

WORDS: dict[str, object] = {
    **{word: word for word in (*ACTIVATIONS, *NORMS, "same", "valid", "none", "nearest", "bilinear")},
    **{word: word for schema in SCHEMAS.values() for rule in schema.values() for word in rule.choices},
    "true": True,
    "false": False,
}
"""Words that stand for themselves in a cell, unless a setting or an argument has that name."""

SIZE = re.compile(r"[0-9]{1,9}(x[0-9]{1,9})+")
"""A size per dimension, as `1x7`."""

STANDARD_ROUND = "w if alpha == 1 else round8(w)"
"""How a network without a width rule of its own rounds: not at all as published, else to multiples of 8."""

COPY = "copy"
"""In a repeated row or entry: the number of this copy, from 0."""


def rounding(rule: WidthRule) -> Cell:
    """The expression in w that a rule rounds with; a function's name stands for its call."""
    cell = rule.round
    return cell._replace(text=f"{cell.text}(w)") if cell.text in expression.FUNCTIONS else cell


def channel_args(block: Block, seen: frozenset[str] = frozenset()) -> set[str]:
    """The arguments of a block that are channel counts: those that reach some operator's `out` as they are."""
    found: set[str] = set()
    if block.name in seen:
        return found
    for statement in block.body:
        for key in _channel_fields(statement.op.text, block.scope, seen | {block.name}):
            cell = statement.args.get(key)
            if cell is not None and not cell.final and cell.text in block.args:
                found.add(cell.text)
    return found


def _channel_fields(op: str, scope: Scope, seen: frozenset[str] = frozenset()) -> set[str]:
    if op in scope.blocks:
        return channel_args(scope.blocks[op], seen)
    return {"out"} if "out" in SCHEMAS.get(op, {}) else set()


def mark_widths(spec: Spec) -> Spec:
    """Mark each cell that is a width. A file with no rule of its own gets the standard one, but for its last width."""
    standard = not spec.widths
    every = (spec.widths, *(v.sections.widths or {} for v in (*spec.variants.values(), *spec.also.values())))
    listed = {column for widths in every for column in widths} - {EVERY_WIDTH}
    marked: dict[str, Block] = {}
    for name, block in spec.scope.blocks.items():
        if block.scope is spec.scope:
            body = tuple(_mark(statement, spec.scope) for statement in block.body)
            marked[name] = block._replace(body=body)
    spec.scope.blocks.update(marked)
    rule = WidthRule(Cell("alpha", spec.input.place), Cell(STANDARD_ROUND, spec.input.place))
    variants = {
        name: v._replace(
            sections=v.sections._replace(layers=_mark_rows(v.sections.layers, spec.scope, listed, standard))
        )
        for name, v in spec.variants.items()
    }
    also = {
        name: v._replace(
            sections=v.sections._replace(layers=_mark_rows(v.sections.layers, spec.scope, listed, standard))
        )
        for name, v in spec.also.items()
    }
    layers = _mark_rows(spec.layers, spec.scope, listed, standard) or ()
    widths = spec.widths or {EVERY_WIDTH: rule}
    return spec._replace(layers=layers, variants=variants, also=also, widths=widths)


def _mark_rows(
    rows: tuple[Statement, ...] | None, scope: Scope, listed: set[str], standard: bool
) -> tuple[Statement, ...] | None:
    if rows is None:
        return None
    marked = [_mark(row, scope, listed | {"c"}) for row in rows]
    if standard:  # the last width is the number of classes; one written as final says so itself
        for index in reversed(range(len(marked))):
            fields = _channel_fields(rows[index].op.text, scope) & set(rows[index].args)
            if any(rows[index].args[field].applies for field in fields):
                marked[index] = rows[index]
                break
    return tuple(marked)


def _mark(statement: Statement, scope: Scope, columns: set[str] | None = None) -> Statement:
    """Mark a row's cells in channel columns (`columns` names more of them), or a body's plain numbers."""
    fields = _channel_fields(statement.op.text, scope)
    args = dict(statement.args)
    for key in (fields | (columns or set())) & set(args):
        cell = args[key]
        if cell.final or not cell.applies or cell.items is not None:
            continue
        if columns is not None:
            args[key] = cell._replace(width="c" if key == "out" else key)
        elif cell.text.isdecimal():
            args[key] = cell._replace(width=EVERY_WIDTH)
    return statement._replace(args=args)


def check_names(spec: Spec, problems: Problems) -> None:
    """Report each name in an expression that nothing defines, each block that contains itself, each bad `from`."""
    top = {*WORDS, *spec.words, *spec.settings, *spec.tables, "input"}
    _check(spec.input, top - {"input"}, problems)
    known = set(top)
    for name, cell in spec.lets.items():
        later = set(spec.lets) - known
        if name in known:
            problems.add(cell.place, f"`let` gives '{name}' a second meaning", "a name of its own")
        _check(cell, known, problems, later=later)
        known.add(name)
    for rule in (*spec.widths.values(), *([spec.depths] if spec.depths else [])):
        _check(rule.scale, known, problems)
        _check(rounding(rule), known | {"w"}, problems)
    for rows in (spec.layers, *(v.sections.layers for v in (*spec.variants.values(), *spec.also.values()))):
        _check_statements(rows or (), spec.scope, known | {"x", COPY}, {"x", "input"}, problems)
    for block in spec.scope.blocks.values():
        _check_block(block, set(WORDS) if block.scope.shared else known, problems)


def _check_block(block: Block, outside: set[str], problems: Problems) -> None:
    names = outside | set(block.args) | set(block.inputs) | {COPY, "input"}
    for default in block.args.values():
        if default is not None:
            _check(default, outside, problems)
    _check_statements(block.body, block.scope, names, {*block.inputs, "input"}, problems)
    if _contains(block, block.name, set()):
        problems.add(block.place, f"block '{block.name}' contains itself", "blocks that end")


def _contains(block: Block, name: str, seen: set[str]) -> bool:
    for statement in block.body:
        op = statement.op.text
        if op == name:
            return True
        if op in block.scope.blocks and op not in seen:
            seen.add(op)
            if _contains(block.scope.blocks[op], name, seen):
                return True
    return False


def _check_statements(
    statements: Iterable[Statement], scope: Scope, names: set[str], nodes: set[str], problems: Problems
) -> None:
    statements = tuple(statements)
    names, nodes = set(names), set(nodes)
    all_names = {s.name for s in statements if s.name}
    for statement in statements:
        for cell in (statement.when, statement.repeat):
            if cell is not None:
                _check(cell, names, problems)
        for key, cell in statement.args.items():
            if cell.applies:
                _check(cell, names, problems, rule_of(statement.op.text, key))
        for cell in statement.sources:
            if cell.text not in nodes:
                later = cell.text in all_names
                problems.add(
                    cell.place,
                    f"'{cell.text[:40]}' {'stands below: a cycle' if later else 'is no node'}",
                    one_of(nodes, 20),
                    "" if later else nearest(cell.text, nodes),
                )
        _check_required(statement, scope, problems)
        if statement.name:
            names.add(statement.name)
            nodes.add(statement.name)


def _check_required(statement: Statement, scope: Scope, problems: Problems) -> None:
    op = statement.op.text
    if op in scope.blocks:
        needed = [name for name, default in scope.blocks[op].args.items() if default is None]
    else:
        defaults = scope.defaults.get(op, {})
        needed = [name for name, rule in SCHEMAS[op].items() if rule.required and name not in defaults]
    for name in needed:
        cell = statement.args.get(name)
        if cell is None:
            problems.add(statement.op.place, f"{op} has no '{name}'", f"a value for '{name}'")
        elif not cell.applies:
            problems.add(cell.place, f"{op} needs a value for '{name}'", "a value, not _")


def _check(
    cell: Cell,
    names: set[str],
    problems: Problems,
    rule: FieldRule | None = None,
    later: AbstractSet[str] = frozenset(),
) -> None:
    """Report what is wrong with a cell whatever the numbers: its grammar, its names, a number that never fits."""
    for item in cell.items or (cell,):
        if not item.applies or SIZE.fullmatch(item.text):
            continue
        try:
            parsed = expression.parse(item.text)
        except ExpressionError as error:
            near = nearest(error.unknown, expression.FUNCTIONS) if error.unknown else ""
            problems.add(at(item, error), error.message, error.expected, near)
            continue
        for name, offset in parsed.names:
            if name not in names:
                here = at(item, ExpressionError("", offset=offset, length=len(name)))
                own = names - set(WORDS)
                if name in later:
                    problems.add(here, f"'{name}' stands below: a cycle or the wrong order", "names that stand above")
                    continue
                known = expected(rule) if rule and rule.kind in ("Flag", "Word") else one_of(own, 16)
                near = nearest(name, own) or nearest(name, names | set(REGISTRY))
                problems.add(here, f"unknown name '{name}'", known or "a number or a word", near)
        if rule and parsed.is_number and cell.items is None and not cell.width:
            try:
                fit(rule, item, parsed.evaluate({}))
            except SpecError as error:
                problems.found.extend(error.problems)
            except ExpressionError as error:
                problems.add(at(item, error), error.message, error.expected)


def at(cell: Cell, error: ExpressionError) -> Place:
    """The place of an expression's fault inside its cell."""
    place = cell.place
    lead = place.text[place.column - 1 :].find(cell.text[:1]) if cell.text else 0
    shift = max(0, lead) + error.offset
    return place._replace(column=place.column + shift, length=error.length or max(1, place.length - shift))
