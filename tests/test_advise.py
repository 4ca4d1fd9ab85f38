"""Memory access, its bound, and the guidelines of arXiv:1807.11164: the paper's experiments, and figures by hand."""

from __future__ import annotations

import csv
import io
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from making_console import examples

import costcalc
from costcalc import api, grid, quantity
from costcalc.analysis.advise.finding import Finding, Guideline
from costcalc.cli import main
from costcalc.report.advice import SHOWN
from costcalc.spec import catalogue

PAGE = (Path(__file__).parent.parent / "docs" / "advise.md").read_text(encoding="utf-8")
SPECS = {body.partition("\n")[0][2:]: body for _, body in examples(PAGE) if body.startswith("# ")}
POSITIONS = 56 * 56


def run(*args: str) -> Result:
    """A command that must not fail with a foreign exception."""
    result = CliRunner().invoke(main, args)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def findings(network: str, guideline: str, **words: Any) -> dict[str, Finding]:
    """What a guideline finds, by where it is."""
    advised = costcalc.advise(network, **words)
    (found,) = (advice.findings for advice in advised.guidelines if advice.guideline == guideline)
    return {finding.where: finding for finding in found}


@pytest.mark.parametrize(("c1", "c2"), [(128, 128), (90, 180), (52, 312), (36, 432)])
def test_table_1_of_the_paper(c1: int, c2: int) -> None:
    """Ten blocks of two 1x1 convolutions: MAC = h w (c1 + c2) + c1 c2 each."""
    ledger = costcalc.from_spec(SPECS["widths.yaml"], c1=c1, c2=c2).ledger()

    assert 20 * POSITIONS * c1 * c2 == ledger["mult_adds"]
    assert 20 * (POSITIONS * (c1 + c2) + c1 * c2) == ledger["memory_access"]


