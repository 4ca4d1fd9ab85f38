"""Specs written from graphs: the papers' tables found again in model files, at exactly the same cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from models import model_bytes, opened

import costcalc
from costcalc.cli import main
from costcalc.network.outline import _is_equal

MODELS = Path(__file__).parent / "golden" / "models"
FILES = sorted(path.stem for path in MODELS.glob("*.onnx"))


def path_of(name: str) -> str:
    return str(MODELS / f"{name}.onnx")


def rows(text: str, op: str) -> list[dict[str, str]]:
    """The rows of a spec's table with an operator or block."""
    lines = [line.strip() for line in text.splitlines()]
    columns = next(line for line in lines if line.startswith("columns:"))
    names = [cell.strip() for cell in columns.partition("[")[2].rstrip("]").split(", ")]
    table = [line[3:].rstrip("]") for line in lines if line.startswith("- [")]
    cells = [dict(zip(names, (cell.strip() for cell in row.split(", ")), strict=True)) for row in table]
    return [row for row in cells if row["op"] == op]


def numbers(found: list[dict[str, str]], *names: str) -> list[list[int]]:
    return [[int(row[name]) for name in names] for row in found]


def costs(network: costcalc.Network, **counting: Any) -> list[tuple[Any, ...]]:
    """What every layer costs, in order."""
    words = ("macs", "params", "buffers", "output_bytes")
    return [
        (layer.op, str(layer.output), *(layer[word] for word in words))
        for layer in network.ledger(**counting).layers.values()
    ]


@pytest.mark.parametrize("name", FILES)
def test_a_file_and_its_spec_cost_the_same(name: str) -> None:
    """Layer by layer, and in what the whole network holds at a time."""
    file = costcalc.load(path_of(name))
    spec = costcalc.from_spec(file.resolved())

    assert "\nblocks:\n" in file.resolved()
    for convention, total in (("paper", "mult_adds"), ("flops", "flops")):
        ledgers = [network.ledger(convention) for network in (file, spec)]
        for measure in (total, "params", "buffers", "peak_activation_bytes", "traffic_bytes"):
            assert ledgers[0][measure] == ledgers[1][measure]
    assert [(n.operator.name, n.inputs, n.output) for n in file.graph.nodes] == [
        (n.operator.name, n.inputs, n.output) for n in spec.graph.nodes
    ]


@pytest.mark.parametrize("name", ["torchvision_densenet121.pt2", "valid_t_int8.tflite", "densenet121.keras"])
def test_specs_of_long_joins_and_of_narrow_formats_cost_the_same(name: str) -> None:
    file = costcalc.load(MODELS / name)
    spec = costcalc.from_spec(file.resolved())

    for measure in ("mult_adds", "params", "weight_bytes", "peak_activation_bytes", "traffic_bytes"):
        assert file.ledger()[measure] == spec.ledger()[measure]


def test_mobilenet_v2_is_its_papers_table() -> None:
    """arXiv:1801.04381, Table 2: t, c, n, s of the bottlenecks."""
    text = costcalc.load(path_of("mobilenet_v2")).resolved()

    assert [
        [1, 16, 1, 1],
        [6, 24, 2, 2],
        [6, 32, 3, 2],
        [6, 64, 4, 2],
        [6, 96, 3, 1],
        [6, 160, 3, 2],
        [6, 320, 1, 1],
    ] == numbers(rows(text, "bottleneck"), "t", "c", "n", "s")
    assert (
        """\
  bottleneck:
    args: [t, c, s]
    body:
    - {op: conv, k: 1, out: t * x.c, act: relu6, when: t != 1}
    - {op: dwconv, k: 3, stride: s, act: relu6}
    - main: {op: conv, k: 1, out: c}
    - {op: add, from: [x, main], when: s == 1 and x.c == c}
"""
        in text
    )


def test_resnet50_is_four_rows() -> None:
    """arXiv:1512.03385, Table 1: 3, 4, 6 and 3 bottlenecks; a projection where the shape changes."""
    text = costcalc.load(path_of("resnet50")).resolved()

    assert [[256, 3, 1], [512, 4, 2], [1024, 6, 2], [2048, 3, 2]] == numbers(rows(text, "bottleneck"), "c", "n", "s")
    assert "- {op: conv, k: 1, out: c, stride: s, when: s != 1 or x.c != c}" in text


def test_efficientnet_b0_is_its_papers_table() -> None:
    """arXiv:1905.11946, Table 1: kernel, expansion, channels, layers; strides as in the authors' code."""
    text = costcalc.load(path_of("efficientnet_b0")).resolved()

    assert [
        [3, 1, 16, 1, 1],
        [3, 6, 24, 2, 2],
        [5, 6, 40, 2, 2],
        [3, 6, 80, 3, 2],
        [5, 6, 112, 3, 1],
        [5, 6, 192, 4, 2],
        [3, 6, 320, 1, 1],
    ] == numbers(rows(text, "bottleneck"), "k", "t", "c", "n", "s")


def test_mobilenet_v3_small_is_its_papers_table() -> None:
    """arXiv:1905.02244, Table 2: kernel, expansion, channels, squeeze and excitation, nonlinearity, stride."""
    found = rows(costcalc.load(path_of("mobilenet_v3_small")).resolved(), "bottleneck")
    words = [(row["act"], row["se"]) for row in found for _ in range(int(row["n"]))]
    sizes = [size for row in found for size in numbers([row], "k", "m", "c") * int(row["n"])]

    assert [[3, 16, 16], [3, 72, 24], [3, 88, 24], [5, 96, 40], [5, 240, 40], [5, 240, 40], [5, 120, 48], [5, 144, 48],
            [5, 288, 96], [5, 576, 96], [5, 576, 96]] == sizes  # fmt: skip
    assert [("relu", "1"), ("relu", "0"), ("relu", "0"), *[("hswish", "1")] * 8] == words


