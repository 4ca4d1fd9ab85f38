"""A network under a recipe, as text and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costcalc.analysis.compress.by_step import Compressed
from costcalc.analysis.compress.target import Reached
from costcalc.errors import word_of
from costcalc.report.formats import Format, document_text, render_records
from costcalc.report.tables.units import short_bytes
from costcalc.stored import PARTS, STORAGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    return [
        f"kernels {short_bytes(total.dense_bytes)} -> {short_bytes(kernels)}{times}; "
        f"with biases and norms {short_bytes(total.stored_bytes)}; 1 MB = 10^6 bytes",
        "after each step: per cent of the kernels' dense bytes, biases and norms apart",
    ]


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


def draw_compressed(figure: Figure, found: Compressed) -> None:
    """Stored bytes of each layer, dense above and compressed below, stacked by what they are; a panel for each."""
    from costcalc.report.plots.style import COLOURS, QUIET, cost_axis, legend

    layers = found.layers
    places = range(len(layers))
    dense, small = figure.subplots(1, 2, sharey=True)
    dense.barh(places, [row.dense_bytes for row in layers], height=0.75, color=QUIET)
    dense.set_yticks(places, [row.layer for row in layers], fontsize=7)
    below = [0] * len(layers)
    for part, colour in zip(PARTS, COLOURS, strict=False):
        sizes = [row.parts[part] for row in layers]
        if any(sizes):
            small.barh(places, sizes, left=below, height=0.75, color=colour, label=STORAGE[part].title)
        below = [low + size for low, size in zip(below, sizes, strict=True)]
    dense.set_ylim(len(layers) - 0.4, -0.6)
    cost_axis(dense, "dense_kernel_bytes", "x")
    cost_axis(small, "stored_bytes", "x")
    legend(small, "stored")


def plot_compressed(found: Compressed, file: str) -> None:
    """The picture, into a file (.svg, .png or .pdf). Raises UsageError for another ending."""
    from functools import partial

    from costcalc.report.files import write_whole
    from costcalc.report.plots.kinds import format_of
    from costcalc.report.plots.style import drawn

    size = (11.0, max(3.0, 1.6 + 0.22 * len(found.layers)))
    format = format_of(file)
    write_whole(drawn(partial(draw_compressed, found=found), size, f"{found.network}: stored bytes", format), file)
