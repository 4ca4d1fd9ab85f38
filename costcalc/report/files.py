"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from costcalc.errors import UsageError


def write_whole(data: bytes, file: str) -> None:
    """Write a file. Raises UsageError if it cannot be written."""
    with whole_file(file) as beside:
        beside.write(data)


@contextmanager
def whole_file(file: str) -> Iterator[BinaryIO]:
    """A file to write: it lies beside its place until all is well, and is gone if anything goes wrong.

    Raises UsageError if it cannot be written.
    """
    path = Path(file)
    temporary = ""
    if "\0" in file:
        raise UsageError(f"{file!r} is no name of a file", expected="a file that can be written")
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a directory")
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as beside:
            temporary = beside.name
            yield cast(BinaryIO, beside)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
        temporary = ""
    except OSError as error:
        raise UsageError(
            f"{file}: {(error.strerror or str(error)).lower()}", expected="a file that can be written"
        ) from None
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
