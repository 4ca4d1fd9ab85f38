"""What the tests of pictures draw, and what lies where on one."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from click.testing import CliRunner, Result

from costcalc import api
from costcalc.cli import main
from costcalc.report.plots import Page, read_page
from costcalc.report.plots.canvas import Canvas
from costcalc.report.plots.labels import LEADER

Rows = list[dict[str, Any]]


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def swept(*networks: str, total: str = "mult_adds", **axes: str) -> Rows:
    return [dict(row) for row in api.sweep(*networks, axes=axes, columns=[total, "params", "top1"]).drawn_rows]


@cache
def two() -> Rows:
    """Two networks over α and resolution."""
    return swept("mobilenet_v1", "mobilenet_v2", alpha="0.5,0.75,1", resolution="128:224:32")


@cache
def accuracy() -> Rows:
    """MobileNetV2's points, 22 of which have a published top-1."""
    return swept("mobilenet_v2", alpha="0.35,0.5,0.75,1,1.3,1.4", resolution="96:224:32")


CROWDED: Rows = [
    {
        "network": f"library/a_network_of_size_{rank:02}", "family": f"family {rank % 3}", "year": 2019,
        "mult_adds": round(10**8 * 1.06**rank), "top1": f"{70 + rank / 4}",
    }
    for rank in range(28)
]  # fmt: skip
"""Each is on the frontier, and near the next one; the names are as long as timm's."""
PAGES = {"screen": Page(), "column": read_page(size="column"), "page": read_page(size="page")}
NOTE = "convention paper: multiply-adds of convolutions, linear layers and matrix products"


Box = tuple[float, float, float, float]


def boxes(canvas: Canvas) -> list[tuple[str, Box]]:
    """Every text that is drawn, and its place in pixels: left, bottom, right, top."""
    from matplotlib.text import Text

    found: dict[int, Text] = {}
    plain = Text.draw

    def noting(self: Text, *args: Any, **kwargs: Any) -> None:
        if self.get_visible() and self.get_text().strip():
            found[id(self)] = self
        plain(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", noting)
        canvas.figure.draw_without_rendering()
    return [(text.get_text(), Text.get_window_extent(text).extents) for text in found.values()]  # without its leader


def crossing(one: Box, other: Box, slack: float = 1.5) -> bool:
    """Whether two boxes share more than a hair."""
    return (
        one[0] + slack < other[2] and other[0] + slack < one[2]
        and one[1] + slack < other[3] and other[1] + slack < one[3]
    )  # fmt: skip


def through(canvas: Canvas) -> list[str]:
    """The labels that the frontier goes through."""
    (axes,) = canvas.figure.axes
    (line,) = (line for line in axes.get_lines() if line.get_gid() == "frontier")
    corners = axes.transData.transform(line.get_xydata())
    dots = [
        (a[0] + (b[0] - a[0]) * i / 200, a[1] + (b[1] - a[1]) * i / 200)
        for a, b in pairwise(corners)
        for i in range(201)
    ]
    return [
        text
        for text, (left, bottom, right, top) in boxes(canvas)
        if any(left + 1 < x < right - 1 and bottom + 2 < y < top - 2 for x, y in dots)
    ]


def along_the_frontier(canvas: Canvas) -> list[tuple[float, ...]]:
    """The leaders that lie on a stretch of the frontier: both their quarters are within a pixel of it."""
    (axes,) = canvas.figure.axes
    (line,) = (line for line in axes.get_lines() if line.get_gid() == "frontier")
    stretches = list(pairwise(axes.transData.transform(line.get_xydata())))
    found = []
    for artist in axes.get_children():
        if artist.get_gid() != LEADER:
            continue
        (x, y), (to_x, to_y) = axes.transAxes.transform(artist.get_xydata())  # type: ignore[attr-defined]
        for (left, low), (right, high) in stretches:
            near = [
                min(left, right) - 1 <= x + (to_x - x) * part <= max(left, right) + 1
                and min(low, high) - 1 <= y + (to_y - y) * part <= max(low, high) + 1
                for part in (0.1, 0.3)
            ]
            if all(near):
                found.append((x, y, to_x, to_y))
    return found
