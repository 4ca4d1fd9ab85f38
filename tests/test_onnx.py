"""ONNX files as networks: exact against running models, names, sizes left open, and what exporters scatter."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
from click.testing import CliRunner
from models import model_bytes, opened, operators

import costcalc
from costcalc.cli import main
from costcalc.graph import walk

MODELS = Path(__file__).parent / "golden" / "models"
ROWS = list(csv.DictReader((MODELS / "onnx.csv").read_text().splitlines()))
LIGHT = sorted((Path(onnx.__file__).parent / "backend" / "test" / "data" / "light").glob("*.onnx"))


def path_of(name: str) -> str:
    return str(MODELS / f"{name}.onnx")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_equal_to_the_running_model(row: dict[str, str]) -> None:
    """To the last unit; but for folded norms, and biases of zeros that the exporter left out."""
    ledger = costcalc.load(path_of(row["file"])).ledger()

    assert int(row["macs"]) == ledger["mult_adds"]
    assert int(row["parameters"]) == ledger["params"] + int(row["folded"]) + int(row["zeros"])
    assert () == ledger.left_out


# The models of onnx's own tests; parameters and multiply-adds of torchvision's where both are the same network.
KNOWN = {
    "light_vgg19": (143667240, 19632062464),
    "light_resnet50": (25557032, 4089184256),
    "light_squeezenet": (1235496, 349151936),
}


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_models_of_the_onnx_package(path: Path) -> None:
    ledger = costcalc.load(path).ledger()

    assert () == ledger.left_out
    params, macs = KNOWN.get(path.stem, (ledger["params"], ledger["mult_adds"]))
    assert (params, macs) == (ledger["params"], ledger["mult_adds"])
    assert ledger["params"] > 10**6


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("mobilenet_v2", "torchvision/mobilenet_v2"),
        ("resnet50", "torchvision/resnet50"),
        ("googlenet", "torchvision/googlenet"),
        ("squeezenet1_1", "torchvision/squeezenet1_1"),
        ("shufflenet_v2_x1_0", "torchvision/shufflenet_v2_x1_0"),
    ],
)
@pytest.mark.parametrize("resolution", [224, 160])
def test_costs_what_the_catalogue_says(file: str, name: str, resolution: int) -> None:
    """Each layer with Mult-Adds, in order, at the file's own size and at another."""
    ours, known = (costcalc.load(one, resolution=resolution).ledger() for one in (path_of(file), name))

    costs = [sorted(layer["mult_adds"] for layer in one.layers.values() if layer["mult_adds"]) for one in (ours, known)]
    assert costs[0] == costs[1]


def test_names_blocks_and_stages_come_from_the_file() -> None:
    graph = costcalc.load(path_of("mobilenet_v2")).graph
    node = next(node for node in graph.nodes if node.layer == "features.3.conv.0.0")

    assert ("features.3", "features") == (node.block, node.stage)
    assert "node 11, Conv 'node_Conv_828'" in str(node.place)
    assert "features.3.add" in graph.layers


@pytest.mark.parametrize("transform", ["standard", "rank=8", "spatial"])
def test_transforms(transform: str) -> None:
    network = costcalc.load(f"{path_of('mobilenet_v2')}@{transform}")

    assert network.ledger()["mult_adds"] != 300774272


def test_no_se() -> None:
    """Of MobileNetV3's nine squeeze-and-excitations nothing is left."""
    network = costcalc.load(f"{path_of('mobilenet_v3_small')}@no-se")

    assert "mul" not in {node.operator.name for node in network.graph.nodes}


def test_a_sweep_and_a_formula_agree_with_reports() -> None:
    path = path_of("shufflenet_v2_x1_0")
    rows = costcalc.sweep(path, axes={"resolution": [129, 160, 224]}).rows

    assert [costcalc.load(path, resolution=side).ledger()["mult_adds"] for side in (129, 160, 224)] == [
        row["mult_adds"] for row in rows
    ]


