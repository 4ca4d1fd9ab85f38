"""Tables as LaTeX: rules, signs, caption and label, and that LaTeX takes them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from costcalc import api
from costcalc.cli.main import main
from costcalc.report.latex import latex_table, latex_text
from costcalc.report.tables.units import shortened
from costcalc.report.verified import render_checks

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def run(*args: str) -> str:
    result = CliRunner().invoke(main, [*args, "--format", "latex"])
    assert 0 == result.exit_code, result.output
    return result.stdout


def test_a_report() -> None:
    """The totals below a rule of their own, sizes with real signs, and the convention printed with the figures."""
    lines = run("report", "mobilenet_v1", "--top", "1").splitlines()

    assert [
        r"% needs \usepackage{booktabs}",
        "% left out, for a page has no room: groups, kernel, stride, traffic, output bytes, input",
        r"\begin{table}",
        r"\centering",
        r"\footnotesize\setlength{\tabcolsep}{4pt}",
        r"\caption{MobileNetV1, input 224$\times$224$\times$3, alpha 1}",
        r"\label{tab:mobilenetv1}",
        r"\begin{tabular}{@{}lllrrrr@{}}",
        r"\toprule",
        r"layer & op & output & Mult-Adds & \% & params & weight bytes \\",
        r"\midrule",
        r"separable3.conv1 & conv & 56$\times$56$\times$128 & 51,380,224 & 9.03 & 16,640 & 66.56\,kB \\",
        r"\midrule",
        r"total &  &  & 568,740,352 & 100.00 & 4,231,976 & 16.93\,MB \\",
        r"\bottomrule",
        r"\end{tabular}",
    ] == lines[:16]
    assert r"convention paper: multiply-adds" in lines[17]
    assert r"\end{table}" == lines[-1]


def test_short_figures_on_request() -> None:
    """As papers print them: 569 M Mult-Adds and 4.2 M parameters (arXiv:1704.04861, Table 8)."""
    assert r"total &  &  & 569\,M & 100.00 & 4.23\,M & 16.93\,MB \\" in run("report", "mobilenet_v1", "--short")
    assert r"mobilenet\_v1 & 1 & 569\,M \\" in run(
        "sweep", "mobilenet_v1", "-a", "1", "--columns", "mult_adds", "--short"
    )


def points_wide(text: str) -> float:
    """The width of a table: cells as wide as Computer Modern's letters, 8 points between columns in footnote size."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    font = FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/cmr10.ttf")
    size, gap = (8.5, 8) if r"\footnotesize\setlength" in text else (10, 12)  # of 8 points, letters are cut wider
    font.set_size(size, 72 * 64)
    plain = (
        text.replace(r"$\times$", "+").replace(r"$\alpha$", "a").replace("\\,", " ").replace("\\", "").replace("$", "")
    )
    widths: list[list[float]] = []
    for line in plain.splitlines():
        if " & " in line:
            row = []
            for cell in line.split(" & "):
                font.set_text(cell.strip(), 0)
                row.append(font.get_width_height()[0] / 64 / 64)
            widths.append(row)
    return sum(map(max, zip(*widths, strict=True))) + gap * (len(widths[0]) - 1)


@pytest.mark.parametrize(
    "words",
    [
        "report mobilenet_v1",
        "compare mobilenet_v1 mobilenet_v2 mobilenet_v3_large",
        "sweep mobilenet_v1 mobilenet_v2 -a 0.5,1 -r 128,224",
        "list mobilenet_v",
    ],
    ids=lambda words: words.partition(" ")[0],
)
def test_a_table_is_as_wide_as_a_page(words: str) -> None:
    """Of `article`, 345 points; the costs are there, by the names of papers."""
    text = run(*words.split())

    assert 200 < points_wide(text) <= 345
    assert r" Mult-Adds &" in text


def test_what_was_asked_for_is_not_left_out() -> None:
    text = run("sweep", "mobilenet_v1", "--columns", "mult_adds,weight_bytes,activation_bytes,peak_bytes,traffic_bytes,"
               "input_bytes,output_bytes,macs")  # fmt: skip

    assert points_wide(text) > 345
    assert "left out" not in text


@pytest.mark.parametrize(
    ("cell", "short"),
    [
        ("999", "999"), ("1,000", "1.00 k"), ("9,994", "9.99 k"), ("9,996", "10.0 k"), ("999,499", "999 k"),
        ("999,500", "1.00 M"), ("568,740,352", "569 M"), ("* 1,148,479,168", "* 1.15 G"), ("-268,740,352", "-269 M"),
        ("+1,000", "+1.00 k"), ("1,234,000,000,000,000", "1,234 T"), ("0.117", "0.117"), ("16.93 MB", "16.93 MB"),
        ("a 1,000", "a 1,000"), ("", ""),
    ],
)  # fmt: skip
def test_short_figures(cell: str, short: str) -> None:
    assert short == shortened(cell)


