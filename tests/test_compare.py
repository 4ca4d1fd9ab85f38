"""Comparisons: totals side by side, layers aligned, differences that add up, every format, wrong input."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import costcalc
from costcalc.analysis.compare.side_by_side import align
from costcalc.analysis.verify import printed_value
from costcalc.cli import main
from costcalc.report.comparison import render_comparison
from costcalc.report.formats import Format
from costcalc.report.tables.units import signed, times
from costcalc.spec import catalogue

NAMES = [name for spec in catalogue.specs() for name in (spec.name, *spec.variants)]


def run(*args: str, stdin: str | None = None) -> Result:
    """A command, as if piped."""
    return CliRunner().invoke(main, ["compare", *args], input=stdin)


def test_conv_mobilenet_against_mobilenet() -> None:
    """Table 4: 4866M and 29.3M against 569M and 4.2M; the paper's 4866M leave out the classifier's 1.024M."""
    full, separable = costcalc.compare("mobilenet_v1@standard", "mobilenet_v1").rows

    assert (4_866_269_184 + 1_024_000, 29_294_088) == (full["mult_adds"], full["params"])
    assert (568_740_352, 4_231_976) == (separable["mult_adds"], separable["params"])
    assert (1, 1) == (full["mult_adds_ratio"], full["params_ratio"])
    assert 0.1168 == round(separable["mult_adds_ratio"], 4)
    assert 0.1445 == round(separable["params_ratio"], 4)


def test_the_shallow_network_against_the_narrow_one() -> None:
    """Table 5: 307M and 2.9M against 325M and 2.6M, to the printed digits."""
    rows = costcalc.compare("mobilenet_v1_shallow", "mobilenet_v1@alpha=0.75").rows
    for row, mult_adds, params in zip(rows, ("307M", "325M"), ("2.9M", "2.6M"), strict=True):
        for printed, computed in ((mult_adds, row["mult_adds"]), (params, row["params"])):
            value, half = printed_value(printed)

            assert abs(value - computed) <= half, printed


def test_settings_hold_for_all_and_those_of_a_name_for_one() -> None:
    rows = costcalc.compare("mobilenet_v1", "mobilenet_v1@alpha=0.5", resolution=160).rows

    assert [290_675_200, 76_524_800] == [row["mult_adds"] for row in rows]
    assert ["160x160x3"] * 2 == [row["input"] for row in rows]


def check_alignment(first: str, second: str) -> None:
    """Every layer of either side stands in one pair, in its order, and the differences add up."""
    compared = costcalc.compare(first, second, align_layers=True)
    layers, sides = compared.layers, compared.sides
    for key, side in zip(("first", "second"), sides, strict=True):
        assert [*side.ledger.layers] == [row[f"{key}_name"] for row in layers if row[f"{key}_name"]]
    for name in ("mult_adds", "params", "weight_bytes"):
        difference = sides[1].ledger[name] - sides[0].ledger[name]

        assert difference == sum(row[f"{name}_difference"] for row in layers)
        assert all(
            row[f"{name}_difference"] == (row[f"second_{name}"] or 0) - (row[f"first_{name}"] or 0) for row in layers
        )


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_the_differences_of_the_layers_add_up(first: str, second: str) -> None:
    check_alignment(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mobilenet_v1@standard", "mobilenet_v1"),
        ("nasnet_a_large", "nasnet_a_large@standard"),
        ("resnet50", "seresnet50"),
        ("vgg16", "vgg16@separable@rank=64"),
        ("mobilenet_v1", "mobilenet_v1@alpha=0.1"),
    ],
)
def test_transforms_align(first: str, second: str) -> None:
    check_alignment(first, second)
    check_alignment(second, first)


HEAD = "costcalc: 1\nname: net\ninput: 16x16x3\nlayers:\n"


def pairs(tmp_path: Path, old: str, new: str) -> list[tuple[str | None, str | None]]:
    """The aligned names of two specs."""
    files = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for file, text in zip(files, (old, new), strict=True):
        file.write_text(HEAD + text)
    layers = costcalc.compare(*map(str, files), align_layers=True).layers
    return [(row["first_name"], row["second_name"]) for row in layers]


A, B, C = "- {op: conv, out: 4}\n", "- {op: conv, k: 3, out: 8}\n", "- {op: conv, k: 3, out: 16}\n"


def test_a_layer_put_in_between(tmp_path: Path) -> None:
    """The numbers in the names after it shift; the layers are still themselves."""
    assert [("conv1", "conv1"), (None, "conv2"), ("conv2", "conv3"), ("conv3", "conv4")] == pairs(
        tmp_path, A + B + C, A + "- {op: conv, k: 5, out: 4}\n" + B + C
    )
    assert [("conv1", "conv1"), ("conv2", None), ("conv3", "conv2"), ("conv4", "conv3")] == pairs(
        tmp_path, A + "- {op: conv, k: 5, out: 4}\n" + B + C, A + B + C
    )


def test_a_layer_edited_is_found_by_its_name(tmp_path: Path) -> None:
    old = "- stem: {op: conv, out: 4}\n- body: {op: conv, k: 3, out: 4}\n- {op: gap}\n"

    assert [("stem", "stem"), ("body", "body"), ("gap1", "gap1")] == pairs(tmp_path, old, old.replace("k: 3", "k: 5"))


def test_of_two_equal_layers_the_one_of_the_same_name_is_it(tmp_path: Path) -> None:
    old = "- a: {op: conv, k: 3, out: 3}\n- b: {op: conv, k: 3, out: 3}\n"

    assert [("a", None), ("b", "b")] == pairs(tmp_path, old, "- b: {op: conv, k: 3, out: 3}\n")


def test_a_layer_edited_and_renamed_is_found_by_place_and_kind(tmp_path: Path) -> None:
    old = A + "- mid: {op: conv, k: 3, out: 8}\n- {op: gap}\n"
    new = A + "- centre: {op: conv, k: 3, out: 12}\n- {op: gap}\n"

    assert [("conv1", "conv1"), ("mid", "centre"), ("gap1", "gap1")] == pairs(tmp_path, old, new)
    assert [("conv1", "conv1"), ("mid", None), (None, "pool"), ("gap1", "gap1")] == pairs(
        tmp_path, old, A + "- pool: {op: maxpool, k: 2, stride: 2}\n- {op: gap}\n"
    )


def test_strangers_are_matched_by_kernels_before_what_costs_nothing(tmp_path: Path) -> None:
    """The tanh is the same in both; the convolutions have other names, and biases for norms."""
    old = "- a: {op: conv, k: 3, out: 3, norm: bn}\n- r: {op: tanh}\n- b: {op: conv, out: 3, norm: bn}\n"
    new = "- t: {op: tanh}\n- c: {op: conv, k: 3, out: 3, bias: true}\n- d: {op: conv, out: 3, bias: true}\n"

    assert [(None, "t"), ("a", "c"), ("r", None), ("b", "d")] == pairs(tmp_path, old, new)


def test_layers_are_alike_with_the_same_kernels_in_the_same_format() -> None:
    """Norms and biases may differ; of nothing there is a ratio, that of nothing to something is none."""
    norm, bias, narrow, none = (
        costcalc.from_spec(HEAD + row)
        for row in (
            "- {op: conv, k: 3, out: 8, norm: bn}", "- {op: conv, k: 3, out: 8, bias: true}",
            "- {op: conv, k: 3, out: 8, bias: true, dtype: int8}", "- {op: relu}",
        )
    )  # fmt: skip

    found = [costcalc.compare(norm, other, align_layers=True).layers[0]["alike"] for other in (bias, narrow)]
    assert [True, False] == found
    assert [1, 0] == [row["params_ratio"] for row in costcalc.compare(norm, none).rows]
    assert [None, None] == [row["params_ratio"] for row in costcalc.compare(none, norm).rows]


def test_networks_of_the_same_names_are_matched_one_to_one() -> None:
    """However their widths fall: alpha 0.5 has layers as large as others of the whole network."""
    sides = [costcalc.load("mobilenet_v2", alpha=alpha).report().layers for alpha in ("1", "0.5")]
    for one in align(*sides, "mult_adds"):
        assert one.first and one.second and one.first.name == one.second.name


def edited(tmp_path: Path) -> tuple[str, str]:
    """A spec and its edited self."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(HEAD + A + B + "- {op: gap}\n- {op: linear, out: 10}\n")
    new.write_text(HEAD + A + "- {op: conv, k: 3, out: 6}\n- {op: gap}\n- {op: linear, out: 10}\n")
    return str(old), str(new)


