"""Every file that costcalc writes: whole or not at all where that can be, and never in the place of a special file."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from costcalc.cleanup import undone, uninterrupted
from costcalc.errors import UsageError

_DESCRIPTORS = re.compile(r"/proc/(?P<process>\d+)(/task/\d+)?/fd|/dev/fd")
_MOST_LINKS = 40
_LONGEST = 60  # bytes of a file's name in that of its temporary file


def write_whole(data: bytes, file: str) -> None:
    """Write a file, as `whole_file` does. Raises UsageError if it cannot be written."""
    with whole_file(file) as out:
        out.write(data)


@contextmanager
def whole_file(file: str) -> Iterator[BinaryIO]:
    """A file to write.

    - A regular file, or a new one, is replaced in one step, with its owner and mode: until all is well the text lies
      beside it as `.NAME.costcalc-PROCESS-RANDOM.tmp`, which is gone if anything goes wrong (only SIGKILL leaves it).
      A link stays, and the file that it leads to is replaced.
    - A file with several hard links, or whose owner or folder we may not write as, is written in place, so that its
      other names see it. That begins when all is computed and there is room: only a crash amid the copy leaves half.
    - A FIFO, a device, a socket or a descriptor (/dev/stdout, /proc/self/fd/3) is opened and written as it is.

    Raises UsageError if it cannot be written, BrokenPipeError if the reader of a FIFO has gone.
    """
    if "\0" in file:
        raise UsageError(f"{file!r} is no name of a file", expected="a file that can be written")
    try:
        if file.endswith(("/", os.sep)):
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        with _opened(file) as out:
            yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(
            f"{file}: {(error.strerror or str(error)).lower()}", expected="a file that can be written"
        ) from None


def same_file(first: str, second: str) -> bool:
    """Whether two names are of one file: the same place, or two links to it."""
    if os.path.realpath(first) == os.path.realpath(second):
        return True
    try:
        return Path(first).samefile(second)
    except (OSError, ValueError):
        return False


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    path = _descriptor_path(file)
    descriptor = _own_descriptor(path) if path else None
    before, real = _stat(file), Path(os.path.realpath(file))
    if descriptor is not None:
        with os.fdopen(os.dup(descriptor), "wb") as out:
            yield out
    elif before and (not stat.S_ISREG(before.st_mode) or path):
        with os.fdopen(os.open(file, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), "wb") as out:
            yield out
    elif before and _stays_in_place(real, before):
        with _copied(real) as out:
            yield out
    else:
        with _replaced(real, before) as out:
            yield out


def _stat(file: str) -> os.stat_result | None:
    """What a name leads to; None if there is no such file yet."""
    try:
        return Path(file).stat()
    except FileNotFoundError:
        return None


def _descriptor_path(file: str) -> Path | None:
    """The last link on a file's way if that is an open descriptor, as /dev/stdout is."""
    path = Path.cwd() / file if not file.startswith("/") else Path(file)
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(path.parent)
        path = Path(folder, path.name)
        if _DESCRIPTORS.fullmatch(folder):
            return path
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return None


def _own_descriptor(path: Path) -> int | None:
    """The number of a descriptor of this process, which keeps its position and its mode; None if it is another's."""
    match = _DESCRIPTORS.fullmatch(str(path.parent))
    own = match and match["process"] in (None, str(os.getpid()))
    return int(path.name) if own and path.name.isascii() and path.name.isdecimal() else None


def _stays_in_place(real: Path, before: os.stat_result) -> bool:
    """Whether a new file in a file's place would part its names, or change its owner."""
    if before.st_nlink > 1 or not os.access(real.parent, os.W_OK) or not os.access(real, os.W_OK):
        return True
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return False
    return before.st_uid != os.geteuid() or before.st_gid not in (os.getegid(), *os.getgroups())


@contextmanager
def _copied(real: Path) -> Iterator[BinaryIO]:
    import shutil
    import tempfile

    with os.fdopen(os.open(real, os.O_WRONLY), "wb") as target, tempfile.TemporaryFile() as whole:
        yield whole
        whole.flush()
        with uninterrupted():
            _reserve(target.fileno(), whole.tell())
            whole.seek(0)
            shutil.copyfileobj(whole, target)
            target.truncate()
            target.flush()


def _reserve(descriptor: int, size: int) -> None:
    """Make room for a file's new text before a byte of the old one is lost; an error if there is none."""
    old = os.fstat(descriptor).st_size
    if size > old and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, old, size - old)
        except OSError as error:
            os.ftruncate(descriptor, old)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise


@contextmanager
def _replaced(real: Path, before: os.stat_result | None) -> Iterator[BinaryIO]:
    name = os.fsdecode(os.fsencode(real.name)[:_LONGEST])
    beside = real.parent / f".{name}.costcalc-{os.getpid()}-{os.urandom(4).hex()}.tmp"
    with undone(lambda: beside.unlink(missing_ok=True)):
        mode = 0o600 if before else 0o666
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            yield out
        if before:
            _take_after(beside, real, before)
        beside.replace(real)


def _take_after(beside: Path, real: Path, before: os.stat_result) -> None:
    """Give the new file the owner, the mode and the attributes of the old one."""
    import shutil

    made = beside.stat()
    if hasattr(os, "chown") and (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        os.chown(beside, before.st_uid, before.st_gid)
    shutil.copystat(real, beside)
    os.utime(beside)
