"""Formulas: the papers' equations, the report's figures with numbers put in, and where they stop to hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import sympy
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import costcalc
from costcalc import quantity, symbols
from costcalc.analysis.formula.polynomial import condensed, ratio
from costcalc.analysis.formula.record import Formula
from costcalc.cli import main
from costcalc.operators import REGISTRY
from costcalc.report.formula.page import render_formula
from costcalc.report.formula.words import assumption_words, plain, python
from costcalc.spec import catalogue
from costcalc.symbols import Kind

NAMES = [spec.name for spec in catalogue.specs()]


def run(*args: str) -> Result:
    """`costcalc formula`, as if piped."""
    return CliRunner().invoke(main, ["formula", *args])


def table(*args: str) -> str:
    """What the command prints."""
    result = run(*args)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@cache
def formula(name: str, smooth: bool = False) -> Formula:
    """A formula in alpha and beta."""
    return costcalc.formula(name, smooth=smooth)


def test_mobilenet_v1_reads_like_the_paper() -> None:
    """arXiv:1704.04861: alpha^2 for the pointwise convolutions, beta^2 for all of them (section 3.4, equation 7)."""
    assert (
        "MobileNetV1, input 224x224x3, without rounding\n"
        "\n"
        "Mult-Adds = β²·(539492352·α² + 28224000·α) + 1024000·α\n"
        "params    = 3139584·α² + 1091392·α + 1000\n"
        "\n"
        "holds while α ≥ 1/4\n"
        "at α 1, β 1: 568,740,352 Mult-Adds, 4,231,976 params, as in the report\n"
        "convention paper: multiply-adds of convolutions, linear layers and matrix products\n"
    ) == table("mobilenet_v1", "--smooth")


def test_exact_formulas_name_widths_and_sizes() -> None:
    assert (
        "MobileNetV1, input 224x224x3\n"
        "\n"
        "s0 = floor(224·β + 1/2)\n"
        "s1 = ceil(s0/2)\n"
        "s2 = ceil(s1/2)\n"
        "s3 = ceil(s2/2)\n"
        "s4 = ceil(s3/2)\n"
        "s5 = ceil(s4/2)\n"
        "c1 = max(8, floor(32·α))\n"
        "c2 = max(8, floor(64·α))\n"
        "c3 = max(8, floor(128·α))\n"
        "c4 = max(8, floor(256·α))\n"
        "c5 = max(8, floor(512·α))\n"
        "c6 = max(8, floor(1024·α))\n"
        "\n"
        "Mult-Adds =\n"
        "      s1²·(c1·c2 + 36·c1)\n"
        "    + s2²·(c2·c3 + 9·c2 + c3² + 9·c3)\n"
        "    + s3²·(c3·c4 + 9·c3 + c4² + 9·c4)\n"
        "    + s4²·(c4·c5 + 9·c4 + 5·c5² + 45·c5)\n"
        "    + s5²·(c5·c6 + 9·c5 + c6² + 9·c6)\n"
        "    + 1000·c6\n"
    ) in table("mobilenet_v1")


def test_one_separable_layer() -> None:
    """arXiv:1704.04861, equations 2, 4 and 5 and Table 3: D_K 3, M = N = 512, D_F 14."""
    sizes = {"H": 14, "W": 14, "M": 512, "N": 512, "k": 3}

    assert (462_422_016, 2_359_296) == costcalc.formula("conv").at(**sizes)  # 462M, 2.36M
    assert (52_283_392, 266_752) == costcalc.formula("separable").at(**sizes)  # 52.3M, 0.27M
    assert ["H·M·W·k²", "H·M·N·W"] == [line.split()[2] for line in table("separable", "--layers").splitlines()[4:6]]


def test_separable_against_standard() -> None:
    """arXiv:1704.04861, section 3.1: 1/N + 1/D_K^2."""
    shown = table("separable", "--against", "conv")

    assert "separable / conv:\nMult-Adds = 1/N + 1/k²\nparams = 1/N + 1/k²\n" in shown
    assert "1/N + 1/k²" in table("separable", "--against", "conv", "--open", "stride")


def test_network_against_network() -> None:
    """The paper's Table 4, 569M against 4866M (and the classifier's 1.02M)."""
    shown = table("mobilenet_v1", "--smooth", "--against", "mobilenet_v1@standard")

    assert "Mult-Adds = (β²·(1053696·α + 55125) + 2000) / (β²·(9483264·α + 21168) + 2000)\n" in shown
    assert "ratio at α 1, β 1: Mult-Adds 0.1168, params 0.1445\n" in shown
    both = costcalc.formula("mobilenet_v1", against="mobilenet_v1@standard")
    assert Fraction(568_740_352, 4_867_293_184) == both.ratios_at_point["mult_adds"]


@settings(max_examples=settings().max_examples // 4)
@given(
    st.sampled_from(NAMES),
    st.fractions(Fraction(1, 10), 2, max_denominator=40),
    st.fractions(Fraction(1, 2), Fraction(3, 2), max_denominator=9),
)
def test_numbers_put_in_give_the_report(name: str, alpha: Fraction, beta: Fraction) -> None:
    """Wherever the assumptions hold; where there is no network, they do not."""
    found = formula(name)
    if not found.holds(alpha=alpha, beta=beta):
        return
    totals = costcalc.load(name, alpha=alpha, beta=beta).report().totals

    assert (totals.total, totals.params) == found.at(alpha=alpha, beta=beta)


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "vgg16", "densenet121", "googlenet", "resnet50"])
@pytest.mark.parametrize("alpha", ["0.5", "0.75", "1.25"])
def test_the_assumptions_hold_at_the_usual_widths(name: str, alpha: str) -> None:
    found = formula(name)
    totals = costcalc.load(name, alpha=alpha, beta="6/7").report().totals

    assert found.holds(alpha=alpha, beta="6/7")
    assert (totals.total, totals.params) == found.at(alpha=alpha, beta="6/7")


def test_a_residual_that_rounding_adds() -> None:
    """MobileNetV2 at alpha 0.1: 16 and 24 channels both become 8, and a residual appears that the formula lacks."""
    found = formula("mobilenet_v2")

    assert found.holds(alpha="0.35")
    assert not found.holds(alpha="0.1")
    cases = [plain(one.what) for one in found.assumptions if one.kind is Kind.CASE]
    assert ["c1 != c2", "c4 != c5", "c6 != c7"] == cases
    assert "holds while c1 ≠ c2, c4 ≠ c5, c6 ≠ c7 and no size or width falls below 1\n" in table("mobilenet_v2")


def test_assumptions_of_groups() -> None:
    """ShuffleNetV1 divides its widths by three groups; a width that leaves a rest has no network."""
    found = formula("shufflenet_v1_g4")

    assert "4 divides c2" in [assumption_words(one, plain) for one in condensed(found.assumptions)]


@pytest.mark.parametrize(
    ("name", "figures"),
    [("mobilenet_v1", (568_740_352, 4_231_976)), ("vgg16", (15_470_264_320, 138_357_544))],
)
def test_smooth_is_the_report_where_nothing_is_rounded(name: str, figures: tuple[int, int]) -> None:
    assert figures == formula(name, smooth=True).at() == formula(name).at()


def test_smooth_says_how_far_the_report_is() -> None:
    """MobileNetV3 rounds 18 channels to 24."""
    assert (
        "at α 1, β 1: 216,587,936 Mult-Adds, 5,481,198 params; the report, which rounds, has 216,589,760 and\n"
        "5,483,032\n"
    ) in table("mobilenet_v3_large", "--smooth")


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["mobilenet_v1", "-a", "1", "-b", "1", "--open", "classes"], "params    = 1025·classes + 3206976"),
        (["mobilenet_v1", "-a", "1", "--open", "resolution", "--smooth"], "Mult-Adds = 22629·resolution²/2 + 1024000"),
        (["mobilenet_v1", "-a", "0.5", "--smooth"], "Mult-Adds = 148985088·β² + 512000"),
        (["mobilenet_v1@alpha=0.5", "--smooth"], "Mult-Adds = 148985088·β² + 512000"),
        (["mobilenet_v1@fold-norm", "--smooth"], "params    = 3139584·α² + 1080448·α + 1000"),
        (["mobilenet_v1", "--open", "batch", "--smooth"], "1024000·α·batch"),
        (["mobilenet_v2", "--smooth"], "20070400·α·max(1, α)"),
        (["conv", "--open", "groups", "--set", "stride=2"], "Mult-Adds = M·N·k²·ceil(H/2)·ceil(W/2)/g"),
        (["conv", "--open", "groups"], "holds while g divides N and g divides M"),
        (["conv", "--set", "k=3", "--set", "out=64"], "Mult-Adds = 576·H·M·W"),
        (["linear", "-c", "flops"], "FLOPs  "),
    ],
)
def test_what_is_open(args: list[str], line: str) -> None:
    assert line in table(*args)


def test_open_resolution_gives_the_report() -> None:
    found = costcalc.formula("mobilenet_v2", open=["resolution", "classes"])

    assert found.at(alpha="0.5", resolution=160, classes=10) == _totals(alpha="0.5", resolution=160, classes=10)
    assert "beta" not in found.open


def _totals(**settings: object) -> tuple[int, int]:
    totals = costcalc.load("mobilenet_v2", **settings).report().totals
    return totals.total, totals.params


def alone(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program that can import what is in a folder."""
    variables = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "shufflenet_v1", "vgg16", "googlenet"])
