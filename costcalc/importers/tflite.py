"""Reads TensorFlow Lite files: their structure, never the weights; no package is needed.

Source: tensorflow/compiler/mlir/lite/schema/schema.fbs, whose numbers of fields these are.
"""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from typing import Any, NamedTuple

from costcalc.errors import UsageError
from costcalc.importers.flatbuffer import Buffer, FlatbufferError, Table
from costcalc.importers.keras import hierarchy
from costcalc.importers.keras_config import MOST_LAYERS
from costcalc.importers.program import MOST_VALUES, Declared, Operation, Program, Stored, checked
from costcalc.importers.tflite_schema import CODES, DTYPES, OPERATORS, OPTIONS

_EXPECTED = "a TensorFlow Lite model"
_CONVOLUTION = re.compile(r"(conv|depth|separable|matmul|biasadd|fused_conv|einsum)", re.IGNORECASE)


class _Tensor(NamedTuple):
    name: str
    dims: tuple[int, ...]
    open: tuple[bool, ...]  # dimensions that the file leaves open
    dtype: str
    buffer: int
    is_quantised: bool
    scale: float
    zero: int


def read(path: str, data: bytes | memoryview) -> Program:
    """The program of a TensorFlow Lite file. Raises UsageError if it is none, SpecError if its graph is broken."""
    if bytes(data[4:8]) != b"TFL3":
        raise UsageError(f"{path} is no TensorFlow Lite file, or is cut off", expected=_EXPECTED)
    try:
        program = _program(path, Buffer(data))
    except (FlatbufferError, struct.error, OverflowError):
        raise UsageError(f"{path} is no TensorFlow Lite file, or is cut off", expected=_EXPECTED) from None
    return checked(program)


def _program(path: str, buffer: Buffer) -> Program:
    model = buffer.root()
    codes = [_code(table) for table in model.tables(1)]
    buffers = list(model.tables(4))
    graph = next(model.tables(2), None)
    if graph is None:
        raise UsageError(f"{path}: the model has no graph", expected=_EXPECTED)
    tensors = [_tensor(table) for table in graph.tables(0)]
    names = [f"t{index}" for index in range(len(tensors))]  # no layer has such a name (`finish.layer_name`)

    def name_of(index: int) -> str:
        if index == -1:
            return ""
        if not 0 <= index < len(names):
            raise UsageError(f"{path}: there is no tensor {index} of {len(names)}", expected=_EXPECTED)
        return names[index]

    inputs, outputs = dict.fromkeys(graph.numbers(1, "i") or ()), graph.numbers(2, "i") or ()
    stored = {
        names[index]: _stored(names[index], tensor, buffers)
        for index, tensor in enumerate(tensors)
        if index not in inputs and _holds(tensor, buffers)
    }
    layer = _Layers(tensors)
    operations: list[Operation] = []
    for at, table in enumerate(graph.tables(3)):
        if at >= MOST_LAYERS:
            raise UsageError(f"{path}: more than {MOST_LAYERS:,} operators", expected=_EXPECTED)
        code = table.number(0, "I")
        if code >= len(codes):
            raise UsageError(f"{path}: there is no operator code {code} of {len(codes)}", expected=_EXPECTED)
        made = tuple(table.numbers(2, "i") or ())
        takes = tuple(table.numbers(1, "i") or ())
        word = layer.name(tensors[made[0]].name) if made and 0 <= made[0] < len(tensors) else ""
        attributes = {**_options(codes[code], table.table(4)), "types": tuple(_type(tensors, index) for index in made)}
        found = Operation(
            codes[code], word, tuple(map(name_of, takes)), tuple(map(name_of, made)), attributes, at, word
        )
        operations.append(found)
    if not operations:
        raise UsageError(f"{path}: the model has no operators", expected=_EXPECTED)
    made_here = {name for operation in operations for name in operation.outputs}
    stored = {name: one for name, one in stored.items() if name not in made_here}
    declared = tuple(_declared(name_of(index), tensors[index]) for index in inputs if index != -1 and name_of(index))
    version = f"TensorFlow Lite {model.number(0, 'I')}"
    return Program(path, graph.text(4) or "main", tuple(operations), stored, declared, tuple(map(name_of, outputs)),
                   format=version, hierarchy=hierarchy)  # fmt: skip


def _code(table: Table) -> str:
    """An operator's word; newer files have their number in another field, older ones in a byte."""
    number = max(table.number(0, "b"), table.number(3, "i"))
    word = OPERATORS[number] if 0 <= number < len(OPERATORS) else f"operator {number}"
    return table.text(1)[:80] or "CUSTOM" if word == "CUSTOM" else word


