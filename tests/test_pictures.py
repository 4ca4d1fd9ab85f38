"""Pictures as they lie on a page: nothing covers anything or is cut, all names are there, hues differ, sizes hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from costcalc import api
from costcalc.analysis.compress.by_step import Compressed
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.report.plots import Page, PlotKind, drawing_of, read_page, terminal_plot, write_plot
from costcalc.report.plots.canvas import Canvas, laid_out
from costcalc.report.plots.labels import spread
from costcalc.report.plots.palette import COLOURS, FURTHER, look, shaded
from costcalc.report.plots.style import flattened

Rows = list[dict[str, Any]]


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def swept(*networks: str, total: str = "mult_adds", **axes: str) -> Rows:
    return [dict(row) for row in api.sweep(*networks, axes=axes, columns=[total, "params", "top1"]).drawn_rows]


GROUPS = swept("shufflenet_v1", groups="1,2,3,4,8")
TWO = swept("mobilenet_v1", "mobilenet_v2", alpha="0.5,0.75,1", resolution="128:224:32")
ACCURACY = swept("mobilenet_v2", alpha="0.35,0.5,0.75,1,1.3,1.4", resolution="96:224:32")
FLAT = swept("mobilenet_v1", "mobilenet_v2", "vgg16", resolution="128:224:32")
NETWORKS = [dict(row) for row in api.networks("mobilenet").rows]
LAYERS = [dict(row) for row in api.load("mobilenet_v1").report().rows]
DEEP = [dict(row) for row in api.load("resnet101").report().rows]
STEPS = [dict(row) for row in api.load("mobilenet_v2").report().steps]
PICTURES: dict[str, tuple[Rows, str | None, str, str]] = {
    "alpha": (TWO, "alpha", "mult_adds", ""),
    "resolution": (TWO, "resolution", "mult_adds", ""),
    "setting": (GROUPS, None, "mult_adds", ""),
    "flat": (FLAT, None, "mult_adds", ""),
    "heatmap": ([row for row in TWO if row["network"] == "mobilenet_v1"], "heatmap", "mult_adds", ""),
    "accuracy": (ACCURACY, "accuracy", "mult_adds", ""),
    "scatter": (TWO, None, "mult_adds", "params"),
    "catalogue": (NETWORKS, None, "mult_adds", ""),
    "compare": (NETWORKS, "compare", "mult_adds", ""),
    "layers": (LAYERS, None, "mult_adds", ""),
    "deep": (DEEP, None, "mult_adds", ""),
    "points of layers": (LAYERS, None, "mult_adds", "params"),
    "memory": (STEPS, None, "live_bytes", ""),
}
HEAVY = ("scatter", "points of layers", "memory", "deep", "layers")
"""Pictures that take long on a narrow page."""
NARROW = read_page(size="2.2x9")
PAGES = {"screen": Page(), "column": read_page(size="column"), "page": read_page(size="page")}
NOTE = "convention paper: multiply-adds of convolutions, linear layers and matrix products"


@pytest.fixture(autouse=True)
def own_parameters() -> Iterator[None]:
    """Matplotlib's parameters are as they were afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        yield


def canvas_of(name: str, page: Page = PAGES["screen"]) -> Canvas:
    return laid_out(drawing_of(*PICTURES[name]), "A title", NOTE, page)


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


def test_crossing_boxes_are_seen() -> None:
    assert crossing((0, 0, 9, 9), (5, 5, 20, 20))
    assert not crossing((0, 0, 9, 9), (8, 0, 20, 9))


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
            name, page, marks=pytest.mark.slow if page == "page" or (page == "column" and name in HEAVY) else ()
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
    axes.set_ylim(0, max(row["mult_adds"] for row in GROUPS))

    assert 1 == len(cut_markers(canvas))


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


@pytest.mark.parametrize(
    "page", ["screen", *(pytest.param(page, marks=pytest.mark.slow) for page in ("column", "page"))]
)
def test_the_frontier_goes_through_no_name_and_all_are_there(page: str) -> None:
    """MobileNetV2's 22 points, whose names were hidden and crossed."""
    canvas = canvas_of("accuracy", PAGES[page])
    named = {f"{row['alpha']}-{row['resolution']}" for row in ACCURACY if row["top1"]}

    assert [] == through(canvas)
    assert named == {text for text, _ in boxes(canvas) if re.fullmatch(r"[\d.]+-\d+", text)}
    assert 22 == len(named)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["screen", "page"])
