"""Reads Keras models: their configuration, never the weights, and nothing of it runs.

A `.keras` file is a zip archive with `config.json`, the model's JSON is that text alone, and a `.h5` file has it in the
attribute `model_config` (for which the package `h5py` is needed).
Source: https://keras.io/guides/serialization_and_saving; inbound nodes as Keras 2 and Keras 3 write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from costcalc.errors import UsageError
from costcalc.importers.archive import MOST_TEXT, ArchiveError, archive_of, parsed, unpacked
from costcalc.importers.keras_config import (
    MODELS,
    MOST_DEPTH,
    MOST_LAYERS,
    Call,
    Layer,
    Ref,
    calls_of,
    innermost,
    inside,
    keys_of,
    kind_of,
    layers_of,
    name_of,
)  # fmt: skip
from costcalc.importers.program import Declared, Operation, Program, checked

_EXPECTED = "a Keras model"


def read(path: str, data: bytes | memoryview) -> Program:
    """The program of a Keras file. Raises UsageError if it is none, SpecError if its graph is broken."""
    try:
        config = _config(path, data)
    except ArchiveError as error:
        raise UsageError(f"{path} {error}", expected=_EXPECTED) from None
    if not isinstance(config, dict) or config.get("class_name") not in MODELS:
        word = str(config.get("class_name", ""))[:60] if isinstance(config, dict) else ""
        told = f": its class '{word}' is code, not layers" if word else ""
        raise UsageError(f"{path} is no Keras model{told}", expected="a Sequential or Functional model")
    reader = _Reader(path)
    try:
        program = reader.whole(config)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        raise UsageError(f"{path}: the model's configuration is broken", expected=_EXPECTED) from None
    return checked(program)


def _config(path: str, data: bytes | memoryview) -> Any:
    head = bytes(data[:8])
    if head.startswith(b"\x89HDF"):
        from costcalc.importers.keras_h5 import model_config

        return parsed(model_config(path), "model_config")
    if head.startswith(b"PK"):
        archive = archive_of(data)
        if "config.json" not in archive.namelist():
            raise ArchiveError("has no config.json")
        return parsed(unpacked(archive, "config.json"), "config.json")
    if bytes(data[:64]).lstrip()[:1] == b"{" and len(data) <= MOST_TEXT:
        return parsed(bytes(data), "the file")
    raise ArchiveError("is no Keras file, or is cut off")


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.operations: list[Operation] = []
        self.work = 0

    def whole(self, config: Layer) -> Program:
        layers = list(layers_of(config))
        self.bounded(len(layers))
        declared: list[Declared] = []
        embedded, told = _embedded(layers), _data_format(layers)
        inputs: list[str] = []
        for layer in layers:
            if layer["class_name"] == "InputLayer":
                shape = layer["config"].get("batch_shape") or layer["config"]["batch_input_shape"]
                name = name_of(layer)
                declared.append(_declared(name, shape, _dtype(layer["config"].get("dtype")), name in embedded, told))
                inputs.append(name)
        if not declared:
            if config["class_name"] != "Sequential" or not layers:
                raise UsageError(f"{self.path}: the model has no input", expected=_EXPECTED)
            shape = _first_shape(config, layers)
            if shape is None:
                raise UsageError(
                    f"{self.path}: the model does not say the shape of its input", expected="a built model"
                )
            integer = kind_of(innermost(layers[0])) == "Embedding"
            declared.append(_declared("input", shape, "float32", integer, told))
            inputs.append("input")
        outputs = self.model(config, inputs, "", 0)
        name = str(inside(config).get("name", "")) or "model"
        version = f"Keras {3 if 'module' in config else 2}"
        return Program(
            self.path,
            name,
            tuple(self.operations),
            {},
            tuple(declared),
            tuple(outputs),
            format=version,
            hierarchy=hierarchy,
        )

    def model(self, config: Layer, inputs: Sequence[str], scope: str, depth: int) -> list[str]:
        """The tensors that a model puts out, its layers appended; `inputs` are the tensors that it takes."""
        if depth > MOST_DEPTH:
            raise UsageError(f"{self.path}: models are nested more than {MOST_DEPTH} deep", expected=_EXPECTED)
        layers = list(layers_of(config))
        self.work += 1 + len(layers)
        self.bounded(self.work)
        if config["class_name"] == "Sequential":
            values = list(inputs)
            for layer in layers:
                if layer["class_name"] != "InputLayer":
                    refs = tuple(Ref(i) for i in range(len(values)))
                    values = self.called(layer, Call(refs, {}, ()), values, scope, depth)
            return values
        return self.functional(config, layers, inputs, scope, depth)

    def bounded(self, count: int) -> None:
        """Raise UsageError for more layers than a model needs."""
        if count > MOST_LAYERS:
            raise UsageError(f"{self.path}: more than {MOST_LAYERS:,} layers", expected=_EXPECTED)

    def functional(
        self,
        config: Layer,
        layers: Sequence[Layer],
        inputs: Sequence[str],
        scope: str,
        depth: int,
    ) -> list[str]:
        own = inside(config)
        made: dict[tuple[str, int, int], str] = {}
        for (name, node, place), tensor in zip(keys_of(own["input_layers"]), inputs, strict=True):
            made[name, node, place] = tensor
        waiting: list[tuple[Layer, int, Call]] = []
        outputs = keys_of(own["output_layers"])
        called = [(layer, calls_of(layer)) for layer in layers if layer["class_name"] != "InputLayer"]
        asked = {key[:2] for _, calls in called for call in calls for key in call.inputs} | {key[:2] for key in outputs}
        for layer, calls in called:
            # A model within counts its own making as its first call, unless it is asked for by number 0.
            first = int(layer["class_name"] in MODELS and (name_of(layer), 0) not in asked)
            waiting += [(layer, number, call) for number, call in enumerate(calls, first)]
        for layer, number, call in self.ordered(waiting, made):
            tensors = [made[key] for key in call.inputs]
            for place, tensor in enumerate(self.called(layer, call, tensors, scope, depth)):
                made[name_of(layer), number, place] = tensor
        return [made[key] for key in outputs]

    def ordered(
        self, waiting: list[tuple[Layer, int, Call]], made: Mapping[tuple[str, int, int], str]
    ) -> Iterator[tuple[Layer, int, Call]]:
        """Calls in an order in which they can run. Raises UsageError for a circle, or a tensor that nothing makes."""
        users: dict[tuple[str, int], list[int]] = {}
        missing: list[int] = []
        have = {(name, node) for name, node, _ in made}
        for index, (_, _, call) in enumerate(waiting):
            needs = {key[:2] for key in call.inputs} - have
            missing.append(len(needs))
            for need in needs:
                users.setdefault(need, []).append(index)
        ready = [index for index in range(len(waiting) - 1, -1, -1) if not missing[index]]
        done = 0
        while ready:
            layer, number, call = waiting[ready.pop()]
            done += 1
            yield layer, number, call
            for index in reversed(users.pop((name_of(layer), number), [])):
                missing[index] -= 1
                if not missing[index]:
                    ready.append(index)
        if done < len(waiting):
            left = next(layer for index, (layer, _, _) in enumerate(waiting) if missing[index] > 0)
            raise UsageError(
                f"{self.path}: layer '{name_of(left)[:80]}' waits for a tensor that nothing makes before it"
            )

    def called(self, layer: Layer, call: Call, tensors: Sequence[str], scope: str, depth: int) -> list[str]:
        """The tensors that a layer puts out."""
        path = f"{scope}.{name_of(layer)}" if scope else name_of(layer)
        if layer["class_name"] in MODELS and isinstance(layer.get("config"), dict | list):
            return self.model(layer, tensors, path, depth + 1)
        at = len(self.operations)
        self.bounded(at + 1)
        attributes = {**layer["config"], "args": call.args, "kwargs": call.kwargs}
        outputs = tuple(f"{path}:{at}:{place}" for place in range(3))
        self.operations.append(Operation(kind_of(layer), path, tuple(tensors), outputs, attributes, at, path))
        return list(outputs)


def _first_shape(config: Layer, layers: Sequence[Layer]) -> Any:
    """The input shape that a sequence declares somewhere: its own, or that of its first layer."""
    own = inside(config)
    places = [
        own.get("build_input_shape"),
        config.get("build_config"),
        layers[0]["config"],
        layers[0].get("build_config"),
    ]
    if layers[0]["class_name"] in MODELS:
        places += [innermost(layers[0])["config"]]
    for place in places:
        if isinstance(place, list):
            return place
        if isinstance(place, dict):
            for key in ("batch_input_shape", "batch_shape", "input_shape"):
                if isinstance(place.get(key), list):
                    return place[key]
    return None


def _embedded(layers: Sequence[Layer]) -> set[str]:
    """The inputs that are looked up in a table: whole numbers, whatever their declared type."""
    found: set[str] = set()
    before = ""
    for layer in layers:
        if kind_of(layer) == "Embedding":
            found |= {key[0] for call in calls_of(layer) for key in call.inputs} or {before}
        before = name_of(layer)
    return found


def _dtype(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("config", {}).get("name", "float32")
    return str(value or "float32")


def _data_format(layers: Sequence[Layer]) -> str:
    """Where the layers say that the channels lie, "" if none says so or not all the same."""
    told = {str(layer["config"].get("data_format")) for layer in layers} & {"channels_first", "channels_last"}
    return told.pop() if len(told) == 1 else ""


def _declared(name: str, shape: Any, dtype: str, integer: bool, told: str) -> Declared:
    if not isinstance(shape, list) or any(not isinstance(size, int | None) for size in shape):
        raise ValueError
    words = {3: ("length",), 4: ("height", "width"), 5: ("frames", "height", "width")}.get(len(shape), ())
    dims: list[int | str] = []
    for place, size in enumerate(shape):
        if size is not None:
            dims.append(size)
        else:
            dims.append("batch" if not place else words[place - 1] if place <= len(words) else f"size{place}")
    whole = integer or "int" in dtype
    if len(dims) == 2 and dims[1] == "size1":
        dims[1] = "length"
    channel = None if len(dims) < 2 or (whole and len(dims) == 2) else _channel(dims, told)
    layout = (tuple(place for place in range(1, len(dims)) if place != channel), channel) if len(dims) > 1 else None
    return Declared(name, tuple(dims), "int32" if integer else dtype, layout)


def _channel(dims: Sequence[int | str], told: str) -> int:
    """The dimension of the channels, as the layers say; else the last, unless the sizes say that it is the first."""
    first, last = dims[1], dims[-1]
    if told and len(dims) >= 3:
        return 1 if told == "channels_first" else len(dims) - 1
    if len(dims) >= 4 and isinstance(first, int) and first in (1, 3, 4) and last not in (1, 3, 4):
        return 1
    return len(dims) - 1


def hierarchy(path: str) -> tuple[str, str]:
    """The block and the stage of a layer by its name: `conv2_block1_1_conv` is in `conv2_block1` of `conv2`.

    `block_13_expand` is in `block_13` of `block`, `block2a_se_squeeze` in `block2a` of `block2`.
    """
    scope, dot, name = path.rpartition(".")
    found = re.match(r"(.*?block_?\d+[a-z]?)(?=_|$)", name) or re.match(r"(.*?(?<!\d)\d+[a-z]?)(?=_)", name)
    block = found[1] if found else ""
    stage = re.sub(r"(_?block_?\d+|_\d+|(?<=\d)[a-z])$", "", block) or re.sub(r"_?\d+$", "", block)
    return (scope + dot + block, scope + dot + stage) if block else (scope, scope)
