"""Charts in Mermaid: what they say, that the grammar takes them, that no text of a stranger gets out of its quotes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from checking import SCALED, write_branches
from click.testing import CliRunner

from costcalc.cli.main import main
from costcalc.errors import UsageError
from costcalc.report.diagrams.chart import mermaid_chart
from costcalc.report.diagrams.text import mermaid_text

PALETTE = r'"themeVariables": \{"xyChart": \{"plotColorPalette": "#\w{6}(, #\w{6})*"\}\}'
INIT = rf'%%\{{init: \{{{PALETTE}(, "xyChart": \{{"height": \d+\}})?\}}\}}%%'
TEXT = r'"(?!`)[^"]+"'
NUMBER = r"\d+(\.\d+)?"
DATA = rf"\[{NUMBER}(, {NUMBER})*\]"
GRAMMAR = [
    rf"{INIT}",
    r"xychart-beta( horizontal)?",
    rf"  x-axis ({TEXT} )?(\[{TEXT}(, {TEXT})*\]|{NUMBER} --> {NUMBER})",
    rf"  y-axis {TEXT} 0 --> {NUMBER}",
    rf"(  (line|bar)( {TEXT})? {DATA}\n?)+",
]
"""The lines of a chart. Source: mermaid's packages/mermaid/src/diagrams/xychart/parser/xychart.jison, at 13e8d8d."""


def chart(*args: str) -> tuple[list[str], str]:
    """The lines of a command's chart, read by the grammar, and the line below it."""
    result = CliRunner().invoke(main, [*args, "--format", "mermaid"])
    assert 0 == result.exit_code, result.output
    match = re.fullmatch(r"```mermaid\n(.*?)```\n\n(.*)\n", result.stdout, flags=re.S)
    assert match, result.stdout
    assert re.fullmatch("\n".join(GRAMMAR), match[1]), match[1]
    return match[1].splitlines(), match[2]


def test_a_sweep_is_lines() -> None:
    """Figures in millions; the line below names the lines, which older Mermaid has no legend for."""
    lines, caption = chart("sweep", "mobilenet_v1", "-a", "0.5,1", "-r", "128,224")

    assert [
        '  x-axis "width multiplier α" ["0.5", "1"]',
        '  y-axis "Mult-Adds, M" 0 --> 597.17737',
        '  line "resolution 128" [49.16019, 186.40077]',
        '  line "resolution 224" [149.49709, 568.74035]',
    ] == lines[2:]
    assert caption.startswith(r"mobilenet\_v1, convention paper: multiply-adds")
    assert caption.endswith("; lines from the top at alpha 1: resolution 224 / resolution 128")


def test_bytes_and_another_axis() -> None:
    lines, _ = chart("sweep", "mobilenet_v1", "-r", "160,224", "--measure", "peak_bytes", "--kind", "resolution")

    assert ['  y-axis "peak activations, MB" 0 --> 5.05774', "  line [2.4576, 4.8169]"] == lines[3:]


def test_many_even_numbers_are_a_range() -> None:
    lines, _ = chart("sweep", "mobilenet_v1", "-r", "32:80:1")

    assert '  x-axis "resolution (side of the input)" 32 --> 80' == lines[2]
    assert 49 == len(lines[4].split(","))


def test_layers_are_bars() -> None:
    lines, caption = chart("report", "lenet5")

    assert "xychart-beta horizontal" == lines[1]
    assert '["C1", "threes.conv1", "fours.conv1", "all.conv1", "C5", "F6"' in lines[2]
    assert lines[4].startswith("  bar [117.6, 45, 90, 15, 48, 10.08")
    assert "LeNet-5, input 32x32x1, alpha 1; Mult-Adds by the convention paper" == caption


def test_of_many_layers_the_costliest() -> None:
    lines, caption = chart("report", "googlenet", "--measure", "params")

    assert 40 == len(lines[4].split(","))
    assert re.search(r"; the 40 that cost most of \d+$", caption)


def test_networks_are_bars() -> None:
    lines, _ = chart("compare", "mobilenet_v1", "lenet5")

    assert '  x-axis ["mobilenet_v1", "lenet5"]' == lines[2]
    assert "  bar [568.74035, 0.32652]" == lines[4]


def test_the_best_points_are_bars() -> None:
    """Each an answer by itself: no line goes through them."""
    lines, caption = chart("sweep", "mobilenet_v1", "lenet5", "-a", "0.5,1", "--max-params", "2M", "--best")

    assert caption.endswith("; a bar's name: network, alpha, resolution")
    assert '  x-axis ["mobilenet_v1, 0.5, 224", "lenet5, 1, 32"]' == lines[2]
    assert lines[4].startswith("  bar [149.49709, ")