def test_the_frontier_of_the_catalogue_is_named(page: str) -> None:
    from costcalc.analysis.frontier import frontier

    rows = [dict(row) for row in api.networks("").rows]
    rows = [row for row in rows if row["top1"] and str(row["input"]).count("x") == 2]
    best = frontier([(row["mult_adds"], row["top1"]) for row in rows])
    canvas = laid_out(drawing_of(rows, None, "mult_adds"), "", NOTE, PAGES[page])

    assert {rows[index]["network"] for index in best} <= {text for text, _ in boxes(canvas)}
    assert 0 == canvas.unnamed
    assert [] == through(canvas)


def test_labels_at_the_ends_of_lines_in_one_hue_a_network() -> None:
    """No legend; the second setting is a shade."""
    canvas = canvas_of("alpha")
    (axes,) = canvas.figure.axes
    colours = {str(line.get_label()): str(line.get_color()) for line in axes.get_lines()}

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


def test_a_word_as_second_setting_is_a_dash() -> None:
    rows = [
        {"network": "n", "body": body, "alpha": alpha, "mult_adds": 10**6 * alpha + len(body)}
        for body in ("plain", "separable")
        for alpha in (1, 2)
    ]
    canvas = laid_out(drawing_of(rows, "alpha", "mult_adds"), "", "", Page())
    first, second = canvas.figure.axes[0].get_lines()

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


def texts(file: Path) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("network", ["resnet152", pytest.param("densenet201", marks=pytest.mark.slow)])
def test_deep_networks_are_drawn_by_stage(network: str, tmp_path: Path) -> None:
    """Each bar has its name; --by layer draws layers, with the names of runs."""
    file = tmp_path / "d.svg"
    stages = [row["name"] for row in api.load(network).report(by="stage").rows if row["mult_adds"] or row["params"]]

    assert 0 == run("report", network, "--plot", str(file)).exit_code
    words = texts(file)
    assert set(stages) <= set(words)
    assert any("by stage (--by layer draws each layer)" in word for word in words)

    assert 0 == run("report", network, "--by", "layer", "--plot", str(file)).exit_code
    assert {name.partition("_")[0] for name in stages} <= set(texts(file))
    assert "by stage (--by layer" in " ".join(run("report", network, "--kind", "terminal").stdout.split())


def inches(file: Path) -> tuple[float, float]:
    """The sides of an SVG."""
    width, height = re.findall(r'(?:width|height)="([\d.]+)pt"', file.read_text())[:2]
    return float(width) / 72, float(height) / 72


DRAWN = [
    ["sweep", "mobilenet_v1", "--alpha", "0.5,1"],
    ["report", "lenet5"],
    ["report", "lenet5", "--measure", "live_bytes"],
    ["compare", "lenet5", "nin"],
    ["list", "mobilenet"],
    ["explain", "lenet5", "--against", "fvcore,thop"],
    ["compress", "lenet5@prune=0.1"],
]


