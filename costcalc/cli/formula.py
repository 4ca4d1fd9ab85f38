"""`costcalc formula`."""

from __future__ import annotations

import sys
from typing import Any

import click

from costcalc import api
from costcalc.cli import completion, options


@click.command("formula")
@options.network_argument
@options.settings_options
@click.option(
    "--open", "opened", multiple=True, metavar="NAMES", shell_complete=completion.open_settings,
    help="Leave these settings open as well, as classes,resolution.",
)  # fmt: skip
@click.option("--smooth", is_flag=True, help="Without rounding: widths in proportion to alpha, sizes to beta.")
@click.option(
    "--against",
    metavar="NETWORK",
    shell_complete=completion.network,
    help="A second network or operator, and the ratio to it.",
)
@click.option("--layers", is_flag=True, help="A row for each layer.")
@click.option(
    "--measure", "measures", metavar="NAMES", shell_complete=completion.some_of(completion.measures),
    help="Measures by name, as peak_bytes,weight_bytes,traffic_bytes; the total and the parameters unless given.",
)  # fmt: skip
@options.counting_options
@options.format_options("python")
def command(
    network: str,
    settings: dict[str, Any],
    opened: tuple[str, ...],
    smooth: bool,
    against: str | None,
    layers: bool,
    measures: str | None,
    counting: dict[str, Any],
    format: str,
    output: str | None,
) -> None:
    """Closed formulas of Mult-Adds and parameters, or any measure, in alpha and beta or in any setting left open.

    NETWORK may also be an operator (conv, dwconv, linear ...) or `separable`, the depthwise-separable pair.

    \b
    costcalc formula mobilenet_v1 --smooth
    costcalc formula mobilenet_v2 --alpha 0.5 --open classes
    costcalc formula mobilenet_v1 --format python --output mobilenet.py
    costcalc formula mobilenet_v1 --measure peak_bytes,weight_bytes --smooth
    costcalc formula separable --against conv
    """
    from costcalc.report.formula.page import render_formula

    names = [name.strip() for text in opened for name in text.split(",")]
    formula = api.formula(
        network, open=names, smooth=smooth, against=against, **counting, measures=measures,
        **settings,
    )  # fmt: skip
    terminal = options.on_terminal(output)
    text = render_formula(
        formula, format, layers, options.terminal_width() if terminal else None, terminal, not _shows_greek(output)
    )
    options.deliver(text, output)


def _shows_greek(output: str | None) -> bool:
    """Whether the result goes where α and ² can be written: to a file, or to a terminal that knows them."""
    try:
        "αβ·²≠".encode("utf-8" if output else sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
