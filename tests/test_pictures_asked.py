"""Pictures as they are asked for: by stage or layer, with titles, sizes and letters, in files and in the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from catalogued import each
from picturing import Rows, accuracy, run, two

from costcalc import api
from costcalc.analysis.compress.by_step import Compressed
from costcalc.errors import UsageError
from costcalc.report.pictured import pictured
from costcalc.report.plots import PlotKind, read_page, terminal_plot, write_plot


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


def test_a_frontier_of_the_catalogue_is_drawn_over_its_own_columns(tmp_path: Path) -> None:
    """Whichever stands first; --measure has the last word."""
    file = tmp_path / "f.svg"
    for words, axis in (("--pareto top1,params", "parameters (logarithmic)"),
                        ("--pareto params,top1 --measure mult_adds", "Mult-Adds (logarithmic)")):  # fmt: skip
        assert 0 == run("list", "mnasnet", *words.split(), "--plot", str(file)).exit_code
        assert {axis, "top-1 accuracy, % (published)"} <= set(texts(file))


def test_layers_that_a_page_has_no_room_for_are_drawn_by_stage() -> None:
    """MobileNetV2's 53 on a column would be as high as two pages; on the width of a page they are not."""
    report = api.load("mobilenet_v2").report()
    rows, note = pictured(report, ["mult_adds"], read_page(size="column"), ", said")

    assert "bottleneck4 .. bottleneck6" in [row["name"] for row in rows]
    assert note.endswith("; by stage, said")
    assert len(report.rows) == len(pictured(report, ["mult_adds"], read_page(size="page"), "")[0])
    assert len(report.rows) == len(pictured(report, ["mult_adds"], read_page(size="column"))[0])
    assert len(rows) == len(pictured(report, ["mult_adds"], read_page(size="180x100mm"), "")[0])


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


@pytest.mark.parametrize("args", each(DRAWN, DRAWN[::3]), ids=lambda args: args[0])
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
            "'colum' is no size of a picture\n  expected: column, page, or WxH in inches, mm or cm: 3.5x2.5, 90x60mm, ",
        ),
        ("colum", "did you mean 'column'?"),
        ("3", "'3' is no size of a picture"),
        ("3x2px", "'3x2px' is no size of a picture"),
        ("90x60", "'90x60': 90 by 60 inches is too large for a picture\n  expected: 1 to 60 inches each\n"),
        ("90x60", "did you mean '90x60mm'?"),
        ("5x5mm", "'5x5mm': 5 by 5 mm is too small for a picture\n  expected: 25.4 to 1524 mm each"),
        (
            "90x60mm",
            "--size: the picture needs 123 mm of height with letters of 8 points\n  expected: --size 90x124mm, ",
        ),
        ("nanx2", "'nanx2' is no size of a picture"),
        (
            "3.5x1.2",
            "--size: the picture needs 4.84 inches of height with letters of 8 points\n  expected: --size 3.5x4.9, ",
        ),
    ],
)
def test_wrong_sizes(size: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    result = run("report", "vgg16", "--by", "layer", "--plot", str(file), "--size", size)

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


def test_ticks_of_a_short_logarithmic_axis_do_not_touch(tmp_path: Path) -> None:
    """Within less than a decade, on a column."""
    file = tmp_path / "s.svg"
    rows = [{"network": str(cost), "mult_adds": cost * 10**6, "top1": str(cost / 4)} for cost in (221, 290)]
    write_plot(rows, str(file), "accuracy", "n", "mult_adds", page=read_page(size="column"))

    assert ["200M", "250M", "300M", "350M"] == [text for text in texts(file) if re.fullmatch(r"\d+M", text)]


def test_points_in_the_terminal_name_their_network() -> None:
    one, two = ("sweep", "mobilenet_v1", "-a", "0.5,1"), ("sweep", "mobilenet_v1", "mobilenet_v2", "-a", "0.5,1")

    assert (
        "\nmobilenet_v1 0.5 63.7 % at 150M\nmobilenet_v2 1 72.0 % at 301M\n" in run(*two, "--kind", "accuracy").stdout
    )
    assert "\n0.5 63.7 % at 150M\n" in run(*one, "--kind", "accuracy").stdout


def test_ticks_in_the_terminal_stand_at_the_values() -> None:
    """Under the very column of the points."""
    lines = terminal_plot(two(), "alpha", "title", "mult_adds", 80).splitlines()
    ruler = next(index for index, line in enumerate(lines) if line.startswith("-----------|"))
    top = next(line for line in lines if " | " in line and "o" in line.partition(" | ")[2])

    assert ["0.5", "0.75", "1"] == lines[ruler + 1].split()[1:]
    assert lines[ruler][top.rindex("o")] == "|"
    assert 3 == lines[ruler][12:].count("|")


def test_ticks_of_logarithms_in_the_terminal_are_round() -> None:
    lines = terminal_plot(accuracy(), "accuracy", "title", "mult_adds", 80).splitlines()
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
