"""A network under a recipe, as text."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.compress.by_step import Compressed
from costcalc.analysis.compress.target import Reached
from costcalc.errors import word_of
from costcalc.report.formats import Format, document_text, render_records
from costcalc.report.shown import count
from costcalc.report.tables.units import short_bytes
from costcalc.stored import PARTS

MOST_NAMES = 12
_OPTIONAL = ("scale_bytes", "codebook_bytes", "bias_bytes", "filler_bytes", "index_bytes", "value_bytes")


def render_compressed(found: Compressed, format: str, width: int | None = None, terminal: bool = False) -> str:
    """The table by layer and step; parts that are nowhere are left out."""
    rows = found.rows
    if word_of(Format, format, "format") not in (Format.JSON, Format.CSV):
        empty = [part for part in PARTS if not found.total.parts[part]]
        rows = [{key: value for key, value in row.items() if key not in empty} for row in rows]
    title = f"{found.network}: stored bytes"
    return render_records(rows, format, title, _notes(found), width, terminal, _OPTIONAL)


def _notes(found: Compressed) -> list[str]:
    total = found.total
    kernels = total.stored_bytes - total.parts["bias_bytes"]
    times = f", {total.dense_bytes / kernels:.1f} times smaller" if kernels else ""
    notes = [
        f"kernels {short_bytes(total.dense_bytes)} -> {short_bytes(kernels)}{times}; "
        f"with biases and norms {short_bytes(total.stored_bytes)}; 1 MB = 10^6 bytes",
        "after each step: per cent of the kernels' dense bytes, biases and norms apart",
    ]
    if found.small:
        some = ", ".join([*found.small[:MOST_NAMES], *["..."] * (len(found.small) > MOST_NAMES)])
        notes.append(f"too small for a codebook, with values as before, {count(len(found.small), 'layer')}: {some}")
    return notes


def render_reached(found: Reached, network: str, format: str) -> str:
    """What reaches a size, or what is least, in words."""
    records: list[dict[str, Any]] = [
        {"point": what, str(found.vary): point.value, "stored_bytes": point.stored_bytes, "most": point.largest}
        for what, point in (("within", found.best), ("beyond", found.beyond))
        if point is not None
    ]
    if word_of(Format, format, "format") is Format.JSON:
        return document_text({"network": network, "target": found.target, "points": records})
    if found.best is None:
        note = f"no {found.vary} reaches {short_bytes(found.target)}"
    else:
        step = f": {network}@{found.best.step}" if found.best.step else ", as it is"
        note = f"{found.vary} {found.best.value} is the largest within {short_bytes(found.target)}{step}"
    least = found.best or found.beyond
    binds = f"most of it: {least.largest}" if least else ""
    title = f"{network} in {short_bytes(found.target)}"
    return render_records(records, format, title, [note, binds, f"tried: {found.grid}"])
