"""Blocks of a sweep as Parquet, by Apache Arrow (the extra `costcalc[parquet]`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

from costcalc.analysis.points import Entry, Plan, published, shown
from costcalc.analysis.sweep import Block
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


class Sink:
    """Takes the tables of a sweep's blocks, in order; each becomes a row group."""

    def __init__(self, plan: Plan, target: BinaryIO) -> None:
        self.writer = _arrow().parquet.ParquetWriter(target, _schema(plan))

    def write(self, rows: Any) -> None:
        """Write the rows of one block."""
        self.writer.write_table(rows)

    def close(self) -> None:
        """Write the footer."""
        self.writer.close()


def _schema(plan: Plan) -> Any:
    arrow = _arrow()
    kinds = {"network": arrow.string(), **{key: _kind(plan, key) for key in plan.settings}}
    kinds |= {key: arrow.int64() for key in plan.figures} | {"top1": arrow.float64()}
    return arrow.schema(list(kinds.items()))


def _kind(plan: Plan, key: str) -> Any:
    """The column type of a setting: flags or whole numbers if all its values are, else text."""
    arrow = _arrow()
    values = [shown(key, value) for entry in plan.entries for value in entry.axes.get(key, [entry.settings.get(key)])]
    for python, kind in ((bool, arrow.bool_()), (int, arrow.int64())):
        if all(value is None or type(value) is python for value in values):
            return kind
    return arrow.string()


def table(plan: Plan, entry: Entry, block: Block) -> Any:
    """The block as an Arrow table. Raises UsageError for figures past 2^63."""
    import numpy as np

    arrow, schema, tile = _arrow(), _schema(plan), block.tile
    rows, columns = tile.shape
    nowhere = np.zeros(rows * columns, dtype=np.int32)
    down, across = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)

    def spread(key: str, values: Sequence[Any], where: np.ndarray) -> Any:
        kind = schema.field(key).type
        plain = [shown(key, value) for value in values]
        if kind == arrow.string():
            plain = [None if value is None else str(value) for value in plain]
        return arrow.array(plain, type=kind).take(arrow.array(where))

    arrays = [arrow.array([entry.name]).take(arrow.array(nowhere))]
    for key in plan.settings:
        if key in tile.channel_names:
            place = tile.channel_names.index(key)
            arrays.append(spread(key, [point[place] for point in tile.channel_points], down))
        elif key in tile.position_names:
            place = tile.position_names.index(key)
            arrays.append(spread(key, [point[place] for point in tile.position_points], across))
        else:
            arrays.append(spread(key, [{**entry.settings, **tile.fixed}.get(key)], nowhere))
    for key in plan.figures:
        try:
            arrays.append(arrow.array(block.figures[key].ravel(), type=arrow.int64()))
        except (OverflowError, arrow.ArrowInvalid):
            raise UsageError(f"{key} is past 2^63, more than Parquet holds", expected="a .csv or .jsonl file") from None
    accuracy = np.full(tile.shape, np.nan)
    for where, top1 in published(entry, tile).items():
        accuracy[where] = top1
    arrays.append(arrow.array(accuracy.ravel(), mask=np.isnan(accuracy.ravel())))
    made = arrow.Table.from_arrays(arrays, schema=schema)
    return made if block.valid.all() else made.filter(arrow.array(block.valid.ravel()))
