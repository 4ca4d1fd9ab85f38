"""What can be known of a spec before any number is put in: which cells are widths, and which names nobody knows."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import partial
from itertools import islice

from costcalc import expression
from costcalc.dtypes import DTYPES
from costcalc.errors import Place, Problem, SpecError, nearest, one_of
from costcalc.expression import ExpressionError
from costcalc.operators import ACTIVATIONS, NORMS, REGISTRY, SCHEMAS, FieldRule
from costcalc.operators.fields import FLAG
from costcalc.spec.channels import endless
from costcalc.spec.fields import fit, rule_of
from costcalc.spec.model import Block, Cell, Scope, Sections, Spec, Statement, Variant, WidthRule
from costcalc.spec.problems import Problems
from costcalc.spec.statements import LONG
from costcalc.spec.written import AS, check_words

WORDS: dict[str, object] = {
    **{word: word for word in (*ACTIVATIONS, *NORMS, *DTYPES, "none")},
    **{word: word for schema in SCHEMAS.values() for rule in schema.values() for word in rule.kind.words},
    "true": True,
    "false": False,
}
"""Words that stand for themselves in a cell, unless a setting or an argument has that name."""

SIZE = re.compile(r"[0-9]{1,9}(x[0-9]{1,9}){1,7}")
"""A size per dimension, as `1x7`."""
_SPACED = re.compile(r" ?[xX×*] ?")
"""What people write between the numbers of a size."""

COPY = "copy"
"""In a repeated row or entry: the number of this copy, from 0."""

MOST_DIGITS = 5
"""So many digits the number of a row or a copy has at most."""
_LISTED = 8
"""So many copies of a row a hint names."""

MAX_EXPRESSIONS = 50_000
"""So many characters the different expressions of a file may have, and `EACH_EXPRESSION` for each. Numbers and names,
which are read at a glance, do not count."""
EACH_EXPRESSION = 20
MOST_MISSING = 4
"""So many missing fields of one row are told."""


def rounding(rule: WidthRule) -> Cell:
    """The expression in w that a rule rounds with; a function's name stands for its call."""
    cell = rule.round
    return cell._replace(text=f"{cell.text}(w)") if cell.text in expression.FUNCTIONS else cell


class Known:
    """The names that an expression can see: those outside, which many share, and its own. Both only grow."""

    __slots__ = ("outside", "own")

    def __init__(self, outside: dict[str, None], own: dict[str, None] | None = None) -> None:
        self.outside = outside
        self.own = own or {}

    def __contains__(self, name: str) -> bool:
        return name in self.own or name in self.outside


def check_names(spec: Spec, problems: Problems) -> None:
    """Report each name in an expression that nothing defines, each block that contains itself, each bad `from`."""
    top = dict.fromkeys((*WORDS, *spec.words, *spec.settings, *spec.tables))
    _check(spec.input, Known(top), problems)
    known = {**top, "input": None}
    others: dict[str, list[Cell]] = {}
    for variant in spec.every_variant:
        for name, cell in (variant.sections.lets or {}).items():
            others.setdefault(name, []).append(cell)
    for name, cell in spec.lets.items():
        if name in known:
            problems.add(cell.place, f"`let` gives '{name}' a second meaning", "a name of its own")
        for one in (cell, *others.get(name, ())):
            _check(one, Known(known), problems, later=spec.lets)
        known[name] = None
    for rule in (*spec.widths.values(), *([spec.depths] if spec.depths else [])):
        _check(rule.scale, Known(known), problems)
        _check(rounding(rule), Known(known, {"w": None}), problems)
    changed = _changed_by(spec)
    told: dict[tuple[Place, str], Problem] = {}
    tables = [Sections(layers=spec.layers), *(variant.sections for variant in spec.every_variant)]
    for rows, scope in {id(one.layers): (one.layers or (), one.scope) for one in tables}.values():
        before = len(problems.found)
        names = Known(known, dict.fromkeys(("x", COPY)))
        _check_statements(rows, scope or spec.scope, names, ("x", "input"), problems)
        _tell_of_patch(problems, before, told, changed.get(id(scope)))
    words = dict.fromkeys(WORDS)
    for scope in spec.scopes:
        before = len(problems.found)
        for block in scope.blocks.values():
            if block.scope is scope or scope is spec.scope:
                _check_block(block, words if block.scope.shared else known, problems)
        _check_defaults(scope, known, problems)
        for block in endless(scope):
            problems.add(block.place, f"block '{block.name}' contains itself", "blocks that end")
        _tell_of_patch(problems, before, told, changed.get(id(scope)))


