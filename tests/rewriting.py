"""Networks drawn by Hypothesis, each written in two ways that make the same graph: what memory may not depend on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

INPUT = -1
"""The index of the network's input."""
SIDE, CHANNELS = 5, 4
ACTIVATIONS = ("relu", "relu6", "hswish", "softmax", "sigmoid")


class Row(NamedTuple):
    """A node: what it takes, its fields, and the norm and the activation after it."""

    op: str
    sources: tuple[int, ...]
    fields: str = ""
    norm: str = ""
    act: str = ""

    def post_ops(self) -> list[str]:
        """The nodes after the operator."""
        return [word for word in (self.norm, self.act) if word]


@st.composite
def bodies(draw: Any) -> list[Row]:
    """Chains, residuals, concatenations, splits, maps with several readers, views, and operators that work in place."""
    rows: list[Row] = []
    widths = {INPUT: CHANNELS}
    for index in range(draw(st.integers(2, 9))):
        row, width = _row(draw, widths, index - 1)
        norm = draw(st.sampled_from(["", "", "bn"]))
        rows.append(row._replace(norm=norm, act=draw(st.sampled_from(["", "", *ACTIVATIONS[:3]]))))
        widths[index] = width
    return rows


def _row(draw: Draw, widths: dict[int, int], last: int) -> tuple[Row, int]:
    """An operator on the last node, or on any; and how many channels it puts out."""
    any_node = st.sampled_from(sorted(widths))
    source = draw(st.sampled_from([last, last, draw(any_node)]))
    width = widths[source]
    kinds = ["conv", "conv", "dwconv", "in place", "view", "part", "join", "join", "concat", "move"]
    match draw(st.sampled_from(kinds)):
        case "conv":
            out = draw(st.sampled_from([2, 4, 4, 6]))
            return Row("conv", (source,), f"out: ={out} * w, k: {draw(st.sampled_from([1, 3]))}"), out
        case "dwconv":
            return Row("dwconv", (source,), "k: 3"), width
        case "in place":
            return Row(draw(st.sampled_from([*ACTIVATIONS, "bn"])), (source,)), width
        case "view":
            return Row(draw(st.sampled_from(["identity", "dropout"])), (source,)), width
        case "part" if width % 2 == 0:
            return Row("split", (source,), f"parts: 2, part: {draw(st.sampled_from([0, 1]))}"), width // 2
        case "join":
            same = [node for node in sorted(widths) if widths[node] == width]
            return Row(draw(st.sampled_from(["add", "mul", "maximum"])), (source, draw(st.sampled_from(same)))), width
        case "concat":
            other = draw(any_node)
            return Row("concat", (source, other)), width + widths[other]
    return Row("avgpool", (source,), "k: 3, stride: 1, pad: same"), width


def written(rows: Sequence[Row]) -> str:
    """The spec with one row a node, norms and activations in their rows."""
    return _HEAD + "".join(
        _line(f"n{index}", row.op, [_called(source) for source in row.sources], _fields(row))
        for index, row in enumerate(rows)
    )


@st.composite
def rewritten(draw: Any, rows: Sequence[Row]) -> str:
    """The same graph in other words.

    Norms and activations may stand in rows of their own, views that change nothing anywhere on the way from a node to
    a reader, a run of rows in a block; every name is another.
    """
    lines: list[str] = []
    ends = {INPUT: "input"}
    blocks: list[str] = []
    index = 0

    def taken(source: int) -> str:
        """A source's name, or that of a view of it."""
        name = ends[source]
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            lines.append(_line(f"v{len(lines)}", draw(st.sampled_from(["identity", "dropout"])), [name]))
            name = f"v{len(lines) - 1}"
        return name

    while index < len(rows):
        end = draw(st.sampled_from(_runs(rows, index))) if draw(st.booleans()) else index
        sources = [taken(source) for source in _outside(rows, index, end)]
        name = f"{draw(st.sampled_from('abc'))}{index}"
        if end > index or draw(st.integers(0, 4)) == 0:
            blocks.append(_block(draw, rows, index, end))
            lines.append(_line(name, f"block{index}", sources))
        else:
            lines += _entries(draw, rows[index], name, sources)
        ends[end] = name
        index = end + 1
    return f"{_HEAD.removesuffix(_LAYERS)}{_BLOCKS * bool(blocks)}{''.join(blocks)}{_LAYERS}{''.join(lines)}"


_LAYERS, _BLOCKS = "layers:\n", "blocks:\n"
_HEAD = f"costcalc: 1\nname: drawn\ninput: [{SIDE}, {SIDE}, {CHANNELS} * w]\nsettings: {{w: 1}}\n{_LAYERS}"


def _runs(rows: Sequence[Row], start: int) -> list[int]:
    """The last rows of the runs from `start` of which nobody outside takes any row but the last."""
    found = []
    for end in range(start, len(rows)):
        takers = {source: index for index, row in enumerate(rows) for source in row.sources}  # the last taker of each
        inner = range(start, end)
        if all(index in takers and takers[index] <= end for index in inner):
            found.append(end)
    return found or [start]


def _outside(rows: Sequence[Row], start: int, end: int) -> list[int]:
    """The nodes outside that a run of rows takes, each once."""
    return (
        list(dict.fromkeys(s for row in rows[start : end + 1] for s in row.sources if not start <= s <= end))
        if end > start
        else list(rows[start].sources)
    )


def _block(draw: Draw, rows: Sequence[Row], start: int, end: int) -> str:
    """A block whose body is a run of rows."""
    inputs = _outside(rows, start, end)
    names = {source: f"i{number}" for number, source in enumerate(inputs)}
    body = []
    for index in range(start, end + 1):
        name = f"e{index}"
        sources = [names[source] for source in rows[index].sources]
        if start == end:
            sources = [f"i{number}" for number in range(len(inputs))]
        body += _entries(draw, rows[index], name, sources)
        names[index] = name
    head = f"  block{start}:\n    inputs: [{', '.join(f'i{number}' for number in range(len(inputs)))}]\n    body:\n"
    return head + "".join(f"    {line}" for line in body)


def _entries(draw: Draw, row: Row, name: str, sources: Sequence[str]) -> list[str]:
    """A row as it is, or with the norm and the activation, or the activation alone, in rows of their own."""
    own = draw(st.integers(0, len(row.post_ops())))  # so many post_ops stand by themselves
    inside, apart = row.post_ops()[: len(row.post_ops()) - own], row.post_ops()[len(row.post_ops()) - own :]
    kept = row._replace(norm=row.norm if row.norm in inside else "", act=row.act if row.act in inside else "")
    parts = [(kept.op, _fields(kept)), *((word, "") for word in apart)]
    lines = []
    for number, (op, fields) in enumerate(parts):
        last = number == len(parts) - 1
        lines.append(_line(name if last else f"{name}_{number}", op, sources, fields))
        sources = [name if last else f"{name}_{number}"]
        if not last and draw(st.integers(0, 3)) == 0:
            lines.append(_line(f"{name}_{number}_v", "identity", sources))
            sources = [f"{name}_{number}_v"]
    return lines


def _fields(row: Row) -> str:
    more = [row.fields, f"norm: {row.norm}" if row.norm else "", f"act: {row.act}" if row.act else ""]
    return ", ".join(filter(None, more))


def _called(source: int) -> str:
    return "input" if source == INPUT else f"n{source}"


def _line(name: str, op: str, sources: Sequence[str], fields: str = "") -> str:
    wanted = sources[0] if len(sources) == 1 else f"[{', '.join(sources)}]"
    return f"- {name}: {{op: {op}, from: {wanted}{', ' if fields else ''}{fields}}}\n"
