"""Model files that are broken or hostile: an answer or costcalc's own error, in a second and in 300 MB.

Ninety cases by default, 300 with `-m slow`; `python tests/test_model_fuzz.py 10000` tries so many (docs/testing.md).
"""

from __future__ import annotations

import random
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import onnx
import pytest
from catalogued import each
from models import model_bytes
from mutating import answer, flipped
from onnx import TensorProto, helper

import costcalc

MODELS = sorted((Path(__file__).parent / "golden" / "models").glob("*.onnx"))
LIGHT = sorted((Path(onnx.__file__).parent / "backend" / "test" / "data" / "light").glob("*.onnx"))
CASES = 300


def mutated(number: int) -> bytes:
    """A file that was whole before it was changed: bytes flipped, cut, doubled, sizes and names exchanged."""
    draw = random.Random(number)
    data = draw.choice([*MODELS, *LIGHT]).read_bytes()
    kind = number % 5
    if kind < 3:
        return flipped(data, draw, kind)
    model = onnx.load_from_string(data)
    for _ in range(draw.randint(1, 3)):
        _change(model.graph, draw, kind)
    return bytes(model.SerializeToString())


def _change(graph: Any, draw: random.Random, kind: int) -> None:
    node = draw.choice(graph.node)
    wild = [0, -1, 1, 2, 3, 7, 10**9, 2**40, -(2**63), 2**63 - 1]
    if kind == 3:
        tensor = draw.choice(graph.initializer) if graph.initializer else TensorProto()
        if tensor.dims:
            tensor.dims[draw.randrange(len(tensor.dims))] = draw.choice(wild)
        for attribute in node.attribute:
            if attribute.ints:
                attribute.ints[draw.randrange(len(attribute.ints))] = draw.choice(wild)
            elif attribute.type == onnx.AttributeProto.INT:
                attribute.i = draw.choice(wild)
        return
    other = draw.choice(graph.node)
    choice = draw.randrange(5)
    if choice == 0 and node.input and other.output:
        node.input[draw.randrange(len(node.input))] = other.output[0]
    elif choice == 1:
        node.op_type = other.op_type
    elif choice == 2 and node.input:
        del node.input[draw.randrange(len(node.input))]
    elif choice == 3 and node.output:
        node.output[0] = "nobody"
    elif node.attribute:
        del node.attribute[draw.randrange(len(node.attribute))]


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Libraries are imported before anything is timed."""
    assert costcalc.load(MODELS[0]).ledger()["params"]


@pytest.mark.parametrize("part", each(range(10), range(3)))
def test_changed_files(tmp_path: Path, part: int) -> None:
    for number in range(part, CASES, 10):
        assert answer(tmp_path, ".onnx", mutated(number)) < 2, number


def _circle() -> bytes:
    return model_bytes([("Add", ["x", "b"], "a", {}), ("Relu", ["a"], "b", {})], {})


def _deep() -> bytes:
    """Bodies in bodies."""
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [], [])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("If", ["x"], ["y"], then_branch=graph)], "g", [], [])
    value = helper.make_tensor_value_info("x", 1, [1, 3, 8, 8])
    graph.input.append(value)
    return bytes(helper.make_model(graph).SerializeToString())


def _functions() -> bytes:
    """Functions that call one another, twice each: 2^30 operators."""
    made = []
    for i in range(30):
        inner = [
            helper.make_node(f"f{i + 1}", ["a"], ["b"], domain="d"),
            helper.make_node(f"f{i + 1}", ["b"], ["c"], domain="d"),
        ]
        made.append(helper.make_function("d", f"f{i}", ["a"], ["c"], inner, [helper.make_opsetid("d", 1)]))
    model = onnx.load_from_string(model_bytes([("Relu", ["x"], "z", {}), ("Relu", ["z"], "y", {})], {}))
    model.graph.node[0].op_type, model.graph.node[0].domain = "f0", "d"
    model.functions.extend(made)
    return bytes(model.SerializeToString())


def _calls() -> bytes:
    """A function of an operator with a long name, and many inputs, called two thousand times."""
    inner = [helper.make_node("Relu", ["a"], ["n" * 100_000]), helper.make_node("Relu", ["a"], ["b"])]
    made = helper.make_function("d", "f", [*"a", *map(str, range(9_000))], ["b"], inner, [helper.make_opsetid("", 18)])
    model = onnx.load_from_string(model_bytes([("f", ["x"], f"y{i}", {}) for i in range(2_000)], {}))
    for node in model.graph.node:
        node.domain, node.name = "d", "n" * 1000
    model.functions.append(made)
    return bytes(model.SerializeToString())


def _inputs() -> bytes:
    model = onnx.load_from_string(model_bytes([("Relu", ["x"], "y", {})], {}))
    model.graph.input.extend(helper.make_tensor_value_info(f"i{i}", 1, [f"size{i}", 3]) for i in range(3_000))
    return bytes(model.SerializeToString())


HOSTILE = {
    "functions with long names": _calls,
    "circle": _circle,
    "deep": _deep,
    "functions": _functions,
    "no such input": lambda: model_bytes([("Relu", ["z"], "y", {})], {}),
    "made twice": lambda: model_bytes([("Relu", ["x"], "y", {}), ("Relu", ["x"], "y", {})], {}),
    "endless shape": lambda: model_bytes(
        [("ConstantOfShape", ["n"], "c", {}), ("Add", ["x", "c"], "y", {})], {}, {"n": [10**9] * 9}
    ),
    "endless range": lambda: model_bytes(
        [("Range", ["a", "b", "c"], "r", {}), ("Add", ["x", "r"], "y", {})], {}, {"a": [0], "b": [2**62], "c": [1]}
    ),
    "tiled": lambda: model_bytes([("Tile", ["x", "n"], "y", {})], {}, {"n": [2**40] * 4}),
    "padded": lambda: model_bytes([("Pad", ["x", "n"], "y", {})], {}, {"n": [2**62] * 8}),
    "many dims": lambda: model_bytes([("Reshape", ["x", "n"], "y", {})], {}, {"n": [1] * 4000}),
    "a huge power": lambda: model_bytes(
        [("Pow", ["a", "b"], "p", {}), ("Reshape", ["x", "p"], "y", {})], {}, {"a": [10**18], "b": [10**9]}
    ),
    "dims of a weight": lambda: model_bytes([("MatMul", ["x", "w"], "y", {})], {"w": [1] * 100_000}),
    "nothing": lambda: b"\x00",
    "text": lambda: b"costcalc: 1\n" * 1000,
}


LONG = {
    "thousands of inputs": _inputs,
    "numbers without end": lambda: model_bytes(
        [*(("Mul", [f"c{i}"] * 2, f"c{i + 1}", {}) for i in range(40)), ("Relu", ["x"], "y", {})], {}, {"c0": [10**18]}
    ),
    "a stretched constant": lambda: model_bytes(
        [*(("Range", ["a", "b", "c"], f"r{i}", {}) for i in range(900)), ("Relu", ["x"], "y", {})],
        {},
        {"a": [0], "b": [4_096], "c": [1]},
    ),
    "a weight of huge dims": lambda: model_bytes([("Relu", ["x"], "y", {})], {"w": [2**62] * 60_000}),
    "deep scopes": lambda: model_bytes([("Relu", ["x"], "y", {"name": "/a" * 400_000})], {}),
    "views of views": lambda: model_bytes(
        [("Unsqueeze", ["x" if not i else f"v{i}", "n"], f"v{i + 1}", {}) for i in range(4_000)], {}, {"n": [0]}
    ),
    "a dimension twice": lambda: model_bytes([("Unsqueeze", ["x", "n"], "y", {})], {}, {"n": [0, 0]}),
    "nothing to concatenate": lambda: model_bytes([("Concat", ["", "n"], "y", {"axis": 0})], {}, {"n": [0, 0]}),
    "joined from everywhere": lambda: model_bytes([("Sum", ["x"] * 300_000, "y", {})], {}),
    "a long word": lambda: model_bytes([("R" * 900_000, ["x"], "y", {})], {}),
}
"""What took more than its size, in time or in words: too long to trace each allocation of."""


@pytest.mark.parametrize("name", LONG)
def test_long_files(tmp_path: Path, name: str) -> None:
    assert answer(tmp_path, ".onnx", LONG[name]()) < 2


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(tmp_path: Path, name: str) -> None:
    data = HOSTILE[name]()
    tracemalloc.start()
    spent = answer(tmp_path, ".onnx", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert spent < 4  # with every allocation traced
    assert peak < 200_000_000


def test_random_bytes(tmp_path: Path) -> None:
    draw = random.Random(0)
    for size in range(200):
        answer(tmp_path, ".onnx", draw.randbytes(1 + size))


if __name__ == "__main__":
    warm_up = costcalc.load(MODELS[0]).ledger()["params"]
    with tempfile.TemporaryDirectory() as folder:
        slowest = max((answer(Path(folder), ".onnx", mutated(number)), number) for number in range(int(sys.argv[1])))
    print(f"{sys.argv[1]} files; the slowest took {slowest[0]:.2f} s of CPU (case {slowest[1]})")
