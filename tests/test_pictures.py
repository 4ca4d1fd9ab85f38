"""Pictures as they lie on a page: nothing covers anything or is cut, all names are there, hues differ, sizes hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import combinations

import pytest
from picturing import NOTE, PAGES, Rows, accuracy, boxes, crossing, swept, two

from costcalc import api
from costcalc.report.plots import Page, drawing_of, read_page
from costcalc.report.plots.canvas import Canvas, laid_out
from costcalc.report.plots.labels import LEADER, spread
from costcalc.report.plots.palette import COLOURS, FURTHER, look, shaded
from costcalc.report.plots.style import flattened

pytestmark = pytest.mark.usefixtures("own_parameters")


@cache
def networks(word: str) -> Rows:
    return [dict(row) for row in api.networks(word).rows]


@cache
def layers(network: str) -> Rows:
    return [dict(row) for row in api.load(network).report().rows]


@cache
def groups() -> Rows:
    return swept("shufflenet_v1", groups="1,2,3,4,8")


PICTURES: dict[str, tuple[Callable[[], Rows], str | None, str, str]] = {
    "alpha": (two, "alpha", "mult_adds", ""),
    "resolution": (two, "resolution", "mult_adds", ""),
    "setting": (groups, None, "mult_adds", ""),
    "flat": (lambda: swept("mobilenet_v1", "mobilenet_v2", "vgg16", resolution="128:224:32"), None, "mult_adds", ""),
    "heatmap": (lambda: [row for row in two() if row["network"] == "mobilenet_v1"], "heatmap", "mult_adds", ""),
    "accuracy": (accuracy, "accuracy", "mult_adds", ""),
    "scatter": (two, None, "mult_adds", "params"),
    "catalogue": (partial(networks, "mobilenet"), None, "mult_adds", ""),
    "compare": (partial(networks, "mobilenet"), "compare", "mult_adds", ""),
    "layers": (partial(layers, "mobilenet_v1"), None, "mult_adds", ""),
    "deep": (partial(layers, "resnet101"), None, "mult_adds", ""),
    "points of layers": (partial(layers, "mobilenet_v1"), None, "mult_adds", "params"),
    "memory": (lambda: [dict(row) for row in api.load("mobilenet_v2").report().steps], None, "live_bytes", ""),
}
"""What is drawn: what makes the rows, the kind, the measure, and the second one."""
COLUMNS = ("alpha", "catalogue", "compare")
"""Pictures that have least room on a narrow page."""
NARROW = read_page(size="2.2x9")


def canvas_of(name: str, page: Page = PAGES["screen"]) -> Canvas:
    rows, *how = PICTURES[name]
    return laid_out(drawing_of(rows(), *how), "A title", NOTE, page)


def test_crossing_boxes_are_seen() -> None:
    assert crossing((0, 0, 9, 9), (5, 5, 20, 20))
    assert not crossing((0, 0, 9, 9), (8, 0, 20, 9))
    assert crossing((0, 0, 2, 2), (1, 1, 3, 3), 0)
    assert not crossing((0, 0, 2, 2), (2.1, 0, 3, 3), 0)


def cut_markers(canvas: Canvas) -> list[tuple[float, float]]:
    """The points of lines whose signs reach over the border of their axes, and are cut there."""
    found = []
    for axes in canvas.figure.axes:
        left, bottom, right, top = axes.get_window_extent().extents
        for line in axes.get_lines():
            if line.get_marker() in ("", "None", None) or not line.get_clip_on():
                continue
            half = line.get_markersize() * canvas.figure.dpi / 72 / 2
            for x, y in axes.transData.transform(line.get_xydata()):
                if not (left + half <= x <= right - half and bottom + half <= y <= top - half):
                    found.append((float(x), float(y)))
    return found


@pytest.mark.parametrize(
    ("name", "page"),
    [
        pytest.param(
            name, page, marks=() if page == "screen" or (page == "column" and name in COLUMNS) else pytest.mark.slow
        )
        for name in PICTURES
        for page in PAGES
    ],
)
def test_nothing_covers_anything_and_nothing_is_cut(name: str, page: str) -> None:
    canvas = canvas_of(name, PAGES[page])
    found = boxes(canvas)
    width, height = (side * canvas.figure.dpi for side in canvas.figure.get_size_inches())

    assert [] == [(a[0], b[0]) for a, b in combinations(found, 2) if crossing(a[1], b[1])]
    assert [] == [
        text for text, box in found if box[0] < -1 or box[1] < -1 or box[2] > width + 1 or box[3] > height + 1
    ]
    assert [] == cut_markers(canvas)


def test_no_sign_of_many_layers_touches_the_axis() -> None:
    """Of 600 layers on a log axis, the last as well as the first."""
    rows = [{"name": f"n{rank}.conv1", "op": "conv", "output": "1", "mult_adds": 10 ** (rank % 9)}
            for rank in range(600)]  # fmt: skip
    canvas = laid_out(drawing_of(rows, None, "mult_adds"), "", "", PAGES["page"])
    (axes,) = canvas.figure.axes
    (dots,) = (line for line in axes.get_lines() if line.get_marker() == "o")
    box, half = axes.get_window_extent(), dots.get_markersize() * canvas.figure.dpi / 72 / 2
    heights = axes.transData.transform(dots.get_xydata())[:, 1]

    assert box.y0 + half < min(heights) < max(heights) < box.y1 - half


def test_a_picture_for_a_page_is_no_higher_than_it() -> None:
    """Two panels one above the other, with as much room between bars as there is."""
    rows = [{"name": f"n{rank}.conv1", "op": "conv", "output": "1", "mult_adds": rank + 1, "params": 1}
            for rank in range(150)]  # fmt: skip
    canvas = laid_out(drawing_of(rows, None, "mult_adds"), "A title", "", PAGES["column"])

    assert 8.9 < canvas.figure.get_figheight() < 9.1


def test_a_very_narrow_page_cuts_nothing() -> None:
    """Neither titles of panels nor ticks."""
    canvas = canvas_of("compare", NARROW)

    assert [] == [text for text, box in boxes(canvas) if box[0] < -1 or box[2] > 2.2 * canvas.figure.dpi + 1]


def test_cut_markers_are_seen() -> None:
    """As they were: an axis that ends at the largest value."""
    canvas = canvas_of("setting")
    for line in canvas.figure.axes[0].get_lines():
        line.set_clip_on(True)
    (axes,) = canvas.figure.axes
    axes.set_ylim(0, max(row["mult_adds"] for row in groups()))

    assert 1 == len(cut_markers(canvas))


def test_labels_at_the_ends_of_lines_in_one_hue_a_network() -> None:
    """No legend; the second setting is a shade."""
    canvas = canvas_of("alpha")
    (axes,) = canvas.figure.axes
    colours = {str(line.get_label()): str(line.get_color()) for line in axes.get_lines() if line.get_gid() != LEADER}

    assert axes.get_legend() is None
    assert not canvas.figure.legends
    assert {f"{name}, {side}" for name in ("mobilenet_v1", "mobilenet_v2") for side in (128, 160, 192, 224)} <= {
        text for text, _ in boxes(canvas)
    }
    assert [shaded(COLOURS[0], rank, 4) for rank in range(4)] == [
        colours[f"mobilenet_v1, {side}"] for side in (224, 192, 160, 128)
    ]
    assert colours["mobilenet_v2, 224"] == COLOURS[1].lower()
    assert 8 == len(set(colours.values()))


def test_leaders_end_at_their_names() -> None:
    """On a narrow page: each goes from its line's end to beside the middle of its name."""
    rows = [
        {"network": name, "alpha": alpha, "mult_adds": 10**6 * alpha * (50 + rank)}
        for rank, name in enumerate(("a", "b", "c", "d"))
        for alpha in (1, 2)
    ]
    canvas = laid_out(drawing_of(rows, "alpha", "mult_adds"), "", "", PAGES["column"])
    (axes,) = canvas.figure.axes
    places = dict(boxes(canvas))
    leaders = [artist for artist in axes.get_lines() if artist.get_gid() == LEADER]

    assert 4 == len(leaders)
    for name, leader in zip("abcd", leaders, strict=True):
        (x, y), (to_x, to_y) = leader.get_transform().transform(leader.get_xydata())
        left, low, _, high = places[name]
        assert left - canvas.letter / 3 < to_x <= left
        assert abs(to_y - (low + high) / 2) < canvas.letter / 3
        end = axes.transData.transform((2, 10**6 * 2 * (50 + "abcd".index(name))))
        assert max(abs(x - end[0]), abs(y - end[1])) < canvas.letter


