"""costcalc as a program: signals, streams, and the one exit code that everything comes to."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from costcalc import cleanup
from costcalc.cli import streams

_UNNAMED = {
    errno.ENOENT: "the working folder",
    **dict.fromkeys((errno.EBADF, errno.ENOSPC, errno.EIO, errno.EFBIG), "standard output"),
}
"""What has failed where the system names no file: Click writes its own texts, and a folder may be gone."""


def run(command: Callable[[], Any]) -> NoReturn:
    """Run the command line and end the program.

    0 fine, 1 a check failed, 2 the input, the usage or a stream is wrong, 128 and its number for a signal.
    """
    streams.prepare()
    cleanup.end_on_signals()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads spin while they wait: minutes on a busy machine
    sys.exit(streams.finish(_code(command)))


def _code(command: Callable[[], Any]) -> int:
    """The exit code. What goes wrong with the machine is one line and 2; a reader that has seen enough is no error."""
    try:
        done = command()
    except SystemExit as ended:
        done = ended.code
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        streams.complain(said.getvalue().rstrip("\n"))
        return error.exit_code
    except click.Abort:
        streams.complain("Aborted!")
        return 1
    except BrokenPipeError:
        return 0
    except OSError as error:
        of = error.filename if isinstance(error.filename, str) else _UNNAMED.get(error.errno or 0, "")
        streams.complain(f"Error: {of and f'{of}: '}{streams.reason(error)}")
        return 2
    except MemoryError:
        streams.complain("Error: out of memory")
        return 2
    return done if isinstance(done, int) else 0
