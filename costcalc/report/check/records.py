"""Budgets beside costs, as text."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from costcalc.analysis.check.curves import Curve
from costcalc.analysis.check.outcome import Outcome
from costcalc.errors import word_of
from costcalc.escape import Markup
from costcalc.report.check.ci import github, junit
from costcalc.report.check.words import headline, notes
from costcalc.report.formats import render_records


class CheckFormat(StrEnum):
    """How outcomes are written: as any records, and for programs of continuous integration."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"
    HTML = "html"
    GITHUB = "github"
    JUNIT = "junit"


def render_check(
    outcomes: Sequence[Outcome],
    format: str,
    width: int | None = None,
    terminal: bool = False,
    root: str = "",
    curves: Sequence[Curve] = (),
) -> str:
    """Outcomes as text, ending in a newline. `root` is the repository that GitHub's annotations name files from.

    `markdown` is fit for a comment on a pull request and for the summary of a job, and draws the `curves`.
    """
    chosen = word_of(CheckFormat, format, "format")
    if chosen is CheckFormat.GITHUB:
        return github(outcomes, root)
    if chosen is CheckFormat.JUNIT:
        return junit(outcomes)
    title = headline(outcomes)
    with_bound = any(outcome.budget.is_least for outcome in outcomes)
    with_schedule = any(outcome.subject.counting.is_reordered for outcome in outcomes)
    with_device = any(outcome.budget.device for outcome in outcomes)
    text = render_records(
        [_record(outcome, chosen, with_bound, with_device, with_schedule) for outcome in outcomes],
        chosen,
        title,
        notes(outcomes),
        width,
        terminal,
        optional=("dtype", "schedule", "convention", "room", "settings", _PERCENT, "limit"),
        kept=("verdict", "measure", "computed"),
    )
    return "\n".join([f"### {text}", *map(_drawn, curves)]) if chosen is CheckFormat.MARKDOWN else text


def _drawn(curve: Curve) -> str:
    """A curve as a chart in Markdown, the other branch's behind it."""
    from costcalc.report.diagrams.chart import mermaid_chart

    convention = curve.subject.counting.convention.name
    without = f"; the base branch is left out: {curve.wrong}" if curve.wrong else ""
    title = f"{curve.subject}: {curve.measure} by the convention {convention}{without}"
    kind = "resolution" if curve.along == "beta" else curve.along
    return mermaid_chart(curve.rows, kind, title, curve.measure, curve.behind)


def _record(
    outcome: Outcome, format: CheckFormat, with_bound: bool, with_device: bool, with_schedule: bool
) -> dict[str, Any]:
    """A row as the format takes it: the costliest layers as a list, as a text, or in the notes.

    Where some budgets are least ones, or a device's, every row says which it is; so with the order of execution.
    """
    row = outcome.as_dict()
    if with_bound and not outcome.budget.is_least:
        row = _before(row, "limit", "bound", "most")
    if with_device and not outcome.budget.device:
        row = _before(row, "computed", "fits", "")
    if format not in (CheckFormat.CSV, CheckFormat.JSON) and not with_schedule:
        del row["schedule"]
    if format is CheckFormat.CSV:
        row["dearest"] = "; ".join(f"{part['layer']} {part['cost']}" for part in row["dearest"])
    elif format is not CheckFormat.JSON:
        del row["dearest"]
    if format is not CheckFormat.JSON:
        row.pop("note", None)
    if format not in (CheckFormat.CSV, CheckFormat.JSON):
        percent = row["room_percent"]
        row = _before(row, "room_percent", _PERCENT, "" if percent is None else f"{percent:.2f}")
        del row["room_percent"]
    if format is CheckFormat.MARKDOWN and not outcome.holds:
        row["verdict"] = Markup(f"**{row['verdict']}**")
    return row


_PERCENT = "room %"
"""The heading of `room_percent` for people."""


def _before(row: dict[str, Any], key: str, name: str, value: str) -> dict[str, Any]:
    """A row with one more entry, before that of `key`."""
    items = list(row.items())
    place = list(row).index(key)
    return dict([*items[:place], (name, value), *items[place:]])
