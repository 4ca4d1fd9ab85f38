"""What tables of people say: fields of layers, what the parameters leave out, headings and small words."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

import costcalc
from costcalc.cli.main import main


def run(*args: str, code: int = 0, **environment: str) -> str:
    result = CliRunner().invoke(main, args, env=environment)
    assert code == result.exit_code, result.output
    return result.stdout if code < 2 else result.stderr


def rows_of(network: str, *columns: str, by: str = "layer") -> dict[str, list[str]]:
    """The rows of a report as CSV, by name."""
    text = run("report", network, "--columns", ",".join(columns), "--by", by, "-f", "csv")
    return {row["name"]: [row[column] for column in columns] for row in csv.DictReader(text.splitlines())}


FIELDS = ("kernel", "stride", "groups")


def test_fields_of_layers() -> None:
    """A depthwise convolution has a group for each channel; what slides no window has none."""
    rows = rows_of("mobilenet_v1", *FIELDS, "mult_adds")

    assert ["3x3", "2", "1", "10838016"] == rows["conv1"]
    assert ["3x3", "2", "64", "1806336"] == rows["separable2.dwconv1"]
    assert ["", "", "", "0"] == rows["gap1"]


def test_fields_in_other_dimensions() -> None:
    """Frames first: the kernel and, where they differ, the strides of each dimension (arXiv:2004.04730, Table 1)."""
    rows = rows_of("x3d_m", *FIELDS)

    assert ["1x3x3", "1x2x2", "1"] == rows["conv1.conv1"]
    assert ["5x1x1", "1", "24"] == rows["conv1.dwconv1"]


def test_a_pool_strides_by_its_window_and_a_norm_by_itself_has_groups() -> None:
    spec = "costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n- {op: maxpool, k: 2}\n- {op: gn, groups: 2}\n"
    layers = costcalc.from_spec(spec).report(by="node", columns=FIELDS).rows

    assert [["2x2", 2, None], [None, None, 2]] == [[row[name] for name in FIELDS] for row in layers]


def test_fields_are_json_and_no_totals() -> None:
    document = json.loads(run("report", "lenet5", "--columns", "kernel,stride,params", "-f", "json"))

    assert {"params": 60_000} == document["totals"]
    assert ["5x5", 1] == [document["layers"][0][name] for name in ("kernel", "stride")]


def test_the_costliest_come_first_whatever_column_is_first() -> None:
    (name,) = [row["name"] for row in costcalc.load("lenet5").report(columns="kernel,params", top=1).rows]

    assert "C5" == name


@pytest.mark.parametrize("by", ["block", "stage", "operator"])
def test_fields_are_of_layers_alone(by: str) -> None:
    assert run("report", "lenet5", "--by", by, "--columns", "kernel", code=2).startswith(
        f"Error: kernel is said of layers, not by {by}\n  expected: --by layer, or node\n"
    )


@pytest.mark.parametrize("command", ["sweep lenet5 -a 1 --columns stride", "report lenet5 --sort stride"])
def test_fields_are_no_measures(command: str) -> None:
    assert "stride is said of layers" in run(*command.split(), code=2)


@pytest.mark.parametrize("columns", [100, 170])
def test_a_wide_table_says_what_layers_are(columns: int) -> None:
    lines = run("report", "mobilenet_v1", COLUMNS=str(columns)).splitlines()

    assert (columns == 170) == any("kernel  stride  groups" in line for line in lines)
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("mobilenet_v1", "not in the parameters: running statistics 21,888\n"),
        (
            "mobilenet_v1 -c weights_only",
            "not in the parameters: biases 1,000, scale and shift of norms 21,888, running statistics 21,888\n",
        ),
        ("mobilenet_v1 -c keras", ""),
        ("nin", ""),
    ],
)
def test_what_the_parameters_leave_out_is_said(words: str, line: str) -> None:
    """MobileNetV1's 10,944 normalised channels have a mean and a variance each, as torch's buffers are."""
    text = run("report", *words.split())

    assert line in text
    assert bool(line) == ("not in the parameters" in text)


def test_one_is_not_many() -> None:
    assert run("list", "lenet_caffe").startswith("1 network with 'lenet_caffe'\n")
    assert run("verify", "mobilenet_ssd").startswith("1 published figure\n")
    assert run("sweep", "lenet5", "-a", "1").startswith("lenet5: 1 point\n")


def test_years_are_numbers_without_groups() -> None:
    (row,) = json.loads(run("list", "lenet_caffe", "-f", "json"))

    assert 1998 == row["year"]
    assert " 1998 " in run("list", "lenet_caffe")


def test_the_heading_of_a_percentage_for_people_and_for_programs() -> None:
    words = ("check", "lenet5", "--max-params", "60,300")

    assert ["60,300", "60,000", "300", "0.50"] == run(*words).splitlines()[4].split()[3:7]
    assert "room %" in run(*words)
    assert 0.5 == json.loads(run(*words, "-f", "json"))[0]["room_percent"]
