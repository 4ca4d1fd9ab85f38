"""What a report draws into HTML: the parts of the network in its first measure and its parameters, and its memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.ledger import Entry, Ledger
from costcalc.measures import Sum, measure_of
from costcalc.report.html.charts import Bar, bars_html, steps_html
from costcalc.words import By


def with_drawings(
    text: str, ledger: Ledger, by: By, measures: Sequence[str], heading: str, steps: Sequence[Mapping[str, Any]]
) -> str:
    """The HTML of a report, with its drawings above the table; measures that are no sums have no parts to draw.

    `heading` stands over the memory of `steps`, of which there may be none.
    """
    entries = ledger.entries(by)
    bars = [
        Bar(f"{_label(name)} by {by}", [(entry.name, _kind(entry), int(entry[name])) for entry in entries])
        for name in dict.fromkeys(measures)
        if isinstance(measure_of(name).how, Sum)
    ]
    drawn = bars_html(bars) + (steps_html(heading, steps) if steps else "")
    return text.replace("<table>", f"{drawn}<table>", 1)


def _label(name: str) -> str:
    return measure_of(name).label or measure_of(name).title


def _kind(entry: Entry) -> str:
    """What decides an entry's colour: an operator and its window, else what stands in its row."""
    return entry.node.operator.kind() if entry.node and entry.count == 1 else entry.op
