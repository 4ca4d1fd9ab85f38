"""A graph as a spec that a person wants to keep: repeated structure as blocks, and a table of rows.

It is read back and compared with the graph, so it costs exactly the same; where no structure is found, or something
would differ, the spec has one entry per layer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from costcalc.errors import CostcalcError
from costcalc.graph import Graph
from costcalc.network.declaration import Bound, InSpec
from costcalc.network.dump import dump, head
from costcalc.network.entries import entries, plain_fields
from costcalc.network.pattern import Pattern, Slot, patterns, skeleton
from costcalc.network.sections import Section, X, joined, named, runs, sections
from costcalc.network.words import block_name, source_names
from costcalc.spec.catalogue import find_blocks
from costcalc.spec.loader import load_source
from costcalc.spec.tree import Source

MOST_ENTRIES = 2000
"""In longer networks no structure is sought."""
_SHORT = {"out": "c", "stride": "s", "groups": "g", "dilation": "d"}
_LEVELS = (0, 1, 2, None)
"""Levels of the names in which parts of the network are sought; None, without names."""
_ORDER = ("in", "op", "k", "t", "m", "g", "c", "n", "s")
"""The columns that come first, in this order; the rest follow."""


class _Row(NamedTuple):
    input: str
    op: str
    cells: dict[str, str]
    copies: int = 1


def outline(graph: Graph, bound: Bound, steps: Sequence[str] = ()) -> str:
    """The text of a spec in blocks and rows; `steps` are the transforms that its title and name tell of."""
    found = entries(graph)
    shortest = sections(found, graph.input.channels)
    if shortest is None or len(found) > MOST_ENTRIES:
        return dump(graph, bound, steps)
    groups = [_grouped(shortest, level) for level in _LEVELS]
    groups += [_kept(runs(one, list(map(skeleton, one)))) for one in groups]
    texts = dict.fromkeys(_text(graph, bound, steps, one) for one in groups)
    for text in sorted(texts, key=lambda text: text.count("\n")):
        if text and _is_equal(text, graph):
            return text
    return dump(graph, bound, steps)


def _grouped(shortest: list[Section], level: int | None) -> list[Section]:
    """Sections put together where names do, and what comes of it is found more than once."""
    return shortest if level is None else _kept(named(shortest, level))


def _kept(groups: list[list[Section]]) -> list[Section]:
    wholes = list(map(joined, groups))
    shared = {skeleton(wholes[place]) for _, places in patterns(wholes) if len(places) > 1 for place in places}
    result: list[Section] = []
    for group, whole in zip(groups, wholes, strict=True):
        result.extend([whole] if len(group) == 1 or skeleton(whole) in shared else group)
    return result


def _text(graph: Graph, bound: Bound, steps: Sequence[str], parts: Sequence[Section]) -> str:
    wholes = [section for section in parts if len(section.entries) > 1]
    rows: dict[int, _Row] = {}
    blocks: list[str] = []
    taken: set[str] = set()
    for pattern, places in sorted(patterns(wholes), key=lambda one: one[1][0]):
        name = block_name([slot.op for slot in pattern.slots], taken)
        blocks.extend(_block(name, pattern, taken))
        for use, place in enumerate(places):
            cells = {key: _cell(values[use]) for key, values in pattern.arguments.items()}
            rows[wholes[place].first] = _Row(wholes[place].input, name, cells)
    if len(wholes) == 1 and 2 * len(wholes[0].entries) > sum(len(part.entries) for part in parts):
        return ""  # one block that is nearly everything says no more than a list
    for section in parts:
        if len(section.entries) == 1:
            rows[section.first] = _row(section)
    made = _merged([rows[section.first] for section in parts])
    lines = [*head(graph, bound, steps), ""]
    if blocks:
        lines += ["blocks:", *blocks, ""]
    return "\n".join([*lines, "layers:", *_table(made)]) + "\n"


def _row(section: Section) -> _Row:
    entry = section.entries[0]
    cells = {_SHORT.get(key, key): _cell(value) for key, value in entry.fields.items()}
    cells |= {key: word for key, word in (("norm", entry.norm), ("act", entry.act), ("dtype", entry.dtype)) if word}
    return _Row(section.input if entry.sources else "_", entry.op, cells)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, tuple) else str(value)


def _merged(rows: Sequence[_Row]) -> list[_Row]:
    """Equal rows that follow one another as one with copies; the stride acts in the first copy only."""
    found: list[_Row] = []
    for row in rows:
        last = found[-1] if found else None
        if last is not None and last.op == row.op and _repeats(last.cells, row.cells):
            found[-1] = last._replace(copies=last.copies + 1)
        else:
            found.append(row)
    return found


def _repeats(first: dict[str, str], cells: dict[str, str]) -> bool:
    if cells.get("s", "1") != "1":
        return False
    return {**first, "s": "1"} == {**cells, "s": "1"}


def _block(name: str, pattern: Pattern, taken: set[str]) -> list[str]:
    """The lines of a block, after those of the blocks in it."""
    names = source_names([slot.op for slot in pattern.slots], [slot.sources for slot in pattern.slots])
    lines: list[str] = []
    body: list[str] = []
    for index, slot in enumerate(pattern.slots):
        text = _slot(slot, names)
        if slot.by_pass:
            inner = block_name([slot.op], taken)
            used = _arguments(slot, pattern.arguments)
            inside = _slot(slot._replace(sources=None), names)
            lines += [f"  {inner}:", f"    args: [{', '.join(used)}]", "    body:", f"    - {{{inside}}}"]
            given = "".join(f", {key}: {key}" for key in used)
            text = f"op: {inner}{given}, from: x"
        body.append(f"    - {names[index]}: {{{text}}}" if index in names else f"    - {{{text}}}")
    arguments = [f"    args: [{', '.join(pattern.arguments)}]"] if pattern.arguments else []
    return [*lines, f"  {name}:", *arguments, "    body:", *body]


def _arguments(slot: Slot, known: dict[str, list[Any]]) -> list[str]:
    """The arguments that an entry's texts use."""
    texts = " ".join([*slot.fields.values(), slot.condition]).replace("x.c", "")
    words = set(re.findall(r"[A-Za-z_]\w*", texts))
    return [name for name in known if name in words]