def test_what_is_scattered_is_put_together(tmp_path: Path) -> None:
    half, sqrt2 = {"half": 0.5}, 2**0.5
    cases: list[tuple[str, list[Any], dict[str, Any]]] = [
        ("swish", [("Sigmoid", ["x"], "s", {}), ("Mul", ["x", "s"], "y", {})], {}),
        ("relu6", [("Clip", ["x", "zero", "six"], "y", {})], {"zero": 0.0, "six": 6.0}),
        (
            "hswish",
            [
                ("Add", ["x", "three"], "a", {}),
                ("Clip", ["a", "zero", "six"], "b", {}),
                ("Mul", ["x", "b"], "c", {}),
                ("Div", ["c", "six"], "y", {}),
            ],
            {"three": 3.0, "zero": 0.0, "six": 6.0},
        ),
        (
            "gelu",
            [
                ("Div", ["x", "root"], "a", {}),
                ("Erf", ["a"], "b", {}),
                ("Add", ["b", "one"], "c", {}),
                ("Mul", ["x", "c"], "d", {}),
                ("Mul", ["d", "half"], "y", {}),
            ],
            {"root": sqrt2, "one": 1.0, **half},
        ),
        (
            "mish",
            [("Softplus", ["x"], "a", {}), ("Tanh", ["a"], "b", {}), ("Mul", ["x", "b"], "y", {})],
            {},
        ),
    ]
    for name, nodes, values in cases:
        assert [f"{name} 4x6x8"] == operators(opened(tmp_path, model_bytes(nodes, {}, values)))


def test_a_layer_norm_in_steps(tmp_path: Path) -> None:
    nodes: list[Any] = [
        ("ReduceMean", ["x", "axes"], "m", {}),
        ("Sub", ["x", "m"], "d", {}),
        ("Pow", ["d", "two"], "p", {}),
        ("ReduceMean", ["p", "axes"], "v", {}),
        ("Add", ["v", "eps"], "e", {}),
        ("Sqrt", ["e"], "r", {}),
        ("Div", ["d", "r"], "n", {}),
        ("Mul", ["n", "ln.weight"], "s", {}),
        ("Add", ["s", "ln.bias"], "y", {}),
    ]
    data = model_bytes(nodes, {"ln.weight": [12], "ln.bias": [12]}, {"axes": [-1], "two": 2.0, "eps": 1e-5}, (1, 5, 12))
    network = opened(tmp_path, data)

    assert ["ln 5x12"] == operators(network)
    assert 24 == network.ledger()["params"]


def test_an_output_that_is_read_as_well_stays(tmp_path: Path) -> None:
    """Nothing is overwritten in place that the model puts out; what `show` writes costs the same."""
    nodes = [("Conv", ["x", "a.weight"], "a", {}), ("Relu", ["a"], "b", {}), ("Conv", ["b", "c.weight"], "c", {})]
    stored = {"a.weight": [4, 3, 1, 1], "c.weight": [2, 4, 1, 1]}
    found = {}
    for outputs in ((), ("b",), ("a",), ("a", "b")):
        network = opened(tmp_path, model_bytes(nodes, stored, None, (1, 3, 8, 8), shown=outputs))
        again = costcalc.from_spec(network.resolved(structured=False))
        measures = ("activation_bytes", "peak_activation_bytes")
        (found[outputs],) = {tuple(one.ledger()[name] for name in measures) for one in (network, again)}

    map_a, map_c = 4 * 8 * 8 * 4, 2 * 8 * 8 * 4  # of a, and of b; the input takes 768 bytes
    alone, kept = (map_a + map_c, 768 + map_a), (2 * map_a + map_c, 2 * map_a + map_c)
    assert {(): alone, ("b",): alone, ("a",): kept, ("a", "b"): kept} == found


POOL: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}


