"""Reads the weights of a file: .npz, .safetensors (by its own plain header) and .onnx. Nothing of a file is run.

Source: https://huggingface.co/docs/safetensors, "Format".
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, one_of
from costcalc.importers.archive import SWELLS, swells
from costcalc.importers.files import read_file

if TYPE_CHECKING:
    import numpy as np

ENDINGS = (".npz", ".safetensors", ".onnx")
MOST_HEADER = 100_000_000
MOST_BYTES = 2**36
"""So many bytes the arrays of a file may take together."""
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_BROKEN = (
    ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, MemoryError, OverflowError,
)  # fmt: skip
"""What NumPy and the modules of archives raise for a file that is broken, or encrypted."""
_SUFFIXES = (".weight", "/kernel", ".kernel", "_weight", "/weights")


def read_weights(path: str) -> Iterator[tuple[str, np.ndarray, str]]:
    """The kernels and matrices of a file, each with the name of its layer and the format in the file, one by one.

    What has fewer than two dimensions, a bias or a norm, is left out. Output channels come first; of ONNX the operator
    that takes a tensor says which those are, in other files the first axis is taken. A tensor whose layer has another
    one keeps its own name. Raises UsageError for another ending, or a file that cannot be read or is broken.
    """
    ending = PurePath(path).suffix.lower()
    readers = {".npz": _npz, ".safetensors": _safetensors, ".onnx": _onnx}
    if ending not in readers:
        what = "a name" if "@" in path else f"'{ending[:40]}'"
        raise UsageError(f"{path}: {what} is no file of weights", expected=f"a file in {one_of(ENDINGS)}")
    taken: set[str] = set()
    for name, array, source in readers[ending](path):
        if array.ndim >= 2 and array.size:
            layer = name if layer_of(name) in taken else layer_of(name)
            if layer in taken:
                raise UsageError(f"{path}: two tensors are called {name[:40]}", expected="a name for each")
            taken.add(layer)
            yield layer, array, source


def layer_of(tensor: str) -> str:
    """The layer's name in that of a tensor: `conv1` of `conv1.weight`."""
    for suffix in _SUFFIXES:
        if tensor.endswith(suffix) and tensor != suffix:
            return tensor.removesuffix(suffix)
    return tensor


def _npz(path: str) -> Iterator[tuple[str, np.ndarray, str]]:
    import numpy as np

    with read_file(path):
        pass  # says what is wrong with the path
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise UsageError(f"{path}: more than {MOST_BYTES} bytes", expected="a smaller file")
            if name := next(filter(swells, archive.infolist()), None):
                message = f"{path}: '{name.filename[:80]}' {SWELLS}"
                raise UsageError(message, expected="numpy.savez(...), which stores arrays as they are")
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                array = arrays[name]
                if isinstance(array, np.ndarray) and array.dtype.kind in "fiub":
                    yield name, array, array.dtype.name
    except _BROKEN:
        raise UsageError(f"{path} is no .npz file of numbers, or is broken", expected="numpy.savez(...)") from None


def _safetensors(path: str) -> Iterator[tuple[str, np.ndarray, str]]:
    import numpy as np

    with read_file(path) as data:
        wrong = UsageError(f"{path} is no safetensors file, or is cut off", expected="a .safetensors file")
        if len(data) < 8:
            raise wrong
        (length,) = struct.unpack("<Q", data[:8])
        if length > min(MOST_HEADER, len(data) - 8):
            raise wrong
        try:
            header = json.loads(bytes(data[8 : 8 + length]), object_pairs_hook=_once)
        except (ValueError, RecursionError):
            raise wrong from None
        if not isinstance(header, dict):
            raise wrong
        start, free = 8 + length, 0
        for name, dtype, shape, begin, end in sorted(_entries(path, header, wrong), key=lambda entry: entry[3:]):
            needed = prod(shape) * np.dtype(_DTYPES[dtype]).itemsize
            if end - begin != needed or end > len(data) - start or begin < free:
                message = f"{path}: {name[:40]} does not lie in bytes {begin} to {end}"
                size = f"{needed} bytes for {' x '.join(map(str, shape))} of {dtype}"
                has = f"the file has {len(data) - start}, and {free} of them are taken"
                raise UsageError(message, expected=f"{size}; {has}")
            free = end
            if needed:
                array = np.frombuffer(data[start + begin : start + end], _DTYPES[dtype]).reshape(shape)
                if dtype == "BF16":  # the upper half of a float32
                    yield name, (array.astype("<u4") << 16).view("<f4"), Dtype.BFLOAT16
                else:
                    yield name, array, array.dtype.name


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError if a name stands twice."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _entries(
    path: str, header: dict[str, Any], wrong: UsageError
) -> Iterator[tuple[str, str, tuple[int, ...], int, int]]:
    """Name, dtype, shape, first byte and the one behind the last of each tensor, as a header says them."""
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
            numbers = [*shape, begin, end]
        except (TypeError, ValueError, KeyError):
            raise wrong from None
        if (
            not all(type(number) is int and 0 <= number < 2**128 for number in numbers)
            or len(shape) > 16
            or begin > end
        ):
            raise wrong
        if type(dtype) is not str or dtype not in _DTYPES:
            raise UsageError(f"{path}: {name[:40]} is of {str(dtype)[:20]}", expected=one_of(_DTYPES, 20))
        yield name, dtype, tuple(shape), begin, end


