"""Keras models against what Keras and TensorFlow count, and against the catalogue."""

from __future__ import annotations

import csv
import json
import math
import sys
import types
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import costcalc

FOLDER = Path(__file__).parent / "golden" / "models"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table beside the model files."""
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def products(network: costcalc.Network) -> list[tuple[str, str, str, int]]:
    """Every convolution and linear layer: what it is, its input, its output, its Mult-Adds."""
    report = network.report(by="layer")
    return [(row["op"], row["input"], row["output"], row["mult_adds"]) for row in report.rows if row["mult_adds"]]


@pytest.mark.parametrize("row", rows("keras.csv"), ids=lambda row: row["file"])
def test_counts_are_those_of_keras(row: dict[str, str]) -> None:
    ledger = costcalc.load(FOLDER / row["file"]).ledger()

    assert ledger["params"] == int(row["trainable"])
    assert ledger["buffers"] == int(row["not_trainable"]) - int(row["counter"])
    assert ledger["mult_adds"] == int(row["macs"])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("mobilenet_v2.keras", "mobilenet_v2"),
        ("mobilenet_0.25_128.keras", "mobilenet_v1@alpha=0.25@resolution=128"),
        ("densenet121.keras", "densenet121"),
        ("xception.keras", "xception"),
    ],
)
def test_layers_are_those_of_the_catalogue(file: str, name: str) -> None:
    ours = sorted((output, macs) for _, _, output, macs in products(costcalc.load(FOLDER / file)))
    theirs = sorted((output, macs) for _, _, output, macs in products(costcalc.load(name)))

    assert [one for one in ours if one not in theirs] == [one for one in theirs if one not in ours] == []


def test_another_resolution_is_walked_anew() -> None:
    file, spec = (
        costcalc.load(name, resolution=160).ledger() for name in (FOLDER / "mobilenet_v2.keras", "mobilenet_v2")
    )

    assert file["mult_adds"] == spec["mult_adds"]


def test_names_blocks_and_stages_come_from_the_names_of_layers() -> None:
    nodes = costcalc.load(FOLDER / "mobilenet_v2.keras").graph.nodes
    expand = next(node for node in nodes if node.layer == "block_13_expand")

    assert (expand.block, expand.stage) == ("block_13", "block")
    assert {node.layer for node in nodes if node.operator.name == "bn"} <= {
        node.layer for node in nodes if node.operator.name in ("conv", "dwconv")
    }


def test_models_within_models_and_layers_that_are_called_twice() -> None:
    network = costcalc.load(FOLDER / "small_keras2.json")
    report = network.report(by="layer")

    assert [row["name"] for row in report.rows if "inner" in row["name"]] == [
        "inner.separable_conv2d.depthwise",
        "inner.separable_conv2d.pointwise",
        "inner.separable_conv2d.depthwise_2",
        "inner.separable_conv2d.pointwise_2",
    ]
    assert network.ledger()["params"] == 412  # count_params() of TF-Keras 2.21 without the 16 statistics
    assert "hswish" in {node.operator.name for node in network.graph.nodes}  # relu6(x + 3) x / 6


def conv(**fields: Any) -> dict[str, Any]:
    return {"class_name": "Conv2D", "config": {"name": "c", "filters": 4, "kernel_size": 3, **fields}}


def sequence(*layers: Any, shape: tuple[int | None, ...] = (None, 9, 9, 3)) -> costcalc.Network:
    """A sequence of layers, from the text that a model's to_json() is."""
    first = {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": list(shape)}}
    return costcalc.from_keras(json.dumps({"class_name": "Sequential", "config": {"layers": [first, *layers]}}))


def plain(kind: str, **fields: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": kind.lower(), **fields}}


@pytest.mark.parametrize(
    ("layers", "shape", "output", "params", "macs"),
    [
        ([conv()], (None, 9, 9, 3), "7x7x4", 112, 5292),
        ([conv(data_format="channels_first")], (None, 3, 9, 9), "7x7x4", 112, 5292),
        ([conv(padding="same", strides=2, use_bias=False)], (None, 9, 9, 3), "5x5x4", 108, 2700),
        ([conv(dilation_rate=2)], (None, 9, 9, 3), "5x5x4", 112, 2700),
        ([plain("Conv1D", filters=2, kernel_size=3, padding="causal", dilation_rate=2)], (None, 8, 5), "8x2", 32, 240),
        ([plain("Conv3D", filters=2, kernel_size=2)], (None, 3, 4, 5, 1), "2x3x4x2", 18, 384),
        ([plain("DepthwiseConv2D", kernel_size=3, depth_multiplier=2)], (None, 9, 9, 3), "7x7x6", 60, 2646),
        ([plain("SeparableConv2D", filters=5, kernel_size=3)], (None, 9, 9, 3), "7x7x5", 47, 2058),
        ([plain("Conv2DTranspose", filters=2, kernel_size=3, strides=2, padding="same")], (None, 4, 4, 3), "8x8x2",
         56, 864),
        ([plain("Conv2DTranspose", filters=2, kernel_size=2, strides=3)], (None, 4, 4, 3), "12x12x2", 26, 384),
        ([plain("Dense", units=6)], (None, 4, 5), "4x6", 36, 120),
        ([plain("ZeroPadding2D", padding=[[1, 2], [3, 4]])], (None, 9, 9, 3), "12x16x3", 0, 0),
        ([plain("Cropping2D", cropping=[[1, 2], [3, 4]])], (None, 9, 9, 3), "6x2x3", 0, 0),
        ([plain("Cropping2D", cropping=[[1, 1], [0, 0]]), conv(kernel_size=1)], (None, 4, 6, 6), "2x6x4", 28, 288),
        ([plain("UpSampling2D", size=[2, 3], interpolation="bilinear")], (None, 4, 4, 3), "8x12x3", 0, 0),
        ([plain("AveragePooling2D", pool_size=2, padding="same")], (None, 9, 9, 3), "5x5x3", 0, 0),
        ([plain("GlobalMaxPooling2D", keepdims=True)], (None, 9, 9, 3), "1x1x3", 0, 0),
        ([plain("PReLU", shared_axes=[1, 2])], (None, 9, 9, 3), "9x9x3", 3, 0),
        ([plain("PReLU")], (None, 9, 9, 3), "9x9x3", 243, 0),
        ([plain("BatchNormalization", scale=False)], (None, 9, 9, 3), "9x9x3", 3, 0),
        ([plain("LayerNormalization")], (None, 9, 9, 3), "9x9x3", 6, 0),
        ([plain("GroupNormalization", groups=3)], (None, 9, 9, 6), "9x9x6", 12, 0),
        ([conv(groups=2)], (None, 9, 9, 6), "7x7x4", 9 * 3 * 4 + 4, 49 * 9 * 3 * 4),
        ([plain("CenterCrop", height=5, width=4)], (None, 9, 9, 3), "5x4x3", 0, 0),
        ([plain("LayerNormalization", center=False)], (None, 9, 9, 3), "9x9x3", 3, 0),
        ([plain("LSTM", units=4)], (None, 7, 3), "4", 128, 784),
        ([plain("GRU", units=4, return_sequences=True, reset_after=True)], (None, 7, 3), "7x4", 108, 588),
        ([plain("GRU", units=4, return_sequences=True)], (None, 7, 3), "7x4", 96, 588),
        ([plain("Embedding", input_dim=10, output_dim=4)], (None, 7), "7x4", 40, 0),
        ([plain("EinsumDense", equation="abc,cde->abde", output_shape=[None, 2, 3], bias_axes="de")], (None, 7, 4),
         "7x2x3", 30, 168),
    ],
)  # fmt: skip
def test_layers_by_hand(layers: list[Any], shape: tuple[int | None, ...], output: str, params: int, macs: int) -> None:
    network = sequence(*layers, shape=shape)
    last = network.graph.nodes[-1].output
    wanted = [int(size) for size in output.split("x")]

    assert last.elements == math.prod(wanted)
    assert last.channels == wanted[-1] or "Einsum" in layers[0]["class_name"]
    assert (network.ledger()["params"], network.ledger()["mult_adds"]) == (params, macs)


def test_channels_lie_where_the_layers_say() -> None:
    """Four rows are no colours: nothing is laid out anew; and what is only cut off is a view."""
    told = sequence(conv(data_format="channels_last"), shape=(None, 4, 6, 6))
    cut = sequence(plain("Cropping2D", cropping=[[1, 2], [3, 4]]), conv(kernel_size=1))

    assert ["conv"] == [node.operator.name for node in told.graph.nodes]
    assert ["crop", "conv"] == [node.operator.name for node in cut.graph.nodes]
    assert (9 * 9 * 3 + 6 * 2 * 4) * 4 == cut.ledger()["peak_activation_bytes"]


def test_attention_by_hand() -> None:
    """Four linear maps of 12 values at 16 places, scores and sums of 12 values; then a linear map, an LSTM, another."""
    network = costcalc.load(FOLDER / "seq.keras")
    linear, matmul = 4 * 16 * 12 * 12, 2 * 16 * 16 * 12

    rest = 16 * 12 * 8 + 16 * 4 * 5 * (8 + 5) + 5 * 3
    assert network.ledger()["mult_adds"] == linear + matmul + rest


def test_a_lambda_is_unknown_and_never_run() -> None:
    layer = plain("Lambda", function=["4wEAAAA=", None, None])

    with pytest.raises(costcalc.SpecError, match="unknown operator 'Lambda'"):
        _ = sequence(layer).graph


def test_a_model_in_memory_is_asked_for_its_json() -> None:
    text = (FOLDER / "small_keras2.json").read_text()
    model = types.SimpleNamespace(to_json=lambda: text)

    assert costcalc.from_keras(model).ledger()["params"] == 412
    with pytest.raises(costcalc.UsageError, match="3 is no Keras model"):
        costcalc.from_keras(3)


def test_a_spec_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"costcalc": 1, "name": "mine", "input": "8x8x3", "layers": [{"op": "conv", "k": 3, "out": 4}]}')

    assert costcalc.load(path).ledger()["mult_adds"] == 8 * 8 * 27 * 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "is no Keras model"),
        ('{"a": 1}', "is no Keras model"),
        ('{"class_name": "MyModel", "config": {}}', "its class 'MyModel' is code, not layers"),
        ('{"class_name": "Sequential", "config": {"layers": []}}', "the model has no input"),
        ("{", "is no JSON"),
        ("nothing", "is no Keras file"),
    ],
)
def test_what_is_no_model(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)

    with pytest.raises(costcalc.UsageError, match=message):
        costcalc.load(path)


def test_hdf5_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    monkeypatch.setitem(sys.modules, "h5py", None)

    with pytest.raises(costcalc.UsageError) as caught:
        costcalc.load(path)
    assert caught.value.expected == "pip install 'costcalc[h5]'"


def test_hdf5_holds_the_configuration() -> None:
    """A file that TF-Keras wrote: read where h5py is, else the one line that says what to install."""
    path = FOLDER / "small_keras2.h5"
    if find_spec("h5py") is None:
        with pytest.raises(costcalc.UsageError, match="reading HDF5 needs a package"):
            costcalc.load(path)
    else:
        assert costcalc.load(path).ledger()["params"] == 412


def test_the_widest_of_a_network_without_sides() -> None:
    rows = costcalc.widest(str(FOLDER / "seq_keras2.json"), max_mult_adds="24080").rows

    assert [row["mult_adds"] for row in rows][:1] == [24_080]


def test_a_group_for_each_channel() -> None:
    (node,) = sequence(plain("GroupNormalization", groups=-1), shape=(None, 9, 9, 6)).graph.nodes

    assert 6 == node.operator.groups  # type: ignore[attr-defined]