@pytest.fixture
def branches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec, and a folder where another branch has it narrower."""
    write_branches(tmp_path, tmp_path / "base")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_base_branch_stands_behind(branches: Path) -> None:
    """At alpha 1, 64 (3 x 16 + 16 x 8) Mult-Adds against 64 (3 x 8 + 8 x 8); drawn first, so behind, and grey."""
    lines, caption = chart("sweep", "scaled.yaml", "-a", "0.5,1", "--base", "base")

    assert ['  line "base branch" [2.816, 5.632]', '  line "this branch" [5.632, 11.264]'] == lines[4:]
    assert '"plotColorPalette": "#b8bec4, #0072b2"' in lines[0]
    assert caption.endswith("grey: the base branch")


def test_one_point_of_both_branches_is_two_bars(branches: Path) -> None:
    lines, _ = chart("sweep", "scaled.yaml", "--base", "base")

    assert ['  x-axis ["scaled, base branch", "scaled, this branch"]', "  bar [5.632, 11.264]"] == [lines[2], lines[4]]


def test_a_base_branch_that_is_wrong_is_told_and_left_out(branches: Path) -> None:
    (branches / "base" / "scaled.yaml").write_text(SCALED.replace("conv", "cnov"), encoding="utf-8")
    result = CliRunner().invoke(main, ["sweep", "scaled.yaml", "-a", "0.5,1", "--base", "base", "-f", "mermaid"])

    assert 0 == result.exit_code
    assert "base branch" not in result.stdout
    assert result.stderr.startswith("left out: base/scaled.yaml: ")


@pytest.mark.parametrize("network", ["lenet5", "new.yaml"])
def test_what_the_base_branch_has_not_is_drawn_alone(branches: Path, network: str) -> None:
    (branches / "new.yaml").write_text(SCALED, encoding="utf-8")

    assert 5 == len(chart("sweep", network, "-a", "0.5,1", "--base", "base")[0])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("sweep mobilenet_v1 -r 32,64 --base .", "--base without a chart of a sweep"),
        (
            "sweep mobilenet_v1 -r 32,64 -f mermaid --measure params,mult_adds",
            "mermaid: params and mult_adds in one chart",
        ),
        ("sweep mobilenet_v1 -r 32,64 -f mermaid --kind heatmap", "kind heatmap is no Mermaid chart"),
        ("sweep mobilenet_v1 -r 32,64 -f mermaid --kind alpha", "kind alpha: alpha does not vary"),
        ("sweep mobilenet_v1 -r 32:64:2 -a 0.1:1:0.1 -f mermaid --kind alpha", "17 lines in one chart"),
        ("report lenet5 -f mermaid --short", "--short does not go with mermaid"),
        ("report lenet5 -f mermaid --explain-peak", "--explain-peak does not go with --format mermaid"),
        ("report lenet5 -f mermaid --convention all", "--format mermaid with --convention all"),
        ("compare lenet5 nin -f mermaid --convention all", "--format mermaid with --convention all"),
        ("report lenet5 -f mermaid --measure live_bytes", "kind memory is no Mermaid chart"),
    ],
)
def test_wrong_charts(args: str, message: str) -> None:
    result = CliRunner().invoke(main, args.split())

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(f"Error: {message}")


def test_a_value_that_not_all_lines_have_is_left_out_and_said() -> None:
    """Never guessed: the chart has no gaps."""
    rows = [
        {"network": name, "alpha": alpha, "mult_adds": figure}
        for name, alpha, figure in (("a", "0.5", 1), ("a", "1", 2), ("b", "1", 3), ("b", "0.5", 4), ("b", "2", 5))
    ]
    text = mermaid_chart(rows, "alpha", "t", "mult_adds")

    assert '["0.5", "1"]' in text
    assert '  line "a" [1, 2]\n  line "b" [4, 3]\n' in text
    assert text.endswith("lines from the top at alpha 1: b / a; without alpha 2, which not all lines have\n")


def test_bars_of_one_name_stay_apart() -> None:
    rows = [{"network": "a", "mult_adds": 1}, {"network": "a", "mult_adds": 2}]

    assert '["a", "a (2)"]' in mermaid_chart(rows, "compare", "t", "mult_adds")


def test_no_rows() -> None:
    with pytest.raises(UsageError, match="there is nothing to draw"):
        mermaid_chart([], None, "t", "mult_adds")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('a "b"', "\"a 'b'\""),
        ("`a`", "\"'a'\""),
        ("a]\n  line [1]", '"a]   line [1]"'),
        ("%%{init: {}}%%", '"% %{init: {}}% %"'),
        ("%%%", '"% % %"'),
        ("#quot;", '"#quot,"'),
        ("```", "\"'''\""),
        ("", '" "'),
    ],
)
def test_texts_stay_in_their_quotes(text: str, shown: str) -> None:
    assert shown == mermaid_text(text)
