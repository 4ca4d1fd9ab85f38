"""What a network is, for people and programs: its name in the catalogue, or the nearest ones and what differs."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.identify.identify import Identified, Match
from costcalc.errors import word_of
from costcalc.report.formats import Format, document_text, render_cells, render_records, sentence
from costcalc.report.tables.fit import Records
from costcalc.report.tables.units import signed
from costcalc.typed.columns import columns_named


def render_identified(found: Identified, format: str, width: int | None = None, terminal: bool = False) -> str:
    """The answer as text, ending in a newline. JSON has everything, CSV the networks."""
    chosen = word_of(Format, format, "format")
    if chosen is Format.JSON:
        return document_text(found.as_dict())
    if chosen is Format.CSV:
        return render_records([_plain(match) for match in found.matches], chosen, "")
    if not found.matches:
        return sentence(chosen, f"{found.name} resembles no network of the catalogue")
    shown = [_shown(match) for match in found.matches]
    text = render_cells(chosen, _title(found), _records(shown, 2), _notes(found), width, terminal)
    rows = [_layer(pair.as_dict(columns_named(["mult_adds", "params"]))) for pair in found.differences]
    if not rows:
        return text
    title = f"{len(rows)} {'layer differs' if len(rows) == 1 else 'layers differ'} from {found.matches[0].called}"
    notes = [f"first: {found.name}; second: {found.matches[0].called}; difference: second - first"]
    return f"{text}\n{render_cells(chosen, title, _records(rows, 3), notes, width, terminal)}"


def _records(rows: list[dict[str, str]], words: int) -> Records:
    """Rows as cells; the first columns are words, the rest figures."""
    headings = list(rows[0])
    figures = [place >= words for place in range(len(headings))]
    return Records(headings, [list(row.values()) for row in rows], figures, ["op"] if "op" in headings else [])


def _title(found: Identified) -> str:
    if found.network is not None:
        return f"{found.name} is {found.matches[0].called}"
    return f"{found.name} is no network of the catalogue; the nearest"


def _plain(match: Match) -> dict[str, Any]:
    record = match.as_dict()
    settings = " ".join(f"{key}={value}" for key, value in match.settings.items())
    return record | {"settings": settings, "also": " ".join(match.also)}


def _shown(match: Match) -> dict[str, str]:
    return {
        "network": match.called,
        "same layers": f"{match.same_layers} of {match.layers}",
        "in Mult-Adds": signed(match.mult_adds_difference),
        "in params": signed(match.params_difference),
    }


def _notes(found: Identified) -> list[str]:
    notes = ["same layers: of those with Mult-Adds, in kernel, stride, groups, channels and positions"]
    notes.append(f"differences: the catalogue's network - {found.name}")
    if found.network is not None and found.matches[0].params_difference:
        notes.append("params differ in norms and biases alone (an exporter folds norms): all kernels are the same")
    notes += [
        f"{match.called} is also {', '.join(match.also)}" for match in found.matches if match.also and match.is_it
    ]
    return notes


def _layer(record: dict[str, Any]) -> dict[str, str]:
    return {
        "layer": _both(record, "name"),
        "op": _both(record, "op"),
        "output": _both(record, "output"),
        "first": _figure(record["first_mult_adds"]),
        "second": _figure(record["second_mult_adds"]),
        "difference": signed(record["mult_adds_difference"]),
        "in params": signed(record["params_difference"]),
    }


def _figure(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _both(record: dict[str, Any], key: str) -> str:
    first, second = record[f"first_{key}"], record[f"second_{key}"]
    return first or second or "" if first is None or second is None or first == second else f"{first} -> {second}"
