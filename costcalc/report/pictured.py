"""What a picture of a report shows: its layers, or its stages where those are too many, and what stands below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from costcalc.measures import is_of_the_order, measure_name, measure_of
from costcalc.report.order import order_notes
from costcalc.report.report import Report
from costcalc.report.titles import settings_of
from costcalc.typed.columns import read_columns
from costcalc.words import By

if TYPE_CHECKING:
    from costcalc.typed.page import Page


def pictured(
    report: Report, measures: Sequence[str], page: Page | None = None, by_layer: str | None = None
) -> tuple[list[dict[str, Any]], str]:
    """The rows of a picture, from the ledger that the report has, and the note below it.

    Where the layers are too many for a picture, or for bars on the page, they are drawn by stage, and the note says so
    and `by_layer`, how to have each; None leaves them as they are.
    """
    from costcalc.report.plots.bars import is_deep

    needed = [*dict.fromkeys([*measures, "params"])]
    drawn = replace(report, columns=read_columns(needed, report.convention, computed=True))
    note = _note(report, measures)
    if by_layer is not None and is_deep(drawn.rows, needed, page if len(measures) == 1 else None):
        drawn, note = replace(drawn, by=By.STAGE), f"{note}; by stage{by_layer}"
    return drawn.rows, note


def _note(report: Report, measures: Sequence[str]) -> str:
    """What was set, what is drawn, and the convention."""
    convention = report.convention
    partial = f", partial: no rule for {', '.join(report.left_out)}" if report.left_out else ""
    names = [measure_name(word, convention) for word in measures]
    shown = " and ".join(measure_of(name).title for name in names)
    order = order_notes(report.ledger) if any(map(is_of_the_order, names)) else []
    return "; ".join([settings_of(report.subject), f"{shown} by the convention {convention.name}{partial}", *order])
