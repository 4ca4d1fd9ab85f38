"""Sweeps as lines and rows as bars, in Mermaid's XY chart: a block of Markdown, and under it what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from costcalc.errors import UsageError, one_of
from costcalc.escape import markdown_line
from costcalc.report.diagrams.text import fenced, mermaid_text
from costcalc.report.plots.axes import axes_of, check_columns, measure, number, shown, shown_all, unit_of
from costcalc.report.plots.kinds import PlotKind, check_kind, kind_of, suited
from costcalc.report.plots.lines import chosen_axis
from costcalc.report.tables.units import UNITS

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d31", "#5b5b5b")
"""Okabe and Ito's, one for each line; what stands behind is paler."""
_BEHIND = "#b8bec4"
_MOST_LINES = len(COLOURS)
_MOST_BARS = 40
_MOST_LABELS = 16
_KINDS = (PlotKind.ALPHA, PlotKind.RESOLUTION, PlotKind.SETTING, PlotKind.LAYERS, PlotKind.COMPARE)
"""The kinds that an XY chart can show: lines over evenly spaced words, and bars."""


class _Series(NamedTuple):
    name: str
    values: list[float]
    colour: str


def mermaid_chart(
    rows: Sequence[dict[str, Any]],
    kind: str | None,
    title: str,
    total: str,
    behind: Sequence[dict[str, Any]] = (),
) -> str:
    """Rows as a chart, ending in a newline; `behind` are the same points of another branch, drawn grey.

    `kind` is a word of PlotKind; None chooses by what varies. Raises UsageError for a kind that the chart does not
    have, for more lines than can be told apart, and for rows that do not have what the kind shows.
    """
    check_columns(rows, total)
    rows, old = ([row for row in some if row.get(total) is not None] for some in (rows, behind))
    chosen = suited(rows, total) if kind is None else kind_of(kind)
    chosen = PlotKind.ALPHA if chosen is PlotKind.HEATMAP and kind is None else chosen
    if chosen not in _KINDS:
        raise UsageError(f"kind {chosen} is no Mermaid chart", expected=one_of(map(str, _KINDS)))
    check_kind(rows, chosen)
    if chosen in (PlotKind.LAYERS, PlotKind.COMPARE):
        return _bars(rows, chosen, title, total, old)
    return _lines(rows, chosen, title, total, old)


def _bars(
    rows: Sequence[dict[str, Any]], kind: PlotKind, title: str, total: str, behind: Sequence[dict[str, Any]]
) -> str:
    """A bar for each row; of more rows than there is room for, the costliest. Those of another branch stand first."""
    varying = axes_of(rows, total)
    if kind is PlotKind.LAYERS:
        bars = [(row["name"], row[total]) for row in rows if row[total]]
    else:
        branches = [(row, "base branch") for row in behind] + [(row, "this branch" if behind else "") for row in rows]
        named = [
            (shown_all(row, varying) or str(row.get("network", "")), branch, row[total]) for row, branch in branches
        ]
        bars = [(_of_branch(name, branch) if branch else name, value) for name, branch, value in named]
    bars = bars or [(str(row.get("name") or row.get("network")), row[total]) for row in rows]
    caption = [title]
    if kind is PlotKind.COMPARE and len(varying) > 1:
        caption.append(f"a bar's name: {', '.join(axis.key for axis in varying)}")
    if len(bars) > _MOST_BARS:
        kept = set(sorted(range(len(bars)), key=lambda index: -bars[index][1])[:_MOST_BARS])
        caption.append(f"the {_MOST_BARS} that cost most of {len(bars)}")
        bars = [bar for index, bar in enumerate(bars) if index in kept]
    names, values = [name for name, _ in bars], [float(value) for _, value in bars]
    source = _chart(total, names, "", [_Series("", values, COLOURS[0])], "bar", height=120 + 22 * len(bars))
    return f"{source}\n{markdown_line('; '.join(caption))}\n"