def test_python_runs_by_itself(name: str, tmp_path: Path) -> None:
    """As a program of its own, on exact fractions."""
    file = tmp_path / "network.py"
    assert run(name, "--format", "python", "--output", str(file)).exit_code == 0
    call = "mult_adds(a, b), params(a), holds(a, b)"
    code = f"from network import *\nfor a, b in [(1, 1), (Fraction(1, 2), Fraction(6, 7))]:\n    print({call})"
    done = alone(code, tmp_path)

    expected = []
    for alpha, beta in [(1, 1), (Fraction(1, 2), Fraction(6, 7))]:
        totals = costcalc.load(name, alpha=alpha, beta=beta).report().totals
        expected.append(f"{totals.total} {totals.params} {formula(name).holds(alpha=alpha, beta=beta)}")
    assert expected == done.stdout.splitlines()


def test_python_knows_where_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "network.py"
    run("mobilenet_v2", "-f", "python", "-o", str(file))
    code = "from network import *; print(holds(Fraction(1, 10), 1), round8(Fraction(56, 5)), round8(19))"
    done = alone(code, tmp_path)

    assert "False 16 24\n" == done.stdout
    run("lenet5", "-f", "python", "--measure", "comparisons", "-o", str(file))  # only holds() rounds
    assert "0 True\n" == alone("from network import *; print(comparisons(), holds(1, 1))", tmp_path).stdout


