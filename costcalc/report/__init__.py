"""Rows to text. Each format is one function of plain rows; none of them computes a cost."""

from __future__ import annotations

from costcalc.report.formats import Format, render_records, render_report

__all__ = ["Format", "render_records", "render_report"]
