"""Findings of guidelines for people and programs."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.advise.finding import Advice, Advised, Finding
from costcalc.errors import word_of
from costcalc.measures import measure_of
from costcalc.quantity import as_text
from costcalc.report.formats import Format, document_text, records_csv, render_cells, setting
from costcalc.report.tables.columns import figure_text
from costcalc.report.tables.fit import Records
from costcalc.report.tables.units import grouped

SHOWN = 5
"""Findings of a guideline that people see unless they ask for more."""


def render_advice(
    advised: Advised, format: str, top: int | None = None, width: int | None = None, terminal: bool = False
) -> str:
    """The findings as text, ending in a newline: a table for each guideline; in CSV all of them as one.

    `top` bounds the findings of each; without it people see SHOWN, programs all.
    """
    chosen = word_of(Format, format, "format")
    total = advised.counting.convention.total
    if chosen is Format.JSON:
        return document_text(_document(advised, top))
    if chosen is Format.CSV:
        findings = [finding for advice in advised.guidelines for finding in advice.findings[:top]]
        if not findings:
            return ",".join(_csv_names(total)) + "\n"
        return records_csv([_csv_row(finding, total) for finding in findings])
    tables = [_table(advised, advice, chosen, top or SHOWN, width, terminal) for advice in advised.guidelines]
    return "\n".join(tables)


def _document(advised: Advised, top: int | None) -> dict[str, Any]:
    from costcalc.version import __version__

    total, network = advised.counting.convention.total, advised.network
    return {
        "costcalc": __version__,
        "network": network.name,
        "input": str(network.input),
        "batch": network.batch,
        "convention": advised.counting.convention.name,
        "settings": {key: setting(key, value) for key, value in network.settings.items() if key != "batch"},
        "transforms": [applied._asdict() for applied in network.transforms],
        "left_out": list(advised.left_out),
        "guidelines": [
            {
                "guideline": str(advice.guideline),
                "title": advice.guideline.sentence,
                "summary": advice.summary,
                "figure_is": advice.guideline.figure,
                "count": len(advice.findings),
                "findings": [finding.as_dict(total) for finding in advice.findings[:top]],
            }
            for advice in advised.guidelines
        ],
    }


def _csv_names(total: str) -> list[str]:
    return ["guideline", "where", "layers", total, "memory_access", "figure", "figure_is", "details"]


def _csv_row(finding: Finding, total: str) -> dict[str, Any]:
    row = finding.as_dict(total)
    row["layers"] = "; ".join(row["layers"])
    row["details"] = "; ".join(f"{key} {value}" for key, value in row["details"].items() if value is not None)
    return row


def _table(advised: Advised, advice: Advice, format: Format, top: int, width: int | None, terminal: bool) -> str:
    guideline, shown = advice.guideline, advice.findings[:top]
    total = advised.counting.convention.total
    title = f"{guideline}: {guideline.sentence}"
    notes = [advice.summary]
    if len(shown) < len(advice.findings):
        notes.append(f"the first {len(shown)} of {len(advice.findings)} findings: --top N shows more")
    if advice is advised.guidelines[-1]:
        notes += _foot(advised)
    if not shown:
        return render_cells(format, title, Records(["findings"], [["none"]], [False]), notes, width, terminal)
    names = list(shown[0].details)
    headings = ["where", *(name.replace("_", " ") for name in names), measure_of(total).title, "memory access",
                guideline.figure]  # fmt: skip
    rows = [
        [
            finding.where,
            *(_cell(finding.details[name]) for name in names),
            grouped(finding.total),
            grouped(finding.memory_access),
            _figure(finding),
        ]
        for finding in shown
    ]
    figures = [False, *(not isinstance(shown[0].details[name], str) for name in names), True, True, True]
    optional = ("above", "more", "positions", "side by side", "access per mult add", "count")
    return render_cells(format, title, Records(headings, rows, figures, optional), notes, width, terminal)


def _figure(finding: Finding) -> str:
    if isinstance(finding.figure, int):
        return grouped(finding.figure)
    if isinstance(finding.figure, float):
        return f"{finding.figure:.2f}"
    return figure_text("memory_access_ratio", finding.figure)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return grouped(value) if isinstance(value, int) else str(value)


def _foot(advised: Advised) -> list[str]:
    """What a reader must know to reproduce the figures."""
    network, convention = advised.network, advised.counting.convention
    given = [f"{key} {as_text(network.settings[key])}" for key in network.given]
    lines = [", ".join([f"{network.title}: input {network.input}", *given])]
    lines += map(str, network.transforms)
    lines.append(f"convention {convention.name}: {convention.title}; memory access in elements")
    if advised.left_out:
        lines.append(f"partial: the convention has no rule for {', '.join(advised.left_out)}")
    lines.append("guidelines: arXiv:1807.11164, section 2; they follow from measurements of its authors, not of yours")
    return lines
