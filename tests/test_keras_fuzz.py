"""Files of Keras and TensorFlow Lite that are broken or hostile: an answer or costcalc's own error, in a second.

Eighty cases of each by default, 200 with `-m slow`; `python tests/test_keras_fuzz.py 10000` tries so many of each
(docs/testing.md).
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
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from mutating import answer, flipped

import costcalc

FOLDER = Path(__file__).parent / "golden" / "models"
KERAS = sorted(FOLDER.glob("*.keras")) + sorted(FOLDER.glob("*_keras2.json"))
LITE = sorted(FOLDER.glob("*.tflite"))
CASES = 200
WILD = [0, -1, 1, 2, 3, 7, 10**9, 2**40, -(2**63), 2**63 - 1, 10**30, 1.5, -0.0, None, "", "same", True, [], {}, [[]]]


def archive(text: bytes) -> bytes:
    """A `.keras` file with a configuration."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", text)
    return found.getvalue()


def config_of(path: Path) -> bytes:
    """The configuration in a file."""
    if path.suffix == ".json":
        return path.read_bytes()
    with zipfile.ZipFile(path) as file:
        return file.read("config.json")


def keras_case(number: int) -> tuple[str, bytes]:
    """The ending and the bytes of a changed Keras file: of the archive, of the text, or of values in it."""
    draw = random.Random(number)
    path = draw.choice(KERAS)
    kind = number % 4
    if kind == 0:
        return path.suffix, flipped(path.read_bytes(), draw, draw.randrange(3))
    text = config_of(path)
    if kind == 1:
        return ".keras", archive(flipped(text, draw, draw.randrange(3)))
    config = json.loads(text)
    for _ in range(draw.randint(1, 3)):
        changed(config, draw)
    return ".json", json.dumps(config).encode()


def changed(config: Any, draw: random.Random) -> None:
    """One value somewhere within is another one."""
    place = draw.choice(config["config"]["layers"]) if isinstance(config.get("config"), dict) else config
    for _ in range(draw.randint(1, 8)):
        if not isinstance(place, dict | list) or not place:
            return
        key = draw.choice(list(place)) if isinstance(place, dict) else draw.randrange(len(place))
        if draw.random() < 0.3 or not isinstance(place[key], dict | list):
            if draw.random() < 0.1:
                del place[key]
            else:
                place[key] = draw.choice(WILD)
            return
        place = place[key]