def test_python_divides_exactly() -> None:
    a, c = sympy.Symbol("a"), sympy.Symbol("c")

    assert "Fraction(2*c, 3)" == python(2 * c / 3)
    assert "Fraction(c, 4*a)" == python(c / a / 4)
    assert "a + Fraction(1, 2)" == python(a + sympy.Rational(1, 2))
    assert "Fraction(1, a**2)" == python(a**-2)


@pytest.mark.parametrize("args", [["mobilenet_v2"], ["mobilenet_v1", "--smooth", "--layers"], ["conv"]])
def test_latex_is_mathematics(args: list[str]) -> None:
    """Each line of the `align*` is read by Matplotlib's reader of LaTeX."""
    from matplotlib.mathtext import MathTextParser

    shown = table(*args, "--format", "latex")
    body = shown.partition("\\begin{align*}\n")[2].partition("\n\\end{align*}")[0]

    assert shown.startswith("% needs \\usepackage{amsmath}\n")
    for line in body.split(" \\\\\n"):
        MathTextParser("path").parse(f"${line.replace('&', '')}$")


def test_latex_of_mobilenet_v1() -> None:
    expected = r"\text{Mult-Adds} &= \beta^{2} \left(539492352 \alpha^{2} + 28224000 \alpha\right) \\"

    assert expected in table("mobilenet_v1", "--smooth", "-f", "latex")


