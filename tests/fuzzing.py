"""What the fuzzing tests feed to costcalc: specs by the grammar, changed files of the catalogue, and what people type.

Most of what is drawn here is valid, or was valid before one thing was changed: what is wrong everywhere stops at the
first check, and finds nothing after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from costcalc.operators import SCHEMAS
from costcalc.operators.fields import Kind
from costcalc.spec import catalogue

Draw = Callable[[st.SearchStrategy[Any]], Any]

NETWORKS = sorted(spec.name for spec in catalogue.specs())
TEXTS = [spec.scope.source.text for spec in catalogue.specs()]
SHORT = [text for text in TEXTS if len(text) < 6000]
JUNK = [
    "", "_", "-", "=", "=1", "-1", "0", "00", "1.5", ".5", "1e3", "9" * 19, "9" * 41, "1/0", "1/3", "true", "none",
    "null", "~", "*", "&a", "*a", "!!int 3", "<<", "{}", "[]", "[1, 2", "}", "{a: 1}", "[[1]]", "''", '"', "#", "%",
    "@", "`", "|", ">", "? ", ": ", "\xe9", "\u2028", "\u202e", "\x00", "\x1b[31m", "\t", "a" * 300, "1x1", "3x3x3",
    "x", "x.c", "x.z", "input", "alpha", "relu", "same", "conv", "-relu", "-x", "not x", "x[1]", "t1[x]", "x == x",
    "1 < x.c < 3", "()", "(1", "lambda: 1", "a.b.c", "f()", "min(1)", "max(x, 1)", "floor(relu)", "round8(-5)",
    "exact_div(7, 2)", "1 if x else 2", "2 ** 9", "1 and x", "1 // 0", "5 % 0",
]  # fmt: skip
"""Cells that do not belong where they stand, and cells that may."""


def pick(draw: Draw, *values: Any) -> Any:
    """One of the values."""
    return draw(st.sampled_from(values))


def seldom(draw: Draw, one_in: int = 12) -> bool:
    """True once in so many times."""
    return bool(draw(st.integers(1, one_in)) == one_in)


# Expressions


@st.composite
def expressions(draw: Any, names: tuple[str, ...] = ("a", "b"), depth: int = 3) -> str:
    """An expression of the language of cells; its values may have the wrong kinds."""
    kind = draw(st.integers(0, 11)) if depth else 0

    def part() -> str:
        return str(draw(expressions(names, depth - 1)))

    if kind <= 2:
        return pick(draw, "0", "1", "2", "3", "8", "32", "0.5", "1.25", "7/3", *names, *names, *names)
    if kind <= 5:
        return f"{part()} {pick(draw, '+', '-', '*', '/', '//', '%', '**')} {part()}"
    if kind == 6:
        return f"{pick(draw, 'round8', 'floor', 'ceil')}({part()})"
    if kind == 7:
        return f"{pick(draw, 'min', 'max', 'gcd', 'exact_div', 'round_width')}({part()}, {part()})"
    if kind == 8:
        return f"({part()} {pick(draw, '==', '!=', '<', '<=', '>', '>=')} {part()})"
    if kind == 9:
        return f"({part()} if {part()} else {part()})"
    if kind == 10:
        return f"({pick(draw, 'not ', '-', '')}{part()} {pick(draw, 'and', 'or')} {part()})"
    return pick(draw, "x.c", "x.h", "x.w", "x.t", f"t1[{part()}]", "-x", "-relu", "t1", "x", "relu", "true")


@st.composite
def counts(draw: Any, names: tuple[str, ...], depth: int = 2) -> str:
    """An expression that is a number, most often a whole one above zero, if all names are."""
    kind = draw(st.integers(0, 7)) if depth else 0

    def part() -> str:
        return str(draw(counts(names, depth - 1)))

    match kind:
        case 0 | 1 | 2:
            return str(pick(draw, "1", "2", "4", "8", *names, *names))
        case 3 | 4:
            return f"({part()} {pick(draw, '+', '*', '*')} {part()})"
        case 5:
            return f"max({part()}, {part()})"
        case 6:
            return f"round8({part()})"
        case _:
            return f"({part()} if {draw(conditions(names, depth - 1))} else {part()})"


@st.composite
def conditions(draw: Any, names: tuple[str, ...], depth: int = 1) -> str:
    """An expression that is true or false."""
    left, right = draw(counts(names, depth)), draw(counts(names, depth))
    test = f"{left} {pick(draw, '==', '!=', '<', '<=', '>', '>=', '% 2 ==')} {right}"
    return f"not ({test})" if seldom(draw, 6) else f"({test} or {right} > 3)" if seldom(draw, 6) else test


VALUES = {"a": 3, "b": 4, "relu": "relu", "true": True, "t1": {1: 8, 2: 16, 3: 24, "relu": 1}}
"""What names stand for where an expression is evaluated by itself; `x` is a shape."""


# Specs


def _number(draw: Draw, names: tuple[str, ...], *plain: int) -> str:
    if seldom(draw, 150):
        return str(draw(st.sampled_from(JUNK)))
    if seldom(draw, 60):
        return str(draw(expressions((*names, "alpha"), 2)))
    if names and seldom(draw, 6):
        return str(draw(counts(names)))
    return str(pick(draw, *plain))


def _condition(draw: Draw, names: tuple[str, ...]) -> str:
    if seldom(draw, 20):
        return str(draw(expressions(names, 2)))
    return str(draw(conditions(names)))


def _field(draw: Draw, kind: Kind, names: tuple[str, ...]) -> str:
    match kind.name:
        case "word":
            return str(pick(draw, *kind.words))
        case "count":
            return _number(draw, names, 1, 2, 4, 8, 16)
        case "number":
            return _number(draw, names, 0, 1, 2, 4)
        case "flag":
            return str(pick(draw, "true", "false"))
        case "padding":
            return str(pick(draw, "same", "valid", "0", "1", "[1, 1]", "[0, 1, 0, 1]", "2"))
        case _:
            return str(pick(draw, "1", "2", "3", "1x3", "[3, 1]", _number(draw, names, 1, 2, 3)))


def _quoted(text: str) -> str:
    return f'"{text}"' if any(c in text for c in ",[]{}:#&*!|>'%@`") and '"' not in text else text


JOINS = ("add", "concat", "mul", "maximum", "matmul", "dynamic_conv")
EASY = (
    "conv",
    "conv",
    "conv",
    "dwconv",
    "dwconv",
    "bn",
    "relu",
    "hswish",
    "dropout",
    "identity",
    "concat",
    "add",
    "slice",
)


def _entry(draw: Draw, blocks: dict[str, tuple[str, ...]], names: tuple[str, ...], earlier: list[str]) -> str:
    """One entry of a block or of a list of layers."""
    op = pick(draw, *SCHEMAS) if seldom(draw, 5) else pick(draw, *EASY, *blocks, *blocks)
    fields: dict[str, str] = {}
    if op in blocks:
        fields = {name: _number(draw, names, 1, 2, 4, 8) for name in blocks[op]}
    elif op == "slice":
        fields["stop"] = "1"
    else:
        for name, rule in SCHEMAS[op].items():
            if rule.required or seldom(draw, 8 if name != "groups" else 40):
                fields[name] = _field(draw, rule.kind, names)
    if op in JOINS:
        first = pick(draw, *earlier)
        second = first if op == "add" and not seldom(draw, 3) else pick(draw, *earlier)
        fields["from"] = f"[{first}, {second}]"
    elif seldom(draw, 12):
        fields["from"] = pick(draw, *earlier)
    if seldom(draw, 6):
        fields["when"] = _condition(draw, names)
    if seldom(draw, 6) and op not in blocks:
        fields |= pick(draw, {"norm": "bn"}, {"norm": "ln"}, {"act": "relu"}, {"act": "swish"}, {"act": "none"})
    if seldom(draw, 8):
        fields["n"] = _number(draw, names, 0, 1, 2, 3)
    if seldom(draw, 150):
        fields[pick(draw, "k", "bias", "wrong", "in", "output", "row")] = str(draw(st.sampled_from(JUNK)))
    cells = [
        f"{key}: {value if key == 'from' or value[:1] == '[' else _quoted(value)}" for key, value in fields.items()
    ]
    body = "{" + ", ".join([f"op: {op}", *cells]) + "}"
    if seldom(draw, 3):
        name = f"n{len(earlier)}"
        if "when" not in fields:
            earlier.append(name)
        return f"- {name}: {body}"
    return f"- {body}"


def _entries(
    draw: Draw, blocks: dict[str, tuple[str, ...]], names: tuple[str, ...], first: str, indent: str
) -> list[str]:
    earlier = [first, *(["conv1"] if seldom(draw) else [])]
    return [indent + _entry(draw, blocks, names, earlier) for _ in range(draw(st.integers(1, 6)))]


def _table(draw: Draw, blocks: dict[str, tuple[str, ...]], names: tuple[str, ...]) -> list[str]:
    rows: list[dict[str, str]] = []
    for index in range(draw(st.integers(1, 6))):
        op = pick(draw, "conv", "conv", "dwconv", *blocks, *blocks)
        cells = {"op": op, "n": _number(draw, names, 1, 1, 1, 2), "s": _number(draw, names, 1, 1, 1, 2)}
        if op != "dwconv":
            cells["c"] = _number(draw, names, 4, 8, 16, 32)
        if op not in blocks:
            cells["k"] = _number(draw, names, 1, 3, 3, 5)
        if seldom(draw, 6):
            cells["name"] = f"r{index}"
        if op not in blocks and seldom(draw, 6):
            cells["act"] = pick(draw, "relu", "swish", "none")
        rows.append(cells)
    columns = list(dict.fromkeys(key for cells in rows for key in cells))
    columns += [pick(draw, "in", "pad", "wrong", "op")] if seldom(draw, 40) else []
    return ["layers:", f"  columns: [{', '.join(columns)}]", "  rows:", *(_row(draw, columns, cells) for cells in rows)]


def _row(draw: Draw, columns: list[str], cells: dict[str, str]) -> str:
    """A row of a table: whole, ended early with the rest in `{...}`, or in full."""
    end = draw(st.integers(1, len(columns))) if seldom(draw, 3) else len(columns)
    more = [f"{key}: {_quoted(cells[key])}" for key in columns[end:] if key in cells]
    if seldom(draw, 8):
        return "  - {" + ", ".join(f"{key}: {_quoted(text)}" for key, text in cells.items()) + "}"
    texts = [_quoted(cells.get(column, "_")) for column in columns[:end]]
    return "  - [" + ", ".join([*texts, *(["{" + ", ".join(more) + "}"] if more else [])]) + "]"


def _change(draw: Draw) -> str:
    """What a variant does otherwise with a row."""
    row = pick(draw, "conv", "conv1", "conv2", "r0", "n1", "b0.conv", "b0.conv1", "b01", "b0.", ".", "input")
    entry = _entry(draw, {}, (), ["input"]).removeprefix("- ")
    beside = f"{{{pick(draw, 'before', 'after')}: {pick(draw, entry, f'[{entry}, {entry}]', 'x')}}}"
    plain = ("none", "{k: 1}", "{c: 8, s: 1}", "{op: conv, c: 4}", "{when: _, act: relu}", "{n: 2}", "_", "{}", "[1]")
    return f"{row}: {pick(draw, *plain, *[beside] * 3, entry)}"


@st.composite
def specs(draw: Any) -> str:
    """A spec by the grammar, mostly valid: settings, lets, tables, blocks, widths, variants, published figures."""
    names = ["classes", "width", "groups"]
    size = pick(draw, *["16x16x4", "32x32x8", "7x9x4"] * 3, "8x16x16x4", "[side, side, 4]", "64x4", "1x1x16")
    lines = ["costcalc: 1", "name: drawn", f"input: {size}", "settings:", "  classes: 10", "  width: {default: 8}"]
    lines += ["  side: 16", "  groups: {default: 2, choices: [1, 2, 4]}"]
    settings = ["alpha", "classes", "groups", "resolution", "width"]
    if seldom(draw, 3):
        lines += ["  word: small", "  flag: false"]
        settings += ["word", "flag"]
    if seldom(draw, 3):
        scale = pick(draw, "alpha", "alpha", "1", _number(draw, ("alpha", "width"), 1))
        rounding = pick(draw, "round8", "floor", "ceil", "w", "max(w, 8)", _number(draw, ("w",), 8))
        lines.append(f'widths: {{scale: "{scale}", round: "{rounding}"}}')
    if seldom(draw, 8):
        lines.append(f"depths: {{scale: {pick(draw, 'alpha', '2', 'width')}, round: {pick(draw, 'ceil', 'floor')}}}")
    if seldom(draw, 3):
        lines += ["tables:", "  t1: {1: 8, 2: 16, 4: 32}", "  t2: {1: {a: 4}, 2: {a: 8}, 4: {a: 2}}"]
        names.append("t1[groups]")
    lets = draw(st.integers(0, 3))
    lines += ["let:"] if lets else []
    for index in range(lets):
        lines.append(f'  l{index}: "{_number(draw, tuple(names), 1, 8)}"')
        names.append(f"l{index}")
    if seldom(draw, 3):
        lines += ["defaults:", f"  conv: {{norm: bn, act: {pick(draw, 'relu', 'none', 'relu6')}}}"]
    blocks: dict[str, tuple[str, ...]] = {}
    inside = ("c", "s", "x.c", *names)
    for index in range(draw(st.integers(0, 3))):
        lines += ["blocks:"] if not blocks else []
        lines += [
            f"  b{index}:",
            "    args: [c, {s: 1}]",
            "    body:",
            *_entries(draw, dict(blocks), inside, "x", "    "),
        ]
        blocks[f"b{index}"] = ("c",)
    if seldom(draw, 2):
        lines += _table(draw, blocks, tuple(names))
    else:
        lines += ["layers:", *_entries(draw, blocks, tuple(names), "input", "")]
    variants = draw(st.integers(0, 2))
    lines += ["variants:"] if variants else []
    for index in range(variants):
        lines.append(f"  v{index}: {{{pick(draw, *settings)}: {_quoted(_number(draw, (), 1, 2))}}}")
    if variants and seldom(draw, 3):
        product = pick(draw, "{groups}: {groups: [1, 2, 4]}", "{groups}_{width}: {groups: [1, 2], width: [4, 8, 0.5]}")
        lines.append(f"  w{product}")
    if seldom(draw, 4):
        lines += ["also:", f"  lib/net: {{rows: {{{_change(draw)}}}, defaults: {{conv: {{norm: bn}}}}}}"]
        if seldom(draw, 2):
            lines.append(f"  lib: {{rows: {{{_change(draw)}}}}}")
    if variants and seldom(draw, 4):
        own = pick(
            draw,
            f"let: {{l0: {_quoted(_number(draw, ('classes',), 4))}}}",
            "input: 8x8x4",
            "year: 2020",
            "widths: {scale: 1}",
        )
        lines[lines.index("variants:") + 1 : lines.index("variants:") + 1] = [
            f"  u: {{variant: v0, rows: {{{_change(draw)}}}}}", f"  t: {{variant: u, {own}}}",
        ]  # fmt: skip
    if seldom(draw, 6):
        lines += ["published:", f"- {{mult_adds: {pick(draw, '1.2M', '300', '1.5k')}, params: 3k, at: Table 1}}"]
        lines += ["- columns: [alpha, params, at]", "  rows:", "  - [_, 3k, Table 1]", "  - [2, 3k, {at: Table 2}]"]
    return "\n".join(lines) + "\n"
