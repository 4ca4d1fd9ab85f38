"""Where memory goes, as text: the maps that are alive at the peak, and where every map lies in one arena."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from costcalc.analysis.memory import Map, alive_at, maps_of, placement, step_names, steps_of
from costcalc.errors import word_of
from costcalc.ledger import Ledger
from costcalc.report.formats import Format, document_text, render_records
from costcalc.report.shown import Shown
from costcalc.report.tables.units import four_digits, grouped
from costcalc.storage.place import Strategy


@dataclass(frozen=True, repr=False)
class MemoryTable(Shown):
    """Maps as rows of plain values, what stands over and under them, and the JSON document."""

    title: str
    rows: list[dict[str, Any]] = field(repr=False)
    notes: list[str] = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    ledger: Ledger = field(repr=False)

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        """As text, ending in a newline: table, markdown, csv, json, latex or html."""
        chosen = word_of(Format, format, "format")
        if chosen is Format.JSON:
            return document_text(self.document)
        if chosen is Format.CSV:
            self.ledger.check_order()
        headed = [{key.replace("_", " "): value for key, value in row.items()} for row in self.rows]
        rows = self.rows if chosen is Format.CSV else headed
        return render_records(rows, chosen, self.title, self.notes, width, terminal, optional=("format", "shape"))

    @property
    def summary(self) -> str:
        """What the maps are of."""
        return self.title


_MOST_ALIVE = 500_000
"""Of more maps at more steps a picture has their sums alone: NASNet-A large has 5,326."""


def alive_table(ledger: Ledger, title: str, notes: list[str], head: dict[str, Any], layer: str | None) -> MemoryTable:
    """The maps that are alive at the step of the peak, or while a layer runs. Raises UsageError for no layer."""
    found = alive_at(ledger, layer)
    whole, steps = found.bytes, len(steps_of(ledger))
    rows = [
        {
            **_described(one),
            "percent": round(100 * one.bytes / whole, 2) if whole else 0.0,
            "written_at": one.first if one.owner >= 0 else 0,
            "last_read_at": one.last,
            "last_read_by": one.last_reader,
        }
        for one in found.maps
    ]
    peak = int(ledger["peak_activation_bytes"])
    what = "the peak" if whole == peak else f"the peak is {grouped(peak)} at {ledger.whole.peak_at}"
    alive = "maps of {} bytes are" if len(rows) != 1 else "map of {} bytes is"
    said = f"{len(rows)} {alive.format(grouped(whole))} alive at step {found.step} of {steps}: {what}"
    document = {
        **head, "layer": found.layer, "step": found.step, "steps": steps, "live_bytes": whole,
        "peak_activation_bytes": peak, "maps": rows,
    }  # fmt: skip
    return MemoryTable(f"{title}: alive while {found.layer} runs", rows, [said, *notes], document, ledger)


def placed_table(
    ledger: Ledger, title: str, notes: list[str], head: dict[str, Any], strategy: Strategy | None
) -> MemoryTable:
    """The offset of every map in one arena, in the order in which they are written."""
    found = placement(ledger, strategy)
    rows = [
        {**_described(one), "offset": offset, "first_step": one.first, "last_step": one.last}
        for one, offset in zip(found.maps, found.offsets, strict=True)
    ]
    ratio = found.arena / found.peak if found.peak else 1.0
    first = {Strategy.SIZE: "largest", Strategy.LIFETIME: "longest-lived"}[found.strategy]
    said = [
        f"arena {grouped(found.arena)} bytes, {four_digits(ratio)} times the {grouped(found.peak)} that are alive at "
        "the peak: no arena is smaller than those",
        f"placed by {found.strategy}: the {first} map first, in the smallest gap that holds it; not aligned",
    ]
    document = {
        **head, "strategy": str(found.strategy), "arena_bytes": found.arena, "peak_activation_bytes": found.peak,
        "maps": rows,
    }  # fmt: skip
    return MemoryTable(
        f"{title}: {len(rows)} map{'s' * (len(rows) != 1)} in one arena", rows, [*said, *notes], document, ledger
    )


def step_rows(ledger: Ledger) -> list[dict[str, Any]]:
    """A row for each step, for pictures: its layer, the bytes that are alive, and the maps that they are of."""
    names, steps, maps = step_names(ledger), steps_of(ledger), maps_of(ledger)
    alive: list[dict[str, int]] = [{} for _ in steps]
    if sum(one.last - one.first + 1 for one in maps) <= _MOST_ALIVE:
        for one in maps:
            for step in range(one.first - 1, one.last):
                alive[step][one.name] = one.bytes
    else:
        alive = [{"all maps": int(ledger.of_node("live_bytes", index))} for index in steps]
    return [
        {
            "name": names[index],
            "op": ledger.graph.nodes[index].operator.name,
            "live_bytes": ledger.of_node("live_bytes", index),
            "maps": found,
        }
        for index, found in zip(steps, alive, strict=True)
    ]


def _described(one: Map) -> dict[str, Any]:
    return {"map": one.name, "shape": str(one.shape), "format": str(one.dtype), "bytes": one.bytes}