def test_squeezenet_is_fire_modules() -> None:
    """arXiv:1602.07360, Table 1: eight fire modules; version 1.1 pools after 0, 2 and 4 of them."""
    text = costcalc.load(path_of("squeezenet1_1")).resolved()

    assert [[128, 2], [256, 2], [384, 2], [512, 2]] == numbers(rows(text, "fire"), "c", "n")
    assert "- {op: concat, from: [left, right]}" in text


def test_googlenet_is_inception_modules() -> None:
    """arXiv:1409.4842, Table 1, row 3a: 64, 96, 128, 16, 32, 32."""
    found = rows(costcalc.load(path_of("googlenet")).resolved(), "inception")

    assert 9 == len(found)
    assert [[64, 96, 128, 16, 32, 32]] == numbers(found[:1], "m", "m2", "m3", "m4", "m5", "m6")


def test_vit_is_twelve_encoders() -> None:
    """arXiv:2010.11929, Table 1: twelve layers in one row, though the file gives all norms one layer's name."""
    assert [[12]] == numbers(rows(costcalc.load(path_of("vit_b_16")).resolved(), "encoder"), "n")


def test_shufflenet_and_ghostnet_are_units() -> None:
    """arXiv:1807.11164, Table 5: 3, 7 and 3 units after those of stride 2."""
    text = costcalc.load(path_of("shufflenet_v2_x1_0")).resolved()
    again = [row for op in ("unit", "unit2") for row in rows(text, op) if int(row["n"]) > 1]

    assert [[116, 3], [232, 7], [464, 3]] == numbers(again, "c", "n")
    assert 16 == sum(int(row["n"]) for op in ("bottleneck", "bottleneck2", "bottleneck3")
                     for row in rows(costcalc.load(path_of("ghostnet_100")).resolved(), op))  # fmt: skip


def test_alpha_of_the_spec_is_that_of_the_file() -> None:
    """A spec without a width rule scales as a file does."""
    for name in ("mobilenet_v2", "resnet50"):
        file = costcalc.load(path_of(name), alpha="1/2")
        spec = costcalc.from_spec(costcalc.load(path_of(name)).resolved(), alpha="1/2")

        assert costs(file) == costs(spec)


@pytest.mark.parametrize(
    "name", ["mobilenet_v1", "densenet121", "inception_v3", "xception", "shufflenet_v1", "nasnet_a_mobile", "x3d_xs"]
)
def test_specs_of_the_catalogue(name: str) -> None:
    """What is written from a network of the catalogue costs what it costs."""
    network = costcalc.load(name)

    assert costs(network) == costs(costcalc.from_spec(network.resolved(structured=True)))


def test_names_of_the_file_are_not_needed(tmp_path: Path) -> None:
    """Depthwise separable pairs follow one another: found by their turns."""
    nodes, stored, last = [], {}, "x"
    for i in range(9):
        nodes.append(("Conv", [last, f"d{i}"], f"a{i}", {"kernel_shape": [3, 3], "pads": [1] * 4, "group": 8 + 8 * i}))
        nodes.append(("Conv", [f"a{i}", f"p{i}"], f"b{i}", {"kernel_shape": [1, 1]}))
        stored |= {f"d{i}": [8 + 8 * i, 1, 3, 3], f"p{i}": [16 + 8 * i, 8 + 8 * i, 1, 1]}
        last = f"b{i}"
    text = opened(tmp_path, model_bytes(nodes, stored)).resolved()

    assert [[16 + 8 * i] for i in range(9)] == numbers(rows(text, "separable"), "c")
    assert "    - {op: dwconv, k: 3}\n    - {op: conv, k: 1, out: c}\n" in text


def test_a_network_without_structure_is_a_list(tmp_path: Path) -> None:
    """Two outputs: an entry per layer."""
    nodes = [("Conv", ["x", "a"], "1", {"kernel_shape": [3, 3]}), ("Relu", ["1"], "2", {})]
    text = opened(tmp_path, model_bytes(nodes, {"a": [16, 8, 3, 3]})).resolved()

    assert 16 * 8 * 9 == costcalc.from_spec(text).ledger()["params"]
    assert "blocks:" not in text


def test_a_wrong_spec_is_noticed() -> None:
    """A spec that costs something else is never printed: the comparison sees a number, an input, a layer more."""
    network = costcalc.load(path_of("mobilenet_v2"))
    text = network.resolved()

    assert _is_equal(text, network.graph)
    for old, new in (("320,", "328,"), ("[x, main]", "[main, x]"), ("k: 3", "k: 5"), ("relu6, _]", "relu, _]")):
        assert old in text
        assert not _is_equal(text.replace(old, new, 1), network.graph)


def test_on_the_command_line(tmp_path: Path) -> None:
    """Files are structured, specs flat, unless asked for otherwise."""
    run = CliRunner().invoke

    assert "\nblocks:\n" in run(main, ["show", path_of("squeezenet1_1")]).output
    assert "- features_0: {op: conv" in run(main, ["show", path_of("squeezenet1_1"), "--flat"]).output
    assert "\nblocks:\n" not in run(main, ["show", "squeezenet1_1"]).output
    assert "\nblocks:\n" in run(main, ["show", "squeezenet1_1", "--structured"]).output
    refused = run(main, ["show", "squeezenet1_1", "--structured", "--source"])
    assert (2, "Error: --source does not go with --structured or --flat") == (
        refused.exit_code,
        refused.output.splitlines()[0],
    )
