"""Pictures: same rows, same bytes; what they show is in them; names of points do not overlap."""

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
from picturing import Box, crossing, run
from plotted import LAYERS, NETWORKS, POINTS, README, ROWS, TITLE, svg

from costcalc.analysis.frontier import frontier
from costcalc.report.plots import PlotKind, write_plot
from costcalc.report.plots.axes import axes_of
from costcalc.report.plots.bars import runs
from costcalc.report.plots.kinds import suited
from costcalc.report.plots.scatter import labels_of

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


def test_labels_of_points_do_not_overlap(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    write_plot(POINTS, str(file), "accuracy", TITLE, "mult_adds")
    found = boxes(file)

    assert 16 == len(found)
    assert [] == [pair for pair in combinations(found, 2) if crossing(found[pair[0]], found[pair[1]], 0)]


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


def test_any_title_is_drawn(tmp_path: Path) -> None:
    """Dollars are no mathematics, and what no font and no XML has does no harm."""
    file = tmp_path / "a.svg"
    write_plot(POINTS, str(file), None, "a$b_c$ <&> \x01 \u4e2d " + "long " * 40, "mult_adds")
    texts = " ".join("".join(text.itertext()) for text in ElementTree.parse(file).iter())

    assert "a$b_c$ <&>" in texts


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
