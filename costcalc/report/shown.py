"""What every result can do in a notebook: one line, a table, a data frame, a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from costcalc.errors import UsageError, written
from costcalc.escape import printable

if TYPE_CHECKING:
    from costcalc.typed.page import Page

_S = TypeVar("_S", bound="Shown")


class Shown:
    """A result that is one line as a value, a table when printed, HTML in a notebook, and a data frame if asked for.

    Whoever derives from it has `rows`, a dictionary of plain values each, says what it is in a few words (`summary`),
    and how it is written (`render`).
    """

    __slots__ = ()

    @property
    def summary(self) -> str:
        """What it is, in a few words."""
        raise NotImplementedError

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        """As text, ending in a newline: table, markdown, csv, json, latex or html."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {printable(self.summary)}>"

    def __str__(self) -> str:
        return self.render()

    def _repr_html_(self) -> str:
        return self.render("html")

    def to_dataframe(self) -> Any:
        """The rows as a `pandas.DataFrame`; exact fractions as floats. Raises UsageError without pandas."""
        return dataframe(getattr(self, "rows"))  # noqa: B009 - a field, or a property


def shown_as(kind: type[_S], found: Any) -> _S:
    """What an analysis found, as the kind that a notebook shows."""
    if isinstance(found, tuple):
        return kind(*found)
    return kind(**{field.name: getattr(found, field.name) for field in fields(found)})


def count(number: int, one: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{number:,} {one}{'s' * (number != 1)}"


def dataframe(rows: Sequence[dict[str, Any]]) -> Any:
    """Rows as a `pandas.DataFrame`. Raises UsageError without pandas."""
    try:
        import pandas
    except ImportError:
        raise UsageError("a data frame needs pandas", expected="`pip install pandas`, or .rows") from None
    return pandas.DataFrame([{key: _plain(value) for key, value in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Fraction) else value


class Plot:
    """A picture: a notebook shows it, `save` writes it into a file."""

    def __init__(self, of: str, write: Callable[[str, Page | None], None]) -> None:
        """`write` draws it into a file, for a page. Raises UsageError as that does."""
        from pathlib import Path
        from tempfile import TemporaryDirectory

        self._of, self._write = of, write
        with TemporaryDirectory() as folder:
            file = Path(folder) / "plot.svg"
            write(written(file), None)
            self.svg = file.read_text(encoding="utf-8")

    def save(
        self, file: str, title: str | None = None, size: str | None = None, font_size: str | float | None = None
    ) -> Plot:
        """Write it into a file: .svg, .png or .pdf; under another title ("" for none), as large as `column`, `page`,
        `3.5x2.5` inches or `90x60mm`, with letters of so many points.

        Raises UsageError for another file, and for a size that is none.
        """
        from costcalc.typed.page import read_page

        self._write(written(file), read_page(title, size, font_size))
        return self

    def __repr__(self) -> str:
        return f"<Plot of {printable(self._of)}>"

    def _repr_svg_(self) -> str:
        return self.svg


def plot_rows(
    rows: Sequence[dict[str, Any]], title: str, note: str, measures: Sequence[str], kind: str | None, file: str | None
) -> Plot:
    """Rows as a picture of one measure, or of one against another; written into `file` as well, if one is given.

    `note` stands below it: how was counted.
    """

    def write(path: str, page: Page | None) -> None:
        write_rows(rows, title, note, measures, kind, path, page)

    return plotted(title, write, file)


def write_rows(
    rows: Sequence[dict[str, Any]],
    title: str,
    note: str,
    measures: Sequence[str],
    kind: str | None,
    path: str,
    page: Page | None,
) -> None:
    """Draw rows into a file: one measure, or one against another."""
    from costcalc.measures import with_todays_names
    from costcalc.report.plots import write_plot

    total, against = (*measures, "", "")[:2]
    write_plot(with_todays_names(rows), path, kind, title, total, against, note=note, page=page)


def charted(rows: Sequence[dict[str, Any]], title: str, note: str, total: str) -> str:
    """Rows as a Mermaid chart in Markdown, how was counted below it."""
    from costcalc.measures import with_todays_names
    from costcalc.report.diagrams.chart import mermaid_chart

    return mermaid_chart(with_todays_names(rows), None, f"{title}, {note}", total)


def plotted(of: str, write: Callable[[str, Page | None], None], file: str | None) -> Plot:
    """A picture, written into `file` as well, if one is given."""
    plot = Plot(of, write)
    return plot if file is None else plot.save(file)
