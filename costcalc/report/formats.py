"""The formats: one function each, from plain rows to text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from costcalc.errors import word_of
from costcalc.quantity import as_text
from costcalc.report.fit import Records

if TYPE_CHECKING:
    from costcalc.api import Report


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"
    HTML = "html"


class StreamFormat(StrEnum):
    """How the rows of a sweep of any size are written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_ENDINGS = {
    "csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet", "json": "json", "md": "markdown",
    "tex": "latex", "html": "html", "htm": "html", "xml": "junit", "py": "python",
}  # fmt: skip


def format_by_ending(file: str | None) -> str:
    """The format that a file's ending asks for: a table if there is no file, or none that it names."""
    from pathlib import PurePath

    return _ENDINGS.get(PurePath(file).suffix.lower().removeprefix("."), "table") if file else "table"


def render_report(report: Report, format: str, width: int | None = None, terminal: bool = False) -> str:
    """A report as text, ending in a newline. `width` and `terminal` matter to `table` alone."""
    chosen = word_of(Format, format, "format")
    if chosen is Format.TABLE:
        from costcalc.report.table import report_table

        return report_table(report, width, terminal)
    if chosen is Format.JSON:
        return _json(report_document(report))
    if chosen is Format.CSV:
        return _csv(report.rows)
    from costcalc.report.columns import columns, notes, title

    shown = columns(report)
    rows = [[column.cell(row) for column in shown] for row in report.layers]
    rows.append([column.foot(report.totals) for column in shown])
    headings = [column.heading for column in shown]
    figures = [column.figure for column in shown]
    return _page(chosen, title(report), headings, rows, figures, notes(report))


def report_document(report: Report) -> dict[str, Any]:
    """The JSON of a report. Its keys are stable: other programs read them."""
    from costcalc import __version__

    binding = report.binding
    settings = {
        key: _setting(key, value) for key, value in binding.settings.items() if key != "batch"
    }  # fmt: skip
    return {
        "costcalc": __version__,
        "network": report.network,
        "input": str(binding.input),
        "batch": binding.batch,
        "dtype": str(report.dtype),
        "convention": report.convention.name,
        "status": report.status,
        "left_out": list(report.left_out),
        "settings": settings,
        "transforms": [applied._asdict() for applied in report.transforms],
        "by": str(report.summary.by),
        "totals": report.totals.as_dict(report.convention.total),
        "layers": report.rows,
    }


def render_records(
    records: Sequence[dict[str, Any]],
    format: str,
    title: str,
    notes: Sequence[str] = (),
    width: int | None = None,
    terminal: bool = False,
    lesser: Sequence[str] = (),
    aside: str = "",
) -> str:
    """Records with the same keys as text, ending in a newline; figures are right-aligned.

    On a terminal without room for all columns, those of `lesser` go first, and the texts of `aside` stand below.
    """
    chosen = word_of(Format, format, "format")
    if chosen is Format.JSON:
        return _json(list(records))
    if chosen is Format.CSV:
        return _csv(records)
    headings = list(records[0]) if records else []
    figures = [_are_figures([record[key] for record in records]) for key in headings]
    rows = [[_shown(record[key]) for key in headings] for record in records]
    return render_cells(chosen, title, Records(headings, rows, figures, lesser, aside), notes, width, terminal)


def render_cells(
    format: Format,
    title: str,
    records: Records,
    notes: Sequence[str] = (),
    width: int | None = None,
    terminal: bool = False,
) -> str:
    """Cells that are already written, for people: a table, Markdown, LaTeX or HTML."""
    if format is Format.TABLE:
        from costcalc.report.table import record_table

        return record_table(title, records, notes, width, terminal)
    return _page(format, title, records.headings, records.rows, records.figures, notes)


def _are_figures(values: Sequence[Any]) -> bool:
    """Whether all values that there are are numbers, also exact ones written as text: 0.75 or 6/7."""
    given = [value for value in values if value not in (None, "")]
    return bool(given) and all(
        isinstance(value, int | float) or value.replace(".", "", 1).replace("/", "", 1).isdecimal() for value in given
    )


def _shown(value: Any) -> str:
    return (
        f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else "" if value is None else str(value)
    )


def _setting(key: str, value: Any) -> Any:
    """alpha and beta are exact: text. Other whole numbers and flags are themselves."""
    return as_text(value) if key in ("alpha", "beta") or not isinstance(value, bool | int) else value


def render_document(document: dict[str, Any]) -> str:
    """A JSON document of a command's own, ending in a newline."""
    return _json(document)


def _json(document: Any) -> str:
    import json

    return json.dumps(document, indent=1) + "\n"


def _csv(records: Sequence[dict[str, Any]]) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _page(
    format: Format, title: str, headings: list[str], rows: list[list[str]], figures: list[bool], notes: Sequence[str]
) -> str:
    from tabulate import tabulate

    name = {Format.MARKDOWN: "github", Format.LATEX: "latex_booktabs", Format.HTML: "html"}[format]
    align = ["right" if figure else "left" for figure in figures]
    if format is Format.MARKDOWN:
        rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    body = tabulate(rows, headers=headings, tablefmt=name, colalign=align if rows else None, disable_numparse=True)
    wrap: Callable[[str], str] = {Format.MARKDOWN: _markdown_line, Format.LATEX: _latex_line, Format.HTML: _html_line}[
        format
    ]
    return "\n\n".join([wrap(title), str(body), *(wrap(note) for note in notes)]) + "\n"


def _markdown_line(line: str) -> str:
    return "".join("\\" + c if c in "*_`<>[]|\\" else c for c in line)


def _latex_line(line: str) -> str:
    escapes = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    return "% " + "".join(escapes.get(c, "\\" + c if c in "&%$#_{}" else c) for c in line)


def _html_line(line: str) -> str:
    from html import escape

    return f"<p>{escape(line)}</p>"
