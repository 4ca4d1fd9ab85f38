"""Answers about the catalogue as it ships, worked out when the wheel was built: reports, the list, published figures.

They spare a second look at what cannot have changed, and are never needed: one is given only while every source that
it was made from, each file of the program and of `specs`, has the bytes that it had then.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
FOLDER = "prepared"
SUMS = "sources.txt"
"""The file that says what the answers were made from."""
_PLAIN = r"[a-z0-9][a-z0-9_.]*"
_SOURCES = (".py", ".yaml", ".csv")
_UNREAD = ("__pycache__", FOLDER, "cli", "specs")
"""Folders of the package that no answer depends on: the command line hands answers on; `specs` are read by name."""


def answer(*names: str) -> Any:
    """What was prepared under some names, as from JSON; None if there is nothing, or a source has changed since."""
    if not all(re.fullmatch(_PLAIN, name) for name in names) or not _is_current():
        return None
    import json

    try:
        kept = PACKAGE.joinpath(FOLDER, *names[:-1], f"{names[-1]}.json").read_bytes()
    except OSError:
        return None
    body = kept.partition(b"\n")[2]
    return json.loads(body) if kept == sealed(body) else None


def sealed(body: bytes) -> bytes:
    """An answer as it is kept: under a line with its checksum, so that a damaged one is noticed."""
    from zlib import crc32

    return b"%08x\n%b" % (crc32(body), body)


def sums() -> str:
    """The size of all sources and their checksum, the same for a checkout, a wheel and what is installed from it.

    Raises OSError where sources are no files, as in a zip.
    """
    from zlib import crc32

    inside = PACKAGE / "specs"
    specs = inside if inside.is_dir() else PACKAGE.parent / "specs"
    size = total = 0
    for name, path in sorted([*_files(str(PACKAGE), "costcalc", _UNREAD), *_files(str(specs), "specs")]):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (a third of the time, of hundreds of files)
            text = file.read()
        size += len(text)
        total = crc32(text, crc32(name.encode(), total))
    return f"{size} {total:08x}"


@cache
def _is_current() -> bool:
    try:
        return (PACKAGE / FOLDER / SUMS).read_text(encoding="utf-8") == sums()
    except (OSError, ValueError):
        return False


def _files(folder: str, name: str, unread: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """The sources within a folder: the name of each, and its path."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_SOURCES):
                found.append((f"{name}/{entry.name}", entry.path))
            elif entry.name not in unread and entry.is_dir():
                found += _files(entry.path, f"{name}/{entry.name}", unread)
    return found
