"""Reads ONNX files: their structure, never the weights.

The weights' bytes are skipped before protobuf sees the file (`wire`), so a file of any size reads in the time and
memory of its structure. Needs the package `onnx`, for its schema alone.
Source: https://github.com/onnx/onnx/blob/main/docs/IR.md.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import MappingProxyType
from typing import Any

from costcalc.errors import UsageError
from costcalc.importers.program import MOST_DIMS, MOST_VALUES, Declared, Operation, Program, Stored, checked
from costcalc.importers.wire import WireError, without_weights

MISSING = "costcalc[onnx]"
_INTS = {2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 12: "uint32", 13: "uint64"}
_FLOATS = {1: "float32", 10: "float16", 11: "float64", 16: "bfloat16"}
DTYPES = {**_INTS, **_FLOATS, 21: "uint4", 22: "int4", 8: "string"}
_CODES = {"uint8": "B", "int8": "b", "uint16": "H", "int16": "h", "int32": "i", "int64": "q", "bool": "?",
          "uint32": "I", "uint64": "Q", "float32": "f", "float16": "e", "float64": "d"}  # fmt: skip
_MOST_DEPTH = 8
_ORDINARY = 200
"""Bytes of an operator's attributes and names; one of a function that has more counts as several, at every call."""


def text(value: str | bytes) -> str:
    """A name of the file; protobuf hands on as bytes what is not UTF-8."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def read(path: str, data: bytes | memoryview) -> Program:
    """The program of an ONNX file. Raises UsageError if it is none, SpecError if its graph is broken."""
    try:
        message = _schema().ModelProto
    except ImportError:
        raise UsageError(f"{path}: reading ONNX needs a package", expected=f"pip install '{MISSING}'") from None
    from google.protobuf.message import DecodeError

    try:
        model = message.FromString(without_weights(data))
    except (WireError, DecodeError, ValueError, RecursionError):
        raise UsageError(f"{path} is no ONNX file, or is cut off", expected="an ONNX model") from None
    if not model.graph.node:
        raise UsageError(f"{path}: the model has no operators", expected="an ONNX model")
    functions = {(text(one.domain), text(one.name)): one for one in model.functions}
    reader = _Reader(path, functions)
    program = reader.program(model.graph, 0)
    domains = {one.domain: one.version for one in model.opset_import}
    return checked(program._replace(format=f"ONNX opset {domains.get('', domains.get('ai.onnx', 0))}"))


def _schema() -> Any:
    """The module of ONNX's messages. It is loaded by itself: the whole package takes longer than the report of a file.

    Raises ImportError without the package.
    """
    name = "onnx.onnx_ml_pb2"
    if "onnx" in sys.modules or name in sys.modules:
        return import_module(name)
    found = find_spec("onnx")
    for folder in (found.submodule_search_locations if found else None) or ():
        file = Path(folder) / "onnx_ml_pb2.py"
        if file.is_file() and (spec := spec_from_file_location(name, file)) and spec.loader:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules[name] = module  # `import onnx` later takes this one
            return module
    return import_module("onnx")


class _Reader:
    def __init__(self, path: str, functions: Mapping[tuple[str, str], Any]) -> None:
        self.path = path
        self.functions = functions
        self.work = 0

    def program(self, graph: Any, depth: int) -> Program:
        stored = {text(one.name): self.stored(one) for one in graph.initializer if one.name}
        for sparse in graph.sparse_initializer:
            values = self.stored(sparse.values)
            stored[values.name] = values._replace(dims=tuple(sparse.dims), values=None)
        inputs = tuple(self.declared(one) for one in graph.input if text(one.name) not in stored)
        operations: list[Operation] = []
        for node in graph.node:
            self.operations(node, operations, depth, "", {})
        known = {text(one.name): self.declared(one).dims for one in graph.value_info}
        outputs = tuple(text(one.name) for one in graph.output)
        return Program(self.path, text(graph.name), tuple(operations), stored, inputs, outputs, known)

    def operations(
        self,
        node: Any,
        found: list[Operation],
        depth: int,
        prefix: str,
        names: dict[str, str],
        given: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """A node, or the nodes of the function that it calls; `given` are the attributes that it was called with."""
        self.work += 1 + (_length(node) // _ORDINARY if prefix else 0)
        if self.work > 50_000:
            raise UsageError(f"{self.path}: more than 50,000 operators", expected="a smaller model")

        def real(given: str | bytes) -> str:
            name = text(given)
            return names.get(name, prefix + name if name and prefix else name)

        label, domain, kind = text(node.name), text(node.domain), text(node.op_type)
        function = self.functions.get((domain, kind))
        if function is not None and depth < _MOST_DEPTH:
            inner = f"{prefix}{label[:60]}/{len(found)}/"
            self.work += (len(function.input) + len(function.output)) // 16
            bound = {"": ""}
            bound |= {text(own): real(name) for own, name in zip(function.input, node.input, strict=False)}
            bound |= {text(own): "" for own in function.input if text(own) not in bound}
            bound |= {text(own): real(name) for own, name in zip(function.output, node.output, strict=False)}
            passed = {one.name: given.get(one.ref_attr_name, one) for one in node.attribute}
            for one in function.node:
                self.operations(one, found, depth + 1, inner, bound, passed)
            return
        attributes = {
            text(one.name): self.attribute(given.get(one.ref_attr_name, one), depth) for one in node.attribute
        }
        op = kind if domain in ("", "ai.onnx") else f"{domain}.{kind}"
        inputs, outputs = tuple(map(real, node.input)), tuple(map(real, node.output))
        found.append(Operation(op, label, inputs, outputs, attributes, len(found), _scope(node, label)))

    def attribute(self, one: Any, depth: int) -> Any:
        match one.type:
            case 1:
                return one.f
            case 2:
                return one.i
            case 3:
                return text(one.s)
            case 4:
                return self.stored(one.t)
            case 5:
                return self.program(one.g, depth + 1) if depth < _MOST_DEPTH else None
            case 6:
                return tuple(one.floats)
            case 7:
                return tuple(one.ints)
            case 8:
                return tuple(map(text, one.strings))
        return None

    def stored(self, tensor: Any) -> Stored:
        dtype = DTYPES.get(tensor.data_type, "float8" if tensor.data_type in range(17, 21) else "other")
        dims = tuple(tensor.dims)
        few = len(dims) <= MOST_DIMS  # others are refused later, and their product is long
        values = _values(tensor, dtype, count) if few and 0 <= (count := math.prod(dims)) <= MOST_VALUES else None
        return Stored(text(tensor.name), dims, dtype, values)

    def declared(self, one: Any) -> Declared:
        kind = one.type.tensor_type
        dims = tuple(dim.dim_value if dim.HasField("dim_value") else text(dim.dim_param) for dim in kind.shape.dim)
        return Declared(text(one.name), dims, DTYPES.get(kind.elem_type, "float32"))


def _length(node: Any) -> int:
    """The bytes that a node brings along each time that its function is called."""
    names = sum(map(len, (node.name, *node.input, *node.output)))
    return int(names + sum(one.ByteSize() for one in node.attribute))


def _values(tensor: Any, dtype: str, count: int) -> tuple[Any, ...] | None:
    """A small tensor's numbers, if the file holds them."""
    if tensor.data_location == 1:
        return None
    raw, code = tensor.raw_data, _CODES.get(dtype)
    if raw and code:
        if len(raw) != count * struct.calcsize("<" + code):
            return None
        return struct.unpack(f"<{count}{code}", raw)
    fields = {"int64": tensor.int64_data, "float32": tensor.float_data, "float64": tensor.double_data,
              "uint32": tensor.uint64_data, "uint64": tensor.uint64_data}  # fmt: skip
    values = fields.get(dtype, tensor.int32_data if dtype in _INTS.values() else ())
    return tuple(values) if len(values) == count else None


def _scope(node: Any, name: str) -> str:
    """The module that an operator comes from: PyTorch writes its path into the name or beside it."""
    for one in node.metadata_props:
        if one.key == "pkg.torch.onnx.name_scopes":
            parts = [part.strip().strip("'\"") for part in text(one.value).strip("[]").split(",")]
            return parts[-2] if len(parts) > 1 else ""
    parts = name.strip("/").split("/")
    if name.startswith("/") and len(parts) > 1:
        return _module(parts[:-1])
    return ""


def _module(parts: list[str]) -> str:
    """`features`, `features.0`, `conv` of a name's path as one: `features.0.conv`; each may repeat what came before."""
    path: list[str] = []
    length = 0
    for part in parts:
        if length and not (len(part) > length and part.startswith(".".join(path) + ".")):
            path.append(part.removeprefix(path[-1].rpartition(".")[2] + "."))
            length += 1 + len(path[-1])
        else:
            path, length = [part], len(part)
    return ".".join(path)
