"""Rows to text and pictures: a folder per way out. None of them computes a cost."""

from __future__ import annotations

from costcalc.report.formats import Format, render_records
from costcalc.report.plots import Page, PlotKind, check_plot, read_page, terminal_plot, write_plot

__all__ = ["Format", "Page", "PlotKind", "check_plot", "read_page", "render_records", "terminal_plot", "write_plot"]
