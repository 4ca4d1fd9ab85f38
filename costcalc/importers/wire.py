"""Protobuf's wire format, as far as a file can be copied without the weights that lie in it.

Source: https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from costcalc.importers.program import MOST_VALUES

_LONGEST = 16 * MOST_VALUES
"""Bytes of a tensor's data that are kept: what holds more is no small constant."""
_KINDS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "sparse": {1: "tensor", 2: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "tensor": {},
}
"""The messages that may hold tensors, by field number, as onnx.proto has them."""
_DATA = {4, 5, 6, 7, 9, 10, 11}
"""The fields of a tensor that hold its numbers."""
_MOST_DEPTH = 40


class WireError(Exception):
    """Bytes that are no protobuf message."""


def without_weights(data: bytes | memoryview) -> bytes:
    """An ONNX model without the numbers of large tensors. Raises WireError if it is cut off or broken."""
    return bytes(_copied(memoryview(data), 0, len(data), "model", 0))


def _copied(data: memoryview, start: int, end: int, kind: str, depth: int) -> bytearray:
    if depth > _MOST_DEPTH:
        raise WireError
    out = bytearray()
    inner = _KINDS[kind]
    at = start
    while at < end:
        begin = at
        key, at = _varint(data, at, end)
        wire, field = key & 7, key >> 3
        if wire == 0:
            _, at = _varint(data, at, end)
        elif wire == 1:
            at += 8
        elif wire == 5:
            at += 4
        elif wire == 2:
            length, at = _varint(data, at, end)
            body, at = at, at + length
            if at > end:
                raise WireError
            if kind == "tensor" and field in _DATA and length > _LONGEST:
                continue
            if field in inner:
                part = _copied(data, body, at, inner[field], depth + 1)
                out += _encoded(key) + _encoded(len(part)) + part
                continue
        else:
            raise WireError
        if at > end:
            raise WireError
        out += data[begin:at]
    return out


def _varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise WireError


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
