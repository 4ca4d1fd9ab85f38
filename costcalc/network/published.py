"""Figures that are published for a network, by whatever name and settings its file quotes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from costcalc.graph import bind
from costcalc.spec.check import SIZE
from costcalc.spec.model import Cell, Published, Spec


class _Named(NamedTuple):
    """A name of a file: what it states beside settings, told apart by equality; its settings; its input as written."""

    stated: tuple[Any, ...]
    settings: dict[str, Any]
    input: Cell


def published_alike(spec: Spec, name: str) -> Iterator[Published]:
    """What is published for the network `name` at any settings, by any name, with the settings that `name` needs.

    A name that adds nothing but settings to another is that network at these settings; one that states rows, widths or
    `let` is a network of its own. So is a library's, whose accuracies are those of the weights of that very name. Rows
    stand in the order of the file.
    """
    if "/" in name:
        yield from (row for row in spec.published if row.variant == name)
        return
    here = _named(spec, name)
    known: dict[str, _Named] = {}
    for row in spec.published:
        other = row.variant or spec.name
        if other == name:
            yield row
            continue
        if "/" in other:
            continue
        if other not in known:
            known[other] = _named(spec, other)
        there = known[other]
        if there.stated == here.stated:
            yield row._replace(settings=_seen_from(here, there, row, spec))


def _named(spec: Spec, name: str) -> _Named:
    stated = spec.sections_of(name)
    shape = stated.input or spec.input
    *sides, channels = shape.text.split("x") if SIZE.fullmatch(shape.text) else ["", "", shape.shown]
    rules = tuple((column, rule.scale.text, rule.round.text) for column, rule in (stated.widths or {}).items())
    derived = tuple((key, cell.shown) for key, cell in (stated.lets or {}).items())
    parts = (id(stated.layers), id(stated.scope), rules, derived, *sides[:-2], channels)
    return _Named(parts, spec.settings_of(name), shape)


def _seen_from(here: _Named, there: _Named, row: Published, spec: Spec) -> dict[str, Any]:
    """The settings of a row of another name that this one does not have by itself; the input's side is one of them."""
    settings = {**there.settings, **row.settings}
    if (settings["resolution"] is None and there.input is not here.input) or here.settings["resolution"] is not None:
        settings["resolution"] = bind(spec, row.variant, row.settings).settings["resolution"]
    return {key: value for key, value in settings.items() if value != here.settings[key]}
