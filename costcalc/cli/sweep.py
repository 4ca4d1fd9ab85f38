"""`costcalc sweep`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import options
from costcalc.report.plots.kinds import PlotKind


@click.command("sweep")
@click.argument("networks", nargs=-1, required=True, shell_complete=options.complete_network)
@click.option("-a", "--alpha", metavar="VALUES", help="Width multipliers: 0.25,0.5,1 or 0.25:1:0.25 (both ends).")
@click.option("-b", "--beta", metavar="VALUES", help="Resolution multipliers: 4/7,5/7,6/7,1.")
@click.option("-r", "--resolution", metavar="VALUES", help="Sides of the input: 128:224:32.")
@click.option("-n", "--batch", metavar="VALUES", help="Samples at a time.")
@click.option(
    "-s", "--set", "sets", type=options.SettingPair(), multiple=True, metavar="NAME=VALUES",
    help="Any setting of the networks, as groups=1,2,3.",
)  # fmt: skip
@click.option("--skip-invalid", is_flag=True, help="Leave out points that have no network, and say which.")
@options.plot_options(
    PlotKind.ALPHA, PlotKind.RESOLUTION, PlotKind.SETTING, PlotKind.HEATMAP, PlotKind.ACCURACY, PlotKind.TERMINAL
)
@options.dtype_option
@options.convention_option
@options.format_options
def command(
    networks: tuple[str, ...],
    alpha: str | None,
    beta: str | None,
    resolution: str | None,
    batch: str | None,
    sets: tuple[tuple[str, str], ...],
    skip_invalid: bool,
    plot: str | None,
    kind: str | None,
    dtype: str,
    convention: str,
    format: str,
    output: str | None,
) -> None:
    """A grid over alpha, beta and any other setting: one row per point.

    Values are a list (0.25,0.5,1) or a range with an exact step and both ends (0.25:1:0.25). Published top-1 stands
    where the authors give that very point.

    \b
    costcalc sweep mobilenet_v1 --alpha 0.25:1:0.25 --resolution 128:224:32
    costcalc sweep mobilenet_v2 --alpha 0.5,1 --format csv --output sweep.csv
    costcalc sweep shufflenet_v1 --set groups=1,2,3,4,8
    costcalc sweep mobilenet_v1 --alpha 0.25:1:0.25 --resolution 128:224:32 --plot sweep.svg
    """
    from costcalc.report import check_plot, render_records

    check_plot(plot, kind)
    axes = options.gathered(alpha, beta, resolution, batch, sets)
    swept = api.sweep(*networks, axes=axes, convention=convention, dtype=dtype, skip_invalid=skip_invalid)
    for invalid in swept.invalid:
        click.echo(f"left out: {invalid}", err=True)
    title = f"{', '.join(networks)}: {len(swept.rows)} points"
    note = f"convention {convention}: {swept.convention.title}; bytes of {dtype}"
    drawn = options.draw(swept.rows, f"{', '.join(networks)}, {note}", swept.convention.total, plot, kind, output)
    terminal = options.on_terminal(output)
    text = drawn or render_records(
        _shown(swept.rows),
        format,
        title,
        [note],
        options.terminal_width(),
        terminal,
        lesser=("activation_bytes", "weight_bytes", "traffic_bytes", "peak_activation_bytes"),
    )
    options.deliver(text, output)


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the column top1 where nobody publishes any."""
    if any(row["top1"] is not None for row in rows):
        return rows
    return [{key: value for key, value in row.items() if key != "top1"} for row in rows]
