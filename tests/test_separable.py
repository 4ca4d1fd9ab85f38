"""Convolutions standard and depthwise separable, in both orders: figures of papers, the theory, totals."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import costcalc
from costcalc.analysis.compare.separable import FIGURES, Form, forms_of
from costcalc.counting import Counting


def run(*args: str, stdin: str | None = None) -> Result:
    """A command, as if piped."""
    from costcalc.cli import main

    return CliRunner().invoke(main, ["separable", *args], input=stdin)


def spec(layers: str, size: str = "64x64x3") -> str:
    """A spec from its entries."""
    return f"costcalc: 1\nname: t\ninput: {size}\nlayers:\n{layers}"


def only(layers: str, size: str = "64x64x3", convention: str = "paper") -> Any:
    """The one place of a small spec."""
    counting = Counting.of(convention)
    graph = costcalc.from_spec(spec(layers, size)).graph
    ((place,), _) = forms_of(graph, counting, [counting.convention.total, *FIGURES])
    return place


def totals(place: Any) -> tuple[int, ...]:
    """The convention's total in each form: standard, separable, pointwise first."""
    return tuple(next(iter(place.costs[form].values())) for form in Form)


CONV = "- {op: conv, k: 3, out: 4}\n"
PAIR = "- {op: dwconv}\n- {op: conv, out: 4}\n"


@pytest.mark.parametrize(("layers", "form"), [(CONV, Form.STANDARD), (PAIR, Form.SEPARABLE)])
def test_both_directions(layers: str, form: Form) -> None:
    """[64x64x3] -> [64x64x4]: 442,368 against 159,744; 108 weights against 27 + 12; 0.361 = 1/4 + 1/9."""
    place = only(layers)

    assert form is place.form
    assert (442_368, 159_744) == totals(place)[:2]
    assert (108, 39) == (place.costs[Form.STANDARD]["weights"], place.costs[Form.SEPARABLE]["weights"])
    assert Fraction(159_744, 442_368) == place.theory == Fraction(1, 4) + Fraction(1, 9)


def test_both_orders() -> None:
    """112x112x32 -> 112x112x64, MobileNetV1's first separable layer: 29.3M against 32.9M."""
    place = only("- {op: dwconv}\n- {op: conv, out: 64}\n", "112x112x32")
    (first,) = [row for row in costcalc.separable("mobilenet_v1").rows if row["name"] == "separable1.dwconv1"]

    assert (231_211_008, 29_302_784, 32_915_456) == totals(place)
    assert totals(place) == tuple(first[f"{form}_mult_adds"] for form in Form)


@given(
    groups=st.integers(1, 4),
    inner=st.integers(1, 3),
    outer=st.integers(1, 4),
    k=st.tuples(st.integers(1, 5), st.integers(2, 5)),
    stride=st.integers(1, 3),
    pad=st.sampled_from(["same", "valid", "1", "[0, 2]"]),
    dilation=st.integers(1, 2),
)
def test_the_ratio_is_the_theory(
    groups: int, inner: int, outer: int, k: tuple[int, int], stride: int, pad: str, dilation: int
) -> None:
    """g/N + 1/(k k'), for multiply-adds and for weights, whatever the stride and the padding."""
    window = f"k: [{k[0]}, {k[1]}], stride: {stride}, pad: {pad}, dilation: {dilation}"
    conv = f"{window}, out: {groups * outer}, groups: {groups}"
    size = f"13x12x{groups * inner}"
    if groups > 1 and inner == outer == 1:  # depthwise: it stands alone
        with pytest.raises(costcalc.UsageError, match="the network has no convolution to compare"):
            only(f"- {{op: conv, {conv}}}\n", size)
        return
    place = only(f"- {{op: conv, {conv}}}\n", size)
    standard, separable = place.costs[Form.STANDARD], place.costs[Form.SEPARABLE]

    assert Fraction(separable["mult_adds"], standard["mult_adds"]) == place.theory
    assert Fraction(separable["weights"], standard["weights"]) == place.theory


def test_norms_and_activations_count_where_the_convention_counts_them() -> None:
    """Under flops the norm between is work as well: a multiplication and an addition per value."""
    layers = "- {op: conv, k: 3, out: 4, norm: bn}\n"

    assert totals(only(CONV, convention="flops"))[1] + 2 * 64 * 64 * 3 == totals(only(layers, convention="flops"))[1]
    assert totals(only(CONV)) == totals(only(layers))
    assert 39 + 2 * 3 == only(layers).costs[Form.SEPARABLE]["params"]


