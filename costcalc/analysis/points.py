"""Sweeps as rows: every point of a grid of settings, with the points that have no network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costcalc.analysis.axes import read_axis
from costcalc.analysis.sweep import Block, Invalid
from costcalc.analysis.sweep import sweep as blocks_of
from costcalc.conventions import Convention, load_convention
from costcalc.errors import UsageError
from costcalc.graph import bind
from costcalc.graph.binding import checked, exact
from costcalc.quantity import as_text
from costcalc.spec import catalogue
from costcalc.spec.model import Spec
from costcalc.transform.name import Step, read_name, with_steps

MOST_POINTS = 2_000_000
"""Points of a sweep that are held as rows."""


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep as rows of plain values, and the points that have no network."""

    rows: list[dict[str, Any]] = field(repr=False)
    invalid: list[str]
    convention: Convention


def sweep_points(
    networks: Sequence[str], axes: Mapping[str, Any], convention: str, bits: int, skip_invalid: bool
) -> Sweep:
    """The rows of `costcalc.sweep`."""
    chosen = load_convention(convention)
    read = {
        key: read_axis(key, values) if isinstance(values, str) else [exact(value) for value in values]
        for key, values in axes.items()
    }
    points = math.prod(map(len, read.values())) * len(networks)
    if not 0 < points <= MOST_POINTS:
        raise UsageError(f"{points} points", expected=f"1 to {MOST_POINTS}")
    rows: list[dict[str, Any]] = []
    invalid: list[str] = []
    for network in networks:
        asked = read_name(network)
        spec, name = catalogue.open_network(asked.network, published=True)
        asked.check_settings(spec.settings)
        defaults = bind(spec, name, asked.settings).settings
        wanted = asked.with_settings(read)
        fixed = {key: [defaults[key]] for key in asked.settings}
        checks = fixed | {
            key: [checked(spec, key, value, defaults) for value in read[key]] for key in wanted if key in read
        }
        for block in blocks_of(spec, name, checks, chosen, bits, steps=asked.steps):
            invalid += [_left_out(with_steps(name, asked.steps), gone) for gone in block.invalid]
            if block.invalid and not skip_invalid:
                raise UsageError(invalid[0], expected="points that have a network, or --skip-invalid to leave them out")
            rows += _sweep_rows(spec, name, asked.steps, block, defaults)
    return Sweep(rows, invalid, chosen)


def _left_out(name: str, gone: Invalid) -> str:
    where = ", ".join(f"{key} {as_text(value)}" for key, value in gone.first.items())
    more = f" and {gone.points - 1} more points" if gone.points > 1 else ""
    return f"{name} at {where}{more}: {gone.reason}"


def _sweep_rows(
    spec: Spec, name: str, steps: tuple[Step, ...], block: Block, defaults: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    printed = {
        frozenset((defaults | row.settings).items()): float(row.figures["top1"])
        for row in reversed(spec.published)
        if "top1" in row.figures and (row.variant or spec.name) == name and row.transform == "@".join(map(str, steps))
    }
    figures = {key: values.tolist() for key, values in block.figures.items()}
    valid = block.valid.tolist()
    for i in range(len(block.channel_points)):
        for j in range(len(block.position_points)):
            if not valid[i][j]:
                continue
            settings = block.settings(i, j)
            top1 = printed.get(frozenset((defaults | settings).items())) if printed else None
            shown = {key: value if isinstance(value, int) else as_text(value) for key, value in settings.items()}
            yield {
                "network": with_steps(name, steps),
                **shown,
                **{key: values[i][j] for key, values in figures.items()},
                "top1": top1,
            }
