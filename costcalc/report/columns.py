"""The columns of a report for people: heading, cell, and which go first where there is no room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from costcalc.analysis.summary import By, Row, Totals
from costcalc.quantity import as_text
from costcalc.report.units import grouped, share, short, short_bytes

if TYPE_CHECKING:
    from costcalc.api import Report

HEADINGS = {"mult_adds": "Mult-Adds", "flops": "FLOPs", "macs": "MACs"}
"""How a convention's total is written over a column; other totals go by their own name."""


class Column(NamedTuple):
    """A column: `cell` makes its text for a row, `foot` for the totals; figures are right-aligned."""

    heading: str
    cell: Callable[[Row], str]
    foot: Callable[[Totals], str] = lambda totals: ""
    figure: bool = True
    least_width: int = 0


def columns(report: Report) -> list[Column]:
    """The columns for a report, in order."""
    totals = report.totals
    total = HEADINGS.get(report.convention.total, report.convention.total)
    figures = [
        Column(total, lambda row: grouped(row.total), lambda t: grouped(t.total)),
        Column("%", lambda row: share(row.total, totals.total), lambda t: share(t.total, t.total)),
        Column("params", lambda row: grouped(row.params), lambda t: grouped(t.params)),
    ]
    weights = [
        Column("weights", lambda row: grouped(row.weights), lambda t: grouped(t.weights), least_width=100),
        Column("% weights", lambda row: share(row.weights, totals.weights), lambda t: share(t.weights, t.weights)),
    ]
    if report.summary.by is By.OPERATOR:
        return [
            Column("operator", lambda row: row.name, lambda t: "total", figure=False),
            Column("count", lambda row: grouped(row.layers), least_width=90),
            *figures,
            *weights,
        ]
    out = Column("output", lambda row: row.output, figure=False)
    return [
        Column(str(report.summary.by), lambda row: row.name, lambda t: "total", figure=False),
        Column("op", lambda row: row.op, figure=False, least_width=100),
        Column("input", lambda row: row.input, figure=False, least_width=124),
        out,
        *figures,
        Column(
            "weight bytes",
            lambda row: short_bytes(row.weight_bytes),
            lambda t: short_bytes(t.weight_bytes),
            least_width=110,
        ),
        Column(
            "output bytes",
            lambda row: short_bytes(row.output_bytes),
            lambda t: short_bytes(t.activation_bytes),
            least_width=140,
        ),
        Column(
            "traffic",
            lambda row: short_bytes(row.traffic_bytes),
            lambda t: short_bytes(t.traffic_bytes),
            least_width=150,
        ),
    ]


def title(report: Report) -> str:
    """The network and everything that was set."""
    binding = report.binding
    changed = [
        f"{key} {as_text(value)}"
        for key, value in binding.settings.items()
        if key not in ("resolution", "batch") and (key == "alpha" or value != binding.spec.settings[key].default)
    ]
    name = "@".join([binding.title, *(applied.transform for applied in report.transforms)])
    parts = [name, f"input {binding.input}", *changed]
    if binding.batch != 1:
        parts.append(f"batch {binding.batch}")
    return ", ".join(parts)


def notes(report: Report) -> list[str]:
    """What stands under the table: the convention, its status, and the memory."""
    totals, convention = report.totals, report.convention
    total = HEADINGS.get(convention.total, convention.total)
    lines = [
        f"{short(totals.total)} {total}, {short(totals.params)} parameters, "
        f"{short_bytes(totals.weight_bytes)} of {report.dtype} weights",
        f"convention {convention.name}: {convention.title}",
    ]
    lines.extend(map(str, report.transforms))
    if report.left_out:
        lines.append(f"partial: the convention has no rule for {', '.join(report.left_out)}")
    lines.append(
        f"activations {short_bytes(totals.activation_bytes)}, peak {short_bytes(totals.peak_activation_bytes)} "
        f"at {totals.peak_at}, traffic {short_bytes(totals.traffic_bytes)}; 1 MB = 10^6 bytes"
    )
    return lines
