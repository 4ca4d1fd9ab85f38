"""The points of a sweep, as a notebook shows them."""

from __future__ import annotations

from costcalc.analysis.sweep import rows
from costcalc.errors import text_of
from costcalc.report.shown import Plot, Shown, charted, count, plot_rows
from costcalc.typed.columns import read_drawn


class Sweep(Shown, rows.Sweep):
    """The points of a sweep: see `costcalc.sweep` and `costcalc.widest`."""

    @property
    def summary(self) -> str:
        names = list(dict.fromkeys(row["network"] for row in self.written))
        named = ", ".join(names[:3]) + f" and {len(names) - 3} more" * (len(names) > 3)
        return f"{named or 'nothing'}: {count(len(self.written), 'point')}"

    @property
    def note(self) -> str:
        """How is counted."""
        bytes_of = self.counting.bytes_of(self.declares_formats)
        return f"convention {self.convention.name}: {self.convention.title}; {bytes_of}"

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.choice import near_lines
        from costcalc.report.formats import MERMAID, render_records

        if text_of(format, "format", "a word, as 'table'") == MERMAID:
            return charted(self.drawn_rows, self.summary, self.note, self.convention.total)
        found = self.written if format in ("csv", "json") else self.shown_rows
        return render_records(found, format, self.summary, [*near_lines(self.near), self.note], width, terminal)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """A measure along what varies, or one against another; written into `file` too."""
        measures = read_drawn(measure, self.convention, (self.convention.total,))
        return plot_rows(self.drawn_rows, self.summary, self.note, measures, kind, file)
