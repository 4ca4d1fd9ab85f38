"""Real weights that are odd, and files of them that lie."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import costcalc
from costcalc.analysis.compress.places import places_of
from costcalc.analysis.compress.values import rounded
from costcalc.cli import main
from costcalc.compression.rates import Index, Scales
from costcalc.importers.weights import read_weights


def run(*args: str) -> Result:
    """`costcalc compress ...`."""
    return CliRunner().invoke(main, ["compress", *args])


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The kernels of lenet_caffe, at random."""
    chance = np.random.default_rng(1)
    sizes = {"conv1": (20, 1, 5, 5), "conv2": (50, 20, 5, 5), "linear1": (500, 800), "linear2": (10, 500)}
    arrays = {f"{name}.weight": chance.normal(size=size).astype("f4") for name, size in sizes.items()}
    np.savez(tmp_path / "w.npz", **arrays)  # type: ignore[arg-type]
    return tmp_path / "w.npz"


def recipe(tmp_path: Path, *steps: str) -> str:
    """A file with these steps."""
    file = tmp_path / "r.yaml"
    file.write_text("costcalc: 1\nrecipe: r\nsteps:\n" + "".join(f"- {step}\n" for step in steps))
    return str(file)


def entry(shape: Any, *offsets: int, dtype: str = "F32") -> dict[str, Any]:
    """A tensor in a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"a": entry([2, 3], 0, 16)}, "a does not lie in bytes 0 to 16\n  expected: 24 bytes for 2 x 3 of F32;"),
        ({"a": entry([2, 3], 0, 24)}, "a does not lie in bytes 0 to 24\n  expected: 24 bytes for 2 x 3 of F32;"),
        ({"a": entry([2, 2], 0, 16), "b": entry([2, 2], 0, 16)}, "b does not lie in bytes 0 to 16\n"),
        ({"a": entry([0, 10**30], 0, 16)}, "a does not lie in bytes 0 to 16\n  expected: 0 bytes"),
        ({"a": entry([2, 2], 0, 16, dtype="F99")}, "a is of F99\n"),
        ({"a": entry([10**300] * 16, 0, 16)}, "w.safetensors is no safetensors file, or is cut off\n"),
        ('{"a": 1, "a": 1}', "is no safetensors file, or is cut off\n"),
    ],
)
def test_headers_that_lie(tmp_path: Path, header: Any, message: str) -> None:
    """Another size than its bytes, bytes beyond the file, bytes of two tensors, a name twice: each is told."""
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(16))
    result = run(str(path))

    assert 2 == result.exit_code
    assert message in result.stderr


def npz(member: str, data: bytes, at: int = -1) -> bytes:
    """An archive with a member, a byte of it wrong if said."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, data)
    found = bytearray(file.getvalue())
    found[at] ^= 0xFF if at >= 0 else 0
    return bytes(found)


