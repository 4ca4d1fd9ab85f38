"""Number formats, for bytes."""

from __future__ import annotations

from enum import StrEnum


class Dtype(StrEnum):
    """Number formats that memory holds."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    INT32 = "int32"
    INT16 = "int16"
    INT8 = "int8"
    INT4 = "int4"
    BINARY = "binary"

    @property
    def bits(self) -> int:
        """Bits of one number."""
        return _BITS[self]


_BITS = dict(zip(Dtype, (64, 32, 16, 16, 32, 16, 8, 4, 1), strict=True))
