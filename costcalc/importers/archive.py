"""Zip archives of JSON, with bounds: what a hostile archive unpacks to is known before it is unpacked."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

MOST_TEXT = 64_000_000
"""Bytes of one file of JSON."""
MOST_MEMORY = 200_000_000
"""Bytes that the values of one file of JSON may take."""
_ALWAYS, _MOST_RATIO = 4_000_000, 64
"""Bytes that any entry may unpack to, and how many times its own size above them: a large model's words repeat."""
_MOST_DIRECTORY = 4_000_000
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError, NotImplementedError,
           RuntimeError, OverflowError, KeyError, IndexError)  # fmt: skip


SWELLS = f"unpacks to more than {_MOST_RATIO} times its size"


class ArchiveError(Exception):
    """An archive that cannot be read, in plain words."""


class _Bytes(io.RawIOBase):
    """Mapped memory as a file: only what is looked at is read."""

    def __init__(self, data: bytes | memoryview) -> None:
        self.data, self.at = memoryview(data), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, len(self.data))[whence]
        if self.at < 0:
            raise OSError("before the beginning")
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int | None = -1) -> bytes:
        end = len(self.data) if size is None or size < 0 else self.at + size
        found = bytes(self.data[self.at : end])
        self.at += len(found)
        return found


def archive_of(data: bytes | memoryview) -> zipfile.ZipFile:
    """The archive in some bytes; nothing is unpacked yet. Raises ArchiveError if it is none."""
    tail = bytes(data[-65_600:])
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise ArchiveError("is no zip archive, or is cut off")
    (size,) = struct.unpack_from("<I", tail, at + 12)
    if size == 0xFFFFFFFF and (wide := tail.rfind(b"PK\x06\x06")) >= 0 and len(tail) - wide >= 56:
        (size,) = struct.unpack_from("<Q", tail, wide + 40)
    if size > _MOST_DIRECTORY:
        raise ArchiveError("has more entries than a model needs")
    try:
        return zipfile.ZipFile(_Bytes(data))
    except _BROKEN:
        raise ArchiveError("is no zip archive, or is cut off") from None


def swells(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry takes so little of the archive that it is there to fill memory."""
    return entry.file_size > _ALWAYS + _MOST_RATIO * entry.compress_size


def unpacked(archive: zipfile.ZipFile, name: str, most: int = MOST_TEXT) -> bytes:
    """An entry's bytes. Raises ArchiveError if they cannot be read, or are more than `most`."""
    try:
        info = archive.getinfo(name)
        if info.file_size > most:
            raise ArchiveError(f"'{name[:80]}' is larger than {most:,} bytes")
        if swells(info):
            raise ArchiveError(f"'{name[:80]}' {SWELLS}")
        with archive.open(name) as entry:
            found = entry.read(most + 1)
    except _BROKEN:
        raise ArchiveError(f"'{name[:80]}' is broken") from None
    if len(found) > most:
        raise ArchiveError(f"'{name[:80]}' is larger than {most:,} bytes")
    return found


def parsed(text: bytes, name: str) -> Any:
    """The value of some JSON. Raises ArchiveError if it is none, or would take too much memory."""
    memory = 240 * text.count(b"{") + 72 * text.count(b"[") + 48 * text.count(b",") + len(text)
    if memory > MOST_MEMORY:
        raise ArchiveError(f"'{name[:80]}' holds more values than a model needs")
    try:
        return json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        raise ArchiveError(f"'{name[:80]}' is no JSON") from None
