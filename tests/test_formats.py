"""Number formats: of weights, feature maps and partial sums, for all layers or by name, asked for or declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import costcalc
from costcalc import UsageError
from costcalc.cli.main import main
from costcalc.counting import counting_of
from costcalc.dtypes import Dtype

# three layers of sizes to count in the head: 5x5x3 -> 5x5x4 -> 5x5x2 -> 50 -> 10
SPEC = """\
costcalc: 1
name: tiny
input: 5x5x3
layers:
- first: {op: conv, k: 3, out: =4, act: relu}
- second: {op: conv, k: 1, out: =2}
- flat: {op: flatten}
- last: {op: linear, out: =10, bias: false}
"""
FIRST, SECOND, LAST = 3 * 3 * 3 * 4, 4 * 2, 50 * 10
INPUT, MAP_1, MAP_2, MAP_3 = 75, 100, 50, 10


def tiny(text: str = SPEC, **words: Any) -> costcalc.Ledger:
    return costcalc.from_spec(text).ledger(**words)


@pytest.mark.parametrize(
    ("words", "weights", "maps"),
    [
        ({}, 4 * (FIRST + SECOND + LAST), 4 * (MAP_1 + MAP_2 + MAP_3)),
        ({"dtype": "int8"}, FIRST + SECOND + LAST, MAP_1 + MAP_2 + MAP_3),
        ({"weights": "int8"}, FIRST + SECOND + LAST, 4 * (MAP_1 + MAP_2 + MAP_3)),
        ({"activations": "float16"}, 4 * (FIRST + SECOND + LAST), 2 * (MAP_1 + MAP_2 + MAP_3)),
        ({"weights": "first=float32,*=int4"}, 4 * FIRST + (SECOND + LAST) // 2, 4 * (MAP_1 + MAP_2 + MAP_3)),
        ({"weights": "int4,first=float32"}, 4 * FIRST + (SECOND + LAST) // 2, 4 * (MAP_1 + MAP_2 + MAP_3)),
        ({"weights": "*=int4,first=float32"}, (FIRST + SECOND + LAST) // 2, 4 * (MAP_1 + MAP_2 + MAP_3)),
        ({"dtype": "int8", "weights": "binary"}, 14 + 1 + 63, MAP_1 + MAP_2 + MAP_3),  # 108, 8 and 500 bits
        ({"activations": "int3"}, 4 * (FIRST + SECOND + LAST), 38 + 19 + 4),  # 300, 150 and 30 bits
        ({"dtype": "float8_e4m3"}, FIRST + SECOND + LAST, MAP_1 + MAP_2 + MAP_3),
    ],
)
def test_bytes_of_weights_and_maps(words: dict[str, str], weights: int, maps: int) -> None:
    """The first pattern that matches decides; numbers lie side by side, each tensor ends on a whole byte."""
    ledger = tiny(**words)

    assert (weights, maps) == (ledger["weight_bytes"], ledger["activation_bytes"])


def test_each_map_in_its_own_format() -> None:
    """What reads a map reads it as it was written; the network's input has the name `input`."""
    ledger = tiny(activations="input=uint8,first=int4,second=float16,last=float64")
    first, second, _, last = ledger.layers.values()

    assert (INPUT, MAP_1 // 2) == (first["input_bytes"], first["output_bytes"])
    assert (MAP_1 // 2, 2 * MAP_2) == (second["input_bytes"], second["output_bytes"])
    assert (2 * MAP_2, 8 * MAP_3) == (last["input_bytes"], last["output_bytes"])
    assert [INPUT + MAP_1 // 2, MAP_1 // 2 + 2 * MAP_2, 2 * MAP_2, 2 * MAP_2 + 8 * MAP_3] == [
        layer["live_bytes"] for layer in ledger.layers.values()
    ]
    assert 2 * MAP_2 + 8 * MAP_3 == ledger["peak_activation_bytes"] == ledger["live_bytes"]


def test_bits_of_a_product_of_maps_are_those_of_the_first() -> None:
    """25 rows with 25 rows over 4 columns, 8 bits by the 32 of a weight."""
    text = SPEC.partition("- first")[0] + "- a: {op: conv, out: 4}\n- b: {op: conv, out: 4}\n"
    found = tiny(text + "- c: {op: matmul, transpose: true, from: [a, b]}", activations="a=int8,b=int4")

    assert 25 * 25 * 4 * 8 * 32 == found.layers["c"]["bops"]


DECLARED = SPEC.replace("act: relu", "act: relu, dtype: float32").replace(
    "layers:", "defaults:\n  linear: {dtype: int2}\nlayers:"
)


@pytest.mark.parametrize(
    ("words", "weights"),
    [
        ({"dtype": "int8"}, 4 * FIRST + SECOND + LAST // 4),  # what a row declares is not for the plain word to change
        ({"dtype": "int8", "weights": "*=int8"}, FIRST + SECOND + LAST),  # a pattern is
        ({"weights": "int8,l*=int16"}, 4 * FIRST + SECOND + 2 * LAST),
    ],
)
def test_what_a_spec_declares(words: dict[str, str], weights: int) -> None:
    assert weights == tiny(DECLARED, **words)["weight_bytes"]


def test_a_declared_format_is_kept() -> None:
    """By transforms, and by `show`."""
    shown = costcalc.from_spec(DECLARED).resolved()
    narrow = costcalc.from_spec(SPEC.replace("act: relu", "dtype: int8"), "rank=1").ledger()

    assert tiny(DECLARED)["weight_bytes"] == costcalc.from_spec(shown).ledger()["weight_bytes"]
    assert [3, 3, 3, 4] == [layer["weight_bytes"] for layer in list(narrow.layers.values())[:4]]  # 1x1, 3x1, 1x3, 1x1


def test_a_sweep_has_the_figures_of_its_reports() -> None:
    words = {"weights": "conv1=float32,*=int4", "activations": "input=uint8,int8,separable1.*=float16"}
    columns = ["weight_bytes", "traffic_bytes", "peak_activation_bytes", "workspace_bytes", "accumulator_bytes"]
    rows = costcalc.sweep(
        "mobilenet_v1", axes={"alpha": "0.3,1", "resolution": "97,224"}, columns=columns, **words
    ).rows

    assert 4 == len(rows)
    for row in rows:
        ledger = costcalc.load("mobilenet_v1", alpha=row["alpha"], resolution=row["resolution"]).ledger(**words)
        assert [ledger[name] for name in columns] == [row[name] for name in columns]


def test_workspace_of_im2col() -> None:
    """AlexNet's first convolution as a matrix product: 11 x 11 x 3 rows, 55 x 55 columns (Chellapilla et al., 2006)."""
    ledger = costcalc.load("alexnet").ledger()

    assert 4 * 363 * 3025 == ledger.layers["conv1"]["workspace_bytes"]
    assert 4 * (5 * 5 * 96) * 27**2 == ledger["workspace_bytes"]  # the second's, which are the most
    assert 363 * 3025 == costcalc.load("alexnet", batch=8).ledger(dtype="int8").layers["conv1"]["workspace_bytes"]
    assert 0 == costcalc.load("mobilenet_v1").ledger().layers["separable1.conv1"]["workspace_bytes"]  # 1x1, stride 1


def test_a_strided_convolution_needs_its_columns_even_at_1x1() -> None:
    text = SPEC.replace("k: 1, out: =2", "k: 1, stride: 2, out: =2")

    assert 4 * (3 * 3 * 4) == tiny(text).layers["second"]["workspace_bytes"]


@pytest.mark.parametrize(
    ("words", "bytes_each"),
    [
        ({}, 4),
        ({"dtype": "int8"}, 4),
        ({"dtype": "float16"}, 4),
        ({"dtype": "float64"}, 8),
        ({"dtype": "int8", "accumulators": "int16"}, 2),
    ],
)
def test_accumulators(words: dict[str, str], bytes_each: int) -> None:
    """One for each value of a layer that multiplies and accumulates: the largest layer has 100."""
    ledger = tiny(**words)

    assert bytes_each * MAP_1 == ledger["accumulator_bytes"]
    assert 0 == ledger.layers["flat"]["accumulator_bytes"]


@pytest.mark.parametrize("dtype", list(Dtype))
def test_every_format(dtype: Dtype) -> None:
    """Bits as the name says, and a row of `list dtypes`."""
    digits = "".join(c for c in str(dtype).split("_")[0] if c.isdigit())

    assert dtype.bits == (int(digits) if digits else {"ternary": 2, "binary": 1}[dtype])
    assert -(-FIRST * dtype.bits // 8) == tiny(weights=f"first={dtype}").layers["first"]["weight_bytes"]
    assert dtype.about


@pytest.mark.parametrize(
    ("words", "message", "near"),
    [
        ({"weights": "conv=int9"}, "weights: unknown dtype 'int9'", "int8"),
        ({"weights": "frist=int8"}, "weights: no layer matches 'frist'", "first"),
        ({"activations": "x*=int8"}, r"activations: no layer matches 'x\*'", ""),
        ({"weights": "first=int8,first=int4"}, "weights: the pattern 'first' stands twice", ""),
        ({"weights": "int8,int4"}, "weights: two formats for all layers", ""),
        ({"weights": "first="}, "weights: 'first=' is no format", ""),
        ({"weights": "=int8"}, "weights: '=int8' is no format", ""),
        ({"weights": ","}, "weights: '' is no format", ""),
        ({"weights": ""}, "weights: '' is no format", ""),
        ({"accumulators": ""}, "accumulators: '' is no format", ""),
        ({"accumulators": "int33"}, "accumulators: unknown dtype 'int33'", "int3"),
        ({"accumulator": "int32"}, "'accumulator' says nothing of how to count", "accumulators"),
    ],
)
def test_wrong_formats(words: dict[str, str], message: str, near: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        tiny(**words)

    assert near == raised.value.nearest


@pytest.mark.parametrize("command", ["report", "compare", "sweep", "formula", "check", "separable"])
def test_every_command_takes_them(command: str) -> None:
    """And says it of a pattern that matches nothing."""
    more = {"compare": ["nin"], "sweep": ["-a", "1"], "check": ["--max-weight-bytes", "1GB"]}.get(command, [])
    words = [command, "mobilenet_v1", *more, "--weights"]
    right = CliRunner().invoke(main, [*words, "int8,*1=int4"])
    wrong = CliRunner().invoke(main, [*words, "nothing*=int4"])

    assert 0 == right.exit_code, right.output
    assert (2, "") == (wrong.exit_code, wrong.stdout)
    of = " of mobilenet_v1" if command == "compare" else ""
    assert wrong.stderr.startswith(f"Error: weights: no layer{of} matches 'nothing*'\n")


def test_a_file_of_budgets_takes_them(tmp_path: Any) -> None:
    file = tmp_path / "costcalc.toml"
    file.write_text(
        'weights = "int8"\n[[check]]\nnetwork = "mobilenet_v1"\nmax-weight-bytes = "4231976B"\n'
        '[[check]]\nnetwork = "mobilenet_v1"\nweights = "conv1=float32,*=int4"\nmax-weight-bytes = "3MB"\n'
    )
    outcomes = costcalc.check_config(str(file))

    # conv1 has 864 weights, and 64 numbers of its norm
    assert [4_231_976, 4 * (864 + 64) + (4_231_976 - 864 - 64) // 2] == [outcome.computed for outcome in outcomes]


def run(*args: str) -> str:
    result = CliRunner().invoke(main, args)
    assert 0 == result.exit_code, result.output
    return result.stdout


def test_accumulators_of_ones_own_are_said() -> None:
    counting = counting_of

    assert "float32, int16 accumulators" == counting(accumulators="int16").dtype
    assert "int8" == counting(dtype="int8", accumulators="int32").dtype
    assert (
        "int8 weights, float16 activations, int12 accumulators"
        == counting(weights="int8", activations="float16", accumulators="int12").dtype
    )


def test_a_formula_in_bytes_says_their_format() -> None:
    """And how it is trained; a count of elements or multiply-adds has none."""
    said = "; bytes of float32 weights, int4 activations, optimizer adam"
    words = ("formula", "lenet5", "--activations", "int4", "--optimizer", "adam", "--measure")

    for measure in ("training_bytes", "peak_bytes", "intensity"):
        assert " ".join(run(*words, measure).split()).endswith(said)
    assert "bytes of" not in run(*words, "memory_access_ratio")


@pytest.mark.parametrize("command", ["compare nin", "sweep --alpha 1"])
def test_formats_of_rows_are_said_beside_the_usual_one(command: str, tmp_path: Path) -> None:
    declared, plain = tmp_path / "declared.yaml", tmp_path / "plain.yaml"
    head = "costcalc: 1\nname: x\ninput: 8x8x3\nlayers:\n"
    declared.write_text(f"{head}- {{op: conv, out: 4, dtype: int4}}\n")
    plain.write_text(f"{head}- {{op: conv, out: 4}}\n")

    assert "bytes of int8 where a row declares no dtype\n" in run(*command.split(), str(declared), "-d", "int8")
    assert "bytes of int8\n" in run(*command.split(), str(plain), "-d", "int8")


@pytest.mark.parametrize("command", ["compare nin lenet5", "sweep nin lenet5 --alpha 1", "list lenet5"])
def test_of_several_networks_the_one_that_a_pattern_does_not_match_is_named(command: str) -> None:
    result = CliRunner().invoke(main, [*command.split(), "--weights", "cccp1=int8"])

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("Error: weights: no layer of lenet5 matches 'cccp1'\n")
