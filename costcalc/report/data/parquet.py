"""Rows of a sweep as Parquet, by Apache Arrow (the extra `costcalc[parquet]`)."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from costcalc.analysis.sweep.plan import Plan
from costcalc.analysis.sweep.rows import Columns, shown
from costcalc.errors import UsageError


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "parquet needs the package pyarrow", expected="pip install 'costcalc[parquet]', or a .csv or .jsonl file"
        ) from None
    return pyarrow


class _Way(io.RawIOBase):
    """To the target, as long as it is open; then to nowhere."""

    def __init__(self, target: BinaryIO) -> None:
        self.target, self.is_open = target, True

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self.target.write(data) if self.is_open else len(data)


class Sink:
    """Takes the columns of a sweep's parts, in order; each part becomes a row group."""

    def __init__(self, plan: Plan, target: BinaryIO) -> None:
        self.schema = _schema(plan)
        self.way = _Way(target)
        self.writer = _arrow().parquet.ParquetWriter(self.way, self.schema)

    def write(self, columns: Columns) -> None:
        """Write some rows. Raises UsageError for figures past 2^63."""
        arrow = _arrow()
        arrays = []
        for key, values in columns.items():
            kind = self.schema.field(key).type
            plain = [None if value is None else str(value) for value in values] if kind == arrow.string() else values
            if kind == arrow.int64() and float in set(map(type, plain)):  # Arrow would cut them off
                raise UsageError(f"{key} is no whole number at each point", expected="a .csv or .jsonl file")
            try:
                arrays.append(arrow.array(plain, type=kind))
            except (OverflowError, arrow.ArrowInvalid):
                what = f"{key} is past 2^63, more than Parquet holds"
                raise UsageError(what, expected="a .csv or .jsonl file") from None
        self.writer.write_table(arrow.Table.from_arrays(arrays, schema=self.schema))

    def close(self) -> None:
        """Write the footer."""
        self.writer.close()

    def give_up(self) -> None:
        """No footer: Arrow would write it when it lets go, and what is there would pass for the whole."""
        self.way.is_open = False


def _schema(plan: Plan) -> Any:
    arrow = _arrow()
    kinds = {"network": arrow.string(), **{key: _kind(plan, key) for key in plan.settings}}
    for column in plan.columns:
        whole = not column.is_published and not column.measure.is_ratio
        kinds[column.word] = arrow.int64() if whole else arrow.float64()
    return arrow.schema(list(kinds.items()))


def _kind(plan: Plan, key: str) -> Any:
    """The column type of a setting: flags or whole numbers if all its values are, else text."""
    arrow = _arrow()
    values = [shown(key, value) for entry in plan.entries for value in entry.axes.get(key, [entry.settings.get(key)])]
    for python, kind in ((bool, arrow.bool_()), (int, arrow.int64())):
        if all(value is None or type(value) is python for value in values):
            return kind
    return arrow.string()
