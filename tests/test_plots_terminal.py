"""Plots in a terminal: as wide as it is, every point, figures in a table."""

from __future__ import annotations

import pytest
from picturing import run
from plotted import POINTS, ROWS

from costcalc.report.plots import PlotKind, terminal_plot


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


def test_report_in_the_terminal() -> None:
    """Any kind without a file."""
    assert run("report", "vgg16", "--kind", "layers").stdout == run("report", "vgg16", "--kind", "terminal").stdout
    lines = run("report", "vgg16", "--kind", "terminal").stdout.splitlines()

    assert lines[3].split() == ["conv1", "86.70M", "█▏", "1.792k"]
