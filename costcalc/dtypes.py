"""Number formats: how many bits a stored number takes."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Dtype(StrEnum):
    """Number formats that memory holds."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    FLOAT8_E4M3 = "float8_e4m3"
    FLOAT8_E5M2 = "float8_e5m2"
    FLOAT4_E2M1 = "float4_e2m1"
    INT64 = "int64"
    INT32 = "int32"
    INT16 = "int16"
    INT12 = "int12"
    INT8 = "int8"
    INT7 = "int7"
    INT6 = "int6"
    INT5 = "int5"
    INT4 = "int4"
    INT3 = "int3"
    INT2 = "int2"
    UINT16 = "uint16"
    UINT8 = "uint8"
    UINT4 = "uint4"
    UINT2 = "uint2"
    TERNARY = "ternary"
    BINARY = "binary"

    @property
    def bits(self) -> int:
        """Bits of one number, side by side with the next one: a ternary number takes two."""
        return _BITS[self]

    @property
    def about(self) -> str:
        """What it holds, in words."""
        return _ABOUT.get(self) or _about_integer(self)


_BITS = dict(zip(Dtype, (64, 32, 16, 16, 8, 8, 4, 64, 32, 16, 12, 8, 7, 6, 5, 4, 3, 2, 16, 8, 4, 2, 2, 1), strict=True))
_ABOUT = {
    Dtype.FLOAT64: "IEEE 754 binary64",
    Dtype.FLOAT32: "IEEE 754 binary32",
    Dtype.FLOAT16: "IEEE 754 binary16: 5 bits of exponent, 10 of fraction",
    Dtype.BFLOAT16: "8 bits of exponent, 7 of fraction",
    Dtype.FLOAT8_E4M3: "4 bits of exponent, 3 of fraction (arXiv:2209.05433)",
    Dtype.FLOAT8_E5M2: "5 bits of exponent, 2 of fraction (arXiv:2209.05433)",
    Dtype.FLOAT4_E2M1: "2 bits of exponent, 1 of fraction (arXiv:2310.10537), without its block's scale",
    Dtype.TERNARY: "-1, 0 or 1, in two bits (arXiv:1605.04711)",
    Dtype.BINARY: "-1 or 1, in one bit (arXiv:1603.05279)",
}


def _about_integer(dtype: Dtype) -> str:
    packed = "" if dtype.bits % 8 == 0 else ", side by side across bytes"
    return f"{'unsigned ' if dtype.startswith('u') else ''}integer of {dtype.bits} bits{packed}"


class Formats(NamedTuple):
    """The number formats that a file declares for a layer: of its weights, and of the map that it puts out."""

    weights: Dtype | None = None
    activations: Dtype | None = None


DTYPES = tuple(str(dtype) for dtype in Dtype)
UNDECLARED = Formats()
"""A file that says nothing: the format that the person asks for."""