def _slot(slot: Slot, names: dict[int, str]) -> str:
    parts = [f"op: {slot.op}"]
    if slot.sources is not None:
        listed = [names[source] if source != X else "x" for source in slot.sources]
        parts.append(f"from: {listed[0]}" if len(listed) == 1 else f"from: [{', '.join(listed)}]")
    parts += [f"{key}: {text}" for key, text in slot.fields.items()]
    if slot.condition:
        parts.append(f"when: {slot.condition}")
    return ", ".join(parts)


def _table(rows: Sequence[_Row]) -> list[str]:
    """Columns and rows, the cells below one another."""
    used = dict.fromkeys(key for row in rows for key in row.cells)
    repeats = any(row.copies > 1 for row in rows)
    every = ["in", "op", *used, *(["n"] if repeats else [])]
    columns = sorted(every, key=_place)
    table = [columns]
    for row in rows:
        own = {"in": row.input or "_", "op": row.op, "n": str(row.copies), **row.cells}
        table.append([own.get(name, "_") for name in columns])
    widths = [max(len(cells[i]) for cells in table) + 1 for i in range(len(columns))]
    lines = []
    for cells in table:
        padded = [f"{cell},".ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)]
        lines.append(f"[{' '.join([*padded, cells[-1]])}]")
    return [f"  columns: {lines[0]}", "  rows:", *(f"  - {line}" for line in lines[1:])]


def _place(column: str) -> int:
    """Where a column stands; m2 stands with m."""
    base = column.rstrip("0123456789")
    return _ORDER.index(base) if base in _ORDER else len(_ORDER)


def _is_equal(text: str, graph: Graph) -> bool:
    """Whether a spec makes the graph, layer by layer; only names may differ."""
    try:
        spec = load_source(Source.of("<text>", text), find_blocks)
        other = InSpec(spec, spec.name, is_complete=True).bind({}, {}).graph()
    except CostcalcError:
        return False
    return len(other.nodes) == len(graph.nodes) and all(
        a.operator.name == b.operator.name
        and plain_fields(a.operator, len(a.output.spatial)) == plain_fields(b.operator, len(b.output.spatial))
        and (a.inputs, a.output, a.formats.activations) == (b.inputs, b.output, b.formats.activations)
        for a, b in zip(graph.nodes, other.nodes, strict=True)
    )
