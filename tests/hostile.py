"""Specs and files of budgets made to cost as much as a file of their size can: name -> size in bytes -> text.

Each is a stranger's trick. Some are right and some are wrong; none may cost more than its bytes allow.
"""

from __future__ import annotations

from collections.abc import Callable

HEAD = "costcalc: 1\nname: hostile\ninput: 8x8x8\n"
_WIDE = "+".join(["max(1,2,3,4,5,6,7,8)"] * 8) + "=="
LAYERS = "layers:\n- {op: conv, out: 8}\n"


def filled(before: str, line: Callable[[int], str], after: str = LAYERS, head: str = HEAD) -> Callable[[int], str]:
    """`before`, as many lines as fit, `after`."""

    def text(size: int) -> str:
        left = size - len(head) - len(before) - len(after)
        parts: list[str] = []
        while (left := left - len(line(len(parts)))) >= 0:
            parts.append(line(len(parts)))
        return f"{head}{before}{''.join(parts)}{after}"

    return text


def _long(before: str, sign: str, after: str) -> Callable[[int], str]:
    """One stretch of the same characters."""
    return lambda size: f"{HEAD}{before}{sign * ((size - len(HEAD) - len(before) - len(after)) // len(sign))}{after}"


def _nested(levels: int, times: int, entry: str = "{op: b%d}") -> str:
    blocks = [f"  b{i}:\n    body:\n" + f"    - {entry % (i + 1)}\n" * times for i in range(levels)]
    return f"{HEAD}blocks:\n{''.join(blocks)}"


