"""Sweeps: every cell is the report of that point, and wrong axes are told."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from catalogued import SAMPLE, each
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import costcalc
from costcalc import grid
from costcalc.cli import main
from costcalc.counting import Dtype, load_convention
from costcalc.errors import QuantityError, UsageError
from costcalc.measures import TOTALS
from costcalc.spec import catalogue
from costcalc.typed.budgets import read_budget
from costcalc.typed.columns import USUAL

NAMES = [spec.name for spec in catalogue.specs()]


def same_as_reports(name: str, axes: dict[str, list[Any]]) -> int:
    """Compare each row with the report of its point; the number of rows."""
    swept = costcalc.sweep(name, axes=axes, skip_invalid=True)
    for row in swept.rows:
        settings = {key: row[key] for key in axes}
        totals = costcalc.load(name, **settings).report().totals
        expected = {"mult_adds": totals.total, **{key: totals[key] for key in USUAL}}

        assert expected == {key: row[key] for key in expected}, settings
    return len(swept.rows)


LARGE = {"nasnet_a_mobile", "espnetv2_psp", "inception_resnet_v2"}


@pytest.mark.parametrize("name", each(sorted({*NAMES, *SAMPLE}), sorted(SAMPLE - LARGE)[::2]))
def test_every_cell_is_the_report_of_its_point(name: str) -> None:
    """Widths at which the structure changes (0.1), odd sizes, and points that have no network."""
    side = costcalc.load(name).input.h
    axes = {"alpha": [Fraction(1, 10), Fraction("0.35"), 1, Fraction("1.3")], "resolution": [side, side + 31]}

    assert same_as_reports(name, axes) > 0


@settings(max_examples=settings().max_examples // 2)
@given(
    st.sampled_from(["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "shufflenet_v2_x1_0"]),
    st.lists(st.fractions(Fraction(1, 10), 2, max_denominator=40), min_size=1, max_size=3, unique=True),
    st.lists(st.fractions(Fraction(1, 3), Fraction(3, 2), max_denominator=9), min_size=1, max_size=3, unique=True),
)
def test_random_points(name: str, alphas: list[Fraction], betas: list[Fraction]) -> None:
    if name in NAMES:
        same_as_reports(name, {"alpha": alphas, "beta": betas})


EVERY = [measure for measure in costcalc.MEASURES if measure not in TOTALS]
"""Every measure but the conventions' totals."""