def _changed_by(spec: Spec) -> dict[int, Variant]:
    """The first variant that has rows or blocks changed, by the scope that they are in."""
    found: dict[int, Variant] = {}
    for variant in spec.every_variant:
        if variant.sections.scope:
            found.setdefault(id(variant.sections.scope), variant)
    return found


def _check_defaults(scope: Scope, known: dict[str, None], problems: Problems) -> None:
    """Report each name in a default that stands for nothing wherever the operator is written."""
    inside: dict[str, None] = dict.fromkeys(("x", COPY))
    for block in scope.blocks.values():
        inside.update(dict.fromkeys((*block.args, *block.inputs, *(entry.name for entry in block.body if entry.name))))
    names = Known(known, inside)
    for op, cells in scope.defaults.items():
        for key, cell in cells.items():
            if key == AS and cell.applies:
                check_words(cell, problems)
            elif cell.applies:
                _check(cell, names, problems, rule_of(op, key))


def _tell_of_patch(
    problems: Problems, start: int, told: dict[tuple[Place, str], Problem], variant: Variant | None
) -> None:
    """Say of the problems from `start` on that were not `told` before that a variant's changed rows have them."""
    note = ""
    if variant:
        at = f" ({variant.place.file}:{variant.place.line})" if variant.place else ""
        note = f"in the rows as variant {variant.name}{at} changes them"
    for index, problem in enumerate(problems.found[start:], start):
        told.setdefault(problem[:2], problem._replace(note=problem.note or note))
        problems.found[index] = told[problem[:2]]


def _check_block(block: Block, outside: dict[str, None], problems: Problems) -> None:
    for default in block.args.values():
        if default is not None:
            _check(default, Known(outside), problems)
    own = dict.fromkeys((*block.args, *block.inputs, COPY, "input"))
    _check_statements(block.body, block.scope, Known(outside, own), (*block.inputs, "input"), problems)


def _check_statements(
    statements: tuple[Statement, ...], scope: Scope, names: Known, inputs: tuple[str, ...], problems: Problems
) -> None:
    nodes = dict.fromkeys(inputs)
    all_names = {s.name for s in statements if s.name}
    named: dict[str, Cell | None] = {}
    numbered: set[str] = set()  # what stood above and has a number for a name, or after its name
    automatic = _Automatic()
    for statement in statements:
        for cell in (statement.when, statement.repeat):
            if cell is not None:
                _check(cell, names, problems)
        for key, cell in statement.args.items():
            if key == AS and cell.applies:
                check_words(cell, problems)
            elif cell.applies:
                _check(cell, names, problems, rule_of(statement.op.text, key))
        for cell in statement.sources:
            if cell.text not in nodes and (cell.text in all_names or not _is_automatic(cell.text, numbered)):
                later = cell.text in all_names
                message = f"'{cell.text[:40]}' {'stands below: a cycle' if later else 'is no node'}"
                named_above, numbers = (nodes, len(nodes)), (automatic.listed, len(automatic.listed))
                hint = partial(_source_hint, "" if later else cell.text, named_above, numbers)
                problems.add(cell.place, message, hint=hint)
        _check_required(statement, scope, problems)
        if statement.name:
            if statement.name in named and None in (statement.when, named[statement.name]):
                message = f"'{statement.name[:40]}' is the name of an entry above"
                problems.add(statement.op.place, message, "each name once, or where a `when` decides")
            named[statement.name] = statement.when
            names.own[statement.name] = None
            nodes[statement.name] = None
        if not statement.name:
            numbered.add(statement.op.text)
            automatic.add(statement.op.text, statement)
        elif statement.repeat is not None:
            numbered.add(f"{statement.name}_")
            automatic.add(f"{statement.name}_", statement)


def _is_automatic(name: str, numbered: Container[str]) -> bool:
    """Whether rows above may be called so without having been given the name: `conv2`, and `stage_2` of its copies."""
    splits = ((name[:-digits], name[-digits:]) for digits in range(1, MOST_DIGITS + 1))
    return any(head in numbered and tail.isdecimal() and tail[0] != "0" for head, tail in splits)