def test_a_comment_for_a_pull_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input against a file: totals, and only the layers that differ."""
    old, _ = edited(tmp_path)
    monkeypatch.chdir(tmp_path)

    out = run("-", "new.yaml", "--layers", "--format", "markdown", stdin=Path(old).read_text()).stdout
    lines = out.splitlines()
    tables = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert "net (stdin) and new.yaml" == lines[0]
    assert [
        ["network", "input", "Mult-Adds", "ratio", "params", "ratio", "weight bytes", "activations", "peak", "traffic"],
        ["net (stdin)", "16x16x3", "76,880", "1.00", "390", "1.00", "1.560 kB", "12.36 kB", "12.29 kB", "29.31 kB"],
        [
            "new.yaml",
            "16x16x3",
            "* 58,428",
            "0.760",
            "* 298",
            "0.764",
            "* 1.192 kB",
            "* 10.30 kB",
            "* 10.24 kB",
            "* 24.83 kB",
        ],
        ["layer", "op", "output", "first", "second", "difference", "ratio", "in params"],
    ] == [tables[i] for i in (0, 2, 3, 4)]
    assert "Mult-Adds of the layers: 3 differ, 1 is equal" in lines
    assert [
        ["conv2", "conv", "16x16x8 -> 16x16x6", "73,728", "55,296", "-18,432", "0.750", "-72"],
        ["gap1", "gap", "1x1x8 -> 1x1x6", "0", "0", "0", "", "0"],
        ["linear1", "linear", "1x1x10", "80", "60", "-20", "0.750", "-20"],
        ["equal layers", "", "", "3,072", "3,072", "0", "1.00", "0"],
        ["total", "", "", "76,880", "58,428", "-18,452", "0.760", "-92"],
    ] == tables[6:]


def test_nothing_differs(tmp_path: Path) -> None:
    old, _ = edited(tmp_path)
    out = run(old, old, "--layers").stdout

    assert out.endswith("\n4 layers, all equal\n")
    assert "*" not in out.partition("* the least")[0]


def test_json_and_csv_have_every_layer(tmp_path: Path) -> None:
    files = edited(tmp_path)
    document = json.loads(run(*files, "--layers", "-f", "json", "-n", "2").stdout)
    parsed = list(csv.DictReader(io.StringIO(run(*files, "--layers", "-f", "csv", "-n", "2").stdout)))

    assert ("paper", "float32", {"batch": "2"}) == tuple(document[key] for key in ("convention", "dtype", "settings"))
    assert [2 * 76_880, 2 * 58_428] == [row["mult_adds"] for row in document["networks"]]
    assert [{key: "" if v is None else str(v) for key, v in row.items()} for row in document["layers"]] == parsed
    assert [True, False, False, False] == [row["equal"] for row in document["layers"]]
    assert [
        "network", "input", "mult_adds", "params", "weight_bytes", "activation_bytes", "peak_activation_bytes",
        "traffic_bytes", "top1", "top5", "mult_adds_ratio", "params_ratio",
    ] == run(*files, "-f", "csv").stdout.splitlines()[0].split(",")  # fmt: skip


@pytest.mark.parametrize("format", [str(format) for format in Format])
def test_every_format_has_the_figures(format: str) -> None:
    out = run("mobilenet_v1@standard", "mobilenet_v1", "--layers", "--format", format).stdout
    plain = out if format in ("csv", "json") else out.replace(",", "").replace("$-$", "-")  # LaTeX's sign

    for figure in ("231211008", "25690112", "-205520896", "-16384"):
        assert figure in plain


def test_what_a_reader_must_know_is_told() -> None:
    out = run("mobilenet_v1@standard@fold-norm", "mobilenet_v1", "-a", "0.5", "-d", "int8", "-c", "conv_only").stdout

    assert out.startswith("mobilenet_v1@standard@fold-norm and mobilenet_v1, alpha 0.5\n")
    assert "convention conv_only: " in out
    assert "bytes of int8\n" in out
    assert "mobilenet_v1@standard@fold-norm: places changed: 13 by @standard, 14 by @fold-norm\n" in out


def test_a_partial_total_is_told() -> None:
    """By the network for which the convention has no rule."""
    compared = costcalc.compare("lenet5", "vgg16")
    first, second = compared.sides
    unknown = costcalc.load("lenet5").ledger()
    unknown.__dict__["left_out"] = ("rbf", "lrn")
    partial = replace(compared, sides=(first._replace(ledger=unknown), second))

    assert "lenet5: partial, the convention has no rule for rbf, lrn\n" in render_comparison(partial, "table")
    assert "partial" not in render_comparison(compared, "table")
    assert (None, 60_000) == (partial.best(partial.shown[0]), partial.best(partial.shown[1]))
    assert [["rbf", "lrn"], []] == [
        row["left_out"] for row in json.loads(render_comparison(partial, "json"))["networks"]
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (1.0, "1.00"), (0.11685, "0.117"), (41.84, "41.8"), (123.4, "123"), (1290.4, "1,290")],
)
def test_ratios_in_three_digits(value: float | None, text: str) -> None:
    assert text == times(value)


def test_signs() -> None:
    assert ["+1,000", "-1,000", "0"] == [signed(value) for value in (1000, -1000, 0)]


def test_the_table_fits_a_terminal_of_80_columns() -> None:
    main_end, other_end = pty.openpty()
    code = "from costcalc.cli import main; main(prog_name='costcalc')"
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    environment.pop("NO_COLOR")
    args = ["compare", "mobilenet_v1@standard", "mobilenet_v1", "--layers"]
    with subprocess.Popen([sys.executable, "-c", code, *args], stdout=other_end, env=environment) as process:
        os.close(other_end)
        seen = b""
        try:
            while chunk := os.read(main_end, 65536):
                seen += chunk
        except OSError:  # Linux says so when the other end has closed
            pass
        os.close(main_end)
        assert 0 == process.wait()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode())

    assert max(map(len, plain.splitlines())) <= 80
    for whole in (
        "4,867,293,184",
        "* 568,740,352",
        "29,294,088",
        "-205,520,896",
        "-25,062,112",
        "in params",
        "separable13.dwconv1",
    ):
        assert whole in plain


def test_accuracy_stands_beside_cost() -> None:
    """As it is published at these very settings; the column is left out where nobody publishes any."""
    rows = costcalc.compare("mobilenet_v1", "mobilenet_v2", resolution=160).rows

    assert [(67.2, None), (68.8, None)] == [(row["top1"], row["top5"]) for row in rows]
    assert (
        "70.6" in run("mobilenet_v1", "mobilenet_v2").stdout and "* 72.0" in run("mobilenet_v1", "mobilenet_v2").stdout
    )
    assert "top" not in run("lenet5", "lenet_300_100").stdout


def test_a_ratio_is_never_called_as_a_measure_that_is_shown() -> None:
    """`memory_access_ratio` is memory access over its bound, not the ratio of the first column to the first network."""
    names = ("mobilenet_v1", "mobilenet_v2")
    first, second = costcalc.compare(*names, columns="memory_access,memory_access_ratio").rows
    for name, row in zip(names, (first, second), strict=True):
        assert float(costcalc.load(name).ledger()["memory_access_ratio"]) == row["memory_access_ratio"]
    assert second["memory_access_ratio_to_first"] == second["memory_access"] / first["memory_access"]


def test_ratios_are_to_the_network_that_was_named_first() -> None:
    """Where another stands first, or it is not shown, the line below names it."""
    pair = ("mobilenet_v1", "mobilenet_v2", "--columns", "params,top1")

    assert "* the best; ratio: to the first network;" in run(*pair).stdout
    assert "* the best; by intensity; ratio: to the first network;" in run(*pair, "--sort", "intensity").stdout
    assert "ratio: to mobilenet_v1;" in run(*pair, "--sort", "params").stdout
    assert "ratio: to mobilenet_v1, which is not shown;" in run(*pair, "--pareto", "params,top1").stdout


def test_a_picture_of_bytes_says_of_which_format(tmp_path: Path) -> None:
    """The peak beside the cost is in bytes; counts against counts are not."""
    file, pair = tmp_path / "c.svg", ("lenet5", "nin", "--dtype", "int8", "--plot", str(tmp_path / "c.svg"))

    assert 0 == run(*pair).exit_code and "bytes of int8" in file.read_text(encoding="utf-8")
    assert 0 == run(*pair, "--measure", "params,mult_adds").exit_code
    assert "bytes of" not in file.read_text(encoding="utf-8")


def marked(*networks: str, columns: str) -> list[str]:
    """The columns of a table in which a figure is marked."""
    compared = costcalc.compare(*networks, columns=columns)
    return [column.word for column in compared.shown if compared.best(column) is not None]


def test_the_best_is_marked_where_that_says_something() -> None:
    """Not where all are equal, neither way is better, a total is partial, or accuracies are of different data."""
    assert ["mult_adds", "top1"] == marked("mobilenet_v1", "mobilenet_v2", columns="mult_adds,macs,top1")
    assert ["params"] == marked("mobilenet_v1", "mobilenet_v1@resolution=160", "lenet5", columns="params,buffers")
    assert [] == marked("mobilenet_v1", "mobilenet_v1@resolution=160", columns="params")
    assert ["params"] == marked("mobilenet_v1", "mobilenet_v1@classes=120", columns="params,top1")


def test_layers_that_differ_most() -> None:
    """By the column asked for, the first one unless another is; the sums of the table still add up."""
    options = ("mobilenet_v1@standard", "mobilenet_v1", "--layers", "--top", "2")
    first, second = csv.DictReader(io.StringIO(run(*options, "--sort", "params", "-f", "csv").stdout))
    table = run(*options, "--columns", "params,mult_adds").stdout

    assert ("separable13.conv1", "separable12.conv1") == (first["first_name"], second["first_name"])
    assert ("-8388608", "-4194304") == (first["params_difference"], second["params_difference"])
    cells = [line.split() for line in table.split("difference ")[1].splitlines() if re.search(r"[+-]\d", line)]
    differences = [int(next(cell for cell in line if re.match(r"[+-]\d", cell)).replace(",", "")) for line in cells]
    assert "others that differ" in table and differences[-1] == sum(differences[:-1])


def test_the_picture(tmp_path: Path) -> None:
    file = tmp_path / "compared.svg"
    result = run("mobilenet_v1@standard", "mobilenet_v1", "-a", "0.5", "--plot", str(file))
    text = file.read_text()

    assert 0 == result.exit_code
    assert "mobilenet_v1@standard and mobilenet_v1, alpha 0.5" in text and "convention paper: " in text
    assert "149.5M" in text and "1.220G" in text
    assert "149.5M" in run("mobilenet_v1@standard", "mobilenet_v1", "-a", "0.5", "--kind", "terminal").stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["vgg16"], "Error: 1 network to compare\n  expected: two networks or more\n"),
        (
            ["vgg16", "vgg17"],
            "Error: no network 'vgg17'\n"
            "  expected: a name that `costcalc list` shows, a path to a spec, or - for standard input\n"
            "  did you mean 'vgg19'?\n",
        ),
        (
            ["-", "-@standard"],
            "Error: - stands twice: standard input holds one spec\n  expected: a path for the other one\n",
        ),
        (
            ["lenet5", "nin", "--layers", "--pareto"],
            "Error: --pareto with --layers: a frontier is of networks\n  expected: --sort NAME, --top N\n",
        ),
        (
            ["lenet5", "nin", "--layers", "--sort", "top1"],
            "Error: --layers: top1 is a word of whole networks\n  expected: a measure of layers to sort by\n",
        ),
        (["vgg16", "vgg19", "lenet5", "--layers"], "Error: layers of 3 networks to align\n  expected: two networks\n"),
        (
            ["vgg16@alpha=0.5", "vgg16", "-a", "1"],
            "Error: alpha is set twice: in the network's name and beside it\n  expected: one value for alpha\n",
        ),
        (
            ["vgg16", "vgg16@no-se"],
            "Error: @no-se changes nothing in this network\n"
            "  expected: a `mul` of a feature map with 1x1 gates made from its own global pooling\n",
        ),
    ],
)
def test_wrong_use(args: list[str], message: str) -> None:
    result = run(*args)

    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)