def npy(shape: str) -> bytes:
    """A file of an array of zeros, whose header says any shape."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(64)


@pytest.mark.parametrize(
    "data",
    [
        npz("a.npy", npy("(1000000000000000000000000000000, 4)")),
        npz("a.npy", npy("(4, 4)"), at=40),  # within the compressed bytes
        npz("a.npy", npy("(40, 40)")),
        npz("a.npy", npy("(4, 4)") + bytes(10_000_000)),  # swells: it takes a thousandth of that
        npz("a.txt", b"no array"),
    ],
)
def test_archives_that_are_broken(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "w.npz").write_bytes(data)
    result = run(str(tmp_path / "w.npz"))

    assert 2 == result.exit_code, result.exception
    assert result.stderr.startswith("Error: ")


def test_an_empty_tensor_of_any_size_is_left_out(tmp_path: Path) -> None:
    header = json.dumps({"a": entry([0, 10**30], 0, 0), "b": entry([2, 2], 0, 16)}).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))

    assert ["b"] == [layer for layer, *_ in read_weights(str(path))]


def test_two_tensors_of_one_layer_have_names_of_their_own(tmp_path: Path) -> None:
    """A recipe that is written of them can be read."""
    path, mine = tmp_path / "w.npz", tmp_path / "mine.yaml"
    np.savez(path, **{"a.weight": np.ones((3, 3)), "a.kernel": np.ones((2, 2)), "a": np.ones((2, 2))})
    result = run(str(path), "--write-recipe", str(mine))

    assert "two tensors are called a\n" in result.stderr
    np.savez(path, **{"a.weight": np.ones((3, 3)), "a.kernel": np.ones((2, 2))})
    assert 0 == run(str(path), "--write-recipe", str(mine)).exit_code
    assert "no layer with weights matches 'a'" in run("lenet_caffe", "--recipe", str(mine)).stderr


def test_values_that_are_no_numbers_are_told(tmp_path: Path) -> None:
    """NaN and infinity are taken as zeros; the others keep their scale."""
    values = np.arange(16, dtype="f4").reshape(4, 4)
    values[0, :3] = np.nan, np.inf, -np.inf
    np.savez(tmp_path / "w.npz", **{"fc.weight": values})
    result = run(str(tmp_path / "w.npz"), "--recipe", recipe(tmp_path, "quantise: int8", "factorise: energy:0.5"))

    assert 0 == result.exit_code
    assert "fc: 3 values are no finite numbers, and are taken as 0\n" in result.stdout
    for format in ("csv", "json"):
        result = run(str(tmp_path / "w.npz"), "--format", format)
        assert "finite" not in result.stdout
        assert "Note: fc: 3 values are no finite numbers, and are taken as 0\n" == result.stderr
    assert 13 == costcalc.compress_weights(str(tmp_path / "w.npz")).tensors[0].distinct
    np.savez(tmp_path / "z.npz", **{"fc.weight": 0 * np.ones((4, 5))})
    assert "fc: all 20 weights are 0, a recipe keeps one\n" in run(str(tmp_path / "z.npz")).stdout


@pytest.mark.parametrize("value", [5e-324, 1e300])
def test_numbers_at_the_ends_of_the_floats(tmp_path: Path, value: float) -> None:
    """Neither scales nor energies leave the floats."""
    np.savez(tmp_path / "w.npz", **{"fc.weight": np.outer(np.arange(1.0, 9), np.ones(8)) * value})

    assert 0 == run(str(tmp_path / "w.npz"), "--recipe", recipe(tmp_path, "quantise: int8")).exit_code
    found = costcalc.compress_weights(str(tmp_path / "w.npz"), recipe(tmp_path, "factorise: energy:0.9"))
    assert {"fc": "1"} == found.ranks


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("binarise: xnor", "r.yaml:4:13: binarise: {file} does not say which layers are the first and the last"),
        ("prune: {conv1: 0.5, 'conv*': 0.2}", "r.yaml:4:32: prune: 'conv1' and 'conv*' both match conv1"),
        ("prune: {conv1: 0.5, all conv: 0.2}", "r.yaml:4:33: prune: 'conv1' and 'all conv' both match conv1"),
        ("share: 9", "r.yaml:4:10: share: conv1 has 500 weights, the codebook 512 values"),
        ("encode: {linear1: csr:9}", "r.yaml:4:21: encode: rows of linear1 have 800 weights, 9 bits tell 512"),
        ("encode: csr:10:10", "r.yaml:4:11: encode: conv2 has 25000 entries, a pointer of 10 bits counts to 1023"),
        ("huffman: {linear3: 4}", "r.yaml:4:22: huffman: no layer of {file} matches 'linear3'"),
    ],
)
def test_recipes_that_a_network_refuses_or_takes_otherwise(
    tmp_path: Path, weights: Path, step: str, message: str
) -> None:
    result = run(str(weights), "--recipe", recipe(tmp_path, step))

    assert 2 == result.exit_code
    assert message.format(file=weights) in result.stderr


def test_a_tensor_too_small_for_a_codebook_keeps_its_values(tmp_path: Path, weights: Path) -> None:
    """500 weights of conv1 in 32 bits, without the codes that other layers have."""
    conv1, *others = costcalc.compress_weights(str(weights), recipe(tmp_path, "share: 9:fitting", "huffman: 4")).tensors

    assert (500 * 32, (0, 0)) == (conv1.stored_bits, conv1.codebook)
    assert any(one.codebook == (512, 32) for one in others)


def test_all_layers_made_binary_by_patterns(tmp_path: Path, weights: Path) -> None:
    steps = recipe(tmp_path, "binarise: {conv1: none, linear2: none, '*': bwn}")

    assert [500, 2, 2, 4999] == [one.distinct for one in costcalc.compress_weights(str(weights), steps).tensors]


@pytest.mark.parametrize(
    ("steps", "bits", "stored"),
    [
        (["quantise: int16"], 16, 500 * 16 + 32),  # more values than a code is worth: plain numbers and a scale
        (["quantise: float16"], 16, 500 * 16),
        (["quantise: 64"], 64, 500 * 64),
        (["prune: 1"], 32, 500 * 32),
    ],
)
def test_plain_numbers_take_their_bits(tmp_path: Path, weights: Path, steps: list[str], bits: int, stored: int) -> None:
    conv1 = costcalc.compress_weights(str(weights), recipe(tmp_path, *steps)).tensors[0]

    assert (bits, stored) == (conv1.value_bits, conv1.stored_bits)


def test_short_floats_are_rounded_as_numpy_rounds() -> None:
    from costcalc.analysis.compress.values import shortened

    values = np.random.default_rng(2).normal(size=1000)

    assert values.astype("f2").tolist() == shortened(values, 11).tolist()
    assert values.astype("f4").tolist() == shortened(values, 24).tolist()


STEPS = [
    ["prune: 1"],
    ["quantise: int16"],
    ["prune: 0.5"],
    ["share: 4"],
    ["quantise: int8:channel:zero:float16"],
    ["prune: 2:4", "quantise: 6"],
    ["prune: 0.2", "share: 5:float16", "encode: bitmap"],
    ["prune: 0.2", "quantise: int4:channel", "encode: csr:10:20"],
    ["prune: 0.2", "quantise: bfloat16", "encode: dense"],
    ["binarise: {conv1: none, linear2: none, '*': bwn}"],
    ["prune: 0.1", "share: 4:int16", "encode: columns:3:16:4"],
    ["prune: 0.1", "quantise: int4", "encode: relative:3"],
]


@pytest.mark.parametrize("steps", STEPS, ids=" ".join)
def test_real_weights_take_what_a_recipe_says(tmp_path: Path, weights: Path, steps: list[str]) -> None:
    """Each layer as the same recipe stores it on the network; relative indices need fillers where they lie."""
    own = recipe(tmp_path, *steps)
    declared = costcalc.load(f"lenet_caffe@recipe={own}").ledger().layers
    has_fillers = "relative" in steps[-1] or "columns" in steps[-1]

    for row in costcalc.compress_weights(str(weights), own).rows:
        expected = declared[row["layer"]]["kernel_bytes"]
        assert row["stored_bytes"] == pytest.approx(expected, rel=0.02 * has_fillers, abs=5), row["layer"]
        if not has_fillers:
            assert 0 <= expected - row["stored_bytes"] <= 3, row["layer"]  # each part is rounded up by itself


@pytest.mark.parametrize("steps", [*STEPS, ["prune: 0.2", "quantise: int4", "huffman: 3:3"]], ids=" ".join)
def test_a_written_recipe_stores_what_was_measured(tmp_path: Path, weights: Path, steps: list[str]) -> None:
    """Dense layers have no indices, values without a code their format."""
    mine = tmp_path / "mine.yaml"
    assert 0 == run(str(weights), "--recipe", recipe(tmp_path, *steps), "--write-recipe", str(mine)).exit_code
    measured = costcalc.compress_weights(str(weights), recipe(tmp_path, *steps))
    found = costcalc.load(f"lenet_caffe@recipe={mine}").ledger()

    assert found["kernel_bytes"] == pytest.approx(sum(row["stored_bytes"] for row in measured.rows), rel=0.005)


def test_scales_are_of_a_tensor_or_of_each_channel() -> None:
    """Rows of -1 to 1 and of 0 to 100: with one scale the first is lost; with a zero point a range is used whole."""
    rows = np.array([[-1.0, 0.25, 1.0], [0.0, 25.0, 100.0]])

    assert [[-1, 0, 1], [0, 32, 127]] == rounded(rows, 8, Scales(False)).tolist()
    assert [[-127, 32, 127], [0, 32, 127]] == rounded(rows, 8, Scales(True)).tolist()
    assert [[0, 160, 255], [0, 64, 255]] == rounded(rows, 8, Scales(True, 32, 8)).tolist()


def test_places_by_hand() -> None:
    """The column of EIE's section III has one filler, and two if its rows are dealt out to two elements."""
    column = np.zeros((23, 1))
    column[[2, 3, 22]] = 1
    relative = places_of(column, {"places": Index.COLUMNS, "index_bits": 4, "pointer_bits": 16, "elements": 1})
    dealt = places_of(column, {"places": Index.COLUMNS, "index_bits": 2, "pointer_bits": 16, "elements": 2})

    assert (4, 1, [0, 2, 2, 15], 2 * 16) == (
        relative.entries, relative.fillers, sorted(relative.symbols.tolist()), relative.pointer_bits,  # type: ignore[union-attr]
    )  # fmt: skip
    # rows 0, 2, 4 ... hold kept weights at their places 1 and 11, rows 1, 3, 5 ... at 1: nine zeros between take two
    assert (3 + 2, 2, 2 * 2 * 16) == (dealt.entries, dealt.fillers, dealt.pointer_bits)
    csr = places_of(column, {"places": Index.CSR, "index_bits": 1, "pointer_bits": 5})
    assert (3 * 1, 24 * 5) == (csr.fixed_bits, csr.pointer_bits)


def test_steps_behind_a_file_of_weights(weights: Path) -> None:
    result = run(f"{weights}@prune=0.1")

    assert 2 == result.exit_code
    assert f"{weights}: '@prune=0.1' behind a file of weights\n  expected: --recipe" in result.stderr
