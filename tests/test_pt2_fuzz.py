"""Files of torch.export that are broken or hostile: an answer or costcalc's own error, in a second and in 300 MB.

Ninety cases by default, 300 with `-m slow`; `python tests/test_pt2_fuzz.py 10000` tries so many (docs/testing.md).
"""

from __future__ import annotations

import io
import json
import random
import struct
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from models import pt2_bytes
from mutating import answer, flipped

import costcalc

MODELS = sorted((Path(__file__).parent / "golden" / "models").glob("*.pt2"))
CASES = 300
WILD: list[Any] = [
    0, -1, 1, 2, 3, 7, 10**9, 2**40, -(2**63), 2**63 - 1, 10**30, 1e308, float("nan"), -0.5, True, None, "", "x",
    [], [[]], {}, {"as_int": 10**9}, {"as_tensor": {"name": "relu"}}, {"as_ints": [10**9] * 9}, {"as_none": True},
]  # fmt: skip


def archive(files: dict[str, bytes]) -> bytes:
    """A zip archive of some files."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in files.items():
            new.writestr(name, data)
    return found.getvalue()


def mutated(number: int) -> bytes:
    """A file that was whole before it was changed: its bytes, the text of its program, or the values in that."""
    draw = random.Random(number)
    data = draw.choice(MODELS).read_bytes()
    kind = number % 4
    if kind == 0:
        return flipped(data, draw, draw.randrange(3))
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        name = next(one for one in old.namelist() if "/models/" in one)
        text = old.read(name)
    if kind == 1:
        return archive({name: flipped(text, draw, draw.randrange(3))})
    program = json.loads(text)
    for _ in range(draw.randint(1, 4)):
        _change(program, draw)
    return archive({name: json.dumps(program).encode()})


def _change(program: Any, draw: random.Random) -> None:
    """One value of the program, an operator's more often than others, becomes another one."""
    module = program.get("graph_module")
    graph = module.get("graph") if isinstance(module, dict) else None
    nodes = graph.get("nodes") if isinstance(graph, dict) else None
    nodes = nodes if isinstance(nodes, list) else []
    if nodes and draw.random() < 0.3:
        one, other = draw.choice(nodes), draw.choice(nodes)
        key = draw.choice(["target", "inputs", "outputs"])
        if isinstance(one, dict) and isinstance(other, dict):
            one[key] = other.get(key)
        return
    value: Any = draw.choice(nodes) if nodes and draw.random() < 0.6 else program
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = draw.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and draw.random() < 0.9:
            value = value[key]
            continue
        if draw.random() < 0.2:
            del value[key]
        else:
            value[key] = draw.choice(WILD)
        return


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What is imported once is imported before anything is timed."""
    assert costcalc.load(MODELS[0]).ledger()["params"]


@pytest.mark.parametrize("part", each(range(10), range(1)))
def test_changed_files(tmp_path: Path, part: int) -> None:
    for number in range(part, CASES, 10):
        assert answer(tmp_path, ".pt2", mutated(number)) < 2, number


def _program(**changes: Any) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(pt2_bytes([("relu", {"self": "x"})]))) as whole:
        program: dict[str, Any] = json.loads(whole.read("model/models/model.json"))
    return program | changes


def _sized(dims: list[Any]) -> bytes:
    """A program whose input has some sizes."""
    program = _program()
    program["graph_module"]["graph"]["tensor_values"]["x"]["sizes"] = dims
    return written(program)


def written(program: Any) -> bytes:
    return archive({"model/models/model.json": json.dumps(program).encode()})


def _repeated(part: bytes, times: int) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as new, new.open("model/models/model.json", "w") as entry:
        chunk = part * (2**20 // len(part))
        for _ in range(times * len(part) // len(chunk)):
            entry.write(chunk)
    return found.getvalue()


def _lying() -> bytes:
    """An entry that says it is small, and is not."""
    data = bytearray(_repeated(b" ", 10**8))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rfind(mark)
        struct.pack_into("<I", data, at + place, 100)
    return bytes(data)


def _entries() -> bytes:
    """A directory of a million entries."""
    one = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = one * 1_000_000
    return directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 0, 0)


def _wrapped(depth: int) -> bytes:
    """Graphs in graphs."""
    graph: dict[str, Any] = {"inputs": [], "outputs": [], "nodes": []}
    for _ in range(depth):
        argument = {"name": "", "arg": {"as_graph": {"name": "g", "graph": graph}}}
        node = {"target": "torch.ops.higher_order.wrap_with_set_grad_enabled", "inputs": [argument], "outputs": []}
        graph = {"inputs": [], "outputs": [], "nodes": [node]}
    program = _program()
    program["graph_module"]["graph"]["nodes"] += graph["nodes"]
    return written(program)


def _inputs(count: int) -> bytes:
    """Inputs of open sizes, each its own."""
    program = _program()
    module = program["graph_module"]
    for i in range(count):
        sizes = [{"as_expr": {"expr_str": f"s{i}"}}, {"as_int": 3}]
        module["graph"]["tensor_values"][f"i{i}"] = {"dtype": 7, "sizes": sizes}
        module["signature"]["input_specs"].append({"user_input": {"arg": {"as_tensor": {"name": f"i{i}"}}}})
    return written(program)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb of blanks": lambda: _repeated(b" ", 10**8),
    "a bomb of lists": lambda: _repeated(b"[],", 20_000_000),
    "nested lists": lambda: _repeated(b"[", 10**6),
    "an entry that lies": _lying,
    "a million entries": _entries,
    "a huge number": lambda: archive({"m/models/model.json": b'{"graph_module": 1' + b"0" * 10**6 + b"}"}),
    "graphs in graphs": lambda: _wrapped(30),
    "circle": lambda: pt2_bytes([("add", {"self": "x", "other": "b"}, "a"), ("relu", {"self": "a"}, "b")]),
    "made twice": lambda: pt2_bytes([("relu", {"self": "x"}, "a"), ("relu", {"self": "x"}, "a")]),
    "endless sizes": lambda: _sized([{"as_int": 2**40}] * 9),
    "sizes that are texts": lambda: _sized([{"as_int": "1"}] * 4),
    "many dims": lambda: _sized([{"as_int": 1}] * 100_000),
    "endless parts": lambda: pt2_bytes([("split", {"self": "x", "split_size": 1, "dim": 2})], input=(1, 3, 2**39, 2)),
    "endless ones": lambda: pt2_bytes([("ones", {"size": (10**9,) * 9}, "o"), ("add", {"self": "x", "other": "o"})]),
    "endless range": lambda: pt2_bytes([("arange", {"end": 2**62}, "o"), ("add", {"self": "x", "other": "o"})]),
    "repeated": lambda: pt2_bytes([("repeat", {"self": "x", "repeats": (2**40,) * 4})]),
    "padded": lambda: pt2_bytes([("pad", {"self": "x", "pad": (2**62,) * 8})]),
    "a power": lambda: pt2_bytes(
        [
            ("scalar_tensor", {"s": 10**18}, "s"),
            ("pow", {"self": "s", "exponent": 10**9}, "p"),
            ("add", {"self": "x", "other": "p"}),
        ]
    ),
    "einsum": lambda: pt2_bytes([("einsum", {"equation": "...," * 10_000, "tensors": ["x", "x"]})]),
    "thousands of open sizes": lambda: _inputs(3_000),
    "no program": lambda: archive({"model/version": b"1"}),
    "a program of nothing": lambda: written(None),
    "text": lambda: b"costcalc: 1\n" * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(tmp_path: Path, name: str) -> None:
    data = HOSTILE[name]()
    tracemalloc.start()
    spent = answer(tmp_path, ".pt2", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert spent < 4  # with every allocation traced
    assert peak < 300_000_000


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        slowest = max((answer(Path(folder), ".pt2", mutated(number)), number) for number in range(int(sys.argv[1])))
    print(f"{sys.argv[1]} files; the slowest took {slowest[0]:.2f} s of CPU (case {slowest[1]})")