@pytest.mark.parametrize(("g", "c"), [(1, 128), (2, 180), (4, 256), (8, 360)])
def test_table_2_of_the_paper(g: int, c: int) -> None:
    """Ten 1x1 convolutions in groups: MAC = h w (c + c) + c c / g each, which is at the bound of its groups."""
    ledger = costcalc.from_spec(SPECS["groups.yaml"], c=c, g=g).ledger()

    assert 10 * POSITIONS * c * c // g == ledger["mult_adds"]
    assert 10 * (POSITIONS * 2 * c + c * c // g) == ledger["memory_access"] == ledger["memory_access_bound"]


def test_the_bound_of_the_paper() -> None:
    """36 to 432 channels: sqrt(36 x 432) = 124.7077, so 2 x 3136 x 124.7077 = 782,166.5, up to 782,167, and 15,552."""
    ledger = costcalc.from_spec(SPECS["widths.yaml"], c1=36, c2=432).ledger()
    work = POSITIONS * 36 * 432

    assert 20 * (782_167 + 15_552) == ledger["memory_access_bound"]
    assert ledger["memory_access_bound"] / 20 == pytest.approx(
        2 * math.sqrt(POSITIONS * work) + work / POSITIONS, abs=1
    )


@pytest.mark.parametrize("network", ["mobilenet_v2", "shufflenet_v1_g8", "resnet50", "nasnet_a_mobile"])
def test_no_layer_is_below_its_bound(network: str) -> None:
    for layer in costcalc.load(network).ledger().layers.values():
        assert layer["memory_access"] >= layer["memory_access_bound"]


def test_with_a_stride_the_bound_is_where_as_much_is_read_as_written() -> None:
    """8x8x4 to 4x4x16: 256 elements each; to 8 channels: 256 and 128, and the root of 4 x 256 x 128 is 362.04."""
    text = "costcalc: 1\nname: s\ninput: 8x8x4\nlayers:\n- {op: conv, k: 1, stride: 2, out: %d}\n"

    even, less = (costcalc.from_spec(text % out).ledger() for out in (16, 8))

    assert (512 + 64, 512 + 64) == (even["memory_access"], even["memory_access_bound"])
    assert (384 + 32, 363 + 32) == (less["memory_access"], less["memory_access_bound"])


def test_weights_are_accessed_once_for_a_batch() -> None:
    one, two = (costcalc.from_spec(SPECS["widths.yaml"], c1=36, c2=432, batch=n).ledger() for n in (1, 2))
    weights = 20 * 36 * 432

    assert 2 * (one["memory_access"] - weights) + weights == two["memory_access"]
    assert 2 * (one["memory_access_bound"] - weights) + weights == two["memory_access_bound"]


def test_formulas_of_a_1x1_convolution() -> None:
    names = ("memory_access", "memory_access_bound")
    h, w, m, n, g = sympy.symbols("H W M N g", positive=True, integer=True)

    exact = costcalc.formula("conv", measures=names, k=1)
    grouped = costcalc.formula("conv", measures=names, open=["groups"], k=1)
    smooth = costcalc.formula("conv", measures=names, k=1, smooth=True)

    assert 0 == sympy.simplify(exact.figures["memory_access"] - (h * w * (m + n) + m * n))
    assert 0 == sympy.simplify(grouped.figures["memory_access"] - (h * w * (m + n) + m * n / g))
    assert 0 == sympy.simplify(smooth.figures["memory_access_bound"] - (2 * h * w * sympy.sqrt(m * n) + m * n))
    assert (POSITIONS * 468 + 15_552, 782_167 + 15_552) == exact.at(H=56, W=56, M=36, N=432)


def test_the_bound_as_python_is_exact() -> None:
    """Whole numbers alone: at equal widths a root of floats would be a hair above, and be rounded up."""
    source = run("formula", "conv", "--set", "k=1", "--measure", "memory_access_bound", "-f", "python").stdout
    space: dict[str, Any] = {}
    exec(source, space)

    for c in range(1, 200):
        for width in (c, Fraction(c)):
            assert space["memory_access_bound"](7, 7, width, width) == 2 * 49 * c + c * c


@given(st.lists(st.integers(0, 2**80), min_size=1, max_size=6))
def test_root_up_on_grids(values: list[int]) -> None:
    """By its definition: the least number whose square is not below the value."""
    many = quantity.root_up(grid.channel(values))

    for index, value in enumerate(values):
        root = quantity.root_up(value)
        assert root**2 >= value and (root == 0 or (root - 1) ** 2 < value)
        assert root == grid.matrix(many, (len(values), 1))[index, 0]


def test_equal_widths_are_no_finding() -> None:
    """Figure 3 (c): a unit's 1x1 convolutions keep the width; (d): its first branch does at 24 channels."""
    found = findings("shufflenet_v2", "G1")

    assert not [name for name in found if name.startswith("stage3_")]
    assert "conv5" in found


def test_inverted_bottlenecks_are_against_g1() -> None:
    """MobileNetV2's first expansion, 16 to 96 at 112x112: 12,544 x 112 and 1,536 weights; 2 x 12,544 x sqrt(1536) is
    983,244.6.
    """
    found = findings("mobilenet_v2", "G1")
    first = found["bottleneck2.conv1"]

    assert next(iter(found)) == "bottleneck2.conv1"
    assert 12_544 * 112 + 1_536 == first.memory_access
    assert 983_245 + 1_536 == first.details["bound"]
    assert 12_544 * 16 * 96 == first.total


def test_groups_beside_none() -> None:
    """360 channels in 8 groups: as many Mult-Adds as 360 / sqrt(8) = 127.28 without, which move 798,295.4 elements."""
    found = findings_of(SPECS["groups.yaml"], "G2", c=360, g=8)

    assert 10 == len(found)
    for finding in found:
        assert 798_296 + 16_200 == finding.details["without_groups"]
        assert POSITIONS * 720 + 16_200 == finding.memory_access
        assert float(finding.figure) == pytest.approx(2.792, abs=5e-4)


def findings_of(text: str, guideline: str, **settings: Any) -> list[Finding]:
    """What a guideline finds in a spec's text."""
    from costcalc.analysis.advise.guidelines import advise_network

    advised = advise_network(costcalc.from_spec(text, **settings), api.counting_of())
    return [one for advice in advised.guidelines if advice.guideline == guideline for one in advice.findings]


def test_depthwise_convolutions_are_no_groups() -> None:
    assert {} == findings("mobilenet_v1", "G2")


BLOCK = """\
costcalc: 1
name: fragments
input: 56x56x64
blocks:
  series:
    body:
    - {op: conv, k: 1, out: 64}
    - {op: conv, k: 1, out: 64}
    - {op: conv, k: 1, out: 64}
    - {op: conv, k: 1, out: 64}
  parallel:
    body:
    - a: {op: conv, k: 1, out: 64, from: x}
    - b: {op: conv, k: 1, out: 64, from: x}
    - c: {op: conv, k: 1, out: 64, from: x}
    - d: {op: conv, k: 1, out: 64, from: x}
    - {op: add, from: [a, b, c, d]}
  three:
    body:
    - {op: conv, k: 1, out: 64}
    - {op: conv, k: 3, out: 64}
    - {op: conv, k: 1, out: 64}
layers:
  columns: [name, op]
  rows:
  - [four, series]
  - [wide, parallel]
  - [few, three]
"""


def test_fragments_in_series_and_in_parallel() -> None:
    """Table 3: four 1x1 convolutions in sequence, and side by side; a bottleneck's three are regular."""
    found = {finding.where: finding for finding in findings_of(BLOCK, "G3")}

    assert {"four": 4, "wide": 4} == {name: finding.figure for name, finding in found.items()}
    assert {"in_series": 4, "side_by_side": 1} == found["four"].details
    assert {"in_series": 1, "side_by_side": 4} == found["wide"].details


def test_fragments_as_the_paper_counts_them() -> None:
    """NASNet-A has 13, with its two 1x1 convolutions that fit inputs 15; ResNet 2 or 3."""
    nasnet = findings("nasnet_a_mobile", "G3")

    assert 13 + 2 == nasnet["cell2"].figure
    assert {} == findings("resnet18", "G3")
    assert [3 + 1] * 4 == [one.figure for one in findings("resnet50", "G3").values()]  # where the shortcut projects


RESIDUAL = """\
costcalc: 1
name: residual
input: 8x8x4
layers:
- first: {op: conv, k: 3, out: 4, norm: bn, act: relu}
- second: {op: conv, k: 3, out: 4, norm: bn, bias: true}
- sum: {op: add, from: [input, second], act: relu}
"""


def test_elementwise_work_by_hand() -> None:
    """Maps of 256 values. Operations: 2 x 18,432 of convolutions, 256 of the bias, 1,024 of norms, 512 of relu, 256 of
    the sum: 38,912. As kernels: convolutions 2 x (512 + 144), the bias 512, norms and relu 1,024 each, the sum 768:
    4,640.
    """
    found = {finding.where: finding for finding in findings_of(RESIDUAL, "G4")}

    assert {"bn": 1024, "relu": 1024, "add": 768, "bias": 512} == {
        name: finding.details["unfused"] for name, finding in found.items()
    }
    assert {"bn": 1024, "relu": 512, "add": 256, "bias": 256} == {
        name: finding.details["operations"] for name, finding in found.items()
    }
    assert round(100 * 1024 / 4640, 2) == found["bn"].figure
    assert round(100 * 1024 / 38_912, 2) == found["bn"].details["operations_percent"]
    assert {"bn": 0, "relu": 0, "add": 768, "bias": 0} == {name: one.memory_access for name, one in found.items()}
    (norms,) = (one for one in findings_of(RESIDUAL, "G4", batch=3) if one.where == "bn")
    assert round(100 * 3 * 1024 / (3 * (4640 - 2 * 144) + 2 * 144), 2) == norms.figure  # weights are read once


def test_depthwise_convolutions_are_elementwise() -> None:
    """One layer of 512 channels at 14x14 (Table 3 of MobileNetV1): 2 x 100,352 + 4,608 elements for 9 x 100,352."""
    (found,) = [one for one in findings("mobilenet_v1_one_separable", "G4").values() if one.where.startswith("dw")]

    assert round((2 * 100_352 + 4_608) / (9 * 100_352), 4) == found.details["access_per_mult_add"]
    assert 9 * 100_352 == found.total
    biased = findings_of("costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n- {op: dwconv, bias: true}\n", "G4")
    assert {"dwconv 3x3": 2 * 9 * 256, "bias": 256} == {one.where: one.details["operations"] for one in biased}


def test_settings_and_counting() -> None:
    half = costcalc.advise("mobilenet_v1", alpha="0.5", convention="flops")

    assert all(row["flops"] >= 0 for row in half.rows)
    assert "flops" in json.loads(run("advise", "lenet5", "-c", "flops", "-f", "json").stdout)["convention"]


def test_formats_say_the_same() -> None:
    document = json.loads(run("advise", "mobilenet_v2", "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run("advise", "mobilenet_v2", "--format", "csv").stdout)))
    table = run("advise", "mobilenet_v2").stdout

    flat = [one for guideline in document["guidelines"] for one in guideline["findings"]]
    assert [str(one["memory_access"]) for one in flat] == [row["memory_access"] for row in rows]
    assert 34 == document["guidelines"][0]["count"]
    assert f"the first {SHOWN} of 34 findings" in table
    for format in ("markdown", "latex", "html"):
        assert "bottleneck2.conv1" in run("advise", "mobilenet_v2", "--format", format).stdout


def test_top() -> None:
    document = json.loads(run("advise", "mobilenet_v2", "--top", "2", "--format", "json").stdout)

    assert [2, 0, 0, 2] == [len(guideline["findings"]) for guideline in document["guidelines"]]
    assert [str(one) for one in Guideline] == [guideline["guideline"] for guideline in document["guidelines"]]


def test_nothing_found(tmp_path: Path) -> None:
    """A pooling alone: tables that say so, and a CSV of headings."""
    file = tmp_path / "pool.yaml"
    file.write_text("costcalc: 1\nname: pool\ninput: 4x4x4\nlayers:\n- {op: gap}\n", encoding="utf-8")

    assert 4 == run("advise", str(file)).stdout.count("none")
    assert (
        "guideline,where,layers,mult_adds,memory_access,figure,figure_is,details\n"
        == run("advise", str(file), "--format", "csv").stdout
    )


@pytest.mark.parametrize("name", [spec.names[0] for spec in catalogue.specs()])
def test_every_network_can_be_advised(name: str) -> None:
    table, document = run("advise", name), run("advise", name, "--format", "json")

    assert (0, 0) == (table.exit_code, document.exit_code)
    for guideline in json.loads(document.stdout)["guidelines"]:
        assert all(one["figure"] > 0 or one["memory_access"] == 0 for one in guideline["findings"])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("mobilnet_v2",), "did you mean 'mobilenet_v2'?"),
        (("mobilenet_v2", "--set", "clases=3"), "did you mean 'classes'?"),
        (("mobilenet_v2", "-c", "flop"), "did you mean 'flops'?"),
        (("mobilenet_v2", "--top", "0"), "0 is not in the range x>=1"),
        (("mobilenet_v2", "--weights", "int8"), "No such option '--weights'"),
    ],
)
def test_wrong_input(args: tuple[str, ...], message: str) -> None:
    result = run("advise", *args)

    assert 2 == result.exit_code
    assert message in result.stderr


def test_a_smooth_bound_has_roots() -> None:
    """Each of the 13 1x1 convolutions of MobileNetV1 is rounded up by less than one element."""
    exact = costcalc.load("mobilenet_v1").ledger()["memory_access_bound"]
    (smooth,) = costcalc.formula("mobilenet_v1", measures="memory_access_bound", smooth=True).at()

    assert isinstance(smooth, float)
    assert 0 <= exact - smooth < 13


def test_biases_and_norms_are_no_kernel_weights() -> None:
    """Each 3x3 convolution reads and writes 256 values and has 144 weights; the sum moves three maps."""
    assert 2 * (512 + 144) + 768 == costcalc.from_spec(RESIDUAL).ledger()["memory_access"]
