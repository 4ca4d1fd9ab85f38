"""`costcalc advise`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import options


@click.command("advise")
@options.network_argument
@options.settings_options
@click.option(
    "--top", type=click.IntRange(1), metavar="N",
    help="Only the first N findings of each guideline.  [default: 5; all in JSON and CSV]",
)  # fmt: skip
@options.convention_option
@options.format_options()
def command(
    network: str,
    settings: dict[str, Any],
    top: int | None,
    convention: str | None,
    format: str,
    output: str | None,
) -> None:
    """A network beside the four guidelines of ShuffleNetV2 (arXiv:1807.11164, section 2): equal widths, groups,
    fragmentation, element-wise operations. Each finding is a fact: where, what it costs, and the figure behind it
    (docs/advise.md).

    \b
    costcalc advise mobilenet_v2
    costcalc advise shufflenet_v1 --top 10
    costcalc advise ./mine.yaml --alpha 0.5 --format json
    """
    from costcalc.report.advice import render_advice

    advised = api.advise(network, convention=convention or "paper", **settings)
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    options.deliver(render_advice(advised, format, top, width, terminal), output)
