"""`costcalc report`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import options
from costcalc.report.plots.kinds import PlotKind


@click.command("report")
@options.network_argument
@options.settings_options
@options.by_option
@options.dtype_option
@options.convention_option
@options.plot_options(PlotKind.LAYERS, PlotKind.TERMINAL)
@options.format_options()
def command(
    network: str,
    settings: dict[str, Any],
    by: str,
    dtype: str,
    convention: str,
    plot: str | None,
    kind: str | None,
    format: str,
    output: str | None,
) -> None:
    """Cost per layer, block, stage or operator kind, and totals.

    \b
    costcalc report mobilenet_v1
    costcalc report mobilenet_v1 --by operator
    costcalc report mobilenet_v2 --alpha 0.5 --resolution 160 --format json
    costcalc report torchvision/alexnet --resolution 200 --set classes=10
    costcalc report vgg16 --plot vgg16.svg
    cat mine.yaml | costcalc report -
    """
    from costcalc.report import report_title

    options.check_files(plot, kind, output)
    report = api.load(network, **settings).report(by=by, dtype=dtype, convention=convention)
    terminal = options.on_terminal(output)
    drawn = options.draw(report.rows, report_title(report), report.convention.total, plot, kind, output)
    text = drawn or report.render(format, width=options.terminal_width() if terminal else None, terminal=terminal)
    options.deliver(text, output)
