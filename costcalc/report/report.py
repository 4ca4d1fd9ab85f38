"""The report of a network: its ledger cut into rows, and the words that a reader must know to reproduce it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costcalc.analysis.records import figures, sizes
from costcalc.counting import Convention
from costcalc.errors import UsageError, flag_of, width_of, word_of
from costcalc.ledger import Entry, Ledger
from costcalc.measures import is_of_the_order
from costcalc.network import Network
from costcalc.operators import WORK
from costcalc.report.formats import Format, document_text, records_csv, setting
from costcalc.report.notes import listed, report_notes
from costcalc.report.order import order_notes, order_record
from costcalc.report.tables.columns import columns
from costcalc.report.tables.report_table import Table, render_table
from costcalc.report.tables.table import PIPED_WIDTH
from costcalc.report.titles import settings_of, title_of
from costcalc.transform.steps import Applied
from costcalc.typed.columns import Column, columns_named
from costcalc.words import By

if TYPE_CHECKING:
    from costcalc.report.memory import MemoryTable

ROW_FIGURES = ("params", "weights", "buffers", "weight_bytes", "input_bytes", "output_bytes", "traffic_bytes", *WORK)
"""The measures of a row after the convention's total, unless others are asked for."""
TOTAL_FIGURES = (
    "params", "weights", "buffers", "weight_bytes", "activation_bytes", "peak_activation_bytes", "traffic_bytes", *WORK,
)  # fmt: skip
"""The measures of the whole network after the convention's total, unless others are asked for."""


