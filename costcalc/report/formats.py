"""The formats: one function each, from plain rows to text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from costcalc import escape
from costcalc.errors import UsageError, nearest, one_of, word_of
from costcalc.report.tables.fit import Records


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"
    HTML = "html"


MERMAID = "mermaid"
"""A chart in Markdown, in the table's place: a sweep as lines, layers or networks as bars."""


class StreamFormat(StrEnum):
    """How the rows of a sweep of any size are written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_ENDINGS = {
    "csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet", "json": "json", "md": "markdown",
    "tex": "latex", "html": "html", "htm": "html", "xml": "junit", "py": "python", "txt": "table",
}  # fmt: skip


def format_by_ending(file: str | None, formats: Iterable[str]) -> str:
    """The format that a file's ending asks for: a table if there is no file, or it has no ending.

    Raises UsageError for an ending that names none, with those of `formats`.
    """
    from pathlib import PurePath

    ending = PurePath(file).suffix.lower().removeprefix(".") if file else ""
    if ending and ending not in _ENDINGS:
        wanted = list(map(str, formats))
        known = [f".{word}" for word, format in _ENDINGS.items() if format in wanted]
        raise UsageError(
            f"{file}: '.{ending[:40]}' is the ending of no format",
            expected=f"a file that ends in {one_of(known)}, or --format",
            nearest=nearest(f".{ending}", known),
        )
    return _ENDINGS[ending] if ending else "table"


def render_records(
    records: Sequence[dict[str, Any]],
    format: str,
    title: str,
    notes: Sequence[str] = (),
    width: int | None = None,
    terminal: bool = False,
    optional: Sequence[str] = (),
    footnote: str = "",
    short: bool = False,
    kept: Sequence[str] = (),
    written: Sequence[str] = (),
) -> str:
    """Records with the same keys as text, ending in a newline; figures are right-aligned, also `written` ones: 4.2M.

    On a terminal without room for all columns, those of `optional` go first and those of `kept` never, and the texts of
    `footnote` stand below.
    `short` figures have three digits and a unit; programs have all digits.
    """
    chosen = word_of(Format, format, "format")
    if chosen is Format.JSON:
        return document_text(list(records))
    if chosen is Format.CSV:
        return records_csv(records)
    headings = list(records[0]) if records else []
    figures = [key in written or _are_figures([record[key] for record in records]) for key in headings]
    rows = [[_shown(record[key]) for key in headings] for record in records]
    cells = Records(headings, rows, figures, optional, footnote, kept)
    return render_cells(chosen, title, cells, notes, width, terminal, short)


def render_cells(
    format: Format,
    title: str,
    records: Records,
    notes: Sequence[str] = (),
    width: int | None = None,
    terminal: bool = False,
    short: bool = False,
) -> str:
    """Cells that are already written, for people: a table, Markdown, LaTeX or HTML."""
    records = records.shortened() if short else records
    if format is Format.TABLE:
        from costcalc.report.tables.table import record_table

        return record_table(title, records, notes, width, terminal)
    if format is Format.LATEX:
        return _latex_page(title, records, notes)
    return page(format, title, records.headings, records.rows, records.figures, notes)


_LONGEST_FLOAT = 6


def _are_figures(values: Sequence[Any]) -> bool:
    """Whether all values that there are are numbers, also exact ones written as text: 0.75 or 6/7."""
    given = [value for value in values if value not in (None, "")]
    return bool(given) and all(
        isinstance(value, int | float) or value.removeprefix("-").replace(".", "", 1).replace("/", "", 1).isdecimal()
        for value in given
    )


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return str(value) if len(str(value)) <= _LONGEST_FLOAT else f"{value:.{_LONGEST_FLOAT}g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def setting(key: str, value: Any) -> Any:
    """A setting's value in JSON. alpha and beta are exact: text. Other whole numbers and flags are themselves."""
    from costcalc.quantity import as_text

    return as_text(value) if key in ("alpha", "beta") or not isinstance(value, bool | int) else value


def document_text(document: Any) -> str:
    """A JSON document, ending in a newline."""
    return escape.json_text(document, indent=1) + "\n"


def records_csv(records: Sequence[dict[str, Any]]) -> str:
    """Records with the same keys as CSV, under a line of headings."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(escape.csv_value, records[0] if records else []))
    writer.writerows([escape.csv_value(value) for value in record.values()] for record in records)
    return text.getvalue()


def page(
    format: Format,
    title: str,
    headings: list[str],
    rows: list[list[str]],
    figures: list[bool],
    notes: Sequence[str],
    foot: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> str:
    """A title, a table with its totals at the foot, and notes, as Markdown, LaTeX or HTML.

    In LaTeX those of the `optional` columns go, in that order, for which a page has no room.
    """
    if format is Format.LATEX:
        every = [*rows, *([list(foot)] if foot else [])]
        return _latex_page(title, Records(headings, every, figures, optional), notes, len(every) - len(rows))
    if format is Format.HTML:
        from costcalc.report.html.table import table_html

        return table_html(title, headings, rows, figures, notes, foot)
    from tabulate import tabulate

    align = ["right" if figure else "left" for figure in figures]
    shown = [list(map(escape.markdown, row)) for row in (headings, *rows, *([foot] if foot else []))]
    table = tabulate(
        shown[1:], headers=shown[0], tablefmt="github", colalign=align if rows else None, disable_numparse=True
    )
    return "\n\n".join([escape.markdown_line(title), str(table), *map(escape.markdown_line, notes)]) + "\n"


def sentence(format: Format, text: str) -> str:
    """A text without a table, for people: one line, ending in a newline."""
    escapes = {Format.MARKDOWN: escape.markdown_line, Format.LATEX: escape.latex, Format.HTML: escape.html}
    line = escapes.get(format, escape.printable)(text)
    return f"<p>{line}</p>\n" if format is Format.HTML else f"{line}\n"


def _latex_page(title: str, records: Records, notes: Sequence[str], feet: int = 0) -> str:
    """A table in LaTeX, with what a page has room for; the last rows of records may be its foot."""
    from costcalc.report.latex import latex_table, on_page

    (headings, rows, figures, *_), left_out, reasons, above = on_page(records)
    body, foot = rows[: len(rows) - feet], rows[len(rows) - feet :]
    return latex_table(title, headings, body, figures, [*reasons, *notes], foot[0] if foot else (), left_out, above)