def lite_case(number: int) -> tuple[str, bytes]:
    """The ending and the bytes of a changed TensorFlow Lite file: any of its bytes, or words of its tables."""
    draw = random.Random(number)
    data = draw.choice(LITE).read_bytes()
    if number % 3 == 0:
        return ".tflite", flipped(data, draw, draw.randrange(3))
    found = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(2, len(found) // 4) * 4
        old = struct.unpack_from("<i", found, at)[0]
        new = draw.choice([0, 1, -1, 2, 16, 10**9, 2**31 - 1, -(2**31), old + 1, old - 4, old * 2, old ^ 256])
        struct.pack_into("<i", found, at, max(-(2**31), min(2**31 - 1, new)))
    return ".tflite", bytes(found)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Modules are imported before anything is timed."""
    assert costcalc.load(LITE[0]).ledger()["params"]
    assert costcalc.load(KERAS[0]).ledger()["params"]


@pytest.mark.parametrize("case", [keras_case, lite_case])
@pytest.mark.parametrize("part", each(range(5), range(2)))
def test_changed_files(tmp_path: Path, part: int, case: Any) -> None:
    for number in range(part, CASES, 5):
        assert answer(tmp_path, *case(number)) < 2, number


def layer(kind: str, name: str, before: str, **config: Any) -> dict[str, Any]:
    """A layer that takes another one's output, as Keras 2 writes it."""
    nodes = [[[before, 0, 0, {}]]] if before else []
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def model(*layers: Any, last: str = "y") -> bytes:
    """A model of an input `x` and some layers."""
    first = layer("InputLayer", "x", "", batch_input_shape=[None, 8, 8, 3])
    config = {"layers": [first, *layers], "input_layers": [["x", 0, 0]], "output_layers": [[last, 0, 0]]}
    return json.dumps({"class_name": "Functional", "config": config}).encode()


def _nested() -> bytes:
    inner = json.loads(model(layer("ReLU", "y", "x")))
    for _ in range(40):
        whole = json.loads(model(layer("ReLU", "z", "x")))
        whole["config"]["layers"].append({**inner, "name": "y", "inbound_nodes": [[["z", 0, 0, {}]]]})
        inner = whole
    return json.dumps(inner).encode()


def _doubled() -> bytes:
    """Models within models, each called twice: 2^14 layers."""
    inner = json.loads(model(layer("ReLU", "y", "x")))
    for _ in range(14):
        whole = json.loads(model(last="b"))
        calls = [[["x", 0, 0, {}]], [["b", 0, 0, {}]]]
        whole["config"]["layers"].append({**inner, "name": "b", "inbound_nodes": calls})
        whole["config"]["output_layers"] = [["b", 1, 0]]
        inner = whole
    return json.dumps(inner).encode()


def _bomb() -> bytes:
    return archive(b'{"class_name": "Functional", "config": {"layers": [' + b"[" * 1_000_000 + b" " * 80_000_000)


def _many_tables() -> bytes:
    """A vector of tables of the largest length, all of which lie at one place."""
    return bytes(struct.pack("<I4sI", 8, b"TFL3", 0) + b"\xff" * 4096)


HOSTILE = {
    "circle": (".json", lambda: model(layer("ReLU", "a", "y"), layer("ReLU", "y", "a"))),
    "itself": (".json", lambda: model(layer("ReLU", "y", "y"))),
    "nobody": (".json", lambda: model(layer("ReLU", "y", "z"))),
    "nested": (".json", _nested),
    "doubled": (".json", _doubled),
    "bomb": (".keras", _bomb),
    "brackets": (".json", lambda: b'{"class_name": ' + b"[" * 200_000),
    "a huge window": (".json", lambda: model(layer("Conv2D", "y", "x", filters=10**30, kernel_size=[10**9, 10**9]))),
    "a huge shape": (".json", lambda: model(layer("Reshape", "y", "x", target_shape=[1] * 100_000))),
    "upsampled": (".json", lambda: model(layer("UpSampling2D", "y", "x", size=[2**40, 2**40]))),
    "repeated": (".json", lambda: model(layer("Flatten", "f", "x"), layer("RepeatVector", "y", "f", n=2**40))),
    "many layers": (".json", lambda: model(layer("ReLU", "y", "x"), *[layer("ReLU", "y", "x")] * 60_000)),
    "digits": (".json", lambda: model(*[layer("ReLU", f"{i}".zfill(200), "x") for i in range(2_000)])),
    "nothing": (".tflite", lambda: b"\0" * 64),
    "one place": (".tflite", _many_tables),
    "text": (".keras", lambda: b"costcalc: 1\n" * 1000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(tmp_path: Path, name: str) -> None:
    ending, make = HOSTILE[name]
    data = make()
    tracemalloc.start()
    spent = answer(tmp_path, ending, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert spent < 8  # with every allocation traced, read twice
    assert peak < 300_000_000


@pytest.mark.parametrize("ending", [".keras", ".tflite", ".json"])
def test_random_bytes(tmp_path: Path, ending: str) -> None:
    draw = random.Random(0)
    for size in range(100):
        answer(tmp_path, ending, draw.randbytes(1 + size))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for one in (keras_case, lite_case):
            slowest = max((answer(Path(folder), *one(number)), number) for number in range(int(sys.argv[1])))
            print(f"{one.__name__}: {sys.argv[1]} files; the slowest took {slowest[0]:.2f} s (case {slowest[1]})")
