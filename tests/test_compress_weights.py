"""`compress` with a file of weights: rates that are counted, factors, files of every format."""

from __future__ import annotations

import json
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from models import Node, model_bytes
from recipes import rows, run

import costcalc
from costcalc.analysis.compress.factors import factors_of, size_of
from costcalc.analysis.compress.places import relative
from costcalc.analysis.compress.tensor import Asked, _counts, measure
from costcalc.analysis.compress.values import clustered, pruned, pruned_in_groups
from costcalc.compression.fillers import fillers_between
from costcalc.compression.huffman import code_of, decoded, encoded, lengths_of
from costcalc.importers.weights import read_weights
from costcalc.recipes import load_recipe, read_inline


def arrays() -> dict[str, np.ndarray]:
    """Two kernels and a bias."""
    chance = np.random.default_rng(7)
    sparse = chance.normal(size=(20, 30)) * (chance.random((20, 30)) < 0.2)
    levels = chance.integers(0, 3, size=(8, 4, 3, 3)).astype("f4")
    return {"fc.weight": sparse.astype("f4"), "conv.weight": levels, "fc.bias": np.zeros(20, "f4")}


def safetensors(tensors: dict[str, np.ndarray]) -> bytes:
    """A file of the format, written by hand."""
    header, data = {}, b""
    for name, array in tensors.items():
        start = len(data)
        data += array.tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def onnx_bytes(tensors: dict[str, np.ndarray]) -> bytes:
    """A model that has the arrays as initializers."""
    from onnx import helper, numpy_helper

    made = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
    return bytes(helper.make_model(helper.make_graph([], "g", [], [], made)).SerializeToString())


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The same weights in each format."""
    np.savez(tmp_path / "w.npz", **arrays())  # type: ignore[arg-type]
    (tmp_path / "w.safetensors").write_bytes(safetensors(arrays()))
    (tmp_path / "w.onnx").write_bytes(onnx_bytes(arrays()))
    return {ending: tmp_path / f"w.{ending}" for ending in ("npz", "safetensors", "onnx")}


def test_three_formats_say_the_same(files: dict[str, Path]) -> None:
    found = [rows(str(path), *(["--tensors"] if ending == "onnx" else [])) for ending, path in files.items()]

    assert found[0] == found[1] == found[2]
    assert ["fc", "conv"] == [row["layer"] for row in found[0]]


def test_measured_by_counting(files: dict[str, Path]) -> None:
    """Densities, distinct values, fillers, and the length of a code that is written and read again."""
    fc, conv = rows(str(files["npz"]))
    flat = arrays()["fc.weight"].ravel()
    places = np.flatnonzero(flat).tolist()

    assert (600, len(places)) == (fc["weights"], fc["nonzero"])
    assert fillers_between(places, 4) == fc["fillers"]
    kernel = arrays()["conv.weight"].ravel()
    kept = [int(value) for value in kernel if value]
    assert 2 == conv["distinct"]
    indices, fillers = relative(np.flatnonzero(kernel), 4)
    stream = [*kept, *([0] * fillers)]
    code = code_of(lengths_of({symbol: stream.count(symbol) for symbol in set(stream)}))
    assert stream == decoded(encoded(stream, code), code)
    assert len(encoded(stream, code)) / len(stream) == pytest.approx(conv["value_huffman"], abs=0.0006)
    gaps = indices.tolist()
    gap_code = code_of(lengths_of({symbol: gaps.count(symbol) for symbol in set(gaps)}))
    assert gaps == decoded(encoded(gaps, gap_code), gap_code)
    bits = len(encoded(stream, code)) + len(encoded(gaps, gap_code)) + 2 * 32
    assert -(-bits // 8) == conv["stored_bytes"]


def test_pruning_keeps_the_largest() -> None:
    """A third of four is two, as a recipe rounds."""
    four = np.array([1.0, -5.0, 3.0, 4.0])

    assert [0, -5, 0, 4] == pruned(four, 2).tolist()
    third = Asked({"density": Fraction(1, 3)}, "", "", (False, False))
    assert 2 == measure("fc", four.reshape(2, 2), "float32", third).nonzero


def test_zeros_between_share_the_code_of_a_zero() -> None:
    """Three of them: beside two values rounded to zero, beside none, and where zero has no code of its own."""
    values = np.array([0, 7, 0, 9])

    assert (3, [2 + 3, 1, 1]) == _counts(values, 3, has_zero=True)
    assert (3, [2, 1, 1, 3]) == _counts(values, 3, has_zero=False)
    assert (2, [1, 1, 3]) == _counts(values[[1, 3]], 3, has_zero=True)
    assert (3, [2, 1, 1]) == _counts(values, 0, has_zero=True)


def test_pruning_within_groups() -> None:
    """2:4 keeps the two largest of each four, the rest of a row among them."""
    found = pruned_in_groups(np.array([1.0, -5.0, 3.0, 4.0, 9.0, 8.0, 7.0, 6.0, 2.0]), 2, 4)

    assert [0, -5, 0, 4, 9, 8, 0, 0, 2] == found.tolist()


def test_sharing_two_clusters() -> None:
    """Around 0 and around 10, their means."""
    assert [0.5, 0.5, 10.5, 10.5] == clustered(np.array([0.0, 1.0, 10.0, 11.0]), 2).tolist()


def _over_window(one: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A 1x1 kernel at every place of a window, as it multiplies with one that has it."""
    return np.broadcast_to(one, (*one.shape[:2], *kernel.shape[2:]))


