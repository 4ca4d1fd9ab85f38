"""Work spread over processes, its results in order.

Each process has a pipe of its own whose other end only we hold: it ends when we do, however we end, and we hear at once
if it is killed. (A pool of the standard library waits for ever for a process that is killed while it writes.)
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from costcalc.cleanup import undone
from costcalc.errors import UsageError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def in_order(work: Callable[[_Task], _Result], tasks: Iterable[_Task], jobs: int) -> Generator[_Result, None, None]:
    """The result of each task, in their order, by so many processes; each has one task at a time.

    One job is done here. Raises what the work raises, and UsageError if a process is ended from outside. Close the
    iterator: no process outlives it.
    """
    if jobs == 1:
        yield from map(work, tasks)
        return
    left = iter(tasks)
    processes: list[BaseProcess] = []
    busy: deque[Connection] = deque()

    def end() -> None:
        for process in processes:
            process.kill()

    with undone(end):
        try:
            for task in islice(left, jobs):
                process, connection = _started(work)
                processes.append(process)
                busy.append(connection)
                connection.send(task)
            while busy:
                worker = busy[0]
                result, error = worker.recv()
                if error is not None:
                    raise error
                busy.rotate(-1)
                for task in islice(left, 1):
                    worker.send(task)
                    break
                else:
                    busy.pop().close()
                yield result
        except (EOFError, OSError):  # also in the middle of an answer
            raise UsageError(
                "a process of --jobs was ended from outside", expected="enough memory, or fewer --jobs"
            ) from None


def _started(work: Callable[[Any], Any]) -> tuple[BaseProcess, Connection]:
    from multiprocessing import Pipe, Process

    ours, theirs = Pipe()
    process = Process(target=_serve, args=(work, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _serve(work: Callable[[Any], Any], pipe: Connection, other_end: Connection) -> None:
    """In a process: do what comes until nobody holds the other end. The keys are for the parent."""
    other_end.close()
    for name, handler in (("SIGINT", signal.SIG_IGN), ("SIGHUP", signal.SIG_IGN), ("SIGTERM", signal.SIG_DFL)):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)
    try:
        while True:
            task = pipe.recv()
            try:
                answer: tuple[Any, Exception | None] = work(task), None
            except Exception as error:  # the parent raises it
                answer = None, error
            pipe.send(answer)
    except (EOFError, ConnectionError):
        return
