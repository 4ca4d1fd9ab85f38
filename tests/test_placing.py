"""Names of points have room or a number, and no leader looks like the frontier."""

from __future__ import annotations

import math
import re
from itertools import combinations
from typing import Any

import pytest
from picturing import CROWDED, NOTE, PAGES, accuracy, along_the_frontier, boxes, crossing, through

from costcalc import api
from costcalc.report.plots import drawing_of, placing
from costcalc.report.plots.canvas import laid_out
from costcalc.report.plots.labels import LEADER
from costcalc.report.plots.placing import Place, Surroundings, placed

pytestmark = pytest.mark.usefixtures("own_parameters")


@pytest.mark.parametrize(
    "page", ["screen", *(pytest.param(page, marks=pytest.mark.slow) for page in ("column", "page"))]
)
def test_the_frontier_goes_through_no_name_and_all_are_there(page: str) -> None:
    """MobileNetV2's 22 points, whose names were hidden and crossed."""
    canvas = laid_out(drawing_of(accuracy(), "accuracy", "mult_adds"), "A title", NOTE, PAGES[page])
    named = {f"{row['alpha']}-{row['resolution']}" for row in accuracy() if row["top1"]}

    assert [] == through(canvas)
    assert named == {text for text, _ in boxes(canvas) if re.fullmatch(r"[\d.]+-\d+", text)}
    assert 22 == len(named)


def test_names_without_room_are_numbers_with_a_key() -> None:
    """On a narrow page; none is left out, none covers another, and no leader looks like the frontier."""
    from matplotlib.lines import Line2D

    canvas = laid_out(drawing_of(CROWDED, None, "mult_adds"), "", NOTE, PAGES["column"])
    drawn = boxes(canvas)
    found = [text for text, _ in drawn]
    key = "\n".join(found)

    assert canvas.numbered
    assert not canvas.left_out
    assert [f"{rank + 1} {row['network']}" for rank, row in enumerate(CROWDED)] == re.findall(r"\d+ library/\w+", key)
    assert {str(rank + 1) for rank in range(len(CROWDED))} <= set(found)
    assert [] == [(a[0], b[0]) for a, b in combinations(drawn, 2) if crossing(a[1], b[1])]
    assert [] == along_the_frontier(canvas)

    (axes,) = canvas.figure.axes
    (line,) = (line for line in axes.get_lines() if line.get_gid() == "frontier")
    (x, y), (to_x, to_y) = axes.transAxes.inverted().transform(axes.transData.transform(line.get_xydata()[:2]))
    leader = Line2D([x, to_x], [y, to_y], transform=axes.transAxes)
    leader.set_gid(LEADER)
    axes.add_artist(leader)
    assert 1 == len(along_the_frontier(canvas))


def test_a_name_is_placed_where_there_is_room() -> None:
    """Beside its point; where a line is, on its free side; where names are, behind a leader; else nowhere."""
    around = Surroundings((0, 0, 200, 100), [(50, 50)], 4, [(0, 60, 200, 60)], 10)
    (place,) = placed([(50, 50)], [(40, 10)], around)

    assert place is not None
    assert place.leader is None
    assert place.bottom + 10 < 60

    two = placed([(50, 50), (50, 20)], [(40, 10), (150, 10)], around._replace(points=[(50, 50), (50, 20)]))
    assert [True, True] == [found is not None for found in two]
    assert [None] == placed([(50, 50)], [(40, 10)], around._replace(border=(30, 40, 69, 100)))
    crowd = [(x, y) for x in range(10, 100, 20) for y in range(5, 60, 10)]
    (far,) = placed([(50, 45)], [(40, 10)], Surroundings((0, 0, 200, 100), crowd, 4, [], 10))
    assert far is not None
    assert far.leader is not None
    assert far.bottom > 59


def test_no_leader_is_longer_than_it_need_be() -> None:
    """Of Keras' fourteen networks on a narrow page: names make room for each other, where some went far off."""
    rows = [dict(row) for row in api.networks("keras").rows]
    canvas = laid_out(drawing_of(rows, None, "mult_adds"), "", NOTE, PAGES["column"])
    (axes,) = canvas.figure.axes
    ends = [axes.transAxes.transform(line.get_xydata()) for line in axes.get_lines() if line.get_gid() == LEADER]
    lengths = [math.dist(*end) / canvas.letter for end in ends]

    assert not canvas.numbered
    assert 0 < max(lengths) < 3.5  # 2.9 with Matplotlib 3.11, 0.7 with the letters of 3.10


def test_the_key_has_the_numbers_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A point whose number has no place is in neither, and is counted."""

    def crowded(points: Any, sizes: Any, around: Surroundings) -> list[Place | None]:
        found = placed(points, sizes, around)
        return [found[0], None, *found[2:]] if len(points) == 4 else found

    monkeypatch.setattr(placing, "placed", crowded)
    rows = [{"network": name, "mult_adds": 10 ** (6 + rank), "params": 9 - rank} for rank, name in enumerate("abcd")]
    found = [text for text, _ in boxes(laid_out(drawing_of(rows, None, "mult_adds", "params"), "", "n", PAGES["page"]))]

    assert {"1", "2", "3", "1 a", "2 c", "3 d"} == {
        text for text in "\n".join(found).split("\n") if text in "123" or text[2:] in {"a", "b", "c", "d"}
    }
    assert "n; 1 name left out: no room" in " ".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("page", list(PAGES))
def test_the_frontier_of_the_catalogue_is_named(page: str) -> None:
    from costcalc.analysis.frontier import frontier

    rows = [dict(row) for row in api.networks("").rows]
    rows = [row for row in rows if row["top1"] and str(row["input"]).count("x") == 2]
    best = frontier([(row["mult_adds"], row["top1"]) for row in rows])
    canvas = laid_out(drawing_of(rows, None, "mult_adds"), "", NOTE, PAGES[page])

    words = {word for text, _ in boxes(canvas) for word in text.split()}
    assert {rows[index]["network"] for index in best} <= words
    assert not canvas.left_out
    assert [] == along_the_frontier(canvas)
    assert [] == through(canvas)