def low_rank() -> dict[str, np.ndarray]:
    """A matrix of rank 3 with singular values 4, 2 and 1, a kernel of 2 filters' span, and one of separable windows."""
    chance = np.random.default_rng(5)
    left, right = (np.linalg.qr(chance.normal(size=(size, 3)))[0] for size in (40, 30))
    basis, mix = chance.normal(size=(2, 6, 3, 3)), chance.normal(size=(20, 2))
    vertical, horizontal = chance.normal(size=(2, 6, 3)), chance.normal(size=(2, 20, 3))
    return {
        "fc.weight": left @ np.diag([4.0, 2.0, 1.0]) @ right.T,
        "a.weight": np.tensordot(mix, basis, 1),
        "b.weight": np.einsum("rih,row->oihw", vertical, horizontal),
    }


@pytest.mark.parametrize(
    ("rules", "ranks"),
    [
        ("{fc: energy:0.76}", {"fc": "1"}),  # 16 of 21 are 0.7619
        ("{fc: energy:0.77}", {"fc": "2"}),
        ("{all linear: energy:0.99}", {"fc": "3"}),
        ("{all conv: filters:energy:0.999999}", {"a": "filters:2", "b": "filters:6"}),
        ("{b: spatial:energy:0.999999}", {"b": "spatial:2"}),
        ("{a: tucker:energy:0.999999}", {"a": "tucker:6:2"}),
        ("{fc: 2}", {"fc": "2"}),
        ("{fc: energy:1}", {"fc": "3"}),
    ],
)
def test_ranks_by_kept_energy(tmp_path: Path, rules: str, ranks: dict[str, str]) -> None:
    """The ranks that the kernels were made with; their factors multiply to what they stand for."""
    path, recipe, mine = tmp_path / "w.npz", tmp_path / "r.yaml", tmp_path / "mine.yaml"
    np.savez(path, **low_rank())  # type: ignore[arg-type]
    recipe.write_text(f"costcalc: 1\nrecipe: r\nsteps:\n- factorise: {rules}\n")
    result = run(str(path), "--recipe", str(recipe), "--write-recipe", str(mine))

    assert 0 == result.exit_code, result.output
    found = costcalc.compress_weights(str(path), str(recipe))
    assert ranks == found.ranks
    assert {64} == {tensor.value_bits for tensor in found.tensors}  # floats of as many bits as the kernels' own
    assert [str(rule.text) for rule in load_recipe(str(mine)).steps[0].rules] == list(ranks.values())


@pytest.mark.parametrize(("name", "text"), [("fc", "3"), ("a", "filters:2"), ("b", "spatial:2"), ("a", "tucker:6:2")])
def test_factors_multiply_to_the_kernel(name: str, text: str) -> None:
    """Put together again by the sums of the layers that they are, to rounding."""
    kernel = low_rank()[f"{name}.weight"]
    step = read_inline("factorise", f"{name}={text}")
    made = factors_of(name, kernel, step, step.rules[0])
    ranks = [int(word) for word in text.split(":") if word.isdigit()]
    assert made is not None
    assert sum(one.size for one in made.arrays) == size_of(kernel.shape, step.target(step.rules[0]).scheme, ranks)
    first, *rest = made.arrays
    whole = first
    for factor in rest:
        if whole.ndim == 2:
            whole = factor @ whole
        elif factor.shape[2:] == (1, 1) or whole.shape[2:] == (1, 1):
            whole = np.einsum("omhw,mihw->oihw", *(_over_window(one, kernel) for one in (factor, whole)))
        else:
            whole = np.einsum("omw,mih->oihw", factor[:, :, 0, :], whole[:, :, :, 0])
    assert np.allclose(kernel, whole)


