"""Explanations for people and programs: waterfalls between totals, and ways of counting that give a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.explain.explanation import Explanation, Found
from costcalc.analysis.explain.waterfall import Waterfall, amounts_in
from costcalc.errors import word_of
from costcalc.report.formats import Format, document_text, records_csv, render_cells, setting
from costcalc.report.tables.fit import Records
from costcalc.report.tables.units import grouped, signed
from costcalc.report.titles import title_of

SHOWN = 10
"""Ways of counting that people see unless they ask for more."""
_READING = ("figure", "printed", "convention", "also", "differs_by", "total", "departures")


def render_explanation(
    explanation: Explanation, format: str, top: int | None = None, width: int | None = None, terminal: bool = False
) -> str:
    """An explanation as text, ending in a newline: a table for each waterfall or figure; in CSV all of them as one.

    `top` bounds the ways of counting of each figure; without it people see SHOWN, programs all.
    """
    chosen = word_of(Format, format, "format")
    if chosen is Format.JSON:
        return document_text(_document(explanation, top))
    if chosen is Format.CSV:
        rows = explanation.rows if explanation.waterfalls else _rows(explanation.found, top)
        return records_csv(rows) if rows else ",".join(_READING) + "\n"
    name = title_of(explanation.network)
    if explanation.waterfalls:
        pages = [_waterfall(name, fall, chosen, width, terminal) for fall in explanation.waterfalls]
    else:
        pages = [_found(name, found, top or SHOWN, chosen, width, terminal) for found in explanation.found]
    return "\n".join(pages)


def _rows(found: Sequence[Found], top: int | None) -> list[dict[str, Any]]:
    return [reading.as_dict(one.figure, one.printed.text) for one in found for reading in one.readings[:top]]


def _document(explanation: Explanation, top: int | None) -> dict[str, Any]:
    from costcalc.version import __version__

    network = explanation.network
    head = {
        "costcalc": __version__,
        "network": network.name,
        "input": str(network.input),
        "batch": network.batch,
        "settings": {key: setting(key, value) for key, value in network.settings.items() if key != "batch"},
    }
    if explanation.waterfalls:
        return head | {
            "waterfalls": [
                {"from": fall.start, "to": fall.end, "first": fall.first, "last": fall.last, "steps": [
                    {key: row[key] for key in ("step", "each", "of", "elements", "amount", "total")}
                    for row in fall.as_dicts()[1:-1]
                ]}
                for fall in explanation.waterfalls
            ]
        }  # fmt: skip
    return head | {
        "figures": [
            {
                "figure": found.figure,
                "printed": found.printed.text,
                "readings": _rows([found], top),
                "nearest_miss": found.miss._asdict() if found.miss else None,
            }
            for found in explanation.found
        ]
    }


def _waterfall(name: str, fall: Waterfall, format: Format, width: int | None, terminal: bool) -> str:
    rows = [
        [
            str(row["step"]),
            f"{row['each']} x {row['of']}" if row["of"] else "",
            "" if row["elements"] is None else grouped(int(str(row["elements"]))),
            "" if row["amount"] is None else signed(int(str(row["amount"]))),
            grouped(int(str(row["total"]))),
        ]
        for row in fall.as_dicts()
    ]
    headings = ["step", "counts", "elements", "difference", "total"]
    difference = fall.last - fall.first
    title = f"{name}: from {fall.start} to {fall.end}, {signed(difference)}"
    notes = [*fall.about, *amounts_in(fall.lines)]
    records = Records(headings, rows, [False, False, True, True, True], ["elements"])
    return render_cells(format, title, records, notes, width, terminal)


def _found(name: str, found: Found, top: int, format: Format, width: int | None, terminal: bool) -> str:
    title = f"{name}: {found.figure} {found.printed.text}"
    notes = []
    if len(found.readings) > top:
        notes.append(f"the first {top} of {len(found.readings)} ways: --top N shows more")
    if found.miss:
        rest = found.miss.total - int(found.printed.value)
        at = f" at {found.miss.way}" if found.miss.way else ""
        notes.append(f"nearest miss: {found.miss.convention}{at}, {grouped(found.miss.total)} ({signed(rest)})")
    if not found.readings:
        nothing = Records(["ways of counting"], [["none"]], [False])
        return render_cells(format, title, nothing, notes, width, terminal)
    rows = [
        [
            reading.conventions[0],
            "; ".join(reading.ways) or "nothing",
            grouped(reading.total),
            ", ".join(reading.conventions[1:]),
        ]
        for reading in found.readings[:top]
    ]
    records = Records(["convention", "differs by", "total", "the same under"], rows, [False, False, True, False],
                      ["the same under"])  # fmt: skip
    return render_cells(format, title, records, notes, width, terminal)