@pytest.mark.parametrize("convention", ["paper", "flops"])
@pytest.mark.parametrize(
    "name", ["mobilenet_v1", "mobilenet_v2", "nasnet_a_mobile", "xception", "ssdlite_mobilenet_v2"]
)
def test_totals_are_the_transforms(name: str, convention: str) -> None:
    """All standard is `@standard`; all pointwise first is `@pointwise-first`, but for plain convolutions."""
    found = costcalc.separable(name, convention=convention)
    plain = [place for place in found.places if place.form is Form.STANDARD]

    def report(full: str) -> dict[str, int]:
        ledger = costcalc.load(full).ledger(convention)
        return {name: ledger[name] for name in (ledger.total, *FIGURES)}

    swapped = {
        name: total - sum(place.costs[Form.POINTWISE_FIRST][name] - place.costs[Form.STANDARD][name] for place in plain)
        for name, total in found.totals["pointwise_first"].items()
    }
    assert report(name) == found.totals["as_it_is"]
    assert report(f"{name}@standard") == found.totals["standard"]
    assert report(f"{name}@pointwise-first") == swapped


def test_totals_of_standard_convolutions() -> None:
    """VGG-16: `@separable` spares the first convolution, the table does not."""
    found = costcalc.separable("vgg16")
    first = found.places[0].costs
    spared = first[Form.STANDARD]["mult_adds"] - first[Form.SEPARABLE]["mult_adds"]

    assert costcalc.load("vgg16@separable").report().totals.total == found.totals["separable"]["mult_adds"] + spared
    assert found.totals["as_it_is"] == found.totals["standard"]
    assert 13 == len(found.places)


def test_depthwise_convolutions_without_a_pointwise_are_counted() -> None:
    out = run("-", stdin=spec("- {op: conv, k: 3, out: 4}\n- {op: dwconv}\n- {op: gap}\n")).stdout

    assert "left out: 1 depthwise convolution without a pointwise after\n" in out


def test_cost_is_linear_in_the_batch() -> None:
    one, three = costcalc.separable("mobilenet_v1"), costcalc.separable("mobilenet_v1", batch=3)

    assert [3 * total for total in totals(one.places[0])] == list(totals(three.places[0]))
    assert 3 * one.totals["standard"]["mult_adds"] == three.totals["standard"]["mult_adds"]
    assert one.totals["standard"]["params"] == three.totals["standard"]["params"]


def test_totals_are_of_what_adds_up() -> None:
    """A peak is no sum of its layers' differences."""
    found = costcalc.separable("mobilenet_v1", columns=["mult_adds", "peak_activation_bytes"])

    assert [["mult_adds"]] * 4 == [[*costs] for costs in found.totals.values()]


def test_what_was_done_to_the_network_is_told() -> None:
    assert "\n@standard: 13 places changed\n" in run("mobilenet_v1@standard").stdout
    assert all(place.form is Form.STANDARD for place in costcalc.separable("mobilenet_v1@standard").places)


def test_the_table() -> None:
    assert [
        "t (stdin): Mult-Adds of 1 convolution",
        "",
        "layer  input    output   kernel   standard  separable  ratio  theory",
        "-----  -------  -------  ------  ---------  ---------  -----  ------",
        "conv1  64x64x3  64x64x4  3x3     * 442,368    159,744  0.361   0.361",
    ] == run("-", stdin=spec(CONV)).stdout.splitlines()[:5]
    assert "conv1  64x64x3  64x64x4  3x3             159,744          196,608  1.231" in (
        run("-", "--orders", stdin=spec(CONV)).stdout.splitlines()
    )


def test_json_and_csv_are_the_same(tmp_path: Path) -> None:
    document = json.loads(run("mobilenet_v1", "-f", "json", "-a", "0.5").stdout)
    parsed = list(csv.DictReader(io.StringIO(run("mobilenet_v1", "-f", "csv", "-a", "0.5").stdout)))

    assert [{key: str(value) for key, value in row.items()} for row in document["layers"]] == parsed
    assert {"alpha": "0.5"} == document["settings"]
    assert 149_497_088 == document["totals"]["as_it_is"]["mult_adds"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["-"],
            "Error: the network has no convolution to compare\n"
            "  expected: a convolution with a window above 1x1, or a depthwise one with a pointwise after it\n",
        ),
        (
            ["mobilenet_v1", "-c", "papr"],
            "Error: unknown convention 'papr'\n"
            "  expected: "
            "calflops, calflops_macs, condensenet, connections, conv_only, deepspeed_flops, "
            "deepspeed_macs, espnetv2, fbnet, flops, fvcore, fvcore_train, hardware, keras, "
            "keras_flops, micronet, mmengine, netscope, norm_folded, onnx_tool, paper, ptflops, "
            "ptflops_aten, ptflops_nofunc, slim_mobilenet_v1, tf_profiler, thop, thop_0.0.31, torch, "
            "torchinfo, torchmeter_flops, torchmeter_macs, torchprofile, torchscan_flops, "
            "torchscan_macs, torchstat_flops, torchstat_madd, two_per_mac, ultralytics_thop, "
            "weights_only, ... (41 in all)"
            "\n  did you mean 'paper'?\n",
        ),
        (["mobilenet_v1", "-s", "depth=3"], "Error: mobilenet_v1 has no setting 'depth'\n"
         "  expected: alpha, batch, beta, body, classes or resolution\n"),
    ],
)  # fmt: skip
def test_wrong_use(args: list[str], message: str) -> None:
    result = run(*args, stdin=spec("- {op: conv, out: 4}\n"))

    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)