def test_json_holds_everything() -> None:
    document = json.loads(table("mobilenet_v2", "--layers", "-f", "json"))

    assert {"alpha": "1", "beta": "1"} == document["open"]
    assert "round8(1280*max(1, alpha))" == document["definitions"]["c8"]
    assert {"kind": "case", "holds": "c1 != c2"} in document["assumptions"]
    assert {"kind": "range", "holds": "1 <= s0 <= 65536"} in document["assumptions"]
    assert "27*c1*s1**2" == document["layers"][0]["mult_adds"]


def test_csv_and_markdown() -> None:
    rows = table("mobilenet_v1", "--smooth", "-f", "csv").splitlines()

    assert "name,formula" == rows[0]
    assert "mult_adds,beta**2*(539492352*alpha**2 + 28224000*alpha) + 1024000*alpha" == rows[1]
    assert "| linear1" in table("mobilenet_v1", "--layers", "-f", "markdown")


def test_layers_come_with_their_names() -> None:
    shown = table("mobilenet_v1", "--layers").splitlines()

    assert "conv1                conv     27·c1·s1²  29·c1" == shown[4]
    assert "c1 = max(8, floor(32·α))" in shown


def test_layers_add_up() -> None:
    found = formula("mobilenet_v2", smooth=True)

    assert 0 == sympy.expand(found.total - sum(layer.figures["mult_adds"] for layer in found.layers))
    assert 0 == sympy.expand(found.params - sum(layer.figures["params"] for layer in found.layers))


def test_text_without_greek() -> None:
    shown = render_formula(formula("mobilenet_v1", smooth=True), ascii_only=True)

    assert "Mult-Adds = beta**2*(539492352*alpha**2 + 28224000*alpha) + 1024000*alpha\n" in shown
    assert shown.isascii()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["mobilenet_v1", "--open", "clases"],
            "Error: mobilenet_v1 has no setting 'clases'\n"
            "  expected: alpha, batch, beta, body, classes or resolution\n"
            "  did you mean 'classes'?\n",
        ),
        (
            ["mobilenet_v1", "--set", "clases=10"],
            "Error: mobilenet_v1 has no setting 'clases'\n"
            "  expected: alpha, batch, beta, body, classes or resolution\n"
            "  did you mean 'classes'?\n",
        ),
        (
            ["vgg16", "--open", "norm"],
            "Error: norm is none: only a number can be left open\n"
            "  expected: alpha, batch, beta, classes, depth or resolution\n",
        ),
        (
            ["mobilenet_v1", "--open", "body"],
            "Error: body cannot be left open in mobilenet_v1: it decides how often a layer repeats, or which entry of "
            "a table holds\n"
            "  expected: a value for it, as --set body=5\n",
        ),
        (
            ["lenet_300_100@encode=columns:4:16:64", "-b", "1", "--measure", "stored_bytes"],
            "Error: alpha cannot be left open in lenet_300_100@encode=columns:4:16:64: it decides how many rows of a "
            "layer are interleaved\n"
            "  expected: a value for it, as --alpha 1\n",
        ),
        (
            ["mobilenet_v1", "--open", "classes", "--set", "classes=10"],
            "Error: classes is given a value and left open\n  expected: one of the two\n",
        ),
        (
            ["conv", "--open", "strid"],
            "Error: conv has no 'strid'\n"
            "  expected: H, M, N, W, bias, dilation, g, groups, k, out, pad, s, shared or stride\n"
            "  did you mean 'stride'?\n",
        ),
        (
            ["conv", "--set", "k=zero"],
            "Error: k: 'zero' does not fit\n  expected: a whole number from 1, or one per dimension as 1x7\n",
        ),
        (
            ["conv", "--set", "k=0x3"],
            "Error: k: '0x3' does not fit\n  expected: a whole number from 1, or one per dimension as 1x7\n",
        ),
        (["conv", "--set", "H=1x3"], "Error: H: '1x3' does not fit\n  expected: a whole number from 1\n"),
        (
            ["vgg16", "--against", "conv"],
            "Error: conv is an operator, vgg16 a network\n"
            "  expected: two operators, as separable and conv, or two networks\n",
        ),
        (
            ["mobilenet_v1", "--layers", "--against", "mobilenet_v1@standard"],
            "Error: --layers does not go with --against\n  expected: one of the two\n",
        ),
        (
            ["mobilenet_v1@standrd"],
            "Error: unknown transform 'standrd'\n"
            "  expected: fold-norm, no-se, pointwise-first, rank=R, separable, spatial or standard, or a setting as "
            "alpha=0.75, or a recipe's step as prune=0.1\n"
            "  did you mean 'standard'?\n",
        ),
    ],
)
def test_wrong_use(args: list[str], message: str) -> None:
    result = run(*args)

    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)