@pytest.mark.parametrize("format", ["csv", "json"])
def test_programs_have_all_digits(format: str) -> None:
    result = CliRunner().invoke(main, ["report", "lenet5", "--short", "--format", format])

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(f"Error: --short does not go with {format}\n")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("224x224x3", r"224$\times$224$\times$3"),
        ("conv3x3_1", r"conv3x3\_1"),
        ("+2 x inputs", r"+2 $\times$ inputs"),
        ("4 x 5.043M inputs", r"4 $\times$ 5.043M inputs"),
        ("node x is a", "node x is a"),
        ("conv1 -> main", r"conv1 $\to$ main"),
        ("resnext50_32x4d", r"resnext50\_32x4d"),
        ("0x1.8p0", "0x1.8p0"),
        ("-0.26", "$-$0.26"),
        ("-x", "-x"),
        ("1 MB = 10^6 bytes", r"1\,MB = $10^{6}$ bytes"),
        ("9.03 %", r"9.03\,\%"),
        ("3 Blocks", "3 Blocks"),
        ("the network's 'a b' and 'c'", "the network's `a b' and `c'"),
        ("α·β² ≤ 1", r"$\alpha$$\cdot$$\beta$$^2$ $\leq$ 1"),
        (r"\input{x} $&#~^", r"\textbackslash{}input\{x\} \$\&\#\textasciitilde{}\textasciicircum{}"),
    ],
)
def test_texts(text: str, latex: str) -> None:
    assert latex == latex_text(text)


def test_a_long_table_goes_across_pages() -> None:
    text = run("report", "googlenet", "--columns", "params")

    assert text.startswith("% needs \\usepackage{booktabs, longtable}\n")
    assert "\n\\begingroup\n\\begin{longtable}" in text
    first, rest = text.partition(r"\endhead")[0].split(r"\endfirsthead")
    assert r"\caption" in first
    assert r"\caption" not in rest, "on each page once more"
    assert r"\label" not in rest
    assert first.partition(r"\toprule")[2] == rest.partition(r"\toprule")[2]
    assert r"\begin{table}" not in text


def test_repeated_networks_go_over_their_figures() -> None:
    """What is printed stands beside what is computed, and by which settings; reasons are notes below."""
    lines = run("verify", "mobilenet_v1").splitlines()

    assert r"settings & figure & printed & computed & verdict \\" in lines
    at = lines.index(r"\addlinespace \multicolumn{5}{@{}l}{mobilenet\_v1\_shallow} \\*")
    assert r" & mult\_adds & 307M & 307,323,392 & agrees \\" == lines[at + 1]
    assert r"[5] the README's row is 2.6\,\% low" in lines[-1]


def test_a_narrow_terminal_has_what_is_printed() -> None:
    """Beside what is computed: repeated networks leave room, and other columns go before it."""
    rows = [check.as_dict() for check in api.verify("mobilenet_v1")]

    assert "printed" in render_checks(rows, "table", "t", [], 60, True).splitlines()[2]
    assert "settings" in render_checks(rows, "table", "t", [], 80, True).splitlines()[2]


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("MobileNetV1, input 224x224x3, alpha 1", "mobilenetv1"),
        ("mobilenet_v1, mobilenet_v2", "mobilenet-v1-mobilenet-v2"),
        ("mobilenet_v1, vgg16: the most accurate", "mobilenet-v1-vgg16"),
        ("49 networks with 'x'", "49-networks-with-x"),
        (", : ", "table"),
    ],
)
def test_labels_name_all_networks(title: str, label: str) -> None:
    assert rf"\label{{tab:{label}}}" in latex_table(title, ["a"], [["1"]], [True], [])


def test_a_row_that_begins_with_a_bracket_is_no_argument() -> None:
    """`\\\\ [2]` would be a distance between rows, and `\\\\*` forbid a break."""
    rows = [
        line
        for line in latex_table("t", ["a"], [["[2]"], ["* 3"]], [False], []).splitlines()
        if "&" in line or line.startswith("{}")
    ]

    assert [r"{}[2] \\", r"{}* 3 \\"] == rows


HOSTILE = (
    'costcalc: 1\nname: x\ntitle: "a \\\\end{table} $x$ % & _ # ~ ^ [2] α 1x2"\ninput: 8x8x3\nlayers:\n- {op: gap}\n'
)


@needs_latex
@pytest.mark.slow
def test_latex_takes_it(tmp_path: Path) -> None:
    """Every kind of table, a long one, and the title of a stranger, in one document without an error."""
    (tmp_path / "x.yaml").write_text(HOSTILE, encoding="utf-8")
    tables = [
        run(*words.split())
        for words in (
            "report mobilenet_v1",
            "report googlenet --columns kernel,stride,mult_adds --short",
            "compare mobilenet_v1 mobilenet_v2 --columns mult_adds,params",
            "sweep mobilenet_v1 -a 0.5,1 --columns mult_adds,top1",
            "verify lenet5",
            f"report {tmp_path}/x.yaml",
            "formula lenet5 --layers",
        )
    ]
    packages = {
        name
        for table in tables
        for names in re.findall(r"% needs \\usepackage\{(.*?)\}", table)
        for name in names.split(", ")
    }
    head = [r"\documentclass{article}", *(rf"\usepackage{{{name}}}" for name in sorted(packages)), r"\begin{document}"]
    (tmp_path / "t.tex").write_text("\n".join([*head, *tables, r"\end{document}"]), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip

    assert {"booktabs", "longtable", "amsmath"} == packages
    assert 0 == done.returncode, done.stdout[-2000:]
    assert "multiply defined" not in done.stdout
