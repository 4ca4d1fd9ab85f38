"""Pictures: same rows, same bytes; what they show is in them; wrong rows are refused; nothing covers anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from catalogued import each
from click.testing import CliRunner, Result

from costcalc.analysis.frontier import frontier
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.report.plots import PlotKind, check_plot, terminal_plot, write_plot
from costcalc.report.plots.axes import axes_of
from costcalc.report.plots.bars import runs
from costcalc.report.plots.kinds import suited
from costcalc.report.plots.scatter import labels_of

# slim/nets/mobilenet_v1.md: the sixteen models, millions of Mult-Adds and top-1
README = {
    "1": {224: (569, 70.9), 192: (418, 70.0), 160: (291, 68.0), 128: (186, 65.2)},
    "0.75": {224: (317, 68.4), 192: (233, 67.2), 160: (162, 65.3), 128: (104, 62.1)},
    "0.5": {224: (150, 63.3), 192: (110, 61.7), 160: (77, 59.1), 128: (49, 56.3)},
    "0.25": {224: (41, 49.8), 192: (34, 47.7), 160: (21, 45.5), 128: (14, 41.5)},
}
PARAMS = {"1": 4240000, "0.75": 2590000, "0.5": 1340000, "0.25": 470000}
POINTS: list[dict[str, Any]] = [
    {
        "network": "mobilenet_v1",
        "alpha": alpha,
        "beta": "1",
        "resolution": resolution,
        "batch": 1,
        "mult_adds": millions * 10**6,
        "params": PARAMS[alpha],
        "weight_bytes": 4 * PARAMS[alpha],
        "peak_activation_bytes": 96 * resolution**2,
        "top1": top1,
    }
    for alpha, sides in README.items()
    for resolution, (millions, top1) in sides.items()
]
NETWORKS: list[dict[str, Any]] = [
    {"network": "vgg16", "family": "vgg", "input": "224x224x3", "mult_adds": 15470264320, "params": 138357544,
     "top1": 73.0},
    {"network": "resnet50", "family": "resnet", "input": "224x224x3", "mult_adds": 3857973248, "params": 25557032,
     "top1": 75.3},
    {"network": "x3d_s", "family": "x3d", "input": "13x160x160x3", "mult_adds": 1962892112, "params": 3794274,
     "top1": 72.9},
    {"network": "lenet5", "family": "lenet", "input": "32x32x1", "mult_adds": 416520, "params": 61706, "top1": None},
]  # fmt: skip
LAYERS: list[dict[str, Any]] = [
    {"name": "conv1", "op": "conv", "input": "8x8x3", "output": "8x8x16", "mult_adds": 27648, "params": 448},
    {"name": "pool1", "op": "maxpool", "input": "8x8x16", "output": "4x4x16", "mult_adds": 0, "params": 0},
    {"name": "linear1", "op": "linear", "input": "1x1x256", "output": "1x1x10", "mult_adds": 2560, "params": 2570},
]
ROWS = {
    PlotKind.ALPHA: POINTS,
    PlotKind.RESOLUTION: POINTS,
    PlotKind.SETTING: [{"network": "n", "groups": g, "mult_adds": 10**7 // g, "params": 9} for g in (1, 2, 3, 4, 8)],
    PlotKind.HEATMAP: POINTS,
    PlotKind.ACCURACY: POINTS,
    PlotKind.LAYERS: LAYERS,
    PlotKind.CATALOGUE: NETWORKS,
    PlotKind.COMPARE: NETWORKS,
}
TITLE = "MobileNetV1: Mult-Adds by the convention paper"


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def svg(tmp_path: Path, rows: list[dict[str, Any]], kind: str | None, total: str = "mult_adds") -> list[str]:
    """The texts of a picture, in order."""
    file = tmp_path / "picture.svg"
    write_plot(rows, str(file), kind, TITLE, total)
    return ["".join(text.itertext()) for text in ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text")]


PICTURES = [(kind, ending) for kind in ROWS for ending in ("svg", "png", "pdf")]
BYTES = PICTURES[::4]


@pytest.mark.parametrize("picture", each(PICTURES, BYTES), ids="-".join)
def test_same_rows_same_bytes(picture: tuple[PlotKind, str], tmp_path: Path) -> None:
    kind, ending = picture
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending.upper()}"
    for file in (first, second):
        write_plot(ROWS[kind], str(file), str(kind), TITLE, "mult_adds")

    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[ending])


def test_the_persons_own_matplotlib_settings_change_nothing(tmp_path: Path) -> None:
    """Neither a matplotlibrc nor the order of sets and the date."""
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nfont.size: 30\nbackend: pdf\nsvg.hashsalt: other\n")
    made = []
    for seed, settings in (("1", {}), ("2", {"MATPLOTLIBRC": str(tmp_path), "SOURCE_DATE_EPOCH": "0"})):
        file = tmp_path / f"{seed}.svg"
        subprocess.run(
            [sys.executable, "-m", "costcalc", "report", "lenet5", "--plot", str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed, **settings}, check=True, capture_output=True,
        )  # fmt: skip
        made.append(file.read_bytes())

    assert made[0] == made[1]
    assert b"date" not in made[0]


def test_alpha(tmp_path: Path) -> None:
    words = svg(tmp_path, POINTS, "alpha")

    assert {"width multiplier α", "Mult-Adds", "resolution", "224", "192", "160", "128", "500M", TITLE} <= set(words)
    assert ["0.25", "0.5", "0.75", "1"] == words[:4]


def test_resolution_and_beta(tmp_path: Path) -> None:
    words = svg(tmp_path, POINTS, "resolution")

    assert {"resolution (side of the input)", "α", "0.75", "128", "224"} <= set(words)

    beta = [{**row, "beta": f"{row['resolution'] // 32}/7", "resolution": 224} for row in POINTS]
    words = svg(tmp_path, beta, "resolution")

    assert {"resolution multiplier β", "4/7", "5/7", "6/7", "7/7"} <= set(words)


def test_heatmap_writes_its_figures(tmp_path: Path) -> None:
    words = svg(tmp_path, POINTS, "heatmap")

    assert {"569M", "41.0M", "14.0M", "233M", "width multiplier α", "Mult-Adds (logarithmic)"} <= set(words)


def test_heatmap_with_holes_and_many_cells(tmp_path: Path) -> None:
    grid = [
        {"network": "n", "alpha": f"{a}/100", "resolution": r, "mult_adds": a * a * r * r, "params": a}
        for a in range(1, 61)
        for r in range(32, 232, 4)
        if (a + r) % 7
    ]

    assert suited(grid, "mult_adds") is PlotKind.HEATMAP
    assert "Mult-Adds (logarithmic)" in svg(tmp_path, grid, None)


def test_accuracy_names_every_point(tmp_path: Path) -> None:
    words = svg(tmp_path, POINTS, "accuracy")

    assert {f"{alpha}-{side}" for alpha in README for side in README[alpha]} <= set(words)
    assert {"frontier", "top-1 accuracy, % (published)", "Mult-Adds (logarithmic)"} <= set(words)


Box = tuple[float, float, float, float]


def boxes(file: Path) -> dict[str, Box]:
    """Where the labels of points stand in an SVG: left, top, right, bottom, by the width of an average letter."""
    found = {}
    for text in ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text"):
        label, style = "".join(text.itertext()), text.get("style", "")
        if not re.fullmatch(r"[\d.]+-\d+", label):
            continue
        size = float(re.findall(r"font-size: ([\d.]+)px", style)[0])
        wide, x, y = 0.55 * size * len(label), float(text.get("x", "nan")), float(text.get("y", "nan"))
        anchor = re.findall(r"text-anchor: (\w+)", style)
        left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor[0] if anchor else "start"]
        found[label] = (left, y - 0.7 * size, left + wide, y)
    return found


def cross(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_crossing_boxes_are_seen() -> None:
    assert cross((0, 0, 2, 2), (1, 1, 3, 3))
    assert not cross((0, 0, 2, 2), (2.1, 0, 3, 3))


def test_labels_of_points_do_not_overlap(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    write_plot(POINTS, str(file), "accuracy", TITLE, "mult_adds")
    found = boxes(file)

    assert 16 == len(found)
    assert [] == [pair for pair in combinations(found, 2) if cross(found[pair[0]], found[pair[1]])]


def test_accuracy_says_how_many_points_have_none(tmp_path: Path) -> None:
    some = [{**row, "top1": row["top1"] if row["alpha"] == "1" else None} for row in POINTS]

    assert "dashed: the frontier; 12 of 16 points have no published top-1" in svg(tmp_path, some, "accuracy")


def test_one_is_singular_and_videos_alone_are_compared(tmp_path: Path) -> None:
    one = [{**row, "top1": None} if row is POINTS[0] else row for row in POINTS]
    videos = [{**row, "input": "4x160x160x3"} for row in NETWORKS]

    assert "1 of 16 points has no published top-1" in svg(tmp_path, one, "accuracy")
    assert "1 of 4 networks has no published top-1" in svg(tmp_path, videos, "catalogue")


def test_frontier() -> None:
    points = [(569, 70.9), (418, 70.0), (400, 65.0), (418, 69.0), (41, 49.8), (570, 70.9)]

    assert [4, 2, 1, 0] == frontier(points)


def test_catalogue(tmp_path: Path) -> None:
    """Networks for video are not beside those for images."""
    words = svg(tmp_path, NETWORKS, None)

    assert {"family", "vgg", "resnet", "vgg16", "resnet50"} <= set(words)
    assert not {"x3d", "lenet"} & set(words)
    assert "2 of 4 networks have no published top-1 on images" in words


def test_layers(tmp_path: Path) -> None:
    words = svg(tmp_path, LAYERS, None)

    assert {"conv1", "linear1", "27.65k", "2.570k", "Mult-Adds: 30.21k", "parameters: 3.018k"} <= set(words)
    assert "without 1 row that has neither Mult-Adds nor parameters" in words
    assert "pool1" not in words


def test_compare_gives_ratios(tmp_path: Path) -> None:
    words = svg(tmp_path, NETWORKS[:2], "compare")

    assert {"vgg16", "resnet50", "15.47G", "138.4M"} <= {word.split()[0] for word in words}
    assert any(re.fullmatch(r"3\.858G\s+×0\.249", word) for word in words)


def test_many_layers_are_named_in_runs() -> None:
    names = [f"mbconv{n}.{part}" for n in range(1, 41) for part in ("conv1", "dwconv1")]
    rows = [{"name": "conv1", "output": "32x32x8"}]
    rows += [{"name": name, "output": "16x16x8" if i < 20 else "8x8x8"} for i, name in enumerate(names)]

    assert [("conv1", 0, 1), ("mbconv1 .. mbconv10", 1, 21), ("mbconv11 .. mbconv40", 21, 81)] == list(runs(rows))


def test_a_deep_network_stays_readable(tmp_path: Path) -> None:
    file = tmp_path / "d.svg"
    result = run("report", "densenet201", "--by", "layer", "--plot", str(file))
    words = re.findall(r">([^<>]+)</text>", file.read_text())

    assert 0 == result.exit_code
    assert {"block1", "transition1", "block3", "block4", "fc"} <= set(words)
    assert len(words) < 40


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (POINTS, PlotKind.ALPHA),
        ([row for row in POINTS if row["alpha"] == "1"], PlotKind.RESOLUTION),
        ([row for row in POINTS if row["resolution"] == 224], PlotKind.ALPHA),
        (ROWS[PlotKind.SETTING], PlotKind.SETTING),
        (POINTS[:1], PlotKind.COMPARE),
        ([{**row, "network": str(i)} for i, row in enumerate(POINTS[:1] * 3)], PlotKind.COMPARE),
        (LAYERS, PlotKind.LAYERS),
        (NETWORKS, PlotKind.CATALOGUE),
    ],
)
def test_the_kind_follows_what_varies(rows: list[dict[str, Any]], kind: PlotKind) -> None:
    assert kind is suited(rows, "mult_adds")


@pytest.mark.parametrize(
    ("rows", "kind", "total", "message"),
    [
        ([], None, "mult_adds", "there is nothing to draw\n  expected: at least one point"),
        (POINTS, "alfa", "mult_adds", "unknown kind of plot 'alfa'\n"),
        (POINTS, "alfa", "mult_adds", "did you mean 'alpha'?"),
        (POINTS, None, "mult_add", "no column 'mult_add' to draw\n"),
        (POINTS, None, "mult_add", "did you mean 'mult_adds'?"),
        (POINTS[:1], "alpha", "mult_adds", "kind alpha: alpha does not vary in these points"),
        (POINTS[:4], "alpha", "mult_adds", "expected: a kind for what varies: resolution"),
        (POINTS, "setting", "mult_adds", "kind setting: no other setting varies"),
        (POINTS[:4], "heatmap", "mult_adds", "kind heatmap: 1 setting varies (resolution)\n  expected: two that vary"),
        (POINTS, "layers", "mult_adds", "kind layers: these rows are whole networks"),
        (LAYERS, "accuracy", "mult_adds", "kind accuracy: these rows are layers"),
        (NETWORKS[3:], "accuracy", "mult_adds", "no published top-1 for any of these points"),
        (POINTS * 10, "compare", "mult_adds", "kind compare: 160 bars\n  expected: at most 100"),
    ],
)
def test_wrong_rows(rows: list[dict[str, Any]], kind: str | None, total: str, message: str, tmp_path: Path) -> None:
    """The file that was there stays, and nothing is left beside it."""
    file = tmp_path / "a.svg"
    file.write_text("old")
    with pytest.raises(UsageError) as error:
        write_plot(rows, str(file), kind, TITLE, total)

    assert message in str(error.value)
    assert ["a.svg"] == [left.name for left in tmp_path.iterdir()]
    assert "old" == file.read_text()
    with pytest.raises(UsageError):
        terminal_plot(rows, kind, TITLE, total, 80)


@pytest.mark.parametrize(
    ("file", "kind", "message"),
    [
        ("a.gif", None, "a.gif: '.gif' is no picture\n  expected: a file that ends in .pdf, .png or .svg"),
        ("plots/a.sgv", None, "did you mean 'plots/a.svg'?"),
        ("a", None, "a: a picture needs an ending"),
        ("", None, ": a picture needs an ending"),
        ("a.svg", "terminal", "kind terminal draws in the terminal, not into a.svg"),
        (None, "heat", "unknown kind of plot 'heat'"),
    ],
)
def test_wrong_files_and_kinds(file: str | None, kind: str | None, message: str) -> None:
    with pytest.raises(UsageError) as error:
        check_plot(file, kind)

    assert message in str(error.value)


def test_any_title_is_drawn(tmp_path: Path) -> None:
    """Dollars are no mathematics, and what no font and no XML has does no harm."""
    file = tmp_path / "a.svg"
    write_plot(POINTS, str(file), None, "a$b_c$ <&> \x01 \u4e2d " + "long " * 40, "mult_adds")
    texts = " ".join("".join(text.itertext()) for text in ElementTree.parse(file).iter())

    assert "a$b_c$ <&>" in texts


@pytest.mark.parametrize("kind", [None, *map(str, ROWS), "terminal"])
def test_terminal(kind: str | None) -> None:
    rows = ROWS.get(PlotKind(kind), POINTS) if kind else POINTS
    text = terminal_plot(rows, kind, "title", "mult_adds", 80)

    assert text.startswith("title\n\n")
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert [line.rstrip() for line in text.splitlines()] == text.splitlines()


def test_terminal_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal

    assert "\x1b[36m" in terminal_plot(POINTS, None, "title", "mult_adds", 80, colour=True)


def test_terminal_draws_every_point() -> None:
    """The ends of the lines too, which lie on the border; the axes have round figures."""
    text = terminal_plot(POINTS, "resolution", "title", "mult_adds", 120)
    diagram = "".join(line.partition(" | ")[2] for line in text.splitlines() if " | " in line)

    assert "α: o 1   + 0.75   x 0.5   * 0.25" in text
    assert [4, 4, 4, 4] == [diagram.count(sign) for sign in "o+x*"]
    assert "600M |" in text


def test_terminal_heatmap_is_a_table() -> None:
    lines = terminal_plot(POINTS, "heatmap", "title", "mult_adds", 80).splitlines()

    assert ["192", "34.0M", "110M", "233M", "418M"] in [line.split() for line in lines]


def test_report_and_list_draw_besides(tmp_path: Path) -> None:
    """The table is printed as ever; the picture is made as well."""
    file = tmp_path / "vgg16.svg"
    result = run("report", "vgg16", "--plot", str(file))

    assert run("report", "vgg16").stdout == result.stdout
    assert ">VGG-16</text>" in file.read_text()
    assert ">input 224x224x3, alpha 1; Mult-Adds by the convention paper; without 10 rows" in file.read_text()

    result = run("list", "mobilenet_v3", "--plot", str(file), "-f", "csv")
    assert 0 == result.exit_code
    assert result.stdout.startswith("network,title,family,")
    assert ">mobilenet_v3_large_minimalistic</text>" in file.read_text()


def test_report_in_the_terminal() -> None:
    """Any kind without a file."""
    assert run("report", "vgg16", "--kind", "layers").stdout == run("report", "vgg16", "--kind", "terminal").stdout
    lines = run("report", "vgg16", "--kind", "terminal").stdout.splitlines()

    assert lines[3].split() == ["conv1", "86.70M", "█▏", "1.792k"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["report", "vgg16", "--plot", "a.jpeg"], "a.jpeg: '.jpeg' is no picture"),
        (["report", "vgg16", "--plot", "nowhere/a.svg"], "nowhere/a.svg: no such file or directory"),
        (["report", "vgg16", "--kind", "alpha"], "'alpha' is not one of 'layers', 'scatter', 'memory', 'terminal'"),
        (
            ["report", "vgg16", "--kind", "terminal", "--plot", "a.svg"],
            "kind terminal draws in the terminal, not into a.svg",
        ),
        (["list", "lenet_300", "--plot", "a.svg"], "no published top-1 for any of these points"),
    ],
)
def test_wrong_use(args: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*args)

    assert 2 == result.exit_code
    assert message in result.stderr
    assert "" == result.stdout
    assert [] == list(tmp_path.iterdir())


def test_published_top1_of_the_catalogue() -> None:
    """MobileNetV1, Table 4; ShuffleNetV1 g=8, Table 2; LeNet was measured on other data."""
    from costcalc import api

    for name, top1 in (("mobilenet_v1", 70.6), ("shufflenet_v1_g8", 67.6), ("lenet5", None)):
        assert top1 == {record["network"]: record["top1"] for record in api.networks(name).rows}[name]


def test_drawing_is_loaded_only_to_draw() -> None:
    script = "import costcalc.cli.report, costcalc.cli.list, costcalc.report, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert not {"matplotlib", "plotille", "numpy"} & set(loaded)


def test_the_python_of_the_docs_runs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(
        r"^```python\n(.*?)^```", (root / "docs" / "plots.md").read_text(encoding="utf-8"), re.S | re.M
    )
    exec(compile(code, "plots.md", "exec"), {})

    assert b">500M</text>" in (tmp_path / "mobilenet_v1.svg").read_bytes()


def test_points_of_several_networks_are_told_apart() -> None:
    """Where settings alone would be the name of several points, if they are few."""
    rows = [{"network": network, "alpha": alpha, "mult_adds": 1}
            for network, alpha in (("a", "1"), ("b", "1"), ("b", "2"))]  # fmt: skip
    axes = axes_of(rows, "mult_adds")

    assert ["a 1", "b 1", "b 2"] == labels_of(rows, axes)
    assert ["1", "2"] == labels_of([rows[0], rows[2]], axes)
    assert ["1"] * 18 == labels_of([*rows[:2]] * 9, axes)
    assert ["a", "b"] == labels_of(rows[:2], axes[:1])
