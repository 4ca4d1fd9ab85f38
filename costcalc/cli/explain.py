"""`costcalc explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costcalc import api
from costcalc.cli import completion, measured, options
from costcalc.errors import UsageError

if TYPE_CHECKING:
    from costcalc.typed.page import Page


@click.command("explain")
@options.network_argument
@options.settings_options
@click.option(
    "--against", metavar="NAMES", shell_complete=completion.some_of(completion.conventions),
    help="Conventions, paths of conventions, or printed totals, as fvcore,thop,589M: a waterfall to each.",
)  # fmt: skip
@click.option(
    "--of", type=click.Choice(["total", "params"]), default="total", show_default=True,
    help="What a waterfall is of: the totals, or what conventions count as parameters.",
)  # fmt: skip
@click.option("--total", metavar="FIGURE", help="A printed total, as 4.12G: how was it counted?")
@click.option("--params", metavar="FIGURE", help="Printed parameters, as 25.6M.")
@click.option(
    "--top", type=click.IntRange(1), metavar="N",
    help="Only the first N ways of counting of each figure.  [default: 10; all in JSON and CSV]",
)  # fmt: skip
@measured.file_options("Draw the waterfalls into a file as well: .svg, .png or .pdf.")
@options.counting_options
@options.format_options()
def command(
    network: str,
    settings: dict[str, Any],
    against: str | None,
    of: str,
    total: str | None,
    params: str | None,
    top: int | None,
    plot: str | None,
    page: Page | None,
    counting: dict[str, Any],
    format: str,
    output: str | None,
) -> None:
    """Why two totals of a network differ, line by line; or which way of counting gives a printed figure.

    With --against: from the total under --convention (or from a printed --total) to each other one, what its rules
    count more and less; the lines add up to the difference exactly. With --total or --params alone: the conventions,
    settings and roundings that give the figure, the likeliest first, and the nearest miss (docs/explain.md).

    \b
    costcalc explain mobilenet_v1 --against fvcore,thop,ptflops
    costcalc explain torchvision/resnet50 --total 4.12G
    costcalc explain mobilenet_v2 --total 300M --params 3.4M
    costcalc explain mobilenet_v1 --of params --against keras,weights_only
    costcalc explain mobilenet_v1 --against 579M --plot waterfall.svg
    """
    from costcalc.report.explanation import render_explanation

    options.check_picture(plot, None, output)
    if plot and against is None:
        raise UsageError("--plot without --against: there is no waterfall", expected="--against NAMES")
    if top and against is not None:
        raise UsageError("--top with --against: a waterfall has all its lines", expected="one of them")
    if against is None and total is None and params is None:
        raise UsageError("there is nothing to explain", expected="--against fvcore, or --total 569M or --params 4.2M")
    explanation = api.explain(network, against, total, params, of, **counting, **settings)
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    text = render_explanation(explanation, format, top, width, terminal)
    if plot:
        from costcalc.report.plots.waterfall import write_waterfalls

        write_waterfalls(explanation, plot, page)
    options.deliver(text, output)
