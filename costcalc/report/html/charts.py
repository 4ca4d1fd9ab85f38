"""A report's drawings as SVG inside HTML: what each layer takes of the whole, and live memory over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from costcalc.escape import html
from costcalc.report.tables.units import grouped, share, short_bytes

_WIDTH = 1000
_BAR = 42
_HEIGHT = 200
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#8c6d31", "#999999")
"""Okabe and Ito's, which people who see fewer colours tell apart; the last is for all further operators."""
_MOST_MAPS = 6


class Bar(NamedTuple):
    """A bar of a whole: its title, and what each part, of an operator's kind, takes of it."""

    title: str
    parts: Sequence[tuple[str, str, int]]


def bars_html(bars: Sequence[Bar]) -> str:
    """Stacked bars with one legend: operators have colours, the costliest of the first bar first."""
    totals: dict[str, int] = {}
    for bar in bars:
        for _, op, cost in bar.parts:
            totals[op] = totals.get(op, 0) + (cost if bar is bars[0] else 0)
    order = sorted(totals, key=lambda op: -totals[op])
    colours = {op: _COLOURS[min(index, len(_COLOURS) - 1)] for index, op in enumerate(order)}
    drawn = [op for op in order if any(cost for bar in bars for _, kind, cost in bar.parts if kind == op)]
    legend = "".join(f'<span><i style="background:{colours[op]}"></i>{html(op)}</span>' for op in drawn)
    return "".join(_bar(bar, colours) for bar in bars) + f'<p class="legend">{legend}</p>\n'


def _bar(bar: Bar, colours: Mapping[str, str]) -> str:
    whole = sum(cost for _, _, cost in bar.parts)
    if not whole:
        return ""
    done, rects = 0, []
    for name, op, cost in bar.parts:
        if cost:
            left, right = (_WIDTH * value / whole for value in (done, done + cost))
            said = html(f"{name}, {op}: {grouped(cost)} ({share(cost, whole)} %)")
            rects.append(
                f'<rect class="part" x="{left:.2f}" y="0" width="{right - left:.2f}" height="{_BAR}" '
                f'fill="{colours[op]}"><title>{said}</title></rect>'
            )
            done += cost
    label = html(bar.title)
    svg = f'<svg viewBox="0 0 {_WIDTH} {_BAR}" role="img" aria-label="{label}">'
    return f"<h3>{label}</h3>\n{svg}\n" + "\n".join(rects) + "\n</svg>\n"


def steps_html(title: str, steps: Sequence[Mapping[str, Any]]) -> str:
    """The bytes that are alive at each step, as bars on a scale from nothing to the peak, which is named."""
    peak = max(steps, key=lambda step: step["live_bytes"])
    most, width = peak["live_bytes"], _WIDTH / len(steps)
    if not most:
        return ""
    rects = []
    for number, step in enumerate(steps):
        height = _HEIGHT * step["live_bytes"] / most
        largest = sorted(step["maps"].items(), key=lambda item: -item[1])
        maps = [f"{name} {grouped(size)}" for name, size in largest[:_MOST_MAPS]]
        more = [f"{len(largest) - _MOST_MAPS} more"] if len(largest) > _MOST_MAPS else []
        said = html(f"step {number + 1}, {step['name']}: {grouped(step['live_bytes'])} bytes: {', '.join(maps + more)}")
        rects.append(
            f'<rect x="{number * width:.2f}" y="{20 + _HEIGHT - height:.2f}" width="{max(width * 0.9, 0.3):.2f}" '
            f'height="{height:.2f}" fill="{_COLOURS[3] if step is peak else _COLOURS[0]}"><title>{said}</title></rect>'
        )
    label = html(title)
    named = html(f"peak {short_bytes(most)} at {peak['name']}")
    last = f"step {len(steps)}"
    return (
        f'<h3>{label}</h3>\n<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 40}" role="img" aria-label="{label}">\n'
        f'<line class="line" x1="0" y1="20" x2="{_WIDTH}" y2="20"/><text x="0" y="13">{named}</text>\n'
        + "\n".join(rects)
        + f'\n<text x="0" y="{_HEIGHT + 36}">step 1</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 36}" text-anchor="end">{last}</text>\n</svg>\n'
    )
