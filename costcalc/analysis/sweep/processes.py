"""Work in several processes, which end with the one that asked for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

from costcalc.cleanup import undone
from costcalc.errors import UsageError

_T = TypeVar("_T")
_R = TypeVar("_R")


def in_order(work: Callable[[_T], _R], items: Iterator[_T], jobs: int) -> Iterator[_R]:
    """The results one after the other, computed by as many processes as asked for, few at a time."""
    if jobs == 1:
        yield from map(work, items)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    pool = ProcessPoolExecutor(jobs, initializer=_end_with_parent)
    with undone(_kill_workers):
        try:
            running: deque[Future[_R]] = deque(pool.submit(work, item) for item in islice(items, 2 * jobs))
            while running:
                yield running.popleft().result()
                running.extend(pool.submit(work, item) for item in islice(items, 1))
        except BrokenProcessPool:
            raise UsageError(
                "a process of --jobs was ended from outside", expected="enough memory, or fewer --jobs"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _kill_workers() -> None:
    from multiprocessing import active_children

    for worker in active_children():
        worker.kill()


def _end_with_parent() -> None:
    """In a worker: leave the keys to the parent, and end when it does, however it ended."""
    import os
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    for name, handler in (("SIGINT", signal.SIG_IGN), ("SIGHUP", signal.SIG_IGN), ("SIGTERM", signal.SIG_DFL)):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
