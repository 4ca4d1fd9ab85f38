"""The same pictures in characters, for people without a display."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from costcalc.errors import UsageError
from costcalc.report.plots.axes import axes_of, measure, short_figure, short_name, shown, unit_of
from costcalc.report.plots.bars import bar_columns, compare_names, costly
from costcalc.report.plots.kinds import TOP1, PlotKind, is_layer
from costcalc.report.plots.labels import shortened
from costcalc.report.plots.lines import chosen_axis, lines_of, three_digits
from costcalc.report.plots.scatter import comparable, label_of, points_of, with_both
from costcalc.report.tables.units import bar, short_bytes

_HEIGHT = 20
"""Lines of a diagram, at most."""
_LEFT = 13
"""Columns to the left of a diagram."""
_SIGNS = "o+x*#@%&=~^$abcdefghijkmnpqrstuvwyzABCDEFGHIJKLMNPQRSTUVWXYZ"
_MOST_LINES = 16
_COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "red")
_MOST_BARS = 60
_MOST_NAMED = 40
_LEAST_WIDTH = 40
_CELL = 11
"""Characters of a figure beside a bar."""
_LEAST_BAR = 4


def terminal_text(
    rows: Sequence[dict[str, Any]],
    kind: PlotKind,
    title: str,
    note: str,
    total: str,
    against: str,
    width: int,
    colour: bool,
) -> str:
    """A picture of `kind` as text of at most `width` columns, ending in a newline."""
    room = max(_LEAST_WIDTH, width)
    if kind in (PlotKind.LAYERS, PlotKind.COMPARE, PlotKind.MEMORY):
        shown = (total,) if kind is PlotKind.MEMORY else bar_columns(rows, kind, total, against)[:2]
        body = _bars(rows, kind, shown, room)
    elif kind is PlotKind.HEATMAP:
        body = _grid(rows, total, room)
    elif kind in (PlotKind.ACCURACY, PlotKind.CATALOGUE, PlotKind.SCATTER):
        body = _scatter(rows, kind, total, against or TOP1, room, colour)
    else:
        body = _lines(rows, kind, total, room, colour)
    below = f"\n{textwrap.fill(note, room)}\n" if note else ""
    return f"{textwrap.fill(title, room)}\n\n{body.rstrip()}\n{below}"


def _lines(rows: Sequence[dict[str, Any]], kind: PlotKind, total: str, room: int, colour: bool) -> str:
    along = chosen_axis(rows, total, kind)
    lines, others = lines_of(rows, total, along)
    if len(lines) > len(_SIGNS):
        raise UsageError(
            f"{len(lines)} lines in one terminal", expected=f"at most {len(_SIGNS)}, or a file: --plot FILE"
        )
    series = [(line.label, line.points) for line in lines]
    most = max(y for _, points in series for _, y in points)
    extent = (min(along.places.values()), max(along.places.values()))
    ticks = [(along.places[value], shown(value)) for value in along.values]
    legend = ", ".join(axis.short for axis in others)
    return _figure(
        series, extent, _even(0.0, most), (along.label, measure(total)),
        ticks, lambda y: _cost(y, total), room, colour, legend, connected=True,
    )  # fmt: skip


def _scatter(rows: Sequence[dict[str, Any]], kind: PlotKind, total: str, value: str, room: int, colour: bool) -> str:
    from math import log10

    found = with_both(rows, total, value)
    found = comparable(found) if kind is PlotKind.CATALOGUE and value == TOP1 else found
    points = [(log10(cost), height) for cost, height in points_of(found, total, value)]
    layers = is_layer(found[0])
    varying = [] if layers else axes_of(rows, total)
    by = "op" if layers else "family" if "family" in found[0] else next((axis.key for axis in varying), "network")
    groups: dict[str, list[tuple[float, float]]] = {}
    for row, point in zip(found, points, strict=True):
        groups.setdefault(shown(row.get(by)), []).append(point)
    costs, heights = zip(*points, strict=True)
    pad = max(0.02, 0.04 * (max(costs) - min(costs)))
    top1 = value == TOP1
    up = _even(min(heights) - 0.5, max(heights) + 0.5) if top1 else _even(0.0, max(heights) or 1.0)
    ticks = _log_ticks(10 ** min(costs), 10 ** max(costs), total)
    text = _figure(
        list(groups.items()), (min(costs) - pad, max(costs) + pad), up,
        (f"{measure(total)} (logarithmic)", "top-1, %" if top1 else measure(value)), ticks,
        lambda y: f"{y:.1f}" if top1 else _cost(y, value), room, colour, short_name(by), connected=False,
    )  # fmt: skip
    if len(found) <= _MOST_NAMED:
        order = sorted(range(len(found)), key=lambda i: points[i])
        several = {axis.key for axis in varying} > {
            "network"
        }  # a sign in the picture says which, a line has to name it
        prefixes = [f"{row['network']} " if several else "" for row in found]
        names = [
            row["name"] if layers else row["network"] if by == "family" else prefix + label_of(row, varying)
            for row, prefix in zip(found, prefixes, strict=True)
        ]
        high = [f"{row[value]} %" if top1 else f"{measure(value)} {_cost(row[value], value)}" for row in found]
        lines = [f"{names[i]} {high[i]} at {_cost(found[i][total], total)}" for i in order]
        text += "\n\n" + "\n".join(lines)
    return text


def _figure(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    across: tuple[float, float],
    up: tuple[float, float, int],
    labels: tuple[str, str],
    ticks: Sequence[tuple[float, str]],
    y_text: Callable[[float], str],
    room: int,
    colour: bool,
    legend: str,
    connected: bool,
) -> str:
    """A diagram by plotille; its ticks at the values of the data and its legend, one line below, are our own."""
    import plotille  # type: ignore[import-untyped]

    figure = plotille.Figure()
    figure.width, figure.height = room - 19, up[2]
    figure.with_colors = colour
    figure.color_mode = "names"
    figure.origin = False
    low, high = across if across[0] < across[1] else (across[0] - 0.5, across[0] + 0.5)
    figure.set_x_limits(low, low + (high - low) * figure.width / (figure.width - 1))  # the end itself is drawn too
    figure.set_y_limits(*up[:2])
    figure.x_label, figure.y_label = "", labels[1]
    figure.y_ticks_fkt = lambda value, _: y_text(value).rjust(9)
    names = []
    for index, (name, points) in enumerate(series):
        sign = _SIGNS[index % len(_SIGNS)]
        tint = _COLOURS[index % len(_COLOURS)] if colour else None
        x, y = zip(*points, strict=True)
        if connected and len(points) > 1:
            figure.plot(x, y, lc=tint)
        figure.scatter(x, y, lc=tint, marker=sign)
        names.append(f"{sign} {name}" if name else "")
    blank = figure.show().replace("⠀", " ").replace("-> ()", "->")  # an empty cell of dots is no letter
    text = "\n".join(line.rstrip() for line in [*blank.splitlines()[:-2], *_ruler(ticks, low, high, figure.width)])
    below = f"{labels[0]:^{room}}".rstrip()
    listed = _wrapped([name for name in names if name], room, f"{legend}: " if legend and len(series) > 1 else "")
    return f"{text}\n{below}\n\n{listed}"


def _ruler(ticks: Sequence[tuple[float, str]], low: float, high: float, width: int) -> tuple[str, str]:
    """The x axis with a tick at each value, and their names below: as many as do not touch, the last one always."""
    names: list[str] = [" "] * (_LEFT + width + 6)
    marks = ["-"] * (_LEFT + width)
    marks[_LEFT - 2] = names[_LEFT - 2] = "|"
    free = len(names)
    for place, name in sorted(ticks, reverse=True):
        column = _LEFT + int((place - low) / (high - low) * (width - 1) + 1e-6)
        start = min(max(_LEFT, column - len(name) // 2), len(names) - len(name))
        if start + len(name) > free - 2 and free < len(names):
            continue
        marks[column], free = "|", start
        names[start : start + len(name)] = name
    return "".join([*marks, "->"]), "".join(names)


def _log_ticks(low: float, high: float, total: str) -> list[tuple[float, str]]:
    """Round costs between two, by their logarithms: 1, 2 and 5 of each power of ten, or the ends if there are none."""
    from math import floor, log10

    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    rounds = [part * 10**power for power in powers for part in (1, 2, 5) if low <= part * 10**power <= high]
    return [(log10(value), _cost(value, total)) for value in (rounds if len(rounds) > 1 else sorted({low, high}))]


def _even(low: float, high: float) -> tuple[float, float, int]:
    """Limits that hold both values, and how many steps, one a line, are between: round numbers."""
    from math import floor, log10

    power = 10.0 ** floor(log10(max((high - low) / _HEIGHT, 1e-9)))
    for even in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20):
        step = even * power
        start = floor(low / step) * step
        lines = max(floor((high + step / 4 - start) / step) + 1, 4)
        if lines <= _HEIGHT:
            break
    return start, start + lines * step, lines


def _wrapped(names: Sequence[str], room: int, start: str) -> str:
    lines = [start]
    for name in names:
        if len(lines[-1]) + len(name) > room and lines[-1].strip():
            lines.append(" " * len(start))
        lines[-1] += name + "   "
    return "\n".join(line.rstrip() for line in lines)


def _cost(value: float, total: str) -> str:
    if unit_of(total):
        return short_bytes(round(value))
    return three_digits(value) if value >= 100 or value == round(value) else f"{value:.3g}"


def _bars(rows: Sequence[dict[str, Any]], kind: PlotKind, columns: Sequence[str], room: int) -> str:
    """One or two columns of bars; many layers are cut to the costliest, in their order."""
    total = columns[0]
    chosen = costly(rows, columns) if kind is PlotKind.LAYERS else list(rows)
    note = ""
    if len(chosen) > _MOST_BARS:
        costliest = sorted(range(len(chosen)), key=lambda i: (-chosen[i][total], i))[:_MOST_BARS]
        what = "steps" if kind is PlotKind.MEMORY else "layers"
        note = f"\n\nthe {_MOST_BARS} costliest of {len(chosen)} {what}"
        chosen = [chosen[i] for i in sorted(costliest)]
    named = kind is not PlotKind.COMPARE
    names = [str(row["name"]) for row in chosen] if named else compare_names(chosen, total)
    longest = max(map(len, names))
    if longest > room - len(columns) * (_CELL + _LEAST_BAR):  # the names rather than a second column
        columns = columns[:1]
    first = min(longest, room - len(columns) * (_CELL + _LEAST_BAR))
    each = max(_LEAST_BAR, (room - first - 2 * _CELL - 2) // 2)
    lines = [(" " * first + "".join(f"  {measure(column):<{each + 9}}" for column in columns)).rstrip()]
    for name, row in zip(names, chosen, strict=True):
        cells = []
        for column in columns:
            most = max(other.get(column) or 0 for other in chosen)
            value = row.get(column)
            figure = "" if value is None else short_figure(column, value)
            cells.append(f"  {figure:>8} {bar(value or 0, most, each):<{each}}")
        lines.append((f"{shortened(name, first):<{first}}" + "".join(cells)).rstrip())
    return "\n".join(lines) + note


def _grid(rows: Sequence[dict[str, Any]], total: str, room: int) -> str:
    """The figures themselves, one axis across and one down; evenly thinned where they do not fit."""
    varying = axes_of(rows, total)
    if len(varying) != 2:
        raise UsageError(f"kind heatmap: {len(varying)} settings vary", expected="two that vary")
    across, down = sorted(varying, key=lambda axis: (axis.key != "alpha", axis.key in ("beta", "resolution")))
    cells = {(shown(row.get(across.key)), shown(row.get(down.key))): _cost(row[total], total) for row in rows}
    left = max(len(down.short), *(len(shown(value)) for value in down.values))
    wide = 2 + max(*map(len, cells.values()), *(len(shown(value)) for value in across.values))
    columns = _thinned([shown(value) for value in across.values], max(2, (room - left) // wide))
    lines = [" " * left + f"  {across.short}", " " * left + "".join(f"{value:>{wide}}" for value in columns)]
    for line in _thinned([shown(value) for value in reversed(down.values)], 40):
        lines.append(f"{line:>{left}}" + "".join(f"{cells.get((value, line), ''):>{wide}}" for value in columns))
    lines.append(f"{down.short:>{left}}")
    return f"{measure(total)}\n" + "\n".join(lines)


def _thinned(values: Sequence[str], most: int) -> list[str]:
    if len(values) <= most:
        return list(values)
    return [values[round(index * (len(values) - 1) / (most - 1))] for index in range(most)]