@pytest.mark.parametrize(
    ("first", "after", "stored", "expected"),
    [  # what follows stands alone where another layer takes what is before it, and is a part of it where none does
        ("Conv", [("Add", ["a", "bias"])], {"a.weight": [4, 8, 1, 1], "bias": [4, 1, 1]}, ["conv", "affine"]),
        ("Mul", [("Add", ["a", "bias"])], {"a.weight": [8, 1, 1], "bias": [8, 1, 1]}, ["affine", "affine"]),
    ],
)
def test_what_several_take_runs_once(
    tmp_path: Path, first: str, after: list[Any], stored: dict[str, Any], expected: list[str]
) -> None:
    """A convolution was counted twice, with the bias and without."""
    nodes: list[Any] = [(first, ["x", "a.weight"], "a", {}), *((op, names, "b", {}) for op, names in after)]
    alone = opened(tmp_path, model_bytes([*nodes, ("Relu", ["b"], "y", {})], stored)).ledger()
    network = opened(
        tmp_path, model_bytes([*nodes, ("Relu", ["b"], "c", {}), ("MaxPool", ["a"], "y", POOL)], stored, shown=["c"])
    )
    found = network.ledger()

    assert expected == [node.operator.name for node in network.graph.nodes if node.operator.name in ("conv", "affine")]
    assert expected[:1] == [node.operator.name for node in alone.graph.nodes][:-1]
    for measure in ("mult_adds", "params", "additions", "multiplications"):
        assert alone[measure] == found[measure], measure


@pytest.mark.parametrize("input", [(1, 6, 5), (1, 8, 4, 6), (1, 8, 6, 4)])
def test_instance_norms_are_of_channels(tmp_path: Path, input: tuple[int, ...]) -> None:
    """Whatever lies in the channels before; of channels cut into groups, with scales of 1, it is a group norm."""
    values = {"n.weight": [0.5] * input[1], "n.bias": [0.0] * input[1]}
    node: Any = ("InstanceNormalization", ["x", "n.weight", "n.bias"], "y", {})
    network = opened(tmp_path, model_bytes([node], {}, values, input))

    assert "instance_norm" == network.graph.nodes[-1].operator.name
    assert 2 * input[1] == network.ledger()["params"]


def test_an_entry_that_is_gathered_several_times(tmp_path: Path) -> None:
    """One channel as three: 3 x 4 x 6 values into a matrix of 6 x 2."""
    nodes: list[Any] = [("Gather", ["x", "rgb"], "g", {"axis": 1}), ("MatMul", ["g", "w.weight"], "y", {})]
    network = opened(tmp_path, model_bytes(nodes, {"w.weight": [6, 2]}, {"rgb": [0, 0, 0]}, (1, 1, 4, 6)))

    assert 3 * 4 * 6 * 2 == network.ledger()["mult_adds"]


@pytest.mark.parametrize(
    ("pads", "expected"),
    [
        ([0, 0, -1, 0, 0, 0, 0, -2], ["crop 3x4x8"]),
        ([0, -1, 0, 0, 0, -2, 0, 0], ["slice 4x6x5"]),
        ([0, -1, -1, 1, 0, 0, 0, 0], ["slice 4x6x7", "crop 3x6x7", "pad 3x7x7"]),
        ([0, -1, 0, 0, 0, 2, 0, 0], ["slice 4x6x7", "pad 4x6x9"]),
    ],
)
def test_negative_pads_take_away(tmp_path: Path, pads: list[int], expected: list[str]) -> None:
    """Channels too, which stayed; where nothing is added, nothing is copied."""
    network = opened(tmp_path, model_bytes([("Pad", ["x", "pads"], "y", {})], {}, {"pads": pads}))

    assert expected == operators(network)