@dataclass(frozen=True, repr=False)
class Report:
    """What a network costs: `rows`, `totals`, and everything that a reader must know to reproduce them.

    `columns` are those asked for, () the usual; `sort` orders the rows, the most first; `top` keeps the first ones, of
    the first column if nothing sorts them.
    With `training`, notes and JSON say what a step of training costs.
    """

    subject: Network
    ledger: Ledger
    by: By
    columns: tuple[Column, ...] = ()
    sort: Column | None = None
    top: int | None = None
    training: bool = False

    def __post_init__(self) -> None:
        for column in (*self.columns, *([self.sort] if self.sort else [])):
            if column.is_published:
                raise UsageError(f"{column.word} is a figure of whole networks", expected="a measure of layers")
            if column.is_field and self.by not in (By.LAYER, By.NODE):
                raise UsageError(f"{column.word} is said of layers, not by {self.by}", expected="--by layer, or node")

    @property
    def network(self) -> str:
        """The network's name, with its transforms."""
        return self.subject.name

    @property
    def convention(self) -> Convention:
        """How the total is counted."""
        return self.ledger.counting.convention

    @property
    def dtype(self) -> str:
        """The number format of bytes."""
        return self.ledger.counting.dtype

    @property
    def transforms(self) -> tuple[Applied, ...]:
        """The transforms that have run."""
        return self.subject.transforms

    @property
    def layers(self) -> tuple[Entry, ...]:
        """The rows as entries of the ledger: `row["params"]`, or `row.params`."""
        entries = self.ledger.entries(self.by)
        sort = self.sort if self.sort or self.top is None else _first_measure(self.columns, self.ledger)
        if sort is not None:
            name = sort.name
            known = [entry for entry in entries if entry[name] is not None]
            entries = (*sorted(known, key=lambda entry: -entry[name]), *(e for e in entries if e[name] is None))
        return entries[: self.top]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of plain values; `pandas.DataFrame(report.rows)` takes them as they are."""
        shown = self.columns or columns_named([self.convention.total, *ROW_FIGURES])
        return [
            {
                "name": entry.name,
                "op": entry.op,
                "input": sizes(entry),
                "output": "" if entry.output is None else str(entry.output),
                **figures(entry, shown),
            }
            for entry in self.layers
        ]

    @property
    def totals(self) -> Entry:
        """The whole network: `totals["params"]`, or `totals.params`; `totals.total` is the convention's total."""
        return self.ledger.whole

    @property
    def mult_adds(self) -> int:
        """Multiply-accumulates of convolutions, linear layers and matrix products, whatever the convention."""
        return int(self.ledger["macs"])

    @property
    def params(self) -> int:
        """Learned numbers."""
        return int(self.ledger["params"])

    @property
    def status(self) -> str:
        """`complete`, or `partial` if the convention has no rule for some operator (see `left_out`)."""
        return "partial" if self.left_out else "complete"

    @property
    def left_out(self) -> tuple[str, ...]:
        """The operators that the convention has no rule for."""
        return self.ledger.left_out

    @property
    def title(self) -> str:
        """The network and everything that was set."""
        return title_of(self.subject)

    @property
    def memory_note(self) -> str:
        """What stands below a picture of live memory."""
        return f"{settings_of(self.subject)}; {self.memory_words}"

    @property
    def memory_words(self) -> str:
        """What a picture of live memory shows."""
        return "; ".join([f"live {listed(self.ledger.formats[1])} activations", *order_notes(self.ledger)])

    @property
    def notes(self) -> list[str]:
        """What stands under the table: the convention, its status, and the memory."""
        return [*report_notes(self.ledger, self.transforms, self.training), *_of_the_spec(self.subject)]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a report. Its keys are stable: other programs read them."""
        shown = self.columns or columns_named([self.convention.total, *TOTAL_FIGURES])
        return {
            **self._named,
            "convention": self.convention.name,
            **order_record(self.ledger),
            "status": self.status,
            "left_out": list(self.left_out),
            "settings": {key: setting(key, value) for key, value in self.subject.settings.items() if key != "batch"},
            "transforms": [applied._asdict() for applied in self.transforms],
            **self._training,
            "by": str(self.by),
            "totals": figures(self.ledger.whole, [column for column in shown if not column.is_field]),
            "layers": self.rows,
        }

    @property
    def _training(self) -> dict[str, Any]:
        """What a document says of training, if it is asked for."""
        if not self.training:
            return {}
        from costcalc.report.training import training_words

        return {"training": training_words(self.ledger)}

    def explain_peak(self, layer: str | None = None) -> MemoryTable:
        """The maps that are alive at the step of the peak, or while a layer runs: `.rows`, `.render("json")`.

        Raises UsageError for an unknown layer, with the nearest.
        """
        from costcalc.report.memory import alive_table

        return alive_table(self.ledger, self.title, order_notes(self.ledger), self._head, layer)

    def placement(self, strategy: str | None = None) -> MemoryTable:
        """Where every map lies in one arena, placed by `size` or by `lifetime`; else by what needs less.

        Raises UsageError for another strategy.
        """
        from costcalc.report.memory import placed_table
        from costcalc.storage.place import Strategy

        chosen = None if strategy is None else word_of(Strategy, strategy, "strategy")
        return placed_table(self.ledger, self.title, order_notes(self.ledger), self._head, chosen)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """A row for each step of the execution: its layer, the bytes that are alive, and the maps that they are of."""
        from costcalc.report.memory import step_rows

        return step_rows(self.ledger)

    @property
    def _head(self) -> dict[str, Any]:
        """What a document of the memory says of the network."""
        return {**self._named, **order_record(self.ledger)}

    @property
    def _named(self) -> dict[str, Any]:
        """What every document begins with."""
        from costcalc.version import __version__

        return {
            "costcalc": __version__,
            "network": self.network,
            "input": str(self.subject.input),
            "batch": self.subject.batch,
            "dtype": self.dtype,
        }

    def render(
        self, format: str = "table", width: int | None = None, terminal: bool = False, short: bool = False
    ) -> str:
        """The report as text, ending in a newline: table, markdown, csv, json, latex or html.

        `width` and `terminal` matter to `table` alone; `short` figures, as 569 M, stand in what people read.
        """
        chosen = word_of(Format, format, "format")
        if chosen is Format.JSON:
            return document_text(self.document)
        if chosen is Format.CSV:
            if any(is_of_the_order(column.name) for column in self.columns if not column.is_field):
                self.ledger.check_order()
            return records_csv(self.rows)
        is_piped = chosen is Format.TABLE and not flag_of(terminal, "terminal")
        table = self._table((width_of(width) or PIPED_WIDTH) if is_piped else None)
        text = render_table(table.shortened() if flag_of(short, "short") else table, chosen, width, terminal)
        if chosen is Format.HTML:
            from costcalc.report.html.report import with_drawings

            measures = (_first_measure(self.columns, self.ledger).name, "params")
            steps, heading = [] if self.training else self.steps, self.memory_words
            return with_drawings(text, self.ledger, self.by, measures, heading, steps)
        return text

    @property
    def table(self) -> Table:
        """The report in words, for people."""
        return self._table()

    def _table(self, room: int | None = None) -> Table:
        """The table, with the columns alone that so much room has."""
        every = columns(self.ledger, self.by, self.columns)
        shown = [column for column in every if room is None or column.least_width <= room]
        entries = self.layers
        costliest = _first_measure(self.columns, self.ledger).name
        return Table(
            self.title,
            [column.heading for column in shown],
            [column.figure for column in shown],
            [column.least_width for column in shown],
            [[column.cell(entry) for column in shown] for entry in entries],
            [column.foot(self.ledger.whole) for column in shown],
            [float(entry[costliest] or 0) for entry in entries],
            self.notes,
        )

    def __str__(self) -> str:
        return self.render("table")

    def _repr_html_(self) -> str:
        return render_table(self.table, Format.HTML, None, terminal=False)


def report(
    network: Network, ledger: Ledger, by: By, columns: Sequence[Column] = (), sort: Column | None = None,
    top: int | None = None, training: bool = False,
) -> Report:  # fmt: skip
    """The report of a network; with `training`, of a step of training: its columns unless others are asked for."""
    if training and not columns:
        from costcalc.report.training import training_measures

        columns = columns_named(training_measures(ledger))
    return Report(network, ledger, by, tuple(columns), sort, top, training)


def _of_the_spec(network: Network) -> list[str]:
    """What a person's own spec may not mean as it is read."""
    if not network.declaration.is_complete:
        return []
    from costcalc.network.notes import notes

    return [f"note: {line}" for line in notes(network)]


def _first_measure(columns: Sequence[Column], ledger: Ledger) -> Column:
    """The first of some columns that is a measure; the convention's total if none is."""
    return next((column for column in columns if not column.is_field), Column(ledger.total, ledger.total))


__all__ = ["Report", "report"]