@pytest.mark.parametrize("args", DRAWN, ids=lambda args: args[0])
def test_title_size_and_letters_wherever_pictures_are(args: list[str], tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    looks = ["--title", "Ours & theirs", "--size", "5x6", "--font-size", "7"]
    result = run(*args, *looks, "--plot", str(file))

    assert 0 == result.exit_code, result.stderr
    assert inches(file) == pytest.approx((5, 6))
    assert "Ours & theirs" in texts(file)
    assert {"7.7px", "5.831px"} <= set(re.findall(r"(\d+\.\d+px)", file.read_text()))

    assert 0 == run(*args, "--title", "", "--size", "column", "--plot", str(file)).exit_code
    assert inches(file)[0] == pytest.approx(3.5)
    assert "Ours & theirs" not in texts(file)


@pytest.mark.parametrize("args", DRAWN, ids=lambda args: args[0])
@pytest.mark.parametrize("look", [("--title", "t"), ("--size", "page"), ("--font-size", "8")], ids=lambda look: look[0])
def test_looks_without_a_picture(args: list[str], look: tuple[str, str]) -> None:
    result = run(*args, *look)

    assert (2, "") == (result.exit_code, result.stdout)
    assert f"Error: {look[0]} without a picture\n  expected: --plot FILE\n" == result.stderr


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (
            "colum",
            "'colum' is no size of a picture\n  expected: column, page, or WxH in inches as 3.5x2.5 (or 90x60mm,",
        ),
        ("colum", "did you mean 'column'?"),
        ("3", "'3' is no size of a picture"),
        ("3x2px", "'3x2px' is no size of a picture"),
        ("90x60", "'90x60': 90 by 60 inches is too large for a picture\n  expected: 1 to 60 inches each"),
        ("5x5mm", "is too small for a picture"),
        ("nanx2", "'nanx2' is no size of a picture"),
        (
            "3.5x1.2",
            "--size: the picture needs 4.84 inches of height with letters of 8 points\n  expected: --size 3.5x4.9, ",
        ),
    ],
)
def test_wrong_sizes(size: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    result = run("report", "vgg16", "--plot", str(file), "--size", size)

    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert not file.exists()


@pytest.mark.parametrize("size", ["0", "400", "nan", "-3", "large"])
def test_wrong_letters(size: str) -> None:
    with pytest.raises(UsageError) as error:
        read_page(font_size=size)

    assert "expected: points from 4 to 48, as 8" in str(error.value)


def test_units_of_sizes() -> None:
    assert read_page(size="90x60mm").width == pytest.approx(3.5433, abs=1e-4)
    assert read_page(size="9x6cm")[1:3] == pytest.approx(read_page(size="90x60mm")[1:3])
    assert (3.5, 2.5) == read_page(size="3.5x2.5")[1:3]


def test_ticks_of_very_many_values_are_round(tmp_path: Path) -> None:
    """And those of few stand at each of them, or at as many as have room."""
    sides = [str(side) for side in range(32, 513)]
    rows = [{"network": "n", "resolution": side, "mult_adds": int(side) ** 2} for side in sides]

    def ticks(points: Rows) -> list[str]:
        write_plot(points, str(tmp_path / "t.svg"), None, "n", "mult_adds")
        return [text for text in texts(tmp_path / "t.svg") if text in sides]

    assert [str(side) for side in range(50, 501, 50)] == ticks(rows)
    assert sides[::96] == ticks(rows[::96])


def test_points_in_the_terminal_name_their_network() -> None:
    one, two = ("sweep", "mobilenet_v1", "-a", "0.5,1"), ("sweep", "mobilenet_v1", "mobilenet_v2", "-a", "0.5,1")

    assert (
        "\nmobilenet_v1 0.5 63.7 % at 150M\nmobilenet_v2 1 72.0 % at 301M\n" in run(*two, "--kind", "accuracy").stdout
    )
    assert "\n0.5 63.7 % at 150M\n" in run(*one, "--kind", "accuracy").stdout


def test_ticks_in_the_terminal_stand_at_the_values() -> None:
    """Under the very column of the points."""
    lines = terminal_plot(TWO, "alpha", "title", "mult_adds", 80).splitlines()
    ruler = next(index for index, line in enumerate(lines) if line.startswith("-----------|"))
    top = next(line for line in lines if " | " in line and "o" in line.partition(" | ")[2])

    assert ["0.5", "0.75", "1"] == lines[ruler + 1].split()[1:]
    assert lines[ruler][top.rindex("o")] == "|"
    assert 3 == lines[ruler][12:].count("|")


def test_ticks_of_logarithms_in_the_terminal_are_round() -> None:
    lines = terminal_plot(ACCURACY, "accuracy", "title", "mult_adds", 80).splitlines()
    ruler = next(index for index, line in enumerate(lines) if line.startswith("-----------|"))

    assert ["20.0M", "50.0M", "100M", "200M", "500M"] == lines[ruler + 1].split()[1:]


def test_what_stands_below_stays_without_a_title(tmp_path: Path) -> None:
    """No figure without its convention."""
    file = tmp_path / "a.svg"
    run("report", "lenet5", "--plot", str(file), "--title", "")

    assert any("by the convention paper" in text for text in texts(file))
    assert "LeNet-5" not in texts(file)


def test_compressed_layers_of_a_deep_network_have_names() -> None:
    from costcalc.report.plots.compressed import bars_of

    found: Compressed = api.compress("densenet121@prune=0.1")
    bars = bars_of(found)

    assert len(bars) <= 64 < len(found.layers)
    assert found.total.dense_bytes == sum(bar.dense for bar in bars)
    assert found.total.stored_bytes == sum(bar.stored for bar in bars)


def test_a_layer_made_of_factors_is_one_bar() -> None:
    """Beside the dense layer that they stand for, not beside nothing."""
    from costcalc.report.plots.compressed import bars_of

    conv1, conv2, linear1, linear2 = bars_of(api.compress("lenet_caffe@factorise=conv2=tucker:8:10,linear1=64"))

    assert ["conv1", "conv2", "linear1", "linear2"] == [bar.name for bar in (conv1, conv2, linear1, linear2)]
    assert (4 * 20 * 50 * 25, 4 * (20 * 8 + 8 * 10 * 25 + 10 * 50)) == (conv2.dense, conv2.parts["value_bytes"])
    assert (4 * 800 * 500, 4 * (800 * 64 + 64 * 500)) == (linear1.dense, linear1.parts["value_bytes"])


def test_the_docs_show_every_kind(root: Path) -> None:
    """A picture of each, with the command that draws it."""
    page = (root / "docs" / "plots.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^### (\w+): ", page, re.M))

    assert {str(kind) for kind in PlotKind} - {"terminal"} <= shown
    assert {"waterfall", "compressed"} <= shown