def test_wrong_values_from_python() -> None:
    with pytest.raises(costcalc.UsageError, match="classes is not open in this formula"):
        formula("mobilenet_v1").at(classes=10)
    with pytest.raises(costcalc.UsageError, match="alpha: 'wide' is not a number"):
        formula("mobilenet_v1").at(alpha="wide")
    with pytest.raises(costcalc.UsageError, match="no value for N or k"):
        costcalc.formula("conv").at(H=7, W=7, M=3)


def test_no_network_has_an_operators_name() -> None:
    """`formula conv` is the operator."""
    assert set() == {*REGISTRY, "separable"} & {name for spec in catalogue.specs() for name in spec.names}


def test_python_of_the_page_runs() -> None:
    page = Path(__file__).parent.parent / "docs" / "formulas.md"
    code = page.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]

    assert "assert formula.at(" in code
    subprocess.run([sys.executable, "-c", code], check=True)


def test_words_never_reach_sympy() -> None:
    """It would evaluate them."""
    alpha = sympy.Symbol("alpha", positive=True)

    assert sympy.false == quantity.same(alpha, "print('evaluated')")
    with pytest.raises(TypeError):
        quantity.maximum(alpha, "print('evaluated')")


def test_a_case_is_decided_at_the_point_and_kept() -> None:
    x = sympy.Symbol("x", positive=True, rational=True)
    with symbols.traced({x: 1}) as trace:
        small = quantity.holds(x >= 2)
        width = quantity.round_width(33 * x, 8)

    assert not small
    assert [(Kind.CASE, x < 2)] == list(trace.assumptions)
    assert 32 == trace.values[width]
    assert trace.settings_of(width) == {"x"}


def test_a_setting_that_structure_depends_on_cannot_be_open() -> None:
    x = sympy.Symbol("x", positive=True, rational=True)
    with symbols.traced({x: 2}), pytest.raises(symbols.Undetermined) as raised:
        quantity.concrete(quantity.ceil(3 * x))

    assert ("x",) == raised.value.settings


def test_ratio_of_sums_stays_a_quotient() -> None:
    n, k = sympy.symbols("N k", positive=True)

    assert 1 / n + 1 / k**2 == ratio(n + k**2, n * k**2)
    assert (k + 1) / (n + 1) == ratio(2 * k + 2, 2 * n + 2)
