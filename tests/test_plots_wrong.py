"""What cannot be drawn: rows, files, kinds and options, word for word; what stood there stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from picturing import run
from plotted import LAYERS, NETWORKS, POINTS, TITLE

from costcalc.errors import UsageError
from costcalc.report.plots import check_plot, terminal_plot, write_plot


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