@pytest.mark.parametrize(
    ("node", "stored", "values", "size", "kind", "output", "counted"),
    [
        (("Resize", ["x", "", "s"], "y", {"mode": "cubic"}), {}, {"s": [1.0, 1.0, 1.3, 1.3]}, (1, 8, 4, 6),
         "upsample", "5x7x8", {"multiplications": 16 * 5 * 7 * 8}),
        (("GRU", ["x", "w", "r"], "y", {"hidden_size": 4, "layout": 1}),
         {"w": [1, 12, 8], "r": [1, 12, 4]}, {}, (1, 5, 8),
         "gru", "5x4", {"weights": 3 * 4 * (8 + 4), "macs": 5 * 3 * 4 * (8 + 4)}),
        (("Pad", ["x", "p"], "y", {}), {}, {"p": [0, 1, 0, 0, 0, 2, 1, 1]}, (1, 8, 4, 6), "pad", "5x7x11", {}),
        (("ConvTranspose", ["x", "w"], "y", {"strides": [2, 2], "output_padding": [1, 1], "group": 2}),
         {"w": [8, 3, 2, 2]}, {}, (1, 8, 4, 6), "conv_transpose 2x2", "9x13x6", {"weights": 8 * 3 * 4}),
    ],
)  # fmt: skip
def test_single_operators_by_hand(
    node: Any, stored: Any, values: Any, size: Any, kind: str, output: str, counted: dict[str, int], tmp_path: Path
) -> None:
    (cost,) = walk(opened(tmp_path, model_bytes([node], stored, values, size)).graph)

    assert (kind, output) == (cost.node.operator.kind(), str(cost.node.output))
    assert counted == {name: getattr(cost.counters, name) for name in counted}


def test_depth_becomes_space(tmp_path: Path) -> None:
    """Blocks of 2x2, each position from 4 channels; a convolution takes the 2 that are left at 8x12 positions."""
    nodes = [("DepthToSpace", ["x"], "1", {"blocksize": 2}), ("Conv", ["1", "w"], "2", {"kernel_shape": [1, 1]})]
    conv = opened(tmp_path, model_bytes(nodes, {"w": [3, 2, 1, 1]})).graph.nodes[-1]

    assert ("conv", "8x12x3") == (conv.operator.name, str(conv.output))


def test_attention_keeps_its_heads_and_windows(tmp_path: Path) -> None:
    """3 windows of 5 positions, 2 heads of 4 channels: 3 * 2 * (5 * 4 * 5) twice."""
    nodes: list[Any] = [
        ("Reshape", ["x", "cut"], "c", {}),
        ("Transpose", ["c"], "q", {"perm": [0, 1, 3, 2, 4]}),
        ("Transpose", ["c"], "k", {"perm": [0, 1, 3, 4, 2]}),
        ("MatMul", ["q", "k"], "s", {}),
        ("Softmax", ["s"], "p", {"axis": -1}),
        ("MatMul", ["p", "q"], "y", {}),
    ]
    network = opened(tmp_path, model_bytes(nodes, {}, {"cut": [1, 3, 5, 2, 4]}, (1, 15, 8)))

    assert ["matmul", "softmax", "matmul"] == [node.operator.name for node in network.graph.nodes]
    assert 2 * 3 * 2 * 5 * 4 * 5 == network.ledger()["mult_adds"]


def test_weights_that_two_layers_share_count_once(tmp_path: Path) -> None:
    nodes: list[Any] = [("Conv", ["x", "w.weight"], "a", {}), ("Conv", ["a", "w.weight"], "y", {})]
    ledger = opened(tmp_path, model_bytes(nodes, {"w.weight": [8, 8, 1, 1]})).ledger()

    assert (64, 2 * 24 * 64) == (ledger["params"], ledger["mult_adds"])


def test_sizes_that_the_file_leaves_open(tmp_path: Path) -> None:
    nodes: list[Any] = [("Conv", ["x", "c.weight"], "y", {"pads": [1, 1, 1, 1]})]
    data = model_bytes(nodes, {"c.weight": [8, 3, 3, 3]}, None, ("batch", 3, "height", "width"))

    assert 10 * 20 * 216 == opened(tmp_path, data, height=10, width=20).ledger()["mult_adds"]
    assert 4 * 100 * 216 == opened(tmp_path, data, resolution=10, batch=4).ledger()["mult_adds"]
    rows = costcalc.sweep(str(tmp_path / "model.onnx"), axes={"height": [10, 12], "resolution": [8]}).rows
    assert {64 * 216} == {row["mult_adds"] for row in rows}


