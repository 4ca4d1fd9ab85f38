"""TensorFlow Lite files against the Keras models that they were made of, and against the catalogue."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import costcalc
from costcalc.importers.flatbuffer import Buffer, FlatbufferError, Table

FOLDER = Path(__file__).parent / "golden" / "models"


def load(name: str, **settings: int) -> costcalc.Network:
    return costcalc.load(FOLDER / f"{name}.tflite", **settings)


@pytest.mark.parametrize("kind", ["float32", "int8"])
def test_a_whole_network(kind: str) -> None:
    """MobileNet 0.25-128: 470,072 parameters in Keras. Of each norm's two vectors only a bias is left: 2,736 less."""
    ledger = load(f"mobilenet_0.25_128_{kind}").ledger()

    assert ledger["mult_adds"] == 13_570_048  # exact_keras.csv
    assert ledger["params"] == 470_072 - 5_472 // 2


def test_layers_are_those_of_the_catalogue() -> None:
    ours, theirs = (
        [(row["output"], row["mult_adds"]) for row in network.report(by="layer").rows if row["mult_adds"]]
        for network in (load("mobilenet_0.25_128_int8"), costcalc.load("mobilenet_v1", alpha="0.25", resolution=128))
    )
    assert ours == theirs


def test_layers_have_the_names_that_keras_gave_them() -> None:
    names, keras = (
        {row["name"] for row in costcalc.load(FOLDER / file).report(by="layer").rows if row["mult_adds"]}
        for file in ("mobilenet_0.25_128_int8.tflite", "mobilenet_0.25_128.keras")
    )
    assert names == keras


def test_narrow_formats_decide_the_bytes_unless_other_ones_are_asked_for() -> None:
    narrow, wide = (load(f"mobilenet_0.25_128_{kind}") for kind in ("int8", "float32"))

    assert narrow.ledger()["weight_bytes"] == narrow.ledger()["params"]
    assert 4 * narrow.ledger()["weight_bytes"] == wide.ledger()["weight_bytes"]
    assert narrow.ledger(weights="*=float16")["weight_bytes"] == 2 * narrow.ledger()["params"]
    conv = next(node for node in narrow.graph.nodes if node.layer == "conv1")
    assert (conv.formats.weights, conv.formats.activations) == ("int8", "int8")


@pytest.mark.parametrize("name", ["small", "valid_t"])
@pytest.mark.parametrize("kind", ["float32", "int8"])
def test_operators_cost_what_the_layers_cost(name: str, kind: str) -> None:
    """Padding, dilation, groups, multipliers, transposed convolutions, resizing, slices, gates ..."""
    file, keras = load(f"{name}_{kind}"), costcalc.load(FOLDER / f"{name}.keras")

    assert file.ledger()["mult_adds"] == keras.ledger()["mult_adds"]
    assert file.graph.nodes[-1].output.elements == keras.graph.nodes[-1].output.elements


def test_parameters_differ_by_norms_and_biases_of_zero() -> None:
    """Folded: 32 of a norm. Left out, as they are zero: biases of 12 and 10. Added: a bias of zero for 16 channels."""
    assert load("small_float32").ledger()["params"] == 16_442 - 32 - 12 - 10 + 16


def test_gates_are_put_together() -> None:
    operators = {node.operator.name for node in load("small_float32").graph.nodes}

    assert {"hswish", "gap", "upsample", "conv_transpose", "softmax"} <= operators


def test_a_dilated_convolution_is_one() -> None:
    """The converter takes it apart: positions to samples, a convolution, and back."""
    dilated = [
        node.operator for node in load("small_float32").graph.nodes if getattr(node.operator, "dilation", 1) != 1
    ]

    assert [operator.dilation for operator in dilated] == [2]


def test_batch_is_open() -> None:
    one, four = (load("mobilenet_0.25_128_float32", batch=batch).ledger() for batch in (1, 4))

    assert four["mult_adds"] == 4 * one["mult_adds"]


def test_another_resolution_is_walked_anew() -> None:
    spec = costcalc.load("mobilenet_v1", alpha="0.25", resolution=160)

    assert load("mobilenet_0.25_128_int8", resolution=160).ledger()["mult_adds"] == spec.ledger()["mult_adds"]


@pytest.mark.parametrize("data", [b"TFL3", b"\x10\0\0\0TFL3", b"\xff" * 40, b"\x1c\0\0\0TFL3" + b"\0" * 16])
def test_what_is_no_model(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(data)

    with pytest.raises(costcalc.UsageError, match=r"model\.tflite"):
        costcalc.load(path)


def test_offsets_are_bounded() -> None:
    buffer = Buffer(struct.pack("<IiHHI", 4, -4, 4, 8, 2**31))

    with pytest.raises(FlatbufferError):
        buffer.number(17, "i")
    with pytest.raises(FlatbufferError):
        buffer.number(-1, "b")
    with pytest.raises(FlatbufferError):
        buffer.spend(10**9)


def test_a_text_that_many_share_is_counted_each_time() -> None:
    buffer = Buffer(struct.pack("<4HiII", 6, 8, 4, 0, 8, 4, 1000) + bytes(1000))
    table = Table(buffer, 8)

    assert 1000 == len(table.text(0))
    with pytest.raises(FlatbufferError):
        _ = [table.text(0) for _ in range(10_000)]
