"""The bytes of a model file, mapped into memory: only what is looked at is read."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from costcalc.errors import UsageError

_READABLE = "a model file that can be read"


@contextmanager
def read_file(path: str) -> Iterator[memoryview]:
    """The bytes of a file. Raises UsageError if it cannot be read, is empty, or is no file."""
    # The file is open before anything is yielded: what the reader of its bytes raises is no matter of the path.
    try:
        real = Path(path).expanduser()
        mode = real.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path}: is a directory", expected=_READABLE)
        if not stat.S_ISREG(mode):
            raise UsageError(f"{path}: is a device, a pipe or a socket, not a file", expected=_READABLE)
        with real.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise UsageError(f"{path}: the file is empty", expected=_READABLE)
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))  # unmapped when nobody looks at it
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}", expected=_READABLE) from None
    except (ValueError, RuntimeError):
        raise UsageError(f"{path!r} is not a path", expected=_READABLE) from None
    yield data
