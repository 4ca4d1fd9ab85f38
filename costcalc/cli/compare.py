"""`costcalc compare`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import options
from costcalc.report.plots.kinds import PlotKind


@click.command("compare")
@click.argument("networks", nargs=-1, required=True, shell_complete=options.complete_network)
@options.settings_options
@click.option("--layers", is_flag=True, help="Align the layers of two networks and show those that differ.")
@options.plot_options(PlotKind.COMPARE, PlotKind.TERMINAL)
@options.dtype_option
@options.convention_option
@options.format_options()
def command(
    networks: tuple[str, ...],
    settings: dict[str, Any],
    layers: bool,
    plot: str | None,
    kind: str | None,
    dtype: str,
    convention: str,
    format: str,
    output: str | None,
) -> None:
    """Totals of networks side by side, with the ratio to the first; the least is marked.

    Options hold for all networks; what holds for one stands in its name, as mobilenet_v1@alpha=0.75 or vgg16@separable.

    \b
    costcalc compare mobilenet_v1@standard mobilenet_v1
    costcalc compare mobilenet_v1_shallow mobilenet_v1@alpha=0.75
    costcalc compare old.yaml new.yaml --layers --format markdown
    git show main:net.yaml | costcalc compare - net.yaml --layers
    """
    from costcalc.report.comparison import comparison_title, render_comparison

    options.check_files(plot, kind, output)
    compared = api.compare(*networks, align_layers=layers, convention=convention, dtype=dtype, **settings)
    terminal = options.on_terminal(output)
    title = f"{comparison_title(compared)}, convention {compared.convention.name}"
    drawn = options.draw(compared.rows, title, compared.convention.total, plot, kind, output)
    width = options.terminal_width() if terminal else None
    text = drawn or render_comparison(compared, format, width, terminal)
    options.deliver(text, output)
