"""`costcalc sweep`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from costcalc import api
from costcalc.cli import completion, measured, options, streams
from costcalc.errors import CostcalcError, UsageError
from costcalc.report.formats import MERMAID, StreamFormat
from costcalc.report.plots.kinds import PlotKind

if TYPE_CHECKING:
    from costcalc.typed.page import Page

MOST_TOLD = 20
"""Points without a network that are told one by one."""
_RARER = ("activation_bytes", "weight_bytes", "traffic_bytes", "peak_activation_bytes")
"""The usual columns that go first where there is no room."""


@click.command("sweep", cls=measured.BoundedCommand)
@click.argument("networks", nargs=-1, required=True, shell_complete=completion.network)
@options.axes_options
@click.option("--skip-invalid", is_flag=True, help="Leave out points that have no network, and say which.")
@measured.columns_options
@measured.pareto_option
@click.option(
    "--best", is_flag=True,
    help="Only the widest settings within the budget, and the bound that stops them; without VALUES, over alpha and "
    "the resolution. Of several networks, the most accurate published ones as well, the best of all first.",
)  # fmt: skip
@click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), default=1, help="Processes that compute csv, jsonl, parquet."
)
@measured.plot_options(
    PlotKind.ALPHA,
    PlotKind.RESOLUTION,
    PlotKind.SETTING,
    PlotKind.HEATMAP,
    PlotKind.ACCURACY,
    PlotKind.SCATTER,
    PlotKind.TERMINAL,
)
@click.option(
    "--base",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False),
    help="Where another branch is checked out: with --format mermaid, the curves of its specs stand behind those of "
    "NETWORKS.",
)
@measured.short_option
@options.counting_options
@options.format_options(MERMAID, StreamFormat.JSONL, StreamFormat.PARQUET)
def command(
    networks: tuple[str, ...],
    axes: dict[str, Any],
    skip_invalid: bool,
    columns: str | None,
    sort: str | None,
    top: int | None,
    pareto: str | None,
    best: bool,
    jobs: int,
    plot: str | None,
    kind: str | None,
    measure: str | None,
    page: Page | None,
    counting: dict[str, Any],
    format: str,
    short: bool,
    base: str | None,
    output: str | None,
    **budgets: str | None,
) -> None:
    """A grid over alpha, beta and any other setting: one row per point.

    Values are a list (0.25,0.5,1) or a range with an exact step and both ends (0.25:1:0.25). Published top-1 stands
    where the authors give that very point. CSV, JSON lines and Parquet are written as they are computed, however many
    points there are.

    \b
    costcalc sweep mobilenet_v1 --alpha 0.25:1:0.25 --resolution 128:224:32
    costcalc sweep mobilenet_v2 --alpha 0.5,1 --output sweep.csv
    costcalc sweep shufflenet_v1 --set groups=1,2,3,4,8
    costcalc sweep mobilenet_v1 --max-mult-adds 150M --max-params 3M --best
    costcalc sweep mobilenet_v2 mobilenet_v3_large shufflenet_v2 --max-mult-adds 300M --best --top 3
    costcalc sweep mobilenet_v1 --alpha 0.25:1:0.25 --beta 4/7:1:1/7 --plot sweep.svg
    """
    from costcalc.report.choice import best_lines, near_lines
    from costcalc.report.formats import render_records

    options.check_picture(plot, kind, output)
    if base is not None and (format != MERMAID or best):
        raise UsageError("--base without a chart of a sweep", expected="--format mermaid, without --best")
    limits = measured.given_budgets(budgets)
    if best and not limits:
        raise UsageError("--best without a budget", expected="a bound, as --max-mult-adds 150M")
    counted: dict[str, Any] = {**counting, **limits}
    arranged = sort is not None or top is not None or pareto is not None
    draws = plot is not None or kind is not None or format == MERMAID
    if format in list(StreamFormat) and not (best or arranged or draws):
        _stream(networks, axes, format, output, skip_invalid, jobs, {**counted, "columns": columns})
        return
    if jobs > 1 or format in (StreamFormat.JSONL, StreamFormat.PARQUET):
        what = f"--jobs {jobs}" if jobs > 1 else f"--format {format}"
        arranging = "--sort, --top or --pareto" if arranged else f"--format {format}"
        other = "--best" if best else "a picture" if draws else arranging
        raise UsageError(f"{what} does not go with {other}", expected="csv, jsonl or parquet of all points, no picture")
    usual = api.sweep_columns(counting.get("convention", "paper"))
    measures = measured.measures(measure, api.counting_of(**counting).convention, usual[:1]) if draws else ()
    asked, hidden = measured.composed(columns, usual, measures)
    counted |= {"columns": asked, "sort": sort, "top": top, "pareto": pareto}
    if best:
        swept = api.widest(networks, axes, **counted)
    else:
        swept = api.sweep(*networks, axes=axes, skip_invalid=skip_invalid, **counted)
    behind = _behind(networks, base, axes, {**counting, "columns": asked}) if base is not None else []
    _tell(swept.invalid)
    what = f"{len(swept.written)} point{'s' * (len(swept.written) != 1)}"
    if best:
        what = "the most accurate and the widest" if len(networks) > 1 else "the widest"
    title = f"{', '.join(networks)}: {what}{measured.chosen_by(limits, pareto, swept.convention.total, sort)}"
    notes = near_lines(swept.near)
    if best:
        notes += [*best_lines(swept), "binds: what the next step up would break"]
    note = swept.note
    title_drawn = measured.listed(networks)
    rows = swept.drawn_rows
    if best and kind in (None, PlotKind.TERMINAL) and len(measures) == 1:
        kind = _kind_of_best(rows, format)
    drawn = measured.draw(rows, title_drawn, note, measures, plot, kind, page, output, format, behind)
    terminal = options.on_terminal(output)
    text = drawn or render_records(
        measured.shown(swept.written if format in ("csv", "json") else swept.shown_rows, hidden),
        format,
        title,
        [*notes, note],
        options.terminal_width(),
        terminal,
        optional=measured.rarer(_RARER, sort) if columns is None else (),
        short=short,
        kept=(*swept.settings, *asked[:1]),
    )
    options.deliver(text, output)


def _kind_of_best(rows: Sequence[dict[str, Any]], format: str) -> PlotKind:
    """What answers are drawn as: no line goes through them. Of several networks accuracy against cost, else bars."""
    several = len({row["network"] for row in rows}) > 1
    is_accurate = several and format != MERMAID and any(row.get("top1") for row in rows)
    return PlotKind.ACCURACY if is_accurate else PlotKind.COMPARE


def _behind(
    networks: tuple[str, ...], base: str, axes: dict[str, Any], counted: dict[str, Any]
) -> list[dict[str, Any]]:
    """The points of the same specs in the folder of another branch; what is wrong there is told, and left out."""
    from costcalc.network import in_folder

    rows: list[dict[str, Any]] = []
    for other in filter(None, (in_folder(network, base) for network in networks)):
        try:
            rows += api.sweep(other, axes=axes, skip_invalid=True, **counted).drawn_rows
        except CostcalcError as error:
            streams.complain(f"left out: {other}: {str(error).splitlines()[0]}")
    return rows


def _tell(invalid: list[str]) -> None:
    for line in invalid[:MOST_TOLD]:
        streams.complain(f"left out: {line}")
    if len(invalid) > MOST_TOLD:
        streams.complain(f"left out: {len(invalid) - MOST_TOLD} more such parts of the grid")


def _stream(
    networks: tuple[str, ...],
    axes: dict[str, Any],
    format: str,
    output: str | None,
    skip_invalid: bool,
    jobs: int,
    counted: dict[str, Any],
) -> None:
    """Write as it is computed, with a bar on a terminal's stderr."""
    if format == StreamFormat.PARQUET and output is None and sys.stdout.isatty():
        raise UsageError("a terminal cannot show parquet", expected="--output FILE.parquet")
    skipped: list[str] = []
    with options.progress("points", hidden=output is None) as advance, options.target(output) as file:
        skipped = api.sweep_to(
            file, *networks, axes=axes, format=format, skip_invalid=skip_invalid, jobs=jobs, advance=advance, **counted
        )
    _tell(skipped)