def _tensor(table: Table) -> _Tensor:
    dims = table.numbers(0, "i") or ()
    signature = table.numbers(7, "i") or dims
    number = table.number(1, "b")
    open_ = tuple(size < 0 for size in signature) if len(signature) == len(dims) else (False,) * len(dims)
    scales = zeros = None
    quantisation = table.table(4)
    if quantisation is not None:
        scales = quantisation.span(2, 4)
        zeros = quantisation.span(3, 8)
    scale, zero = 0.0, 0
    if quantisation is not None and scales and scales[1] == 1:
        scale = float(table.buffer.number(scales[0], "f"))
        zero = table.buffer.number(zeros[0], "q") if zeros and zeros[1] else 0
    dtype = DTYPES[number] if 0 <= number < len(DTYPES) else "other"
    return _Tensor(table.text(3), dims, open_, dtype, table.number(2, "I"), bool(scales and scales[1]), scale, zero)


def _type(tensors: list[_Tensor], index: int) -> str:
    """The format of what an operator puts out, where it is narrow."""
    tensor = tensors[index] if 0 <= index < len(tensors) else None
    return tensor.dtype if tensor is not None and tensor.is_quantised else ""


def _holds(tensor: _Tensor, buffers: list[Table]) -> bool:
    """Whether a tensor's values are in the file, or were taken out of it: it has a buffer of its own."""
    return 0 < tensor.buffer < len(buffers)


def _stored(name: str, tensor: _Tensor, buffers: list[Table]) -> Stored:
    count = math.prod(max(0, size) for size in tensor.dims)
    dtype = f"float of {tensor.dtype}" if tensor.is_quantised and "int" in tensor.dtype else tensor.dtype
    values: Any = None
    code = CODES.get(tensor.dtype, "")
    span = buffers[tensor.buffer].span(0, 1)
    if code and 0 <= count <= MOST_VALUES and span and span[1] == count * struct.calcsize("<" + code):
        data = buffers[tensor.buffer].buffer
        data.spend(count)
        values = struct.unpack_from(f"<{count}{code}", data.data, span[0])
        if tensor.is_quantised:
            finite = math.isfinite(tensor.scale) and tensor.scale > 0
            values = tuple(tensor.scale * (value - tensor.zero) for value in values) if finite else None
    return Stored(name, tensor.dims, dtype, values)


def _declared(name: str, tensor: _Tensor) -> Declared:
    rank = len(tensor.dims)
    words = {3: ("length",), 4: ("height", "width"), 5: ("frames", "height", "width")}.get(rank, ())
    dims: list[int | str] = []
    for place, (size, is_open) in enumerate(zip(tensor.dims, tensor.open, strict=True)):
        open_word = "batch" if not place else words[place - 1] if place <= len(words) else f"size{place}"
        dims.append(open_word if is_open else size)
    whole = "int" in tensor.dtype and not tensor.is_quantised
    channel = None if rank < 2 or (rank == 2 and whole) else rank - 1
    layout = (tuple(place for place in range(1, rank) if place != channel), channel) if rank > 1 else None
    return Declared(name, tuple(dims), tensor.dtype if whole else "float32", layout)


def _options(op: str, table: Table | None) -> dict[str, Any]:
    """An operator's fields, by their names; those that the file leaves out have the schema's values."""
    found: dict[str, Any] = {}
    for name, (field, code, default) in OPTIONS.get(op, {}).items():
        if table is None:
            found[name] = default
        elif code.startswith("*"):
            found[name] = table.numbers(field, code[1:])
        else:
            found[name] = table.number(field, code, default or 0)
    return found


class _Layers:
    """Names of layers from those of tensors: `net/conv1_relu/Relu6;net/conv1/Conv2D` is of `conv1`."""

    def __init__(self, tensors: list[_Tensor]) -> None:
        counts = Counter(part.split("/", 1)[0] for tensor in tensors for part in tensor.name.split(";") if "/" in part)
        common = max(counts, key=lambda root: (counts[root], root), default="")
        self.root = common if 2 * counts[common] > counts.total() else ""
        self.numbered = bool(re.fullmatch(r".*_\d+", self.root))  # Keras 3 numbers the scopes of what it exports

    def name(self, text: str) -> str:
        """A layer's name; "" if the tensor has none of a network's."""
        parts = [part for part in text.split(";") if part]
        parts = [part for part in parts if _CONVOLUTION.match(part.rpartition("/")[2])] or parts[:1]
        path = parts[-1].split("/") if parts else []
        if self.root and path and path[0] == self.root:
            path = path[1:]
        path = path[:-1] if len(path) > 1 else []
        if self.numbered:
            path = [re.sub(r"_\d+$", "", part) for part in path]
        return ".".join(path)[:200]
