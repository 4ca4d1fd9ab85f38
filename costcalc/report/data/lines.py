"""Rows of a sweep as lines of text: CSV and JSON lines."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any, BinaryIO

from costcalc.analysis.sweep.plan import Plan
from costcalc.analysis.sweep.rows import Columns
from costcalc.escape import csv_value, json_text
from costcalc.report.formats import StreamFormat


class Sink:
    """Takes the columns of a sweep's parts, in order."""

    def __init__(self, plan: Plan, target: BinaryIO, format: StreamFormat) -> None:
        self.target, self.format = target, format
        if format is StreamFormat.CSV:
            self.target.write(_csv({head: [head] for head in plan.heads}))

    def write(self, columns: Columns) -> None:
        """Write some rows."""
        self.target.write(_csv(columns) if self.format is StreamFormat.CSV else _json_lines(columns))

    def close(self) -> None:
        """Nothing comes after the last row."""
        self.target.flush()

    def give_up(self) -> None:
        """What is written stays."""


def _csv(columns: Columns) -> bytes:
    text = io.StringIO()
    safe = (
        [csv_value(value) for value in values] if values and type(values[0]) is str else values
        for values in columns.values()
    )
    csv.writer(text, lineterminator="\n").writerows(zip(*safe, strict=True))
    return text.getvalue().encode()


def _json_lines(columns: Columns) -> bytes:
    dumped = cache(json_text)  # words and settings recur
    template = "{" + ", ".join(f"{json_text(key).replace('%', '%%')}: %s" for key in columns) + "}\n"

    def texts(values: list[Any]) -> map[str]:
        return map(dumped if any(type(value) is not int for value in values) else str, values)

    cells = (texts(values) for values in columns.values())
    return "".join(map(template.__mod__, zip(*cells, strict=True))).encode()
