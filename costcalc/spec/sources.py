"""A person's files: read without hanging, and known by whether messages may show what they hold.

Messages show lines of the files that the person named, and of the specs of the tree: the repository of the file that
leads to them, or its folder. Whatever else a link, a config file or `use` leads to is read, but nothing of it is shown.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from costcalc.errors import PrivateFile, UsageError
from costcalc.spec.document import MAX_BYTES
from costcalc.spec.tree import Source

SPEC_ENDINGS = (".yaml", ".yml")
PATIENCE = 5.0
"""Seconds that a FIFO may have no writer."""
SILENCE = 20.0
"""Seconds that the writer of a FIFO may say nothing."""
_READABLE = "a spec file that can be read"
_NOWHERE = Path()
"""The tree of no file."""
_TREE: ContextVar[Path | None] = ContextVar("tree", default=None)


def tree_of(folder: Path) -> Path:
    """The repository that a folder is in, or the folder itself; without links."""
    real = Path(os.path.realpath(folder))
    return next((above for above in (real, *real.parents) if os.path.lexists(above / ".git")), real)


@contextmanager
def confined_to(tree: Path) -> Iterator[None]:
    """Within, files are named by another file and not by the person: only specs of the tree are shown."""
    token = _TREE.set(tree)
    try:
        yield
    finally:
        _TREE.reset(token)


@contextmanager
def named_by(user: str) -> Iterator[None]:
    """Within, files are named by the file `user`: specs of its tree are shown, and none if it is not shown itself."""
    with confined_to(_NOWHERE if isinstance(user, PrivateFile) else _tree(user)):
        yield


def confined(path: str, endings: tuple[str, ...]) -> str:
    """A file's name, a private one if another file named it and it is not of the tree to which this is confined."""
    tree = _TREE.get()
    return path if tree is None or _is_shown(Path(path).expanduser(), endings, tree) else PrivateFile(path)


def read_source(path: str, expected: str = _READABLE, endings: tuple[str, ...] = SPEC_ENDINGS) -> Source:
    """A file that the person named, unless `confined_to` a tree.

    Raises UsageError if it cannot be read as text, or is no file: a folder, a device, a FIFO without a writer.
    """
    return _source(path, expected, endings, _TREE.get())


def read_beside(path: str, user: str) -> Source:
    """A file that another one names. Raises UsageError as `read_source` does."""
    return _source(
        path if not isinstance(user, PrivateFile) else PrivateFile(path), _READABLE, SPEC_ENDINGS, _tree(user)
    )


def read_standard_input() -> Source:
    """What is piped in. Raises UsageError if it is closed or cannot be read as text."""
    if sys.stdin is None:
        raise UsageError("standard input is closed", expected="a spec on standard input, or its path")
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"standard input: {_reason(error)}", expected="a spec on standard input") from None
    return Source.of("<stdin>", _decode("<stdin>", data or b""))


def _tree(user: str) -> Path:
    return _TREE.get() or tree_of(Path(user).expanduser().parent)


def _source(path: str, expected: str, endings: tuple[str, ...], tree: Path | None) -> Source:
    try:
        data = _read(Path(path).expanduser())
        shown = not isinstance(path, PrivateFile) and _is_shown(Path(path).expanduser(), endings, tree)
    except OSError as error:
        raise UsageError(f"{path}: {_reason(error)}", expected=expected) from None
    except (ValueError, RuntimeError):
        raise UsageError(f"{path!r} is not a path", expected=expected) from None
    label = path if shown else PrivateFile(path)
    return Source.of(label, _decode(label, data))


def _is_shown(path: Path, endings: tuple[str, ...], tree: Path | None) -> bool:
    """Whether the person named just this file, or it is a spec of the tree."""
    if tree is None:
        link = None if path.is_relative_to("/dev") or path.is_relative_to("/proc") else _first_link(path)
        if link is None:
            return True
        tree = tree_of(link.parent)  # not that of the file: the link may lead into another one
    real = Path(os.path.realpath(path))
    return real.is_relative_to(tree) and ".git" not in real.relative_to(tree).parts and real.suffix.lower() in endings


def _first_link(path: Path) -> Path | None:
    """The outermost link on a file's way: a folder that the person named below their own, or the file itself."""
    steps = [path, *path.parents]
    if path.is_absolute():
        here = Path.cwd()
        steps = [step for step in steps if step != here and step.is_relative_to(here)] or [path]
    return next((step for step in reversed(steps) if step.is_symlink()), None)


def _read(path: Path) -> bytes:
    """The bytes of a file, up to one more than are allowed."""
    _must_be_readable(path.stat().st_mode)  # before it is opened: opening a device may do something
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb", buffering=0) as file:
        mode = os.fstat(file.fileno()).st_mode
        _must_be_readable(mode)
        chunks = _pipe(file.fileno()) if stat.S_ISFIFO(mode) else iter(lambda: os.read(file.fileno(), 1 << 20), b"")
        data = bytearray()
        for chunk in chunks:
            data += chunk
            if len(data) > MAX_BYTES:
                break
        return bytes(data[: MAX_BYTES + 1])


def _must_be_readable(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise OSError(errno.EINVAL, "is a device or a socket, not a file")


def _pipe(descriptor: int) -> Iterator[bytes]:
    """What is written to a FIFO, until its writers have closed it; an error if nothing comes for some seconds."""
    since, heard = time.monotonic(), False
    while True:
        ready = bool(select.select([descriptor], [], [], 0)[0])
        try:
            chunk = os.read(descriptor, 1 << 16)
        except BlockingIOError:  # somebody has it open
            chunk, patience = None, SILENCE
        else:
            patience = PATIENCE
        if chunk:
            yield chunk
            since, heard = time.monotonic(), True
        elif chunk is not None and (ready or heard):  # at the end; without a writer so far it was never ready
            return
        elif time.monotonic() - since > patience:
            raise TimeoutError(errno.ETIMEDOUT, f"nothing was written to it for {patience:.0f} seconds")
        else:
            select.select([descriptor], [], [], 0.05)


def _decode(label: str, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise UsageError(f"{label}: the file is larger than {MAX_BYTES} bytes", expected="a spec of sane size")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = Source.of(label, error.object[: error.start].decode("utf-8-sig"))
        byte = "a byte" if isinstance(label, PrivateFile) else f"byte 0x{error.object[error.start]:02x}"
        message = f"{before.place_of(len(before.text))}: {byte} is not UTF-8"
        raise UsageError(message, expected="a text file in UTF-8") from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
