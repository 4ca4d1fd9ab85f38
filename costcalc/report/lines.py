"""Blocks of a sweep as lines of text: CSV and JSON lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from costcalc.analysis.points import Entry, Plan, published, shown
from costcalc.analysis.sweep import Block
from costcalc.escape import csv_value, json_text
from costcalc.report.formats import StreamFormat


class _Writing(NamedTuple):
    """How a format writes a value, a named value, and what stands before, between and behind the values of a line."""

    text: Callable[[Any], str]
    named: Callable[[str, str], str]
    start: str
    joint: str
    end: str


def _csv_text(value: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([csv_value(value), ""])
    return text.getvalue()[:-1]


_WRITING = {
    StreamFormat.CSV: _Writing(_csv_text, lambda key, text: text, "", ",", "\n"),
    StreamFormat.JSONL: _Writing(json_text, lambda key, text: f"{json_text(key)}: {text}", "{", ", ", "}\n"),
}


class Sink:
    """Takes the lines of a sweep's blocks, in order."""

    def __init__(self, plan: Plan, target: BinaryIO, format: StreamFormat) -> None:
        self.target = target
        if format is StreamFormat.CSV:
            target.write((",".join(map(_csv_text, plan.columns)) + "\n").encode())

    def write(self, rows: bytes) -> None:
        """Write the lines of one block."""
        self.target.write(rows)

    def close(self) -> None:
        """Nothing comes after the last block."""
        self.target.flush()


def lines(format: StreamFormat, plan: Plan, entry: Entry, block: Block) -> bytes:
    """A line per point: one template per channel point, filled in for all its position points at once."""
    writing, tile = _WRITING[format], block.tile
    across = dict(zip(tile.position_names, zip(*tile.position_points, strict=True), strict=True))
    texts = {key: [writing.text(shown(key, value)) for value in values] for key, values in across.items()}
    top1 = published(entry, tile)
    valid: list[list[bool]] = block.valid.tolist()
    out: list[str] = []
    for row in range(tile.shape[0]):
        settings = {**entry.settings, **tile.settings(row, 0)}
        fixed = {key: writing.text(shown(key, settings.get(key))) for key in plan.settings if key not in texts}
        cells = {"network": writing.text(entry.name), **fixed}
        cells = {key: text.replace("%", "%%") for key, text in cells.items()}
        cells |= dict.fromkeys([*texts, "top1"], "%s") | dict.fromkeys(plan.figures, "%d")
        template = writing.start + writing.joint.join(writing.named(key, cells[key]) for key in plan.columns)
        accuracy = [writing.text(top1.get((row, column))) for column in range(tile.shape[1])] if top1 else None
        filled = zip(
            *(texts[key] for key in plan.settings if key in texts),
            *(block.figures[key][row].tolist() for key in plan.figures),
            accuracy or [writing.text(None)] * tile.shape[1],
            strict=True,
        )
        made = map((template + writing.end).__mod__, filled)
        out.extend(line for line, good in zip(made, valid[row], strict=True) if good)
    return "".join(out).encode()
