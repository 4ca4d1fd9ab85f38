"""Figures that authors publish for points of a sweep."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.sweep.plan import Entry
from costcalc.analysis.sweep.tiles import Tile
from costcalc.graph.binding import scaled_side

_SIZES = ("resolution", "beta")


def published(figure: str, entry: Entry, tile: Tile) -> dict[tuple[int, int], float]:
    """A published figure by point of a tile (row, column); the first that the authors quote for a point counts.

    A point is the authors' if every setting is, the input's side taken as the network sees it: beta 6/7 of 224
    positions is resolution 192.
    """
    found: dict[tuple[int, int], float] = {}
    quoted = [(at, float(row.figures[figure])) for at, row in entry.network.placed if figure in row.figures]
    here = {**entry.settings, **tile.fixed}
    axes = {*tile.channel_names, *tile.position_names, *_SIZES}
    quoted = [(at, value) for at, value in quoted if all(at[key] == here[key] for key in here if key not in axes)]
    if not quoted:
        return found
    rows = {point: index for index, point in enumerate(tile.channel_points)}
    columns: dict[Any, list[int]] = {}
    for index, point in enumerate(tile.position_points):
        columns.setdefault(_seen({**here, **dict(zip(tile.position_names, point, strict=True))}), []).append(index)
    for at, value in quoted:
        row = rows.get(tuple(at[key] for key in tile.channel_names))
        for column in columns.get(_seen(at), ()) if row is not None else ():
            found.setdefault((row or 0, column), value)
    return found


def _seen(settings: dict[str, Any]) -> Any:
    """The side of the input that the network sees."""
    return scaled_side(settings["resolution"], settings["beta"])
