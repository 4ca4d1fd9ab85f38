"""Small ONNX models for tests, written node by node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

import costcalc

Node = tuple[str, Sequence[str], str | Sequence[str], dict[str, Any]]
FLOAT = TensorProto.FLOAT


def model_bytes(
    nodes: Sequence[Node],
    stored: dict[str, Sequence[int]],
    values: dict[str, Sequence[Any]] | None = None,
    input: Sequence[int | str] = (1, 8, 4, 6),
    opset: int = 18,
    type: int = FLOAT,
) -> bytes:
    """A model from `input` to the last node's output.

    `stored` are weights by their shapes, without numbers; `values` small constants: ints make int64, floats float32.
    """
    made = []
    for op, inputs, outputs, attributes in nodes:
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        made.append(helper.make_node(op, list(inputs), names, **attributes))
    tensors = []
    for name, dims in stored.items():
        tensor = TensorProto(name=name, dims=list(dims), data_type=FLOAT, data_location=TensorProto.EXTERNAL)
        tensors.append(tensor)
    for name, numbers in (values or {}).items():
        if isinstance(numbers, (int, float)):
            tensors.append(helper.make_tensor(name, FLOAT, [], [numbers]))
        else:
            kind = FLOAT if any(isinstance(number, float) for number in numbers) else TensorProto.INT64
            tensors.append(helper.make_tensor(name, kind, [len(numbers)], numbers))
    graph = helper.make_graph(
        made,
        "test",
        [helper.make_tensor_value_info("x", type, list(input))],
        [helper.make_tensor_value_info(made[-1].output[0], FLOAT, None)],
        tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]).SerializeToString()


def opened(folder: Path, data: bytes, **settings: Any) -> costcalc.Network:
    """The network of a model file."""
    path = folder / "model.onnx"
    path.write_bytes(data)
    return costcalc.load(path, **settings)


def operators(network: costcalc.Network) -> list[str]:
    """Its operators and what they put out."""
    return [f"{node.operator.name} {node.output}" for node in network.graph.nodes]
