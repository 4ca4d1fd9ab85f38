"""Sweeps written as they are computed: CSV, JSON lines and Parquet, part by part, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO, Protocol

from costcalc.analysis.sweep.plan import Plan, no_network
from costcalc.analysis.sweep.rows import Columns, parts
from costcalc.errors import UsageError, word_of
from costcalc.report.data import lines, parquet
from costcalc.report.files import whole_file
from costcalc.report.formats import StreamFormat, format_by_ending

BLOCK = 1 << 16
"""Points that are computed and written at a time."""


class Sink(Protocol):
    """Takes the columns of a sweep's parts, in order."""

    def write(self, columns: Columns) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what comes after the last row."""

    def give_up(self) -> None:
        """Write no more: there will not be all rows."""


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
    sink: Sink = parquet.Sink(plan, target) if format is StreamFormat.PARQUET else lines.Sink(plan, target, format)
    skipped: list[str] = []
    done = 0
    try:
        with closing(parts(plan, BLOCK, jobs)) as found:
            for part in found:
                if part.left_out and not skip_invalid:
                    raise no_network(part.left_out[0])
                skipped += part.left_out
                sink.write(part.columns)
                done += part.points
                advance(done, plan.points)
        sink.close()
    except BaseException:
        sink.give_up()
        raise
    return skipped