def test_tokens(tmp_path: Path) -> None:
    """A table of 100 rows, a linear layer at each position, the first position picked."""
    nodes: list[Any] = [
        ("Gather", ["words.weight", "x"], "e", {}),
        ("MatMul", ["e", "up.weight"], "u", {}),
        ("Add", ["u", "up.bias"], "b", {}),
        ("Gather", ["b", "first"], "y", {"axis": 1}),
    ]
    stored = {"words.weight": [100, 12], "up.weight": [12, 7], "up.bias": [7]}
    data = model_bytes(nodes, stored, {"first": [0]}, (1, "sequence"), type=onnx.TensorProto.INT64)
    network = opened(tmp_path, data, sequence=9)

    assert ["embedding 9x12", "conv 9x7", "select 1x7"] == operators(network)
    assert (9 * 84, 1200 + 84 + 7) == (network.ledger()["mult_adds"], network.ledger()["params"])


UNKNOWN: list[Any] = [("Relu", ["x"], "a", {}), ("Frobnicate", ["a"], "b", {}), ("Relu", ["b"], "y", {})]


def test_an_unknown_operator_is_named(tmp_path: Path) -> None:
    with pytest.raises(costcalc.SpecError, match="node 2, Frobnicate 'b': unknown operator 'Frobnicate'"):
        _ = opened(tmp_path, model_bytes(UNKNOWN, {})).graph


def test_an_unknown_operator_counts_as_nothing_if_allowed(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(model_bytes(UNKNOWN, {}))
    report = costcalc.load(path, allow_unknown=True).report()
    run = CliRunner().invoke(main, ["report", str(path), "--allow-unknown"])

    assert ("unknown",) == report.left_out
    assert "partial: the convention has no rule for unknown" in run.output


@pytest.mark.parametrize(
    ("file", "settings", "message"),
    [
        (
            "vit_b_16",
            {"resolution": 256},
            "node 5, Add 'node_add': sizes 257 and 197 meet; 'encoder.pos_embedding' is 1x197x768 in the file",
        ),
        (
            "vit_b_16",
            {"alpha": "0.35"},
            "node 29, MatMul 'node_MatMul_83': encoder.layers.encoder_layer_0.matmul: matmul: "
            "272 does not divide by 12",
        ),
        ("absent", {}, "absent.onnx: no such file or directory"),
    ],
)
def test_what_the_file_forbids(file: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(costcalc.CostcalcError) as error:
        _ = costcalc.load(path_of(file), **settings).graph

    assert message in str(error.value)


def test_a_linear_layer_that_another_size_does_not_fit() -> None:
    path = next(path for path in LIGHT if path.stem == "light_vgg19")

    with pytest.raises(costcalc.SpecError, match="the weight 'fc6_w_0' takes 25088, 32768 arrive"):
        _ = costcalc.load(path, resolution=256).graph


def test_the_missing_package_is_one_line() -> None:
    words = ["report", path_of("resnet50")]
    code = f"import sys; sys.modules['onnx'] = None; from costcalc.cli import main; main({words!r})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert 2 == run.returncode
    assert "reading ONNX needs a package\n  expected: pip install 'costcalc[onnx]'" in run.stderr


def test_weights_in_the_file_are_skipped(tmp_path: Path) -> None:
    """A tensor of 64 MB takes no memory to speak of, and no time."""
    import tracemalloc

    tensor = onnx.TensorProto(name="w.weight", dims=[4096, 4096], data_type=1, raw_data=bytes(4 * 4096 * 4096))
    model = onnx.load_from_string(model_bytes([("MatMul", ["x", "w.weight"], "y", {})], {}, None, (1, 4096)))
    model.graph.initializer.append(tensor)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    del model, tensor
    tracemalloc.start()
    network = costcalc.load(path)

    assert 4096 * 4096 == network.ledger()["params"]
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_show_writes_a_spec_that_costs_the_same() -> None:
    for file in ("mobilenet_v2", "vit_b_16", "ghostnet_100"):
        network = costcalc.load(path_of(file))
        again = costcalc.from_spec(network.resolved())

        assert network.ledger()["mult_adds"] == again.ledger()["mult_adds"]
        assert network.ledger()["params"] == again.ledger()["params"]