def test_a_recipe_is_written_and_holds(tmp_path: Path) -> None:
    """Its rates on the network give what was measured, but for fillers of real places and whole bytes."""
    chance = np.random.default_rng(3)
    sizes = {"linear1": (300, 784), "linear2": (100, 300), "linear3": (10, 100)}
    path, mine = tmp_path / "w.npz", tmp_path / "mine.yaml"
    np.savez(path, **{f"{name}.weight": chance.normal(size=size) for name, size in sizes.items()})  # type: ignore[arg-type]
    result = run(str(path), "--recipe", "deep_compression_lenet_300_100", "--write-recipe", str(mine))
    measured = costcalc.compress_weights(str(path), "deep_compression_lenet_300_100")
    found = costcalc.load(f"lenet_300_100@recipe={mine}").ledger()

    assert 0 == result.exit_code, result.output
    assert mine.read_text() == measured.recipe(str(tmp_path / "mine.yml")) == (tmp_path / "mine.yml").read_text()
    assert mine.read_text().replace("recipe: mine", "recipe: measured") == measured.recipe()
    assert sum(tensor.nonzero for tensor in measured.tensors) == found["kept_weights"]
    assert sum(row["stored_bytes"] for row in measured.rows) == pytest.approx(found["kernel_bytes"], rel=0.03)
    assert 27_000 == pytest.approx(found["kernel_bytes"], rel=0.05)  # the paper's 27 KB, from random weights


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("short.safetensors", b"abc"),
        ("long.safetensors", struct.pack("<Q", 2**60) + b"{}"),
        ("text.safetensors", struct.pack("<Q", 3) + b"abc"),
        ("list.safetensors", struct.pack("<Q", 2) + b"[]"),
        ("entry.safetensors", struct.pack("<Q", 7) + b'{"a":1}'),
        ("cut.safetensors", safetensors(arrays())[:-8]),
        ("no.npz", b"PK\x03\x04"),
        ("pickle.npz", b"\x80\x04."),
        ("no.onnx", b"\xff\xff\xff"),
        ("empty.npz", b""),
        ("other.pt", b"abc"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, data: bytes) -> None:
    """Exit code 2 and a short message, whatever the file holds."""
    path = tmp_path / name
    path.write_bytes(data)
    result = run(str(path), "--tensors")

    assert 2 == result.exit_code
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "o.npz", a=np.array([[{}, {}]], dtype=object))

    assert "is no .npz file of numbers" in run(str(tmp_path / "o.npz")).stderr


def test_bfloat16_is_the_upper_half_of_float32(tmp_path: Path) -> None:
    """1.0 is 0x3F80."""
    header = json.dumps({"a": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}}).encode()
    path = tmp_path / "b.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<HH", 0x3F80, 0xC000))

    ((layer, array, format),) = read_weights(str(path))
    assert ("a", [[1.0, -2.0]], "bfloat16") == (layer, array.tolist(), format)
    assert 2 * 16 == costcalc.compress_weights(str(path)).tensors[0].stored_bits
    assert "4 B of bfloat16 -> 4 B" in run(str(path)).stdout


def test_bfloat16_of_onnx(tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    tensor = helper.make_tensor("fc.weight", TensorProto.BFLOAT16, [2, 2], np.array([1, -2, 0.5, 4]))
    model = helper.make_model(helper.make_graph([], "g", [], [], [tensor]))
    (tmp_path / "w.onnx").write_bytes(model.SerializeToString())

    ((layer, array, format),) = read_weights(str(tmp_path / "w.onnx"))
    assert ("fc", [[1, -2], [0.5, 4]], "bfloat16") == (layer, array.tolist(), format)


@pytest.mark.parametrize(
    ("operator", "attributes", "stored", "shape"),
    [
        ("MatMul", {}, (3, 5), "5x3"),
        ("Gemm", {}, (3, 5), "5x3"),
        ("Gemm", {"transB": 1}, (3, 5), "3x5"),
        ("Conv", {}, (3, 5, 2, 2), "3x5x2x2"),
        ("ConvTranspose", {}, (3, 5, 2, 2), "5x3x2x2"),
        ("ConvTranspose", {"group": 2}, (4, 5, 2, 2), "10x2x2x2"),
    ],
)
def test_the_operator_of_onnx_says_which_axis_is_outputs(
    tmp_path: Path, operator: str, attributes: dict[str, int], stored: tuple[int, ...], shape: str
) -> None:
    """Each output channel holds what it is multiplied with: numbers that tell their own channel, also behind an
    Identity."""
    from onnx import helper, numpy_helper

    groups, outputs = attributes.get("group", 1), int(shape.partition("x")[0])
    is_first = operator == "Conv" or "transB" in attributes
    place = np.indices(stored)
    channel = place[0] if is_first else place[1]
    if groups > 1:
        channel = channel + place[0] // (stored[0] // groups) * stored[1]
    nodes = [
        helper.make_node("Identity", ["k"], ["copy"]),
        helper.make_node(operator, ["x", "copy"], ["y"], **attributes),
    ]
    graph = helper.make_graph(nodes, "g", [], [], [numpy_helper.from_array(channel.astype("f4"), "k")])
    (tmp_path / "w.onnx").write_bytes(helper.make_model(graph).SerializeToString())

    ((_, array, _),) = read_weights(str(tmp_path / "w.onnx"))
    assert shape == "x".join(map(str, array.shape))
    assert [[float(row)] for row in range(outputs)] == [sorted(set(row.ravel().tolist())) for row in array]


def test_what_is_no_matrix_is_left_out_whatever_takes_it(tmp_path: Path) -> None:
    nodes: list[Node] = [("ConvTranspose", ["x", "w"], "y", {}), ("MatMul", ["x", "w"], "z", {})]
    (tmp_path / "w.onnx").write_bytes(model_bytes(nodes, {}, {"w": [1.0, 2.0]}))

    assert not list(read_weights(str(tmp_path / "w.onnx")))
