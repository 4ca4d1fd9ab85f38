"""`costcalc verify`."""

from __future__ import annotations

import sys

import click

from costcalc import api
from costcalc.cli import completion, options


@click.command("verify")
@click.argument("networks", nargs=-1, shell_complete=completion.network)
@options.format_options()
def command(networks: tuple[str, ...], format: str, output: str | None) -> None:
    """Every published figure beside the computed one, of the whole catalogue or of some networks.

    Each figure is counted as its own authors counted (the column convention). `exact`: equal; `agrees`: within half
    a unit of the last printed digit; `cut off`: the count's own digits, of which the rest was cut off and not rounded;
    `differs`: with the reason that the spec gives. A figure that differs without a reason is `unexplained`, and the
    exit code is 1.

    \b
    costcalc verify
    costcalc verify mobilenet_v1 mobilenet_v2
    """
    from costcalc.report.shown import count
    from costcalc.report.verified import render_checks

    checks = api.verify(*networks)
    unexplained = sum(check.verdict == "unexplained" for check in checks)
    counts = ", ".join(
        f"{sum(check.verdict == word for check in checks)} {word}"
        for word in ("exact", "agrees", "cut off", "differs", "unexplained")
    )
    terminal = options.on_terminal(output)
    records = [check.as_dict() for check in checks]
    title = count(len(checks), "published figure")
    text = render_checks(records, format, title, [counts], options.terminal_width(), terminal)
    options.deliver(text, output)
    sys.exit(1 if unexplained else 0)
