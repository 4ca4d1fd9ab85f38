"""Sweeps written as they are computed: CSV, JSON lines and Parquet, block by block, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from costcalc.analysis.points import Entry, Plan, block_of, left_out, no_network
from costcalc.analysis.tiles import Tile
from costcalc.cleanup import undone
from costcalc.errors import UsageError, word_of
from costcalc.report import lines, parquet
from costcalc.report.files import whole_file
from costcalc.report.formats import StreamFormat, format_by_ending

BLOCK = 1 << 16
"""Points that are computed and written at a time."""


class Part(NamedTuple):
    """A block of rows, ready to be written; `left_out` tells of points that have no network."""

    points: int
    rows: Any
    left_out: list[str]


def stream_format(format: str | None, target: str | BinaryIO) -> StreamFormat:
    """The format asked for, else what the file's ending says. Raises UsageError if it is none of the three."""
    word = format or format_by_ending(target if isinstance(target, str) else None, StreamFormat)
    if format is None and word not in list(StreamFormat):
        raise UsageError(f"{target}: which format?", expected="a file that ends in .csv, .jsonl or .parquet")
    return word_of(StreamFormat, word, "format")


@contextmanager
def open_target(target: str | BinaryIO) -> Iterator[BinaryIO]:
    """The file of that name, written whole or not at all; anything else is written to as it is."""
    if isinstance(target, str):
        with whole_file(target) as file:
            yield file
    else:
        yield target


def stream(
    plan: Plan,
    target: BinaryIO,
    format: StreamFormat,
    skip_invalid: bool,
    jobs: int,
    advance: Callable[[int, int], object],
) -> list[str]:
    """Write every row of a plan; the points that have no network are returned.

    `advance` hears how many points of how many are done. With `jobs` above 1, so many processes compute at once; the
    rows keep their order. Raises UsageError at the first point without a network unless they are to be skipped.
    """
    sink = parquet.Sink(plan, target) if format is StreamFormat.PARQUET else lines.Sink(plan, target, format)
    skipped: list[str] = []
    done = 0
    for part in _in_order(partial(_part, plan, format), plan.tiles(BLOCK), jobs):
        if part.left_out and not skip_invalid:
            raise no_network(part.left_out[0])
        skipped += part.left_out
        sink.write(part.rows)
        done += part.points
        advance(done, plan.points)
    sink.close()
    return skipped


def _in_order(
    part: Callable[[tuple[Entry, Tile]], Part], tiles: Iterator[tuple[Entry, Tile]], jobs: int
) -> Iterator[Part]:
    """The parts one after the other, computed by as many processes as asked for, few at a time."""
    if jobs == 1:
        yield from map(part, tiles)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    pool = ProcessPoolExecutor(jobs, initializer=_end_with_parent)
    with undone(_kill_workers):
        try:
            running: deque[Future[Part]] = deque(pool.submit(part, tile) for tile in islice(tiles, 2 * jobs))
            while running:
                yield running.popleft().result()
                running.extend(pool.submit(part, tile) for tile in islice(tiles, 1))
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


def _part(plan: Plan, format: StreamFormat, where: tuple[Entry, Tile]) -> Part:
    entry, tile = where
    block = block_of(plan, entry, tile)
    make = parquet.table if format is StreamFormat.PARQUET else partial(lines.lines, format)
    rows, columns = tile.shape
    return Part(rows * columns, make(plan, entry, block), [left_out(entry, gone) for gone in block.invalid])
