"""The formats: one function each, from plain rows to text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from costcalc.errors import word_of
from costcalc.quantity import as_text
from costcalc.report.tables.fit import Records


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
        return document_text(list(records))
    if chosen is Format.CSV:
        return records_csv(records)
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
        from costcalc.report.tables.table import record_table

        return record_table(title, records, notes, width, terminal)
    return page(format, title, records.headings, records.rows, records.figures, notes)


def _are_figures(values: Sequence[Any]) -> bool:
    """Whether all values that there are are numbers, also exact ones written as text: 0.75 or 6/7."""
    given = [value for value in values if value not in (None, "")]
    return bool(given) and all(
        isinstance(value, int | float) or value.replace(".", "", 1).replace("/", "", 1).isdecimal() for value in given
    )


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def setting(key: str, value: Any) -> Any:
    """A setting's value in JSON. alpha and beta are exact: text. Other whole numbers and flags are themselves."""
    return as_text(value) if key in ("alpha", "beta") or not isinstance(value, bool | int) else value


def document_text(document: Any) -> str:
    """A JSON document, ending in a newline."""
    import json

    return json.dumps(document, indent=1) + "\n"


def records_csv(records: Sequence[dict[str, Any]]) -> str:
    """Records with the same keys as CSV, under a line of headings."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def page(
    format: Format, title: str, headings: list[str], rows: list[list[str]], figures: list[bool], notes: Sequence[str]
) -> str:
    """A title, a table and notes as Markdown, LaTeX or HTML."""
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
