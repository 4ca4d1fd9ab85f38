"""What a Keras configuration says of its layers: their kinds, names, and the calls that join them.

Source: inbound nodes as Keras 2 and Keras 3 write them (`get_config` of Functional).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

MODELS = {"Functional", "Model", "Sequential"}
MOST_DEPTH = 16
MOST_LAYERS = 10_000
"""Layers of a model, each counted as often as it is called."""
Layer: TypeAlias = Mapping[str, Any]
"""A layer or a model, as the file writes it."""


class Ref(NamedTuple):
    """A tensor among the arguments of a layer: its number among the layer's inputs."""

    number: int


class Call(NamedTuple):
    """A layer called: its arguments, tensors in them as `Ref`s, and the names of these tensors in the layer's model."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    inputs: tuple[tuple[str, int, int], ...]


def kind_of(layer: Layer) -> str:
    """The kind of a layer: its class, `ops.Add` of Keras 3's operations, `tf.nn.relu` of TensorFlow's functions."""
    name = str(layer["class_name"]).rpartition(">")[2]
    if ".ops." in str(layer.get("module", "")) + ".":
        return f"ops.{name}"
    if name in ("TFOpLambda", "SlicingOpLambda", "TFSlicingOpLambda"):
        return "tf." + str(layer["config"].get("function", "slice")).rpartition(".")[2]
    return name


def inside(config: Layer) -> Layer:
    found = config["config"]
    return found if isinstance(found, dict) else {"layers": found}


def layers_of(config: Layer) -> Iterator[Layer]:
    for layer in inside(config)["layers"]:
        if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict | list):
            raise ValueError
        yield layer


def name_of(layer: Layer) -> str:
    return str(layer.get("name") or layer["config"].get("name") or layer["class_name"])[:200]


def innermost(layer: Layer) -> Layer:
    """The first layer of nested sequences."""
    for _ in range(MOST_DEPTH):
        if layer["class_name"] not in MODELS:
            break
        layer = next(layers_of(layer), layer)
    return layer


def calls_of(layer: Layer) -> list[Call]:
    return [_call(node) for node in layer.get("inbound_nodes") or ()]


def _call(node: Any) -> Call:
    """One call of a layer, in the words of Keras 3 or of Keras 2."""
    inputs: list[tuple[str, int, int]] = []

    def ref(name: Any, number: Any, place: Any) -> Ref:
        inputs.append((str(name), int(number), int(place)))
        return Ref(len(inputs) - 1)

    def new(value: Any, depth: int = 0) -> Any:
        if depth > 8:
            raise ValueError
        if isinstance(value, dict):
            word = value.get("class_name")
            if word == "__keras_tensor__":
                return ref(*value["config"]["keras_history"])
            if word == "__slice__":
                return slice(*(value["config"].get(key) for key in ("start", "stop", "step")))
            if word == "__ellipsis__":
                return Ellipsis
            return {str(key): new(one, depth + 1) for key, one in value.items()}
        return tuple(new(one, depth + 1) for one in value) if isinstance(value, list) else value

    def old(value: Any, depth: int = 0) -> Any:
        if depth > 8:
            raise ValueError
        if isinstance(value, list):
            if len(value) == 3 and isinstance(value[0], str) and all(isinstance(one, int) for one in value[1:]):
                return ref(*value)
            return tuple(old(one, depth + 1) for one in value)
        if isinstance(value, dict):
            if set(value) == {"start", "stop", "step"}:
                return slice(value["start"], value["stop"], value["step"])
            return {str(key): old(one, depth + 1) for key, one in value.items()}
        return value

    if isinstance(node, dict):
        given = new(node.get("args", []))
        return Call(given, new(node.get("kwargs", {})), tuple(inputs))
    tensors = [node] if node and isinstance(node[0], str) else node
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for tensor in tensors:
        if tensor[0] == "_CONSTANT_VALUE":
            args.append(tensor[2] if len(tensor) > 2 else None)
        else:
            args.append(ref(*tensor[:3]))
        if len(tensor) > 3 and isinstance(tensor[3], dict):
            kwargs |= old(tensor[3])
    whole = (tuple(args),) if len(args) > 1 else tuple(args)
    return Call(whole, kwargs, tuple(inputs))


def keys_of(value: Any) -> list[tuple[str, int, int]]:
    """The tensors that a model takes or puts out: `["name", 0, 0]`, or several of them."""
    found: list[tuple[str, int, int]] = []

    def walk(value: Any, depth: int) -> None:
        if depth > 8:
            raise ValueError
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            found.append((value[0], int(value[1]), int(value[2])))
        elif isinstance(value, list | dict):
            for one in value.values() if isinstance(value, dict) else value:
                walk(one, depth + 1)

    walk(value, 0)
    return found
