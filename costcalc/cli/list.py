"""`costcalc list`."""

from __future__ import annotations

import click

from costcalc import api
from costcalc.cli import options


@click.command("list")
@click.argument("word", required=False)
@options.format_options
def command(word: str | None, format: str, output: str | None) -> None:
    """Which networks there are, with cost and paper. WORD keeps those whose name, title or family contains it.

    \b
    costcalc list
    costcalc list mobilenet
    costcalc list torchvision/
    """
    from costcalc.report import render_records

    records = api.catalogue_records(word or "")
    title = f"{len(records)} networks" + (f" with '{word}'" if word else "")
    note = "Mult-Adds under the convention paper, at each network's own input and settings"
    terminal = options.on_terminal(output)
    text = render_records(records, format, title, [note], options.terminal_width(), terminal)
    options.deliver(text, output)