def test_a_sign_on_another_is_smaller() -> None:
    """Two networks in one place, and a third apart: the lower sign reaches out beyond the upper one."""
    rows = [
        {"network": name, "alpha": alpha, "mult_adds": 10**6 * alpha + (name == "c") * 10**5, "params": 10**5 * alpha}
        for name in "abc"
        for alpha in (1, 2)
    ]
    canvas = laid_out(drawing_of(rows, None, "mult_adds", "params"), "", "", Page())
    lower, upper, apart = (signs.get_sizes() for signs in canvas.figure.axes[0].collections)

    assert min(lower) > 4 * max(upper)
    assert max(upper) < min(apart) < min(lower)


def test_a_word_as_second_setting_is_a_dash() -> None:
    rows = [
        {"network": "n", "body": body, "alpha": alpha, "mult_adds": 10**6 * alpha + len(body)}
        for body in ("plain", "separable")
        for alpha in (1, 2)
    ]
    canvas = laid_out(drawing_of(rows, "alpha", "mult_adds"), "", "", Page())
    first, second = (line for line in canvas.figure.axes[0].get_lines() if line.get_gid() != LEADER)

    assert first.get_color() == second.get_color()
    assert first.get_linestyle() != second.get_linestyle()


def test_hues_are_not_used_twice() -> None:
    """There are as many as families in the catalogue, and more."""
    from costcalc.spec import catalogue

    families = {spec.family for spec in catalogue.specs()}
    several = [look(number)[0].lower() for number in range(len(families))]

    assert len(families) == len(set(several))
    assert len({*COLOURS, *FURTHER}) == 32


def test_flattened() -> None:
    """Two fifths of all under a fiftieth of the largest."""
    assert flattened([1, 1, 100, 100, 100])
    assert not flattened([1, 2, 100, 100, 100])
    assert not flattened([])
    assert not flattened([0, 0, 5])


def test_axes_are_logarithmic_where_one_value_flattens_the_rest() -> None:
    scales = {name: [axes.get_yscale() for axes in canvas_of(name).figure.axes] for name in ("flat", "alpha")}

    assert {"flat": ["log"], "alpha": ["linear"]} == scales
    vgg = laid_out(
        drawing_of([dict(row) for row in api.load("vgg16").report().rows], None, "mult_adds"), "", "", Page()
    )
    assert ["linear", "log"] == [axes.get_xscale() for axes in vgg.figure.axes]


def test_spread() -> None:
    """Near what is wanted, apart, in order, within bounds; those that push each other share the move."""
    assert [0, 10, 50] == spread([0, 10, 50], 10, 0, 100)
    assert [25, 15, 80] == spread([21, 19, 80], 10, 0, 100)
    assert [80, 90, 100] == spread([99, 99, 99], 10, 0, 100)