class _Automatic:
    """The automatic names of rows and copies, those that are the same at all settings, a few of many copies."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self.counts: dict[str, int | None] = {}  # None once a number depends on the settings

    def add(self, word: str, statement: Statement) -> None:
        """Take the next row whose copies are called by a word and their number."""
        repeat = statement.repeat.text if statement.repeat else "1"
        known = self.counts.get(word, 0)
        if known is None or statement.when is not None or not (repeat.isdecimal() and len(repeat) <= MOST_DIGITS):
            self.counts[word] = None
            return
        self.counts[word] = known + int(repeat)
        self.listed += [f"{word}{known + copy + 1}" for copy in range(min(int(repeat), _LISTED))]


def _source_hint(name: str, *listed: tuple[Iterable[str], int]) -> tuple[str, str]:
    """The first names of each list, so many: those above the row."""
    above = [name for names, count in listed for name in islice(names, count)]
    return one_of(above, 20), nearest(name, above) if name else ""


def _check_required(statement: Statement, scope: Scope, problems: Problems) -> None:
    op = statement.op.text
    block = scope.blocks.get(op)
    defaults = scope.defaults.get(op, {})
    needed = block.needed if block else [k for k, rule in SCHEMAS[op].items() if rule.required and k not in defaults]
    missing = 0
    for name in needed:
        cell = statement.args.get(name)
        if cell is None:
            short = f", or '{LONG[name]}' for short" if name in LONG else ""
            problems.add(statement.op.place, f"{op} needs a value for '{name}'", f"'{name}'{short}")
            missing += 1
            if missing == MOST_MISSING:
                break
        elif not cell.applies:
            problems.add(cell.place, f"{op} needs a value for '{name}'", "a value, not _")


def _check(
    cell: Cell,
    names: Known,
    problems: Problems,
    rule: FieldRule | None = None,
    later: Container[str] = (),
) -> None:
    """Report what is wrong with a cell whatever the numbers: its grammar, its names, a number that never fits."""
    for item in cell.items or (cell,):
        if not item.applies or ("x" in item.text and SIZE.fullmatch(item.text)):
            continue
        count_expression(item, problems)
        try:
            parsed = expression.parse(item.text)
        except ExpressionError as error:
            size = _SPACED.sub("x", item.text)  # `32 X 32 X 3`
            expected = size if SIZE.fullmatch(size) else error.expected
            problems.add(at(item, error), error.message, hint=partial(_function_hint, expected, error.unknown))
            continue
        for name, offset in parsed.names:
            if name in names:
                continue
            here = at(item, ExpressionError("", offset=offset, length=len(name)))
            if name in later:
                problems.add(here, f"'{name}' stands below: a cycle or the wrong order", "names that stand above")
            else:
                hint = partial(_name_hint, name, names, len(names.outside), len(names.own), rule)
                problems.add(here, f"unknown name '{name[:60]}'", hint=hint)
        if rule and parsed.is_number and cell.items is None and not cell.width:
            try:
                fit(rule, item, parsed.evaluate({}))
            except SpecError as error:
                problems.found.extend(error.problems)
            except ExpressionError as error:
                problems.add(at(item, error), error.message, error.expected)


def count_expression(cell: Cell, problems: Problems) -> None:
    """Raise SpecError when a file has more expressions than can be read in a moment; equal ones are read once."""
    if cell.text not in problems.expressions and not expression.is_plain(cell.text):
        problems.expressions[cell.text] = None
        problems.characters += len(cell.text) + EACH_EXPRESSION
        if problems.characters > MAX_EXPRESSIONS:
            expected = f"at most {MAX_EXPRESSIONS} characters, {EACH_EXPRESSION} more for each"
            problems.add(cell.place, "too many different expressions", expected)
            problems.stop()


def _function_hint(wanted: str, unknown: str) -> tuple[str, str]:
    return wanted, nearest(unknown, expression.FUNCTIONS) if unknown else ""


def _name_hint(name: str, names: Known, outside: int, own: int, rule: FieldRule | None) -> tuple[str, str]:
    """The names that stood above: so many of those outside, so many of its own."""
    above = {*islice(names.outside, outside), *islice(names.own, own)}
    meant = above - WORDS.keys()
    words = ("true", "false") if rule and rule.kind is FLAG else rule.kind.words if rule else ()
    known = rule.kind.expected if rule and words else one_of(meant, 16)
    places = (words, sorted(meant), sorted(above | REGISTRY.keys()))
    near = next((found for place in places if (found := nearest(name, place))), "")
    return known or "a number or a word", near


def at(cell: Cell, error: ExpressionError) -> Place:
    """The place of an expression's fault inside its cell."""
    place = cell.place
    start = place.column - 1
    found = place.text.find(cell.text, start, start + place.length)
    if found < 0 or not cell.text:  # written over several lines, or with escapes
        return place
    shift = found - start + error.offset
    return place._replace(column=place.column + shift, length=error.length or max(1, place.length - shift))