def _doubling(size: int) -> str:
    """Each block uses the next twice, as deep as the file is long."""
    return (
        _nested(max(2, size // 40), 2)
        + f"  b{max(2, size // 40)}:\n    body:\n    - {{op: relu}}\nlayers:\n- {{op: b0}}\n"
    )


def _empty_copies(size: int) -> str:
    """Eight blocks of a thousand copies each around a leaf that is never there, in as many rows as fit."""
    leaf = "  b8:\n    body:\n    - {op: relu, when: 1 == 2}\n"
    rows = "- {op: b0, n: 1000}\n"
    text = _nested(8, 1, "{op: b%d, n: 1000}") + leaf + "layers:\n"
    return text + rows * max(1, (size - len(text)) // len(rows))


def _both_ways(size: int) -> str:
    """Names in one half of the file, things that look at all names in the other."""
    lets = "".join(f"  l{i}: 1\n" for i in range(size // 26))
    blocks = "".join(f"  b{i}: {{body: [{{op: relu}}]}}\n" for i in range(size // 70))
    return f"{HEAD}let:\n{lets}blocks:\n{blocks}{LAYERS}"


def _copies_beside_names(size: int) -> str:
    """Many names beside a block that is repeated: each copy sees them all."""
    lets = "".join(f"  l{i}: 1\n" for i in range(size // 12))
    block = "blocks:\n  b: {args: [a], body: [{op: relu, when: a == 1}]}\n"
    return f"{HEAD}let:\n{lets}{block}layers:\n- {{op: b, a: 2, n: 1000}}\n- {{op: relu}}\n"


def _wide_table(size: int) -> str:
    count = size // 20
    columns = ", ".join(f"c{i}" for i in range(count))
    return f"{HEAD}layers:\n  columns: [op, out, {columns}]\n  rows:\n  - [conv, 8, {', '.join('_' * count)}]\n"


def _wide_and_tall(size: int) -> str:
    count = int((size / 6) ** 0.5)
    columns = ", ".join(f"c{i}" for i in range(count))
    rows = f"  - [conv, 8, {', '.join('_' * count)}]\n"
    return f"{HEAD}layers:\n  columns: [op, out, {columns}]\n  rows:\n{rows * count}"


def _arguments(size: int) -> str:
    """A block of many arguments, used by a table with a column for each."""
    count = size // 24
    names = ", ".join(f"a{i}" for i in range(count))
    block = f"blocks:\n  b:\n    args: [{names}]\n    body: [{{op: relu}}]\n"
    return f"{HEAD}{block}layers:\n  columns: [op, {names}]\n  rows:\n  - [b, {', '.join('1' * count)}]\n"


def _rows_of_wide_block(size: int) -> str:
    """A block of many arguments with defaults, in many rows."""
    count = size // 24
    names = ", ".join(f"{{a{i}: 1}}" for i in range(count))
    rows = "- {op: b}\n" * (size // 24)
    return f"{HEAD}blocks:\n  b:\n    args: [{names}]\n    body: [{{op: relu}}]\nlayers:\n{rows}"


def _inputs(size: int) -> str:
    count = size // 10
    names = ", ".join(f"i{i}" for i in range(count))
    return f"{HEAD}blocks:\n  b:\n    inputs: [{names}]\n    body: [{{op: relu}}]\n{LAYERS}"


def _variants_of_rows(size: int) -> str:
    """Variants with layers of their own, beside many blocks."""
    blocks = "".join(f"  b{i}: {{body: [{{op: b{i + 1}}}]}}\n" for i in range(size // 80))
    last = f"  b{size // 80}: {{args: [c], body: [{{op: conv, out: c}}]}}\n"
    variants = "".join(f"  v{i}: {{layers: [{{op: b0}}]}}\n" for i in range(size // 80))
    return f"{HEAD}blocks:\n{blocks}{last}{LAYERS}variants:\n{variants}"


def _chain_of_blocks(size: int) -> str:
    """Each block hands its channels to the next."""
    count = max(1, size // 60)
    blocks = "".join(f"  b{i}: {{args: [c], body: [{{op: b{i + 1}, c: c}}]}}\n" for i in range(count))
    return (
        f"{HEAD}blocks:\n{blocks}  b{count}: {{args: [c], body: [{{op: conv, out: c}}]}}\nlayers:\n- {{op: b0, c: 8}}\n"
    )


def _used_by_all(size: int) -> str:
    """Blocks that each use all that stand after them."""
    count = int((size / 12) ** 0.5) + 1
    blocks = []
    for i in range(count):
        inside = ", ".join(f"{{op: b{j}, c: c}}" for j in range(i + 1, count))
        blocks.append(f"  b{i}: {{args: [c], body: [{inside or '{op: conv, out: c}'}]}}\n")
    return f"{HEAD}blocks:\n{''.join(blocks)}layers:\n- {{op: relu}}\n"


def _chain_of_variants(size: int) -> str:
    lines = (f"  v{i}: {{variant: v{i + 1}}}\n" for i in range(size // 27))
    return f"{HEAD}{LAYERS}variants:\n{''.join(lines)}  v{size // 27}: {{}}\n"


def _deep_table(size: int) -> str:
    return f"{HEAD}tables:\n  t: {'[' * (size // 2)}1{']' * (size // 2)}\n{LAYERS}"


def _deep_blocks(size: int) -> str:
    """Nested by indentation, or as much of it as the size holds."""
    lines = []
    while sum(map(len, lines)) < size:
        lines.append(" " * len(lines) + "a:\n")
    return HEAD + "".join(lines)


def _deep_dashes(size: int) -> str:
    return f"{HEAD}layers:\n{'- ' * (size // 2)}x\n"


def _problems_on_a_line(size: int) -> str:
    entries = ", ".join(f"{{op: cnv{i}}}" for i in range(size // 16))
    return f"{HEAD}layers: [{entries}]\n"


def _names_on_a_line(size: int) -> str:
    entries = ", ".join(f"{{op: relu, when: q{i} == 1}}" for i in range(size // 32))
    return f"{HEAD}layers: [{entries}]\n"


def _cross(size: int) -> str:
    """Many names, and as many wrong ones."""
    lets = "".join(f"  some_name_{i}: 1\n" for i in range(size // 48))
    rows = "".join(f"- {{op: relu, when: some_nome_{i}}}\n" for i in range(size // 72))
    return f"{HEAD}let:\n{lets}layers:\n{rows}"


def _similar_blocks(size: int) -> str:
    blocks = "".join(f"  bottleneck_{i}: {{body: [{{op: relu}}]}}\n" for i in range(size // 90))
    rows = "".join(f"- {{op: botleneck_{i}}}\n" for i in range(size // 60))
    return f"{HEAD}blocks:\n{blocks}layers:\n{rows}"


def _settings_of_variants(size: int) -> str:
    settings = "".join(f"  s{i}: 1\n" for i in range(size // 26))
    variants = "".join(f"  v{i}: {{s_{i}: 2}}\n" for i in range(size // 46))
    return f"{HEAD}settings:\n{settings}{LAYERS}variants:\n{variants}"


def _settings_of_published(size: int) -> str:
    settings = "".join(f"  s{i}: 1\n" for i in range(size // 26))
    published = "".join(f"- {{q_{i}: 2, at: x}}\n" for i in range(size // 46))
    return f"{HEAD}settings:\n{settings}{LAYERS}published:\n{published}"


def _same_layer_names(size: int) -> str:
    rows = "".join("- {op: relu, name: a}\n" for i in range(size // 24))
    return f"{HEAD}layers:\n{rows}"


def _joins(size: int) -> str:
    """Rows that each take many nodes."""
    rows = "".join(f"- r{i}: {{op: relu}}\n" for i in range(16))
    many = "- {op: add, from: [" + ", ".join(f"r{i}" for i in range(16)) + "]}\n"
    return f"{HEAD}layers:\n{rows}{many * (size // len(many))}"


def _patched_rows(change: str) -> Callable[[int], str]:
    """Variants that each say something of many rows."""

    def text(size: int) -> str:
        count = int((size / (20 + len(change))) ** 0.5) + 1
        changes = ", ".join(change % (i + 1) for i in range(count))
        variants = "".join(f"  v{i}: {{rows: {{{changes}}}}}\n" for i in range(count))
        rows = "- {op: relu}\n" * count
        return f"{HEAD}layers:\n{rows}variants:\n{variants}"

    return text


def _library_of_variants(size: int) -> str:
    """What a library says of many rows, and as many tables of which it says it."""
    changes = "".join(f"      relu{i}: {{after: {{op: relu}}}}\n" for i in range(1, size // 120))
    names = "".join(f"  l/v{i}: {{layers: [{{op: relu}}]}}\n" for i in range(size // 70))
    return f"{HEAD}{LAYERS}also:\n  l:\n    rows:\n{changes}{names}"


def _patched_wide_rows(size: int) -> str:
    """Variants that each say something of a row beside one of very many arguments."""
    count = size // 36
    names = ", ".join(f"a{i}" for i in range(count))
    values = ", ".join(f"a{i}: 1" for i in range(count))
    block = f"blocks:\n  b:\n    args: [{names}]\n    body: [{{op: relu}}]\n"
    variants = "".join(f"  v{i}: {{rows: {{relu: none}}}}\n" for i in range(size // 60))
    return f"{HEAD}{block}layers:\n- {{op: b, {values}}}\n- {{op: relu}}\nvariants:\n{variants}"


def _unknown_lets(size: int) -> str:
    lets = "".join(f"  some_let_{i}: 1\n" for i in range(size // 40))
    variants = "".join(f"  v{i}: {{let: {{some_lot_{i}: 1}}}}\n" for i in range(size // 80))
    return f"{HEAD}let:\n{lets}{LAYERS}variants:\n{variants}"


SPECS: dict[str, Callable[[int], str]] = {
    "empty copies": _empty_copies,
    "blocks used twice": _doubling,
    "lets": filled("let:\n", lambda i: f"  l{i}: {f'l{i - 1}' if i else 1}\n"),
    "lets that look down": filled("let:\n", lambda i: f"  l{i}: l{i + 1}\n"),
    "lets and blocks": _both_ways,
    "copies beside lets": _copies_beside_names,
    "wrong names after from": filled("layers:\n", lambda i: f"- {{op: relu, from: n{i}}}\n", ""),
    "named rows, wrong froms": filled("layers:\n", lambda i: f"- a{i}: {{op: relu, from: b{i}}}\n", ""),
    "rows that look down": filled("layers:\n", lambda i: f"- a{i}: {{op: relu, from: a{i + 1}}}\n", ""),
    "variants of unknown bases": filled(LAYERS + "variants:\n", lambda i: f"  v{i}: {{variant: w{i}}}\n", ""),
    "chain of variants": _chain_of_variants,
    "variants": filled(LAYERS + "variants:\n", lambda i: f"  v{i}: {{alpha: 1}}\n", ""),
    "variants with rows": _variants_of_rows,
    "also": filled(LAYERS + "also:\n", lambda i: f"  l/v{i}: {{alpha: 1}}\n", ""),
    "rows that are changed": _patched_rows("relu%d: {op: relu}"),
    "rows that are added": _patched_rows("relu%d: {after: {op: relu}}"),
    "rows that are changed beside a wide one": _patched_wide_rows,
    "a library's rows beside variants": _library_of_variants,
    "lets of variants": filled(
        "let:\n  l: 1\n" + LAYERS + "variants:\n", lambda i: f"  v{i}: {{let: {{l: {i} + 1}}}}\n", ""
    ),
    "unknown lets of variants": _unknown_lets,
    "published": filled(LAYERS + "published:\n", lambda i: "- {mult_adds: 1M, at: x}\n", ""),
    "published, wrong": _settings_of_published,
    "columns": _wide_table,
    "columns and rows": _wide_and_tall,
    "arguments": _arguments,
    "rows of a wide block": _rows_of_wide_block,
    "inputs of a block": _inputs,
    "chain of blocks": _chain_of_blocks,
    "blocks used by all": _used_by_all,
    "deep brackets": _deep_table,
    "deep braces": lambda size: f"{HEAD}tables:\n  t: {'{a: ' * (size // 5)}1{'}' * (size // 5)}\n{LAYERS}",
    "open brackets": lambda size: f"{HEAD}tables: {'[' * size}\n",
    "deep indentation": _deep_blocks,
    "deep dashes": _deep_dashes,
    "deep questions": lambda size: f"{HEAD}layers:\n{'? ' * (size // 2)}x\n",
    "unknown operators on a line": _problems_on_a_line,
    "unknown names on a line": _names_on_a_line,
    "unknown names beside like ones": _cross,
    "unknown operators beside like blocks": _similar_blocks,
    "unknown settings of variants": _settings_of_variants,
    "settings": filled("settings:\n", lambda i: f"  s{i}: {i}\n"),
    "words": filled("settings:\n", lambda i: f"  s{i}: w{i}\n"),
    "choices": filled("settings:\n  s:\n    default: 1\n    choices:\n", lambda i: f"    - {i}\n"),
    "tables": filled("tables:\n", lambda i: f"  t{i}: [1]\n"),
    "entries of a table": filled("tables:\n  t:\n", lambda i: f"    {i}: {i}\n"),
    "width rules": filled("widths:\n", lambda i: f"  w{i}: {{scale: 1}}\n"),
    "defaults": filled("defaults:\n  conv:\n", lambda i: f"    f{i}: 1\n"),
    "unknown sections": filled("", lambda i: f"s{i}: 1\n"),
    "doubled keys": filled("", lambda i: "name: x\n"),
    "doubled rows' names": _same_layer_names,
    "uses": filled("use:\n", lambda i: f"- squeeze_excite{i}\n"),
    "the same use": filled("use:\n", lambda i: "- squeeze_excite\n"),
    "rows": filled("layers:\n", lambda i: "- {op: relu}\n", ""),
    "rows of a table": filled("layers:\n  columns: [op, c]\n  rows:\n", lambda i: "  - [conv, 8]\n", ""),
    "rows of n: 1000": filled("layers:\n", lambda i: "- {op: relu, n: 1000}\n", ""),
    "rows without copies": filled("layers:\n- {op: relu}\n", lambda i: "- {op: relu, n: 0}\n", ""),
    "wrong sizes": filled("layers:\n", lambda i: "- {op: relu, in: 9x9x9}\n", ""),
    "short rows": filled("layers:\n  columns: [op, c]\n  rows:\n", lambda i: "  - [conv]\n", ""),
    "a long row": filled("layers:\n  columns: [op, c]\n  rows:\n  - [conv", lambda i: ", 8", "]\n"),
    "joins": _joins,
    "scalars": filled("layers: [", lambda i: "1,", "1]\n"),
    "a comment": _long("# ", "x", f"\n{LAYERS}"),
    "comments": filled("", lambda i: "#\n"),
    "blank lines": filled("", lambda i: "\n"),
    "a long key": _long("", "k", f": 1\n{LAYERS}"),
    "a long text": _long("title: ", "t", f"\n{LAYERS}"),
    "a long text of many lines": filled("title:\n", lambda i: "  t\n"),
    "a long folded text": filled("title: >\n", lambda i: "  t\n\n"),
    "a long quoted text": _long('title: "', "\\x41", f'"\n{LAYERS}'),
    "a long number": _long("year: ", "9", f"\n{LAYERS}"),
    "a long setting": _long("settings: {s: ", "9", f"}}\n{LAYERS}"),
    "a long expression": _long("let: {l: ", "1+", f"1}}\n{LAYERS}"),
    "a deep expression": _long("let: {l: ", "(", f"1}}\n{LAYERS}"),
    "a long word": _long("layers:\n- {op: ", "r", "}\n"),
    "a long size": _long("layers:\n- {op: relu, in: 1", "x1", "}\n"),
    "a long alias": _long("title: *", "a", f"\n{LAYERS}"),
    "aliases": filled("title: &a x\nlayers: [", lambda i: "*a,", "*a]\n"),
    "tags": filled("layers: [", lambda i: "!t x,", "x]\n"),
    "anchors": filled("layers: [", lambda i: f"&a{i} x,", "x]\n"),
    "merge keys": filled("", lambda i: "<<: 1\n"),
    "documents": filled("", lambda i: "---\n"),
    "directives": _long("", "%", f"\n{LAYERS}"),
    "line separators": _long("title: ", "\u2028", f"\n{LAYERS}"),
    "carriage returns": _long("", "\r", f"\n{LAYERS}"),
    "tabs": _long("title:", "\t", f"x\n{LAYERS}"),
    "blanks": _long("title:", " ", f"x\n{LAYERS}"),
    "unclosed quote": _long('title: "', "x ", "\n"),
    "colons": _long("title: ", ":", f"\n{LAYERS}"),
    "question marks": filled("", lambda i: "?\n"),
    "expressions": filled("layers:\n", lambda i: f"- {{op: relu, when: {i} + 1 == 2}}\n", ""),
    "wrong expressions": filled("layers:\n", lambda i: f"- {{op: relu, when: {i} + == 2}}\n", ""),
    "long expressions": filled("layers:\n", lambda i: f"- {{op: relu, when: {'1+' * 80}{i}}}\n", ""),
    "wide expressions": filled("layers:\n- {op: relu}\n", lambda i: f'- {{op: relu, when: "{_WIDE}{i}"}}\n', ""),
    "wide expressions of fields": filled(
        "layers:\n", lambda i: f'- {{op: conv, out: 8, k: "1+0*({_WIDE[:-2]}+{i})"}}\n', ""
    ),
    "wide expressions, copied": lambda size: (
        f"{HEAD}layers:\n- {{op: relu, n: 1000}}\n"
        + f'- {{op: conv, out: 8, k: "1+0*({_WIDE[:-2]})", n: 1000}}\n' * (size // 240)
    ),
    "nothing but copies": filled("layers:\n", lambda i: "- {op: conv, out: 8, norm: bn, act: relu, n: 1000}\n", ""),
    "readers of one map": filled("layers:\n- a: {op: relu}\n", lambda i: "- {op: relu, from: a}\n", ""),
    "one wrong expression": filled("let:\n", lambda i: f"  l{i}: {'1+' * 90}1\n"),
    "long numbers": filled("let:\n", lambda i: f"  l{i}: {'9' * 30}\n"),
    "unknown functions": filled("layers:\n", lambda i: f"- {{op: relu, when: rund({i})}}\n", ""),
}
"""Texts of specs."""


def _checks(line: Callable[[int], str]) -> Callable[[int], str]:
    """As many checks as fit."""

    def text(size: int) -> str:
        lines: list[str] = []
        left = size
        while (left := left - len(line(len(lines)))) >= 0:
            lines.append(line(len(lines)))
        return "".join(lines)

    return text


_CHECK = '[[check]]\nnetwork = "mobilenet_v1"\nmax-params = "9M"\n'

BUDGETS: dict[str, Callable[[int], str]] = {
    "the same check": _checks(lambda i: _CHECK),
    "checks at settings": _checks(lambda i: f'{_CHECK}settings = {{alpha = "{i + 1}/9999"}}\n'),
    "unknown networks": _checks(lambda i: f'[[check]]\nnetwork = "mobilenet_w{i}"\nmax-params = "9M"\n'),
    "unknown settings": _checks(lambda i: f"{_CHECK}settings = {{s{i} = 1, t{i} = 2, u{i} = 3}}\n"),
    "unknown keys": lambda size: _CHECK + _checks(lambda i: f"max-{i} = 1\n")(size),
    "unknown tables": _checks(lambda i: f"[t{i}]\n"),
    "a name of settings": lambda size: '[[check]]\nnetwork = "nin' + _checks(lambda i: f"@a{i}=1")(size) + '"\n',
    "a name of transforms": lambda size: '[[check]]\nnetwork = "nin' + "@standard" * (size // 9) + '"\n',
    "a dotted key": lambda size: "a." * (size // 2) + "a = 1\n",
    "a dotted header": lambda size: "[" + "a." * (size // 2) + "a]\n",
    "dotted keys": _checks(lambda i: f"{'a.' * 12}b{i} = 1\n"),
    "a deep list": lambda size: "a = " + "[" * size,
    "a deep table": lambda size: "a = " + "{a=" * (size // 3),
    "a list": lambda size: "a = [" + "1," * (size // 2) + "]\n",
    "a long number": lambda size: "a = " + "9" * size,
    "a long hexadecimal": lambda size: "a = 0x" + "f" * size,
    "a long text of escapes": lambda size: 'a = "' + "\\n" * (size // 2) + '"\n',
    "a text of many lines": lambda size: 'a = """' + 'x"\n' * (size // 3) + '"""\n',
    "an open text": lambda size: 'a = """' + "x\n" * (size // 2),
    "comments of budgets": lambda size: "#\n" * (size // 2),
    "blank lines of budgets": lambda size: "\n" * size,
    "a long key of budgets": lambda size: "k" * size + " = 1\n",
    "doubled keys of budgets": lambda size: "a = 1\n" * (size // 6),
}
"""Texts of files of budgets."""
