"""The words of `--kind` and the endings of `--plot`, and which kind suits which rows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from costcalc.errors import UsageError, nearest, one_of, word_of


class PlotKind(StrEnum):
    """What a picture shows."""

    ALPHA = "alpha"
    RESOLUTION = "resolution"
    SETTING = "setting"
    HEATMAP = "heatmap"
    ACCURACY = "accuracy"
    LAYERS = "layers"
    CATALOGUE = "catalogue"
    COMPARE = "compare"
    SCATTER = "scatter"
    MEMORY = "memory"
    TERMINAL = "terminal"

    @property
    def about(self) -> str:
        """What it shows, in words."""
        return _ABOUT[self]


_ABOUT = dict(
    zip(
        PlotKind,
        (
            "cost against alpha, one line per resolution",
            "cost against resolution or beta, one line per alpha",
            "cost against another setting",
            "cost over two settings, as colours",
            "published top-1 against cost, with the frontier",
            "cost and parameters of each layer, as bars",
            "published top-1 against cost, by family",
            "cost, parameters and memory of several networks, as bars",
            "one measure against another",
            "live memory over the steps of a network, stacked by map",
            "what suits the points, drawn in the terminal",
        ),
        strict=True,
    )
)


class PlotFormat(StrEnum):
    """The files that a picture can be written to, by their ending."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


_MANY = 12
"""From this many values of both alpha and resolution on, a heat map shows more than lines do."""


def kind_of(word: str) -> PlotKind:
    """A kind by its word. Raises UsageError with the nearest one if there is none."""
    return word_of(PlotKind, word, "kind of plot")


def format_of(file: str) -> PlotFormat:
    """The format that a file's ending asks for. Raises UsageError for any other."""
    ending = Path(file).suffix.lower().removeprefix(".")
    try:
        return PlotFormat(ending)
    except ValueError:
        what = f"'.{ending}' is no picture" if ending else "a picture needs an ending"
        known = [str(known) for known in PlotFormat]
        near = nearest(ending, known)
        raise UsageError(
            f"{file}: {what}",
            expected=f"a file that ends in {one_of('.' + word for word in known)}",
            nearest=f"{Path(file).with_suffix('.' + near)}" if near else "",
        ) from None


def check_plot(file: str | None, kind: str | None) -> None:
    """Raise UsageError for a file and a kind that cannot be drawn: worth asking before a long computation."""
    if kind is not None and kind_of(kind) is PlotKind.TERMINAL and file is not None:
        raise UsageError(f"kind terminal draws in the terminal, not into {file}", expected="another kind, or no file")
    if file is not None:
        format_of(file)


TOP1 = "top1"
"""The published accuracy that pictures show."""
_MOST_COMPARED = 100


_ONE = (PlotKind.ALPHA, PlotKind.RESOLUTION, PlotKind.SETTING, PlotKind.HEATMAP)
"""The kinds that show one measure."""


def check_kind(rows: Sequence[dict[str, Any]], kind: PlotKind, against: str = "") -> None:
    """Raise UsageError for a kind that shows something else than the rows are, or cannot show as many.

    `against` is the second measure that is to be drawn, if there is one.
    """
    if (kind is PlotKind.MEMORY) != ("maps" in rows[0]):
        raise UsageError(f"kind {kind}: the rows are no steps of a network", expected="the live_bytes of a report")
    if kind is PlotKind.MEMORY:
        return
    layers = all(is_layer(row) for row in rows)
    if kind is not PlotKind.SCATTER and layers != (kind is PlotKind.LAYERS):
        here, there = ("whole networks", "the layers of `costcalc report`")
        if kind is not PlotKind.LAYERS:
            here, there = "layers", "kind layers, or the points of a sweep"
        raise UsageError(f"kind {kind}: these rows are {here}", expected=there)
    if against and (kind in _ONE or (kind is PlotKind.ACCURACY and against != TOP1)):
        raise UsageError(f"kind {kind}: {against} is a second measure", expected="one measure, or kind scatter")
    if kind is PlotKind.SCATTER and not against:
        raise UsageError("kind scatter: one measure", expected="two, as params,peak_bytes")
    if kind is PlotKind.COMPARE and len(rows) > _MOST_COMPARED:
        raise UsageError(f"kind compare: {len(rows)} bars", expected=f"at most {_MOST_COMPARED}")


def is_layer(row: dict[str, Any]) -> bool:
    """Whether a row is a layer, and not a network."""
    return "name" in row and "op" in row


def suited(rows: Sequence[dict[str, Any]], total: str, against: str = "") -> PlotKind:
    """The kind for rows that nobody chose one for: by what the rows are, then by what varies in them."""
    from costcalc.report.plots.axes import axes_of

    first = rows[0]
    if "maps" in first:
        return PlotKind.MEMORY
    if is_layer(first):
        return PlotKind.SCATTER if against else PlotKind.LAYERS
    if "family" in first:
        return PlotKind.CATALOGUE
    if against:
        return PlotKind.ACCURACY if against == TOP1 else PlotKind.SCATTER
    axes = {axis.key: axis for axis in axes_of(rows, total)}
    side = axes.get("resolution") or axes.get("beta")
    if "alpha" in axes:
        crowded = side is not None and min(len(side.values), len(axes["alpha"].values)) >= _MANY
        return PlotKind.HEATMAP if crowded and len(axes) == 2 else PlotKind.ALPHA
    if side is not None:
        return PlotKind.RESOLUTION
    return PlotKind.SETTING if set(axes) - {"network"} else PlotKind.COMPARE
