"""`costcalc identify`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import options


@click.command("identify")
@options.network_argument
@options.settings_options
@options.format_options()
def command(network: str, settings: dict[str, Any], format: str, output: str | None) -> None:
    """Which network of the catalogue NETWORK is, and at which settings; or the nearest ones, and what differs.

    Layers are compared by kernel, stride, groups, channels and positions, whatever they are called; width, resolution
    and classes are tried.

    \b
    costcalc identify model.onnx
    costcalc identify mine.yaml --format json
    """
    from costcalc.report.identified import render_identified

    found = api.identify(network, **settings)
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    options.deliver(render_identified(found, format, width, terminal), output)