def _onnx(path: str) -> Iterator[tuple[str, np.ndarray, str]]:
    with read_file(path) as data:
        try:
            from onnx import ModelProto, TensorProto, numpy_helper
        except ImportError:
            raise UsageError(f"{path}: reading ONNX needs a package", expected="pip install 'costcalc[onnx]'") from None
        from google.protobuf.message import DecodeError

        try:
            model = ModelProto.FromString(bytes(data))
        except (DecodeError, ValueError, RecursionError):
            raise UsageError(f"{path} is no ONNX file, or is cut off", expected="an ONNX model") from None
        uses = _uses(model.graph)
        for tensor in model.graph.initializer:
            if tensor.data_location == tensor.EXTERNAL:
                raise UsageError(f"{path}: its weights lie in another file", expected="a model with its weights inside")
            try:
                array = numpy_helper.to_array(tensor)
            except (ValueError, TypeError, KeyError):
                raise UsageError(f"{path}: {tensor.name[:40]} cannot be read", expected="an ONNX model") from None
            if tensor.data_type == TensorProto.BFLOAT16:
                array, source = array.astype("f4"), str(Dtype.BFLOAT16)
            elif array.dtype.kind == "f":
                source = array.dtype.name
            else:
                continue
            yield str(tensor.name), _outputs_first(array, uses.get(tensor.name)), source


class _Use(NamedTuple):
    """What takes a tensor as its second input: the operator, whether it transposes it, its groups."""

    operator: str
    transposes: bool = False
    groups: int = 1


def _uses(graph: Any) -> dict[str, _Use]:
    """The operator that takes each tensor as weights, also behind an Identity."""
    origin: dict[str, str] = {}
    for node in graph.node:  # in the order in which they run, so that each finds the first of all before it
        if node.op_type == "Identity" and node.input and node.output:
            origin[node.output[0]] = origin.get(node.input[0], node.input[0])
    found: dict[str, _Use] = {}
    for node in graph.node:
        if len(node.input) > 1 and node.op_type in ("MatMul", "Gemm", "ConvTranspose"):
            numbers = {attribute.name: attribute.i for attribute in node.attribute}
            use = _Use(node.op_type, bool(numbers.get("transB", 0)), max(1, numbers.get("group", 1)))
            found.setdefault(origin.get(node.input[1], node.input[1]), use)
    return found


def _outputs_first(array: np.ndarray, use: _Use | None) -> np.ndarray:
    """A kernel with its output channels first, as a Conv has them: matrices that stand the other way are turned.

    Source: https://onnx.ai/onnx/operators, MatMul, Gemm (B of K x N, or N x K with transB), ConvTranspose (W of
    C x M/group x window).
    """
    if use is None or use.transposes or array.ndim < 2:
        return array
    if use.operator != "ConvTranspose":
        return array.swapaxes(-1, -2)
    inputs, outputs, *window = array.shape
    if inputs % use.groups:
        return array
    parts = array.reshape(use.groups, inputs // use.groups, outputs, *window).swapaxes(1, 2)
    return parts.reshape(use.groups * outputs, inputs // use.groups, *window)