@settings(max_examples=settings().max_examples // 4)
@given(
    st.sampled_from(["mobilenet_v1", "mobilenet_v2", "vgg16", "shufflenet_v2", "squeezenet1_1", "nin"]),
    st.lists(st.sampled_from(["1/100", "1/3", "1", "3/2", "8", "127/2", "64"]), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from([96, 224, 1024, 9999, 65535, 65536]), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from([1, 3, 2**10, 2**20 - 1, 2**20]), min_size=1, max_size=2, unique=True),
    st.sampled_from(list(Dtype)),
    st.sampled_from(["paper", "flops", "two_per_mac"]),
)
def test_the_largest_settings_that_are_accepted(
    name: str, alphas: list[str], sides: list[int], batches: list[int], dtype: Dtype, convention: str
) -> None:
    """No column wraps around, in no number format: costs pass 2^63 and 2^64, beside small ones in the same sweep."""
    axes = {"alpha": alphas, "resolution": sides, "batch": batches}
    total = load_convention(convention).total
    columns = [total, *EVERY]
    swept = costcalc.sweep(
        name, axes=axes, columns=columns, dtype=dtype, convention=convention, skip_invalid=True
    )  # fmt: skip
    for row in swept.rows:
        ledger = costcalc.load(name, **{key: row[key] for key in axes}).ledger(convention, dtype)
        for column in columns:
            exact = ledger[column]

            assert (float(exact) if isinstance(exact, Fraction) else exact) == row[column], (column, row)
    assert len(swept.rows) > 0 or swept.invalid


@settings(max_examples=settings().max_examples // 2)
@given(
    st.sampled_from(["lenet5", "vgg16", "vgg16@separable", "squeezenet1_1", "x3d_s@gamma_d=1/2"]),
    st.dictionaries(
        st.sampled_from(["alpha", "beta", "batch", "classes"]), st.sampled_from([[1], [1, 2], [2, 3]]), max_size=4
    ),
    st.sampled_from(list(Dtype)),
)
def test_a_sweep_along_any_of_its_axes_is_its_reports(name: str, axes: dict[str, list[int]], dtype: Dtype) -> None:
    """Also where nothing differs but the batch, or nothing at all: a ratio is a fraction there, too."""
    axes = axes or {"batch": [1]}
    columns = ["mult_adds", *EVERY]
    for row in costcalc.sweep(name, axes=axes, columns=columns, dtype=dtype, skip_invalid=True).rows:
        ledger = costcalc.load(name, **{key: row[key] for key in axes}).ledger(dtype=dtype)
        for column in columns:
            exact = ledger[column]

            assert (float(exact) if isinstance(exact, Fraction) else exact) == row[column], (column, row)


@pytest.mark.parametrize("axes", [{"batch": [1]}, {"batch": [1, 2]}, {"resolution": [224]}, {"resolution": [224, 256]}])
def test_a_budget_of_a_ratio_is_compared_with_all_its_digits(axes: dict[str, list[int]]) -> None:
    """VGG-16 does 15,470,264,320 multiply-accumulates over 674,925,632 bytes, 22.92 a byte: more than 22."""
    first = {key: values[0] for key, values in axes.items()}
    for limit, kept in ((22, False), ("22.92", False), ("22.93", True), (23, True)):
        rows = costcalc.sweep("vgg16", axes=axes, max_intensity=limit).rows
        assert kept == any(first.items() <= row.items() for row in rows), limit


@pytest.mark.parametrize("text", ["0.1", "1/3", "22.1", "1/7", "2.5"])
def test_a_rounded_figure_at_the_bound_is_within(text: str) -> None:
    """0.1 as a float is above a tenth, 1/3 below a third."""
    for option in ("max-intensity", "min-intensity"):
        assert read_budget(option, text).keeps(float(Fraction(text)))
        assert read_budget(option, text).keeps(Fraction(text))
    assert not read_budget("max-intensity", text).keeps(float(Fraction(text)) * 1.001)
    assert not read_budget("min-intensity", text).keeps(float(Fraction(text)) * 0.999)


def test_a_fraction_is_no_cell_of_a_matrix() -> None:
    """It is refused, not cut off."""
    with pytest.raises(QuantityError, match="5/2 is no whole number"):
        grid.matrix(Fraction(5, 2), (1, 1))


def test_past_the_whole_numbers_of_the_machine() -> None:
    """64 bits hold less than these: 2^64 is 18,446,744,073,709,551,616."""
    (row,) = costcalc.sweep("vgg16", axes={"alpha": "8", "resolution": "1024", "batch": "1048576"}).rows

    assert 21_424_361_474_581_594_112 == row["mult_adds"]
    assert "21,424,361,474,581,594,112" in run("vgg16", "-a", "8", "-r", "1024", "-n", "1048576").stdout


def test_two_files_of_one_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old spec beside the new one: rows have the names that were typed. The same file twice is one name."""
    monkeypatch.chdir(tmp_path)
    names = ["old.yaml", "new.yaml"]
    for file, out in zip(names, (8, 16), strict=True):
        text = f"costcalc: 1\nname: tiny\ninput: 8x8x3\nlayers:\n- {{op: conv, k: 1, out: {out}}}\n"
        Path(file).write_text(text, encoding="utf-8")
    widest = costcalc.widest(names, {"batch": [1, 2]}, max_mult_adds="4k")

    assert names == [row["network"] for row in costcalc.sweep(*names, axes={"batch": [1]}).rows]
    assert names == sorted({row["network"] for row in widest.rows}, reverse=True)
    assert ["tiny", "tiny"] == [row["network"] for row in costcalc.sweep("old.yaml", "old.yaml", axes={}).rows]


@pytest.mark.parametrize("format", ["table", "csv", "jsonl"])
def test_a_budget_is_compared_with_the_true_cost(format: str) -> None:
    """What wrapped around to a negative number was within any budget."""
    huge = ["mobilenet_v1", "-r", "65536", "-n", "1048576", "-f", format]
    within = run(*huge, "--max-mult-adds", "1G")

    assert 0 == within.exit_code
    assert "65536" not in within.stdout.replace(",", "")
    assert [] == costcalc.sweep(
        "mobilenet_v1", axes={"resolution": [65536], "batch": [2**20]}, max_mult_adds="1G"
    ).rows  # fmt: skip
    assert "65536" in run(*huge, "--min-mult-adds", "1T").stdout.replace(",", "" if format == "table" else ",")


@pytest.mark.parametrize(("beta", "side", "top1"), [("6/7", 192, 69.1), ("5/7", 160, 67.2), ("4/7", 128, 64.4)])
def test_beta_is_the_resolution_that_the_network_sees(beta: str, side: int, top1: float) -> None:
    """MobileNetV1 at 6/7 of 224 positions is the network that its authors call 192, with their accuracy."""
    (row,) = costcalc.sweep("mobilenet_v1", axes={"beta": [beta]}).written
    (same,) = costcalc.sweep("mobilenet_v1", axes={"resolution": [side]}).written

    assert (beta, side, top1) == (row["beta"], row["resolution"], row["top1"])
    assert {**row, "beta": "1"} == same


def test_a_side_that_a_name_asks_for_stands_in_the_rows_as_one_that_an_axis_does() -> None:
    (named,) = costcalc.sweep("mobilenet_v1@resolution=192", axes={"beta": ["1/2"]}).written
    (swept,) = costcalc.sweep("mobilenet_v1", axes={"beta": ["1/2"], "resolution": [192]}).written

    assert 192 == named["resolution"]
    assert named == swept


def test_sides_between_two_positions_go_to_the_nearer_one() -> None:
    """0.7 of 224 are 156.8, half of 225 are 112.5."""
    assert "157x157x3" == str(costcalc.load("mobilenet_v1", beta="0.7").input)
    assert "113x113x3" == str(costcalc.load("mobilenet_v1", beta="0.5", resolution=225).input)


def test_a_width_of_nearly_nothing_beside_another() -> None:
    """1e-20 is a width like any other: every layer at its least. It is written as it is read."""
    tiny = "0." + 19 * "0" + "1"
    rows = costcalc.sweep("mobilenet_v2", axes={"alpha": ["1", tiny]}).written
    printed = run("mobilenet_v2", "-a", f"1,{tiny}")

    assert ["1", tiny] == [row["alpha"] for row in rows]
    assert costcalc.load("mobilenet_v2", alpha=tiny).ledger()["mult_adds"] == rows[1]["mult_adds"]
    assert (0, "") == (printed.exit_code, printed.stderr)
    assert tiny in printed.stdout


def test_a_point_that_a_report_refuses_is_refused() -> None:
    """MobileNetV1 keeps 8 channels at least, VGG-16 has none left at a tiny alpha: sweep and report say the same."""
    tiny = "0." + 19 * "0" + "1"
    for name in ("mobilenet_v1", "mobilenet_v2", "vgg16", "resnet50", "densenet121"):
        try:
            expected = costcalc.load(name, alpha=tiny).ledger()["mult_adds"]
        except costcalc.CostcalcError:
            expected = None
        rows = costcalc.sweep(name, axes={"alpha": [tiny, "1"]}, skip_invalid=True).written
        found = {row["alpha"]: row["mult_adds"] for row in rows}

        assert expected == found.get(tiny), name


def test_a_setting_that_is_called_as_a_measure() -> None:
    """DenseNet's `compression` keeps its column in the rows; with the measure beside it one of them would be lost."""
    axes = {"compression": [1, "0.5"]}
    with pytest.raises(UsageError, match="compression is a setting of a network and a column of every row"):
        costcalc.sweep("densenet121", axes=axes, columns="compression")
    rows = costcalc.sweep("densenet121", axes=axes, columns="params", sort="compression").rows
    assert [(0.5, 7_978_856), (1, 13_908_584)] == [(row["compression"], row["params"]) for row in rows]
    swept = costcalc.sweep("densenet121", axes=axes, columns="params", max_compression="0.995")
    assert ["densenet121 at compression 1", "densenet121 at compression 0.5"] == [near.name for near in swept.near]


def test_a_word_among_the_values_of_a_number() -> None:
    """Pad 0 and 1 of a pooling that rounds up at one of them: two parts of the grid, each its report."""
    for row in costcalc.sweep("resnet50", axes={"pool_pad": [0, 1]}).rows:
        assert costcalc.load("resnet50", pool_pad=row["pool_pad"]).ledger()["mult_adds"] == row["mult_adds"]


def test_the_sixteen_models_of_the_paper() -> None:
    """MobileNetV1, Tables 6 and 7: alpha by resolution, with the published top-1 where the paper has the point."""
    swept = costcalc.sweep("mobilenet_v1", axes={"alpha": "0.25:1:0.25", "resolution": "128:224:32"})
    by_point = {(row["alpha"], row["resolution"]): row for row in swept.written}

    assert 16 == len(swept.rows)
    assert 13_570_048 == by_point["0.25", 128]["mult_adds"]
    assert (568_740_352, 70.6) == (by_point["1", 224]["mult_adds"], by_point["1", 224]["top1"])
    assert (76_524_800, 60.2) == (by_point["0.5", 160]["mult_adds"], by_point["0.5", 160]["top1"])


def test_words_and_groups_are_axes_too() -> None:
    swept = costcalc.sweep("shufflenet_v1", axes={"groups": [1, 2, 3, 4, 8]})

    assert [143078976, 140836512, 137460672, 134339776, 138365952] == [row["mult_adds"] for row in swept.rows]
    assert 2 == len(costcalc.sweep("vgg16", axes={"norm": ["none", "bn"]}).rows)


def test_a_total_past_the_floats_is_exact() -> None:
    """2^40 times 2^40 plus 1."""
    big = grid.channel([2**40, 3]) * grid.position([2**40, 1])

    assert [[2**80 + 1, 2**40 + 1], [3 * 2**40 + 1, 4]] == grid.matrix(grid.added([big, 1]), (2, 2)).tolist()


def run(*args: str) -> Result:
    """A command, as if piped."""
    return CliRunner().invoke(main, ["sweep", *args])


def test_formats() -> None:
    rows = json.loads(run("mobilenet_v2", "-a", "0.5,1", "-f", "json").stdout)

    assert [97131840, 300774272] == [row["mult_adds"] for row in rows]
    header = run("mobilenet_v2", "-a", "0.5,1", "-f", "csv").stdout.splitlines()[0]
    assert header.startswith(
        "network,alpha,beta,resolution,mult_adds,params,weight_bytes,activation_bytes,peak_activation_bytes,traffic_bytes"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["mobilenet_v1", "-a", ""], "'' is not a value"),
        (["mobilenet_v1", "-a", "1:0.5:0.1"], "the range runs backward from 1 to 1/2"),
        (["mobilenet_v1", "-a", "0.5:1:0"], "a step of zero"),
        (["mobilenet_v1", "-a", "0.5:1:0.3"], "do not meet 1"),
        (["mobilenet_v1", "-a", "0.5:1"], "is not a range"),
        (["mobilenet_v1", "-a", "0.5,0.5"], "0.5 stands twice"),
        (["mobilenet_v1", "-a", "0:1:0.5"], "alpha: 0 is out of range"),
        (["mobilenet_v1", "-a", "0.001:1:0.000001"], "more than 100000 values"),
        (["mobilenet_v1", "-r", "1:60000:1", "-a", "0.001:1:0.001"], "60000000 points"),
        (["mobilenet_v1", "-r", "1:60000:1", "-a", "0.0001:10:0.0001", "-n", "1:10:1"], "expected: 1 to 10000000000"),
        (["mobilenet_v1", *(word for i in range(1000) for word in ("-s", f"a{i}=1"))], "1000 axes"),
        (["mobilenet_v1", "-a", "1", "--max-mult-adds", "300Q"], "unknown unit 'Q'"),
        (["mobilenet_v1", "-a", "1", "--max-flops", "1G"], "the convention paper counts mult_adds, not flops"),
        (["mobilenet_v1", "--best"], "--best without a budget"),
        (["nasnet_a_large", "vgg16", "--best", "--max-params", "1k", "-a", "0.5"], "no point of nasnet_a_large fits"),
        (["mobilenet_v1", "--best", "--max-params", "1k"], "no point of mobilenet_v1 fits: the cheapest has params"),
        (["mobilenet_v1", "-a", "1", "-j", "2"], "--jobs 2 does not go with --format table"),
        (["mobilenet_v1@alpha=1", "-a", "1"], "alpha is set twice"),
        (["mobilenet_v1@no-se", "-a", "1"], "@no-se changes nothing"),
        (["mobilenet_v1", "-s", "wdith=1,2"], "has no setting 'wdith'"),
        (["mobilenet_v7", "-a", "1"], "no network 'mobilenet_v7'"),
        (["alexnet", "-r", "20,227"], "or --skip-invalid to leave them out"),
        (["mobilenet_v1", "-a", "1", "--plot", "a.sgv"], "did you mean 'a.svg'?"),
    ],
)
def test_wrong_use(args: list[str], message: str) -> None:
    result = run(*args)

    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_skip_invalid_says_which() -> None:
    result = run("alexnet", "-r", "20,227", "--skip-invalid", "-f", "csv")

    assert 0 == result.exit_code
    assert "left out: alexnet at resolution 20" in result.stderr
    assert 2 == len(result.stdout.splitlines())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1e0"], "alpha: '1e0' is not a value"),
        ([None], "alpha: 'None' is not a value"),
        ([(1, 2)], r"alpha: '\(1, 2\)' is not a value"),
        (0.5, "alpha: 0.5 is no list of values"),
    ],
)
def test_wrong_values_of_an_axis(values: Any, message: str) -> None:
    """They are told as they were given."""
    with pytest.raises(UsageError, match=message):
        costcalc.sweep("lenet5", axes={"alpha": values})


def test_no_point_at_all_has_a_network() -> None:
    """Not even the cheapest can be told."""
    result = run("alexnet", "-r", "5", "-a", "1", "--max-mult-adds", "1G", "--best")

    assert 2 == result.exit_code
    assert result.stderr.startswith(
        "Error: alexnet at alpha 1, resolution 5: specs/networks/alexnet.yaml:21:26: a window"
    )
    assert "positions\n  expected: " in result.stderr
    assert "5 + 0 + 0 positions\n  expected: " in run("alexnet", "-r", "5").stderr
