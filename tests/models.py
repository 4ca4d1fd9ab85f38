"""Small models for tests, written node by node: of ONNX, and of torch.export."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
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
    shown: Sequence[str] = (),
) -> bytes:
    """A model from `input` to `shown` and the last node's output.

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
        [helper.make_tensor_value_info(name, FLOAT, None) for name in (*shown, made[-1].output[0])],
        tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]).SerializeToString()


Call = tuple[str, Mapping[str, Any]] | tuple[str, Mapping[str, Any], str | Sequence[str]]


def pt2_bytes(
    calls: Sequence[Call],
    stored: Mapping[str, Sequence[int]] | None = None,
    buffers: Mapping[str, Sequence[int]] | None = None,
    input: Sequence[int | str] = (1, 8, 4, 6),
    scope: str = "",
    dtype: int = 7,
) -> bytes:
    """A program of torch.export from `x` to the last operator's output, `y` unless it has another name.

    An argument that is the name of a tensor (`x`, an output before it, one that is stored) is that tensor.
    """
    stored, buffers = stored or {}, buffers or {}
    names = {"x", *stored, *buffers}
    for made in (call[2] for call in calls if len(call) > 2):
        names |= {made} if isinstance(made, str) else set(made)

    def argument(value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            return {"as_tensor": {"name": value}} if value in names else {"as_string": value}
        if isinstance(value, list):
            return {"as_tensors": [{"name": one} for one in value]}
        if isinstance(value, tuple):
            return {"as_ints" if all(isinstance(one, int) for one in value) else "as_floats": list(value)}
        kind = {bool: "as_bool", int: "as_int", float: "as_float"}.get(type(value))
        return {"as_none": True} if kind is None else {kind: value}

    nodes = []
    for call in calls:
        made = call[2] if len(call) > 2 else "y"
        results = (
            [{"as_tensor": {"name": made}}] if isinstance(made, str) else [{"as_tensors": [{"name": n} for n in made]}]
        )
        target = call[0] if call[0].startswith("_operator") else f"torch.ops.aten.{call[0]}.default"
        inputs = [{"name": key, "arg": argument(value), "kind": 1} for key, value in call[1].items()]
        stack = {"nn_module_stack": f"L__self__,,Net;L__self__{scope},{scope},Block"} if scope else {}
        nodes.append({"target": target, "inputs": inputs, "outputs": results, "metadata": stack})

    def size(one: int | str) -> dict[str, Any]:
        return {"as_int": one} if isinstance(one, int) else {"as_expr": {"expr_str": one, "hint": {"as_int": 7}}}

    tensors = {name: {"dtype": 7, "sizes": [size(one) for one in dims]} for name, dims in {**stored, **buffers}.items()}
    tensors["x"] = {"dtype": dtype, "sizes": [size(one) for one in input]}
    specs: list[Any] = [{"parameter": {"arg": {"name": name}, "parameter_name": name}} for name in stored]
    specs += [{"buffer": {"arg": {"name": name}, "buffer_name": name, "persistent": True}} for name in buffers]
    specs.append({"user_input": {"arg": {"as_tensor": {"name": "x"}}}})
    last = calls[-1][2] if len(calls[-1]) > 2 else "y"
    ends = [last] if isinstance(last, str) else list(last)
    ended = [{"user_output": {"arg": {"as_tensor": {"name": name}}}} for name in ends]
    module = {
        "graph": {"inputs": [], "outputs": [], "nodes": nodes, "tensor_values": tensors},
        "signature": {"input_specs": specs, "output_specs": ended},
        "module_call_graph": [],
    }
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        archive.writestr("model/models/model.json", json.dumps({"graph_module": module, "torch_version": "2.14.1"}))
    return found.getvalue()


def opened(folder: Path, data: bytes, **settings: Any) -> costcalc.Network:
    """The network of a model file."""
    path = folder / ("model.pt2" if data.startswith(b"PK") else "model.onnx")
    path.write_bytes(data)
    return costcalc.load(path, **settings)


def operators(network: costcalc.Network) -> list[str]:
    """Its operators and what they put out."""
    return [f"{node.operator.name} {node.output}" for node in network.graph.nodes]