def _lines(
    rows: Sequence[dict[str, Any]], kind: PlotKind, title: str, total: str, behind: Sequence[dict[str, Any]]
) -> str:
    """A line for each setting beside the one that they are drawn along, at the values that all of them have."""
    along = chosen_axis(rows, total, str(kind))
    others = [axis for axis in axes_of(rows, total) if axis.key != along.key]
    new, old = _points(rows, along.key, others, total), _points(behind, along.key, others, total)
    if len(new) > _MOST_LINES:
        raise UsageError(f"{len(new)} lines in one chart", expected=f"at most {_MOST_LINES}, or --plot FILE")
    lines = [*old.values(), *new.values()]
    values = [value for value in along.values if all(value in line for line in lines)]
    if not values:
        raise UsageError(f"no {along.key} that all lines have", expected="the same values for all of them")
    series = [
        _Series(_of_branch(name, "base branch"), [line[value] for value in values], _BEHIND)
        for name, line in old.items()
    ]
    series += [
        _Series(_of_branch(name, "this branch") if old else name, [line[value] for value in values], colour)
        for (name, line), colour in zip(new.items(), COLOURS, strict=False)
    ]
    caption = [title]
    if others:
        top = sorted(new, key=lambda name: -new[name][values[-1]])
        caption.append(f"lines from the top at {along.key} {shown(values[-1])}: {' / '.join(top)}")
    if old:
        caption.append("grey: the base branch")
    if len(values) < len(along.values):
        left = ", ".join(shown(value) for value in along.values if value not in values)
        caption.append(f"without {along.key} {left}, which not all lines have")
    source = _chart(total, list(map(shown, values)), along.label, series, "line")
    return f"{source}\n{markdown_line('; '.join(caption))}\n"


def _of_branch(name: str, branch: str) -> str:
    return f"{name}, {branch}" if name else branch


def _points(
    rows: Sequence[dict[str, Any]], along: str, others: Sequence[Any], total: str
) -> dict[str, dict[Any, float]]:
    """The figures of each line by the value along the axis; a line's name says where it stands in the others."""
    lines: dict[str, dict[Any, float]] = {}
    for row in rows:
        name = ", ".join(f"{axis.key} {shown(row.get(axis.key))}".removeprefix("network ") for axis in others)
        lines.setdefault(name, {})[row.get(along)] = float(row[total])
    return lines


def _chart(total: str, labels: Sequence[str], along: str, series: Sequence[_Series], form: str, height: int = 0) -> str:
    """The source of a chart. Its grammar takes plain decimals only, so figures are in units of their largest."""
    most = max(value for one in series for value in one.values)
    size, prefix = next(((size, prefix) for size, prefix in UNITS if most >= size), (1, ""))
    unit = f"{prefix}{unit_of(total)}"
    heading = f"{measure(total)}, {unit}" if unit else measure(total)
    upright = "" if form == "line" else " horizontal"
    palette = ", ".join(one.colour for one in series)
    tall = f', "xyChart": {{"height": {height}}}' if height else ""
    lines = [
        f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{palette}"}}}}{tall}}}}}%%',
        f"xychart-beta{upright}",
        f"  x-axis {f'{mermaid_text(along)} ' if along else ''}{_scale(labels)}",
        f"  y-axis {mermaid_text(heading)} 0 --> {_decimal(1.05 * most / size or 1.0)}",
    ]
    for one in series:
        name = f"{mermaid_text(one.name)} " if one.name else ""
        lines.append(f"  {form} {name}[{', '.join(_decimal(value / size) for value in one.values)}]")
    return fenced("\n".join(lines) + "\n")


def _scale(labels: Sequence[str]) -> str:
    """Labels along an axis, each once; of very many numbers at even distances, the first and the last."""
    numbers = [found for label in labels if (found := number(label)) is not None]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    if len(labels) > _MOST_LABELS and len(numbers) == len(labels) and len(steps) == 1:
        return f"{_decimal(float(numbers[0]))} --> {_decimal(float(numbers[-1]))}"
    seen: dict[str, int] = {}
    for label in labels:  # what stands twice would be one place
        seen[label if label not in seen else f"{label} ({len(seen) + 1})"] = 1
    return f"[{', '.join(map(mermaid_text, seen))}]"


def _decimal(value: float) -> str:
    """A number as the grammar has it: no exponent; five decimals at most."""
    return f"{value:.5f}".rstrip("0").rstrip(".")
