"""Rows to text. Each format is one function of plain rows; none of them computes a cost."""

from __future__ import annotations

from costcalc.report.formats import Format, render_records, render_report
from costcalc.report.plots import PlotKind, check_plot, report_title, terminal_plot, write_plot

__all__ = [
    "Format",
    "PlotKind",
    "check_plot",
    "render_records",
    "render_report",
    "report_title",
    "terminal_plot",
    "write_plot",
]
