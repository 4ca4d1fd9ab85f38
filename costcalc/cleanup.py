"""What must be gone when a signal ends the program: temporary files and processes.

A signal ends it where it stands: what is registered here is undone, one line is said, and the exit code is 128 and the
signal's number. Nothing is raised, so that no library on the way can swallow it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_actions: dict[object, Callable[[], object]] = {}
_blocks: list[object] = []  # that may not be interrupted, and that run now
_held: list[int] = []  # signals that came meanwhile


@contextmanager
def undone(action: Callable[[], object]) -> Iterator[None]:
    """`action` is done when the block is left, however: also when a signal ends the program within it."""
    key = object()
    _actions[key] = action
    try:
        yield
    finally:
        action()
        del _actions[key]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A signal that comes within the block ends the program after it."""
    _blocks.append(None)
    try:
        yield
    finally:
        _blocks.pop()
        if _held and not _blocks:
            _end(_held[0])


def end_on_signals() -> None:
    """From here on SIGINT, SIGTERM and SIGHUP end the program; one that the caller has ignored stays ignored."""
    owner = os.getpid()

    def handle(number: int, frame: object) -> None:
        if os.getpid() != owner:  # a process that was made just now and has its own handling not yet
            os._exit(128 + number)
        if _blocks:
            _held.append(number)
        else:
            _end(number)

    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # in a thread, where signals are somebody else's
                signal.signal(number, handle)


def _end(number: int) -> None:
    for action in [*_actions.values()][::-1]:
        with contextlib.suppress(Exception):
            action()
    with contextlib.suppress(OSError):
        os.write(2, f"ended by {signal.Signals(number).name}\n".encode())
    os._exit(128 + number)
