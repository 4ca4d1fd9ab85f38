"""Tables of a flatbuffer, read by the numbers of their fields: every offset is checked, and what is read is counted.

Source: https://flatbuffers.dev/internals, "Encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

MOST_ITEMS = 2_000_000
"""Items of vectors that one file may have read."""
MOST_TEXT = 1000


class FlatbufferError(Exception):
    """Bytes that are no flatbuffer, or are cut off."""


class Buffer:
    """The bytes of a file, and how many items of it were read."""

    def __init__(self, data: bytes | memoryview) -> None:
        self.data = memoryview(data)
        self.left = MOST_ITEMS

    def number(self, at: int, code: str) -> int:
        """A number at a place. Raises FlatbufferError if the file ends before."""
        if not 0 <= at <= len(self.data) - struct.calcsize("<" + code):
            raise FlatbufferError
        found: int = struct.unpack_from("<" + code, self.data, at)[0]
        return found

    def root(self) -> Table:
        """The table that the file is."""
        return Table(self, self.number(0, "I"))

    def spend(self, items: int) -> None:
        """Count items. Raises FlatbufferError if a file has more than a model needs."""
        self.left -= items
        if self.left < 0:
            raise FlatbufferError


class Table:
    """A table: its fields by their numbers, in the order of the schema."""

    __slots__ = ("at", "buffer", "length", "map")

    def __init__(self, buffer: Buffer, at: int) -> None:
        buffer.spend(1)
        self.buffer, self.at = buffer, at
        self.map = at - buffer.number(at, "i")
        self.length = buffer.number(self.map, "H")

    def _field(self, field: int) -> int:
        """Where a field is; 0 if the table has it not."""
        entry = 4 + 2 * field
        offset = self.buffer.number(self.map + entry, "H") if entry + 2 <= self.length else 0
        return self.at + offset if offset else 0

    def number(self, field: int, code: str, default: int = 0) -> int:
        """A number; `code` is its format as in `struct`."""
        at = self._field(field)
        return self.buffer.number(at, code) if at else default

    def _target(self, field: int) -> int:
        at = self._field(field)
        return at + self.buffer.number(at, "I") if at else 0

    def table(self, field: int) -> Table | None:
        """A table within; None if there is none."""
        at = self._target(field)
        return Table(self.buffer, at) if at else None

    def span(self, field: int, size: int) -> tuple[int, int] | None:
        """Where the items of a vector begin, and how many there are; None if there is no vector."""
        at = self._target(field)
        if not at:
            return None
        count = self.buffer.number(at, "I")
        if at + 4 + count * size > len(self.buffer.data):
            raise FlatbufferError
        return at + 4, count

    def tables(self, field: int) -> Iterator[Table]:
        """The tables of a vector."""
        start, count = self.span(field, 4) or (0, 0)
        for at in range(start, start + 4 * count, 4):
            yield Table(self.buffer, at + self.buffer.number(at, "I"))

    def numbers(self, field: int, code: str) -> tuple[int, ...] | None:
        """The numbers of a vector; None if there is no vector."""
        span = self.span(field, struct.calcsize("<" + code))
        if span is None:
            return None
        start, count = span
        self.buffer.spend(count)
        return struct.unpack_from(f"<{count}{code}", self.buffer.data, start)

    def text(self, field: int) -> str:
        """A text, cut to what a message can show; "" if there is none."""
        start, count = self.span(field, 1) or (0, 0)
        self.buffer.spend(min(count, MOST_TEXT) // 4)  # thousands of tables may share one
        return bytes(self.buffer.data[start : start + min(count, MOST_TEXT)]).decode("utf-8", "replace")
