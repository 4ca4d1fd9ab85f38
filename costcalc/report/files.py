"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from costcalc.errors import UsageError


def write_whole(data: bytes, file: str) -> None:
    """Write a file: first beside it, then into its place. Raises UsageError if it cannot be written."""
    path = Path(file)
    temporary = ""
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a directory")
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as beside:
            temporary = beside.name
            beside.write(data)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{file}: {reason.lower()}", expected="a file that can be written") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
