"""`costcalc report`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import measured, options
from costcalc.report.formats import render_records
from costcalc.report.plots.kinds import PlotKind


@click.command("report")
@options.network_argument
@options.settings_options
@options.by_option
@measured.columns_options
@options.counting_options
@measured.plot_options(PlotKind.LAYERS, PlotKind.SCATTER, PlotKind.TERMINAL)
@options.format_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    network: str,
    settings: dict[str, Any],
    by: str,
    columns: str | None,
    sort: str | None,
    top: int | None,
    counting: dict[str, Any],
    plot: str | None,
    kind: str | None,
    measure: str | None,
    format: str,
    output: str | None,
) -> None:
    """Cost per layer, block, stage or operator kind, and totals.

    \b
    costcalc report mobilenet_v1
    costcalc report mobilenet_v1 --by operator
    costcalc report mobilenet_v2 --alpha 0.5 --resolution 160 --format json
    costcalc report resnet50 --columns peak_bytes,intensity --top 5
    costcalc report torchvision/alexnet --resolution 200 --set classes=10
    costcalc report mobilenet_v1 --convention all
    costcalc report vgg16 --plot vgg16.svg --measure weight_bytes
    cat mine.yaml | costcalc report -
    """
    options.check_picture(plot, kind, measure, output)
    if options.check_all(ctx, counting):
        records = api.conventions(network, **settings, **counting)
        title = network + " under every convention"
        terminal = options.on_terminal(output)
        options.deliver(
            render_records(
                records, format, title, [], options.terminal_width(), terminal, ("params", "left_out"), "counts"
            ),
            output,
        )
        return
    loaded = api.load(network, **settings)
    report = loaded.report(by=by, **counting, columns=columns, sort=sort, top=top)
    drawn = None
    if plot or kind:
        measures = measured.measures(measure, report.convention, (report.convention.total,))
        needed = list(dict.fromkeys([*measures, "params"]))
        rows = loaded.report(by=by, **counting, columns=needed, sort=sort, top=top).rows
        drawn = measured.draw(rows, report.heading(measures), measures, plot, kind, output)
    terminal = options.on_terminal(output)
    text = drawn or report.render(format, width=options.terminal_width() if terminal else None, terminal=terminal)
    options.deliver(text, output)
