"""Standard input, output and error: full, closed, without a reader, or in an encoding that lacks a character."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from costcalc.errors import UsageError
from costcalc.escape import printable

_FALLBACK = "costcalc"
_ASCII = {
    "α": "alpha", "β": "beta", "γ": "gamma", "·": "*", "×": "x", "²": "^2", "³": "^3", "≤": "<=", "≥": ">=", "≠": "!=",
    "─": "-", "\N{BRAILLE PATTERN BLANK}": " ", **dict.fromkeys("█▉▊▋▌▍▎▏", "#"),
}  # fmt: skip


def prepare() -> None:
    """Make the three streams ones that can be used without a thought: each is there, and each can write anything."""
    _occupy()
    codecs.register_error(_FALLBACK, _in_ascii)
    if sys.stdout is None:  # closed: whoever writes there hears of it
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors=_FALLBACK)


def _occupy() -> None:
    """Put something in the place of a standard descriptor that is closed, lest a file of ours becomes it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if descriptor else os.O_WRONLY)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """For a character that the encoding lacks: what stands for it in ASCII, else its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_ASCII.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking), error.end


@contextmanager
def standard_output() -> Iterator[None]:
    """Within, standard output is written; when its reader has seen enough, that is the end of it.

    Raises UsageError if it cannot be written.
    """
    try:
        yield
    except BrokenPipeError:
        _abandon(sys.stdout)
    except OSError as error:
        _abandon(sys.stdout)
        raise UsageError(f"standard output: {reason(error)}", expected="a place that can be written") from None


def is_standard_output(file: str) -> bool:
    """Whether standard output goes to the file of this name."""
    try:
        return os.path.samestat(Path(file).stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False


def forces_colour() -> bool:
    """Whether FORCE_COLOR asks for what a terminal would get."""
    return os.environ.get("FORCE_COLOR", "0") not in ("", "0")


def columns() -> int:
    """What COLUMNS says; 0 if it says nothing that is a width."""
    word = os.environ.get("COLUMNS", "").strip()
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 20 else 0


def complain(text: str) -> None:
    """Lines for the person, on standard error if that can be written."""
    try:
        sys.stderr.write("".join(f"{printable(line)}\n" for line in text.split("\n")))
        sys.stderr.flush()
    except (OSError, ValueError):
        _abandon(sys.stderr)


def show_cursor() -> None:
    """Undo what a bar does to a terminal."""
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), b"\r\x1b[2K\x1b[?25h")


def finish(code: int) -> int:
    """The exit code, when all that is still to be written is written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon(sys.stdout)
    except (OSError, ValueError) as error:
        _abandon(sys.stdout)
        if not code:
            complain(f"Error: standard output: {reason(error)}")
            code = 2
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        _abandon(sys.stderr)
    return code


def reason(error: Exception) -> str:
    """Why a stream or a file failed, in a few words."""
    if isinstance(error, OSError) and error.errno == errno.EBADF:
        return "closed"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def _abandon(stream: TextIO) -> None:
    """Let what is still unwritten go nowhere, so that Python does not fail on it at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
