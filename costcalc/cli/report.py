"""`costcalc report`."""

from __future__ import annotations

import click

from costcalc import api
from costcalc.cli import options


@click.command("report")
@options.network_argument
@options.settings_options
@options.by_option
@options.dtype_option
@options.convention_option
@options.format_options
def command(
    network: str,
    alpha: str | None,
    beta: str | None,
    resolution: str | None,
    batch: str | None,
    sets: tuple[tuple[str, str], ...],
    by: str,
    dtype: str,
    convention: str,
    format: str,
    output: str | None,
) -> None:
    """Cost per layer, block, stage or operator kind, and totals.

    \b
    costcalc report mobilenet_v1
    costcalc report mobilenet_v1 --by operator
    costcalc report mobilenet_v2 --alpha 0.5 --resolution 160 --format json
    costcalc report torchvision/alexnet --resolution 200 --set classes=10
    cat mine.yaml | costcalc report -
    """
    settings = options.gathered(alpha, beta, resolution, batch, sets)
    report = api.load(network, **settings).report(by=by, dtype=dtype, convention=convention)
    terminal = options.on_terminal(output)
    text = report.render(format, width=options.terminal_width() if terminal else None, terminal=terminal)
    options.deliver(text, output)
